//! Why a call was not put through, as the telephone network says it (SIP statuses, RFC 3261 §21 and
//! RFC 8197; causes of ITU-T Q.850), and what that means to people. One table for every carrier
//! that hands these codes on. Kept apart from the end codes of a run ([`crate::run::ENDS`]), which
//! programs act on: a cause chooses one of those and says more exactly what happened. What a call's
//! end means that was answered is not here: whatever ended it, the conversation took place.

use crate::run::{EndCode, Side, end_words};

/// What the network said when it gave a call up. The codes are kept as they came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The final SIP status.
    pub sip: Option<u16>,
    /// The cause of Q.850.
    pub q850: Option<u16>,
    /// Whether anything was heard of the callee before: ringing, or the network's own voice. A PBX
    /// gives up a phone that rings and one that cannot be found with the same codes.
    pub rang: bool,
}

/// A cause in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CauseWords {
    /// The end of the run that it makes.
    pub code: EndCode,
    /// What the callee experienced, as a sentence.
    pub sentence: String,
    pub side: Side,
    /// What to do now.
    pub next: String,
}

/// A code of one of the two languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Code {
    Sip(u16),
    Q850(u16),
}

struct Row {
    codes: &'static [Code],
    end: EndCode,
    side: Side,
    sentence: &'static str,
    next: &'static str,
}

macro_rules! rows {
    ($([$($family:ident $number:literal),+] $end:ident $side:ident, $sentence:literal, $next:literal;)+) => {
        &[$(Row {
            codes: &[$(Code::$family($number)),+],
            end: EndCode::$end, side: Side::$side, sentence: $sentence, next: $next,
        },)+]
    };
}

/// Each code stands once.
const ROWS: &[Row] = rows! {
    [Sip 486, Sip 600, Q850 17] Busy Callee,
        "The line was busy.", "Try again later.";
    [Sip 603, Q850 21] Declined Callee,
        "The callee, or a phone acting for them, declined the call.", "Ask before you call again.";
    [Sip 607] Declined Callee,
        "The callee has marked calls like this one as unwanted.", "Do not call this number again.";
    [Sip 608] CarrierRefused Carrier,
        "A filter in the network rejected the call as spam, so the phone did not ring.",
        "Ask the carrier how the caller ID is rated, or call from another number.";
    [Sip 403, Q850 29, Q850 57] CarrierRefused Carrier,
        "The carrier does not allow this call, so the phone did not ring.",
        "Ask the carrier whether the account may call this number, and show this caller ID.";
    [Sip 401, Sip 407] CarrierRefused Caller,
        "The carrier did not accept the login, so the phone did not ring.",
        "Check the user name and the password that the trunk logs in with.";
    [Sip 402] CarrierRefused Carrier,
        "The carrier wants to be paid first, so the phone did not ring.",
        "Look at the account's balance at the carrier.";
    [Sip 404, Sip 604, Q850 1] Unallocated Callee,
        "Nobody has this number, as far as the network knows.", "Check the number.";
    [Sip 410, Q850 22] Unallocated Callee,
        "The number is not in use any more.", "Look for the callee's new number.";
    [Sip 484, Sip 416, Q850 28] Unallocated Caller,
        "The number is incomplete, or not written as the carrier wants it.",
        "Check the number, and whether the carrier wants it with a plus, with zeros or without either.";
    [Sip 480, Q850 20] Unreachable Callee,
        "The callee's phone could not be reached: it is switched off, without network, or not logged in.",
        "Try again at another time; if nobody is ever reached this way, check the trunk.";
    [Sip 408, Sip 504, Q850 18, Q850 102] Unreachable Carrier,
        "Nothing answered at the place where the call was sent, so the phone did not ring.",
        "Check that the carrier or the phone is up, and the address that calls are sent to.";
    [Sip 502, Q850 2, Q850 3, Q850 27, Q850 38] Unreachable Carrier,
        "There was no way through the network to the callee, so the phone did not ring.",
        "Try again later; if it stays so, ask the carrier about routes to this number.";
    [Q850 19] NoAnswer Callee,
        "The phone rang and nobody answered.", "Try again at another time.";
    [Sip 487] Canceled Caller,
        "The call was canceled before it was answered.", "Nothing to do.";
    [Sip 503, Q850 34, Q850 42, Q850 44, Q850 47] CarrierFailed Carrier,
        "The carrier had no line free for the call, so the phone did not ring.",
        "Try again in a minute; if it happens often, ask the carrier for more lines.";
    [Sip 500, Sip 580, Q850 41] CarrierFailed Carrier,
        "Something failed at the carrier.", "Try again in a minute; if it stays so, ask the carrier with the codes below.";
    [Sip 415, Sip 488, Sip 606, Q850 58, Q850 65, Q850 88] CarrierFailed Carrier,
        "The two ends have no sound format in common.",
        "Allow G.711 (ulaw or alaw) on the trunk and at the far end.";
    [Sip 400, Sip 405, Sip 420, Sip 421, Sip 494, Sip 505, Sip 513, Q850 95, Q850 96, Q850 100, Q850 111] CarrierFailed Carrier,
        "The carrier did not understand the request for the call.",
        "Check the dial string and the caller ID; then ask the carrier with the codes below.";
    [Sip 481, Sip 482, Sip 483, Q850 25] CarrierFailed Carrier,
        "The call went round in circles, or was lost on its way, so the phone did not ring.",
        "Ask the carrier, or whoever keeps the PBX, with the codes below.";
    [Sip 433, Sip 428, Sip 437, Sip 438] CarrierRefused Carrier,
        "The carrier does not accept the caller ID, so the phone did not ring.",
        "Call from a number that is registered with the carrier.";
    [Q850 16, Q850 31, Q850 127] CarrierFailed Unknown,
        "The network ended the call before anybody answered and gave no reason.",
        "Try again; if it stays so, ask the carrier with the codes below.";
};

