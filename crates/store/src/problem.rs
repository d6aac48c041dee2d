//! What can go wrong inside a job, before it becomes the port's `StoreError`. A type of its own so
//! that `?` works on SQLite's and serde's errors without core knowing either.

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

impl From<Problem> for StoreError {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Sql(error) => Self::Unavailable(error.to_string()),
            Problem::Json(error) => Self::Unavailable(format!("stored JSON is damaged: {error}")),
            Problem::Rule(error) => error,
        }
    }
}
