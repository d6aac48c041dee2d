//! The port to everything that outlives the process. Grouped by resource, as the store's files
//! are. Every method that changes something commits durably before it returns and appends the
//! matching row to the event log in the same transaction. Rows belong to a workspace; a row of
//! another workspace is answered as if it were not there.

use crate::agent::{Agent, AgentStatus, Version};
use crate::api_key::{ApiKey, KeyHash, Scope};
use crate::error::ErrorCode;
use crate::ids::{
    AgentId, ApiKeyId, AttemptId, EventId, InstanceId, PhoneNumberId, RunId, SavedTriggerId,
    TelephonyConfigurationId, VersionId, WorkspaceId,
};
use crate::run::{EndCode, RunInput, RunState, Source, Verdict};
use crate::telephony::{PhoneNumber, TelephonyConfiguration};
use crate::trigger::{Candidate, Mode, Target};
use crate::walk::LineKind;
use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Map, Value};

/// Why the store could not do what was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StoreError {
    /// Disk full, read-only, locked or damaged; the text is for the log.
    #[error("the database cannot be used: {0}")]
    Unavailable(String),
    /// The database was written by a newer program.
    #[error(
        "this data folder was written by a newer Switchhook (schema {found}, this one knows {known}): install that version again, or use another data folder"
    )]
    Newer { found: i64, known: i64 },
    /// The trigger path belongs to another agent.
    #[error("the trigger path is taken by another agent")]
    PathTaken { path: String },
    /// A name that must be unique is not.
    #[error("the name is taken")]
    NameTaken,
    /// A phone number that must be unique is not; holds the configuration's name.
    #[error("the number is taken")]
    NumberTaken { configuration: String },
}

impl StoreError {
    /// The code on the wire.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Unavailable(_) | Self::Newer { .. } => ErrorCode::StorageUnavailable,
            Self::PathTaken { .. } => ErrorCode::InvalidDefinition,
            Self::NameTaken | Self::NumberTaken { .. } => ErrorCode::NameTaken,
        }
    }
}

/// Shorthand of this module.
pub type Stored<T> = Result<T, StoreError>;

/// A workspace (the compatible API says organization).
#[derive(Clone, Debug)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
}

/// The settings of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// At least 1.
    pub concurrent_calls: u32,
    /// Requests per key; `None` does not limit.
    pub requests_per_second: Option<u32>,
    /// ISO 3166 alpha-2.
    pub default_country: Option<String>,
    /// What callers outside reach the public listener by.
    pub public_base_url: Option<String>,
}

/// Workspaces and their settings.
#[async_trait]
pub trait Workspaces {
    /// All workspaces, oldest first.
    async fn workspaces(&self) -> Stored<Vec<Workspace>>;
    /// Adds an empty workspace; `NameTaken` when another has the name.
    async fn create_workspace(&self, name: String, at: Timestamp) -> Stored<Workspace>;
    /// A workspace's settings; the defaults where nothing was set.
    async fn settings(&self, workspace: WorkspaceId) -> Stored<Settings>;
    /// Replaces a workspace's settings.
    async fn put_settings(
        &self,
        workspace: WorkspaceId,
        settings: Settings,
        at: Timestamp,
    ) -> Stored<()>;
}

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
    /// Publishes the draft; the outer `None` is no such agent, the inner one no draft.
    async fn publish_draft(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        at: Timestamp,
    ) -> Stored<Option<Option<Version>>>;
    /// The draft, made from the published version when there is none.
    async fn create_draft(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        at: Timestamp,
    ) -> Stored<Option<Version>>;
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
    /// Archives or brings back.
    async fn set_agent_status(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        status: AgentStatus,
        at: Timestamp,
    ) -> Stored<Option<AgentDetail>>;
}

