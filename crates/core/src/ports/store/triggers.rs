//! What a person does to an agent's trigger besides editing it in a definition. The switch here is no
//! part of a version: it holds at once, for production too, and it stays when versions change.

use super::Stored;
use crate::agent::VersionStatus;
use crate::ids::{AgentId, RunId, WorkspaceId};
use crate::trigger::{Disabled, Mode};
use async_trait::async_trait;
use jiff::Timestamp;

/// The trigger as a version has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerOf {
    pub version_number: i64,
    pub version_status: VersionStatus,
    pub path: String,
    /// The node's own `enabled`.
    pub enabled: bool,
}

/// The run that a path fired last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastUse {
    pub run_id: RunId,
    pub at: Timestamp,
    pub mode: Mode,
}

/// An agent's trigger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerStatus {
    pub published: Option<TriggerOf>,
    pub draft: Option<TriggerOf>,
    /// Whether there is a draft, with a trigger or without.
    pub has_draft: bool,
    pub disabled: Option<Disabled>,
    pub last_use: Option<LastUse>,
}

/// What came of adding a trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddedTrigger {
    Added,
    /// The draft has one already.
    Exists,
}

/// Triggers. `None` and `false` stand for no such agent, where nothing else is said.
#[async_trait]
pub trait Triggers {
    /// An agent's trigger as it stands.
    async fn trigger_status(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
    ) -> Stored<Option<TriggerStatus>>;
    /// Adds a trigger node with this path to the draft. `PathTaken` when it is another's.
    async fn add_trigger(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        path: String,
        at: Timestamp,
    ) -> Stored<Option<AddedTrigger>>;
    /// Gives the trigger this path in the published version and the draft at once; the old one
    /// leads nowhere from then on. The inner `false` is no trigger. `PathTaken` as above.
    async fn rotate_trigger(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        path: String,
        at: Timestamp,
    ) -> Stored<Option<bool>>;
    /// Disables the trigger's paths with a reason, or enables them.
    async fn switch_trigger(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        disabled: Option<Disabled>,
        at: Timestamp,
    ) -> Stored<bool>;
}
