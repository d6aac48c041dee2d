//! The port to everything that outlives the process, one file a resource, as the store's own are.
//! Every method that changes something commits durably before it returns and appends the matching
//! row to the event log in the same transaction. Rows belong to a workspace; a row of another
//! workspace is answered as if it were not there.

mod agents;
mod api_keys;
mod events;
mod instances;
mod runs;
mod telephony;
mod triggers;
mod webhook_credentials;
mod workspaces;

pub use agents::{AgentChange, AgentCopy, AgentDetail, AgentSummary, Agents, NewAgent, Publishing};
pub use api_keys::{ApiKeys, NewApiKey};
pub use events::{Event, EventKind, Events};
pub use instances::{Instance, Instances, SavedTrigger};
pub use runs::{
    Attempt, Begun, Earlier, End, IdempotencyClaim, Indexed, Judgement, KeptExchange, NewRun,
    Remark, RemarkChange, Run, RunFilter, RunSearch, RunTotals, Runs, RunsFound, Speaker, Step,
    StoredReply, TestCall, TimelineEntry, TranscriptLine, TriggerSnapshot, Unwritten, WaitingRun,
};
pub use telephony::{
    ConfigurationChange, NewConfiguration, NewPhoneNumber, NewTrunk, PhoneNumberChange, Telephony,
    TrunkChange,
};
pub use triggers::{AddedTrigger, LastUse, TriggerOf, TriggerStatus, Triggers};
pub use webhook_credentials::{
    CredentialKind, NewWebhookCredential, WebhookCredential, WebhookCredentialChange,
    WebhookCredentials,
};
pub use workspaces::{Preferences, Settings, Workspace, Workspaces};

use crate::agent::Holder;
use crate::error::ErrorCode;

/// Who has a phone number already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NumberHolder {
    /// A configuration of the workspace for the same account, by its name.
    Configuration(String),
    /// A configuration of the workspace for another account.
    Workspace,
    /// Another workspace's configuration for the same account.
    OtherWorkspace,
}

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
    PathTaken {
        path: String,
        /// Whose it is; `None` for an agent of another workspace, which is not told of.
        holder: Option<Holder>,
    },
    /// A name that must be unique is not.
    #[error("the name is taken")]
    NameTaken,
    /// A phone number that must be unique is not.
    #[error("the number is taken")]
    NumberTaken {
        number: String,
        holder: NumberHolder,
    },
    /// What is to be deleted is still needed.
    #[error("it is still in use")]
    InUse,
}

impl StoreError {
    /// The code on the wire.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::Unavailable(_) | Self::Newer { .. } => ErrorCode::StorageUnavailable,
            Self::PathTaken { .. } => ErrorCode::InvalidDefinition,
            Self::NameTaken | Self::NumberTaken { .. } => ErrorCode::NameTaken,
            Self::InUse => ErrorCode::InUse,
        }
    }
}

/// Shorthand of this module.
pub type Stored<T> = Result<T, StoreError>;

/// Everything that outlives the process.
pub trait Store:
    Workspaces
    + Agents
    + Triggers
    + ApiKeys
    + Telephony
    + WebhookCredentials
    + Runs
    + Events
    + Instances
    + Send
    + Sync
{
}

impl<T> Store for T where
    T: Workspaces
        + Agents
        + Triggers
        + ApiKeys
        + Telephony
        + WebhookCredentials
        + Runs
        + Events
        + Instances
        + Send
        + Sync
{
}
