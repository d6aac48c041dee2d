//! API keys, known by their hashes. The key itself never comes here.

use super::Stored;
use crate::api_key::{ApiKey, KeyHash, Scope};
use crate::ids::{AgentId, ApiKeyId, WorkspaceId};
use async_trait::async_trait;
use jiff::Timestamp;

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
