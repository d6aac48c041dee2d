//! Live events on their way to the page, one stream per instance. The streams are followed here and
//! not in the page, which opens no sockets; they resume by themselves until the page looks away.

use crate::failure::Failure;
use crate::remotes::Remotes;
use crate::server::{SHUTTING_DOWN, Server};
use serde::Serialize;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use switchhook_client::Instance;
use switchhook_client::events::{Event, Signal, follow};
use tauri::State;
use tauri::async_runtime::{JoinHandle, spawn};
use tauri::ipc::Channel;
use tokio::sync::oneshot;

/// How long a page waits between two looks at a server that cannot start.
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(2);

/// The streams being followed, by instance.
#[derive(Default)]
pub struct Subscriptions(Mutex<Followed>);

#[derive(Default)]
struct Followed {
    newest: u64,
    streams: HashMap<String, Stream>,
}

struct Stream {
    ticket: u64,
    /// `None` until there is something to follow.
    task: Option<JoinHandle<()>>,
}

impl Subscriptions {
    fn followed(&self) -> MutexGuard<'_, Followed> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the stream of an instance and holds its place for another: a page that was loaded
    /// again has forgotten its old channel.
    fn claim(&self, instance_id: &str) -> u64 {
        self.end(instance_id);
        let mut followed = self.followed();
        followed.newest += 1;
        let ticket = followed.newest;
        let stream = Stream { ticket, task: None };
        followed.streams.insert(instance_id.to_owned(), stream);
        ticket
    }

    fn is_wanted(&self, instance_id: &str, ticket: u64) -> bool {
        let followed = self.followed();
        followed
            .streams
            .get(instance_id)
            .is_some_and(|stream| stream.ticket == ticket)
    }

    /// Puts a stream in its place, or ends it when the place is another's by now.
    fn put(&self, instance_id: &str, ticket: u64, task: JoinHandle<()>) {
        match self.followed().streams.get_mut(instance_id) {
            Some(stream) if stream.ticket == ticket => stream.task = Some(task),
            _ => task.abort(),
        }
    }

    fn end(&self, instance_id: &str) {
        let before = self.followed().streams.remove(instance_id);
        if let Some(task) = before.and_then(|stream| stream.task) {
            task.abort();
        }
    }
}

/// An event, or `connected`, `disconnected` and `resync` (events may have been missed) of the
/// stream itself.
#[derive(Clone, Serialize)]
pub struct Message {
    id: Option<String>,
    event: String,
    data: String,
}

impl Message {
    fn of_stream(event: &str) -> Self {
        Self {
            id: None,
            event: event.to_owned(),
            data: "{}".to_owned(),
        }
    }
}

/// Follows an instance's events; returns at the first connection. Waits for a server that cannot
/// start yet: a page that was opened too early comes to life by itself.
///
/// # Errors
/// The instance is not known, or its key cannot be read.
#[tauri::command]
pub async fn subscribe(
    server: State<'_, Arc<Server>>,
    remotes: State<'_, Remotes>,
    subscriptions: State<'_, Subscriptions>,
    instance_id: String,
    channel: Channel<Message>,
) -> Result<(), Failure> {
    let ticket = subscriptions.claim(&instance_id);
    let home = loop {
        match server.home().await {
            Ok(home) => break home,
            Err(failure) if failure.code == SHUTTING_DOWN => return Err(failure),
            Err(_) if !subscriptions.is_wanted(&instance_id, ticket) => return Ok(()),
            Err(_) => {
                if channel.send(Message::of_stream("disconnected")).is_err() {
                    return Ok(());
                }
                tokio::time::sleep(BETWEEN_ATTEMPTS).await;
            }
        }
    };
    let instance = remotes.instance(&home, &instance_id).await?;
    let (connected, first) = oneshot::channel();
    let task = spawn(forward(instance, channel, connected));
    subscriptions.put(&instance_id, ticket, task);
    // An error means that another subscription took this one's place.
    let _ = first.await;
    Ok(())
}

/// Follows an instance's events no more.
#[tauri::command]
pub fn unsubscribe(subscriptions: State<'_, Subscriptions>, instance_id: String) {
    subscriptions.end(&instance_id);
}

async fn forward(instance: Instance, channel: Channel<Message>, connected: oneshot::Sender<()>) {
    let mut connected = Some(connected);
    follow(&instance, |signal| {
        if matches!(signal, Signal::Connected { .. })
            && let Some(connected) = connected.take()
        {
            // Nobody waits any more when the window is gone.
            let _ = connected.send(());
        }
        let sent = messages(signal)
            .into_iter()
            .try_for_each(|message| channel.send(message));
        match sent {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })
    .await;
}

fn messages(signal: Signal) -> Vec<Message> {
    match signal {
        Signal::Connected { gap: false } => vec![Message::of_stream("connected")],
        Signal::Connected { gap: true } => {
            vec![
                Message::of_stream("connected"),
                Message::of_stream("resync"),
            ]
        }
        Signal::Disconnected => vec![Message::of_stream("disconnected")],
        Signal::Event(Event { id, event, data }) => vec![Message { id, event, data }],
    }
}
