//! The SIP stack, and the only place that knows it: its words and types end here, because they
//! change between its releases. A [`Stack`] is this computer towards one trunk: one socket or
//! connection, one registration, and every call through it as a [`Leg`]. It listens as long as
//! somebody holds it, answers to its own calls and turns everybody else away; what is said on a
//! call is not here.

mod ask;
mod connect;
mod leg;

pub(super) use ask::Answer;
pub(super) use connect::Unreached;
pub(super) use leg::{Call, Final, Leg, Offer, Signal};

use super::settings::{Settings, Transport};
use connect::Way;
use rsipstack::EndpointBuilder;
use rsipstack::dialog::authenticate::Credential;
use rsipstack::dialog::dialog_layer::DialogLayer;
use rsipstack::dialog::registration::Registration;
use rsipstack::sip::{Method, StatusCode, Uri};
use rsipstack::transaction::endpoint::{Endpoint, EndpointOption};
use rsipstack::transaction::{Transaction, TransactionReceiver};
use rsipstack::transport::{SipAddr, TransportLayer};
use secrecy::ExposeSecret;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::{Mutex, Semaphore};
use tokio_util::sync::CancellationToken;

/// Between two signs of life, so that a home router keeps the way back open (RFC 5626 §4.4.1).
const KEEP_ALIVE: Duration = Duration::from_secs(20);
/// Well within how long a registration lasts.
const RENEWAL: Duration = Duration::from_secs(240);
/// The sign of life.
const PING: &[u8] = b"\r\n\r\n";
/// Strangers that are turned away at a time; more are not answered at all.
const MOST_STRANGERS: usize = 16;
const USER_AGENT: &str = concat!("switchhook/", env!("CARGO_PKG_VERSION"));

/// See the module.
pub(super) struct Stack {
    settings: Settings,
    endpoint: Endpoint,
    dialogs: Arc<DialogLayer>,
    way: Way,
    /// Where this end is reached, as it is told to the trunk.
    contact: SocketAddr,
    /// Held while a connection is made or the trunk is asked to register.
    registration: Mutex<Option<Registration>>,
    stop: CancellationToken,
}

impl Stack {
    /// Finds the trunk and opens the way to it. Nothing of a call is sent.
    pub async fn open(settings: Settings) -> Result<Arc<Self>, Unreached> {
        let stop = CancellationToken::new();
        let layer = TransportLayer::new(stop.clone());
        let mut way = Way::find(&settings).await?;
        let contact = way.listen(&settings, &layer, &stop).await?;
        let option = EndpointOption {
            callid_suffix: Some(String::new()),
            ..EndpointOption::default()
        };
        let endpoint = EndpointBuilder::new()
            .with_user_agent(USER_AGENT)
            .with_transport_layer(layer)
            .with_cancel_token(stop.clone())
            .with_option(option)
            .build();
        let dialogs = Arc::new(DialogLayer::new(endpoint.inner.clone()));
        let incoming = endpoint.incoming_transactions();
        let incoming = incoming.map_err(|_| Unreached::NoSocket)?;
        let stack = Arc::new(Self {
            settings,
            endpoint,
            dialogs,
            way,
            contact,
            registration: Mutex::new(None),
            stop,
        });
        let core = stack.endpoint.inner.clone();
        tokio::spawn(async move {
            // Ends with the token; what goes wrong before that the calls hear.
            let _ = core.serve().await;
        });
        tokio::spawn(attend(stack.dialogs.clone(), incoming, stack.stop.clone()));
        tokio::spawn(
            stack
                .way
                .clone()
                .keep_alive(stack.endpoint.inner.clone(), stack.stop.clone()),
        );
        if stack.settings.register {
            tokio::spawn(renew(Arc::downgrade(&stack), stack.stop.clone()));
        }
        Ok(stack)
    }

    /// Whether calls by these settings may go through it.
    pub fn serves(&self, settings: &Settings) -> bool {
        self.settings.is_same_trunk(settings) && self.way.is_still_so()
    }

