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
    /// Whether calls can be placed through it; configurations of the others can only be kept.
    pub can_dial: bool,
    pub capabilities: ProviderCapabilities,
}

/// What calls through a provider can do; of one that cannot dial, nothing.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ProviderCapabilities {
    pub hang_up: bool,
    /// The carrier can be asked what became of a call.
    pub look_up: bool,
    pub recording: bool,
    /// Keys are pressed and heard.
    pub dtmf: bool,
    /// A machine that answers is told from a person.
    pub machine_detection: bool,
    /// Who speaks on an answered call: `carrier` (a greeting that it is handed with the dial), `line`
    /// (the agent) or `none`.
    pub speech: String,
    /// No call can be followed without a public base URL.
    pub needs_public_url: bool,
    /// How far a call can be followed by asking: `full`, `alive-only` or `none`.
    pub polling: String,
}

/// A field of a provider's settings form.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ProviderField {
    pub name: String,
    pub label: String,
    /// `text`, `password`, `textarea`, `checkbox`, `select`, `readonly` or `string-array`.
    #[serde(rename = "type")]
    pub kind: String,
    pub required: bool,
    pub sensitive: bool,
    pub description: Option<String>,
    pub placeholder: Option<String>,
    pub options: Option<Vec<ProviderOption>>,
    /// Only to be shown while another field has a value.
    pub visible_when: Option<ProviderCondition>,
    /// The heading it stands under.
    pub section: Option<String>,
}

/// One value of a `select`.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ProviderOption {
    pub value: String,
    pub label: String,
}

/// Another field's value.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ProviderCondition {
    pub field: String,
    pub equals: Value,
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
    /// The provider's settings; secrets are masked.
    #[schema(value_type = Object)]
    pub credentials: Map<String, Value>,
    #[schema(value_type = Option<Object>)]
    pub sip_connectivity: Option<Value>,
    /// Null where there is nothing to set up.
    pub setup_checklist: Option<SetupChecklist>,
    pub supports_trunks: bool,
    pub trunks: Vec<Trunk>,
    pub is_ready_for_outbound: bool,
    pub outbound_blocked_reason: Option<String>,
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
    #[schema(min_length = 1, max_length = 64)]
    pub name: String,
    #[serde(default)]
    pub is_default_outbound: bool,
    /// `provider` and that provider's fields.
    #[schema(value_type = Object, example = json!({"provider": "desk_phone"}))]
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

/// How many configurations could not verify their carrier's callbacks.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ConfigurationWarnings {
    pub telnyx_missing_webhook_public_key_count: i64,
    pub vonage_missing_signature_secret_count: i64,
}

/// One way through a carrier (contract §6.5).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Trunk {
    pub id: i64,
    pub name: String,
    pub enabled: bool,
    /// `region` and `sip_domain`.
    #[schema(value_type = Object)]
    pub settings: Value,
    pub phone_number_count: i64,
    pub created_at: Time,
    pub updated_at: Time,
}

/// A configuration's trunks.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Trunks {
    pub trunks: Vec<Trunk>,
}

/// A trunk to add.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TrunkCreate {
    /// 1 to 64 letters, digits and hyphens, unique in the configuration.
    #[schema(pattern = "^[A-Za-z0-9-]{1,64}$")]
    pub name: String,
    /// True unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub settings: Option<Map<String, Value>>,
}

/// What to change; absent and null leave as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct TrunkUpdate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub settings: Option<Map<String, Value>>,
}

/// What a deletion answers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Message {
    pub message: String,
}

/// What became of verifying a configuration's account.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Verification {
    /// `verified`, `refused`, `unknown` or `not-offered`.
    pub outcome: String,
    /// `caller` (whoever keeps the configuration), `carrier`, `switchhook` or `unknown`; null where
    /// nothing is wrong.
    pub side: Option<String>,
    /// What the carrier said, in words.
    pub message: String,
    /// What to do now; null for nothing.
    pub next: Option<String>,
    pub duration_ms: u64,
}
