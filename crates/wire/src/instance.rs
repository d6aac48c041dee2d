//! What a server says about itself, and signing a browser in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a window may offer here. A plain Dograh answers 404 instead.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Capabilities {
    /// Always `switchhook`.
    pub product: String,
    pub version: String,
    pub features: Vec<String>,
}

/// The server.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Server {
    pub version: String,
    pub workspace: Workspace,
    /// Triggers and callbacks.
    pub public: Listener,
    /// Everything else.
    pub control: Listener,
    pub data_dir: String,
    pub secrets: Secrets,
    /// What is the matter with the database, which is then open for reading alone.
    pub storage_problem: Option<Trouble>,
}

/// A workspace.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Workspace {
    pub id: i64,
    pub name: String,
}

/// A listener: with a URL, with a problem, or with neither when it is off.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Listener {
    pub url: Option<String>,
    pub problem: Option<Trouble>,
}

/// What is the matter and the way out.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Trouble {
    pub message: String,
    pub fix: String,
}

/// Where secrets rest.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Secrets {
    /// `keychain`, `file` or `none`.
    pub kind: String,
    pub problem: Option<Trouble>,
}

/// Turns a link into a session. It has no `Debug`: that would print the token.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
pub struct SignIn {
    /// What stands behind `#sign-in=` in the link.
    pub token: String,
}

/// A browser's session.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Session {
    /// Always true; who is not signed in gets a 401.
    pub signed_in: bool,
}
