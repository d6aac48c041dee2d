//! A plain SIP trunk: calls placed by this computer itself, with its own signalling ([`stack`]) and
//! its own sound ([`media`]), with no PBX in between. A call lives in this process ([`call`]) and
//! ends with it; after a restart nobody can be asked what became of it. Calls to here, video,
//! encrypted sound and transfers are not here.
//!
//! **A dial is refused only where nothing can have rung**: no way to the trunk, no registration, or
//! the trunk's own final no before it took the call. A trunk that says nothing has perhaps called
//! all the same: the call is taken back, and its outcome is unknown.

mod call;
mod line;
mod media;
mod proof;
mod settings;
mod stack;
mod trunks;
mod words;

use async_trait::async_trait;
use call::{Call, Command};
use media::sdp::Own;
use media::session::Session;
pub(crate) use settings::FIELDS;
use settings::Settings;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use switchhook_core::ids::AttemptId;
use switchhook_core::ports::{
    Account, Artifacts, CallRef, CallSink, Clock, DialError, DialRequest, Dialed, Dialer, Exchange,
    ExchangeKind, HangUpError, LookUp, Proof, Voice,
};
use switchhook_core::run::EndCode;
use switchhook_core::telephony::ProviderFacts;
use tokio::sync::{mpsc, oneshot};
use trunks::{Trunks, release};

/// The provider id of telephony configurations.
pub const PROVIDER: &str = "sip_trunk";

/// How long a hang-up waits for the far end to hear it.
const HANG_UP_TIMEOUT: Duration = Duration::from_secs(6);

/// What is said of a dial that came to no answer.
const LOST: &str = "the call was lost before the trunk answered";

/// What every call has to do with.
struct Parts {
    sink: Arc<dyn CallSink>,
    clock: Arc<dyn Clock>,
    voice: Arc<dyn Voice>,
    artifacts: Arc<dyn Artifacts>,
    /// The calls that go on.
    calls: Mutex<HashMap<AttemptId, mpsc::UnboundedSender<Command>>>,
}

impl Parts {
    /// Nothing can panic half-way through a change, so what a panic left is whole.
    fn calls(&self) -> MutexGuard<'_, HashMap<AttemptId, mpsc::UnboundedSender<Command>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self, attempt_id: AttemptId) {
        self.calls().remove(&attempt_id);
    }
}

/// SIP trunks, for every configuration.
pub struct SipTrunk {
    parts: Arc<Parts>,
    trunks: Trunks,
}

impl SipTrunk {
    /// Without calls, and without a socket until there is one.
    #[must_use]
    pub fn new(
        sink: Arc<dyn CallSink>,
        clock: Arc<dyn Clock>,
        voice: Arc<dyn Voice>,
        artifacts: Arc<dyn Artifacts>,
    ) -> Arc<Self> {
        let calls = Mutex::default();
        let parts = Arc::new(Parts {
            sink,
            clock,
            voice,
            artifacts,
            calls,
        });
        Arc::new(Self {
            parts,
            trunks: Trunks::default(),
        })
    }

    /// Prepares everything and sends the call; its task lives on by itself.
    async fn place(
        &self,
        request: &DialRequest,
        settings: &Settings,
        commands: (
            mpsc::UnboundedSender<Command>,
            mpsc::UnboundedReceiver<Command>,
        ),
    ) -> Result<oneshot::Receiver<Result<Dialed, DialError>>, DialError> {
        let callee = settings.callee(&request.destination).map_err(refused)?;
        let id = request.account.configuration_id;
        let stack = self.trunks.ready(id, settings).await.map_err(refused)?;
        let (pressed, keys) = mpsc::unbounded_channel();
        let session = Session::begin(stack.local_ip(), settings.ports, pressed).await;
        let session = session.map_err(|_| refused("no UDP port for sound is free"))?;
        let mut own = Own {
            at: SocketAddr::new(stack.told_ip(), session.at().port()),
            session: request.run_id.0.unsigned_abs(),
            version: 0,
        };
        let (caller, asserted) = caller(settings, request.caller_id.as_deref());
        let call_id = request.attempt_id.to_string();
        let invite = stack::Call {
            id: call_id.clone(),
            caller,
            callee,
            asserted,
            offer: own.offer(),
        };
        let (leg, signals) = match stack.invite(invite) {
            Ok(call) => call,
            Err(error) => {
                release(stack);
                return Err(refused(error));
            }
        };
        let call = Call {
            parts: self.parts.clone(),
            call: CallRef {
                carrier_call_id: Some(call_id),
                ..request.call_ref()
            },
            records: settings.record,
            ring_timeout: request.ring_timeout,
            leg,
            signals,
            session: Arc::new(session),
            own,
            keys,
            commands: commands.0,
            told: commands.1,
        };
        let (taken, is_taken) = oneshot::channel();
        tokio::spawn(call.run(taken));
        Ok(is_taken)
    }

