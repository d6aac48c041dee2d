//! The trigger engine's wiring: it owns the dialers and one task per open run. A run's task dials
//! once, hears what the carrier says, holds the conversation, watches the deadlines and ends with
//! the run; nothing else writes a run's state. What is decided is decided in core
//! ([`switchhook_core::run::reduce`]), what is remembered is the store's.

mod account;
mod asking;
mod callbacks;
mod calls;
mod conversation;
mod ending;
mod fire;
mod parting;
mod patience;
mod reply;
#[cfg(test)]
mod tests;
mod turns;
mod watch;

pub use callbacks::Turned;
pub use fire::{Fire, Fired, Verdict};

use crate::rate::Rate;
use secrecy::SecretString;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;
use switchhook_core::agent::{Graph, VersionStatus};
use switchhook_core::ids::{RunId, VersionId, WorkspaceId};
use switchhook_core::ports::{
    Account, Artifacts, CallEvent, CallRef, CallSink, Clock, Dialer, EventKind, Exchange,
    ExchangeKind, Line, Proof, SecretsProblem, Store, StoreError, Unwritten, Vault, Voice,
};
use switchhook_core::run::Side;
use switchhook_core::telephony::{ProviderFacts, TelephonyConfiguration};
use switchhook_dialers::Http;
use switchhook_dialers::ari::{Ari, Sound};
use switchhook_dialers::desk_phone::DeskPhone;
use switchhook_dialers::sip_trunk::SipTrunk;
use switchhook_dialers::twilio::Twilio;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use turns::Turns;

/// How long the carrier may take to answer a dial (issue "Never twice": dialing 15 s).
pub const DIAL_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a phone rings.
pub const RING_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest proof of an account.
const VERIFY_TIMEOUT: Duration = Duration::from_secs(15);
/// How long the keychain may take to give out the key of the carriers' credentials.
const VAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// Most credentials that are being opened at a time.
const MAX_OPENINGS: usize = 8;
/// Words that wait for one run's task. A carrier says a handful; more is a flood and is dropped,
/// and the watchdog asks the carrier in the end.
const MAX_WAITING_WORDS: usize = 64;

/// Most versions' nodes and edges kept in memory; a workspace that uses more reads them again.
const MAX_GRAPHS: usize = 64;

/// What reaches a run's task from outside.
pub(crate) enum Word {
    /// Boxed, because a queue has room for many words from the start.
    Event(Box<CallEvent>),
    Line(Arc<dyn Line>),
    /// A person wants the call to end.
    HangUp,
}

/// What a configuration's secrets are sealed for: they open in the same workspace and for the same
/// provider only.
#[must_use]
pub fn seal_context(configuration: &TelephonyConfiguration) -> String {
    context_of(configuration.workspace_id, &configuration.provider)
}

/// The same, before there is a configuration.
#[must_use]
pub fn context_of(workspace: WorkspaceId, provider: &str) -> String {
    format!("telephony/{workspace}/{provider}")
}

/// What a run's task hears by, and where it keeps what is not written.
struct Ears {
    words: mpsc::Receiver<Word>,
    unwritten: Arc<Unwritten>,
}

/// The same, for who tells it something.
struct Open {
    words: mpsc::Sender<Word>,
    unwritten: Arc<Unwritten>,
}

/// What dialers are built with.
pub struct Equipment {
    /// For carriers that are reached over HTTP.
    pub http: Arc<Http>,
    /// For lines that carry sound: where recordings go, and who speaks.
    pub artifacts: Arc<dyn Artifacts>,
    pub voice: Arc<dyn Voice>,
}

/// See the module.
pub struct Engine {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    vault: Arc<dyn Vault>,
    /// How many may wait for the vault's answer at a time.
    openings: Arc<Semaphore>,
    desk_phone: Arc<DeskPhone>,
    dialers: HashMap<&'static str, Arc<dyn Dialer>>,
    runs: Mutex<HashMap<RunId, Open>>,
    claims: Mutex<fire::Claims>,
    graphs: Mutex<HashMap<VersionId, Arc<Graph>>>,
    rate: Rate,
    turns: Turns,
    stopping: AtomicBool,
    /// Cancelled when every run's task should finish.
    stop: CancellationToken,
    /// Every task of the engine, so that a stop can wait for dials that are under way.
    tasks: TaskTracker,
    /// `SWITCHHOOK_CONCURRENT_CALLS`, where it is set; it wins over the workspace's setting.
    concurrent_calls: Option<u32>,
}

/// The engine's ear. Weak, because the dialers are owned by the engine they report to.
struct Ear(Weak<Engine>);

impl CallSink for Ear {
    fn call_event(&self, event: CallEvent) {
        if let Some(engine) = self.0.upgrade() {
            let run_id = event.run_id;
            engine.tell(run_id, Word::Event(Box::new(event)));
        }
    }

