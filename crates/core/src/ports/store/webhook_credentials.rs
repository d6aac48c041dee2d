//! What webhooks authenticate with (contract §8.3). The data passes through sealed; who opens it is
//! [`crate::ports::Vault`].

use super::Stored;
use crate::ids::WorkspaceId;
use async_trait::async_trait;
use jiff::Timestamp;
use uuid::Uuid;

/// How a webhook authenticates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialKind {
    None,
    ApiKey,
    BearerToken,
    BasicAuth,
    CustomHeader,
}

impl CredentialKind {
    /// Every kind, in the reference's order.
    pub const ALL: [Self; 5] = [
        Self::None,
        Self::ApiKey,
        Self::BearerToken,
        Self::BasicAuth,
        Self::CustomHeader,
    ];

    /// The word in storage and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::ApiKey => "api_key",
            Self::BearerToken => "bearer_token",
            Self::BasicAuth => "basic_auth",
            Self::CustomHeader => "custom_header",
        }
    }

    /// Reads the word back; `None` for any other.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// The members that its data must have (contract §8.2).
    #[must_use]
    pub const fn members(self) -> &'static [&'static str] {
        match self {
            Self::None => &[],
            Self::ApiKey => &["header_name", "api_key"],
            Self::BearerToken => &["token"],
            Self::BasicAuth => &["username", "password"],
            Self::CustomHeader => &["header_name", "header_value"],
        }
    }
}

/// A credential with its data sealed.
#[derive(Clone, Debug)]
pub struct WebhookCredential {
    pub uuid: Uuid,
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub description: Option<String>,
    pub kind: CredentialKind,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    /// `None` where the kind has no data.
    pub sealed: Option<Vec<u8>>,
}

/// A credential to create.
#[derive(Clone, Debug)]
pub struct NewWebhookCredential {
    pub uuid: Uuid,
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub description: Option<String>,
    pub kind: CredentialKind,
    pub sealed: Option<Vec<u8>>,
    pub at: Timestamp,
}

/// What to change; `None` leaves as it is.
#[derive(Clone, Debug, Default)]
pub struct WebhookCredentialChange {
    pub name: Option<String>,
    pub description: Option<String>,
    /// The kind with its data, sealed; one never changes without the other.
    pub data: Option<(CredentialKind, Option<Vec<u8>>)>,
}

/// What webhooks authenticate with.
#[async_trait]
pub trait WebhookCredentials {
    /// A workspace's credentials, oldest first.
    async fn webhook_credentials(&self, workspace: WorkspaceId) -> Stored<Vec<WebhookCredential>>;
    /// One of them.
    async fn webhook_credential(
        &self,
        workspace: WorkspaceId,
        uuid: Uuid,
    ) -> Stored<Option<WebhookCredential>>;
    /// Creates one; `NameTaken` within the workspace.
    async fn create_webhook_credential(
        &self,
        credential: NewWebhookCredential,
    ) -> Stored<WebhookCredential>;
    /// Changes one; `NameTaken` within the workspace.
    async fn change_webhook_credential(
        &self,
        workspace: WorkspaceId,
        uuid: Uuid,
        change: WebhookCredentialChange,
        at: Timestamp,
    ) -> Stored<Option<WebhookCredential>>;
    /// Deletes one; `false` when there is none.
    async fn delete_webhook_credential(&self, workspace: WorkspaceId, uuid: Uuid) -> Stored<bool>;
}
