//! API keys as the server knows them: never the key itself, only its SHA-256 and what it may do.
//! Minting and hashing are the store's, because they need randomness.

use crate::ids::{AgentId, ApiKeyId, WorkspaceId};
use crate::trigger::Mode;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// What a key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Fire triggers and read the runs it started.
    Trigger,
    /// Everything in its workspace.
    Manage,
}

impl Scope {
    /// The word in storage, on the wire and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Trigger => "trigger",
            Self::Manage => "manage",
        }
    }

    /// Reads the word back; `None` for any other.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Trigger, Self::Manage]
            .into_iter()
            .find(|scope| scope.as_str() == word)
    }
}

/// SHA-256 of a whole raw key (contract §2). Two hashes are compared only by the database's index
/// on values that nobody outside can choose bytewise, so timing tells nothing about a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyHash(pub [u8; 32]);

/// A key without the key.
#[derive(Clone, Debug)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    /// The first eight characters (contract §2).
    pub prefix: String,
    pub scope: Scope,
    /// Only these agents; empty means all.
    pub agents: Vec<AgentId>,
    pub test_only: bool,
    pub expires_at: Option<Timestamp>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub archived_at: Option<Timestamp>,
}

impl ApiKey {
    /// Whether the key opens anything at `now`.
    #[must_use]
    pub fn is_active(&self, now: Timestamp) -> bool {
        self.archived_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Whether the key may fire this agent in this mode.
    #[must_use]
    pub fn may_fire(&self, agent: AgentId, mode: Mode) -> bool {
        (self.agents.is_empty() || self.agents.contains(&agent))
            && (!self.test_only || mode == Mode::Test)
    }
}

/// Who says that they may ask, before anything was looked up.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Asker {
    Key(KeyHash),
    Person(WorkspaceId),
}

/// Who asks: a program with a key, or the person at the window, who needs none.
#[derive(Clone, Debug)]
pub enum Caller {
    Key(ApiKey),
    Person(WorkspaceId),
}

impl Caller {
    /// The workspace that everything this caller touches belongs to.
    #[must_use]
    pub fn workspace_id(&self) -> WorkspaceId {
        match self {
            Self::Key(key) => key.workspace_id,
            Self::Person(workspace_id) => *workspace_id,
        }
    }

    /// Whether this caller may still ask: a person always, a key until it is archived or expires.
    #[must_use]
    pub fn is_active(&self, now: Timestamp) -> bool {
        match self {
            Self::Key(key) => key.is_active(now),
            Self::Person(_) => true,
        }
    }

    /// The key's id, where there is a key.
    #[must_use]
    pub fn api_key_id(&self) -> Option<ApiKeyId> {
        match self {
            Self::Key(key) => Some(key.id),
            Self::Person(_) => None,
        }
    }
}
