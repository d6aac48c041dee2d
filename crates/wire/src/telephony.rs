//! Telephony configurations (contract §6.1).

use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What the settings forms of all providers look like.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Providers {
    pub providers: Vec<Provider>,
}

/// A provider that calls can be placed through.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Provider {
    pub provider: String,
    pub display_name: String,
    /// `api`, `sip` or `local`.
    pub connectivity: String,
    pub fields: Vec<ProviderField>,
    pub docs_url: Option<String>,
}

/// A field of a provider's settings form.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ProviderField {
    pub name: String,
    pub label: String,
    /// `text`, `password`, `textarea`, `checkbox`, …
    #[serde(rename = "type")]
    pub kind: String,
    pub required: bool,
    pub sensitive: bool,
    pub description: Option<String>,
    pub placeholder: Option<String>,
    #[schema(value_type = Option<Vec<Object>>)]
    pub options: Option<Value>,
    #[schema(value_type = Option<Object>)]
    pub visible_when: Option<Value>,
    pub section: Option<String>,
}

/// All configurations of the workspace.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Configurations {
    pub configurations: Vec<ConfigurationListItem>,
}

/// A configuration in a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ConfigurationListItem {
    pub id: i64,
    pub name: String,
    pub provider: String,
    pub connectivity: String,
    pub is_default_outbound: bool,
    pub inactive: bool,
    pub inactive_since: Option<Time>,
    pub inactive_reason: Option<String>,
    /// Active ones only.
    pub phone_number_count: i64,
    pub is_ready_for_outbound: bool,
    pub outbound_blocked_reason: Option<String>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A configuration, whole.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ConfigurationDetail {
    pub id: i64,
    pub name: String,
    pub provider: String,
    pub connectivity: String,
    pub is_default_outbound: bool,
    pub inactive: bool,
    pub inactive_since: Option<Time>,
    pub inactive_reason: Option<String>,
    /// The provider's settings; no secret is among them.
    #[schema(value_type = Object)]
    pub credentials: Map<String, Value>,
    #[schema(value_type = Option<Object>)]
    pub sip_connectivity: Option<Value>,
    pub setup_checklist: SetupChecklist,
    pub supports_trunks: bool,
    #[schema(value_type = Vec<Object>)]
    pub trunks: Vec<Value>,
    pub created_at: Time,
    pub updated_at: Time,
}

/// How far a configuration is set up.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SetupChecklist {
    pub ready_for_outbound: bool,
    pub outbound_blocked_reason: Option<String>,
    pub steps: Vec<SetupStep>,
    pub docs_url: Option<String>,
}

/// One thing to set up.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SetupStep {
    /// Stable (contract §15).
    pub key: String,
    pub title: String,
    pub description: String,
    pub complete: bool,
    pub blocks_outbound: bool,
}

/// A configuration to create.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ConfigurationCreate {
    /// 1 to 64 characters, unique in the workspace.
    pub name: String,
    #[serde(default)]
    pub is_default_outbound: bool,
    /// `provider` and that provider's fields.
    #[schema(value_type = Object)]
    pub config: Map<String, Value>,
}

/// What to change.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct ConfigurationUpdate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// As on creation; the provider cannot change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub config: Option<Map<String, Value>>,
}

/// Always zeros here: neither carrier is offered without its secret.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ConfigurationWarnings {
    pub telnyx_missing_webhook_public_key_count: i64,
    pub vonage_missing_signature_secret_count: i64,
}

/// What a deletion answers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Message {
    pub message: String,
}
