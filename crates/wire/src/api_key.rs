//! API keys (contract §2). Scope, limits and expiry are ours.

use crate::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A key without the key.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ApiKey {
    pub id: i64,
    pub name: String,
    /// The first eight characters.
    pub key_prefix: String,
    /// Neither archived nor expired.
    pub is_active: bool,
    pub created_at: Time,
    pub last_used_at: Option<Time>,
    pub archived_at: Option<Time>,
    /// `trigger` or `manage`.
    pub scope: String,
    /// Ids of the agents it may fire; empty means all.
    pub agents: Vec<i64>,
    pub test_only: bool,
    pub expires_at: Option<Time>,
}

/// A key to create.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ApiKeyCreate {
    /// Any text, not unique.
    pub name: String,
    /// `trigger` (the default: fires, and reads the runs it started) or `manage` (everything).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(trigger|manage)$")]
    pub scope: Option<String>,
    /// Ids of the agents it may fire; absent or empty means all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<Vec<i64>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test_only: Option<bool>,
    /// From when on the key opens nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Time>,
}

/// The only reply that ever holds the key. It has no `Debug`: that would print it.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct ApiKeyCreated {
    pub id: i64,
    pub name: String,
    pub key_prefix: String,
    /// The key itself; shown this once.
    pub api_key: String,
    pub created_at: Time,
    pub scope: String,
    pub agents: Vec<i64>,
    pub test_only: bool,
    pub expires_at: Option<Time>,
}

/// What archiving and reactivating answer.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Done {
    pub success: bool,
    pub message: String,
}
