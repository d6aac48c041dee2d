//! SQLite behind core's `Store` port, and the places where secrets rest behind its `Secrets` port.
//! The only crate that writes SQL or knows a keychain. Each table or resource has one file with
//! its queries; [`Database`] opens the folder, one writer thread commits waiting writes together
//! and a few reader threads answer from snapshots. What a run may do is not decided here: the
//! reducer is core's, this crate runs it inside the transaction that writes its verdict.

mod agents;
mod api_keys;
mod artifacts;
mod backups;
mod carry_over;
#[cfg(feature = "crowd")]
pub mod crowd;
mod data_dir;
mod database;
mod events;
mod health;
mod idempotency;
mod instances;
mod keys;
mod lock;
mod pen;
mod problem;
mod readers;
mod restore;
mod rows;
mod runs;
mod sample;
mod secrets;
mod telephony;
mod triggers;
mod versions;
mod webhook_credentials;
mod workspaces;
mod writer;

// The tests in here that need the writer's own connection build their runs as those in tests/ do.
#[cfg(test)]
extern crate self as switchhook_store;
#[cfg(test)]
#[path = "../tests/common/mod.rs"]
mod common;
#[cfg(test)]
mod degraded;

pub use backups::BackupError;
pub use data_dir::{NoDataDir, default_data_dir};
pub use database::{Database, OpenError};
pub use keys::{hash_key, mint_key};
pub use lock::{Held, LockError, ServerLock, lock_server, running_server};
pub use restore::{BackupFile, LastRestore, RestoreError};
pub use sample::{AGENT_NAME, definition as sample_definition};
pub use secrets::{SecretsKind, open_secrets, open_vault};

// What the programs name when they use a store; they do not know the domain's crate.
pub use switchhook_core::agent::AgentStatus;
pub use switchhook_core::api_key::Scope;
pub use switchhook_core::ids::{InstanceId, SavedTriggerId, WorkspaceId};
pub use switchhook_core::ports::{
    Agents, ApiKeys, EventKind, Events, Instance, NewApiKey, SavedTrigger, Secrets, SecretsProblem,
    Store, StoreError, Vault, Workspace, Workspaces,
};

/// The time as the store's ports take it, for programs that have no clock of their own.
#[must_use]
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
