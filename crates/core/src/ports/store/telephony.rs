//! Telephony configurations with their numbers. Credentials pass through sealed; who opens them is
//! [`crate::ports::Vault`].

use super::Stored;
use crate::ids::{PhoneNumberId, TelephonyConfigurationId, WorkspaceId};
use crate::telephony::{PhoneNumber, TelephonyConfiguration};
use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::Value;

/// A configuration to create.
#[derive(Clone, Debug)]
pub struct NewConfiguration {
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub provider: String,
    pub is_default: bool,
    pub settings: Value,
    /// The provider's secrets as [`crate::ports::Vault`] sealed them; `None` where it has none.
    pub sealed_credentials: Option<Vec<u8>>,
    pub at: Timestamp,
}

/// What to change.
#[derive(Clone, Debug, Default)]
pub struct ConfigurationChange {
    pub name: Option<String>,
    pub settings: Option<Value>,
    /// Replaces all of them.
    pub sealed_credentials: Option<Vec<u8>>,
    /// `Some(true)` claims the default, which demotes the old one.
    pub is_default: Option<bool>,
    /// `Some(false)` brings an inactive configuration back.
    pub inactive: Option<bool>,
}

/// A number to create.
#[derive(Clone, Debug)]
pub struct NewPhoneNumber {
    pub address: String,
    pub address_normalized: String,
    pub address_type: String,
    pub country_code: Option<String>,
    pub label: Option<String>,
    pub is_active: bool,
    pub is_default_caller_id: bool,
    pub extra_metadata: Value,
    pub at: Timestamp,
}

/// What to change; `None` leaves as it is (contract §6.3).
#[derive(Clone, Debug, Default)]
pub struct PhoneNumberChange {
    pub label: Option<String>,
    pub country_code: Option<String>,
    pub is_active: Option<bool>,
    pub extra_metadata: Option<Value>,
    pub is_default_caller_id: Option<bool>,
}

/// Telephony configurations with their numbers.
#[async_trait]
pub trait Telephony {
    /// All configurations of a workspace with their numbers, by creation.
    async fn configurations(&self, workspace: WorkspaceId) -> Stored<Vec<TelephonyConfiguration>>;
    /// One of them.
    async fn configuration(
        &self,
        workspace: WorkspaceId,
        id: TelephonyConfigurationId,
    ) -> Stored<Option<TelephonyConfiguration>>;
    /// Creates one; `NameTaken` within the workspace.
    async fn create_configuration(
        &self,
        configuration: NewConfiguration,
    ) -> Stored<TelephonyConfiguration>;
    /// Changes one; `NameTaken` within the workspace.
    async fn change_configuration(
        &self,
        workspace: WorkspaceId,
        id: TelephonyConfigurationId,
        change: ConfigurationChange,
        at: Timestamp,
    ) -> Stored<Option<TelephonyConfiguration>>;
    /// Deletes one with its numbers; runs keep its id. `false` when there is none.
    async fn delete_configuration(
        &self,
        workspace: WorkspaceId,
        id: TelephonyConfigurationId,
        at: Timestamp,
    ) -> Stored<bool>;
    /// Adds a number; `NumberTaken` when the workspace has the normalised address already.
    async fn create_phone_number(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        number: NewPhoneNumber,
    ) -> Stored<Option<PhoneNumber>>;
    /// Changes a number; claiming the default demotes the old one.
    async fn change_phone_number(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        id: PhoneNumberId,
        change: PhoneNumberChange,
        at: Timestamp,
    ) -> Stored<Option<PhoneNumber>>;
    /// Removes a number; `false` when there is none.
    async fn delete_phone_number(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        id: PhoneNumberId,
        at: Timestamp,
    ) -> Stored<bool>;
}