    /// The address that this computer has towards the trunk.
    pub fn local_ip(&self) -> IpAddr {
        self.way.local.ip()
    }

    /// The address that the trunk is told: the external one where one is set.
    pub fn told_ip(&self) -> IpAddr {
        self.contact.ip()
    }

    /// Makes ready for a call: connected, and registered where the trunk wants it. Nothing of a
    /// call is sent.
    pub async fn make_ready(&self) -> Result<(), Unready> {
        let mut registration = self.registration.lock().await;
        self.way
            .connect(&self.settings, &self.endpoint.inner)
            .await?;
        if self.settings.register && registration.is_none() {
            *registration = Some(self.register().await?);
        }
        Ok(())
    }

    /// Takes the registration back. For the last one who holds it.
    pub async fn close(self) {
        if let Some(registration) = self.registration.lock().await.take() {
            self.unregister(registration).await;
        }
    }

    fn credential(&self) -> Option<Credential> {
        let username = self.settings.username.clone()?;
        let password = self.settings.password.as_ref()?;
        Some(Credential {
            username,
            password: password.expose_secret().to_owned(),
            realm: None,
            auth_username: self.settings.auth_username.clone(),
        })
    }

    /// This end's address in the trunk's network.
    fn contact(&self) -> Uri {
        let user = self.settings.username.as_deref().unwrap_or("switchhook");
        let transport = match self.settings.transport {
            Transport::Udp => "",
            Transport::Tcp => ";transport=tcp",
            Transport::Tls => ";transport=tls",
        };
        let text = format!("sip:{user}@{}{transport}", self.contact);
        Uri::try_from(text.as_str()).unwrap_or_default()
    }

    fn target(&self) -> SipAddr {
        self.way.target.clone()
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Why no call can be placed now; nothing of one was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unready {
    #[error(transparent)]
    Unreached(#[from] Unreached),
    #[error("the trunk refuses the registration: {0}")]
    Unregistered(Final),
    #[error("the trunk does not answer the registration")]
    Unanswered,
}

/// Renews the registration while anybody holds the stack.
async fn renew(stack: Weak<Stack>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(RENEWAL) => {}
            () = stop.cancelled() => return,
        }
        let Some(stack) = stack.upgrade() else {
            return;
        };
        stack.renew().await;
    }
}

/// Hands what comes in to the calls it belongs to.
async fn attend(
    dialogs: Arc<DialogLayer>,
    mut incoming: TransactionReceiver,
    stop: CancellationToken,
) {
    let strangers = Arc::new(Semaphore::new(MOST_STRANGERS));
    loop {
        let transaction = tokio::select! {
            transaction = incoming.recv() => transaction,
            () = stop.cancelled() => None,
        };
        let Some(mut transaction) = transaction else {
            return;
        };
        if let Some(mut dialog) = dialogs.match_dialog(&transaction) {
            tokio::spawn(async move {
                if let Err(error) = dialog.handle(&mut transaction).await {
                    tracing::debug!(%error, "a request of the far end was not answered");
                }
            });
        } else if let Ok(place) = strangers.clone().try_acquire_owned() {
            tokio::spawn(async move {
                turn_away(transaction).await;
                drop(place);
            });
        }
    }
}

/// Calls to here are not taken yet; whether this end lives may be asked.
async fn turn_away(mut transaction: Transaction) {
    let status = match transaction.original.method {
        Method::Options => StatusCode::OK,
        Method::Invite => StatusCode::Forbidden,
        Method::Ack => return,
        Method::Bye | Method::Cancel | Method::Update | Method::Info | Method::Notify => {
            StatusCode::CallTransactionDoesNotExist
        }
        _ => StatusCode::MethodNotAllowed,
    };
    if transaction.reply(status).await.is_ok() {
        // A refused call is refused again until the other end has heard it.
        while transaction.receive().await.is_some() {}
    }
}
