//! The live event log. Rows are hints to fetch again, never the data itself.

use super::Stored;
use crate::ids::{EventId, RunId, WorkspaceId};
use async_trait::async_trait;

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
