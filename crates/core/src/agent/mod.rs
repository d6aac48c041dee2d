//! Agents and their versions. A version's definition is kept as the JSON that was sent, so that
//! unknown keys and node types survive a round trip; [`Graph`] is a reading view of it, and triggers
//! are nodes of it. A definition is judged by [`validate`] when it is to be published, and by
//! [`prepare_definition`] only for what a draft may not be either: a test call of a half-made draft
//! is exactly what a builder wants.

mod definition;
mod diff;
mod graph;
mod kinds;
mod prepare;
mod secrets;
mod validate;

pub use definition::{
    DefinitionProblem, Holder, TriggerNode, set_trigger_path, trigger_of, with_trigger,
};
pub use diff::{Change, Diff, EdgeDiff, MemberDiff, NodeDiff, diff};
pub use graph::{Edge, Graph, Node};
pub use kinds::{NODE_KINDS, NodeKind, node_kind};
pub use prepare::{MAX_TRIGGER_PATH, Unsavable, prepare_definition};
pub use secrets::{
    drop_foreign_seals, mask_configurations, mask_definition, plain_secrets, remove_secrets,
    restore_configurations, restore_definition, sealed_secret,
};
pub use validate::validate;

use crate::ids::{AgentId, VersionId, WorkspaceId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Whether an agent takes calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgentStatus {
    Active,
    Archived,
}

impl AgentStatus {
    /// The word in storage and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }

    /// Reads the word back; `None` for any other.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Archived]
            .into_iter()
            .find(|status| status.as_str() == word)
    }
}

/// An agent without its versions.
#[derive(Clone, Debug)]
pub struct Agent {
    pub id: AgentId,
    pub workspace_id: WorkspaceId,
    /// The agent's own UUID, the `workflow_uuid` of the trigger routes.
    pub uuid: Uuid,
    pub name: String,
    pub status: AgentStatus,
    pub created_at: Timestamp,
}

/// Where a version stands (contract §3.1): one draft at most, one published at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionStatus {
    Draft,
    Published,
    Archived,
}

impl VersionStatus {
    /// The word in storage and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }

    /// Reads the word back; `None` for any other.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Draft, Self::Published, Self::Archived]
            .into_iter()
            .find(|status| status.as_str() == word)
    }
}

/// One version of an agent, whole.
#[derive(Clone, Debug)]
pub struct Version {
    pub id: VersionId,
    pub agent_id: AgentId,
    /// Counts from 1 within the agent.
    pub number: i64,
    pub status: VersionStatus,
    pub created_at: Timestamp,
    pub published_at: Option<Timestamp>,
    /// `{nodes, edges, …}` as sent (contract §3.4).
    pub definition: Value,
    /// `workflow_configurations` as sent.
    pub configurations: Map<String, Value>,
    /// Defaults that test calls put under the caller's context (contract §1.9); `None` if never set.
    pub template_context_variables: Option<Map<String, Value>>,
}

/// Longest call a version allows, in seconds, when it does not say (contract §3.4).
pub const DEFAULT_MAX_CALL_SECONDS: u32 = 300;

/// `max_call_duration` of a version's configurations, 1 to 1200 s (contract §3.4).
#[must_use]
pub fn max_call_seconds(configurations: &Map<String, Value>) -> u32 {
    configurations
        .get("max_call_duration")
        .and_then(Value::as_f64)
        .map_or(DEFAULT_MAX_CALL_SECONDS, |seconds| {
            seconds.clamp(1.0, 1200.0) as u32
        })
}
