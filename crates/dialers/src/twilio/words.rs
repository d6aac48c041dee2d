//! Twilio's words about a call and what they mean here: the table of its statuses, and the record
//! of its own words and codes. The same words come in callbacks and in look-ups.

use serde::Deserialize;
use serde_json::Value;
use switchhook_core::ports::{CallWord, LookUp};
use switchhook_core::run::EndCode;

/// Longest value that is kept of a carrier's word, in characters.
const LONGEST: usize = 200;

/// Twilio's statuses (Call resource and status callbacks). `None`: the call waits, and nothing
/// has happened that the callee noticed.
const STATUSES: &[(&str, Option<CallWord>)] = &[
    ("queued", None),
    ("initiated", None),
    ("ringing", Some(CallWord::Ringing)),
    ("in-progress", Some(CallWord::Answered)),
    ("answered", Some(CallWord::Answered)),
    ("completed", Some(CallWord::Ended(EndCode::Completed))),
    ("busy", Some(CallWord::Ended(EndCode::Busy))),
    ("no-answer", Some(CallWord::Ended(EndCode::NoAnswer))),
    ("failed", Some(CallWord::Ended(EndCode::CarrierFailed))),
    ("canceled", Some(CallWord::Ended(EndCode::Canceled))),
];

/// What a status means; `None` for a word that Twilio does not document.
pub(super) fn meaning(status: &str) -> Option<Option<CallWord>> {
    STATUSES
        .iter()
        .find(|(word, _)| *word == status)
        .map(|(_, meaning)| *meaning)
}

/// Twilio's words as one line for the record, by the names it gives them; empty ones are left out.
pub(super) fn note<'a>(
    words: impl IntoIterator<Item = (&'a str, Option<String>)>,
) -> Option<String> {
    let words: Vec<_> = words
        .into_iter()
        .filter_map(|(name, value)| {
            let value = value.filter(|value| !value.is_empty())?;
            let value: String = value.chars().take(LONGEST).collect();
            Some(format!("{name} {value}"))
        })
        .collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// A call as Twilio's API shows it; the members that are read here.
#[derive(Debug, Deserialize)]
pub(super) struct Call {
    pub sid: Option<String>,
    pub status: Option<String>,
    pub to: Option<String>,
    pub from: Option<String>,
    pub direction: Option<String>,
    pub date_created: Option<String>,
    answered_by: Option<Value>,
    duration: Option<Value>,
}

impl Call {
    /// What the call's status says.
    pub fn look_up(self) -> LookUp {
        let text = |value: &Option<Value>| match value {
            Some(Value::String(text)) => Some(text.clone()),
            Some(Value::Number(number)) => Some(number.to_string()),
            _ => None,
        };
        let (answered_by, duration) = (text(&self.answered_by), text(&self.duration));
        let Some(meaning) = self.status.as_deref().and_then(meaning) else {
            return LookUp::Unknown;
        };
        match meaning {
            None => LookUp::Waiting {
                carrier_call_id: self.sid,
            },
            Some(word) => LookUp::Found {
                carrier_call_id: self.sid,
                word,
                note: note([
                    ("status", self.status),
                    ("duration", duration),
                    ("answered_by", answered_by),
                ]),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_words_and_capitals_mean_nothing() {
        assert_eq!(meaning("Ringing"), None);
        assert_eq!(meaning("on-hold"), None);
    }

    #[test]
    fn a_note_names_what_twilio_said_and_is_bounded() {
        let words = [
            ("CallStatus", Some("busy".to_owned())),
            ("ErrorCode", Some(String::new())),
            ("AnsweredBy", None),
        ];
        assert_eq!(note(words).as_deref(), Some("CallStatus busy"));
        let long = note([("CallStatus", Some("x".repeat(LONGEST + 1)))]);
        assert_eq!(
            long.map(|note| note.len()),
            Some("CallStatus ".len() + LONGEST)
        );
        assert_eq!(note([("CallStatus", None)]), None);
    }
}