impl Cause {
    /// The end of a run that was not answered.
    #[must_use]
    pub fn code(&self) -> EndCode {
        if self.rang_out() {
            return EndCode::NoAnswer;
        }
        self.row().map_or(EndCode::CarrierFailed, |row| row.end)
    }

    /// In words; `carrier` is the name that stands for whoever said it.
    #[must_use]
    pub fn words(&self, carrier: &str) -> CauseWords {
        let code = self.code();
        let words = end_words(code);
        let (side, sentence, next) = match self.row() {
            _ if self.rang_out() => (words.side, words.sentence.to_owned(), words.next),
            Some(row) => (row.side, row.sentence.to_owned(), row.next),
            None => {
                let sentence = self.raw().map_or_else(
                    || {
                        "The call ended before anybody answered, and no reason was given."
                            .to_owned()
                    },
                    |raw| {
                        format!("The call was not put through: unknown code {raw} from {carrier}.")
                    },
                );
                (Side::Unknown, sentence, words.next)
            }
        };
        CauseWords {
            code,
            sentence,
            side,
            next: next.to_owned(),
        }
    }

    /// The codes as they came, `SIP 486, Q.850 17`; `None` where there are none.
    #[must_use]
    pub fn raw(&self) -> Option<String> {
        let sip = self.sip.map(|status| format!("SIP {status}"));
        let q850 = self.q850.map(|cause| format!("Q.850 {cause}"));
        let codes: Vec<_> = sip.into_iter().chain(q850).collect();
        (!codes.is_empty()).then(|| codes.join(", "))
    }

    /// Given up after it rang, by this side's own clock or the callee's.
    fn rang_out(&self) -> bool {
        let is_given_up =
            matches!(self.sip, Some(480 | 408)) || self.sip.is_none() && self.q850 == Some(19);
        self.rang && is_given_up
    }

    /// SIP's status says it more exactly: a PBX has one cause for a callee who declines and for a
    /// carrier that forbids.
    fn row(&self) -> Option<&'static Row> {
        let of = |code: Code| ROWS.iter().find(|row| row.codes.contains(&code));
        let sip = self.sip.and_then(|status| of(Code::Sip(status)));
        sip.or_else(|| of(Code::Q850(self.q850?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::RunState;

    fn cause(sip: Option<u16>, q850: Option<u16>, rang: bool) -> Cause {
        Cause { sip, q850, rang }
    }

    #[test]
    fn every_code_stands_once_and_no_row_ends_an_answered_call() {
        let codes: Vec<_> = ROWS.iter().flat_map(|row| row.codes).collect();
        for code in &codes {
            assert_eq!(
                codes.iter().filter(|other| other == &code).count(),
                1,
                "{code:?}"
            );
        }
        for row in ROWS {
            assert_ne!(
                end_words(row.end).state,
                RunState::Completed,
                "{:?}",
                row.codes
            );
            assert!(
                row.sentence.ends_with('.') && row.next.ends_with('.'),
                "{:?}",
                row.codes
            );
        }
    }

    #[test]
    fn one_cause_of_the_pbx_is_told_apart_by_the_status_beside_it() {
        assert_eq!(cause(Some(603), Some(21), true).code(), EndCode::Declined);
        assert_eq!(
            cause(Some(403), Some(21), false).code(),
            EndCode::CarrierRefused
        );
        assert_eq!(cause(None, Some(21), false).code(), EndCode::Declined);
    }

    #[test]
    fn a_phone_that_rang_out_is_no_phone_that_was_never_found() {
        assert_eq!(cause(Some(480), Some(19), true).code(), EndCode::NoAnswer);
        assert_eq!(
            cause(Some(480), Some(19), false).code(),
            EndCode::Unreachable
        );
        assert_eq!(
            cause(Some(408), Some(18), false).code(),
            EndCode::Unreachable
        );
        assert_eq!(cause(None, Some(19), true).code(), EndCode::NoAnswer);
    }

    #[test]
    fn an_unknown_code_says_whose_it_is() {
        let words = cause(Some(699), Some(126), false).words("Asterisk ARI");
        assert_eq!(
            words.sentence,
            "The call was not put through: unknown code SIP 699, Q.850 126 from Asterisk ARI."
        );
        assert_eq!(
            (words.code, words.side),
            (EndCode::CarrierFailed, Side::Unknown)
        );
        assert_eq!(cause(None, None, false).raw(), None);
    }
}
