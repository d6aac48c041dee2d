//! The port to carriers. A dialer places one call per [`Dialer::dial`], never repeats it by
//! itself, and reports what happens afterwards as [`CallEvent`]s to the sink it was built with.

use super::Line;
use crate::destination::Destination;
use crate::ids::{AttemptId, RunId, TelephonyConfigurationId};
use crate::run::EndCode;
use crate::telephony::ProviderFacts;
use async_trait::async_trait;
use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Map, Value};
use std::sync::Arc;
use std::time::Duration;

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
    pub configuration_id: TelephonyConfigurationId,
    /// The provider's settings without secrets.
    pub settings: Value,
    /// The provider's secrets as JSON; `None` where it has none.
    pub credentials: Option<SecretString>,
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

/// A call that was dialled, by every name it has.
#[derive(Clone, Debug)]
pub struct CallRef {
    pub attempt_id: AttemptId,
    pub run_id: RunId,
    pub carrier_call_id: Option<String>,
}

/// What the carrier says about a call when it is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LookUp {
    /// It is still going on and this is its state.
    Open(CallWord),
    /// It is over.
    Ended(EndCode),
    /// The carrier knows no such call.
    NeverPlaced,
    /// The carrier cannot be asked, or did not answer.
    Unknown,
}

/// A word of the carrier about an open call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallWord {
    Ringing,
    Answered,
    Ended(EndCode),
}

/// Something the carrier told, already in the domain's words.
#[derive(Clone, Debug)]
pub struct CallEvent {
    pub attempt_id: AttemptId,
    pub run_id: RunId,
    pub at: Timestamp,
    pub word: CallWord,
    /// The carrier's own words and codes, for the record; no secrets.
    pub note: Option<String>,
}

/// Where dialers report. Delivery never blocks the dialer.
pub trait CallSink: Send + Sync {
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

    /// Reads a callback, after verifying it.
    ///
    /// # Errors
    /// When it is not believed.
    fn receive(
        &self,
        callback: &CallbackRequest,
    ) -> Result<(Vec<CallEvent>, CallbackReply), Refusal> {
        let _ = callback;
        Err(Refusal::NotOffered)
    }
}
