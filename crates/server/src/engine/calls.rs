//! One task per open run, from the dial to the end. Everything that happens to the run goes
//! through here in the order it is heard; the answer of the dial is recorded before any later word.

use super::{Engine, Word, conversation};
use std::sync::Arc;
use std::time::Duration;
use switchhook_core::ids::{AttemptId, RunId, VersionId};
use switchhook_core::ports::{CallRef, CallWord, Dialer, HangUpError, LookUp, Step, StoredReply};
use switchhook_core::run::{EndCode, RunInput, RunState, Source, Verdict};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// After an accepted dial the carrier must say something within this.
const DIALING_DEADLINE: Duration = Duration::from_secs(15);
/// A phone that rings longer than this rings for nobody.
const RINGING_DEADLINE: Duration = Duration::from_secs(60);
/// How long the end of a run waits for the last words of its conversation to be stored.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// An open run in the hands of its task.
pub(super) struct Call {
    pub engine: Arc<Engine>,
    pub run_id: RunId,
    pub attempt_id: AttemptId,
    pub version_id: VersionId,
    pub max_call: Duration,
    pub dialer: Arc<dyn Dialer>,
    pub words: mpsc::Receiver<Word>,
    pub carrier_call_id: Option<String>,
    pub state: RunState,
    pub initial_context: serde_json::Map<String, serde_json::Value>,
    conversation: Option<JoinHandle<()>>,
    /// A person asked for the end, so the end that follows is theirs.
    hang_up_asked: bool,
    since: Instant,
    is_over: bool,
}

/// What a call is made from; the rest is how far it has come.
pub(super) struct CallParts {
    pub engine: Arc<Engine>,
    pub run_id: RunId,
    pub attempt_id: AttemptId,
    pub version_id: VersionId,
    pub max_call: Duration,
    pub dialer: Arc<dyn Dialer>,
    pub words: mpsc::Receiver<Word>,
    pub carrier_call_id: Option<String>,
    pub state: RunState,
    pub initial_context: serde_json::Map<String, serde_json::Value>,
}

impl Call {
    pub fn new(parts: CallParts) -> Self {
        let CallParts {
            engine,
            run_id,
            attempt_id,
            version_id,
            max_call,
            dialer,
            words,
            carrier_call_id,
            state,
            initial_context,
        } = parts;
        let (conversation, hang_up_asked, since, is_over) = (None, false, Instant::now(), false);
        Self {
            engine,
            run_id,
            attempt_id,
            version_id,
            max_call,
            dialer,
            words,
            carrier_call_id,
            state,
            initial_context,
            conversation,
            hang_up_asked,
            since,
            is_over,
        }
    }

    /// Lets the reducer decide and remembers what it decided. A store that fails leaves the run
    /// as it was; the deadline comes back to it.
    pub async fn step(
        &mut self,
        source: Source,
        input: RunInput,
        note: Option<String>,
        reply: Option<StoredReply>,
    ) {
        let at = self.engine.clock.now();
        let step = Step {
            run_id: self.run_id,
            at,
            source,
            input,
            note,
            reply,
        };
        match self.engine.store.step_run(step).await {
            Ok(Verdict::Move { to, end }) => {
                self.state = to;
                self.since = Instant::now();
                self.is_over = end.is_some();
            }
            Ok(Verdict::Keep | Verdict::Ignore) => {}
            Err(error) => {
                tracing::error!(run_id = %self.run_id, %error, "a run's step was not recorded")
            }
        }
    }

    /// Follows the run to its end, or until the program stops.
    pub async fn follow(mut self) {
        while !self.is_over {
            let deadline = self.since + self.patience();
            tokio::select! {
                word = self.words.recv() => match word {
                    Some(Word::Event(event)) => self.hear(event.word, event.note).await,
                    Some(Word::Line(line)) => self.talk(line),
                    Some(Word::HangUp) => self.hang_up().await,
                    Some(Word::Stop) | None => {
                        self.stop().await;
                        break;
                    }
                },
                () = tokio::time::sleep_until(deadline) => self.overdue().await,
            }
        }
        self.engine.close_run(self.run_id);
        // Words that came too late are read by the reducer all the same, so that it says so.
        if let Some(conversation) = self.conversation.take() {
            conversation.abort();
        }
    }

