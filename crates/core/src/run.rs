//! The life of a run as a table: which state may follow which, what a carrier's word does in each
//! state, and how an end reads as a sentence. One reducer ([`reduce`]) decides for every source
//! (carrier, person, watchdog, restart), inside the store's transaction, so that a run's end is
//! written once however late, doubled or contradicting the words come.

use crate::cause::Cause;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident => $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)+ }

        impl $name {
            /// Every value, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word in storage and on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// Reads the word back; `None` for any other.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|value| value.as_str() == word)
            }
        }
    };
}

words! {
    /// The states of a run. `Indeterminate` is the only one that can be open or final: open while
    /// the carrier is still being asked, final when nobody can know any more.
    RunState {
        Queued => "queued",
        Dialing => "dialing",
        Ringing => "ringing",
        InProgress => "in-progress",
        Completed => "completed",
        Busy => "busy",
        NoAnswer => "no-answer",
        Failed => "failed",
        Canceled => "canceled",
        Indeterminate => "indeterminate",
    }
}

impl RunState {
    /// Whether a run in this state is over for good whatever is said later. `Indeterminate` is
    /// over only when its run is marked completed.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(
            self,
            Self::Completed | Self::Busy | Self::NoAnswer | Self::Failed | Self::Canceled
        )
    }
}

/// The legal steps. `Indeterminate → Indeterminate` is the step from open to final.
pub const STEPS: &[(RunState, &[RunState])] = {
    use RunState::{
        Busy, Canceled, Completed, Dialing, Failed, InProgress, Indeterminate, NoAnswer, Queued,
        Ringing,
    };
    &[
        (Queued, &[Dialing, Failed, Canceled]),
        (
            Dialing,
            &[
                Ringing,
                InProgress,
                Completed,
                Busy,
                NoAnswer,
                Failed,
                Canceled,
                Indeterminate,
            ],
        ),
        (
            Ringing,
            &[
                InProgress,
                Completed,
                Busy,
                NoAnswer,
                Failed,
                Canceled,
                Indeterminate,
            ],
        ),
        (InProgress, &[Completed, Failed, Canceled, Indeterminate]),
        (
            Indeterminate,
            &[
                Ringing,
                InProgress,
                Completed,
                Busy,
                NoAnswer,
                Failed,
                Canceled,
                Indeterminate,
            ],
        ),
    ]
};

/// Whether the table has the step.
#[must_use]
pub fn may_follow(from: RunState, to: RunState) -> bool {
    STEPS
        .iter()
        .any(|(state, next)| *state == from && next.contains(&to))
}

words! {
    /// Whose word a timeline entry is.
    Source {
        Switchhook => "switchhook",
        Carrier => "carrier",
        Person => "person",
    }
}

words! {
    /// Whose side an end was on.
    Side {
        Callee => "callee",
        Carrier => "carrier",
        Switchhook => "switchhook",
        Caller => "caller",
        Unknown => "unknown",
    }
}

words! {
    /// How a run ended; each has a row in [`ENDS`].
    EndCode {
        AgentEnded => "agent-ended",
        NoLanguageModel => "no-language-model",
        CalleeHungUp => "callee-hung-up",
        HungUp => "hung-up",
        Completed => "completed",
        DurationReached => "duration-reached",
        Busy => "busy",
        Declined => "declined",
        NoAnswer => "no-answer",
        Canceled => "canceled",
        CarrierRefused => "carrier-refused",
        CarrierFailed => "carrier-failed",
        NoWordFromCarrier => "no-word-from-carrier",
        NeverPlaced => "never-placed",
        OutcomeUnknown => "outcome-unknown",
        Unallocated => "unallocated",
        Unreachable => "unreachable",
        EndedUnheard => "ended-unheard",
        Interrupted => "interrupted",
    }
}

/// What an end means to people.
pub struct EndWords {
    pub code: EndCode,
    /// The state that a run ends in with this code.
    pub state: RunState,
    /// What the callee experienced, as a sentence.
    pub sentence: &'static str,
    pub side: Side,
    /// What to do now; empty when there is nothing to do.
    pub next: &'static str,
    /// `call_disposition` of the compatible API (contract §5.5).
    pub disposition: &'static str,
}

macro_rules! ends {
    ($($code:ident, $state:ident, $side:ident, $disposition:literal, $sentence:literal, $next:literal;)+) => {
        &[$(EndWords {
            code: EndCode::$code, state: RunState::$state, sentence: $sentence, side: Side::$side,
            next: $next, disposition: $disposition,
        },)+]
    };
}

