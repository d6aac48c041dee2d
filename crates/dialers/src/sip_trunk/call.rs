//! One call from its first answer to its end. Whatever comes (the far end's word, a person's or the
//! agent's hang-up, a deadline, silence) goes through here in the order it comes; the end is told
//! once, and nothing after it.

use super::line::SipLine;
use super::media::recorder::Recorder;
use super::media::sdp::{self, Own, SdpError};
use super::media::session::Session;
use super::stack::{Final, Leg, Offer, Signal};
use super::trunks::release;
use super::{Parts, words};
use std::sync::Arc;
use std::time::Duration;
use switchhook_core::ports::{
    ArtifactKind, CallEvent, CallRef, CallWord, DialError, Dialed, Heard,
};
use switchhook_core::run::EndCode;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

/// How long the trunk may take to say anything at all.
const FIRST_ANSWER: Duration = Duration::from_secs(14);
/// How long a call that was given up may take to end.
const LAST_ANSWER: Duration = Duration::from_secs(5);
/// How long what comes of a call that nobody answered for is still waited for.
const AFTERMATH: Duration = Duration::from_secs(40);
/// After so long without a packet of sound the far end is asked whether it is there.
const QUIET: Duration = Duration::from_secs(10);

/// What reaches a call from this side.
pub(super) enum Command {
    /// Ends the call with this code; told when that is done.
    HangUp(EndCode, Option<oneshot::Sender<()>>),
    /// Whether the far end still has the call.
    IsThere(bool),
}

/// The answer of the dial, and who waits for it.
pub(super) type Taken = oneshot::Sender<Result<Dialed, DialError>>;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// The trunk has said nothing.
    Calling,
    Taken,
    Ringing,
    Up,
}

/// See the module.
pub(super) struct Call {
    pub parts: Arc<Parts>,
    pub call: CallRef,
    pub records: bool,
    pub ring_timeout: Duration,
    pub leg: Leg,
    pub signals: mpsc::UnboundedReceiver<Signal>,
    pub session: Arc<Session>,
    pub own: Own,
    pub keys: mpsc::UnboundedReceiver<char>,
    pub commands: mpsc::UnboundedSender<Command>,
    pub told: mpsc::UnboundedReceiver<Command>,
}

/// What changes while a call goes on.
struct State {
    stage: Stage,
    taken: Option<Taken>,
    /// The end that is under way: the call was given up and its last answer is waited for.
    ending: Option<(EndCode, Option<String>)>,
    /// The trunk's own no, before it took the call.
    refusal: Option<String>,
    hung_up: Vec<oneshot::Sender<()>>,
    deadline: Instant,
    /// The last description that came before the answer.
    early: Option<String>,
    mouth: Option<mpsc::UnboundedSender<Heard>>,
    /// Packets of sound when they were counted last.
    packets: u64,
    is_asked: bool,
}

/// How a call ended.
struct End {
    code: EndCode,
    note: Option<String>,
}

impl Call {
    /// Lives as long as the call.
    pub async fn run(mut self, taken: Taken) {
        let mut state = State {
            stage: Stage::Calling,
            taken: Some(taken),
            ending: None,
            refusal: None,
            hung_up: Vec::new(),
            deadline: Instant::now() + FIRST_ANSWER,
            early: None,
            mouth: None,
            packets: 0,
            is_asked: false,
        };
        let rings_until = Instant::now() + self.ring_timeout;
        let end = loop {
            let end = tokio::select! {
                // A hang-up counts before what the far end says at the same moment.
                biased;
                Some(command) = self.told.recv() => self.obey(&mut state, command).await,
                signal = self.signals.recv() => {
                    let signal = signal.unwrap_or(Signal::Lost);
                    self.hear(&mut state, signal, rings_until).await
                }
                Some(key) = self.keys.recv() => {
                    if let Some(mouth) = &state.mouth {
                        let _ = mouth.send(Heard::Dtmf(key.to_string()));
                    }
                    None
                }
                () = tokio::time::sleep_until(state.deadline) => self.overdue(&mut state),
            };
            if let Some(end) = end {
                break end;
            }
        };
        self.end(state, end).await;
    }

    async fn obey(&mut self, state: &mut State, command: Command) -> Option<End> {
        match command {
            Command::HangUp(code, done) => {
                state.hung_up.extend(done);
                if state.stage == Stage::Up {
                    self.leg.hang_up().await;
                    return Some(End { code, note: None });
                }
                let code = if code == EndCode::HungUp {
                    EndCode::Canceled
                } else {
                    code
                };
                self.give_up(state, code, None);
                None
            }
            Command::IsThere(true) => {
                state.is_asked = false;
                None
            }
            Command::IsThere(false) => {
                self.leg.hang_up().await;
                let note = "no sound came any more, and the far end did not answer".to_owned();
                Some(End {
                    code: EndCode::Completed,
                    note: Some(note),
                })
            }
        }
    }

