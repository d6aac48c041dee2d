//! One Asterisk as it is listened to: the socket of its events, and the calls that they are about.
//! The socket is open before anything is dialled, because Asterisk drops a call that is answered
//! while nobody listens. It is opened again when it breaks; what was missed meanwhile is asked for,
//! call by call. A call is told here from its first event to its last; what is said on it is the
//! line's.

use super::account::Account;
use super::events::{Event, Stage};
use super::line::{self, Ear};
use super::socket::{self, Closed, Socket};
use super::{Sound, recording};
use crate::http::Http;
use futures_util::{SinkExt, StreamExt};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use switchhook_core::ports::{CallEvent, CallRef, CallSink, CallWord, Clock, Heard};
use switchhook_core::run::EndCode;
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::{Bytes, Message};

/// First and longest pause before the socket is opened again.
const PAUSES: (Duration, Duration) = (Duration::from_millis(250), Duration::from_secs(15));
/// How often Asterisk is asked for a sign of life, and how long it may be silent.
const PULSE: Duration = Duration::from_secs(10);
const SILENCE: Duration = Duration::from_secs(25);
/// How long a socket stays open that no call needs.
const IDLE: Duration = Duration::from_mins(5);
/// How long what became of a call is remembered for whoever asks late, and most of them.
const MEMORY: Duration = Duration::from_mins(10);
const MEMORIES: usize = 1000;

/// Whether events are heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Link {
    Opening,
    /// The number of the socket: one that was opened again missed something.
    Up(u64),
    Down(Closed),
    /// Closed for good.
    Over,
}

/// A call that is listened for.
struct Tracked {
    call: CallRef,
    stage: Stage,
    /// Which socket it was tracked on since.
    link: Option<u64>,
    /// Why it ends, where this side ended it.
    ended_here: Option<EndCode>,
    /// To the agent's ear, once somebody talks.
    ear: Option<Ear>,
}

/// A call that is over, for whoever asks late.
struct Ended {
    word: CallWord,
    note: Option<String>,
    at: Instant,
}

/// What a look-up finds in memory.
pub(super) enum Known {
    Ended(CallWord, Option<String>),
    /// Heard on a socket that has been up all along.
    Stage(Stage),
    /// Dialled on this socket, and Asterisk has not said a word.
    Unheard,
    /// It has to be asked.
    Nothing,
}

/// What everything of a session shares.
pub(super) struct Shared {
    pub account: Account,
    pub http: Arc<Http>,
    pub sound: Sound,
    pub clock: Arc<dyn Clock>,
    pub sink: Arc<dyn CallSink>,
    calls: Mutex<HashMap<String, Tracked>>,
    ended: Mutex<HashMap<String, Ended>>,
    /// Who waits for a channel of ours to arrive, or a recording to be finished, by its name.
    waits: Mutex<HashMap<String, oneshot::Sender<()>>>,
    link: watch::Sender<Link>,
    hurry: Notify,
    used: Mutex<Instant>,
}

/// See the module. Dropped it listens no more.
pub(super) struct Session {
    pub shared: Arc<Shared>,
    listener: JoinHandle<()>,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.listener.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Session {
    pub fn open(
        account: Account,
        http: Arc<Http>,
        sound: Sound,
        clock: Arc<dyn Clock>,
        sink: Arc<dyn CallSink>,
    ) -> Arc<Self> {
        let shared = Arc::new(Shared {
            account,
            http,
            sound,
            clock,
            sink,
            calls: Mutex::default(),
            ended: Mutex::default(),
            waits: Mutex::default(),
            link: watch::Sender::new(Link::Opening),
            hurry: Notify::new(),
            used: Mutex::new(Instant::now()),
        });
        let listener = tokio::spawn(listen(shared.clone()));
        Arc::new(Self { shared, listener })
    }

    pub fn is_over(&self) -> bool {
        self.listener.is_finished() || *self.shared.link.borrow() == Link::Over
    }
}

impl Shared {
    /// Waits until events are heard, at most so long.
    pub async fn listening(&self, patience: Duration) -> Result<u64, Closed> {
        *lock(&self.used) = Instant::now();
        self.hurry.notify_one();
        let mut link = self.link.subscribe();
        let up = link.wait_for(|link| matches!(link, Link::Up(_)));
        let is_up = tokio::time::timeout(patience, up).await;
        drop(is_up);
        match &*self.link.borrow() {
            Link::Up(number) => Ok(*number),
            Link::Down(why) => Err(why.clone()),
            Link::Opening | Link::Over => Err(Closed::Unreached("it does not answer".to_owned())),
        }
    }

    fn number(&self) -> Option<u64> {
        match *self.link.borrow() {
            Link::Up(number) => Some(number),
            _ => None,
        }
    }

    /// Listens for a call from now on; one that is listened for already stays as it is.
    pub fn track(&self, id: &str, call: &CallRef, link: Option<u64>) {
        lock(&self.calls)
            .entry(id.to_owned())
            .or_insert_with(|| Tracked {
                call: call.clone(),
                stage: Stage::Trying,
                link,
                ended_here: None,
                ear: None,
            });
    }

