//! Asterisk, by its REST interface (ARI): calls go out through whatever the PBX has, and its events
//! say what becomes of them. Asterisk never calls back: everything is asked for or heard on a socket
//! that this side opens, so no public address is needed.
//!
//! **A call's name is ours** ([`channel_id`]): the channel is created under the attempt's own id, so
//! that a dial whose answer was lost is found again by it, and Asterisk itself refuses a second one.
//! A dial is refused only where Asterisk says that it made no channel, or nothing was sent.

mod account;
mod dial_string;
mod events;
mod facts;
mod line;
mod proof;
mod recording;
mod session;
mod socket;

pub(crate) use facts::FACTS;

use crate::exchange::About;
use crate::http::{Answer, Http, Lost};
use account::Account;
use async_trait::async_trait;
use events::{Channel, Stage};
use reqwest::Method;
use serde_json::Map;
use session::{Known, Session, Shared};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use switchhook_core::ids::{AttemptId, TelephonyConfigurationId};
use switchhook_core::ports::{
    self, Artifacts, CallRef, CallSink, CallWord, Clock, DialError, DialRequest, Dialed, Dialer,
    ExchangeKind, HangUpError, LookUp, Proof, Voice,
};
use switchhook_core::run::EndCode;
use switchhook_core::telephony::ProviderFacts;

/// The provider id of telephony configurations (contract §6.2).
pub const PROVIDER: &str = "ari";

/// Longest wait for the socket of events before a dial: shorter than the dial's own time.
const SOCKET: Duration = Duration::from_secs(8);
/// Longest wait for it before a question.
const SOCKET_TO_ASK: Duration = Duration::from_secs(3);

/// Who speaks on calls, and where recordings go.
#[derive(Clone)]
pub struct Sound {
    pub voice: Arc<dyn Voice>,
    pub artifacts: Arc<dyn Artifacts>,
}

/// Asterisk, every one that a configuration names.
pub struct Ari {
    clock: Arc<dyn Clock>,
    http: Arc<Http>,
    sink: Arc<dyn CallSink>,
    sound: Sound,
    sessions: Mutex<HashMap<TelephonyConfigurationId, Arc<Session>>>,
}

/// The channel of an attempt's call.
fn channel_id(attempt: AttemptId) -> String {
    format!("switchhook-{attempt}")
}

impl Ari {
    /// Listens to no Asterisk until there is a call.
    #[must_use]
    pub fn new(
        clock: Arc<dyn Clock>,
        http: Arc<Http>,
        sink: Arc<dyn CallSink>,
        sound: Sound,
    ) -> Arc<Self> {
        Arc::new(Self {
            clock,
            http,
            sink,
            sound,
            sessions: Mutex::default(),
        })
    }

    /// The session of a configuration. One whose address or user was changed gets another.
    fn session(&self, id: TelephonyConfigurationId, account: &Account) -> Arc<Shared> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let is_current = |session: &Arc<Session>| {
            !session.is_over() && session.shared.account.is_same_door(account)
        };
        if let Some(session) = sessions.get(&id).filter(|session| is_current(session)) {
            return session.shared.clone();
        }
        sessions.retain(|_, session| !session.is_over());
        let (http, clock, sink) = (self.http.clone(), self.clock.clone(), self.sink.clone());
        let session = Session::open(account.clone(), http, self.sound.clone(), clock, sink);
        sessions.insert(id, session.clone());
        session.shared.clone()
    }

    fn known(&self, call: &CallRef) -> Result<(Account, String), account::AccountError> {
        let account = Account::read(&call.account)?;
        let id = call.carrier_call_id.clone();
        Ok((account, id.unwrap_or_else(|| channel_id(call.attempt_id))))
    }
}

/// Asks for a call's channel; `None` where Asterisk has none of this name.
async fn find(shared: &Shared, id: &str, call: &CallRef) -> Result<Option<Channel>, ()> {
    let about = About::call(&*shared.sink, &*shared.clock, call, ExchangeKind::LookUp);
    let url = shared.account.at(["channels", id], &[]);
    let answer = shared
        .account
        .ask(&shared.http, Method::GET, url, &about)
        .await;
    match answer {
        Ok(answer) if answer.status == 200 => serde_json::from_slice(&answer.body)
            .map(Some)
            .map_err(|_| ()),
        Ok(answer) if answer.status == 404 => Ok(None),
        Ok(_) | Err(_) => Err(()),
    }
}

