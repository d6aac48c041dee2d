//! The port to carriers. A dialer places one call per [`Dialer::dial`], never repeats it by
//! itself, and reports what happens afterwards as [`CallEvent`]s to the sink it was built with.

use super::Line;
use crate::cause::Cause;
use crate::destination::Destination;
use crate::ids::{AttemptId, RunId, TelephonyConfigurationId};
use crate::run::{EndCode, Side};
use crate::telephony::ProviderFacts;
use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

/// A telephony configuration as its dialer needs it.
#[derive(Clone, Debug)]
pub struct Account {
    pub configuration_id: TelephonyConfigurationId,
    /// The provider's settings without secrets.
    pub settings: Value,
    /// The provider's secrets as a JSON object; `None` where it has none.
    pub credentials: Option<SecretString>,
}

/// Where a carrier may call back. Only present where a public base URL is set.
#[derive(Clone, Debug)]
pub struct Callbacks {
    /// Scheme and host that reach the public listener, without a trailing slash.
    pub base_url: String,
    /// Random, of this attempt alone; goes into every callback URL.
    pub token: SecretString,
}

/// One call to place.
#[derive(Clone, Debug)]
pub struct DialRequest {
    pub attempt_id: AttemptId,
    pub run_id: RunId,
    pub agent_name: String,
    pub destination: Destination,
    /// Normalised; `None` shows no number.
    pub caller_id: Option<String>,
    /// After this long unanswered the call is over.
    pub ring_timeout: Duration,
    /// After this long answered the call is over.
    pub max_call: Duration,
    pub account: Account,
    pub callbacks: Option<Callbacks>,
    /// The rendered greeting, for carriers that speak it themselves; `None` when there is none.
    pub greeting: Option<String>,
    pub at: Timestamp,
}

impl DialRequest {
    /// The call that this request makes, by the names it has before the carrier's answer.
    #[must_use]
    pub fn call_ref(&self) -> CallRef {
        CallRef {
            attempt_id: self.attempt_id,
            run_id: self.run_id,
            carrier_call_id: None,
            account: self.account.clone(),
            destination: self.destination.as_str().to_owned(),
            caller_id: self.caller_id.clone(),
            dialled_at: self.at,
            others: Vec::new(),
        }
    }
}

/// The carrier took the call.
#[derive(Clone, Debug, Default)]
pub struct Dialed {
    /// The carrier's own id of the call.
    pub carrier_call_id: Option<String>,
    /// Goes into the gathered context (contract §1.6): the carrier's ids, no secrets.
    pub metadata: Map<String, Value>,
}

/// Why there is no taken call.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DialError {
    /// The carrier said no: nothing rang. The text is the carrier's, as contract §13.3 shows it.
    #[error("{0}")]
    Refused(String),
    /// The request may have reached the carrier; nobody knows.
    #[error("{0}")]
    Unknown(String),
}

/// A call that was dialled: every name it has, and what finds it again when the carrier's name for
/// it was lost.
#[derive(Clone, Debug)]
pub struct CallRef {
    pub attempt_id: AttemptId,
    pub run_id: RunId,
    pub carrier_call_id: Option<String>,
    pub account: Account,
    /// E.164, a SIP URI or an extension.
    pub destination: String,
    pub caller_id: Option<String>,
    pub dialled_at: Timestamp,
    /// Carriers' ids of calls that are known to be other runs'. Who looks for this call by its
    /// numbers and its time passes over them.
    pub others: Vec<String>,
}

/// What the carrier says about a call when it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// The carrier has the call, and this is its latest word about it.
    Found {
        /// The carrier's own id, where the look-up told it.
        carrier_call_id: Option<String>,
        word: CallWord,
        /// The carrier's own words and codes, for the record.
        note: Option<String>,
    },
    /// The carrier took the call and nothing more is known of it yet.
    Waiting { carrier_call_id: Option<String> },
    /// The carrier has no such call; it may only not have it yet.
    NeverPlaced,
    /// The carrier cannot be asked, or did not answer.
    Unknown,
}

/// A word of the carrier about a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallWord {
    Ringing,
    Answered,
    Ended(EndCode),
    /// Not put through, with the network's reason.
    EndedBy(Cause),
}

/// Something the carrier told, already in the domain's words.
#[derive(Clone, Debug)]
pub struct CallEvent {
    pub attempt_id: AttemptId,
    pub run_id: RunId,
    pub at: Timestamp,
    /// The carrier's own id of the call, where it told it.
    pub carrier_call_id: Option<String>,
    /// `None` where it told only that it has the call.
    pub word: Option<CallWord>,
    /// The carrier's own words and codes, for the record; no secrets.
    pub note: Option<String>,
}