/// A key to store. Minting is `switchhook_store::mint_key`.
#[derive(Clone)]
pub struct NewApiKey {
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub hash: KeyHash,
    pub prefix: String,
    pub scope: Scope,
    pub agents: Vec<AgentId>,
    pub test_only: bool,
    pub expires_at: Option<Timestamp>,
    pub at: Timestamp,
}

/// API keys.
#[async_trait]
pub trait ApiKeys {
    /// The key with this hash, active or not; bytes are compared by the index.
    async fn api_key_by_hash(&self, hash: KeyHash) -> Stored<Option<ApiKey>>;
    /// A workspace's keys, oldest first.
    async fn api_keys(&self, workspace: WorkspaceId, include_archived: bool)
    -> Stored<Vec<ApiKey>>;
    /// Stores a new key.
    async fn create_api_key(&self, key: NewApiKey) -> Stored<ApiKey>;
    /// Archives (or brings back) a key; `false` when there is none. Doing it twice is fine.
    async fn set_api_key_archived(
        &self,
        workspace: WorkspaceId,
        id: ApiKeyId,
        archived: bool,
        at: Timestamp,
    ) -> Stored<bool>;
    /// Notes that the key was used. Not durable at once: a crash may lose the last second.
    fn touch_api_key(&self, id: ApiKeyId, at: Timestamp);
}

/// A configuration to create.
#[derive(Clone, Debug)]
pub struct NewConfiguration {
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub provider: String,
    pub is_default: bool,
    pub settings: Value,
    /// The provider's secrets as [`super::Vault`] sealed them; `None` where it has none.
    pub sealed_credentials: Option<Vec<u8>>,
    pub at: Timestamp,
}

/// What to change.
#[derive(Clone, Debug, Default)]
pub struct ConfigurationChange {
    pub name: Option<String>,
    pub settings: Option<Value>,
    /// Replaces all of them.
    pub sealed_credentials: Option<Vec<u8>>,
    /// `Some(true)` claims the default, which demotes the old one.
    pub is_default: Option<bool>,
    /// `Some(false)` brings an inactive configuration back.
    pub inactive: Option<bool>,
}

/// A number to create.
#[derive(Clone, Debug)]
pub struct NewPhoneNumber {
    pub address: String,
    pub address_normalized: String,
    pub address_type: String,
    pub country_code: Option<String>,
    pub label: Option<String>,
    pub is_active: bool,
    pub is_default_caller_id: bool,
    pub extra_metadata: Value,
    pub at: Timestamp,
}

/// What to change; `None` leaves as it is (contract §6.3).
#[derive(Clone, Debug, Default)]
pub struct PhoneNumberChange {
    pub label: Option<String>,
    pub country_code: Option<String>,
    pub is_active: Option<bool>,
    pub extra_metadata: Option<Value>,
    pub is_default_caller_id: Option<bool>,
}

/// Telephony configurations with their numbers.
#[async_trait]
pub trait Telephony {
    /// All configurations of a workspace with their numbers, by creation.
    async fn configurations(&self, workspace: WorkspaceId) -> Stored<Vec<TelephonyConfiguration>>;
    /// One of them.
    async fn configuration(
        &self,
        workspace: WorkspaceId,
        id: TelephonyConfigurationId,
    ) -> Stored<Option<TelephonyConfiguration>>;
    /// Creates one; `NameTaken` within the workspace.
    async fn create_configuration(
        &self,
        configuration: NewConfiguration,
    ) -> Stored<TelephonyConfiguration>;
    /// Changes one; `NameTaken` within the workspace.
    async fn change_configuration(
        &self,
        workspace: WorkspaceId,
        id: TelephonyConfigurationId,
        change: ConfigurationChange,
        at: Timestamp,
    ) -> Stored<Option<TelephonyConfiguration>>;
    /// Deletes one with its numbers; runs keep its id. `false` when there is none.
    async fn delete_configuration(
        &self,
        workspace: WorkspaceId,
        id: TelephonyConfigurationId,
        at: Timestamp,
    ) -> Stored<bool>;
    /// Adds a number; `NumberTaken` when the workspace has the normalised address already.
    async fn create_phone_number(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        number: NewPhoneNumber,
    ) -> Stored<Option<PhoneNumber>>;
    /// Changes a number; claiming the default demotes the old one.
    async fn change_phone_number(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        id: PhoneNumberId,
        change: PhoneNumberChange,
        at: Timestamp,
    ) -> Stored<Option<PhoneNumber>>;
    /// Removes a number; `false` when there is none.
    async fn delete_phone_number(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        id: PhoneNumberId,
        at: Timestamp,
    ) -> Stored<bool>;
}

