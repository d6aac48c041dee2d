//! What can go wrong inside a job, before it becomes the port's `StoreError`. A type of its own so
//! that `?` works on SQLite's and serde's errors without core knowing either.

use rusqlite::ErrorCode;
use switchhook_core::ports::StoreError;

/// Why a job failed.
pub enum Problem {
    Sql(rusqlite::Error),
    /// Stored JSON that cannot be read back: a damaged database.
    Json(serde_json::Error),
    /// A rule of the port was broken, `NameTaken` for one.
    Rule(StoreError),
}

/// What a job returns.
pub type Outcome<T> = Result<T, Problem>;

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Self::Json(error)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Rule(error)
    }
}

/// Whether SQLite calls the database itself damaged.
pub fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}

/// What is the matter with the disk or the file, and what to do; `None` where SQLite's own words
/// say as much.
fn advice(error: &rusqlite::Error) -> Option<&'static str> {
    Some(match error.sqlite_error_code()? {
        ErrorCode::DiskFull => "the disk is full: free some space",
        ErrorCode::ReadOnly => {
            "the database may only be read: check the owner of the data folder, and whether its disk is read-only"
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            "another program holds the database: end it, or wait until it has finished"
        }
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            "the database is damaged: start Switchhook again, which names the newest backup"
        }
        ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::SystemIoFailure => {
            "the files of the database cannot be used: check the owner and the free space of the data folder, and its disk"
        }
        _ => return None,
    })
}

impl From<Problem> for StoreError {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Sql(error) => Self::Unavailable(match advice(&error) {
                Some(advice) => format!("{advice} ({error})"),
                None => error.to_string(),
            }),
            Problem::Json(error) => Self::Unavailable(format!("stored JSON is damaged: {error}")),
            Problem::Rule(error) => error,
        }
    }
}
