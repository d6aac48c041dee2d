//! What only the engine's own parts can be made to do: a secret store that opens late, a run that is
//! hours old, a task that breaks. A carrier and a vault that do as they are told stand in for the
//! real ones; everything else that can go wrong with a call is tested on the running program.

mod parting;

use super::{Engine, Fire, Fired, Word};
use crate::body::trigger::TriggerRequest;
use crate::problem::Problem;
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use serde_json::{Map, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use switchhook_core::agent::VersionStatus;
use switchhook_core::api_key::Asker;
use switchhook_core::ids::{AgentId, AttemptId, RunId, TelephonyConfigurationId, WorkspaceId};
use switchhook_core::ports::{
    Begun, CallEvent, CallRef, CallWord, Clock, DialError, DialRequest, Dialed, Dialer,
    HangUpError, LookUp, NewConfiguration, NewPhoneNumber, NewRun, Run, SecretsProblem, Step,
    Store, Vault,
};
use switchhook_core::run::{EndCode, RunInput, RunState, Source};
use switchhook_core::telephony::ProviderFacts;
use switchhook_core::trigger::{Mode, Target};
use tempfile::TempDir;
use tokio::sync::watch;

const WORKSPACE: WorkspaceId = WorkspaceId(1);
const CALLEE: &str = "+14155550123";
const CALLER: &str = "+14155550100";
/// Far less than any deadline but the one that a test is about.
const PATIENCE: Duration = Duration::from_secs(12);

struct Now;

impl Clock for Now {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// A vault that opens, or does not.
struct Lock(watch::Sender<(bool, usize)>);

impl Vault for Lock {
    fn seal(&self, _: &str, _: &SecretString) -> Result<Vec<u8>, SecretsProblem> {
        Ok(vec![1])
    }

    fn open(&self, _: &str, _: &[u8]) -> Result<SecretString, SecretsProblem> {
        self.0.send_modify(|(_, asked)| *asked += 1);
        if self.0.borrow().0 {
            return Ok("{}".into());
        }
        Err(SecretsProblem {
            message: "the keychain is locked".to_owned(),
            fix: "unlock it".to_owned(),
        })
    }
}

/// What the carrier does.
#[derive(Default)]
struct Script {
    dials: usize,
    hang_ups: usize,
    dial_breaks: bool,
    look_ups_break: bool,
    says: Option<CallWord>,
}

struct Double {
    script: Mutex<Script>,
    looked: watch::Sender<usize>,
}

impl Double {
    fn script(&self) -> std::sync::MutexGuard<'_, Script> {
        self.script
            .lock()
            .unwrap_or_else(|broken| broken.into_inner())
    }

    /// Waits for so many questions.
    async fn looked(&self, times: usize) {
        let mut looked = self.looked.subscribe();
        let asked = looked.wait_for(|looked| *looked >= times);
        let asked = tokio::time::timeout(PATIENCE, asked).await;
        asked.expect("the carrier was asked").expect("it is there");
    }
}

#[async_trait]
impl Dialer for Double {
    fn facts(&self) -> &'static ProviderFacts {
        switchhook_dialers::facts("twilio").expect("a provider")
    }

    async fn dial(&self, _: DialRequest) -> Result<Dialed, DialError> {
        self.script().dials += 1;
        assert!(!self.script().dial_breaks, "told to break");
        Err(DialError::Unknown("no answer".to_owned()))
    }

    async fn hang_up(&self, _: &CallRef) -> Result<(), HangUpError> {
        self.script().hang_ups += 1;
        Ok(())
    }

    async fn look_up(&self, call: &CallRef) -> LookUp {
        self.looked.send_modify(|looked| *looked += 1);
        assert!(!self.script().look_ups_break, "told to break");
        let says = self.script().says;
        says.map_or(LookUp::Unknown, |word| LookUp::Found {
            carrier_call_id: call.carrier_call_id.clone(),
            word,
            note: None,
        })
    }
}

/// An engine with one carrier, over a data folder of its own.
struct Room {
    engine: Arc<Engine>,
    carrier: Arc<Double>,
    lock: Arc<Lock>,
    configuration: TelephonyConfigurationId,
    _folder: TempDir,
}

