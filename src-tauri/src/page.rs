//! What the shell has to say to the page: a number from a link, a question before the end, a call to
//! fire again. Said over one channel that the page opens once it is there; what comes before that
//! waits for it.

use crate::calls::Call;
use serde::Serialize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tauri::State;
use tauri::ipc::Channel;

/// Nobody clicks on more links before the window is there; the oldest give way.
const MOST_WAITING: usize = 8;

#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Message {
    /// A number to put on the form.
    Prefill { number: String },
    /// Somebody wants to quit while these calls are going on.
    QuitAsked { calls: Vec<Call> },
    /// A run to put on the form again.
    FireAgain { run_id: i64 },
    /// A run to look at.
    ShowRun { run_id: i64 },
}

/// The page that listens, if one does.
#[derive(Default)]
pub struct Page(Mutex<Told>);

#[derive(Default)]
struct Told {
    channel: Option<Channel<Message>>,
    waiting: Vec<Message>,
}

impl Page {
    fn told(&self) -> MutexGuard<'_, Told> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says something, now or when a page listens.
    pub fn tell(&self, message: Message) {
        let mut told = self.told();
        let sent = told
            .channel
            .as_ref()
            .is_some_and(|channel| channel.send(message.clone()).is_ok());
        if !sent {
            if told.waiting.len() == MOST_WAITING {
                told.waiting.remove(0);
            }
            told.waiting.push(message);
        }
    }

    /// Whether somebody would hear a question now.
    pub fn listens(&self) -> bool {
        self.told().channel.is_some()
    }
}

/// The page listens from now on, instead of any page before it.
#[tauri::command]
pub fn listen(page: State<'_, Page>, channel: Channel<Message>) {
    let mut told = page.told();
    for message in std::mem::take(&mut told.waiting) {
        // A page that is gone again has nobody before it.
        let _ = channel.send(message);
    }
    told.channel = Some(channel);
}
