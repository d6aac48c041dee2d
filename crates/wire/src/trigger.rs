//! Replies of the trigger routes (contract §1.5; the fields after `workflow_run_name` are ours).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The body of a trigger request (contract §1.2).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TriggerRequest {
    /// Parsed for the chosen carrier: E.164, or a SIP address or extension for ARI and SIP.
    #[schema(example = "+14155550100")]
    pub phone_number: String,
    /// Any JSON object; at most 64 levels deep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub initial_context: Option<serde_json::Map<String, serde_json::Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephony_configuration_id: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_phone_number_id: Option<i64>,
}

/// The call is on its way.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TriggerReply {
    /// Always `initiated`.
    pub status: String,
    pub workflow_run_id: i64,
    pub workflow_run_name: String,
    /// `production` or `test`.
    pub mode: String,
    pub version_number: i64,
    /// `published` or `draft`.
    pub version_status: String,
    /// A test call that runs the published version because there is no draft.
    pub draft_missing: bool,
    pub warnings: Vec<Warning>,
}

/// Something that did not stop the call but that the caller should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Warning {
    /// `unknown-field`, `reserved-context-key` or `number-not-valid`.
    pub code: String,
    pub field: String,
    pub message: String,
}
