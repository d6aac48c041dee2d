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
    /// Whether the person at the window may switch the control listener.
    pub control_can_be_switched: bool,
    /// Whether the person at the window may have triggers taken from the network, too.
    pub network_can_be_switched: bool,
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
    /// The address by which another computer on the network reaches it; null where it listens on
    /// this computer alone. `url` may name every address at once, which nobody can connect to.
    pub network_url: Option<String>,
    pub problem: Option<Trouble>,
}

/// Switches a listener.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ListenerSwitch {
    pub is_on: bool,
}

/// What became of asking oneself through one's own addresses.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReachChecks {
    pub checks: Vec<ReachCheck>,
}

/// An address of this server, tried.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ReachCheck {
    /// `this-computer`, `network`, `outside` (the public base URL) or `control`.
    pub place: String,
    /// Null where there is no such address.
    pub url: Option<String>,
    /// `reached`, `elsewhere` (something else answers there), `redirected`, `silent` (nothing
    /// answers in time, or not with a certificate that is trusted) or `off` (no such address).
    pub outcome: String,
    pub duration_ms: u64,
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
