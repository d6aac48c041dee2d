//! The carriers with their far ends: what is refused there, who is called by nobody, whose account
//! is wrong.

use jiff::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use switchhook_core::destination::{Destination, DestinationScheme};
use switchhook_core::ids::ArtifactId;
use switchhook_core::ids::{AttemptId, RunId, TelephonyConfigurationId};
use switchhook_core::ports::{
    Account, Artifact, ArtifactError, ArtifactKind, Artifacts, CallEvent, CallRef, CallSink, Clock,
    DialRequest, Dialer, Exchange, Line, NewArtifact, Voice, VoiceError,
};
use switchhook_dialers::Http;
use switchhook_dialers::ari::{Ari, Sound};
use switchhook_dialers::desk_phone::DeskPhone;
use switchhook_dialers::twilio::Twilio;
use switchhook_tests::carrier::{ACCOUNT, Answer, Carrier, Life, TOKEN, number};
use switchhook_tests::telephony::{Asterisk, PASSWORD, USER};

/// A carrier and its far end.
pub struct Adapter {
    pub dialer: Arc<dyn Dialer>,
    pub account: Account,
    /// One that the carrier does not know.
    pub wrong_account: Option<Account>,
    /// A destination that it refuses.
    refused: String,
    /// A call's name that it never gave.
    unknown: String,
    pub secrets: Vec<&'static str>,
    /// How many phones rang there.
    pub rung: Box<dyn Fn() -> usize>,
    pub heard: Arc<Mutex<Vec<CallEvent>>>,
    pub exchanges: Arc<Mutex<Vec<Exchange>>>,
}

#[derive(Default)]
struct Sink {
    heard: Arc<Mutex<Vec<CallEvent>>>,
    exchanges: Arc<Mutex<Vec<Exchange>>>,
}

impl CallSink for Sink {
    fn exchange(&self, exchange: Exchange) {
        let mut exchanges = self
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        exchanges.push(exchange);
    }
    fn call_event(&self, event: CallEvent) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.push(event);
    }
    fn line(&self, _: CallRef, _: Arc<dyn Line>) {}
}

struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Says nothing and keeps nothing.
struct Nothing;

#[async_trait::async_trait]
impl Voice for Nothing {
    async fn check(&self) -> Result<(), VoiceError> {
        Err(VoiceError::NotThere("none".to_owned()))
    }
    async fn say(&self, _: &str) -> Result<Vec<i16>, VoiceError> {
        Err(VoiceError::NotThere("none".to_owned()))
    }
}

#[async_trait::async_trait]
impl Artifacts for Nothing {
    async fn create(
        &self,
        _: RunId,
        _: ArtifactKind,
    ) -> Result<Box<dyn NewArtifact>, ArtifactError> {
        Err(ArtifactError::NoSuchRun)
    }
    async fn of_run(&self, _: RunId) -> Result<Vec<Artifact>, ArtifactError> {
        Ok(Vec::new())
    }
    async fn read(&self, _: ArtifactId, _: u64, _: usize) -> Result<Vec<u8>, ArtifactError> {
        Err(ArtifactError::Gone)
    }
}

pub fn attempt_id() -> AttemptId {
    let id = "7b1c1f0e-2f0a-4f0e-9d2b-0a1b2c3d4e5f".parse();
    id.map(AttemptId).expect("a UUID")
}

fn account(settings: Value, credentials: &Value) -> Account {
    Account {
        configuration_id: TelephonyConfigurationId(1),
        settings,
        credentials: Some(SecretString::from(credentials.to_string())),
    }
}

impl Adapter {
    /// A dial that the carrier refuses.
    pub fn refused(&self) -> DialRequest {
        let scheme = DestinationScheme::PhoneOrSip;
        let destination = Destination::parse(&self.refused, scheme, None);
        DialRequest {
            attempt_id: attempt_id(),
            run_id: RunId(7),
            agent_name: "Lead intake".to_owned(),
            destination: destination.expect("a destination"),
            caller_id: Some("+14155559999".to_owned()),
            ring_timeout: Duration::from_secs(30),
            max_call: Duration::from_secs(300),
            account: self.account.clone(),
            callbacks: None,
            greeting: None,
            at: Timestamp::now(),
        }
    }

    /// A call that there never was.
    pub fn unknown(&self) -> CallRef {
        CallRef {
            carrier_call_id: Some(self.unknown.clone()),
            ..self.refused().call_ref()
        }
    }
}

/// Those whose far end is here.
pub fn adapters() -> Vec<Adapter> {
    let here = [desk_phone(), twilio()].into_iter();
    here.chain(ari()).collect()
}

pub fn has_asterisk() -> bool {
    Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("../peers/asterisk.installed")
        .exists()
}

fn http() -> Arc<Http> {
    Arc::new(Http::new().expect("TLS can be set up"))
}

fn desk_phone() -> Adapter {
    let sink = Sink::default();
    let (heard, exchanges) = (sink.heard.clone(), sink.exchanges.clone());
    Adapter {
        dialer: DeskPhone::new(Arc::new(sink), Arc::new(Now), Box::new(|_, _| {})),
        account: account(json!({}), &json!({})),
        wrong_account: None,
        refused: "+14155550105".to_owned(),
        unknown: attempt_id().to_string(),
        secrets: Vec::new(),
        rung: Box::new(|| 0),
        heard,
        exchanges,
    }
}

fn twilio() -> Adapter {
    let carrier = Carrier::start();
    let sink = Sink::default();
    let (heard, exchanges) = (sink.heard.clone(), sink.exchanges.clone());
    let settings = json!({"base_url": carrier.base_url});
    let with = |token: &str| json!({"account_sid": ACCOUNT, "auth_token": token});
    Adapter {
        dialer: Twilio::new(Arc::new(Now), http(), Arc::new(sink)),
        account: account(settings.clone(), &with(TOKEN)),
        wrong_account: Some(account(settings, &with("another token"))),
        refused: number(Answer::Refuses, Life::Waits, 1),
        unknown: "CA00000000000000000000000000000000".to_owned(),
        secrets: vec![ACCOUNT, TOKEN],
        rung: Box::new(move || carrier.calls().len()),
        heard,
        exchanges,
    }
}

fn ari() -> Option<Adapter> {
    let asterisk = Asterisk::start(env!("CARGO_TARGET_TMPDIR"))?;
    let sink = Sink::default();
    let (heard, exchanges) = (sink.heard.clone(), sink.exchanges.clone());
    let settings = json!({
        "ari_endpoint": asterisk.base_url(), "app_name": USER, "stasis_app_name": "conformance",
        "dial_string": "PJSIP/{number}@no-such-trunk",
    });
    let sound = Sound {
        voice: Arc::new(Nothing),
        artifacts: Arc::new(Nothing),
    };
    Some(Adapter {
        dialer: Ari::new(Arc::new(Now), http(), Arc::new(sink), sound),
        account: account(settings.clone(), &json!({"app_password": PASSWORD})),
        wrong_account: Some(account(settings, &json!({"app_password": "wrong"}))),
        refused: "+14155550100".to_owned(),
        unknown: "switchhook-of-nobody".to_owned(),
        secrets: vec![PASSWORD],
        rung: Box::new(move || asterisk.channels().len()),
        heard,
        exchanges,
    })
}
