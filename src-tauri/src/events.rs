//! Live events on their way to the page, one stream per instance. The streams are followed here and
//! not in the page, which opens no sockets; they resume by themselves until the page looks away.

use crate::failure::Failure;
use crate::remotes::Remotes;
use crate::server::Server;
use serde::Serialize;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, PoisonError};
use switchhook_client::events::{Signal, follow};
use tauri::State;
use tauri::async_runtime::{JoinHandle, spawn};
use tauri::ipc::Channel;
use tokio::sync::oneshot;

/// The streams being followed, by instance.
#[derive(Default)]
pub struct Subscriptions(Mutex<HashMap<String, JoinHandle<()>>>);

impl Subscriptions {
    /// Puts a stream in the place of the one before it, which ends: a page that was loaded again
    /// has forgotten its old channel.
    fn replace(&self, instance_id: String, stream: Option<JoinHandle<()>>) {
        let mut streams = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let before = match stream {
            Some(stream) => streams.insert(instance_id, stream),
            None => streams.remove(&instance_id),
        };
        if let Some(before) = before {
            before.abort();
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

/// Follows an instance's events; returns at the first connection.
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
    let home = server.home().await?;
    let instance = remotes.instance(&home, &instance_id).await?;
    let (connected, first) = oneshot::channel();
    let mut connected = Some(connected);
    let stream = spawn(async move {
        let tell = |signal| {
            let messages = match signal {
                Signal::Connected { gap } => {
                    if let Some(connected) = connected.take() {
                        // Nobody waits any more when the window is gone.
                        let _ = connected.send(());
                    }
                    let resync = gap.then(|| Message::of_stream("resync"));
                    [Some(Message::of_stream("connected")), resync]
                }
                Signal::Disconnected => [Some(Message::of_stream("disconnected")), None],
                Signal::Event(event) => [
                    Some(Message {
                        id: event.id,
                        event: event.event,
                        data: event.data,
                    }),
                    None,
                ],
            };
            for message in messages.into_iter().flatten() {
                if channel.send(message).is_err() {
                    return ControlFlow::Break(());
                }
            }
            ControlFlow::Continue(())
        };
        follow(&instance, tell).await;
    });
    subscriptions.replace(instance_id, Some(stream));
    // An error means that another subscription took this one's place.
    let _ = first.await;
    Ok(())
}

/// Follows an instance's events no more.
#[tauri::command]
pub fn unsubscribe(subscriptions: State<'_, Subscriptions>, instance_id: String) {
    subscriptions.replace(instance_id, None);
}
