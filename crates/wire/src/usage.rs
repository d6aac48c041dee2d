//! The runs of a workspace with what they used (contract §5.3). Nothing bills here.

use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A run.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UsageRun {
    pub id: i64,
    pub workflow_id: i64,
    pub workflow_name: String,
    pub name: String,
    pub created_at: Time,
    /// Always 0.
    pub dograh_token_usage: f64,
    /// Rounded; from the answer to the end.
    pub call_duration_seconds: i64,
    pub recording_url: Option<String>,
    pub transcript_url: Option<String>,
    pub user_recording_url: Option<String>,
    pub bot_recording_url: Option<String>,
    pub recording_public_url: Option<String>,
    pub transcript_public_url: Option<String>,
    pub user_recording_public_url: Option<String>,
    pub bot_recording_public_url: Option<String>,
    pub public_access_token: Option<String>,
    /// As `called_number`.
    pub phone_number: Option<String>,
    pub caller_number: Option<String>,
    pub called_number: Option<String>,
    /// Always `outbound`.
    pub call_type: String,
    /// The provider.
    pub mode: String,
    pub disposition: Option<String>,
    #[schema(value_type = Object)]
    pub initial_context: Map<String, Value>,
    #[schema(value_type = Object)]
    pub gathered_context: Map<String, Value>,
    /// Always null.
    pub charge_usd: Option<f64>,
}

/// A page of a workspace's runs.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UsageHistory {
    pub runs: Vec<UsageRun>,
    /// Always 0.
    pub total_dograh_tokens: f64,
    /// Of all runs that the filters have.
    pub total_duration_seconds: i64,
    pub total_count: i64,
    pub page: i64,
    pub limit: i64,
    pub total_pages: i64,
}

/// The words that a run may end with.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DispositionCodes {
    pub codes: Vec<String>,
    pub end_task_reason_codes: Vec<String>,
}