impl Room {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let database = switchhook_store::Database::open(folder.path()).expect("a database");
        let store: Arc<dyn Store> = Arc::new(database);
        let carrier = Arc::new(Double {
            script: Mutex::default(),
            looked: watch::channel(0).0,
        });
        let lock = Arc::new(Lock(watch::channel((true, 0)).0));
        let configuration = store
            .create_configuration(NewConfiguration {
                workspace_id: WORKSPACE,
                name: "The double".to_owned(),
                provider: "twilio".to_owned(),
                is_default: true,
                settings: json!({"account_sid": "AC1", "auth_token": "****"}),
                sealed_credentials: Some(vec![1]),
                account_hash: None,
                at: Timestamp::now(),
            })
            .await
            .expect("written")
            .id;
        let number = NewPhoneNumber {
            address: CALLER.to_owned(),
            address_normalized: CALLER.to_owned(),
            address_type: "pstn".to_owned(),
            country_code: None,
            label: None,
            inbound_agent_id: None,
            trunk_id: None,
            is_active: true,
            is_default_caller_id: true,
            extra_metadata: json!({}),
            at: Timestamp::now(),
        };
        let number = store.create_phone_number(WORKSPACE, configuration, number);
        number.await.expect("written");
        let carriers: Vec<Arc<dyn Dialer>> = vec![carrier.clone()];
        Self {
            engine: Engine::with(store, Arc::new(Now), lock.clone(), |_| carriers, Some(1)),
            carrier,
            lock,
            configuration,
            _folder: folder,
        }
    }

    fn says(&self, word: CallWord) {
        self.carrier.script().says = Some(word);
    }

    fn is_unlocked(&self, is_open: bool) {
        self.lock.0.send_modify(|lock| lock.0 = is_open);
    }

    fn new_run(&self, version: switchhook_core::ids::VersionId, age: i64) -> NewRun {
        NewRun {
            workspace_id: WORKSPACE,
            agent_id: AgentId(1),
            version_status: VersionStatus::Published,
            version_id: version,
            mode: Mode::Production,
            draft_missing: false,
            trigger_path: None,
            api_key_id: None,
            destination: CALLEE.to_owned(),
            caller_id: Some(CALLER.to_owned()),
            configuration_id: self.configuration,
            provider: "twilio".to_owned(),
            initial_context: Arc::default(),
            attempt_id: AttemptId(uuid::Uuid::new_v4()),
            idempotency: None,
            max_call_seconds: 300,
            workspace_limit: 1,
            configuration_limit: None,
            callback_token_hash: None,
            kept: None,
            at: Timestamp::now() - SignedDuration::from_secs(age),
        }
    }

    async fn begin(&self, age: i64) -> Begun {
        let agent = self.engine.store.agent(WORKSPACE, AgentId(1)).await;
        let agent = agent.expect("read").expect("the sample agent");
        let version = agent.published.expect("it is published").id;
        let begun = self
            .engine
            .store
            .begin_run(self.new_run(version, age))
            .await;
        begun.expect("written")
    }

    /// A run that an earlier process left: taken by the carrier and stepped so many seconds ago.
    async fn left(&self, begun: i64, steps: &[(i64, RunInput)]) -> RunId {
        let accepted = RunInput::Accepted {
            carrier_call_id: Some("CA1".to_owned()),
            metadata: Map::new(),
        };
        let steps = [&[(begun, accepted)], steps].concat();
        self.left_after(begun, steps).await
    }

    /// The same, without the carrier's answer to its dial.
    async fn lost(&self, begun: i64) -> RunId {
        let message = "no answer".to_owned();
        let is_final = false;
        let lost = RunInput::Unknown { message, is_final };
        self.left_after(begun, vec![(begun, lost)]).await
    }

    async fn left_after(&self, begun: i64, steps: Vec<(i64, RunInput)>) -> RunId {
        let Begun::Started { run_id, .. } = self.begin(begun).await else {
            panic!("the slot is free");
        };
        for (age, input) in steps {
            let step = Step {
                run_id,
                at: Timestamp::now() - SignedDuration::from_secs(age),
                source: Source::Carrier,
                input,
                note: None,
                reply: None,
                gathered: Map::new(),
                lines: Vec::new(),
            };
            self.engine.store.step_run(step).await.expect("written");
        }
        run_id
    }

    async fn run(&self, run: RunId) -> Run {
        let run = self.engine.store.run(None, run).await;
        run.expect("read").expect("there")
    }

    /// Waits for something about a run.
    async fn until(&self, run: RunId, is_so: impl Fn(&Run) -> bool) -> Run {
        let store = &self.engine.store;
        let seen = async {
            loop {
                let last = store.last_event().await.expect("read");
                let run = self.run(run).await;
                if is_so(&run) {
                    return run;
                }
                store.events_after(last, 1).await.expect("read");
            }
        };
        tokio::time::timeout(PATIENCE, seen).await.expect("in time")
    }

    /// Waits for a run's end, which frees the only slot.
    async fn ended(&self, run: RunId) -> EndCode {
        let run = self.until(run, Run::is_completed).await;
        let begun = self.begin(0).await;
        assert!(matches!(begun, Begun::Started { .. }), "the slot is free");
        run.end.expect("it is over").code
    }

    async fn is_taken(&self) -> bool {
        matches!(self.begin(0).await, Begun::LimitReached)
    }

    async fn fire(&self) -> RunId {
        let Ok(fired) = self.ask_to_fire().await else {
            panic!("it is dialled");
        };
        let reply: serde_json::Value = serde_json::from_str(&fired.reply.body).expect("JSON");
        RunId(reply["workflow_run_id"].as_i64().expect("a run"))
    }

    async fn ask_to_fire(&self) -> Result<Fired, Problem> {
        let agent = self.engine.store.agent(WORKSPACE, AgentId(1)).await;
        let agent = agent.expect("read").expect("the sample agent");
        let fire = Fire {
            asker: Asker::Person(WORKSPACE),
            mode: Mode::Production,
            target: Target::AgentUuid(agent.agent.uuid.to_string()),
            body: TriggerRequest {
                phone_number: CALLEE.to_owned(),
                initial_context: None,
                telephony_configuration_id: None,
                from_phone_number_id: None,
                unknown: Vec::new(),
            },
            claim: None,
            call: None,
            request_id: "r".to_owned(),
        };
        self.engine.fire(fire).await.outcome
    }
}