    fn exchange(&self, exchange: Exchange) {
        if let Some(engine) = self.0.upgrade() {
            if exchange.kind == ExchangeKind::Dial
                && let Some(open) = engine.open_runs().get(&exchange.run_id)
            {
                return open.unwritten.dialled(exchange);
            }
            let store = engine.store.clone();
            // Nobody waits for it, and no call fails where it cannot be kept.
            engine.tasks.spawn(async move {
                if let Err(error) = store.record_exchange(exchange).await {
                    tracing::warn!(%error, "what was exchanged with a carrier was not recorded");
                }
            });
        }
    }

    fn line(&self, call: CallRef, line: Arc<dyn Line>) {
        if let Some(engine) = self.0.upgrade() {
            let run_id = call.run_id;
            engine.tell(run_id, Word::Line(line));
        }
    }
}

impl Engine {
    /// Builds the engine with every dialer there is.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        vault: Arc<dyn Vault>,
        equipment: Equipment,
        concurrent_calls: Option<u32>,
    ) -> Arc<Self> {
        let time = clock.clone();
        let Equipment {
            http,
            artifacts,
            voice,
        } = equipment;
        let carriers = |sink: Arc<dyn CallSink>| -> Vec<Arc<dyn Dialer>> {
            let sound = Sound {
                voice: voice.clone(),
                artifacts: artifacts.clone(),
            };
            vec![
                Twilio::new(time.clone(), http.clone(), sink.clone()),
                Ari::new(time.clone(), http, sink.clone(), sound),
                SipTrunk::new(sink, time, voice, artifacts),
            ]
        };
        Self::with(store, clock, vault, carriers, concurrent_calls)
    }

    /// Builds the engine with the desk phone and these carriers.
    fn with(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        vault: Arc<dyn Vault>,
        carriers: impl FnOnce(Arc<dyn CallSink>) -> Vec<Arc<dyn Dialer>>,
        concurrent_calls: Option<u32>,
    ) -> Arc<Self> {
        Arc::new_cyclic(|engine: &Weak<Self>| {
            let sink: Arc<dyn CallSink> = Arc::new(Ear(engine.clone()));
            let ear = engine.clone();
            let changed = move |call_id: &str, run_id: RunId| {
                if let Some(engine) = ear.upgrade() {
                    engine.announce_desk_phone(call_id.to_owned(), run_id);
                }
            };
            let carriers = carriers(sink.clone());
            let desk_phone = DeskPhone::new(sink, clock.clone(), Box::new(changed));
            let mut dialers: HashMap<&'static str, Arc<dyn Dialer>> = HashMap::new();
            dialers.insert(desk_phone.facts().id, desk_phone.clone());
            dialers.extend(
                carriers
                    .into_iter()
                    .map(|carrier| (carrier.facts().id, carrier)),
            );
            Self {
                store,
                clock,
                vault,
                openings: Arc::new(Semaphore::new(MAX_OPENINGS)),
                desk_phone,
                dialers,
                runs: Mutex::default(),
                claims: Mutex::default(),
                graphs: Mutex::default(),
                rate: Rate::default(),
                turns: Turns::default(),
                stopping: AtomicBool::new(false),
                stop: CancellationToken::new(),
                tasks: TaskTracker::new(),
                concurrent_calls,
            }
        })
    }

    /// The desk phone, for the person's side of it.
    pub fn desk_phone(&self) -> &Arc<DeskPhone> {
        &self.desk_phone
    }

    /// What is true of a provider; `None` for an unknown one.
    pub fn provider(&self, id: &str) -> Option<ProviderFacts> {
        switchhook_dialers::facts(id).copied()
    }

    fn dialer(&self, provider: &str) -> Option<Arc<dyn Dialer>> {
        self.dialers.get(provider).cloned()
    }

    /// The nodes and edges of a version. Those of published versions never change and are kept, the
    /// few that are in use.
    async fn graph(&self, id: VersionId) -> Result<Arc<Graph>, StoreError> {
        let kept = self
            .graphs
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&id)
            .cloned();
        if let Some(graph) = kept {
            return Ok(graph);
        }
        let Some(version) = self.store.version(id).await? else {
            return Ok(Arc::default());
        };
        let graph = Arc::new(Graph::read(&version.definition));
        if version.status != VersionStatus::Draft {
            let mut graphs = self.graphs.lock().unwrap_or_else(PoisonError::into_inner);
            if graphs.len() >= MAX_GRAPHS {
                graphs.clear();
            }
            graphs.insert(id, graph.clone());
        }
        Ok(graph)
    }

    /// A configuration as its dialer needs it.
    async fn account(
        &self,
        configuration: &TelephonyConfiguration,
    ) -> Result<Account, SecretsProblem> {
        let credentials = match &configuration.sealed_credentials {
            None => None,
            Some(sealed) => {
                let context = seal_context(configuration);
                match self.vault.open_at_once(&context, sealed) {
                    Some(opened) => Some(opened),
                    None => Some(self.open(context, sealed.clone()).await?),
                }
            }
        };
        Ok(Account {
            configuration_id: configuration.id,
            settings: configuration.settings.clone(),
            credentials,
        })
    }

    /// Opens what is sealed, on a thread that may wait for the keychain's owner.
    async fn open(&self, context: String, sealed: Vec<u8>) -> Result<SecretString, SecretsProblem> {
        let (vault, openings) = (self.vault.clone(), self.openings.clone());
        let opened = async move {
            // Held until the keychain has answered, however late: its owner is not asked
            // again and again, nor does a thread wait for each who asks.
            let opening = openings.acquire_owned().await;
            let open = move || (vault.open(&context, &sealed), opening).0;
            tokio::task::spawn_blocking(open).await
        };
        let opened = tokio::time::timeout(VAULT_TIMEOUT, opened).await;
        let failed = |cause: String| SecretsProblem {
            message: format!("the carrier's credentials could not be opened: {cause}"),
            fix: "unlock the keychain, then try again".to_owned(),
        };
        let opened = opened.map_err(|_| failed("the keychain does not answer".to_owned()))?;
        opened.map_err(|error| failed(error.to_string()))?
    }

    /// Proves a configuration's account without a call.
    ///
    /// # Errors
    /// The store of secrets cannot be used.
    pub async fn verify(
        &self,
        configuration: &TelephonyConfiguration,
    ) -> Result<Proof, SecretsProblem> {
        let Some(dialer) = self.dialer(&configuration.provider) else {
            return Ok(Proof::NotOffered);
        };
        let account = self.account(configuration).await?;
        let asked = tokio::time::timeout(VERIFY_TIMEOUT, dialer.verify(&account)).await;
        Ok(asked.unwrap_or_else(|_| Proof::Unknown {
            side: Side::Carrier,
            message: "the carrier did not answer in time".to_owned(),
            next: "try again in a minute".to_owned(),
        }))
    }

    /// Ends a run's call on a person's behalf. `false` when no call of it is open here.
    pub fn hang_up(&self, run_id: RunId) -> bool {
        self.tell(run_id, Word::HangUp)
    }

    fn tell(&self, run_id: RunId, word: Word) -> bool {
        let runs = self.open_runs();
        let Some(open) = runs.get(&run_id) else {
            return false;
        };
        open.words
            .try_send(word)
            .inspect_err(|error| tracing::warn!(%run_id, %error, "a word was dropped"))
            .is_ok()
    }

    fn open_runs(&self) -> MutexGuard<'_, HashMap<RunId, Open>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn open_run(&self, run_id: RunId) -> Ears {
        let (sender, words) = mpsc::channel(MAX_WAITING_WORDS);
        let unwritten = Arc::<Unwritten>::default();
        let open = Open {
            words: sender,
            unwritten: unwritten.clone(),
        };
        self.open_runs().insert(run_id, open);
        Ears { words, unwritten }
    }

    fn close_run(&self, run_id: RunId) {
        self.open_runs().remove(&run_id);
    }

    fn announce_desk_phone(self: &Arc<Self>, call_id: String, run_id: RunId) {
        let engine = self.clone();
        self.tasks.spawn(async move {
            let Ok(Some(run)) = engine.store.run(None, run_id).await else {
                return;
            };
            let told = engine
                .store
                .announce(
                    run.workspace_id,
                    EventKind::DeskPhone,
                    call_id,
                    Some(run_id),
                )
                .await;
            if let Err(error) = told {
                tracing::warn!(%error, "a desk phone event was not recorded");
            }
        });
    }

    /// Takes up every open run of an earlier process: those whose carrier can be asked are watched
    /// again, the others end here, so that no slot stays taken and no run stays open.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn recover(self: &Arc<Self>) -> Result<(), StoreError> {
        for run in self.store.open_runs().await? {
            let engine = self.clone();
            let (run_id, ears) = (run.id, self.open_run(run.id));
            self.keep(run_id, async move {
                watch::take_up(&engine, run, ears).await;
            });
        }
        Ok(())
    }

    /// Runs a run's task.
    fn keep(self: &Arc<Self>, run_id: RunId, task: impl Future<Output = ()> + Send + 'static) {
        // Boxed, because each layer around a future would make room for it once more.
        let task = Box::pin(task);
        self.tasks.spawn(watch::keep(self.clone(), run_id, task));
    }

    /// Waits; `true` where the program stops meanwhile.
    async fn stops_within(&self, pause: Duration) -> bool {
        tokio::time::timeout(pause, self.stop.cancelled())
            .await
            .is_ok()
    }

    /// Refuses new triggers from now on.
    pub fn stop_taking(&self) {
        self.stopping.store(true, Ordering::Release);
        self.tasks.close();
    }

    fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    /// Lets every run's task finish: dials that are under way get their answer recorded, calls that
    /// live only in this process end, the others are left to their carrier and taken up at the next
    /// start. Waits up to `patience`.
    pub async fn finish(&self, patience: Duration) {
        self.stop_taking();
        self.stop.cancel();
        if tokio::time::timeout(patience, self.tasks.wait())
            .await
            .is_err()
        {
            tracing::warn!(
                "stopped before every call was recorded; open runs are taken up at the next start"
            );
        }
    }
}
