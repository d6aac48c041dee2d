//! Workspaces, the preferences of one, and what its webhooks authenticate with (contract §6.6, §8.3).

use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// The workspaces that the caller may act in.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Workspaces {
    pub workspaces: Vec<WorkspaceItem>,
}

/// A workspace.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkspaceItem {
    pub id: i64,
    pub name: String,
    /// The one that the person at the window is in unless another is chosen; it cannot be deleted.
    pub is_home: bool,
    pub created_at: Time,
}

/// A workspace to create, or another name for one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct WorkspaceName {
    /// 1 to 64 characters, unique on the server.
    #[schema(min_length = 1, max_length = 64)]
    pub name: String,
}

/// What a workspace's people like; writing replaces all of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct Preferences {
    /// Called where a test call names no number.
    #[serde(default)]
    pub test_phone_number: Option<String>,
    #[serde(default)]
    pub timezone: Option<String>,
    /// Whether forms offer what has to do with an external PBX.
    #[serde(default)]
    pub external_pbx_integrations_enabled: bool,
}

/// A credential without its data, which is never told again.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Credential {
    pub uuid: String,
    pub name: String,
    pub description: Option<String>,
    /// `none`, `api_key`, `bearer_token`, `basic_auth` or `custom_header`.
    pub credential_type: String,
    pub created_at: Time,
    pub updated_at: Option<Time>,
}

/// A credential to create. It has no `Debug`: that would print the data.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct CredentialCreate {
    /// Unique in the workspace.
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[schema(pattern = "^(none|api_key|bearer_token|basic_auth|custom_header)$")]
    pub credential_type: String,
    /// `header_name` and `api_key`; `token`; `username` and `password`; `header_name` and
    /// `header_value`.
    #[schema(value_type = Object)]
    pub credential_data: Map<String, Value>,
}

/// What to change; absent and null leave as it is. It has no `Debug`: that would print the data.
#[derive(Clone, Default, Serialize, Deserialize, ToSchema)]
pub struct CredentialUpdate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^(none|api_key|bearer_token|basic_auth|custom_header)$")]
    pub credential_type: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub credential_data: Option<Map<String, Value>>,
}

/// What a deletion answers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct CredentialDeleted {
    /// Always `deleted`.
    pub status: String,
    pub uuid: String,
}
