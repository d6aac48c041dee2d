//! The calls of this computer that are going on, as the tray, the notifications and the question
//! before the end need them. Read from the server in this process whenever it says that a run
//! changed; what a run means is the server's to know. Calls of other instances are not ours to
//! watch here: they go on without this program.

use crate::notifications::Notifier;
use crate::server::{Home, SHUTTING_DOWN, Server};
use crate::tray::Tray;
use bytes::Bytes;
use http::{Method, Request};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use switchhook_client::Instance;
use switchhook_client::events::{Event, Signal, follow};
use tauri::{AppHandle, Manager};
use tokio::sync::Notify;
use tokio::time::sleep;

/// How long a server that cannot start is left alone.
const BETWEEN_ATTEMPTS: Duration = Duration::from_secs(2);
/// How often the list is read at most, however many calls there are.
const BETWEEN_READINGS: Duration = Duration::from_millis(200);
/// The most that the server gives at once.
const MOST_LISTED: usize = 100;
/// Changed runs that are remembered between two readings, and ended ones that were told of.
const MOST_KEPT: usize = 256;
/// The provider whose calls end with this program.
const DESK_PHONE: &str = "desk_phone";

/// A call that is going on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Call {
    pub run_id: i64,
    pub state: String,
    pub number: String,
    pub agent: String,
    /// `test` or `production`.
    pub mode: String,
    /// The desk phone's: it is in this program and ends with it.
    pub on_desk: bool,
}

/// A run's end, as a notification tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    pub call: Call,
    pub sentence: String,
}

/// The calls as they were when last read; see the module.
#[derive(Default)]
pub struct Calls(Mutex<Known>);

#[derive(Clone, Default)]
pub struct Known {
    pub live: Vec<Call>,
    /// The newest run, going on or not: what would be fired again.
    pub newest: Option<Call>,
}

impl Calls {
    fn locked(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn known(&self) -> Known {
        self.locked().clone()
    }
}

/// A run in the server's list (docs/api.md, `GET /api/switchhook/runs`), as far as it matters here.
#[derive(Deserialize)]
struct Listed {
    id: i64,
    state: String,
    destination: String,
    agent_name: String,
    mode: String,
    provider: String,
    is_completed: bool,
    end: Option<End>,
}

#[derive(Deserialize)]
struct End {
    sentence: String,
}

#[derive(Deserialize)]
struct List {
    runs: Vec<Listed>,
}

impl From<Listed> for Call {
    fn from(run: Listed) -> Self {
        Self {
            run_id: run.id,
            state: run.state,
            number: run.destination,
            agent: run.agent_name,
            mode: run.mode,
            on_desk: run.provider == DESK_PHONE,
        }
    }
}

/// Follows this computer's calls until the program ends.
pub async fn watch(app: AppHandle) {
    let server = app.state::<Arc<Server>>().inner().clone();
    let home = loop {
        match server.home().await {
            Ok(home) => break home,
            Err(failure) if failure.code == SHUTTING_DOWN => return,
            Err(_) => sleep(BETWEEN_ATTEMPTS).await,
        }
    };
    let heard = Arc::new(Heard::default());
    let told = heard.clone();
    let local = home.local.clone();
    tauri::async_runtime::spawn(async move {
        follow(&local, |signal| {
            told.hear(signal);
            ControlFlow::Continue(())
        })
        .await;
    });
    let mut watcher = Watcher {
        home,
        notifier: Notifier::new(app.clone()),
        tray: Tray::new(app.clone()),
        oldest: None,
        told: VecDeque::new(),
        app,
    };
    loop {
        heard.changed.notified().await;
        let changed = heard.take();
        if let Err(problem) = watcher.read(&changed).await {
            tracing::debug!("the calls cannot be read: {problem}");
        }
        sleep(BETWEEN_READINGS).await;
    }
}

/// Which runs changed since the last reading.
#[derive(Default)]
struct Heard {
    changed: Notify,
    runs: Mutex<Vec<i64>>,
}

impl Heard {
    fn hear(&self, signal: Signal) {
        match signal {
            Signal::Event(Event { event, data, .. }) if event == "run" => {
                #[derive(Deserialize)]
                struct Hint {
                    run_id: Option<i64>,
                }
                if let Ok(Hint { run_id: Some(run) }) = serde_json::from_str(&data) {
                    let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
                    if runs.len() < MOST_KEPT && !runs.contains(&run) {
                        runs.push(run);
                    }
                }
            }
            Signal::Connected { .. } => {}
            Signal::Event(_) | Signal::Disconnected => return,
        }
        self.changed.notify_one();
    }