    /// Cancels a call that is not answered. How it ends is known then, unless the far end is faster.
    fn give_up(&self, state: &mut State, code: EndCode, note: Option<String>) {
        if state.ending.is_none() {
            state.ending = Some((code, note));
            state.deadline = Instant::now() + LAST_ANSWER;
            self.leg.cancel();
        }
    }

    async fn hear(
        &mut self,
        state: &mut State,
        signal: Signal,
        rings_until: Instant,
    ) -> Option<End> {
        match signal {
            Signal::Taken => self.take(state, rings_until),
            Signal::Early { code, sdp } => {
                self.take(state, rings_until);
                self.early(state, code, sdp);
            }
            Signal::Answered { sdp } => {
                self.take(state, rings_until);
                return self.answered(state, sdp).await;
            }
            Signal::Changed { sdp, offer } => self.changed(sdp, offer).await,
            Signal::Failed(answer) => return Some(self.failed(state, &answer)),
            Signal::HungUp => {
                return Some(End {
                    code: EndCode::CalleeHungUp,
                    note: None,
                });
            }
            Signal::Lost => {
                let (code, note) = state
                    .ending
                    .take()
                    .unwrap_or((EndCode::CarrierFailed, None));
                return Some(End { code, note });
            }
        }
        None
    }

    /// The trunk has the call: whoever dialled is told, and it may ring from now on.
    fn take(&self, state: &mut State, rings_until: Instant) {
        if state.stage == Stage::Calling {
            state.stage = Stage::Taken;
            if state.ending.is_none() {
                state.deadline = rings_until;
            }
            self.tell_taken(state);
        }
    }

    fn tell_taken(&self, state: &mut State) {
        let dialed = Dialed {
            carrier_call_id: self.call.carrier_call_id.clone(),
            ..Dialed::default()
        };
        if let Some(taken) = state.taken.take()
            && taken.send(Ok(dialed)).is_err()
        {
            // Who dialled has given up: nobody would know of the call.
            self.give_up(state, EndCode::Canceled, None);
        }
    }

    fn early(&self, state: &mut State, code: u16, sdp: Option<String>) {
        if let Some(sdp) = sdp {
            // What cannot be read now is refused when it counts, at the answer.
            if let Ok(sound) = sdp::read(&sdp) {
                self.session.agree(sound);
            }
            state.early = Some(sdp);
        }
        // 180 rings; 183 is the sound of ringing, or an announcement instead of it.
        if state.stage == Stage::Taken && matches!(code, 180 | 183) {
            state.stage = Stage::Ringing;
            self.report(CallWord::Ringing, Some(format!("SIP {code}")));
        }
    }

    async fn answered(&self, state: &mut State, sdp: Option<String>) -> Option<End> {
        if state.stage == Stage::Up {
            return None;
        }
        if let Some((code, note)) = state.ending.take() {
            self.leg.hang_up().await;
            return Some(End { code, note });
        }
        let description = sdp.or(state.early.take());
        let sound = description
            .ok_or(SdpError::NoSound)
            .and_then(|text| sdp::read(&text));
        let sound = match sound {
            Ok(sound) => sound,
            Err(error) => {
                self.leg.hang_up().await;
                let note = Some(error.to_string());
                return Some(End {
                    code: EndCode::CarrierFailed,
                    note,
                });
            }
        };
        state.stage = Stage::Up;
        state.deadline = Instant::now() + QUIET;
        self.session.agree(sound);
        if self.records {
            tokio::spawn(record(
                self.parts.clone(),
                self.call.clone(),
                self.session.clone(),
            ));
        }
        let (mouth, ear) = mpsc::unbounded_channel();
        state.mouth = Some(mouth);
        let session = Arc::downgrade(&self.session);
        let line = SipLine::new(
            session,
            self.parts.voice.clone(),
            self.commands.clone(),
            ear,
        );
        self.report(CallWord::Answered, None);
        self.parts.sink.line(self.call.clone(), Arc::new(line));
        None
    }

    /// A hold, its end, another address: what both take is agreed on.
    async fn changed(&mut self, sdp: Option<String>, offer: Offer) {
        match sdp {
            Some(text) => match self.own.answer(&text) {
                Ok((sound, answer)) => {
                    self.session.agree(sound);
                    offer.accept(answer).await;
                }
                Err(_) => offer.decline().await,
            },
            // Its answer comes with the ACK and may only say what is known already.
            None => offer.accept(self.own.offer()).await,
        }
    }