    /// Nothing was placed, so nothing will be heard.
    pub fn forget(&self, id: &str) {
        lock(&self.calls).remove(id);
    }

    pub fn is_tracked(&self, id: &str) -> bool {
        lock(&self.calls).contains_key(id)
    }

    /// This side ends it: its end is ours.
    pub fn ends(&self, id: &str, code: EndCode) {
        if let Some(tracked) = lock(&self.calls).get_mut(id) {
            tracked.ended_here.get_or_insert(code);
        }
    }

    pub fn known(&self, id: &str) -> Known {
        if let Some(ended) = lock(&self.ended).get(id) {
            return Known::Ended(ended.word, ended.note.clone());
        }
        let number = self.number();
        match lock(&self.calls).get(id) {
            Some(tracked) if number.is_some() && tracked.link == number => match tracked.stage {
                Stage::Trying => Known::Unheard,
                stage => Known::Stage(stage),
            },
            _ => Known::Nothing,
        }
    }

    /// A channel or a recording of ours is waited for.
    pub fn expect(&self, name: &str) -> oneshot::Receiver<()> {
        let (there, wait) = oneshot::channel();
        lock(&self.waits).insert(name.to_owned(), there);
        wait
    }

    pub fn expect_no_more(&self, name: &str) {
        lock(&self.waits).remove(name);
    }

    fn arrived(&self, name: &str) {
        if let Some(there) = lock(&self.waits).remove(name) {
            // Who waited may have given up.
            let _ = there.send(());
        }
    }

    fn tell(&self, call: &CallRef, id: &str, word: CallWord, note: Option<String>) {
        self.sink.call_event(CallEvent {
            attempt_id: call.attempt_id,
            run_id: call.run_id,
            at: self.clock.now(),
            carrier_call_id: Some(id.to_owned()),
            word: Some(word),
            note,
        });
    }

    /// The call has come so far; told once, whatever says it.
    pub fn reached(self: &Arc<Self>, id: &str, stage: Stage, note: Option<String>) {
        let call = {
            let mut calls = lock(&self.calls);
            let Some(tracked) = calls.get_mut(id) else {
                return;
            };
            let is_news = matches!(
                (tracked.stage, stage),
                (Stage::Trying, Stage::Ringing | Stage::Up) | (Stage::Ringing, Stage::Up)
            );
            if !is_news {
                return;
            }
            tracked.stage = stage;
            tracked.call.clone()
        };
        match stage {
            Stage::Trying => {}
            Stage::Ringing => self.tell(&call, id, CallWord::Ringing, note),
            Stage::Up => self.tell(&call, id, CallWord::Answered, note),
        }
    }

    /// The same, without a word: it was asked for.
    pub fn found(&self, id: &str, stage: Stage) {
        let number = self.number();
        if let Some(tracked) = lock(&self.calls).get_mut(id) {
            (tracked.stage, tracked.link) = (stage, number);
        }
    }

    /// The call can be talked on.
    fn answered(self: &Arc<Self>, id: &str) {
        let (ear, heard) = line::ear();
        let call = {
            let mut calls = lock(&self.calls);
            match calls.get_mut(id) {
                Some(tracked) if tracked.ear.is_none() => {
                    tracked.ear = Some(ear);
                    tracked.call.clone()
                }
                // Back from the dialplan.
                _ => return,
            }
        };
        let (shared, id) = (self.clone(), id.to_owned());
        tokio::spawn(async move { line::hand_out(shared, id, call, heard).await });
    }

    /// The call is over; its end is told once.
    pub fn over(
        self: &Arc<Self>,
        id: &str,
        end: impl FnOnce(Stage, Option<EndCode>) -> CallWord,
        note: Option<String>,
    ) {
        let Some(tracked) = lock(&self.calls).remove(id) else {
            return;
        };
        let word = end(tracked.stage, tracked.ended_here);
        {
            let mut ended = lock(&self.ended);
            let at = Instant::now();
            ended.retain(|_, earlier| at.duration_since(earlier.at) < MEMORY);
            if ended.len() < MEMORIES {
                let note = note.clone();
                ended.insert(id.to_owned(), Ended { word, note, at });
            }
        }
        self.tell(&tracked.call, id, word, note);
        *lock(&self.used) = Instant::now();
        if tracked.stage == Stage::Up {
            let shared = self.clone();
            tokio::spawn(async move {
                line::clear(&shared, &tracked.call).await;
                if shared.account.records {
                    recording::fetch(&shared, &tracked.call).await;
                }
            });
        }
    }

    fn hear(self: &Arc<Self>, event: &Event) {
        let Some(channel) = event.channel.as_ref().or(event.peer.as_ref()) else {
            if let Some(recording) = &event.recording
                && event.kind != "RecordingStarted"
            {
                self.arrived(&recording.name);
            }
            return;
        };
        let id = &channel.id;
        if let Some(stage) = event.stage() {
            self.reached(id, stage, event.note());
        }
        match event.kind.as_str() {
            "StasisStart" => {
                self.arrived(id);
                self.answered(id);
            }
            "ChannelDtmfReceived" => self.pressed(id, event.digit.as_deref()),
            "ChannelDestroyed" => {
                self.arrived(id);
                let end = |stage: Stage, here| {
                    event.end(stage != Stage::Trying, stage == Stage::Up, here)
                };
                self.over(id, end, event.note());
            }
            _ => {}
        }
    }

