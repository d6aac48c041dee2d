//! Errors: the compatible API's `detail` with RFC 9457 members beside it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Any error.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// A text, a list of wrong fields, or a validation result.
    pub detail: serde_json::Value,
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    /// Stable; programs act on it.
    pub code: String,
    /// Names this request in the server's log.
    pub request_id: String,
    /// The run that exists in spite of the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow_run_id: Option<i64>,
    /// Why somebody disabled the trigger, with `trigger-not-active`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}