    fn failed(&self, state: &mut State, answer: &Final) -> End {
        let note = Some(words::note(answer));
        let is_callees = words::is_callees(answer);
        if state.stage == Stage::Calling && (is_callees || state.ending.is_some()) {
            // It was placed, whatever came of it.
            state.stage = Stage::Taken;
            self.tell_taken(state);
        }
        if let Some((code, why)) = state.ending.take() {
            // Cancelled, unless the far end was faster with an answer of its own.
            let code = if is_callees {
                words::end(answer, true)
            } else {
                code
            };
            return End {
                code,
                note: why.or(note),
            };
        }
        if state.stage == Stage::Calling {
            state.refusal = Some(words::refusal(answer));
        }
        End {
            code: words::end(answer, state.stage == Stage::Ringing),
            note,
        }
    }

    fn overdue(&self, state: &mut State) -> Option<End> {
        if let Some((code, note)) = state.ending.take() {
            return Some(End { code, note });
        }
        match state.stage {
            Stage::Calling => {
                let words = "the trunk did not answer; the call was taken back, and may have rung";
                if let Some(taken) = state.taken.take() {
                    let _ = taken.send(Err(DialError::Unknown(words.to_owned())));
                }
                self.give_up(state, EndCode::OutcomeUnknown, None);
                state.deadline = Instant::now() + AFTERMATH;
            }
            Stage::Taken => {
                let note = Some("nothing rang within the ring timeout".to_owned());
                self.give_up(state, EndCode::CarrierFailed, note);
            }
            Stage::Ringing => self.give_up(state, EndCode::NoAnswer, None),
            Stage::Up => self.look_after(state),
        }
        None
    }

    /// Asks a far end that sends no sound whether it is there: it may have been switched off, and
    /// would never say so.
    fn look_after(&self, state: &mut State) {
        state.deadline = Instant::now() + QUIET;
        let packets = self.session.packets();
        if std::mem::replace(&mut state.packets, packets) == packets && !state.is_asked {
            state.is_asked = true;
            let (asked, commands) = (self.leg.ask(), self.commands.clone());
            tokio::spawn(async move {
                let _ = commands.send(Command::IsThere(asked.await));
            });
        }
    }

    /// Takes the call off the list before anybody is told, so that it is not hung up twice.
    async fn end(self, mut state: State, end: End) {
        self.parts.forget(self.call.attempt_id);
        // The agent hears it before the run is over.
        drop(state.mouth.take());
        drop(self.session);
        // Of a call that was refused outright, and of one that nobody answered for, the dial tells.
        if state.stage != Stage::Calling {
            let event = CallWord::Ended(end.code);
            self.parts.report(&self.call, event, end.note);
        }
        if let Some(taken) = state.taken.take() {
            let unknown = || DialError::Unknown(super::LOST.to_owned());
            let refused = state.refusal.map(DialError::Refused);
            let _ = taken.send(Err(refused.unwrap_or_else(unknown)));
        }
        for done in state.hung_up.drain(..) {
            let _ = done.send(());
        }
        release(self.leg.into_stack());
    }

    fn report(&self, word: CallWord, note: Option<String>) {
        self.parts.report(&self.call, word, note);
    }
}

impl Parts {
    fn report(&self, call: &CallRef, word: CallWord, note: Option<String>) {
        self.sink.call_event(CallEvent {
            attempt_id: call.attempt_id,
            run_id: call.run_id,
            at: self.clock.now(),
            carrier_call_id: call.carrier_call_id.clone(),
            word: Some(word),
            note,
        });
    }
}

/// Records from the answer on. A call goes on without where the file cannot be had.
async fn record(parts: Arc<Parts>, call: CallRef, session: Arc<Session>) {
    let run_id = call.run_id;
    let lost = |error: &dyn std::fmt::Display| {
        tracing::warn!(%run_id, %error, "a call is not recorded");
    };
    match parts
        .artifacts
        .create(run_id, ArtifactKind::Recording)
        .await
    {
        Ok(file) => {
            let begun = Recorder::begin(file, move |done| {
                if let Err(error) = done {
                    tracing::warn!(%run_id, %error, "a call's recording was not kept");
                }
            });
            match begun {
                Ok(recorder) => session.record(recorder),
                Err(error) => lost(&error),
            }
        }
        Err(error) => lost(&error),
    }
}
