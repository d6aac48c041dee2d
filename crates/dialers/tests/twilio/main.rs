//! Twilio as the engine meets it, through the `Dialer` port alone, against what others made: the
//! carrier's own Python package as recorder and as judge of signatures, its published OpenAPI
//! document behind Prism, and a double on loopback that answers and breaks as it is told.

mod callbacks;
mod dial;
mod double;
mod hang_up;
mod look_up;
mod oracle;
mod peers;
mod prism;
mod verify;

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use switchhook_core::destination::{Destination, DestinationScheme};
use switchhook_core::ids::{AttemptId, RunId, TelephonyConfigurationId};
use switchhook_core::ports::{
    Account, CallEvent, CallRef, CallSink, Callbacks, Clock, DialRequest, Line,
};
use switchhook_dialers::Http;
use switchhook_dialers::twilio::Twilio;

pub const SID: &str = "ACaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
pub const TOKEN: &str = "tok";
pub const CALL: &str = "CAbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";
pub const FROM: &str = "+15550001111";
pub const TO: &str = "+14155550123";

struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

pub fn twilio() -> Arc<Twilio> {
    let http = Http::new().expect("TLS can be set up");
    Twilio::new(Arc::new(Now), Arc::new(http), Arc::new(Deaf))
}

/// Hears nothing.
struct Deaf;

impl CallSink for Deaf {
    fn call_event(&self, _: CallEvent) {}
    fn line(&self, _: CallRef, _: Arc<dyn Line>) {}
}

pub fn account_with(settings: Value, credentials: Value) -> Account {
    Account {
        configuration_id: TelephonyConfigurationId(1),
        settings,
        credentials: Some(SecretString::from(credentials.to_string())),
    }
}

pub fn account(base_url: &str) -> Account {
    account_with(
        json!({ "base_url": base_url }),
        json!({ "account_sid": SID, "auth_token": TOKEN }),
    )
}

pub fn attempt_id() -> AttemptId {
    "7b1c1f0e-2f0a-4f0e-9d2b-0a1b2c3d4e5f"
        .parse()
        .map(AttemptId)
        .expect("a UUID")
}

pub fn number(text: &str) -> Destination {
    Destination::parse(text, DestinationScheme::Phone, None).expect("a number")
}

pub fn request(account: Account) -> DialRequest {
    DialRequest {
        attempt_id: attempt_id(),
        run_id: RunId(5012),
        agent_name: "Lead intake".to_owned(),
        destination: number(TO),
        caller_id: Some(FROM.to_owned()),
        ring_timeout: Duration::from_secs(25),
        max_call: Duration::from_secs(300),
        account,
        callbacks: None,
        greeting: Some("Hello & welcome".to_owned()),
        at: Timestamp::now(),
    }
}

pub fn callbacks() -> Option<Callbacks> {
    Some(Callbacks {
        base_url: "https://hooks.example.com".to_owned(),
        token: SecretString::from("t-123"),
    })
}

/// The call of [`request`]; `sid` is what Twilio called it.
pub fn call(account: Account, sid: Option<&str>) -> CallRef {
    CallRef {
        carrier_call_id: sid.map(str::to_owned),
        ..request(account).call_ref()
    }
}

/// The fields of a form or a query, in order.
pub fn fields(encoded: &str) -> Vec<(String, String)> {
    let mut fields: Vec<_> = form_urlencoded::parse(encoded.as_bytes())
        .into_owned()
        .collect();
    fields.sort();
    fields
}