fn ended(code: EndCode) -> CallWord {
    CallWord::Ended(code)
}

#[tokio::test]
async fn a_locked_secret_store_leaves_a_run_open_until_it_is_unlocked() {
    let room = Room::open().await;
    let run = room.left(20, &[(10, RunInput::Answered)]).await;
    room.is_unlocked(false);
    room.engine.recover().await.expect("read");
    let mut asked = room.lock.0.subscribe();
    let twice = tokio::time::timeout(PATIENCE, asked.wait_for(|(_, asked)| *asked >= 2));
    drop(twice.await.expect("it is tried again").expect("there"));
    assert!(!room.run(run).await.is_completed() && room.is_taken().await);
    room.says(ended(EndCode::Busy));
    room.is_unlocked(true);
    assert_eq!(room.ended(run).await, EndCode::Completed);
}

#[tokio::test]
async fn a_secret_store_that_stays_locked_ends_a_run_at_its_deadline_with_the_reason() {
    let room = Room::open().await;
    let run = room.left(400, &[(301, RunInput::Answered)]).await;
    room.is_unlocked(false);
    room.engine.recover().await.expect("read");
    assert_eq!(room.ended(run).await, EndCode::NoWordFromCarrier);
    let timeline = room.engine.store.timeline(run).await.expect("read");
    let note = timeline.last().and_then(|entry| entry.note.clone());
    let note = note.expect("the reason");
    assert!(
        note.ends_with("the keychain is locked; unlock it"),
        "{note}"
    );
    assert_eq!(room.carrier.script().hang_ups, 0);
}

