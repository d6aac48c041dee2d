//! The desk phone: a carrier without a network. A dial rings a person, who answers, talks, picks
//! edges and hangs up through [`DeskPhone`]'s methods; a few numbers play a callee of their own
//! ([`callee`]) so that every outcome can be had without waiting for anybody. The seam is the
//! `Dialer` and `Line` ports, the same as for a real carrier: nothing here stores a run, writes a
//! transcript or knows about HTTP.
//!
//! **Order.** A dial is accepted before the first word about it is delivered by a task of its
//! own; that task delivers all words of its call, one after the other, and ends with the call. It
//! may run on another thread before the accepting answer is recorded: whoever records holds the
//! words of a run back until then.

mod callee;
mod line;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use callee::{Callee, Word};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use switchhook_core::ids::{AttemptId, RunId};
use switchhook_core::ports::{
    Account, CallRef, CallSink, Clock, DialError, DialRequest, Dialed, Dialer, HangUpError, Heard,
    LookUp, Proof, Scene,
};
use switchhook_core::run::EndCode;
use switchhook_core::telephony::ProviderFacts;
use tokio::sync::mpsc;

/// The provider id of telephony configurations (INTERFACES "The desk phone").
pub const PROVIDER: &str = "desk_phone";

/// What a person may have said or decided before the agent has heard it; more is refused.
const UNHEARD: usize = 64;

/// Told the id and the run of a call at the window whenever its state, node or edges changed or it
/// ended. Called outside of every lock, so it may ask the desk phone again.
pub type Changed = dyn Fn(&str, RunId) + Send + Sync;

/// Where a call at the window is. An ended call is not listed at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallState {
    Ringing,
    InProgress,
}

impl CallState {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
        }
    }
}

/// A call as the person at the window sees it.
#[derive(Clone, Debug)]
pub struct Call {
    /// The attempt's UUID.
    pub id: String,
    pub run_id: RunId,
    pub state: CallState,
    /// The caller ID; `None` where none is shown.
    pub from: Option<String>,
    /// The number that was dialled.
    pub to: String,
    /// The agent's name.
    pub agent: String,
    pub rang_at: Timestamp,
    /// Where the conversation stands. Its edges are empty from the moment one is taken until the
    /// agent shows the next scene, so that no edge is taken twice.
    pub scene: Scene,
}

/// Why a person's act was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// No such call at the window, or it is over.
    #[error("there is no such call; it may have ended")]
    NotFound,
    /// The call is there but this cannot be done now: it is not answered yet or already is, the
    /// edge is not offered, or the agent has not heard what was said before.
    #[error("the call is not in a state for this; read it again")]
    NotInThatState,
}

/// One call that is going on.
struct Handset {
    call: Call,
    callee: Callee,
    /// To the call's own task.
    words: mpsc::Sender<Word>,
    /// To the agent's ear; set while a person is on the call.
    mouth: Option<mpsc::Sender<Heard>>,
}

impl Handset {
    /// Answers: the agent gets an ear. An automatic callee has said its line and put the receiver
    /// down before the agent begins to listen.
    fn pick_up(&mut self) -> Result<(), CallError> {
        self.expect(CallState::Ringing)?;
        let (mouth, ear) = mpsc::channel(UNHEARD);
        if let Some(line) = self.callee.line() {
            mouth
                .try_send(Heard::Speech(line.to_owned()))
                .expect("the channel is new and has room");
        } else {
            self.mouth = Some(mouth);
        }
        self.call.state = CallState::InProgress;
        self.say_word(Word::Answered(ear));
        Ok(())
    }

    fn expect(&self, state: CallState) -> Result<(), CallError> {
        if self.call.state == state {
            Ok(())
        } else {
            Err(CallError::NotInThatState)
        }
    }

    /// Hands something to the agent's ear.
    fn hand(&self, heard: Heard) -> Result<(), CallError> {
        let mouth = self.mouth.as_ref().ok_or(CallError::NotInThatState)?;
        mouth.try_send(heard).map_err(|_| CallError::NotInThatState)
    }

