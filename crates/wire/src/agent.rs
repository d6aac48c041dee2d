//! Agents in our own shapes: versions, what differs between two of them, the trigger, and files that
//! carry an agent elsewhere.

use crate::time::Time;
use crate::workflow::WorkflowError;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// One version, whole. Secrets stand masked.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AgentVersion {
    pub id: i64,
    pub agent_id: i64,
    /// Counts from 1 within the agent.
    pub version_number: i64,
    /// `draft`, `published` or `archived`.
    pub status: String,
    pub created_at: Time,
    /// Null for a version that never was.
    pub published_at: Option<Time>,
    #[schema(value_type = Object)]
    pub definition: Value,
    #[schema(value_type = Object)]
    pub configurations: Map<String, Value>,
    #[schema(value_type = Object)]
    pub template_context_variables: Map<String, Value>,
}

/// A side of a comparison.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VersionName {
    pub version_number: i64,
    /// `draft`, `published` or `archived`.
    pub status: String,
}

/// What differs between two versions. Positions and what else an editor keeps are not compared.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct VersionDiff {
    pub before: VersionName,
    pub after: VersionName,
    pub is_equal: bool,
    pub nodes: Vec<NodeDiff>,
    pub edges: Vec<EdgeDiff>,
    /// Variables that texts use; a side is `{"fallback": text or null}`.
    pub variables: Vec<MemberDiff>,
    pub template_context_variables: Vec<MemberDiff>,
    pub configurations: Vec<MemberDiff>,
}

/// A node that differs.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NodeDiff {
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub name: String,
    /// `added`, `removed` or `changed`.
    pub change: String,
    /// Members of the node's data, and `type`.
    pub fields: Vec<MemberDiff>,
}

/// An edge that differs.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct EdgeDiff {
    pub id: String,
    pub source: String,
    pub target: String,
    pub label: String,
    /// `added`, `removed` or `changed`.
    pub change: String,
    /// Members of the edge's data, `source` and `target`.
    pub fields: Vec<MemberDiff>,
}

/// A member that differs; a side is left out where it does not have the member.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct MemberDiff {
    pub name: String,
    /// `added`, `removed` or `changed`.
    pub change: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Value>,
}

/// An agent's trigger.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Trigger {
    pub agent_id: i64,
    pub agent_name: String,
    /// What the production URL looks at: the published version's trigger.
    pub production: Option<TriggerOfVersion>,
    /// What the test URL looks at: the draft's trigger, or the published one where there is no draft.
    pub test: Option<TriggerOfVersion>,
    pub disabled: Option<TriggerDisabled>,
    pub last_used: Option<TriggerUse>,
}

/// The trigger as a version has it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TriggerOfVersion {
    pub trigger_path: String,
    pub version_number: i64,
    /// `draft` or `published`.
    pub version_status: String,
    /// The node's own switch.
    pub enabled: bool,
    /// The code that firing it is refused with, whatever the body; null while it can be fired.
    pub refused_with: Option<String>,
}

/// Since when and why a trigger is disabled.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TriggerDisabled {
    pub at: Time,
    pub reason: String,
}

/// The run that was fired last.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TriggerUse {
    pub run_id: i64,
    pub at: Time,
    /// `production` or `test`.
    pub mode: String,
}

/// The path of a trigger to add or to change.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct TriggerPath {
    /// 1 to 36 letters, digits, hyphens and underscores; a new UUID where it is absent, null or empty.
    #[serde(default)]
    #[schema(pattern = "^[A-Za-z0-9_-]{0,36}$")]
    pub trigger_path: Option<String>,
}

/// Why a trigger is disabled.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TriggerReason {
    /// 1 to 200 characters. Whoever fires the trigger is told.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// An agent as a file. Secrets are left out.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AgentFile {
    pub name: String,
    #[schema(value_type = Object)]
    pub workflow_definition: Value,
    #[schema(value_type = Object)]
    pub template_context_variables: Map<String, Value>,
    #[schema(value_type = Object)]
    pub workflow_configurations: Map<String, Value>,
}

/// An agent that was made from a file.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct AgentImported {
    pub agent_id: i64,
    pub name: String,
    pub trigger_path: Option<String>,
    /// What would keep it from being published again; it can be called all the same.
    pub errors: Vec<WorkflowError>,
}
