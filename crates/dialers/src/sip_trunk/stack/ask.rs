//! What a trunk is asked besides calls: whether it is there and takes the account (OPTIONS), and to
//! know this end (REGISTER).

use super::connect::Unreached;
use super::leg::Final;
use super::{Stack, Unready};
use crate::sip_trunk::settings::Transport;
use rsipstack::dialog::authenticate::{AuthRetry, handle_client_authenticate};
use rsipstack::dialog::registration::Registration;
use rsipstack::sip::headers::CallId;
use rsipstack::sip::typed::{Contact, From, To};
use rsipstack::sip::{Header, Method, Response, SipMessage, StatusCode, StatusCodeKind, Uri};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::{Transaction, make_tag};
use std::time::Duration;

/// Longest wait for an answer to anything but a call.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(6);
/// How long a registration lasts unless it is taken back, in seconds.
const REGISTERED: u32 = 600;

/// What a trunk said to a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::sip_trunk) enum Answer {
    /// It took the question; whether it first asked who this is.
    Yes {
        asked_who: bool,
    },
    No {
        answer: Final,
        asked_who: bool,
    },
    Silence,
}

impl Stack {
    /// Asks whether the trunk is there, as who would call.
    pub async fn options(&self) -> Answer {
        let asked = tokio::time::timeout(ANSWER_TIMEOUT, self.ask_options()).await;
        asked
            .unwrap_or(Ok(Answer::Silence))
            .unwrap_or(Answer::Silence)
    }

    async fn ask_options(&self) -> rsipstack::Result<Answer> {
        let endpoint = &self.endpoint.inner;
        let Some(server) = self.server() else {
            return Ok(Answer::Silence);
        };
        let mut caller = server.clone();
        caller.auth = self.settings.username.clone().map(Into::into);
        let to = To {
            display_name: None,
            uri: server.clone(),
            params: Vec::new(),
        };
        let from = From {
            display_name: None,
            uri: caller,
            params: Vec::new(),
        };
        let from = from.with_tag(make_tag());
        let (connection, _) = endpoint
            .transport_layer
            .lookup(&self.target(), None)
            .await?;
        let via = endpoint.get_via(Some(connection.get_addr().clone()), None)?;
        let call_id = Some(own_call_id());
        let mut request = endpoint.make_request(Method::Options, server, via, from, to, 1, call_id);
        let contact = Contact {
            display_name: None,
            uri: self.contact(),
            params: Vec::new(),
        };
        request.headers.push(Header::Contact(contact.into()));
        let key = TransactionKey::from_request(&request, TransactionRole::Client)?;
        let mut transaction = Transaction::new_client(key, request, endpoint.clone(), None);
        transaction.destination = Some(self.target());
        transaction.send().await?;
        let (mut asked_who, mut auth) = (false, AuthRetry::new());
        while let Some(message) = transaction.receive().await {
            let SipMessage::Response(response) = message else {
                continue;
            };
            match response.status_code.kind() {
                StatusCodeKind::Provisional => {}
                StatusCodeKind::Successful => return Ok(Answer::Yes { asked_who }),
                _ if is_challenge(&response) => {
                    asked_who = true;
                    match self.credential().filter(|_| auth.should_answer(&response)) {
                        None => {
                            return Ok(Answer::No {
                                answer: Final::of(&response),
                                asked_who,
                            });
                        }
                        Some(own) => {
                            let again = handle_client_authenticate(2, &transaction, response, &own);
                            transaction = again.await?;
                            transaction.destination = Some(self.target());
                            transaction.send().await?;
                        }
                    }
                }
                _ => {
                    return Ok(Answer::No {
                        answer: Final::of(&response),
                        asked_who,
                    });
                }
            }
        }
        Ok(Answer::Silence)
    }

    /// Makes this end known to the trunk.
    pub(super) async fn register(&self) -> Result<Registration, Unready> {
        let mut registration = Registration::new(self.endpoint.inner.clone(), self.credential());
        registration.call_id = own_call_id();
        registration.outbound_proxy = Some(self.way.remote());
        registration.contact = Some(Contact {
            display_name: None,
            uri: self.contact(),
            params: Vec::new(),
        });
        let response = self.send_register(&mut registration, REGISTERED).await?;
        if response.status_code.kind() == StatusCodeKind::Successful {
            return Ok(registration);
        }
        Err(Unready::Unregistered(Final::of(&response)))
    }

    /// Renews a registration that would run out during a long call.
    pub(super) async fn renew(&self) {
        let mut held = self.registration.lock().await;
        if let Some(registration) = held.as_mut()
            && self.send_register(registration, REGISTERED).await.is_err()
        {
            // The next call registers anew, or says why not.
            *held = None;
        }
    }

    pub(super) async fn unregister(&self, mut registration: Registration) {
        let _ = self.send_register(&mut registration, 0).await;
    }

    async fn send_register(
        &self,
        registration: &mut Registration,
        seconds: u32,
    ) -> Result<Response, Unready> {
        let mut server = self.server().ok_or(Unreached::NoSuchName)?;
        // Tells the stack which way the request goes.
        if let (Transport::Tcp | Transport::Tls, Some(wire)) =
            (self.settings.transport, self.target().r#type)
        {
            server.params.push(rsipstack::sip::Param::Transport(wire));
        }
        let asked = registration.register(server, Some(seconds));
        let answered = tokio::time::timeout(ANSWER_TIMEOUT, asked).await;
        match answered {
            Ok(Ok(response)) if response.status_code != StatusCode::RequestTimeout => Ok(response),
            _ => Err(Unready::Unanswered),
        }
    }

    /// The trunk as whom it is addressed.
    fn server(&self) -> Option<Uri> {
        Uri::try_from(format!("sip:{}", self.settings.domain()).as_str()).ok()
    }
}

fn is_challenge(response: &Response) -> bool {
    let challenges = [
        StatusCode::Unauthorized,
        StatusCode::ProxyAuthenticationRequired,
    ];
    challenges.contains(&response.status_code)
}

/// The stack's own would name its maker.
fn own_call_id() -> CallId {
    CallId::from(uuid::Uuid::new_v4().to_string())
}