    fn take(&self) -> Vec<i64> {
        std::mem::take(&mut self.runs.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Watcher {
    home: Home,
    notifier: Notifier,
    tray: Tray,
    app: AppHandle,
    /// Runs before this one were over before the program started; nobody is told of their end.
    oldest: Option<i64>,
    /// Ended runs that a person was told of, the newest last.
    told: VecDeque<i64>,
}

impl Watcher {
    async fn read(&mut self, changed: &[i64]) -> Result<(), String> {
        let open = format!("/api/switchhook/runs?open=true&limit={MOST_LISTED}");
        let live: Vec<Call> = self.list(&open).await?;
        let newest = self.list("/api/switchhook/runs?limit=1").await?.pop();
        let known = Known { live, newest };
        let before = std::mem::replace(&mut *self.app.state::<Calls>().locked(), known.clone());
        let Some(oldest) = self.oldest else {
            let newest = known.newest.as_ref().map_or(0, |call| call.run_id);
            self.oldest = Some(
                known
                    .live
                    .iter()
                    .map(|call| call.run_id)
                    .min()
                    .unwrap_or(newest + 1),
            );
            self.tray.show(&known).await;
            return Ok(());
        };
        self.notifier.still_ringing(&known.live).await;
        for call in &known.live {
            let rang = before
                .live
                .iter()
                .any(|other| other.run_id == call.run_id && other.state == call.state);
            if call.on_desk && call.state == "ringing" && !rang {
                self.notifier.rings(call).await;
            }
        }
        let ended = self.ended(&before, &known, changed, oldest).await?;
        self.notifier.ended(&ended).await;
        self.tray.show(&known).await;
        Ok(())
    }

    /// The runs that are over since the last reading, also those that were too fast to be seen.
    async fn ended(
        &mut self,
        before: &Known,
        now: &Known,
        changed: &[i64],
        oldest: i64,
    ) -> Result<Vec<Ended>, String> {
        let gone = before.live.iter().map(|call| call.run_id);
        let mut over: Vec<i64> = gone.chain(changed.iter().copied()).collect();
        over.sort_unstable();
        over.dedup();
        over.retain(|run| {
            *run >= oldest
                && !self.told.contains(run)
                && now.live.iter().all(|call| call.run_id != *run)
        });
        let mut ended = Vec::new();
        for run in over {
            let run: Listed = ask(&self.home.local, Method::GET, &path_of(run)).await?;
            if !run.is_completed {
                continue;
            }
            if self.told.len() == MOST_KEPT {
                self.told.pop_front();
            }
            self.told.push_back(run.id);
            let sentence = run
                .end
                .as_ref()
                .map(|end| end.sentence.clone())
                .unwrap_or_default();
            let call = run.into();
            ended.push(Ended { call, sentence });
        }
        Ok(ended)
    }

    async fn list(&self, path: &str) -> Result<Vec<Call>, String> {
        let list: List = ask(&self.home.local, Method::GET, path).await?;
        Ok(list.runs.into_iter().map(Call::from).collect())
    }
}

fn path_of(run: i64) -> String {
    format!("/api/switchhook/runs/{run}")
}

/// Hangs a call up, as the button in the window does.
pub async fn hang_up(app: &AppHandle, run: i64) {
    let server = app.state::<Arc<Server>>().inner().clone();
    let Ok(home) = server.home().await else {
        return;
    };
    let path = format!("{}/hang-up", path_of(run));
    let done: Result<serde_json::Value, String> = ask(&home.local, Method::POST, &path).await;
    if let Err(problem) = done {
        tracing::warn!("call {run} cannot be hung up: {problem}");
    }
}

/// Asks the server in this process.
async fn ask<T: DeserializeOwned>(
    local: &Instance,
    method: Method,
    path: &str,
) -> Result<T, String> {
    let body = if method == Method::GET { "" } else { "{}" };
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(Bytes::from_static(body.as_bytes()))
        .map_err(|error| error.to_string())?;
    let answer = local
        .ask(request)
        .await
        .map_err(|failure| failure.message)?;
    if !answer.status.is_success() {
        return Err(format!("{path} answers {}", answer.status));
    }
    serde_json::from_slice(&answer.body).map_err(|error| error.to_string())
}
