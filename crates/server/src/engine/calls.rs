//! One task per open run, from the dial to the end. Everything that happens to the run goes
//! through here in the order it is heard; the answer of the dial is recorded before any later word.
//! Where the carrier does not tell by itself it is asked ([`super::asking`]), and every state has a
//! deadline ([`super::ending`]).

use super::account::Unopened;
use super::conversation::{self, Said};
use super::patience::{Pace, Patience, pauses};
use super::{Engine, Word};
use serde_json::{Map, Value};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;
use switchhook_core::ids::{RunId, VersionId};
use switchhook_core::ports::{
    CallEvent, CallRef, CallWord, Dialer, Line, Step, StoreError, StoredReply, TranscriptLine,
};
use switchhook_core::run::{EndCode, RunInput, RunState, Source, Verdict};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How long the end of a run waits for the last words of its conversation to be stored.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// Pauses between tries to write a step; a disk that is still not there after them stays away.
const WRITE_PAUSES: [Duration; 4] = [
    Duration::from_millis(100),
    Duration::from_millis(300),
    Duration::from_secs(1),
    Duration::from_secs(3),
];

/// What a run's task is made from.
pub(super) struct Parts {
    pub engine: Arc<Engine>,
    pub dialer: Arc<dyn Dialer>,
    pub call: CallRef,
    pub version_id: VersionId,
    pub patience: Patience,
    /// Whether "no such call" can be believed: not when the account may be another than the one
    /// that was dialled through.
    pub believes_absence: bool,
    pub words: mpsc::Receiver<Word>,
    pub state: RunState,
    pub initial_context: Map<String, Value>,
}

/// An open run in the hands of its task.
pub(super) struct Call {
    pub(super) parts: Parts,
    conversation: Option<JoinHandle<Map<String, Value>>>,
    /// What the conversation gathered, for the next step.
    gathered: Map<String, Value>,
    /// What it said and was not written yet.
    lines: Vec<TranscriptLine>,
    said: (Said, mpsc::UnboundedReceiver<Vec<TranscriptLine>>),
    /// A person asked for the end, so the end that follows is theirs.
    pub(super) hang_up_asked: bool,
    /// When the state began, or this task took it up …
    pub(super) since: Instant,
    /// … and how long it had lasted by then.
    pub(super) lasted: Duration,
    /// The account, where it could not be opened yet; then the carrier cannot be asked.
    pub(super) unopened: Option<Unopened>,
    pub(super) pace: Pace,
    pub(super) is_over: bool,
}

impl Call {
    pub fn new(parts: Parts) -> Self {
        let since = Instant::now();
        let pace = parts.patience.pace(parts.state);
        let (conversation, hang_up_asked, is_over) = (None, false, false);
        Self {
            parts,
            conversation,
            gathered: Map::new(),
            lines: Vec::new(),
            said: mpsc::unbounded_channel(),
            hang_up_asked,
            since,
            lasted: Duration::ZERO,
            unopened: None,
            pace,
            is_over,
        }
    }

    /// The call was left open by an earlier task: its account is still to be opened, and its state
    /// has lasted so long.
    pub fn was_left(&mut self, unopened: Unopened, lasted: Duration) {
        self.unopened = Some(unopened);
        self.lasted = lasted;
        self.pace = Pace::growing();
    }

    /// Records that nobody here heard the carrier's answer to the dial. Tried until it is written:
    /// a dial whose outcome is unknown has another deadline than one that was taken.
    pub async fn lose_answer(&mut self, why: &str) {
        for pause in pauses() {
            let (message, is_final) = (why.to_owned(), false);
            let input = RunInput::Unknown { message, is_final };
            let is_written = self.step(Source::Switchhook, input, None, None).await;
            if is_written || self.parts.engine.stops_within(pause).await {
                return;
            }
        }
    }

    pub(super) fn run_id(&self) -> RunId {
        self.parts.call.run_id
    }

    /// The carrier's own id of the call, once it is known.
    pub fn set_carrier_call_id(&mut self, id: Option<String>) {
        self.parts.call.carrier_call_id = id.or(self.parts.call.carrier_call_id.take());
    }

    /// Lets the reducer decide and remembers what it decided. A store that fails leaves the run
    /// as it was, which is `false`; the deadline comes back to it.
    pub async fn step(
        &mut self,
        source: Source,
        input: RunInput,
        note: Option<String>,
        reply: Option<StoredReply>,
    ) -> bool {
        let engine = self.parts.engine.clone();
        let step = Step {
            run_id: self.run_id(),
            at: engine.clock.now(),
            source,
            input,
            note,
            reply,
            gathered: std::mem::take(&mut self.gathered),
            lines: std::mem::take(&mut self.lines),
        };
        match self.write(step).await {
            Ok(Verdict::Move { to, end }) => {
                self.parts.state = to;
                self.is_over = end.is_some();
                self.wait_anew();
                true
            }
            Ok(Verdict::Keep | Verdict::Ignore) => true,
            Err(error) => {
                tracing::error!(run_id = %self.run_id(), %error, "a run's step was not recorded");
                false
            }
        }
    }

