//! Who is at the other end of a number, and the task that reports one call. What the numbers do is
//! a table (INTERFACES "The desk phone"); persons act through `DeskPhone`, everybody else is
//! played here. No automatic callee sleeps except to let the phone ring.

use super::line::DeskLine;
use super::{CallError, CallState, DeskPhone};
use std::sync::{Arc, Weak};
use std::time::Duration;
use switchhook_core::ports::{CallEvent, CallRef, CallSink, CallWord, Clock, Heard};
use switchhook_core::run::EndCode;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// The words that are ever under way to a call's task: the answer and the end.
pub(super) const WORDS: usize = 2;

const LINE: &str = "Yes, that is fine. Goodbye.";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Callee {
    /// The person at the window.
    Person,
    /// Answers at once, says one line after the greeting and hangs up.
    Talker,
    /// As `Talker`, over a carrier that says everything twice, the second time too late.
    Echoed,
    Busy,
    /// Lets it ring for a second.
    Silent,
    Declines,
    /// The carrier refuses the dial.
    Refused,
    /// The carrier never answers the dial.
    Lost,
}

const NUMBERS: &[(&str, Callee)] = &[
    ("+14155550100", Callee::Person),
    ("+14155550101", Callee::Talker),
    ("+14155550102", Callee::Busy),
    ("+14155550103", Callee::Silent),
    ("+14155550104", Callee::Declines),
    ("+14155550105", Callee::Refused),
    ("+14155550106", Callee::Lost),
    ("+14155550107", Callee::Echoed),
];

impl Callee {
    /// Who is at this number; a person at every number that is not in the table.
    pub(super) fn at(address: &str) -> Self {
        NUMBERS
            .iter()
            .find(|(number, _)| *number == address)
            .map_or(Self::Person, |(_, callee)| *callee)
    }

    pub(super) const fn is_person(self) -> bool {
        matches!(self, Self::Person)
    }

    /// What an automatic callee says once the agent listens.
    pub(super) const fn line(self) -> Option<&'static str> {
        match self {
            Self::Talker | Self::Echoed => Some(LINE),
            _ => None,
        }
    }

    /// How long the phone rings before nobody answered.
    pub(super) fn patience(self, ring_timeout: Duration) -> Duration {
        if self == Self::Silent {
            ring_timeout.min(Duration::from_secs(1))
        } else {
            ring_timeout
        }
    }
}

/// A refusal in the form that carriers' HTTP refusals have (contract §13.3): status, then JSON.
pub(super) fn refusal(to: &str) -> String {
    let answer = serde_json::json!({
        "code": "call-refused",
        "message": format!("The desk phone refuses every call to {to}."),
        "status": 400,
    });
    format!("400: {answer}")
}

/// What the desk tells a call's task.
pub(super) enum Word {
    /// Answered; the agent's ear.
    Answered(mpsc::Receiver<Heard>),
    Ended(EndCode),
}

/// Reports one call to the sink, in order. Holds the desk weakly: a dropped desk closes the
/// channel of words and with it the task.
pub(super) struct Reporter {
    desk: Weak<DeskPhone>,
    sink: Arc<dyn CallSink>,
    clock: Arc<dyn Clock>,
    call: CallRef,
    callee: Callee,
}

impl Reporter {
    pub(super) fn new(desk: &DeskPhone, call: CallRef, callee: Callee) -> Self {
        Self {
            desk: desk.me.clone(),
            sink: Arc::clone(&desk.sink),
            clock: Arc::clone(&desk.clock),
            call,
            callee,
        }
    }

    /// Lives as long as the call.
    pub(super) async fn attend(self, patience: Duration, mut told: mpsc::Receiver<Word>) {
        self.begin();
        let first = match timeout(patience, told.recv()).await {
            Ok(word) => word,
            Err(_) => {
                self.ring_out();
                // An answer that came just before is already in the channel and comes first.
                told.recv().await
            }
        };
        let mut next = first;
        while let Some(word) = next {
            match word {
                Word::Answered(ear) => self.answered(ear),
                Word::Ended(code) => return self.ended(code),
            }
            next = told.recv().await;
        }
    }

    /// What happens without anybody's doing.
    fn begin(&self) {
        if !matches!(self.callee, Callee::Talker | Callee::Busy) {
            self.report(CallWord::Ringing);
        }
        let Some(desk) = self.desk.upgrade() else {
            return;
        };
        match self.callee {
            Callee::Person => self.announce(&desk),
            Callee::Talker | Callee::Echoed => self.pick_up(&desk),
            Callee::Busy => self.end(&desk, EndCode::Busy),
            Callee::Declines => self.end(&desk, EndCode::Declined),
            Callee::Silent | Callee::Refused | Callee::Lost => {}
        }
    }

    fn announce(&self, desk: &DeskPhone) {
        (desk.changed)(&self.call.attempt_id.to_string(), self.call.run_id);
    }

    /// Nothing to do where the call was ended before it could be answered.
    fn pick_up(&self, desk: &DeskPhone) {
        if let Some(set) = desk.lock().get_mut(&self.call.attempt_id) {
            let _ = set.pick_up();
        }
    }

    /// Somebody else may have ended the call in between: theirs is the end then.
    fn end(&self, desk: &DeskPhone, code: EndCode) {
        let _: Result<_, CallError> = desk.end(self.call.attempt_id, |_| Ok(code));
    }

    fn ring_out(&self) {
        if let Some(desk) = self.desk.upgrade() {
            let _: Result<_, CallError> = desk.end(self.call.attempt_id, |set| {
                set.expect(CallState::Ringing).map(|()| EndCode::NoAnswer)
            });
        }
    }

    fn answered(&self, ear: mpsc::Receiver<Heard>) {
        self.report(CallWord::Answered);
        let line = DeskLine::new(self.desk.clone(), self.call.attempt_id, ear);
        self.sink.line(self.call.clone(), Arc::new(line));
        if self.callee == Callee::Echoed {
            self.report(CallWord::Ringing);
        }
    }

    fn ended(&self, code: EndCode) {
        self.report(CallWord::Ended(code));
        if self.callee == Callee::Echoed {
            self.report(CallWord::Answered);
            self.report(CallWord::Ended(code));
        }
    }

    fn report(&self, word: CallWord) {
        let CallRef {
            attempt_id, run_id, ..
        } = self.call;
        self.sink.call_event(CallEvent {
            attempt_id,
            run_id,
            at: self.clock.now(),
            carrier_call_id: None,
            word: Some(word),
            note: None,
        });
    }
}