    /// The channel has room for every word of a call's life; a closed one means that the runtime
    /// is going down and nobody is left to tell.
    fn say_word(&self, word: Word) {
        let _ = self.words.try_send(word);
    }
}

/// The desk phone. Dropping it ends its calls without a word.
pub struct DeskPhone {
    me: Weak<Self>,
    sink: Arc<dyn CallSink>,
    clock: Arc<dyn Clock>,
    changed: Box<Changed>,
    handsets: Mutex<HashMap<AttemptId, Handset>>,
}

impl DeskPhone {
    /// A desk phone without calls that reports to `sink` and tells `changed` what the window
    /// should read again.
    #[must_use]
    pub fn new(sink: Arc<dyn CallSink>, clock: Arc<dyn Clock>, changed: Box<Changed>) -> Arc<Self> {
        Arc::new_cyclic(|me| Self {
            me: me.clone(),
            sink,
            clock,
            changed,
            handsets: Mutex::default(),
        })
    }

    /// The calls at the window, the one that rang first in front. Calls to the numbers that play a
    /// callee of their own are never among them.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        let handsets = self.lock();
        let mut calls: Vec<_> = handsets
            .values()
            .filter(|set| set.callee.is_person())
            .map(|set| set.call.clone())
            .collect();
        drop(handsets);
        calls.sort_by(|a, b| (a.rang_at, a.run_id, &a.id).cmp(&(b.rang_at, b.run_id, &b.id)));
        calls
    }

    /// One call at the window.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn call(&self, id: &str) -> Result<Call, CallError> {
        self.act(id, |_| Ok(()))
    }

    /// Answers a ringing call.
    ///
    /// # Errors
    /// `NotFound`; `NotInThatState` when it is answered already.
    pub fn answer(&self, id: &str) -> Result<Call, CallError> {
        self.act(id, Handset::pick_up)
            .inspect(|call| self.announce(call))
    }

    /// Declines a ringing call and gives it back as it last was.
    ///
    /// # Errors
    /// `NotFound`; `NotInThatState` when it is answered already.
    pub fn decline(&self, id: &str) -> Result<Call, CallError> {
        self.put_down(id, CallState::Ringing, EndCode::Declined)
    }

    /// Hangs an answered call up and gives it back as it last was.
    ///
    /// # Errors
    /// `NotFound`; `NotInThatState` while it rings.
    pub fn hang_up(&self, id: &str) -> Result<Call, CallError> {
        self.put_down(id, CallState::InProgress, EndCode::CalleeHungUp)
    }

    /// Says something to the agent. The length is the caller's to bound.
    ///
    /// # Errors
    /// `NotFound`; `NotInThatState` while it rings and when the agent has not heard the last
    /// 64 things.
    pub fn say(&self, id: &str, text: &str) -> Result<Call, CallError> {
        self.act(id, |set| set.hand(Heard::Speech(text.to_owned())))
    }

    /// Decides that the condition of an edge is met.
    ///
    /// # Errors
    /// `NotFound`; `NotInThatState` while it rings and for an edge that is not offered.
    pub fn take_edge(&self, id: &str, edge_id: &str) -> Result<Call, CallError> {
        let take = |set: &mut Handset| {
            set.call
                .scene
                .edges
                .iter()
                .find(|(id, ..)| id == edge_id)
                .ok_or(CallError::NotInThatState)?;
            set.hand(Heard::Edge(edge_id.to_owned()))?;
            set.call.scene.edges.clear();
            Ok(())
        };
        self.act(id, take).inspect(|call| self.announce(call))
    }

    fn act(
        &self,
        id: &str,
        act: impl FnOnce(&mut Handset) -> Result<(), CallError>,
    ) -> Result<Call, CallError> {
        let id = attempt_id(id)?;
        let mut handsets = self.lock();
        let set = handsets
            .get_mut(&id)
            .filter(|set| set.callee.is_person())
            .ok_or(CallError::NotFound)?;
        act(set)?;
        Ok(set.call.clone())
    }

    fn put_down(&self, id: &str, state: CallState, code: EndCode) -> Result<Call, CallError> {
        self.end(attempt_id(id)?, |set| {
            if !set.callee.is_person() {
                return Err(CallError::NotFound);
            }
            set.expect(state).map(|()| code)
        })
    }

    /// Takes a call off the desk with the code that `code` finds for it.
    fn end(
        &self,
        id: AttemptId,
        code: impl FnOnce(&Handset) -> Result<EndCode, CallError>,
    ) -> Result<Call, CallError> {
        let mut handsets = self.lock();
        let code = code(handsets.get(&id).ok_or(CallError::NotFound)?)?;
        let set = handsets.remove(&id).ok_or(CallError::NotFound)?;
        drop(handsets);
        set.say_word(Word::Ended(code));
        if set.callee.is_person() {
            self.announce(&set.call);
        }
        Ok(set.call)
    }

    fn announce(&self, call: &Call) {
        (self.changed)(&call.id, call.run_id);
    }

    /// No code that can panic half-way through a change runs under the lock, so what a panic left
    /// is whole.
    fn lock(&self) -> MutexGuard<'_, HashMap<AttemptId, Handset>> {
        self.handsets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Dialer for DeskPhone {
    fn facts(&self) -> &'static ProviderFacts {
        crate::facts(PROVIDER).expect("the desk phone has a row in the table of providers")
    }

    /// There is no account, so nothing can be wrong with it.
    async fn verify(&self, _: &Account) -> Proof {
        Proof::Proved { note: None }
    }

    async fn dial(&self, request: DialRequest) -> Result<Dialed, DialError> {
        let to = request.destination.to_string();
        let callee = Callee::at(&to);
        match callee {
            Callee::Refused => return Err(DialError::Refused(callee::refusal(&to))),
            Callee::Lost => return std::future::pending().await,
            _ => {}
        }
        let call_ref = request.call_ref();
        let call = Call {
            id: request.attempt_id.to_string(),
            run_id: request.run_id,
            state: CallState::Ringing,
            from: request.caller_id,
            to,
            agent: request.agent_name,
            rang_at: self.clock.now(),
            scene: Scene::default(),
        };
        let (words, told) = mpsc::channel(callee::WORDS);
        {
            let mut handsets = self.lock();
            if handsets.contains_key(&request.attempt_id) {
                return Err(DialError::Unknown(
                    "this attempt was dialled before".to_owned(),
                ));
            }
            handsets.insert(
                request.attempt_id,
                Handset {
                    call,
                    callee,
                    words,
                    mouth: None,
                },
            );
        }
        let reporter = callee::Reporter::new(self, call_ref, callee);
        tokio::spawn(reporter.attend(callee.patience(request.ring_timeout), told));
        // The call's id in this phone's own list.
        let carrier_call_id = Some(request.attempt_id.to_string());
        Ok(Dialed {
            carrier_call_id,
            ..Dialed::default()
        })
    }

    async fn hang_up(&self, call: &CallRef) -> Result<(), HangUpError> {
        let code = |set: &Handset| {
            Ok(match set.call.state {
                CallState::Ringing => EndCode::Canceled,
                CallState::InProgress => EndCode::HungUp,
            })
        };
        self.end(call.attempt_id, code)
            .map(|_| ())
            .map_err(|_| HangUpError::NotFound)
    }

    async fn look_up(&self, _call: &CallRef) -> LookUp {
        LookUp::Unknown
    }
}

fn attempt_id(id: &str) -> Result<AttemptId, CallError> {
    uuid::Uuid::try_parse(id)
        .map(AttemptId)
        .map_err(|_| CallError::NotFound)
}
