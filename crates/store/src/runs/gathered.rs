//! What a step adds to the gathered context: the keys that readers of the compatible API rely on
//! (contract §1.6, §1.10, §5.5, §5.8). Pure, so that every row of those tables has a test.

use serde_json::{Map, Value};
use switchhook_core::run::{EndCode, RunInput, RunState, end_words};

/// What the additions depend on besides the step.
pub struct Facts<'a> {
    pub provider: &'a str,
    /// `api`, or `window` where a person fired.
    pub triggered_by: &'a str,
    /// Set where the target was a trigger path.
    pub trigger_path: Option<&'a str>,
}

/// The keys to set, shallowly, in the reference's order.
pub fn additions(
    facts: &Facts<'_>,
    input: &RunInput,
    end: Option<EndCode>,
    gathered: &Map<String, Value>,
) -> Map<String, Value> {
    let mut keys = Map::new();
    match input {
        RunInput::Accepted {
            carrier_call_id,
            metadata,
        } => accepted(&mut keys, facts, carrier_call_id, metadata),
        RunInput::Refused { message } | RunInput::Unknown { message, .. } => {
            keys.insert("error".to_owned(), message.as_str().into());
            dispose(&mut keys, "error");
        }
        RunInput::Ended(_)
        | RunInput::EndedBy(_)
        | RunInput::Dialing
        | RunInput::Ringing
        | RunInput::Answered => {}
    }
    // A dial that failed has its disposition already and, as in the reference, no tags.
    if let (RunInput::Ended(_) | RunInput::EndedBy(_), Some(code)) = (input, end) {
        let words = end_words(code);
        dispose(&mut keys, words.disposition);
        if matches!(
            words.state,
            RunState::Busy | RunState::NoAnswer | RunState::Failed | RunState::Canceled
        ) {
            keys.insert("call_tags".to_owned(), tags(gathered, words.state));
        }
    }
    keys
}

fn accepted(
    keys: &mut Map<String, Value>,
    facts: &Facts<'_>,
    carrier_call_id: &Option<String>,
    metadata: &Map<String, Value>,
) {
    keys.insert("provider".to_owned(), facts.provider.into());
    keys.insert("triggered_by".to_owned(), facts.triggered_by.into());
    if let Some(id) = carrier_call_id {
        keys.insert("call_id".to_owned(), id.as_str().into());
    }
    keys.extend(metadata.clone());
    if let Some(path) = facts.trigger_path {
        keys.insert("trigger_uuid".to_owned(), path.into());
    }
}

/// Both dispositions are always written equal (contract §5.5).
fn dispose(keys: &mut Map<String, Value>, disposition: &str) {
    for name in ["call_disposition", "mapped_call_disposition"] {
        keys.insert(name.to_owned(), disposition.into());
    }
}

/// The tags there are and the two of a call that did not come about, each once.
fn tags(gathered: &Map<String, Value>, state: RunState) -> Value {
    let mut tags = gathered
        .get("call_tags")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    for tag in [
        "not_connected".to_owned(),
        format!("telephony_{}", state.as_str()),
    ] {
        let tag = Value::from(tag);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn added(input: &RunInput, end: Option<EndCode>, gathered: Value) -> Value {
        let facts = Facts {
            provider: "twilio",
            triggered_by: "api",
            trigger_path: Some("lead-intake"),
        };
        additions(&facts, input, end, gathered.as_object().expect("an object")).into()
    }

    #[test]
    fn an_accepted_call_names_carrier_caller_ids_and_trigger_in_the_references_order() {
        let metadata = json!({"channel_name": "PJSIP/101"})
            .as_object()
            .expect("an object")
            .clone();
        let input = RunInput::Accepted {
            carrier_call_id: Some("CA1".to_owned()),
            metadata,
        };
        let expected = r#"{"provider":"twilio","triggered_by":"api","call_id":"CA1","channel_name":"PJSIP/101","trigger_uuid":"lead-intake"}"#;
        assert_eq!(added(&input, None, json!({})).to_string(), expected);
    }

    #[test]
    fn a_target_without_a_path_has_no_trigger() {
        let facts = Facts {
            provider: "desk_phone",
            triggered_by: "window",
            trigger_path: None,
        };
        let input = RunInput::Accepted {
            carrier_call_id: None,
            metadata: Map::new(),
        };
        let keys = Value::from(additions(&facts, &input, None, &Map::new()));
        assert_eq!(
            keys,
            json!({"provider": "desk_phone", "triggered_by": "window"})
        );
    }

    #[test]
    fn a_dial_that_failed_has_its_error_and_no_tags() {
        let expected =
            json!({"error": "no", "call_disposition": "error", "mapped_call_disposition": "error"});
        let refused = RunInput::Refused {
            message: "no".to_owned(),
        };
        assert_eq!(
            added(&refused, Some(EndCode::CarrierRefused), json!({})),
            expected
        );
        let unknown = RunInput::Unknown {
            message: "no".to_owned(),
            is_final: false,
        };
        assert_eq!(added(&unknown, None, json!({})), expected);
    }

    #[test]
    fn every_end_has_its_disposition_and_only_calls_that_did_not_come_about_are_tagged() {
        for code in EndCode::ALL {
            let words = end_words(*code);
            let keys = added(&RunInput::Ended(*code), Some(*code), json!({}));
            assert_eq!(
                keys["call_disposition"],
                words.disposition,
                "{}",
                code.as_str()
            );
            assert_eq!(
                keys["mapped_call_disposition"],
                words.disposition,
                "{}",
                code.as_str()
            );
            let tagged = !matches!(words.state, RunState::Completed | RunState::Indeterminate);
            let expected = json!([
                "not_connected",
                format!("telephony_{}", words.state.as_str())
            ]);
            assert_eq!(
                keys.get("call_tags"),
                tagged.then_some(&expected),
                "{}",
                code.as_str()
            );
        }
    }

    #[test]
    fn tags_are_added_once_to_those_there_are() {
        let gathered = json!({"call_tags": ["vip", "not_connected"]});
        let keys = added(
            &RunInput::Ended(EndCode::NoAnswer),
            Some(EndCode::NoAnswer),
            gathered,
        );
        assert_eq!(
            keys["call_tags"],
            json!(["vip", "not_connected", "telephony_no-answer"])
        );
    }

    #[test]
    fn ringing_and_answering_add_nothing() {
        for input in [RunInput::Dialing, RunInput::Ringing, RunInput::Answered] {
            assert_eq!(added(&input, None, json!({})), json!({}));
        }
    }
}
