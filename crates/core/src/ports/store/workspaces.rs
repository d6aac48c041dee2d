//! Workspaces and their settings. Everything else that is stored hangs below a workspace, except
//! what belongs to this computer ([`super::Instances`]).

use super::Stored;
use crate::ids::WorkspaceId;
use async_trait::async_trait;
use jiff::Timestamp;

/// A workspace (the compatible API says organization).
#[derive(Clone, Debug)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    pub created_at: Timestamp,
}

/// What a workspace's people like (contract §6.6).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// Called where a test call names no number.
    pub test_phone_number: Option<String>,
    pub timezone: Option<String>,
    /// Whether forms offer what has to do with an external PBX.
    pub external_pbx_integrations: bool,
}

/// The settings of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// At least 1.
    pub concurrent_calls: u32,
    /// Requests per key; `None` does not limit.
    pub requests_per_second: Option<u32>,
    /// ISO 3166 alpha-2.
    pub default_country: Option<String>,
    /// What callers outside reach the public listener by.
    pub public_base_url: Option<String>,
    /// Whether the request inspector keeps the bodies of trigger requests.
    pub record_request_bodies: bool,
    /// After so long they are forgotten; `None` keeps them as long as their requests.
    pub keep_request_bodies_hours: Option<u32>,
    /// Runs that are over are forgotten after so long; `None` keeps them.
    pub keep_runs_days: Option<u32>,
}

/// Workspaces and their settings.
#[async_trait]
pub trait Workspaces {
    /// All workspaces, oldest first.
    async fn workspaces(&self) -> Stored<Vec<Workspace>>;
    /// Adds an empty workspace; `NameTaken` when another has the name.
    async fn create_workspace(&self, name: String, at: Timestamp) -> Stored<Workspace>;
    /// Renames a workspace; `None` when there is none, `NameTaken` when another has the name.
    async fn rename_workspace(
        &self,
        id: WorkspaceId,
        name: String,
        at: Timestamp,
    ) -> Stored<Option<Workspace>>;
    /// Deletes a workspace with its agents, keys and configurations; `false` when there is none,
    /// `InUse` for the first one and while it has runs, which are kept.
    async fn delete_workspace(&self, id: WorkspaceId) -> Stored<bool>;
    /// A workspace's preferences; none where nothing was set.
    async fn preferences(&self, workspace: WorkspaceId) -> Stored<Preferences>;
    /// Replaces a workspace's preferences.
    async fn put_preferences(
        &self,
        workspace: WorkspaceId,
        preferences: Preferences,
        at: Timestamp,
    ) -> Stored<()>;
    /// A workspace's settings; the defaults where nothing was set.
    async fn settings(&self, workspace: WorkspaceId) -> Stored<Settings>;
    /// Replaces a workspace's settings.
    async fn put_settings(
        &self,
        workspace: WorkspaceId,
        settings: Settings,
        at: Timestamp,
    ) -> Stored<()>;
}
