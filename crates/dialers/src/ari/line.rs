//! The answered call as the agent has it. The sound goes over a WebSocket to the host of the REST
//! interface (Asterisk's `chan_websocket`), through a channel of its own that is bridged with the
//! call's: so neither needs a way to the other beside the one that there is. Asterisk translates
//! between its sound and the call's; here it is plain samples. Where Asterisk has no such channel
//! the call is still answered, recorded and hung up, only nothing can be said on it.

use super::recording;
use super::session::Shared;
use super::socket::{self, Socket};
use async_trait::async_trait;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use reqwest::Method;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use switchhook_core::ids::AttemptId;
use switchhook_core::ports::{CallRef, Heard, Line, LineError, SAMPLE_RATE};
use switchhook_core::run::EndCode;
use switchhook_core::walk::{Beat, LineKind};
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_tungstenite::tungstenite::{Bytes, Message};

/// Keys that may be pressed before somebody listens; more are not heard.
const UNHEARD: usize = 64;
/// What a frame of sound lasts, and how many samples are in it.
const FRAME: Duration = Duration::from_millis(20);
const SAMPLES: usize = SAMPLE_RATE as usize / 50;
/// Frames that are sent ahead of their time, so that a late one is not heard as a gap.
const AHEAD: u32 = 5;
/// Longest wait for a channel of ours to arrive.
const ARRIVAL: Duration = Duration::from_secs(5);
/// Uncompressed samples, 8 kHz, 16 bit, little-endian.
const FORMAT: &str = "slin";

pub(super) type Ear = mpsc::Sender<Heard>;

pub(super) fn ear() -> (Ear, mpsc::Receiver<Heard>) {
    mpsc::channel(UNHEARD)
}

/// One agent's end of one call. Dropped without a hang-up it ends the call, because nobody can
/// speak on it any more.
struct AriLine {
    shared: Arc<Shared>,
    id: String,
    /// Closed when the call is over.
    ear: Mutex<mpsc::Receiver<Heard>>,
    /// `None` where Asterisk leads no sound here.
    mouth: Mutex<Option<SplitSink<Socket, Message>>>,
}

/// Leads the sound of an answered call and hands its line out.
pub(super) async fn hand_out(
    shared: Arc<Shared>,
    id: String,
    call: CallRef,
    ear: mpsc::Receiver<Heard>,
) {
    if shared.account.records {
        recording::begin(&shared, &id, &call).await;
    }
    let mouth = match lead(&shared, &id, &call).await {
        Ok(socket) => {
            let (mouth, sound) = socket.split();
            tokio::spawn(drain(sound));
            Some(mouth)
        }
        Err(why) => {
            tracing::warn!(run_id = %call.run_id, why, "nothing can be said on an answered call");
            None
        }
    };
    if mouth.is_none() || !shared.is_tracked(&id) {
        clear(&shared, &call).await;
    }
    let line = AriLine {
        shared: shared.clone(),
        id,
        ear: Mutex::new(ear),
        mouth: Mutex::new(mouth),
    };
    shared.sink.line(call, Arc::new(line));
}

/// What the callee says is recorded; nobody listens to it here.
async fn drain(mut sound: SplitStream<Socket>) {
    while let Some(Ok(_)) = sound.next().await {}
}

/// Takes away what led the sound: it does not end with the call.
pub(super) async fn clear(shared: &Shared, call: &CallRef) {
    let (media, bridge) = names(call.attempt_id);
    for path in [["channels", &media], ["bridges", &bridge]] {
        let url = shared.account.at(path, &[]);
        // It may never have been there.
        let _ = shared
            .account
            .quietly(&shared.http, Method::DELETE, url)
            .await;
    }
}

/// The channel and the bridge of an attempt's sound.
fn names(attempt: AttemptId) -> (String, String) {
    let media = format!("switchhook-media-{attempt}");
    (media, format!("switchhook-bridge-{attempt}"))
}

#[derive(Deserialize)]
struct Variable {
    value: String,
}