/// The `Idempotency-Key` of a request, with what makes it the same request.
#[derive(Clone, Debug)]
pub struct IdempotencyClaim {
    /// 0 for the person at the window.
    pub api_key_id: i64,
    /// Mode and target, for example `production/path/…`.
    pub route: String,
    pub key: String,
    /// SHA-256 of the body.
    pub body_hash: [u8; 32],
}

/// A reply as it was sent, to be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReply {
    pub status: u16,
    /// JSON.
    pub body: String,
}

/// An earlier request with the same idempotency key within 24 h.
#[derive(Clone, Debug)]
pub struct Earlier {
    pub same_body: bool,
    pub run_id: RunId,
    /// `None` while it is still in flight.
    pub reply: Option<StoredReply>,
}

/// What a trigger request is judged by, read in one snapshot.
#[derive(Clone, Debug)]
pub struct TriggerSnapshot {
    pub candidate: Option<Candidate>,
    pub configurations: Vec<TelephonyConfiguration>,
    pub settings: Settings,
    pub earlier: Option<Earlier>,
}

/// A run to commit before a number is dialled.
#[derive(Clone, Debug)]
pub struct NewRun {
    pub workspace_id: WorkspaceId,
    pub agent_id: AgentId,
    pub version_id: VersionId,
    pub mode: Mode,
    pub draft_missing: bool,
    pub trigger_path: Option<String>,
    pub api_key_id: Option<ApiKeyId>,
    /// E.164, a SIP URI or an extension.
    pub destination: String,
    pub caller_id: Option<String>,
    pub configuration_id: TelephonyConfigurationId,
    pub provider: String,
    pub initial_context: Map<String, Value>,
    pub attempt_id: AttemptId,
    pub idempotency: Option<IdempotencyClaim>,
    /// Seconds.
    pub max_call_seconds: u32,
    /// Most open runs in the workspace, this one included.
    pub workspace_limit: u32,
    /// Most open runs through the configuration, this one included; `None` does not limit.
    pub configuration_limit: Option<u32>,
    /// SHA-256 of the token in the attempt's callback URLs; `None` where nobody calls back.
    pub callback_token_hash: Option<[u8; 32]>,
    pub at: Timestamp,
}

/// What became of [`Runs::begin_run`].
#[derive(Clone, Debug)]
pub enum Begun {
    /// Run, attempt, slot and idempotency row are on disk; state `dialing`.
    Started { run_id: RunId, name: String },
    /// All slots of the workspace or of the configuration are taken; nothing was written.
    LimitReached,
    /// The same idempotency key came first; nothing was written.
    Repeated(Earlier),
}

/// One thing that happens to a run.
#[derive(Clone, Debug)]
pub struct Step {
    pub run_id: RunId,
    pub at: Timestamp,
    pub source: Source,
    pub input: RunInput,
    /// The carrier's own words, for the timeline.
    pub note: Option<String>,
    /// Kept for the run's idempotency key, if it has one.
    pub reply: Option<StoredReply>,
    /// Keys of the gathered context to set with the step, shallowly (contract §5.1).
    pub gathered: Map<String, Value>,
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    pub code: EndCode,
    pub at: Timestamp,
}

