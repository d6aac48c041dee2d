//! Putting a server together: lock the data folder, open the database and the secrets, take up open
//! runs, bind the listeners. The same for the command line and the desktop; only what a taken port
//! means differs, and that is the caller's to decide: it is reported, not fatal, in here.

use crate::app::{App, AppState, Listening};
use crate::auth::InProcess;
use crate::downloads::Downloads;
use crate::engine::{Engine, Equipment};
use crate::inspector::Inspector;
use crate::reach::Reach;
use crate::retention::{self, Retention};
use crate::sign_in::SignIn;
use crate::switch::{self, Lock, Served, Switch, Switched};
use crate::web::Pages;
use crate::{indexing, listen, openapi, sealing};
use axum::Router;
use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use secrecy::SecretString;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use switchhook_core::ports::{Artifacts, Clock, Secrets, Store, StoreError, Voice};
use switchhook_dialers::{Espeak, Http, NoTls};
use switchhook_store::{
    Database, LastRestore, LockError, OpenError, RestoreError, SecretsKind, ServerLock,
    lock_server, open_secrets, open_vault,
};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{ServiceExt, util::BoxCloneSyncService};

/// How long a stop waits for replies and dials under way; longer than a dial may take.
const STOP_PATIENCE: Duration = Duration::from_secs(20);

/// The control routes as a service without a socket: what the desktop's window uses.
pub type LocalService = BoxCloneSyncService<
    ::http::Request<Bytes>,
    ::http::Response<UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>>,
    Infallible,
>;

/// What a server is started with.
pub struct Options {
    /// Made when it does not exist.
    pub data_dir: PathBuf,
    pub public: SocketAddr,
    /// `None` switches the control listener off.
    pub control: Option<SocketAddr>,
    /// Where the control listener listens once the person at the window has switched it on; `None`
    /// where it is not theirs to switch. Only looked at while `control` is `None`.
    pub control_switch: Option<SocketAddr>,
    /// Whether the person at the window may have the public listener take triggers from the network,
    /// too.
    pub network_switch: bool,
    /// Names besides loopback that the control listener answers to.
    pub allow_hosts: Vec<String>,
    pub secrets: SecretsKind,
    /// Opens the sealed file.
    pub passphrase: Option<SecretString>,
    /// Wins over the workspace's setting.
    pub concurrent_calls: Option<u32>,
    /// The window's pages for browsers.
    pub web: Option<Box<dyn Pages>>,
}

/// Why a server could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another server holds the data folder, or the lock cannot be used.
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Restore(#[from] RestoreError),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Tls(#[from] NoTls),
}

/// A running server. Call [`Running::stop`] to end it; dropping it ends it without patience.
pub struct Running {
    app: App,
    control: Router,
    cancel: CancellationToken,
    listeners: TaskTracker,
    lock: Lock,
}

struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> jiff::Timestamp {
        jiff::Timestamp::now()
    }
}