    /// What the trunk was asked, for people to look at.
    fn exchanged(
        &self,
        request: &DialRequest,
        settings: &Settings,
        began: Instant,
        answer: &Result<Dialed, DialError>,
    ) {
        let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let (from, _) = caller(settings, request.caller_id.as_deref());
        self.parts.sink.exchange(Exchange {
            run_id: request.run_id,
            attempt_id: request.attempt_id,
            kind: ExchangeKind::Dial,
            at: self.parts.clock.now(),
            took: Some(began.elapsed()),
            target: format!(
                "INVITE {}",
                settings.callee(&request.destination).unwrap_or_default()
            ),
            status: None,
            note: answer.as_ref().err().map(ToString::to_string),
            request: vec![
                text("From", &from),
                text("Call-ID", &request.attempt_id.to_string()),
            ],
            reply: Vec::new(),
        });
    }
}

#[async_trait]
impl Dialer for SipTrunk {
    fn facts(&self) -> &'static ProviderFacts {
        crate::facts(PROVIDER).expect("SIP trunks have a row in the table of providers")
    }

    async fn dial(&self, request: DialRequest) -> Result<Dialed, DialError> {
        let settings = Settings::read(&request.account).map_err(refused)?;
        let (commands, told) = mpsc::unbounded_channel();
        {
            let mut calls = self.parts.calls();
            if calls.contains_key(&request.attempt_id) {
                return Err(DialError::Unknown(
                    "this attempt was dialled before".to_owned(),
                ));
            }
            calls.insert(request.attempt_id, commands.clone());
        }
        let began = Instant::now();
        // Taken off the list where whoever dials gives up before the call has a task of its own.
        let listed = Listed(&self.parts, request.attempt_id, true);
        let placed = self.place(&request, &settings, (commands, told)).await;
        let answer = match placed {
            Ok(is_taken) => {
                listed.keep();
                is_taken
                    .await
                    .unwrap_or_else(|_| Err(DialError::Unknown(LOST.to_owned())))
            }
            Err(error) => Err(error),
        };
        self.exchanged(&request, &settings, began, &answer);
        answer
    }

    async fn hang_up(&self, call: &CallRef) -> Result<(), HangUpError> {
        let commands = self.parts.calls().get(&call.attempt_id).cloned();
        let commands = commands.ok_or(HangUpError::NotFound)?;
        let (done, is_done) = oneshot::channel();
        let told = commands.send(Command::HangUp(EndCode::HungUp, Some(done)));
        told.map_err(|_| HangUpError::NotFound)?;
        match tokio::time::timeout(HANG_UP_TIMEOUT, is_done).await {
            Ok(_) => Ok(()),
            Err(_) => Err(HangUpError::Failed(
                "the trunk did not answer the hang-up".to_owned(),
            )),
        }
    }

    /// A trunk cannot be asked; what is known is told by the call itself.
    async fn look_up(&self, _: &CallRef) -> LookUp {
        LookUp::Unknown
    }

    async fn verify(&self, account: &Account) -> Proof {
        proof::verify(Settings::read(account)).await
    }
}

/// A call's place on the list until its task keeps it.
struct Listed<'a>(&'a Parts, AttemptId, bool);

impl Listed<'_> {
    fn keep(mut self) {
        self.2 = false;
    }
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        if self.2 {
            self.0.forget(self.1);
        }
    }
}

/// The address in From, and the one that is asserted, where that is another.
fn caller(settings: &Settings, caller_id: Option<&str>) -> (String, Option<String>) {
    let domain = settings.domain();
    let address = |user: &str| match user.strip_prefix("sip:") {
        Some(_) => user.to_owned(),
        None => format!("sip:{user}@{domain}"),
    };
    // What would break out of its place in a header is not shown.
    let is_plain = |number: &&str| {
        let mut letters = number.chars();
        letters.all(|letter| letter.is_ascii_graphic() && !"<>\"".contains(letter))
    };
    let shown = caller_id.filter(is_plain);
    let shown = shown.map(|number| address(settings.number(number)));
    let own = settings.username.as_deref().map(address);
    let nobody = || address("anonymous");
    if settings.asserts_caller_id {
        (own.unwrap_or_else(nobody), shown)
    } else {
        (shown.or(own).unwrap_or_else(nobody), None)
    }
}

fn refused(words: impl ToString) -> DialError {
    DialError::Refused(words.to_string())
}