/// A run, whole.
#[derive(Clone, Debug)]
pub struct Run {
    pub id: RunId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub agent_id: AgentId,
    pub agent_name: String,
    pub version_id: VersionId,
    pub version_number: i64,
    /// What the version was when the run started.
    pub version_status: crate::agent::VersionStatus,
    pub mode: Mode,
    pub draft_missing: bool,
    pub state: RunState,
    pub end: Option<End>,
    pub created_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    pub destination: String,
    pub caller_id: Option<String>,
    pub configuration_id: TelephonyConfigurationId,
    pub provider: String,
    pub api_key_id: Option<ApiKeyId>,
    pub initial_context: Map<String, Value>,
    pub gathered_context: Map<String, Value>,
    pub max_call_seconds: u32,
    pub attempts: Vec<Attempt>,
}

impl Run {
    /// Whether the run is over for good.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.end.is_some()
    }
}

/// One dial of a run.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub id: AttemptId,
    pub carrier_call_id: Option<String>,
    /// `pending`, `accepted`, `refused` or `unknown`.
    pub outcome: String,
}

/// An entry of a run's timeline.
#[derive(Clone, Debug)]
pub struct TimelineEntry {
    pub at: Timestamp,
    pub state: RunState,
    pub source: Source,
    pub note: Option<String>,
}

/// Who spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    Agent,
    Callee,
}

impl Speaker {
    /// The word in storage and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Callee => "callee",
        }
    }
}

/// A line of a transcript.
#[derive(Clone, Debug)]
pub struct TranscriptLine {
    pub at: Timestamp,
    pub speaker: Speaker,
    pub text: String,
    pub node_id: Option<String>,
    pub kind: LineKind,
}

/// Which runs to list.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    pub agent_id: Option<AgentId>,
    /// Only runs that are not over.
    pub open: bool,
    /// Only runs that are over.
    pub over: bool,
    /// Only runs created at or after this.
    pub created_from: Option<Timestamp>,
    /// Only runs created at or before this.
    pub created_to: Option<Timestamp>,
    /// Only runs with a smaller id.
    pub before: Option<RunId>,
    pub ascending: bool,
    pub limit: u32,
    pub offset: u32,
}

/// Firing, runs and what is recorded about them.
#[async_trait]
pub trait Runs {
    /// Everything a trigger request is judged by. `workspace` is the caller's: configurations and
    /// settings are its, the candidate may be another's.
    async fn trigger_snapshot(
        &self,
        workspace: WorkspaceId,
        target: &Target,
        claim: Option<&IdempotencyClaim>,
        at: Timestamp,
    ) -> Stored<TriggerSnapshot>;
    /// Commits run, attempt, slot and idempotency row in one transaction, if a slot is free.
    async fn begin_run(&self, run: NewRun) -> Stored<Begun>;
    /// Lets the reducer decide inside the transaction and writes what it decided: state, timeline,
    /// attempt, gathered context, end, slot, event.
    async fn step_run(&self, step: Step) -> Stored<Verdict>;
    /// The attempt whose callback URLs carry this token; `None` for a token of another run or of
    /// none. Only hashes are compared, so the time it takes says nothing about a token.
    async fn callback_target(&self, run: RunId, token_hash: [u8; 32]) -> Stored<Option<AttemptId>>;
    /// Adds lines to a transcript, in order.
    async fn append_transcript(&self, run: RunId, lines: Vec<TranscriptLine>) -> Stored<()>;
    /// One run; `workspace` `None` asks for any.
    async fn run(&self, workspace: Option<WorkspaceId>, id: RunId) -> Stored<Option<Run>>;
    /// Runs, newest first unless `ascending`.
    async fn runs(&self, workspace: WorkspaceId, filter: RunFilter) -> Stored<Vec<Run>>;
    /// How many runs the filter has, without its limit and offset.
    async fn count_runs(&self, workspace: WorkspaceId, filter: RunFilter) -> Stored<i64>;
    /// Every open run, whichever workspace's.
    async fn open_runs(&self) -> Stored<Vec<Run>>;
    /// A run's timeline, oldest first.
    async fn timeline(&self, run: RunId) -> Stored<Vec<TimelineEntry>>;
    /// A run's transcript, in order.
    async fn transcript(&self, run: RunId) -> Stored<Vec<TranscriptLine>>;
    /// The earlier request with this idempotency key, if any within 24 h.
    async fn earlier(&self, claim: &IdempotencyClaim, at: Timestamp) -> Stored<Option<Earlier>>;
}