/// Starts a server. A listener that cannot be bound is told by [`Running::public`] and
/// [`Running::control`].
///
/// # Errors
/// When the data folder is in use, unreadable or newer than this program.
pub async fn start(options: Options) -> Result<Running, StartError> {
    let Options {
        data_dir,
        public,
        control,
        control_switch,
        network_switch,
        allow_hosts,
        secrets,
        passphrase,
        concurrent_calls,
        web,
    } = options;
    let (database, lock, secrets, damage) = open(data_dir.clone(), secrets, passphrase).await?;
    let database = Arc::new(database);
    if damage.is_none()
        && let Err(error) = database.tidy_artifacts().await
    {
        tracing::warn!(%error, "the recordings of interrupted calls stay until the next start");
    }
    let artifacts: Arc<dyn Artifacts> = database.clone();
    let store: Arc<dyn Store> = database;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let home = store
        .workspaces()
        .await?
        .first()
        .map(|workspace| workspace.id);
    let home = home.ok_or_else(|| StoreError::Unavailable("there is no workspace".to_owned()))?;
    let control_switch = control_switch.filter(|_| control.is_none());
    let was_chosen = match control_switch {
        Some(_) => store.is_control_listener_on().await?,
        None => false,
    };
    let control = control.or(control_switch.filter(|_| was_chosen));
    let is_open = network_switch && store.is_public_on_network().await?;
    let (switch, orders) = control_switch.map(|_| Switch::new()).unzip();
    let (to_network, network_orders) = network_switch.then(Switch::new).unzip();
    let vault = open_vault(secrets.clone());
    let voice: Arc<dyn Voice> = Espeak::new();
    let equipment = Equipment {
        http: Arc::new(Http::new()?),
        artifacts: artifacts.clone(),
        voice: voice.clone(),
    };
    let engine = Engine::new(
        store.clone(),
        clock.clone(),
        vault.clone(),
        equipment,
        concurrent_calls,
    );
    match &damage {
        None => engine.recover().await?,
        Some(damage) => tracing::error!("{damage}"),
    }
    let downloads = Downloads::new(&download_key(store.as_ref()).await);
    let cancel = CancellationToken::new();
    let inspector = Inspector::new(clock.now());
    let app = App(Arc::new(AppState {
        store,
        artifacts,
        voice,
        secrets,
        vault,
        clock,
        engine,
        inspector,
        changing_settings: tokio::sync::Mutex::default(),
        retention: Retention::default(),
        downloads,
        sign_in: SignIn::default(),
        data_dir,
        home,
        damage,
        allow_hosts,
        web,
        stopping: cancel.clone(),
        reach: Reach::default(),
        public: Mutex::default(),
        control: Mutex::default(),
        control_switch: switch,
        network_switch: to_network,
    }));
    let listeners = TaskTracker::new();
    let control_router = openapi::control(&app);
    // Bound both before either serves: what a first request is told must already be true.
    let at_public = Switched::Public(public);
    let (public_socket, listening) = at_public.open(is_open).await;
    // A port that the system chose is the one that is meant from now on.
    let bound = listening.as_ref().and_then(|bound| bound.as_ref().ok());
    let at_public = bound.map_or(at_public, |bound| {
        Switched::Public((public.ip(), bound.port()).into())
    });
    app.set_public(listening);
    let (control_socket, listening) = listen::open(control, "--control").await;
    app.set_control(listening);
    let lock: Lock = Arc::new(Mutex::new(Some(lock)));
    switch::note_addresses(&lock, &app);
    let served = |router: Router| Served {
        app: app.clone(),
        router,
        lock: lock.clone(),
        stop: cancel.clone(),
    };
    let public_router = openapi::public(&app);
    if let Some(orders) = network_orders {
        let (served, first) = (served(public_router), (is_open, public_socket));
        listeners.spawn(switch::keep(served, at_public, first, orders));
    } else if let Some(socket) = public_socket {
        listeners.spawn(listen::serve(socket, public_router, cancel.clone()));
    }
    if let (Some(address), Some(orders)) = (control_switch, orders) {
        let (served, first) = (served(control_router.clone()), (was_chosen, control_socket));
        let switched = Switched::Control(address);
        listeners.spawn(switch::keep(served, switched, first, orders));
    } else if let Some(socket) = control_socket {
        listeners.spawn(listen::serve(
            socket,
            control_router.clone(),
            cancel.clone(),
        ));
    }
    if app.damage.is_none() {
        listeners.spawn(indexing::keep_up(app.store.clone(), cancel.clone()));
        listeners.spawn(sealing::seal_earlier(
            app.store.clone(),
            app.vault.clone(),
            cancel.clone(),
        ));
        listeners.spawn(retention::keep_up(app.clone(), cancel.clone()));
    }
    listeners.close();
    Ok(Running {
        app,
        control: control_router,
        cancel,
        listeners,
        lock,
    })
}

/// The key that signs download tokens. Where the database cannot keep one, tokens open until the
/// next start.
async fn download_key(store: &dyn Store) -> [u8; 32] {
    let mut fresh = [0u8; 32];
    getrandom::fill(&mut fresh).expect("the operating system gives randomness");
    store.download_key(fresh).await.unwrap_or(fresh)
}

