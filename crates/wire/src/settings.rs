//! The settings of a workspace.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// All of them.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Settings {
    /// Most open runs at a time.
    pub concurrent_calls: u32,
    /// Of one key; null does not limit.
    pub requests_per_second: Option<u32>,
    /// ISO 3166 alpha-2, for numbers without `+`.
    pub default_country: Option<String>,
    /// What callers outside reach the public listener by.
    pub public_base_url: Option<String>,
    /// Whether the request inspector keeps the bodies of trigger requests, numbers and contexts in
    /// them: in memory, up to 16 KiB each, until the server ends.
    pub record_request_bodies: bool,
    /// After so long those are forgotten; null keeps them as long as their requests.
    pub keep_request_bodies_hours: Option<u32>,
    /// Runs that are over are forgotten so long after they began, with transcripts and contexts; null
    /// keeps them.
    pub keep_runs_days: Option<u32>,
}

/// Those to change; absent leaves as it is, null takes away.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
pub struct SettingsUpdate {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concurrent_calls: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requests_per_second: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_country: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_base_url: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_request_bodies: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_request_bodies_hours: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_runs_days: Option<u32>,
}