/// One row per code.
pub const ENDS: &[EndWords] = ends! {
    AgentEnded, Completed, Switchhook, "end_call_tool",
        "The conversation reached its end and the agent hung up.", "Nothing to do.";
    NoLanguageModel, Completed, Switchhook, "no-language-model",
        "The agent said its greeting and goodbye and hung up, because it has no language model yet to hold a conversation on a phone.",
        "Listen to the recording for what the callee said, and call back by hand where an answer is due.";
    CalleeHungUp, Completed, Callee, "user_hangup",
        "The callee answered and later hung up.", "Nothing to do.";
    HungUp, Completed, Caller, "system_cancelled",
        "The call was hung up from Switchhook.", "Nothing to do.";
    Completed, Completed, Unknown, "unknown",
        "The call was answered and is over; the carrier does not tell who hung up.", "Nothing to do.";
    DurationReached, Completed, Switchhook, "call_duration_exceeded",
        "The call reached its longest allowed time and was hung up.",
        "Raise the agent's longest call time if conversations need more.";
    Busy, Busy, Callee, "busy",
        "The line was busy.", "Try again later.";
    Declined, Busy, Callee, "busy",
        "The callee declined the call.", "Ask before you call again.";
    NoAnswer, NoAnswer, Callee, "no-answer",
        "The phone rang and nobody answered.", "Try again at another time.";
    Canceled, Canceled, Caller, "canceled",
        "The call was canceled before it was answered.", "Nothing to do.";
    CarrierRefused, Failed, Carrier, "error",
        "The carrier refused the call, so the phone did not ring.",
        "Read the carrier's words below, mend the number or the account, then fire again.";
    CarrierFailed, Failed, Carrier, "failed",
        "The carrier could not put the call through.",
        "Check the number; if it is right, ask the carrier with the call's id.";
    NoWordFromCarrier, Indeterminate, Unknown, "error",
        "The carrier took the call and then sent no word about it within its deadline.",
        "Look the call up in the carrier's own log before you fire again: the phone may have rung.";
    NeverPlaced, Failed, Carrier, "failed",
        "The carrier says that it never placed this call, so the phone did not ring.",
        "Nothing went out: fire again when the carrier answers.";
    OutcomeUnknown, Indeterminate, Unknown, "error",
        "The carrier did not answer, so nobody here knows whether the phone rang.",
        "Ask the callee or the carrier's log before you fire again: the first call may have gone out.";
    Unallocated, Failed, Callee, "failed",
        "Nobody has this number, as far as the network knows.", "Check the number.";
    Unreachable, Failed, Carrier, "failed",
        "The callee's phone could not be reached, so it did not ring.",
        "Try again at another time; if nobody is ever reached this way, check the trunk.";
    EndedUnheard, Indeterminate, Unknown, "error",
        "The call ended while the carrier could not be heard, so nobody here knows how.",
        "Ask the callee or look into the carrier's own log before you fire again: the phone may have rung.";
    Interrupted, Failed, Switchhook, "failed",
        "Switchhook stopped while the call was open.",
        "Ask the callee how far the call came before you fire again.";
};

/// The words of a code.
#[must_use]
pub fn end_words(code: EndCode) -> &'static EndWords {
    ENDS.iter()
        .find(|words| words.code == code)
        .expect("every code has a row: tested")
}

/// The codes that end a run in this state.
pub fn codes_of(state: RunState) -> impl Iterator<Item = EndCode> {
    ENDS.iter()
        .filter(move |words| words.state == state)
        .map(|words| words.code)
}

/// What happened to a run, from any source.
#[derive(Clone, Debug)]
pub enum RunInput {
    /// The dial was handed to the carrier; its answer is not known yet.
    Dialing,
    /// The carrier took the call. `metadata` goes into the gathered context (contract §1.6).
    Accepted {
        carrier_call_id: Option<String>,
        metadata: Map<String, Value>,
    },
    /// The carrier refused it; `message` is the `detail` text the caller is told.
    Refused { message: String },
    /// Nobody knows whether the call went out. Final where the carrier cannot be asked.
    Unknown { message: String, is_final: bool },
    /// The callee's phone rings.
    Ringing,
    /// The callee answered.
    Answered,
    /// The call is over.
    Ended(EndCode),
    /// The network gave it up before it was answered, and said why.
    EndedBy(Cause),
}

/// What the reducer decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Write the state; with an end, the run is completed.
    Move { to: RunState, end: Option<EndCode> },
    /// The word changes no state but belongs to the record (an accepted dial, say).
    Keep,
    /// Late, doubled or contradicting: nothing is written.
    Ignore,
}

/// The end that a code means in a state: what is over before it was answered was canceled or not
/// answered, not completed.
fn end_in(state: RunState, code: EndCode) -> EndCode {
    let answered = state == RunState::InProgress;
    match code {
        EndCode::HungUp | EndCode::AgentEnded | EndCode::NoLanguageModel if !answered => {
            EndCode::Canceled
        }
        EndCode::CalleeHungUp if !answered => EndCode::Declined,
        // A carrier that says "canceled" or "no answer" of an answered call contradicts itself:
        // the conversation happened.
        EndCode::Canceled
        | EndCode::NoAnswer
        | EndCode::Busy
        | EndCode::Declined
        | EndCode::Unallocated
        | EndCode::Unreachable
        | EndCode::EndedUnheard
            if answered =>
        {
            EndCode::Completed
        }
        code => code,
    }
}

