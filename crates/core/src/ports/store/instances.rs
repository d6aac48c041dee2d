//! Other servers that the window reaches, and triggers kept for them; they belong to this computer,
//! not to a workspace.

use super::Stored;
use crate::ids::{InstanceId, SavedTriggerId};
use async_trait::async_trait;

/// Another Switchhook or Dograh that the window reaches. Its API key is in [`crate::ports::Secrets`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    pub id: InstanceId,
    pub name: String,
    /// Scheme, host and port, without a path.
    pub url: String,
    /// One of the window's colour names.
    pub colour: String,
}

/// A trigger of another instance, kept by its URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedTrigger {
    pub id: SavedTriggerId,
    pub instance_id: InstanceId,
    pub name: String,
    /// The trigger path, without mode.
    pub path: String,
}

/// Instances and saved triggers; they belong to this computer, not to a workspace.
#[async_trait]
pub trait Instances {
    /// All instances, oldest first.
    async fn instances(&self) -> Stored<Vec<Instance>>;
    /// Adds one, or replaces the one with this id; `NameTaken` when another has the name.
    async fn save_instance(
        &self,
        id: Option<InstanceId>,
        name: String,
        url: String,
        colour: String,
    ) -> Stored<Instance>;
    /// Removes one with its saved triggers.
    async fn remove_instance(&self, id: InstanceId) -> Stored<()>;
    /// The triggers kept for an instance, oldest first.
    async fn saved_triggers(&self, instance: InstanceId) -> Stored<Vec<SavedTrigger>>;
    /// Keeps a trigger; the same path twice replaces its name.
    async fn save_trigger(
        &self,
        instance: InstanceId,
        name: String,
        path: String,
    ) -> Stored<SavedTrigger>;
    /// Whether a person has switched the control listener on; not while nobody chose.
    async fn is_control_listener_on(&self) -> Stored<bool>;
    /// Keeps what a person chose for the control listener.
    async fn switch_control_listener(&self, is_on: bool) -> Stored<()>;
    /// Whether a person chose that triggers are taken from the network, too.
    async fn is_public_on_network(&self) -> Stored<bool>;
    /// Keeps that choice.
    async fn put_public_on_network(&self, is_on: bool) -> Stored<()>;
    /// Forgets a trigger.
    async fn remove_trigger(&self, id: SavedTriggerId) -> Stored<()>;
}
