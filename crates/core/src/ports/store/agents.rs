//! Agents and their versions. What may be published is not asked here: the server has judged the
//! draft before it asks the store to publish it, and the store publishes that draft or none.

use super::Stored;
use crate::agent::{Agent, AgentStatus, Version};
use crate::ids::{AgentId, VersionId, WorkspaceId};
use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// An agent with the versions that matter.
#[derive(Clone, Debug)]
pub struct AgentDetail {
    pub agent: Agent,
    pub published: Option<Version>,
    pub draft: Option<Version>,
    pub total_runs: i64,
}

/// An agent in a list.
#[derive(Clone, Debug)]
pub struct AgentSummary {
    pub agent: Agent,
    pub published_version_number: Option<i64>,
    pub draft_version_number: Option<i64>,
    /// The published version's trigger path, else the draft's.
    pub trigger_path: Option<String>,
    pub total_runs: i64,
}

/// An agent to create; its first version is published at once (contract §3.1).
#[derive(Clone, Debug)]
pub struct NewAgent {
    pub workspace_id: WorkspaceId,
    pub uuid: uuid::Uuid,
    pub name: String,
    pub definition: Value,
    pub configurations: Map<String, Value>,
    pub template_context_variables: Option<Map<String, Value>>,
    pub at: Timestamp,
}

/// What to change; anything but the name goes into the draft (contract §3.1).
#[derive(Clone, Debug, Default)]
pub struct AgentChange {
    pub name: Option<String>,
    pub definition: Option<Value>,
    pub configurations: Option<Map<String, Value>>,
    pub template_context_variables: Option<Map<String, Value>>,
}

/// What a duplicate gets of its own.
#[derive(Clone, Debug)]
pub struct AgentCopy {
    pub uuid: uuid::Uuid,
    /// Of its trigger, if it has one.
    pub trigger_path: String,
    pub at: Timestamp,
}

/// What became of [`Agents::publish_draft`].
#[derive(Clone, Debug)]
pub enum Publishing {
    Published(Box<Version>),
    /// The draft is not the judged one any more, or gone; nothing was written.
    Changed,
}

/// Agents and versions. Saving a definition keeps the index of trigger paths in step.
#[async_trait]
pub trait Agents {
    /// Agents in one of the states, oldest first.
    async fn agents(
        &self,
        workspace: WorkspaceId,
        statuses: &[AgentStatus],
    ) -> Stored<Vec<AgentSummary>>;
    /// One agent.
    async fn agent(&self, workspace: WorkspaceId, id: AgentId) -> Stored<Option<AgentDetail>>;
    /// Creates an agent with version 1 published. `PathTaken` when a trigger path is another's.
    async fn create_agent(&self, agent: NewAgent) -> Stored<AgentDetail>;
    /// Changes the name, and creates or edits the draft. `PathTaken` as above.
    async fn change_agent(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        change: AgentChange,
        at: Timestamp,
    ) -> Stored<Option<AgentDetail>>;
    /// Publishes the draft that was judged, if the agent's draft is still exactly that one; `None`
    /// is no such agent.
    async fn publish_draft(
        &self,
        workspace: WorkspaceId,
        judged: Version,
        at: Timestamp,
    ) -> Stored<Option<Publishing>>;
    /// The draft, made from the published version when there is none.
    async fn create_draft(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        at: Timestamp,
    ) -> Stored<Option<Version>>;
    /// Duplicates an agent as it stands in its draft, else its published version (contract §3.3).
    async fn duplicate_agent(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        copy: AgentCopy,
    ) -> Stored<Option<AgentDetail>>;
    /// Puts the draft away among the archived versions, because runs may name it; the outer `None`
    /// is no such agent, the inner one no draft.
    async fn discard_draft(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        at: Timestamp,
    ) -> Stored<Option<Option<Version>>>;
    /// Makes an earlier version the draft and puts a draft that is in the way away. The trigger
    /// keeps the path it has now. `None` as above, for no such version. `PathTaken` as above.
    async fn revert_agent(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        number: i64,
        at: Timestamp,
    ) -> Stored<Option<Option<Version>>>;
    /// A version by its number; `None` as above.
    async fn numbered_version(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        number: i64,
    ) -> Stored<Option<Option<Version>>>;
    /// Versions, newest first.
    async fn versions(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        limit: u32,
        offset: u32,
    ) -> Stored<Option<Vec<Version>>>;
    /// One version, whichever agent's.
    async fn version(&self, id: VersionId) -> Stored<Option<Version>>;
    /// Versions from before secrets were sealed, with the workspace that they are sealed for.
    async fn versions_to_seal(&self) -> Stored<Vec<(WorkspaceId, VersionId)>>;
    /// Writes one of them with its secrets sealed, unless it was changed since.
    async fn seal_version(&self, before: Version, sealed: Version) -> Stored<()>;
    /// Archives or brings back.
    async fn set_agent_status(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        status: AgentStatus,
        at: Timestamp,
    ) -> Stored<Option<AgentDetail>>;
}
