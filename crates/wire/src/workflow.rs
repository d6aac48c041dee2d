//! Agents and versions in the compatible API's shapes, where an agent is a workflow (contract §3.3).

use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A workflow in a list. The last three fields are ours.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkflowListItem {
    pub id: i64,
    pub name: String,
    /// `active` or `archived`.
    pub status: String,
    pub created_at: Time,
    pub total_runs: i64,
    /// Always null: there are no folders here.
    pub folder_id: Option<i64>,
    pub workflow_uuid: Option<String>,
    /// The published version's trigger path, else the draft's.
    pub trigger_path: Option<String>,
    pub published_version_number: Option<i64>,
    pub draft_version_number: Option<i64>,
}

/// A workflow by name only.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkflowSummary {
    pub id: i64,
    pub name: String,
}

/// How many workflows there are.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkflowCount {
    pub total: i64,
    pub active: i64,
    pub archived: i64,
}

/// A whole workflow: the draft's content where there is a draft. Which fields are null depends on
/// the route, as in the reference (contract §3.3).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Workflow {
    pub id: i64,
    pub name: String,
    /// `active` or `archived`.
    pub status: String,
    pub created_at: Time,
    /// `{nodes, edges, …}` as sent (contract §3.4).
    #[schema(value_type = Object)]
    pub workflow_definition: Value,
    /// The published version's id.
    pub current_definition_id: Option<i64>,
    #[schema(value_type = Object)]
    pub template_context_variables: Map<String, Value>,
    pub call_disposition_codes: CallDispositionCodes,
    pub total_runs: Option<i64>,
    #[schema(value_type = Object)]
    pub workflow_configurations: Map<String, Value>,
    pub version_number: Option<i64>,
    /// `draft` or `published`.
    pub version_status: Option<String>,
    pub workflow_uuid: Option<String>,
}

/// Always empty here: dispositions are recorded, not configured.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct CallDispositionCodes {
    pub disposition_codes: Vec<String>,
}

/// Something to make a workflow of.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkflowTemplate {
    pub id: i64,
    pub template_name: String,
    pub template_description: String,
    /// A definition.
    #[schema(value_type = Object)]
    pub template_json: Value,
    pub created_at: Time,
}

/// Which template to make a workflow of, under which name.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DuplicateTemplate {
    pub template_id: i64,
    pub workflow_name: String,
}

/// What a new workflow is to do, in words.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CreateFromTemplate {
    #[schema(pattern = "^(inbound|outbound)$")]
    pub call_type: String,
    /// Becomes the workflow's name.
    pub use_case: String,
    pub activity_description: String,
}

/// Where a workflow goes; null is no folder, and the only place here.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkflowFolder {
    #[serde(default)]
    pub folder_id: Option<i64>,
}

/// A new workflow; its first version is published at once.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkflowCreate {
    pub name: String,
    #[schema(value_type = Object)]
    pub workflow_definition: Value,
}

/// What to change; anything but the name goes into the draft.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct WorkflowUpdate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub workflow_definition: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub template_context_variables: Option<Map<String, Value>>,
    /// `max_call_duration`: 1 to 1200 seconds; other keys are kept as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub workflow_configurations: Option<Map<String, Value>>,
}

/// The status to set.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkflowStatusUpdate {
    /// `active` or `archived`.
    #[schema(pattern = "^(active|archived)$")]
    pub status: String,
}

/// The verdict on a definition; also the `detail` of a refusal.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkflowValidation {
    pub is_valid: bool,
    pub errors: Vec<WorkflowError>,
}

/// What is wrong with a definition and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkflowError {
    /// `node`, `edge` or `workflow`.
    pub kind: String,
    pub id: Option<String>,
    pub field: Option<String>,
    pub message: String,
    /// Ours: whose the trigger path is, where it is an agent of the same workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<TriggerHolder>,
}

/// The agent that has a trigger path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TriggerHolder {
    pub agent_id: i64,
    pub agent_name: String,
}

/// The version that was published.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkflowPublished {
    /// The version's id.
    pub id: i64,
    pub version_number: i64,
    /// Always `published`.
    pub status: String,
    pub published_at: Option<Time>,
}

/// One version, whole.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkflowVersion {
    pub id: i64,
    pub version_number: i64,
    /// `draft`, `published` or `archived`.
    pub status: String,
    pub created_at: Time,
    pub published_at: Option<Time>,
    #[schema(value_type = Object)]
    pub workflow_json: Value,
    #[schema(value_type = Object)]
    pub workflow_configurations: Map<String, Value>,
    #[schema(value_type = Object)]
    pub template_context_variables: Map<String, Value>,
}
