//! Twilio: calls placed over its REST API (version 2010-04-01), followed by its signed status
//! callbacks where a public URL is set and by asking where none is. The answered call is told
//! what to say along with the dial ([`twiml`]); there is no media stream here, so no `Line` is
//! ever handed out. What a person's account, number or error code means beyond Twilio's own words
//! is not here either.
//!
//! **A dial is refused only where nothing can have rung**: a 4xx of Twilio, or no connection at
//! all. Every other answer that is no 201 with an id, and every silence after the request went
//! out, is an unknown outcome, although the reference calls some of them failures.

mod account;
mod callback;
mod find;
mod proof;
mod signature;
mod twiml;
mod words;

use crate::exchange::About;
use crate::http::{Answer, Http, Lost};
use account::Account;
use async_trait::async_trait;
use find::Found;
use form_urlencoded::Serializer;
use reqwest::Method;
use secrecy::ExposeSecret;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use switchhook_core::ports::{
    self, CallEvent, CallRef, CallSink, CallbackReply, CallbackRequest, Clock, DialError,
    DialRequest, Dialed, Dialer, ExchangeKind, HangUpError, LookUp, Proof, Refusal,
};
use switchhook_core::telephony::{ProviderFacts, ProviderField};

/// The provider id of telephony configurations (contract §6.2).
pub const PROVIDER: &str = "twilio";

/// The settings form (contract §6.2), and two fields of our own: where the API is, and the key of
/// accounts whose callbacks are signed with a shared key.
pub(crate) const FIELDS: &[ProviderField] = &[
    ProviderField::text("account_sid", "Account SID")
        .masked()
        .says("Begins with AC; on the first page of the Twilio console"),
    ProviderField::password("auth_token", "Auth Token")
        .says("Beside the account SID in the Twilio console"),
    ProviderField::flag("amd_enabled", "Answering machine detection")
        .says("Twilio tells whether a person or a machine answered, and may charge for it"),
    ProviderField::numbers(
        "Phone Numbers",
        "Numbers of the account, each with + and country code",
    ),
    ProviderField::password("webhook_shared_key", "Webhook shared key")
        .optional()
        .says("Only where the account signs webhooks with a shared key: the key's secret"),
    ProviderField::text("base_url", "Base URL")
        .optional()
        .address()
        .says("Another address of the Twilio API, https; empty for https://api.twilio.com"),
];

/// What Twilio is asked to call back about (its Call resource, `StatusCallbackEvent`).
const EVENTS: [&str; 4] = ["initiated", "ringing", "answered", "completed"];
/// Longest ringing that Twilio allows, in seconds (`Timeout`).
const LONGEST_RINGING: u64 = 600;
/// Twilio's code for a change to a call that is over already.
const NOT_IN_PROGRESS: i64 = 21220;

/// Twilio, for every account.
pub struct Twilio {
    clock: Arc<dyn Clock>,
    http: Arc<Http>,
    sink: Arc<dyn CallSink>,
}

impl Twilio {
    /// Tells the sink only what was exchanged: its words about calls come through `receive` and
    /// `look_up`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, http: Arc<Http>, sink: Arc<dyn CallSink>) -> Arc<Self> {
        Arc::new(Self { clock, http, sink })
    }

    fn about(&self, call: &CallRef, kind: ExchangeKind) -> About<'_> {
        About::call(&*self.sink, &*self.clock, call, kind)
    }

    async fn find(&self, account: &Account, call: &CallRef) -> Found {
        let about = self.about(call, ExchangeKind::LookUp);
        find::find(account, &self.http, call, &about, || self.clock.now()).await
    }

    async fn look_up_by_id(&self, account: &Account, call: &CallRef, sid: &str) -> LookUp {
        let Some(url) = account.call(sid) else {
            return LookUp::Unknown;
        };
        let about = self.about(call, ExchangeKind::LookUp);
        match account
            .ask(&self.http, Method::GET, url, None, &about)
            .await
        {
            Ok(answer) if answer.status == 200 && answer.is_whole => {
                serde_json::from_slice::<words::Call>(&answer.body)
                    .map_or(LookUp::Unknown, words::Call::look_up)
            }
            Ok(answer) if answer.status == 404 => LookUp::NeverPlaced,
            Ok(_) | Err(_) => LookUp::Unknown,
        }
    }
}

