//! The listeners: bound sockets, header deadlines, a bound on connections, a stop that lets
//! replies under way go out. Written on hyper because axum's own loop has no header deadline.

use crate::app::{ListenProblem, Listening};
use axum::Router;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How long a client may take to send its request's head.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Most open connections of one listener; the next one waits to be accepted.
const MAX_CONNECTIONS: usize = 1024;

/// In a request's extensions where its listener may close before the server stops: whatever would go
/// on without end is over when this is cancelled.
#[derive(Clone)]
pub struct Closing(pub CancellationToken);

/// Binds a socket.
///
/// # Errors
/// The problem and the way out, for people.
pub async fn bind(address: SocketAddr, option: &str) -> Result<TcpListener, ListenProblem> {
    TcpListener::bind(address).await.map_err(|error| {
        let fix = match error.kind() {
            io::ErrorKind::AddrInUse => format!("end the program that uses it, or choose another with {option} ADDRESS:PORT (port 0: any free one)"),
            io::ErrorKind::PermissionDenied => format!("choose a port above 1023 with {option} ADDRESS:PORT"),
            _ => format!("choose an address of this computer with {option} ADDRESS:PORT"),
        };
        let message = match error.kind() {
            io::ErrorKind::AddrInUse => format!("{address} is already in use"),
            _ => format!("cannot listen on {address}: {error}"),
        };
        ListenProblem { message, fix }
    })
}

/// Binds a socket, if there is an address, and says where it listens or why not.
pub async fn open(address: Option<SocketAddr>, option: &str) -> (Option<TcpListener>, Listening) {
    let Some(address) = address else {
        return (None, None);
    };
    let bound = bind(address, option).await.and_then(|socket| {
        let message = |error: io::Error| ListenProblem {
            message: error.to_string(),
            fix: "try again".to_owned(),
        };
        let address = socket.local_addr().map_err(message)?;
        Ok((socket, address))
    });
    match bound {
        Ok((socket, address)) => (Some(socket), Some(Ok(address))),
        Err(problem) => (None, Some(Err(problem))),
    }
}

/// Serves until cancelled, and then until the last connection is over.
pub async fn serve(listener: TcpListener, router: Router, cancel: CancellationToken) {
    take(listener, router, cancel).await.wait().await;
}

/// Takes connections until cancelled. The socket is closed then; connections that have a reply under
/// way are what is waited for.
pub async fn take(listener: TcpListener, router: Router, cancel: CancellationToken) -> TaskTracker {
    let connections = TaskTracker::new();
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = cancel.cancelled() => break,
            accepted = accept(&listener, &room) => accepted,
        };
        let Some((stream, permit)) = accepted else {
            continue;
        };
        let service = TowerToHyperService::new(router.clone());
        let cancel = cancel.clone();
        connections.spawn(async move {
            let _permit = permit;
            let mut http = hyper::server::conn::http1::Builder::new();
            http.timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIMEOUT);
            let connection = http.serve_connection(TokioIo::new(stream), service);
            tokio::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = cancel.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    connections.close();
    connections
}

async fn accept(
    listener: &TcpListener,
    room: &Arc<Semaphore>,
) -> Option<(tokio::net::TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let permit = room.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((stream, _)) => {
            // Replies are small and must not wait for an acknowledgement.
            let _ = stream.set_nodelay(true);
            Some((stream, permit))
        }
        Err(error) => {
            // Out of file descriptors, usually: wait a moment rather than spin.
            tracing::warn!(%error, "a connection could not be accepted");
            tokio::time::sleep(Duration::from_millis(100)).await;
            None
        }
    }
}