    fn patience(&self) -> Duration {
        match self.state {
            RunState::Ringing => RINGING_DEADLINE,
            RunState::InProgress => self.max_call,
            _ => DIALING_DEADLINE,
        }
    }

    async fn hear(&mut self, word: CallWord, note: Option<String>) {
        let source = if self.hang_up_asked {
            Source::Person
        } else {
            Source::Carrier
        };
        match word {
            CallWord::Ringing => {
                self.step(Source::Carrier, RunInput::Ringing, note, None)
                    .await
            }
            CallWord::Answered => {
                self.step(Source::Carrier, RunInput::Answered, note, None)
                    .await
            }
            CallWord::Ended(code) => {
                self.last_words().await;
                self.step(source, RunInput::Ended(code), note, None).await;
            }
        }
    }

    fn talk(&mut self, line: Arc<dyn switchhook_core::ports::Line>) {
        if self.conversation.is_some() {
            return;
        }
        let engine = self.engine.clone();
        let (run_id, version_id) = (self.run_id, self.version_id);
        let context = std::mem::take(&mut self.initial_context);
        self.conversation = Some(tokio::spawn(async move {
            conversation::hold(&engine, run_id, version_id, context, line).await
        }));
    }

    /// The transcript is whole before the run is over, so that whoever sees the end sees it all.
    async fn last_words(&mut self) {
        if let Some(mut conversation) = self.conversation.take()
            && tokio::time::timeout(LAST_WORDS, &mut conversation)
                .await
                .is_err()
        {
            conversation.abort();
        }
    }

    fn call_ref(&self) -> CallRef {
        let (attempt_id, run_id) = (self.attempt_id, self.run_id);
        CallRef {
            attempt_id,
            run_id,
            carrier_call_id: self.carrier_call_id.clone(),
        }
    }

    async fn hang_up(&mut self) {
        self.hang_up_asked = true;
        match self.dialer.hang_up(&self.call_ref()).await {
            Ok(()) => {}
            Err(HangUpError::NotFound) => {
                self.last_words().await;
                self.step(Source::Person, RunInput::Ended(EndCode::HungUp), None, None)
                    .await;
            }
            Err(HangUpError::Failed(message)) => {
                tracing::warn!(run_id = %self.run_id, %message, "the carrier did not hang up");
            }
        }
    }

    /// The program stops: a call that lives only in this process ends with it, any other is left
    /// to its carrier.
    async fn stop(&mut self) {
        if self.dialer.facts().connectivity == "local" {
            let _ = self.dialer.hang_up(&self.call_ref()).await;
            self.last_words().await;
            self.step(
                Source::Switchhook,
                RunInput::Ended(EndCode::Interrupted),
                None,
                None,
            )
            .await;
        }
    }

    /// Nothing was heard within the state's deadline: ask the carrier, then end the run.
    async fn overdue(&mut self) {
        if self.state == RunState::InProgress {
            let _ = self.dialer.hang_up(&self.call_ref()).await;
            self.last_words().await;
            return self.end_overdue(EndCode::DurationReached).await;
        }
        match self.dialer.look_up(&self.call_ref()).await {
            LookUp::Ended(code) => self.hear(CallWord::Ended(code), None).await,
            LookUp::NeverPlaced => self.end_overdue(EndCode::CarrierFailed).await,
            LookUp::Open(word) if self.say(word) != self.state => self.hear(word, None).await,
            LookUp::Open(_) | LookUp::Unknown => {
                let _ = self.dialer.hang_up(&self.call_ref()).await;
                self.end_overdue(EndCode::NoWordFromCarrier).await;
            }
        }
    }

    fn say(&self, word: CallWord) -> RunState {
        match word {
            CallWord::Ringing => RunState::Ringing,
            CallWord::Answered => RunState::InProgress,
            CallWord::Ended(_) => self.state,
        }
    }

    async fn end_overdue(&mut self, code: EndCode) {
        self.step(Source::Switchhook, RunInput::Ended(code), None, None)
            .await;
        // Where even that could not be written, the next look comes after another deadline.
        self.since = Instant::now();
    }
}