#[async_trait]
impl Dialer for Twilio {
    fn facts(&self) -> &'static ProviderFacts {
        crate::facts(PROVIDER).expect("Twilio has a row in the table of providers")
    }

    async fn dial(&self, request: DialRequest) -> Result<Dialed, DialError> {
        let account = Account::read(&request.account).map_err(refused)?;
        let form = form(&request, account.detects_machines)?;
        let token = request.callbacks.as_ref().map(|callbacks| &callbacks.token);
        let about = About::dial(&*self.sink, &*self.clock, &request);
        match account.dial(&self.http, form, &about).await {
            Ok(answer) => dialed(&answer, || account.words(&answer, token)),
            Err(Lost::Unsent(words)) => Err(DialError::Refused(words)),
            Err(Lost::Unanswered(words)) => Err(DialError::Unknown(words)),
        }
    }

    async fn hang_up(&self, call: &CallRef) -> Result<(), HangUpError> {
        let failed = |words: String| Err(HangUpError::Failed(words));
        let account = match Account::read(&call.account) {
            Ok(account) => account,
            Err(error) => return failed(error.to_string()),
        };
        let sid = match &call.carrier_call_id {
            Some(sid) => Some(sid.clone()),
            None => match self.find(&account, call).await {
                Found::One(call) => call.sid,
                // It may only not be listed yet.
                Found::None | Found::Unclear => None,
            },
        };
        let Some(url) = sid.and_then(|sid| account.call(&sid)) else {
            return failed("the call is not found at Twilio".to_owned());
        };
        // Ends a ringing call as well as an answered one; `canceled` would spare the answered one.
        let form = Some("Status=completed".to_owned());
        let about = self.about(call, ExchangeKind::HangUp);
        match account
            .ask(&self.http, Method::POST, url, form, &about)
            .await
        {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) if answer.status == 404 || code(&answer) == Some(NOT_IN_PROGRESS) => {
                Err(HangUpError::NotFound)
            }
            Ok(answer) => failed(account.words(&answer, None)),
            Err(lost) => failed(lost.into_words()),
        }
    }

    async fn look_up(&self, call: &CallRef) -> LookUp {
        let Ok(account) = Account::read(&call.account) else {
            return LookUp::Unknown;
        };
        if let Some(sid) = &call.carrier_call_id {
            return self.look_up_by_id(&account, call, sid).await;
        }
        match self.find(&account, call).await {
            Found::One(call) => call.look_up(),
            Found::None => LookUp::NeverPlaced,
            Found::Unclear => LookUp::Unknown,
        }
    }

    async fn verify(&self, account: &ports::Account) -> Proof {
        proof::verify(Account::read(account), &self.http).await
    }

    fn receive(
        &self,
        call: &CallRef,
        callback: &CallbackRequest,
    ) -> Result<(Vec<CallEvent>, CallbackReply), Refusal> {
        // Without the account's token nothing can be verified.
        let account = Account::read(&call.account).map_err(|_| Refusal::Signature)?;
        let about = self.about(call, ExchangeKind::Callback);
        callback::receive(&account, call, callback, self.clock.now(), &about)
    }
}

/// The dial as Twilio documents it, and nothing besides.
fn form(request: &DialRequest, detects_machines: bool) -> Result<String, DialError> {
    let from = request.caller_id.as_deref().ok_or_else(|| {
        refused("Twilio needs a number to call from: add one to the telephony configuration")
    })?;
    let twiml = twiml::document(request.greeting.as_deref()).map_err(refused)?;
    let ringing = seconds(request.ring_timeout).min(LONGEST_RINGING);
    let mut form = Serializer::new(String::new());
    form.append_pair("To", request.destination.as_str())
        .append_pair("From", from)
        .append_pair("Twiml", &twiml)
        .append_pair("Timeout", &ringing.to_string())
        .append_pair("TimeLimit", &seconds(request.max_call).to_string());
    if detects_machines {
        form.append_pair("MachineDetection", "Enable");
    }
    if let Some(callbacks) = &request.callbacks {
        let query = Serializer::new(String::new())
            .append_pair("attempt", &request.attempt_id.to_string())
            .append_pair("token", callbacks.token.expose_secret())
            .finish();
        let (base, run_id) = (&callbacks.base_url, request.run_id);
        let url = format!("{base}/api/v1/telephony/{PROVIDER}/status-callback/{run_id}?{query}");
        form.append_pair("StatusCallback", &url)
            .append_pair("StatusCallbackMethod", "POST");
        for event in EVENTS {
            form.append_pair("StatusCallbackEvent", event);
        }
    }
    Ok(form.finish())
}

/// Whole seconds, at least one: a part of a second counts as one.
fn seconds(duration: Duration) -> u64 {
    (duration.as_secs() + u64::from(duration.subsec_nanos() > 0)).max(1)
}

fn refused(words: impl ToString) -> DialError {
    DialError::Refused(words.to_string())
}

/// What Twilio's answer to a dial means; `words` are its own.
fn dialed(answer: &Answer, words: impl Fn() -> String) -> Result<Dialed, DialError> {
    let sid = || {
        let call = serde_json::from_slice::<words::Call>(&answer.body).ok()?;
        call.sid.filter(|sid| !sid.is_empty())
    };
    match answer.status {
        201 => match sid() {
            Some(sid) => Ok(Dialed {
                carrier_call_id: Some(sid),
                ..Dialed::default()
            }),
            None => Err(DialError::Unknown(words())),
        },
        // A gateway in between may have waited for Twilio in vain.
        408 => Err(DialError::Unknown(words())),
        // These two alone say that the request was not acted upon (RFC 9110 §15.4.8, §15.4.9).
        307 | 308 => Err(refused(format!(
            "{}: the address redirects elsewhere, where credentials are not sent: check the base URL",
            answer.status
        ))),
        400..500 => Err(DialError::Refused(words())),
        _ => Err(DialError::Unknown(words())),
    }
}

/// The code of an error of Twilio's.
fn code(answer: &Answer) -> Option<i64> {
    #[derive(Deserialize)]
    struct Problem {
        code: i64,
    }
    let problem = serde_json::from_slice::<Problem>(&answer.body).ok()?;
    Some(problem.code)
}
