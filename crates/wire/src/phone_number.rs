//! Phone numbers of telephony configurations (contract §6.3).

use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A configuration's numbers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PhoneNumbers {
    pub phone_numbers: Vec<PhoneNumber>,
}

/// A number.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PhoneNumber {
    pub id: i64,
    pub telephony_configuration_id: i64,
    /// As it was entered.
    pub address: String,
    pub address_normalized: String,
    /// `pstn`, `sip_uri` or `sip_extension`.
    pub address_type: String,
    pub country_code: Option<String>,
    pub label: Option<String>,
    /// The agent that is to answer calls to it; no calls are taken yet.
    pub inbound_workflow_id: Option<i64>,
    /// In the list only.
    pub inbound_workflow_name: Option<String>,
    pub telephony_trunk_id: Option<i64>,
    pub is_active: bool,
    pub is_default_caller_id: bool,
    #[schema(value_type = Object)]
    pub extra_metadata: Value,
    pub created_at: Time,
    pub updated_at: Time,
    pub provider_sync: Option<ProviderSync>,
}

/// What became of telling the carrier; `ok: false` is a warning, the number is saved.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ProviderSync {
    pub ok: bool,
    pub message: Option<String>,
}

/// A number to add.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PhoneNumberCreate {
    /// 1 to 255 characters; a number without `+` needs `country_code`.
    #[schema(min_length = 1, max_length = 255)]
    pub address: String,
    /// Two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    /// At most 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbound_workflow_id: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephony_trunk_id: Option<i64>,
    /// True unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_default_caller_id: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub extra_metadata: Option<Map<String, Value>>,
}

/// What to change; absent and null leave as it is. The address never changes.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct PhoneNumberUpdate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub extra_metadata: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inbound_workflow_id: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephony_trunk_id: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_inbound_workflow: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_trunk: Option<bool>,
}

/// What a deletion answers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PhoneNumberDeleted {
    pub message: String,
    pub provider_sync: ProviderSync,
}
