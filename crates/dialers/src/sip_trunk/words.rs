//! The trunk's final answers (RFC 3261 §21) and what they mean here: one table of how a call ends by
//! them, before and after it was heard to ring, and the words for a call that was refused outright.

use super::stack::Final;
use switchhook_core::run::EndCode;

/// What an answer means.
struct Meaning {
    code: u16,
    /// How a call ends by it where nothing rang, as far as was heard.
    before: EndCode,
    /// The same after ringing was heard.
    after: EndCode,
    /// What to look at.
    hint: &'static str,
}

const fn row(code: u16, before: EndCode, after: EndCode, hint: &'static str) -> Meaning {
    Meaning {
        code,
        before,
        after,
        hint,
    }
}

const MEANINGS: &[Meaning] = {
    use EndCode::{Busy, CarrierFailed, CarrierRefused, Declined, NoAnswer};
    const WHO: &str =
        "the trunk does not take the username and password of the telephony configuration";
    const NUMBER: &str = "the trunk knows no such number; check how it wants numbers written";
    const LOAD: &str = "the trunk is overloaded, or has no way to this number now";
    &[
        row(401, CarrierRefused, CarrierFailed, WHO),
        row(
            402,
            CarrierRefused,
            CarrierFailed,
            "the trunk's account has no credit",
        ),
        row(
            403,
            CarrierRefused,
            CarrierFailed,
            "the trunk does not allow this call; check the account, the number to call from and the destination",
        ),
        row(404, CarrierRefused, CarrierFailed, NUMBER),
        row(407, CarrierRefused, CarrierFailed, WHO),
        row(
            408,
            CarrierFailed,
            NoAnswer,
            "the callee's end did not answer the trunk",
        ),
        row(410, CarrierRefused, CarrierFailed, NUMBER),
        row(
            480,
            CarrierFailed,
            NoAnswer,
            "the callee cannot be reached now",
        ),
        row(
            484,
            CarrierRefused,
            CarrierFailed,
            "the number is incomplete for this trunk",
        ),
        row(486, Busy, Busy, ""),
        row(
            487,
            CarrierFailed,
            NoAnswer,
            "the call was given up on the way",
        ),
        row(
            488,
            CarrierRefused,
            CarrierFailed,
            "the trunk takes none of the sound that is offered: G.711 over plain RTP",
        ),
        row(
            500,
            CarrierFailed,
            CarrierFailed,
            "something failed at the trunk",
        ),
        row(503, CarrierFailed, CarrierFailed, LOAD),
        row(600, Busy, Busy, ""),
        row(603, Declined, Declined, ""),
        row(604, CarrierRefused, CarrierFailed, NUMBER),
        row(
            606,
            CarrierRefused,
            CarrierFailed,
            "the trunk takes none of the sound that is offered: G.711 over plain RTP",
        ),
        row(607, Declined, Declined, ""),
    ]
};

fn meaning(code: u16) -> Option<&'static Meaning> {
    MEANINGS.iter().find(|meaning| meaning.code == code)
}

/// How a call ends by an answer.
pub(super) fn end(answer: &Final, rang: bool) -> EndCode {
    let known = meaning(answer.code);
    match (known, answer.code) {
        (Some(meaning), _) if rang => meaning.after,
        (Some(meaning), _) => meaning.before,
        (None, 300..500) if !rang => EndCode::CarrierRefused,
        (None, _) => EndCode::CarrierFailed,
    }
}

/// Whether an answer is the callee's, whatever came before it: then the call was placed.
pub(super) fn is_callees(answer: &Final) -> bool {
    matches!(end(answer, false), EndCode::Busy | EndCode::Declined)
}

/// A refusal for whoever asked for the call.
pub(super) fn refusal(answer: &Final) -> String {
    let hint = meaning(answer.code)
        .map(|meaning| meaning.hint)
        .filter(|hint| !hint.is_empty());
    match (hint, answer.code) {
        (Some(hint), _) => format!("{answer}: {hint}"),
        (None, 300..400) => {
            format!("{answer}: the trunk sends the call elsewhere, which is not followed")
        }
        (None, _) => format!("{answer}: the trunk refuses the call"),
    }
}

/// The raw answer, for the record.
pub(super) fn note(answer: &Final) -> String {
    format!("SIP {answer}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: u16) -> Final {
        Final {
            code,
            phrase: "Phrase".to_owned(),
            reason: None,
        }
    }

    #[test]
    fn a_call_that_rang_unheard_is_not_said_to_be_refused() {
        for code in 300..700 {
            let after = end(&answer(code), true);
            assert_ne!(after, EndCode::CarrierRefused, "{code}");
        }
        assert_eq!(end(&answer(480), true), EndCode::NoAnswer);
        assert_eq!(end(&answer(480), false), EndCode::CarrierFailed);
    }

    #[test]
    fn the_callees_own_answers_are_not_the_trunks() {
        let callees: Vec<_> = (300..700)
            .filter(|code| is_callees(&answer(*code)))
            .collect();
        assert_eq!(callees, [486, 600, 603, 607]);
    }

    #[test]
    fn a_refusal_has_the_trunks_words_and_what_to_do() {
        assert!(
            refusal(&answer(403)).starts_with("403 Phrase: the trunk does not allow this call")
        );
        assert!(refusal(&answer(302)).contains("elsewhere"));
        assert_eq!(
            refusal(&answer(499)),
            "499 Phrase: the trunk refuses the call"
        );
        let with = Final {
            reason: Some("Q.850;cause=17".to_owned()),
            ..answer(486)
        };
        assert_eq!(note(&with), "SIP 486 Phrase, Q.850;cause=17");
    }

    #[test]
    fn each_answer_has_one_row() {
        for (nth, meaning) in MEANINGS.iter().enumerate() {
            assert!(
                MEANINGS[nth + 1..]
                    .iter()
                    .all(|other| other.code > meaning.code)
            );
        }
    }
}
