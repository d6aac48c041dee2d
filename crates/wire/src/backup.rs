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
    /// The one that the present database comes from; null where none was ever put back.
    pub last_restore: Option<LastRestore>,
}

/// A copy that was put back.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct LastRestore {
    pub restored_at: Time,
    /// What the database from before is called in the data folder; null where there was none, or it is
    /// gone. The newest two are kept.
    pub replaced: Option<String>,
    /// Whether keys that were archived since the copy was made, the requests of the last 24 hours and
    /// the open runs were taken over from it. Where they were not, such keys open again, and a program
    /// that repeats an old request may call again.
    pub carried_over: bool,
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