/// The last is why the database is open for reading alone.
type Opened = (Database, ServerLock, Arc<dyn Secrets>, Option<String>);

/// Blocking work on a thread for it: a keychain may ask its owner for a password.
async fn open(
    dir: PathBuf,
    kind: SecretsKind,
    passphrase: Option<SecretString>,
) -> Result<Opened, StartError> {
    let opened = tokio::task::spawn_blocking(move || -> Result<Opened, StartError> {
        let lock = lock_server(&dir, None, None)?;
        let is_restored = Database::apply_restore(&dir, jiff::Timestamp::now())?;
        let (database, damage) = match Database::open(&dir) {
            Ok(database) => (database, None),
            // What happened can still be read; nothing is dialled.
            Err(error @ OpenError::Damaged { .. }) => {
                (Database::open_rescue(&dir)?, Some(error.to_string()))
            }
            Err(error) => return Err(error.into()),
        };
        if let Some(last) = Database::last_restore(&dir).filter(|_| is_restored) {
            tell_restore(&last);
        }
        let secrets = Arc::from(open_secrets(kind, passphrase, &dir));
        Ok((database, lock, secrets, damage))
    });
    opened
        .await
        .map_err(|error| StoreError::Unavailable(error.to_string()))?
}

/// A restore is for the log, too: a server without a window has nothing else to tell it by.
fn tell_restore(last: &LastRestore) {
    let kept = last.replaced.as_deref().unwrap_or("none");
    if last.is_whole {
        tracing::warn!(
            kept,
            "a backup was put back; the database from before is kept"
        );
    } else {
        tracing::error!(
            kept,
            "a backup was put back, and what happened since it was made could not be read: API keys that were archived since open again, so look them through; a program that repeats an old request may call again"
        );
    }
}

impl Running {
    /// Where the public listener listens, or why not.
    #[must_use]
    pub fn public(&self) -> Listening {
        self.app.public()
    }

    /// Where the control listener listens, or why not; `None` is off.
    #[must_use]
    pub fn control(&self) -> Listening {
        self.app.control()
    }

    /// A link that signs a browser in, once; `None` while the control listener does not listen.
    #[must_use]
    pub fn sign_in_link(&self) -> Option<String> {
        let url = self.app.control_url()?;
        Some(format!(
            "{url}/#sign-in={}",
            self.app.sign_in.link(self.app.clock.now())
        ))
    }

    /// The store and the secrets, for what is not the server's: the desktop's instances.
    #[must_use]
    pub fn store(&self) -> (Arc<dyn Store>, Arc<dyn Secrets>) {
        (self.app.store.clone(), self.app.secrets.clone())
    }

    /// The control routes without a socket, with the rights of the person at the window.
    #[must_use]
    pub fn local(&self) -> LocalService {
        let router = self.control.clone();
        let service = tower::service_fn(move |mut request: ::http::Request<Bytes>| {
            request.extensions_mut().insert(InProcess);
            let router = router.clone();
            async move {
                let response = router.oneshot(request.map(axum::body::Body::from)).await?;
                Ok(response.map(|body| UnsyncBoxBody::new(body.map_err(Into::into))))
            }
        });
        BoxCloneSyncService::new(service)
    }

    /// Ends the server: no new triggers, replies and dials under way get their answer, calls are
    /// left to their carriers.
    pub async fn stop(self) {
        self.app.engine.stop_taking();
        self.app.engine.finish(STOP_PATIENCE).await;
        self.cancel.cancel();
        if tokio::time::timeout(STOP_PATIENCE, self.listeners.wait())
            .await
            .is_err()
        {
            tracing::warn!("connections were still open at the end");
        }
        self.release();
    }
}

impl Running {
    /// Lets go of the data folder's lock, whoever still holds a part of the server.
    fn release(&self) {
        let mut lock = self.lock.lock().unwrap_or_else(PoisonError::into_inner);
        drop(lock.take());
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.release();
    }
}