    /// Tries again for a few seconds: what was heard is worth more than the wait.
    async fn write(&mut self, step: Step) -> Result<Verdict, StoreError> {
        let store = self.parts.engine.store.clone();
        for pause in WRITE_PAUSES {
            match store.step_run(step.clone()).await {
                Ok(verdict) => return Ok(verdict),
                Err(error) => {
                    tracing::warn!(run_id = %self.run_id(), %error, "a run's step is tried again")
                }
            }
            tokio::time::sleep(pause).await;
        }
        let written = store.step_run(step.clone()).await;
        if written.is_err() {
            (self.gathered, self.lines) = (step.gathered, step.lines);
        }
        written
    }

    /// The state's deadline and the pauses between questions begin now.
    pub fn wait_anew(&mut self) {
        (self.since, self.lasted) = (Instant::now(), Duration::ZERO);
        self.pace = match self.unopened {
            Some(_) => Pace::growing(),
            None => self.parts.patience.pace(self.parts.state),
        };
    }

    /// Follows the run to its end, or until the program stops.
    pub async fn follow(mut self) {
        let stop = self.parts.engine.stop.clone();
        while !self.is_over {
            self.write_lines().await;
            let patience = self.parts.patience.deadline(self.parts.state);
            let deadline = self.since + patience.saturating_sub(self.lasted);
            let next_look = self.pace.next();
            tokio::select! {
                word = self.parts.words.recv() => {
                    if self.take(word).await.is_break() {
                        break;
                    }
                }
                Some(lines) = self.said.1.recv() => self.lines.extend(lines),
                () = stop.cancelled() => {
                    self.stop().await;
                    break;
                }
                () = tokio::time::sleep_until(deadline) => self.overdue().await,
                () = tokio::time::sleep_until(next_look) => self.look().await,
            }
        }
        self.parts.engine.close_run(self.run_id());
        if let Some(conversation) = self.conversation.take() {
            conversation.abort();
        }
    }

    /// Takes a word and those that came with it. A line is talked on at once, so that what is said
    /// while a step is being written goes to disk with the next one.
    async fn take(&mut self, first: Option<Word>) -> ControlFlow<()> {
        let Some(first) = first else {
            self.stop().await;
            return ControlFlow::Break(());
        };
        let mut words = vec![first];
        words.extend(std::iter::from_fn(|| self.parts.words.try_recv().ok()));
        let mut rest = Vec::with_capacity(words.len());
        for word in words {
            match word {
                Word::Line(line) => self.talk(line),
                word => rest.push(word),
            }
        }
        for word in rest {
            match word {
                Word::Event(event) => self.told(event).await,
                Word::HangUp => self.hang_up().await,
                Word::Line(_) => {}
            }
        }
        ControlFlow::Continue(())
    }

    /// Writes what was said, unless a step is about to take it along.
    async fn write_lines(&mut self) {
        if self.lines.is_empty() || !self.parts.words.is_empty() {
            return;
        }
        let lines = std::mem::take(&mut self.lines);
        let written = self
            .parts
            .engine
            .store
            .append_transcript(self.run_id(), lines)
            .await;
        if let Err(error) = written {
            tracing::error!(run_id = %self.run_id(), %error, "lines of a transcript were not stored");
        }
    }

    /// What the carrier told by itself. It is heard only where it is about this run's call.
    async fn told(&mut self, event: CallEvent) {
        if !self.is_told_of(event.carrier_call_id).await {
            tracing::warn!(run_id = %self.run_id(), "a carrier's word about another run's call was dropped");
        } else if let Some(word) = event.word {
            self.hear(word, event.note).await;
        }
    }

    pub(super) async fn hear(&mut self, word: CallWord, note: Option<String>) {
        match word {
            CallWord::Ringing => {
                self.step(Source::Carrier, RunInput::Ringing, note, None)
                    .await;
            }
            CallWord::Answered => {
                self.step(Source::Carrier, RunInput::Answered, note, None)
                    .await;
            }
            CallWord::Ended(code) => {
                let (source, code) = match code {
                    // The carrier did what a person asked for and cannot know who it was.
                    EndCode::Completed | EndCode::Canceled | EndCode::HungUp
                        if self.hang_up_asked =>
                    {
                        (Source::Person, EndCode::HungUp)
                    }
                    code => (Source::Carrier, code),
                };
                self.last_words().await;
                self.step(source, RunInput::Ended(code), note, None).await;
            }
        }
    }

    fn talk(&mut self, line: Arc<dyn Line>) {
        if self.conversation.is_some() {
            return;
        }
        let engine = self.parts.engine.clone();
        let (run_id, version_id) = (self.run_id(), self.parts.version_id);
        let context = std::mem::take(&mut self.parts.initial_context);
        let said = self.said.0.clone();
        let talk = async move {
            conversation::hold(&engine, run_id, version_id, context, line, said).await
        };
        self.conversation = Some(tokio::spawn(talk));
    }

    /// The transcript is whole before the run is over, so that whoever sees the end sees it all.
    pub(super) async fn last_words(&mut self) {
        let Some(mut conversation) = self.conversation.take() else {
            return;
        };
        match tokio::time::timeout(LAST_WORDS, &mut conversation).await {
            Ok(Ok(gathered)) => self.gathered = gathered,
            Ok(Err(error)) => {
                tracing::error!(run_id = %self.run_id(), %error, "a conversation broke")
            }
            Err(_) => conversation.abort(),
        }
        while let Ok(lines) = self.said.1.try_recv() {
            self.lines.extend(lines);
        }
    }
}
