//! Runs in the compatible API's shape (contract §5.2, §5.3). Recordings and transcripts as files
//! do not exist here yet, so their fields are null.

use crate::run::End;
use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A run. `usage_info`, `logs` and `annotations` are null in lists; the last six fields are ours.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkflowRun {
    pub id: i64,
    pub workflow_id: i64,
    pub name: String,
    /// The provider, for example `desk_phone`; not the trigger's mode.
    pub mode: String,
    pub created_at: Time,
    pub is_completed: bool,
    pub transcript_url: Option<String>,
    pub recording_url: Option<String>,
    pub user_recording_url: Option<String>,
    pub bot_recording_url: Option<String>,
    pub transcript_public_url: Option<String>,
    pub recording_public_url: Option<String>,
    pub user_recording_public_url: Option<String>,
    pub bot_recording_public_url: Option<String>,
    pub public_access_token: Option<String>,
    pub cost_info: Option<CostInfo>,
    pub usage_info: Option<UsageInfo>,
    /// The version that ran.
    pub definition_id: i64,
    #[schema(value_type = Object)]
    pub initial_context: Map<String, Value>,
    #[schema(value_type = Object)]
    pub gathered_context: Map<String, Value>,
    /// Always `outbound`.
    pub call_type: String,
    /// `realtime_feedback_events` (contract §5.6).
    #[schema(value_type = Option<Object>)]
    pub logs: Option<Map<String, Value>>,
    #[schema(value_type = Option<Object>)]
    pub annotations: Option<Map<String, Value>>,
    pub state: String,
    pub version_number: i64,
    /// What the version was when the run started.
    pub version_status: String,
    /// `production` or `test`.
    pub trigger_mode: String,
    pub ended_at: Option<Time>,
    pub end: Option<End>,
}

/// What a run cost.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CostInfo {
    pub dograh_token_usage: i64,
    /// Rounded.
    pub call_duration_seconds: i64,
}

/// What a run used.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UsageInfo {
    #[schema(value_type = Object)]
    pub llm: Map<String, Value>,
    #[schema(value_type = Object)]
    pub tts: Map<String, Value>,
    #[schema(value_type = Object)]
    pub stt: Map<String, Value>,
    /// From the answer to the end; 0 when nobody answered.
    #[schema(value_type = f64)]
    pub call_duration_seconds: Value,
}

/// A page of runs.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkflowRuns {
    pub runs: Vec<WorkflowRun>,
    pub total_count: i64,
    pub page: i64,
    pub limit: i64,
    pub total_pages: i64,
    #[schema(value_type = Option<Vec<Object>>)]
    pub applied_filters: Option<Value>,
}