/// Decides what an input does to a run. Total over every state and input; never leaves a
/// completed run.
#[must_use]
pub fn reduce(state: RunState, is_completed: bool, input: &RunInput) -> Verdict {
    if is_completed || state.is_final() {
        return Verdict::Ignore;
    }
    let step = |to: RunState, end: Option<EndCode>| {
        if may_follow(state, to) {
            Verdict::Move { to, end }
        } else {
            Verdict::Ignore
        }
    };
    match input {
        RunInput::Dialing => step(RunState::Dialing, None),
        RunInput::Accepted { .. } => Verdict::Keep,
        RunInput::Refused { .. } => step(RunState::Failed, Some(EndCode::CarrierRefused)),
        RunInput::Unknown { is_final, .. } => step(
            RunState::Indeterminate,
            is_final.then_some(EndCode::OutcomeUnknown),
        ),
        RunInput::Ringing => step(RunState::Ringing, None),
        RunInput::Answered => step(RunState::InProgress, None),
        RunInput::Ended(code) => {
            let code = end_in(state, *code);
            step(end_words(code).state, Some(code))
        }
        RunInput::EndedBy(cause) => {
            let ended = RunInput::Ended(cause.code());
            reduce(state, is_completed, &ended)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn inputs() -> Vec<RunInput> {
        let message = String::new();
        let mut inputs = vec![
            RunInput::Dialing,
            RunInput::Accepted {
                carrier_call_id: None,
                metadata: Map::new(),
            },
            RunInput::Refused {
                message: message.clone(),
            },
            RunInput::Unknown {
                message: message.clone(),
                is_final: false,
            },
            RunInput::Unknown {
                message,
                is_final: true,
            },
            RunInput::Ringing,
            RunInput::Answered,
        ];
        inputs.extend(EndCode::ALL.iter().map(|code| RunInput::Ended(*code)));
        inputs
    }

    #[test]
    fn every_code_has_one_row_that_ends_a_run() {
        for code in EndCode::ALL {
            let rows: Vec<_> = ENDS.iter().filter(|words| words.code == *code).collect();
            assert_eq!(rows.len(), 1, "{}", code.as_str());
            assert!(rows[0].state.is_final() || rows[0].state == RunState::Indeterminate);
        }
    }

    #[test]
    fn the_reducer_takes_no_illegal_step() {
        for state in RunState::ALL {
            for input in inputs() {
                if let Verdict::Move { to, .. } = reduce(*state, false, &input) {
                    assert!(
                        may_follow(*state, to),
                        "{} -> {}",
                        state.as_str(),
                        to.as_str()
                    );
                }
            }
        }
    }

    #[test]
    fn a_final_state_leads_nowhere() {
        for state in RunState::ALL.iter().filter(|state| state.is_final()) {
            assert!(!STEPS.iter().any(|(from, _)| from == state));
        }
    }

    #[test]
    fn every_open_state_can_be_ended_by_the_watchdog() {
        for (state, _) in STEPS.iter().filter(|(state, _)| *state != RunState::Queued) {
            for code in [
                EndCode::NoWordFromCarrier,
                EndCode::OutcomeUnknown,
                EndCode::Interrupted,
            ] {
                let verdict = reduce(*state, false, &RunInput::Ended(code));
                assert!(
                    matches!(verdict, Verdict::Move { end: Some(_), .. }),
                    "{}",
                    state.as_str()
                );
            }
        }
    }

    #[test]
    fn a_hang_up_before_the_answer_is_a_cancel() {
        let verdict = reduce(RunState::Ringing, false, &RunInput::Ended(EndCode::HungUp));
        assert_eq!(
            verdict,
            Verdict::Move {
                to: RunState::Canceled,
                end: Some(EndCode::Canceled)
            }
        );
    }

    #[test]
    fn ringing_after_the_answer_is_ignored() {
        assert_eq!(
            reduce(RunState::InProgress, false, &RunInput::Ringing),
            Verdict::Ignore
        );
    }

    proptest! {
        /// Whatever arrives in whatever order, the end is written once and nothing follows it.
        #[test]
        fn a_run_ends_once(picks in proptest::collection::vec(0usize..64, 0..40)) {
            let all = inputs();
            let (mut state, mut is_completed, mut ends) = (RunState::Queued, false, 0);
            for pick in picks {
                match reduce(state, is_completed, &all[pick % all.len()]) {
                    Verdict::Move { to, end } => {
                        prop_assert!(!is_completed);
                        state = to;
                        if end.is_some() { ends += 1; is_completed = true; }
                        prop_assert!(!to.is_final() || is_completed);
                    }
                    Verdict::Keep | Verdict::Ignore => {}
                }
            }
            prop_assert!(ends <= 1);
        }
    }
}
