//! The listeners' switches: a program whose control listener is off unless asked for (the desktop)
//! lets the person at its window turn it on and off, and say whether the public one takes triggers
//! from the network or from this computer alone. One task owns each socket and its routes, so that
//! nothing that a route holds keeps the server alive; routes send it orders. What was chosen is kept
//! and holds at the next start.

use crate::app::{App, Listening};
use crate::listen::{self, Closing};
use axum::{Extension, Router};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use switchhook_store::ServerLock;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The data folder's lock, which says where the server listens; `None` once it is let go of.
pub type Lock = Arc<Mutex<Option<ServerLock>>>;

/// Says in the lock's file where the server listens: others are told it who find the folder taken.
pub fn note_addresses(lock: &Lock, app: &App) {
    let (public, control) = (app.public_url(), app.control_url());
    if let Some(lock) = &mut *lock.lock().unwrap_or_else(PoisonError::into_inner)
        && let Err(error) = lock.set_addresses(public.as_deref(), control.as_deref())
    {
        tracing::warn!(%error, "the lock file does not say where this server listens");
    }
}

/// A listener that a person switches.
#[derive(Clone, Copy)]
pub enum Switched {
    /// Off it does not listen.
    Control(SocketAddr),
    /// On it listens on every address of this computer, off on this one.
    Public(SocketAddr),
}

impl Switched {
    /// Where it listens; `None` is nowhere.
    #[must_use]
    pub fn address(self, is_on: bool) -> Option<SocketAddr> {
        match self {
            Self::Control(address) => is_on.then_some(address),
            Self::Public(here) if is_on => Some((Ipv4Addr::UNSPECIFIED, here.port()).into()),
            Self::Public(here) => Some(here),
        }
    }

    fn option(self) -> &'static str {
        match self {
            Self::Control(_) => "--control",
            Self::Public(_) => "--public",
        }
    }

    /// Binds its socket, and says where it listens or why not.
    pub async fn open(self, is_on: bool) -> (Option<TcpListener>, Listening) {
        listen::open(self.address(is_on), self.option()).await
    }

    fn tell(self, app: &App, listening: Listening) {
        match self {
            Self::Control(_) => app.set_control(listening),
            Self::Public(_) => app.set_public(listening),
        }
    }

    fn told(self, app: &App) -> Listening {
        match self {
            Self::Control(_) => app.control(),
            Self::Public(_) => app.public(),
        }
    }
}

/// Turn the listener on or off, and say where it listens then.
pub struct Order {
    is_on: bool,
    done: oneshot::Sender<Listening>,
}

/// The routes' end.
#[derive(Clone)]
pub struct Switch(mpsc::Sender<Order>);

impl Switch {
    /// The switch, and the orders that [`keep`] waits for.
    #[must_use]
    pub fn new() -> (Self, mpsc::Receiver<Order>) {
        let (sender, orders) = mpsc::channel(1);
        (Self(sender), orders)
    }

    /// Turns the listener; `None` when the server stops meanwhile.
    pub async fn turn(&self, is_on: bool) -> Option<Listening> {
        let (done, answer) = oneshot::channel();
        self.0.send(Order { is_on, done }).await.ok()?;
        answer.await.ok()
    }
}

/// What a switched listener is served with.
pub struct Served {
    pub app: App,
    pub router: Router,
    pub lock: Lock,
    pub stop: CancellationToken,
}

/// Serves a listener as it is switched, until the server stops. `first` is how it was started.
pub async fn keep(
    served: Served,
    switched: Switched,
    first: (bool, Option<TcpListener>),
    mut orders: mpsc::Receiver<Order>,
) {
    let Served {
        app,
        router,
        lock,
        stop,
    } = served;
    let serving = TaskTracker::new();
    let serve = |socket: TcpListener| {
        let until = stop.child_token();
        let router = router.clone().layer(Extension(Closing(until.clone())));
        let taking = tokio::spawn(listen::take(socket, router, until.clone()));
        (until, taking)
    };
    let (mut was_on, first) = first;
    let mut on = first.map(serve);
    while let Some(Some(Order { is_on, done })) = stop.run_until_cancelled(orders.recv()).await {
        // What could not listen is tried again.
        if is_on != was_on || on.is_none() {
            was_on = is_on;
            // Connections end after their reply; the person's own may be one of them.
            if let Some((until, taking)) = on.take() {
                until.cancel();
                // The socket is closed before anybody hears of it: it may be opened again at once.
                if let Ok(connections) = taking.await {
                    serving.spawn(async move { connections.wait().await });
                }
            }
            let (socket, state) = switched.open(is_on).await;
            on = socket.map(&serve);
            switched.tell(&app, state);
            note_addresses(&lock, &app);
        }
        let _ = done.send(switched.told(&app));
    }
    if let Some((_, taking)) = on
        && let Ok(connections) = taking.await
    {
        connections.wait().await;
    }
    serving.close();
    serving.wait().await;
}