/// What an event is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventKind {
    Run,
    DeskPhone,
    Agent,
    Telephony,
    Key,
    Settings,
}

impl EventKind {
    /// The word in storage and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::DeskPhone => "desk-phone",
            Self::Agent => "agent",
            Self::Telephony => "telephony",
            Self::Key => "key",
            Self::Settings => "settings",
        }
    }

    /// Reads the word back; `None` for any other.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        use EventKind::{Agent, DeskPhone, Key, Run, Settings, Telephony};
        [Run, DeskPhone, Agent, Telephony, Key, Settings]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// A hint that something changed; the reader fetches it again.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: EventId,
    pub workspace_id: WorkspaceId,
    pub kind: EventKind,
    /// The id of what changed, as text.
    pub subject: String,
    pub run_id: Option<RunId>,
}

/// The live event log.
#[async_trait]
pub trait Events {
    /// The newest event's id; 0 when there is none.
    async fn last_event(&self) -> Stored<EventId>;
    /// Waits until there are events after `after`, and returns up to `limit` of them, oldest first.
    /// Sees other processes' events too, within a second.
    async fn events_after(&self, after: EventId, limit: u32) -> Stored<Vec<Event>>;
    /// Appends a hint that belongs to no stored change (the desk phone's calls live in memory).
    async fn announce(
        &self,
        workspace: WorkspaceId,
        kind: EventKind,
        subject: String,
        run: Option<RunId>,
    ) -> Stored<()>;
}

/// Another Switchhook or Dograh that the window reaches. Its API key is in [`super::Secrets`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    pub id: InstanceId,
    pub name: String,
    /// Scheme, host and port, without a path.
    pub url: String,
    /// One of the window's colour names.
    pub colour: String,
}

/// A trigger of another instance, kept by its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedTrigger {
    pub id: SavedTriggerId,
    pub instance_id: InstanceId,
    pub name: String,
    /// The trigger path, without mode.
    pub path: String,
}

/// Instances and saved triggers; they belong to this computer, not to a workspace.
#[async_trait]
pub trait Instances {
    /// All instances, oldest first.
    async fn instances(&self) -> Stored<Vec<Instance>>;
    /// Adds one, or replaces the one with this id; `NameTaken` when another has the name.
    async fn save_instance(
        &self,
        id: Option<InstanceId>,
        name: String,
        url: String,
        colour: String,
    ) -> Stored<Instance>;
    /// Removes one with its saved triggers.
    async fn remove_instance(&self, id: InstanceId) -> Stored<()>;
    /// The triggers kept for an instance, oldest first.
    async fn saved_triggers(&self, instance: InstanceId) -> Stored<Vec<SavedTrigger>>;
    /// Keeps a trigger; the same path twice replaces its name.
    async fn save_trigger(
        &self,
        instance: InstanceId,
        name: String,
        path: String,
    ) -> Stored<SavedTrigger>;
    /// Forgets a trigger.
    async fn remove_trigger(&self, id: SavedTriggerId) -> Stored<()>;
}

/// Everything that outlives the process.
pub trait Store:
    Workspaces + Agents + ApiKeys + Telephony + Runs + Events + Instances + Send + Sync
{
}

impl<T: Workspaces + Agents + ApiKeys + Telephony + Runs + Events + Instances + Send + Sync> Store
    for T
{
}