/// Makes a channel for the sound and bridges it with the call's.
async fn lead(shared: &Arc<Shared>, id: &str, call: &CallRef) -> Result<Socket, &'static str> {
    let (media, bridge) = names(call.attempt_id);
    let account = &shared.account;
    let there = shared.expect(&media);
    let query = [
        ("channelId", media.as_str()),
        ("app", account.app.as_str()),
        ("external_host", "INCOMING"),
        ("transport", "websocket"),
        ("encapsulation", "none"),
        ("connection_type", "server"),
        ("format", FORMAT),
    ];
    let led = async {
        post(shared, &["channels", "externalMedia"], &query).await?;
        let query = [("variable", "MEDIA_WEBSOCKET_CONNECTION_ID")];
        let url = account.at(["channels", &media, "variable"], &query);
        let answer = account.quietly(&shared.http, Method::GET, url).await;
        let answer = answer.map_err(|_| "Asterisk did not answer")?;
        let connection = serde_json::from_slice::<Variable>(&answer.body);
        let connection = connection
            .map_err(|_| "Asterisk names no media connection")?
            .value;
        let url = account.media(&connection);
        let socket = socket::open(account, &shared.http, url, Some("media")).await;
        let socket = socket.map_err(|_| "the media WebSocket does not open")?;
        let arrived = tokio::time::timeout(ARRIVAL, there).await;
        arrived
            .map_err(|_| "the media channel does not arrive")?
            .map_err(|_| "the media channel is gone")?;
        post(
            shared,
            &["bridges"],
            &[("type", "mixing"), ("bridgeId", &bridge)],
        )
        .await?;
        let channels = format!("{id},{media}");
        post(
            shared,
            &["bridges", &bridge, "addChannel"],
            &[("channel", &channels)],
        )
        .await?;
        Ok(socket)
    };
    let led = led.await;
    shared.expect_no_more(&media);
    led
}

/// Asks Asterisk to do something that belongs to no call's record.
pub(super) async fn post(
    shared: &Shared,
    path: &[&str],
    query: &[(&str, &str)],
) -> Result<(), &'static str> {
    let url = shared.account.at(path.iter().copied(), query);
    match shared
        .account
        .quietly(&shared.http, Method::POST, url)
        .await
    {
        Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
        Ok(answer) => {
            tracing::debug!(status = answer.status, ?path, "Asterisk did not do it");
            Err("Asterisk refuses a part of it: is chan_websocket loaded?")
        }
        Err(_) => Err("Asterisk did not answer"),
    }
}

impl AriLine {
    async fn sound(&self, samples: &[i16]) -> Result<(), LineError> {
        let mut mouth = self.mouth.lock().await;
        let mouth = mouth.as_mut().ok_or(LineError::NoVoice)?;
        let mut pace = tokio::time::interval_at(Instant::now() + FRAME, FRAME);
        // After a pause of this program the call catches up: Asterisk plays it at its own pace.
        pace.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for (number, frame) in (0_u32..).zip(samples.chunks(SAMPLES)) {
            if number >= AHEAD {
                pace.tick().await;
            }
            if !self.shared.is_tracked(&self.id) {
                return Err(LineError::Gone);
            }
            let mut bytes = Vec::with_capacity(SAMPLES * 2);
            bytes.extend(frame.iter().flat_map(|sample| sample.to_le_bytes()));
            bytes.resize(SAMPLES * 2, 0);
            let sent = mouth.send(Message::Binary(Bytes::from(bytes))).await;
            sent.map_err(|_| LineError::Gone)?;
        }
        // What was sent ahead is still to be played.
        for _ in 0..AHEAD {
            pace.tick().await;
        }
        Ok(())
    }
}

#[async_trait]
impl Line for AriLine {
    async fn speak(&self, beat: &Beat) -> Result<(), LineError> {
        if !self.shared.is_tracked(&self.id) {
            return Err(LineError::Gone);
        }
        if beat.kind == LineKind::Prompt {
            return Ok(());
        }
        let samples = self.shared.sound.voice.say(&beat.text).await;
        let samples = samples.map_err(|error| {
            tracing::warn!(%error, "nothing was said");
            LineError::NoVoice
        })?;
        self.sound(&samples).await
    }

    async fn hear(&self) -> Heard {
        let heard = self.ear.lock().await.recv().await;
        heard.unwrap_or(Heard::HungUp)
    }

    fn hears_words(&self) -> bool {
        false
    }

    async fn press(&self, digits: &str) -> Result<(), LineError> {
        let query = [("dtmf", digits)];
        let pressed = post(&self.shared, &["channels", &self.id, "dtmf"], &query).await;
        pressed.map_err(|_| LineError::Gone)
    }

    async fn hang_up(&self) {
        hang_up(&self.shared, &self.id, EndCode::AgentEnded).await;
    }
}

/// Ends the call, unless it is over. Its end is told when Asterisk says so.
async fn hang_up(shared: &Shared, id: &str, code: EndCode) {
    if !shared.is_tracked(id) {
        return;
    }
    shared.ends(id, code);
    let url = shared.account.at(["channels", id], &[]);
    if let Err(lost) = shared
        .account
        .quietly(&shared.http, Method::DELETE, url)
        .await
    {
        tracing::warn!(why = lost.into_words(), "a call was not hung up");
    }
}

impl Drop for AriLine {
    fn drop(&mut self) {
        let (shared, id) = (self.shared.clone(), std::mem::take(&mut self.id));
        // Without a runtime the program ends, and the call is its PBX's.
        if shared.is_tracked(&id)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(async move { hang_up(&shared, &id, EndCode::HungUp).await });
        }
    }
}
