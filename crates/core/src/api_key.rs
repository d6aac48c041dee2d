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

/// SHA-256 of a whole raw key (contract §2). The database's index finds by it: nobody outside can
/// choose a hash byte by byte, so its timing tells nothing about a key. Whether two hashes are the
/// same is decided by looking at every byte.
#[derive(Clone, Copy, Eq)]
pub struct KeyHash(pub [u8; 32]);

impl PartialEq for KeyHash {
    fn eq(&self, other: &Self) -> bool {
        let pairs = self.0.iter().zip(&other.0);
        // The box keeps a compiler from stopping at the first difference.
        let differences = pairs.fold(0, |seen, (one, two)| {
            std::hint::black_box(seen | (one ^ two))
        });
        differences == 0
    }
}

impl std::hash::Hash for KeyHash {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

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

    /// Whether the key opens everything in its workspace. One with limits does not: it could make
    /// itself another without them.
    #[must_use]
    pub fn may_manage(&self) -> bool {
        self.scope == Scope::Manage && self.agents.is_empty() && !self.test_only
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_equals_itself_and_none_that_differs_anywhere() {
        let hash = KeyHash([7; 32]);
        assert!(hash == KeyHash([7; 32]));
        for place in 0..32 {
            for bit in 0..8 {
                let mut other = hash;
                other.0[place] ^= 1 << bit;
                assert!(hash != other, "byte {place}, bit {bit}");
            }
        }
    }
}
