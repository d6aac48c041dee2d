//! Test calls and the runs that wait for theirs (contract §3.3, §6.6).

use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Whom to call with which agent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InitiateCallRequest {
    #[schema(example = 1)]
    pub workflow_id: i64,
    /// A run that waits for its call.
    pub workflow_run_id: Option<i64>,
    #[schema(example = "+14155550101")]
    pub phone_number: Option<String>,
    pub telephony_configuration_id: Option<i64>,
    pub from_phone_number_id: Option<i64>,
}

/// A call that was placed. The last two fields are ours.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct InitiatedCall {
    pub message: String,
    pub workflow_run_id: i64,
    pub workflow_run_name: String,
}

/// A run to make.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CreateRunRequest {
    /// Any word.
    #[schema(example = "desk_phone")]
    pub mode: String,
    #[schema(example = "By hand")]
    pub name: String,
}

/// A run that waits for its call.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CreatedRun {
    pub id: i64,
    pub workflow_id: i64,
    pub name: String,
    pub mode: String,
    pub created_at: Time,
    /// The version that will run.
    pub definition_id: i64,
    /// The version's own variables.
    #[schema(value_type = Object)]
    pub initial_context: Map<String, Value>,
}
