//! Asterisk's events, as far as they are read here, and what they say of a call. The table of how
//! calls end was measured against Asterisk 22 with real far ends; the order of events is not fixed,
//! so each is taken by itself.

use serde::Deserialize;
use switchhook_core::cause::Cause;
use switchhook_core::ports::CallWord;
use switchhook_core::run::EndCode;

/// Q.850: normal clearing. Zero is Asterisk's word for none.
const NORMAL: u16 = 16;

/// An event.
#[derive(Debug, Deserialize)]
pub(super) struct Event {
    #[serde(rename = "type")]
    pub kind: String,
    pub channel: Option<Channel>,
    /// The channel that a `Dial` is about.
    pub peer: Option<Channel>,
    pub dialstatus: Option<String>,
    pub cause: Option<i64>,
    pub cause_txt: Option<String>,
    pub tech_cause: Option<i64>,
    pub digit: Option<String>,
    pub recording: Option<Recording>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Recording {
    pub name: String,
}

/// A channel: one leg of a call.
#[derive(Debug, Deserialize)]
pub(super) struct Channel {
    pub id: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub state: String,
}

/// Where a channel is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Trying,
    Ringing,
    Up,
}

impl Channel {
    pub fn stage(&self) -> Stage {
        match self.state.as_str() {
            "Up" => Stage::Up,
            "Ring" | "Ringing" => Stage::Ringing,
            _ => Stage::Trying,
        }
    }
}

impl Event {
    /// How far the call has come by this event. The network's own voice before the answer counts
    /// as ringing: the callee's side is found.
    pub fn stage(&self) -> Option<Stage> {
        match self.kind.as_str() {
            "Dial" => match self.dialstatus.as_deref() {
                Some("RINGING" | "PROGRESS") => Some(Stage::Ringing),
                Some("ANSWER") => Some(Stage::Up),
                _ => None,
            },
            "ChannelStateChange" => Some(self.channel.as_ref()?.stage()),
            "StasisStart" => Some(Stage::Up),
            _ => None,
        }
    }

    /// Asterisk's own words, for the record.
    pub fn note(&self) -> Option<String> {
        let status = self
            .dialstatus
            .as_deref()
            .filter(|status| !status.is_empty());
        let status = status.map(|status| format!("Dial {status}"));
        let cause = self.cause.map(|cause| {
            let text = self.cause_txt.as_deref().unwrap_or_default();
            format!("cause {cause} {text}").trim_end().to_owned()
        });
        let sip = self.sip().map(|status| format!("SIP {status}"));
        let words: Vec<_> = status.into_iter().chain(cause).chain(sip).collect();
        (!words.is_empty()).then(|| words.join(", "))
    }

    fn sip(&self) -> Option<u16> {
        let status = u16::try_from(self.tech_cause?).ok()?;
        (300..700).contains(&status).then_some(status)
    }

    /// How a call ended whose channel is destroyed.
    pub fn end(&self, rang: bool, answered: bool, ended_here: Option<EndCode>) -> CallWord {
        let q850 = self.cause.and_then(|cause| u16::try_from(cause).ok());
        let q850 = q850.filter(|cause| *cause > 0);
        match (ended_here, answered) {
            (Some(code), true) => CallWord::Ended(code),
            (Some(_), false) => CallWord::Ended(EndCode::Canceled),
            (None, true) if q850.is_none_or(|cause| cause == NORMAL) => {
                CallWord::Ended(EndCode::CalleeHungUp)
            }
            (None, true) => CallWord::Ended(EndCode::Completed),
            (None, false) => CallWord::EndedBy(Cause {
                sip: self.sip(),
                q850,
                rang,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn event(value: Value) -> Event {
        serde_json::from_value(value).expect("an event")
    }

    fn destroyed(cause: i64, sip: Option<i64>) -> Event {
        event(
            json!({"type": "ChannelDestroyed", "cause": cause, "tech_cause": sip, "cause_txt": "X"}),
        )
    }

    fn code(word: CallWord) -> EndCode {
        match word {
            CallWord::Ended(code) => code,
            CallWord::EndedBy(cause) => cause.code(),
            word => panic!("{word:?} is no end"),
        }
    }

    #[test]
    fn every_measured_end_means_what_happened() {
        let unanswered = [
            (17, Some(486), true, EndCode::Busy),
            (21, Some(603), true, EndCode::Declined),
            (21, Some(403), false, EndCode::CarrierRefused),
            (1, Some(404), false, EndCode::Unallocated),
            (19, Some(480), false, EndCode::Unreachable),
            (19, Some(480), true, EndCode::NoAnswer),
            (58, Some(488), false, EndCode::CarrierFailed),
            (34, Some(503), false, EndCode::CarrierFailed),
            (18, Some(408), false, EndCode::Unreachable),
        ];
        for (cause, sip, rang, expected) in unanswered {
            let word = destroyed(cause, sip).end(rang, false, None);
            assert_eq!(code(word), expected, "{cause} {sip:?} {rang}");
        }
    }

    #[test]
    fn an_answered_call_is_never_a_failure_and_says_who_hung_up() {
        let ended = |cause, here| code(destroyed(cause, None).end(true, true, here));
        assert_eq!(ended(0, None), EndCode::CalleeHungUp);
        assert_eq!(ended(16, None), EndCode::CalleeHungUp);
        assert_eq!(ended(16, Some(EndCode::AgentEnded)), EndCode::AgentEnded);
        assert_eq!(ended(34, None), EndCode::Completed);
    }

    #[test]
    fn a_call_that_was_hung_up_from_here_while_it_rang_is_canceled() {
        let word = destroyed(16, None).end(true, false, Some(EndCode::HungUp));
        assert_eq!(code(word), EndCode::Canceled);
    }

    #[test]
    fn a_web_sockets_close_code_is_no_sip_status() {
        assert_eq!(
            destroyed(16, Some(1000)).note().as_deref(),
            Some("cause 16 X")
        );
    }

    #[test]
    fn early_media_is_ringing_and_an_empty_dial_is_nothing() {
        let dial = |status: &str| event(json!({"type": "Dial", "dialstatus": status})).stage();
        assert_eq!(dial("PROGRESS"), Some(Stage::Ringing));
        assert_eq!(dial("ANSWER"), Some(Stage::Up));
        assert_eq!((dial(""), dial("BUSY")), (None, None));
    }
}