#[async_trait]
impl Dialer for Ari {
    fn facts(&self) -> &'static ProviderFacts {
        crate::facts(PROVIDER).expect("ARI has a row in the table of providers")
    }

    async fn dial(&self, request: DialRequest) -> Result<Dialed, DialError> {
        let account = Account::read(&request.account);
        let account = account.map_err(|error| DialError::Refused(error.to_string()))?;
        let shared = self.session(request.account.configuration_id, &account);
        let link = shared.listening(SOCKET).await.map_err(|closed| {
            DialError::Refused(format!(
                "nothing was dialled, because events would not be heard: {closed}"
            ))
        })?;
        let id = channel_id(request.attempt_id);
        shared.track(&id, &request.call_ref(), Some(link));
        let endpoint = dial_string::endpoint(&account.dial_string, request.destination.as_str());
        let arguments = format!("workflow_run_id={}", request.run_id);
        let timeout = request.ring_timeout.as_secs().max(1).to_string();
        let caller_id = request
            .caller_id
            .as_deref()
            .map(|number| format!("<{number}>"));
        let mut query = vec![
            ("endpoint", endpoint.as_str()),
            ("app", account.app.as_str()),
            ("appArgs", arguments.as_str()),
            ("timeout", timeout.as_str()),
            ("channelId", id.as_str()),
        ];
        if let Some(caller_id) = &caller_id {
            query.push(("callerId", caller_id));
        }
        let url = account.at(["channels"], &query);
        let about = About::dial(&*self.sink, &*self.clock, &request);
        let outcome = match account.dial(&self.http, url, &about).await {
            Ok(answer)
                if answer.status == 500 && made_nothing(&shared, &request.call_ref()).await =>
            {
                Err(DialError::Refused(account.words(&answer)))
            }
            Ok(answer) => dialed(&account, &answer, id.clone()),
            Err(Lost::Unsent(words)) => Err(DialError::Refused(words)),
            Err(Lost::Unanswered(words)) => Err(DialError::Unknown(words)),
        };
        match &outcome {
            Ok(_) => shared.taken(&id),
            Err(DialError::Refused(_)) => shared.forget(&id),
            // It may ring: then its events are heard.
            Err(DialError::Unknown(_)) => {}
        }
        outcome
    }

    async fn hang_up(&self, call: &CallRef) -> Result<(), HangUpError> {
        let failed = |words: String| Err(HangUpError::Failed(words));
        let (account, id) = match self.known(call) {
            Ok(known) => known,
            Err(error) => return failed(error.to_string()),
        };
        let shared = self.session(call.account.configuration_id, &account);
        if let Known::Ended(..) = shared.known(&id) {
            return Err(HangUpError::NotFound);
        }
        let about = About::call(&*self.sink, &*self.clock, call, ExchangeKind::HangUp);
        shared.ends(&id, EndCode::HungUp);
        let url = account.at(["channels", &id], &[]);
        match account.ask(&self.http, Method::DELETE, url, &about).await {
            Ok(answer) if (200..300).contains(&answer.status) => Ok(()),
            Ok(answer) if answer.status == 404 => Err(HangUpError::NotFound),
            Ok(answer) => failed(account.words(&answer)),
            Err(lost) => failed(lost.into_words()),
        }
    }

    /// What was heard is answered from memory; Asterisk is asked where nobody listened.
    async fn look_up(&self, call: &CallRef) -> LookUp {
        let Ok((account, id)) = self.known(call) else {
            return LookUp::Unknown;
        };
        let shared = self.session(call.account.configuration_id, &account);
        let carrier_call_id = Some(id.clone());
        let was_unheard = match shared.known(&id) {
            Known::Ended(word, note) => {
                return LookUp::Found {
                    carrier_call_id,
                    word,
                    note,
                };
            }
            Known::Stage(stage) => return told(stage, carrier_call_id),
            Known::Unheard if call.carrier_call_id.is_some() => {
                return LookUp::Waiting { carrier_call_id };
            }
            Known::Unheard => true,
            Known::Nothing => false,
        };
        shared.track(&id, call, None);
        // Its events are wanted from now on; without them it can still be asked.
        let _ = shared.listening(SOCKET_TO_ASK).await;
        match find(&shared, &id, call).await {
            Ok(Some(channel)) => {
                shared.found(&id, channel.stage());
                told(channel.stage(), carrier_call_id)
            }
            Ok(None) => match shared.known(&id) {
                // It ended between the question and the answer.
                Known::Ended(word, note) => LookUp::Found {
                    carrier_call_id,
                    word,
                    note,
                },
                _ if call.carrier_call_id.is_some() => {
                    shared.forget(&id);
                    let word = CallWord::Ended(EndCode::EndedUnheard);
                    let note = Some("Asterisk has the channel no more".to_owned());
                    LookUp::Found {
                        carrier_call_id,
                        word,
                        note,
                    }
                }
                // Dialled under an ear that would have heard it ring.
                _ if was_unheard => LookUp::NeverPlaced,
                _ => LookUp::Unknown,
            },
            Err(()) => LookUp::Unknown,
        }
    }

    async fn verify(&self, account: &ports::Account) -> Proof {
        proof::verify(Account::read(account), &self.http).await
    }
}

fn told(stage: Stage, carrier_call_id: Option<String>) -> LookUp {
    let word = match stage {
        Stage::Trying => return LookUp::Waiting { carrier_call_id },
        Stage::Ringing => CallWord::Ringing,
        Stage::Up => CallWord::Answered,
    };
    let note = None;
    LookUp::Found {
        carrier_call_id,
        word,
        note,
    }
}

/// What Asterisk's answer to a dial means.
fn dialed(account: &Account, answer: &Answer, id: String) -> Result<Dialed, DialError> {
    let words = || account.words(answer);
    match answer.status {
        // 409: a channel of this name is there, and only this attempt has the name.
        200 | 409 => {
            let channel = serde_json::from_slice::<Channel>(&answer.body).ok();
            let name = channel
                .map(|channel| channel.name)
                .filter(|name| !name.is_empty());
            let name = name.map(|name| ("channel_name".to_owned(), name.into()));
            Ok(Dialed {
                carrier_call_id: Some(id),
                metadata: Map::from_iter(name),
            })
        }
        408 => Err(DialError::Unknown(words())),
        300..500 => Err(DialError::Refused(words())),
        _ => Err(DialError::Unknown(words())),
    }
}

/// Whether Asterisk made no channel, so that nothing rang: it has none of this call's name, and
/// nothing was heard of one on a socket that would have told.
async fn made_nothing(shared: &Shared, call: &CallRef) -> bool {
    let id = channel_id(call.attempt_id);
    let is_there = find(shared, &id, call).await;
    matches!(is_there, Ok(None)) && matches!(shared.known(&id), Known::Unheard)
}