#[tokio::test]
async fn a_restart_begins_no_deadline_anew() {
    let room = Room::open().await;
    let run = room.left(100, &[(90, RunInput::Ringing)]).await;
    room.says(CallWord::Ringing);
    room.engine.recover().await.expect("read");
    assert_eq!(room.ended(run).await, EndCode::NoAnswer);
    assert_eq!(room.carrier.script().hang_ups, 1);
}

#[tokio::test]
async fn a_restart_leaves_a_state_that_has_just_begun_its_time() {
    let room = Room::open().await;
    let run = room.left(1000, &[(1, RunInput::Ringing)]).await;
    room.says(CallWord::Ringing);
    room.engine.recover().await.expect("read");
    room.carrier.looked(2).await;
    assert_eq!(room.run(run).await.state, RunState::Ringing);
    assert_eq!(room.carrier.script().hang_ups, 0);
}

#[tokio::test]
async fn a_call_that_lasts_too_long_is_hung_up() {
    let room = Room::open().await;
    let run = room.left(310, &[(301, RunInput::Answered)]).await;
    room.says(CallWord::Answered);
    room.engine.recover().await.expect("read");
    assert_eq!(room.ended(run).await, EndCode::DurationReached);
    assert_eq!(room.carrier.script().hang_ups, 1);
}

#[tokio::test]
async fn an_outcome_that_stays_unknown_for_ten_minutes_is_unknown_for_good() {
    for (age, is_over) in [(590, false), (601, true)] {
        let room = Room::open().await;
        let run = room.lost(age).await;
        room.engine.recover().await.expect("read");
        if is_over {
            assert_eq!(room.ended(run).await, EndCode::OutcomeUnknown);
        } else {
            room.carrier.looked(2).await;
            assert!(!room.run(run).await.is_completed());
        }
    }
}

#[tokio::test]
async fn a_program_that_stops_refuses_before_it_dials_and_says_when_to_come_again() {
    let room = Room::open().await;
    room.engine.stop_taking();
    let refusal = room.ask_to_fire().await.err().expect("a refusal");
    assert_eq!(
        (refusal.status.as_u16(), refusal.retry_after),
        (503, Some(5))
    );
    assert_eq!(room.carrier.script().dials, 0);
    assert!(!room.is_taken().await);
}

#[tokio::test]
async fn a_task_that_breaks_is_taken_up_again_and_nothing_is_dialled_again() {
    let room = Room::open().await;
    room.carrier.script().dial_breaks = true;
    room.says(ended(EndCode::Busy));
    let run = room.fire().await;
    assert_eq!(room.ended(run).await, EndCode::Busy);
    assert_eq!(room.carrier.script().dials, 1);
}

#[tokio::test]
async fn a_task_that_breaks_twice_ends_its_run() {
    let room = Room::open().await;
    room.carrier.script().look_ups_break = true;
    let run = room.left(20, &[(10, RunInput::Answered)]).await;
    room.engine.recover().await.expect("read");
    assert_eq!(room.ended(run).await, EndCode::Interrupted);
    assert!(!room.engine.hang_up(run), "nothing listens for it any more");
}

#[tokio::test]
async fn a_word_about_another_call_is_not_heard() {
    let room = Room::open().await;
    let run = room.fire().await;
    let _ = room
        .until(run, |run| run.state == RunState::Indeterminate)
        .await;
    let attempt_id = room.run(run).await.attempts[0].id;
    let tell = |id: &str, word| {
        let event = CallEvent {
            attempt_id,
            run_id: run,
            at: Timestamp::now(),
            carrier_call_id: Some(id.to_owned()),
            word: Some(word),
            note: None,
        };
        assert!(room.engine.tell(run, Word::Event(Box::new(event))));
    };
    tell("CA7", CallWord::Ringing);
    let rings = room.until(run, |run| run.state == RunState::Ringing).await;
    assert_eq!(rings.attempts[0].carrier_call_id.as_deref(), Some("CA7"));
    tell("CA8", ended(EndCode::Busy));
    tell("CA7", ended(EndCode::NoAnswer));
    assert_eq!(room.ended(run).await, EndCode::NoAnswer);
    let kept = room.run(run).await.attempts[0].carrier_call_id.clone();
    assert_eq!(kept.as_deref(), Some("CA7"));
}