    fn pressed(&self, id: &str, digit: Option<&str>) {
        let calls = lock(&self.calls);
        let ear = calls.get(id).and_then(|tracked| tracked.ear.as_ref());
        if let (Some(ear), Some(digit)) = (ear, digit) {
            // Whoever presses more keys than are listened to is not heard.
            let _ = ear.try_send(Heard::Dtmf(digit.to_owned()));
        }
    }

    /// Asks what became of every call while nobody listened.
    async fn catch_up(self: Arc<Self>, number: u64) {
        let missed: Vec<_> = {
            let calls = lock(&self.calls);
            let missed = calls
                .iter()
                .filter(|(_, tracked)| tracked.link != Some(number));
            missed
                .map(|(id, tracked)| (id.clone(), tracked.call.clone()))
                .collect()
        };
        for (id, call) in missed {
            let Ok(found) = super::find(&self, &id, &call).await else {
                continue;
            };
            match found {
                Some(channel) => {
                    let stage = channel.stage();
                    self.reached(&id, stage, None);
                    self.found(&id, stage);
                    if stage == Stage::Up {
                        self.answered(&id);
                    }
                }
                None => self.gone(&id, &call),
            }
        }
    }

    /// Asterisk has a call no more that it took, and nobody heard how it ended. Of one whose dial
    /// was never answered that cannot be said: it may not be there yet.
    pub fn gone(self: &Arc<Self>, id: &str, call: &CallRef) {
        if call.carrier_call_id.is_some() || self.has_come_far(id) {
            let note = Some("Asterisk has the channel no more".to_owned());
            self.over(
                id,
                |_, here| CallWord::Ended(here.unwrap_or(EndCode::EndedUnheard)),
                note,
            );
        }
    }

    fn has_come_far(&self, id: &str) -> bool {
        let calls = lock(&self.calls);
        calls
            .get(id)
            .is_some_and(|tracked| tracked.stage != Stage::Trying)
    }

    /// Asterisk took the call.
    pub fn taken(&self, id: &str) {
        if let Some(tracked) = lock(&self.calls).get_mut(id) {
            tracked.call.carrier_call_id = Some(id.to_owned());
        }
    }

    fn is_idle(&self) -> bool {
        lock(&self.calls).is_empty()
            && lock(&self.waits).is_empty()
            && lock(&self.used).elapsed() > IDLE
    }
}

/// Keeps the socket open until no call has needed it for a while.
async fn listen(shared: Arc<Shared>) {
    let mut pause = PAUSES.0;
    for number in 1.. {
        let url = shared
            .account
            .at(["events"], &[("app", &shared.account.app)]);
        let opened = socket::open(&shared.account, &shared.http, url, None).await;
        let why = match opened {
            Ok(socket) => {
                pause = PAUSES.0;
                shared.link.send_replace(Link::Up(number));
                tokio::spawn(shared.clone().catch_up(number));
                let Err(why) = read(&shared, socket).await else {
                    break;
                };
                why
            }
            Err(why) => why,
        };
        tracing::warn!(%why, "the events of an Asterisk are not heard");
        shared.link.send_replace(Link::Down(why));
        if shared.is_idle() {
            break;
        }
        let _ = tokio::time::timeout(pause, shared.hurry.notified()).await;
        pause = (pause * 2).min(PAUSES.1);
    }
    shared.link.send_replace(Link::Over);
}

/// Reads events. `Ok` where nobody needs them any more.
async fn read(shared: &Arc<Shared>, mut socket: Socket) -> Result<(), Closed> {
    let broken = |what: &str| Closed::Unreached(what.to_owned());
    let mut pulse = tokio::time::interval(PULSE);
    let mut heard = Instant::now();
    loop {
        tokio::select! {
            message = socket.next() => {
                heard = Instant::now();
                match message {
                    Some(Ok(Message::Text(text))) => match serde_json::from_str::<Event>(&text) {
                        Ok(event) if event.kind == "ApplicationReplaced" => {
                            return Err(broken("another program listens with the same Stasis application"));
                        }
                        Ok(event) => shared.hear(&event),
                        Err(error) => tracing::debug!(%error, "an event of Asterisk's was not read"),
                    },
                    Some(Ok(Message::Close(_))) | None => return Err(broken("it closed the connection")),
                    Some(Ok(_)) => {}
                    Some(Err(_)) => return Err(broken("the connection broke")),
                }
            }
            _ = pulse.tick() => {
                if shared.is_idle() {
                    return Ok(());
                }
                if heard.elapsed() > SILENCE {
                    return Err(broken("it is silent"));
                }
                if socket.send(Message::Ping(Bytes::new())).await.is_err() {
                    return Err(broken("the connection broke"));
                }
            }
        }
    }
}
