//! Copies of the database.

use crate::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The copies, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Backups {
    /// Where they are; a copy that is put there is listed too.
    pub folder: String,
    pub backups: Vec<Backup>,
    /// Since when one waits to be put back at the next start; null where none does.
    pub restore_since: Option<Time>,
}

/// A copy.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Backup {
    pub name: String,
    pub created_at: Time,
    /// In bytes.
    pub size: u64,
}

/// Which copy to put back.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Restore {
    /// The name of one.
    pub backup: String,
}
