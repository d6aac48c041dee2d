//! What a command rejects with: a code that the page's table of errors knows, and a sentence.

use serde::Serialize;
use switchhook_store::{SecretsProblem, StoreError};

/// The code of a file or a choice that could not be kept; the sentence says why.
pub const NOT_SAVED: &str = "not-saved";

/// See the module.
#[derive(Clone, Debug, Serialize)]
pub struct Failure {
    pub code: &'static str,
    pub message: String,
}

impl Failure {
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new("invalid-request", message)
    }

    pub fn no_instance() -> Self {
        Self::new("not-found", "this instance is not known any more")
    }
}

impl From<switchhook_client::Failure> for Failure {
    fn from(failure: switchhook_client::Failure) -> Self {
        Self::new(failure.cause.code(), failure.message)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::new(error.code().as_str(), error.to_string())
    }
}

impl From<SecretsProblem> for Failure {
    fn from(problem: SecretsProblem) -> Self {
        Self::new("secret-store-unavailable", problem.to_string())
    }
}

/// A task that panicked; its words are in the log.
impl From<tauri::Error> for Failure {
    fn from(error: tauri::Error) -> Self {
        tracing::error!(%error, "a command failed");
        Self::new("internal", "something failed inside Switchhook")
    }
}
