//! What every handler can reach. One value, made once at the start, cloned as a pointer.

use crate::downloads::Downloads;
use crate::engine::Engine;
use crate::inspector::Inspector;
use crate::reach::Reach;
use crate::retention::Retention;
use crate::sign_in::SignIn;
use crate::switch::Switch;
use crate::web::Pages;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use switchhook_core::ids::WorkspaceId;
use switchhook_core::ports::{Artifacts, Clock, Secrets, Store, Vault, Voice};
use tokio_util::sync::CancellationToken;

/// Why a listener does not listen, with the way out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}; {fix}")]
pub struct ListenProblem {
    pub message: String,
    pub fix: String,
}

/// Where a listener listens, or why not. `None` is switched off.
pub type Listening = Option<Result<SocketAddr, ListenProblem>>;

/// See the module.
pub struct AppState {
    pub store: Arc<dyn Store>,
    pub artifacts: Arc<dyn Artifacts>,
    pub voice: Arc<dyn Voice>,
    pub secrets: Arc<dyn Secrets>,
    pub vault: Arc<dyn Vault>,
    pub clock: Arc<dyn Clock>,
    pub engine: Arc<Engine>,
    pub inspector: Inspector,
    /// Held from reading a workspace's settings to writing them changed, so that of two changes at
    /// once neither undoes the other.
    pub changing_settings: tokio::sync::Mutex<()>,
    pub retention: Retention,
    pub downloads: Downloads,
    pub sign_in: SignIn,
    pub data_dir: PathBuf,
    /// The workspace of the person at the window: the first.
    pub home: WorkspaceId,
    /// Why the database is open for reading alone, with the way out; `None` when all is well.
    pub damage: Option<String>,
    /// Names besides loopback that the control listener answers to.
    pub allow_hosts: Vec<String>,
    /// The window's pages, where this server hands them out.
    pub web: Option<Box<dyn Pages>>,
    /// Cancelled when the server stops; streams end by it.
    pub stopping: CancellationToken,
    pub reach: Reach,
    /// Read by [`AppState::public`].
    pub public: Mutex<Listening>,
    /// Read by [`AppState::control`].
    pub control: Mutex<Listening>,
    /// Where the control listener is the person's to switch.
    pub control_switch: Option<Switch>,
    /// Where it is the person's to say whether triggers are taken from the network.
    pub network_switch: Option<Switch>,
}

/// A pointer to the [`AppState`].
#[derive(Clone)]
pub struct App(pub Arc<AppState>);

impl Deref for App {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.0
    }
}

impl AppState {
    /// `http://ADDRESS` of the public listener, while it listens.
    pub fn public_url(&self) -> Option<String> {
        url(&self.public())
    }

    /// `http://ADDRESS` of the control listener, while it listens.
    pub fn control_url(&self) -> Option<String> {
        url(&self.control())
    }

    /// Where the public listener listens, or why not; `None` is off.
    pub fn public(&self) -> Listening {
        let public = self.public.lock();
        public.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What [`AppState::public`] says from now on.
    pub fn set_public(&self, listening: Listening) {
        *self.public.lock().unwrap_or_else(PoisonError::into_inner) = listening;
    }

    /// Where the control listener listens, or why not; `None` is off.
    pub fn control(&self) -> Listening {
        let control = self.control.lock();
        control.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What [`AppState::control`] says from now on.
    pub fn set_control(&self, listening: Listening) {
        *self.control.lock().unwrap_or_else(PoisonError::into_inner) = listening;
    }
}

fn url(listening: &Listening) -> Option<String> {
    listening
        .as_ref()?
        .as_ref()
        .ok()
        .map(|address| format!("http://{address}"))
}
