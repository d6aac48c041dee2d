//! One task per open run, from the dial to the end. Everything that happens to the run goes
//! through here in the order it is heard; the answer of the dial is recorded before any later word.
//! Where the carrier does not tell by itself it is asked ([`super::asking`]), and every state has a
//! deadline ([`super::ending`]).

use super::account::Unopened;
use super::conversation::{self, Held};
use super::patience::{Pace, Patience, pauses};
use super::{Ears, Engine, Word};
use serde_json::{Map, Value};
use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use switchhook_core::ids::{RunId, VersionId};
use switchhook_core::ports::{
    CallEvent, CallRef, CallWord, Dialer, Line, Step, StoreError, StoredReply, TranscriptLine,
};
use switchhook_core::run::{EndCode, RunInput, RunState, Source, Verdict};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// How long the end of a run waits for the last words of its conversation.
const LAST_WORDS: Duration = Duration::from_secs(5);
/// Pause between two tries to write what was given up before.
const OWED_PAUSE: Duration = Duration::from_secs(5);
/// Pauses between tries to write a step; a disk that is still not there after them may stay away
/// for long, and callers are not kept waiting for it.
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
    pub ears: Ears,
    pub state: RunState,
    pub initial_context: Arc<Map<String, Value>>,
}

/// An open run in the hands of its task.
pub(super) struct Call {
    pub(super) parts: Parts,
    conversation: Option<JoinHandle<Held>>,
    /// How the agent ended it, and what went wrong in it.
    parting: (Option<EndCode>, Option<String>),
    /// What the conversation gathered, for the next step.
    gathered: Map<String, Value>,
    /// What it said and was not written yet.
    lines: Vec<TranscriptLine>,
    said: Option<mpsc::UnboundedReceiver<Vec<TranscriptLine>>>,
    /// When writing it is tried again.
    owed_at: Instant,
    /// The answer of the dial and who waits for it, until it is on disk.
    caller: Option<(oneshot::Sender<StoredReply>, StoredReply)>,
    /// The carrier's end of the call, until the last words of its conversation are there.
    end: Option<(CallWord, Option<String>)>,
    /// What could not be heard while something was being written.
    later: Option<Word>,
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
        Self {
            parts,
            conversation: None,
            parting: (None, None),
            gathered: Map::new(),
            lines: Vec::new(),
            said: None,
            owed_at: since,
            caller: None,
            end: None,
            later: None,
            hang_up_asked: false,
            since,
            lasted: Duration::ZERO,
            unopened: None,
            pace,
            is_over: false,
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
        let (message, is_final) = (why.to_owned(), false);
        let input = RunInput::Unknown { message, is_final };
        self.add(Source::Switchhook, input, None, None);
        for pause in pauses() {
            if self.write().await || self.parts.engine.stops_within(pause).await {
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

    /// Records the answer of the dial, which the caller is told once it is on disk.
    pub async fn dialled(
        &mut self,
        input: RunInput,
        answer: StoredReply,
        is_claimed: bool,
        caller: oneshot::Sender<StoredReply>,
    ) {
        let reply = is_claimed.then(|| answer.clone());
        self.caller = Some((caller, answer));
        self.add(Source::Carrier, input, None, reply);
        self.write().await;
    }

    /// Lets the reducer decide and remembers what it decided. A store that fails leaves the run
    /// as it was, which is `false`; the step is written as soon as it works again.
    pub async fn step(&mut self, source: Source, input: RunInput, note: Option<String>) -> bool {
        self.add(source, input, note, None);
        self.write().await
    }

    /// Adds a step to those that go to disk next, with what was said and gathered before it.
    fn add(
        &mut self,
        source: Source,
        input: RunInput,
        note: Option<String>,
        reply: Option<StoredReply>,
    ) {
        self.parts.ears.unwritten.add(Step {
            run_id: self.run_id(),
            at: self.parts.engine.clock.now(),
            source,
            input,
            note,
            reply,
            gathered: std::mem::take(&mut self.gathered),
            lines: std::mem::take(&mut self.lines),
        });
    }

    /// Writes until everything is on disk. What is heard meanwhile is added: it goes with the write
    /// that waits for its turn, or with the next one. Tries again for a few seconds: what was heard
    /// is worth more than the wait. `false` where it was not written in the end.
    async fn write(&mut self) -> bool {
        let mut is_written = true;
        let mut pauses = WRITE_PAUSES.iter();
        while !self.parts.ears.unwritten.is_empty() {
            match self.write_once().await {
                Ok(verdicts) => {
                    self.parts.ears.unwritten.forget(verdicts.len());
                    verdicts
                        .into_iter()
                        .for_each(|verdict| self.decided(verdict));
                    pauses = WRITE_PAUSES.iter();
                }
                Err(error) => {
                    let run_id = self.run_id();
                    let Some(pause) = pauses.next() else {
                        tracing::error!(%run_id, %error, "a run's steps were not recorded");
                        self.give_up();
                        is_written = false;
                        break;
                    };
                    tracing::warn!(%run_id, %error, "a run's step is tried again");
                    tokio::time::sleep(*pause).await;
                    continue;
                }
            }
            self.tell_caller();
        }
        self.tell_caller();
        is_written
    }

    /// One write, with an open ear. A carrier's end waits for the conversation's last words, and
    /// whatever comes after an end waits with it.
    async fn write_once(&mut self) -> Result<Vec<Verdict>, StoreError> {
        let store = self.parts.engine.store.clone();
        let mut write = pin!(store.step_run_through(self.parts.ears.unwritten.clone()));
        loop {
            let is_open = self.can_hear();
            tokio::select! {
                biased;
                written = &mut write => return written,
                Some(word) = self.parts.ears.words.recv(), if is_open => self.hear(word),
                held = last_of(&mut self.conversation), if self.end.is_some() => {
                    self.conversation = None;
                    self.keep_last_words(held);
                }
            }
        }
    }

    fn decided(&mut self, verdict: Verdict) {
        if let Verdict::Move { to, end } = verdict {
            self.parts.state = to;
            self.is_over = end.is_some();
            self.wait_anew();
        }
    }

    /// Keeps the steps until the store works again; of equal ones, which a question that is put
    /// again brings, the first. What the others carry of the conversation goes with the next step.
    fn give_up(&mut self) {
        let (mut kinds, mut lines) = (Vec::new(), Vec::new());
        for step in self.parts.ears.unwritten.forget(usize::MAX) {
            let kind = std::mem::discriminant(&step.input);
            if kinds.contains(&kind) {
                self.gathered.extend(step.gathered.clone());
                lines.extend(step.lines.iter().cloned());
            } else {
                kinds.push(kind);
                self.parts.ears.unwritten.add(step.as_ref().clone());
            }
        }
        lines.append(&mut self.lines);
        self.lines = lines;
        self.owed_at = Instant::now() + OWED_PAUSE;
    }

    /// The caller may be gone; the run goes on.
    fn tell_caller(&mut self) {
        if let Some((caller, answer)) = self.caller.take() {
            let _ = caller.send(answer);
        }
    }

    /// The state's deadline and the pauses between questions begin now.
    pub fn wait_anew(&mut self) {
        (self.since, self.lasted) = (Instant::now(), Duration::ZERO);
        self.pace = match self.unopened {
            Some(_) => Pace::growing(),
            None => self.parts.patience.pace(self.parts.state),
        };
    }

    /// Follows the run to its end, or until the program stops. What happens seldom is in a box: a run
    /// that only waits needs no room for it, and many may wait for long.
    pub async fn follow(&mut self) {
        let stop = self.parts.engine.stop.clone();
        while !self.is_over {
            if self.end.is_some() {
                self.last_words().await;
                self.write().await;
                continue;
            }
            if let Some(word) = self.later.take() {
                match word {
                    Word::Event(event) => Box::pin(self.hear_doubtful(*event)).await,
                    Word::HangUp => Box::pin(self.hang_up()).await,
                    Word::Line(line) => self.talk(line),
                }
                continue;
            }
            self.write_lines().await;
            let patience = self.parts.patience.deadline(self.parts.state);
            let deadline = self.since + patience.saturating_sub(self.lasted);
            let next_look = self.pace.next();
            tokio::select! {
                word = self.parts.ears.words.recv() => {
                    if self.take(word).await.is_break() {
                        break;
                    }
                }
                Some(lines) = next_of(&mut self.said) => self.lines.extend(lines),
                () = stop.cancelled() => {
                    Box::pin(self.stop()).await;
                    break;
                }
                () = tokio::time::sleep_until(self.owed_at), if !self.parts.ears.unwritten.is_empty() => {
                    self.write().await;
                }
                () = tokio::time::sleep_until(deadline) => Box::pin(self.overdue()).await,
                () = tokio::time::sleep_until(next_look) => Box::pin(self.look_in_turn()).await,
            }
        }
        self.parts.engine.close_run(self.run_id());
        if let Some(conversation) = self.conversation.take() {
            conversation.abort();
        }
    }

    /// Takes a word and those that came with it, and writes them together.
    async fn take(&mut self, first: Option<Word>) -> ControlFlow<()> {
        let Some(first) = first else {
            Box::pin(self.stop()).await;
            return ControlFlow::Break(());
        };
        self.hear(first);
        while self.can_hear()
            && let Ok(word) = self.parts.ears.words.try_recv()
        {
            self.hear(word);
        }
        if self.end.is_some() {
            self.last_words().await;
        }
        self.write().await;
        ControlFlow::Continue(())
    }

    /// Writes what was said, unless a step is about to take it along.
    async fn write_lines(&mut self) {
        if self.lines.is_empty() || !self.parts.ears.words.is_empty() {
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

    /// What can be heard while something is being written; the rest waits.
    fn hear(&mut self, word: Word) {
        match word {
            Word::Line(line) => self.talk(line),
            Word::Event(event) if self.is_known(event.carrier_call_id.as_deref()) => {
                if let Some(word) = event.word {
                    self.told(word, event.note);
                }
            }
            word @ (Word::Event(_) | Word::HangUp) => self.later = Some(word),
        }
    }

    /// What the carrier told by itself is heard only where it is about this run's call.
    async fn hear_doubtful(&mut self, event: CallEvent) {
        if !self.is_told_of(event.carrier_call_id).await {
            tracing::warn!(run_id = %self.run_id(), "a carrier's word about another run's call was dropped");
        } else if let Some(word) = event.word {
            self.hear_out(word, event.note).await;
        }
    }

    /// Where something waits, what comes after it waits with it.
    fn can_hear(&self) -> bool {
        self.end.is_none() && self.later.is_none()
    }

    /// The carrier says where the call stands.
    fn told(&mut self, word: CallWord, note: Option<String>) {
        match word {
            CallWord::Ringing => self.add(Source::Carrier, RunInput::Ringing, note, None),
            CallWord::Answered => self.add(Source::Carrier, RunInput::Answered, note, None),
            word if self.conversation.is_some() => self.end = Some((word, note)),
            word => self.end_told(word, note),
        }
    }

    /// The same, and on disk when this returns.
    pub(super) async fn hear_out(&mut self, word: CallWord, note: Option<String>) {
        self.told(word, note);
        if self.end.is_some() {
            self.last_words().await;
        }
        self.write().await;
    }

    fn end_told(&mut self, word: CallWord, note: Option<String>) {
        let (source, input) = match word {
            CallWord::Ringing => (Source::Carrier, RunInput::Ringing),
            CallWord::Answered => (Source::Carrier, RunInput::Answered),
            CallWord::EndedBy(cause) => (Source::Carrier, RunInput::EndedBy(cause)),
            CallWord::Ended(code) => {
                let (source, code) = self.whose_end(code);
                (source, RunInput::Ended(code))
            }
        };
        let ours = self.parting.1.take();
        let notes: Vec<_> = [ours, note].into_iter().flatten().collect();
        let note = (!notes.is_empty()).then(|| notes.join("; "));
        self.add(source, input, note, None);
    }

    fn whose_end(&self, code: EndCode) -> (Source, EndCode) {
        match code {
            // The carrier did what a person asked for and cannot know who it was.
            EndCode::Completed | EndCode::Canceled | EndCode::HungUp if self.hang_up_asked => {
                (Source::Person, EndCode::HungUp)
            }
            // Nor why the agent hung up.
            EndCode::Completed | EndCode::AgentEnded | EndCode::HungUp => match self.parting.0 {
                Some(code) => (Source::Switchhook, code),
                None => (Source::Carrier, code),
            },
            code => (Source::Carrier, code),
        }
    }

    fn talk(&mut self, line: Arc<dyn Line>) {
        if self.conversation.is_some() {
            return;
        }
        let engine = self.parts.engine.clone();
        let (run_id, version_id) = (self.run_id(), self.parts.version_id);
        let context = self.parts.initial_context.clone();
        let (said, lines) = mpsc::unbounded_channel();
        self.said = Some(lines);
        let talk = async move {
            conversation::hold(&engine, run_id, version_id, context, line, said).await
        };
        self.conversation = Some(tokio::spawn(talk));
    }

    /// The transcript is whole before the run is over, so that whoever sees the end sees it all.
    pub(super) async fn last_words(&mut self) {
        if self.conversation.is_some() {
            let last = last_of(&mut self.conversation);
            let held = tokio::time::timeout(LAST_WORDS, last).await;
            if let Some(conversation) = self.conversation.take() {
                conversation.abort();
            }
            self.keep_last_words(held.unwrap_or_default());
        }
    }

    /// The conversation is over: its last words, then the end that waited for them.
    fn keep_last_words(&mut self, held: Held) {
        self.gathered.extend(held.gathered);
        self.parting = (held.end, held.note);
        while let Some(Ok(lines)) = self.said.as_mut().map(mpsc::UnboundedReceiver::try_recv) {
            self.lines.extend(lines);
        }
        if let Some((word, note)) = self.end.take() {
            self.end_told(word, note);
        }
    }
}

/// What a conversation says next; never without a conversation.
async fn next_of(
    said: &mut Option<mpsc::UnboundedReceiver<Vec<TranscriptLine>>>,
) -> Option<Vec<TranscriptLine>> {
    match said {
        Some(said) => said.recv().await,
        None => std::future::pending().await,
    }
}

/// What is left of a conversation; never without a conversation.
async fn last_of(conversation: &mut Option<JoinHandle<Held>>) -> Held {
    let Some(conversation) = conversation else {
        return std::future::pending().await;
    };
    conversation.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a conversation broke");
        Held::default()
    })
}
