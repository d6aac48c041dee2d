//! Telephony configurations with their numbers. Credentials pass through sealed; who opens them is
//! [`crate::ports::Vault`].

use super::Stored;
use crate::ids::{AgentId, PhoneNumberId, TelephonyConfigurationId, TrunkId, WorkspaceId};
use crate::telephony::{PhoneNumber, TelephonyConfiguration, Trunk};
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
    /// SHA-256 of the provider and the account's id; `None` without an account.
    pub account_hash: Option<[u8; 32]>,
    pub at: Timestamp,
}

/// What to change.
#[derive(Clone, Debug, Default)]
pub struct ConfigurationChange {
    pub name: Option<String>,
    pub settings: Option<Value>,
    /// As in [`NewConfiguration`]; replaced together with the settings.
    pub account_hash: Option<[u8; 32]>,
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
    pub inbound_agent_id: Option<AgentId>,
    pub trunk_id: Option<TrunkId>,
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
    /// `Some(None)` takes it away.
    pub inbound_agent_id: Option<Option<AgentId>>,
    /// `Some(None)` takes it away.
    pub trunk_id: Option<Option<TrunkId>>,
}

/// A trunk to create.
#[derive(Clone, Debug)]
pub struct NewTrunk {
    pub name: String,
    pub is_enabled: bool,
    pub settings: Value,
    pub at: Timestamp,
}

/// What to change; `None` leaves as it is (contract §6.5).
#[derive(Clone, Debug, Default)]
pub struct TrunkChange {
    pub name: Option<String>,
    pub is_enabled: Option<bool>,
    pub settings: Option<Value>,
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
    /// Changes one; `NameTaken` within the workspace, `NumberTaken` when another account would have
    /// a number twice.
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
    /// Adds a number; `NumberTaken` when the workspace, or the same account at the carrier in any
    /// workspace, has the normalised address already.
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
    /// The names of the agents that are to answer calls to a configuration's numbers.
    async fn inbound_agents(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
    ) -> Stored<Vec<(PhoneNumberId, String)>>;
    /// Adds a trunk; `NameTaken` within the configuration, `None` when there is no configuration.
    async fn create_trunk(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        trunk: NewTrunk,
    ) -> Stored<Option<Trunk>>;
    /// Changes a trunk; `NameTaken` within the configuration.
    async fn change_trunk(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        id: TrunkId,
        change: TrunkChange,
        at: Timestamp,
    ) -> Stored<Option<Trunk>>;
    /// Removes a trunk; `false` when there is none, `InUse` while numbers call through it.
    async fn delete_trunk(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        id: TrunkId,
        at: Timestamp,
    ) -> Stored<bool>;
}