/// What a request to a carrier was for, or that the carrier called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExchangeKind {
    Dial,
    LookUp,
    HangUp,
    Callback,
}

impl ExchangeKind {
    const ALL: [Self; 4] = [Self::Dial, Self::LookUp, Self::HangUp, Self::Callback];

    /// The word in storage and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dial => "dial",
            Self::LookUp => "look-up",
            Self::HangUp => "hang-up",
            Self::Callback => "callback",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One request about a call with its answer, or one callback, as it may be kept and shown. The
/// dialer has taken every secret out and bounded it: it alone knows which field is what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    pub run_id: RunId,
    pub attempt_id: AttemptId,
    pub kind: ExchangeKind,
    pub at: Timestamp,
    /// Until the answer; `None` for a callback.
    pub took: Option<Duration>,
    /// Method and path.
    pub target: String,
    /// Of the answer, HTTP's; `None` where none came.
    pub status: Option<u16>,
    /// Why there is no answer, or none to be read.
    pub note: Option<String>,
    /// Fields that were sent, or that the callback brought.
    pub request: Vec<(String, String)>,
    /// Fields of the answer.
    pub reply: Vec<(String, String)>,
}

/// Where dialers report. Delivery never blocks the dialer.
pub trait CallSink: Send + Sync {
    /// Something was asked of the carrier, or told by it.
    fn exchange(&self, exchange: Exchange) {
        let _ = exchange;
    }
    /// Something happened to a call.
    fn call_event(&self, event: CallEvent);
    /// A call was answered and can be talked on. Follows the `Answered` event.
    fn line(&self, call: CallRef, line: Arc<dyn Line>);
}

/// A carrier's HTTP callback, already bounded in size.
#[derive(Clone, Debug)]
pub struct CallbackRequest {
    /// The full public URL that was called, rebuilt from the configured base URL.
    pub url: String,
    /// Lower-case names.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What the carrier is answered.
#[derive(Clone, Debug)]
pub struct CallbackReply {
    pub status: u16,
    pub content_type: &'static str,
    pub body: String,
}

/// Why a callback was not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("this carrier sends no callbacks")]
    NotOffered,
    #[error("the callback's signature is missing or wrong")]
    Signature,
    #[error("the callback is not in the carrier's form")]
    Form,
}

/// Why a call could not be hung up.
#[derive(Clone, Debug, thiserror::Error)]
pub enum HangUpError {
    /// The carrier does not know the call (any more).
    #[error("the carrier has no such call")]
    NotFound,
    #[error("{0}")]
    Failed(String),
}

/// What became of asking for an account without a call. Texts are for people, without secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Calls can be placed with it, as far as can be known before one.
    Proved {
        /// What limits it, where something does.
        note: Option<String>,
    },
    /// Calls cannot be placed with it.
    Refused {
        side: Side,
        message: String,
        /// What to do now.
        next: String,
    },
    /// Nobody could say.
    Unknown {
        side: Side,
        message: String,
        next: String,
    },
    /// This carrier's accounts are proved by a call alone.
    NotOffered,
}

/// A carrier.
#[async_trait]
pub trait Dialer: Send + Sync {
    /// What is true of all calls through it.
    fn facts(&self) -> &'static ProviderFacts;

    /// Places one call. Returns when the carrier took or refused it, not when somebody answers.
    /// The caller bounds the time; a dialer that is dropped meanwhile has an unknown outcome.
    ///
    /// # Errors
    /// [`DialError::Refused`] only when it is certain that nothing rang.
    async fn dial(&self, request: DialRequest) -> Result<Dialed, DialError>;

    /// Ends a call, ringing or answered.
    ///
    /// # Errors
    /// When the carrier does not know the call or does not obey.
    async fn hang_up(&self, call: &CallRef) -> Result<(), HangUpError>;

    /// Asks the carrier what became of a call.
    async fn look_up(&self, call: &CallRef) -> LookUp;

    /// Proves an account without a call. The caller bounds the time.
    async fn verify(&self, account: &Account) -> Proof {
        let _ = account;
        Proof::NotOffered
    }

    /// Reads a callback, after verifying it.
    ///
    /// # Errors
    /// When it is not believed.
    fn receive(
        &self,
        call: &CallRef,
        callback: &CallbackRequest,
    ) -> Result<(Vec<CallEvent>, CallbackReply), Refusal> {
        let _ = (call, callback);
        Err(Refusal::NotOffered)
    }
}
