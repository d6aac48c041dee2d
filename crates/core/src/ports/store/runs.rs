//! Firing, runs and what is recorded about them. What a step does to a run is decided by the
//! reducer in [`crate::run`]; the port only promises that deciding and writing are one transaction.

use super::super::Exchange;
use super::{Settings, Stored};
use crate::agent::VersionStatus;
use crate::api_key::{Asker, Caller};
use crate::cause::Cause;
use crate::ids::{
    AgentId, ApiKeyId, AttemptId, RunId, TelephonyConfigurationId, VersionId, WorkspaceId,
};
use crate::run::{EndCode, RunInput, RunState, Source, Verdict};
use crate::telephony::TelephonyConfiguration;
use crate::trigger::{Candidate, Mode, Target};
use crate::walk::LineKind;
use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

/// The `Idempotency-Key` of a request, with what makes it the same request.
#[derive(Clone, Debug)]
pub struct IdempotencyClaim {
    /// Mode and target, for example `production/path/…`.
    pub route: String,
    pub key: String,
    /// SHA-256 of the body.
    pub body_hash: [u8; 32],
}

/// A reply as it was sent, to be sent again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredReply {
    pub status: u16,
    /// JSON.
    pub body: String,
}

/// An earlier request with the same idempotency key within 24 h.
#[derive(Clone, Debug)]
pub struct Earlier {
    pub same_body: bool,
    pub run_id: RunId,
    /// `None` while it is still in flight.
    pub reply: Option<StoredReply>,
}

/// What a trigger request is judged by, read in one snapshot.
#[derive(Clone, Debug)]
pub struct TriggerSnapshot {
    pub caller: Caller,
    pub candidate: Option<Candidate>,
    pub configurations: Vec<TelephonyConfiguration>,
    pub settings: Settings,
}

/// A [`TriggerSnapshot`] for one request.
#[derive(Clone, Debug)]
pub struct Judgement {
    pub by: Arc<TriggerSnapshot>,
    pub earlier: Option<Earlier>,
    /// Set where the snapshot was kept in memory: what the beginning of a run is checked against.
    /// Nothing is refused by a kept snapshot.
    pub kept: Option<u64>,
}

/// A run to commit before a number is dialled.
#[derive(Clone, Debug)]
pub struct NewRun {
    pub workspace_id: WorkspaceId,
    pub agent_id: AgentId,
    pub version_id: VersionId,
    pub version_status: VersionStatus,
    pub mode: Mode,
    pub draft_missing: bool,
    pub trigger_path: Option<String>,
    pub api_key_id: Option<ApiKeyId>,
    /// E.164, a SIP URI or an extension.
    pub destination: String,
    pub caller_id: Option<String>,
    pub configuration_id: TelephonyConfigurationId,
    pub provider: String,
    /// Shared with the run's task, which only reads it.
    pub initial_context: Arc<Map<String, Value>>,
    pub attempt_id: AttemptId,
    pub idempotency: Option<IdempotencyClaim>,
    /// Seconds.
    pub max_call_seconds: u32,
    /// Most open runs in the workspace, this one included.
    pub workspace_limit: u32,
    /// Most open runs through the configuration, this one included; `None` does not limit.
    pub configuration_limit: Option<u32>,
    /// SHA-256 of the token in the attempt's callback URLs; `None` where nobody calls back.
    pub callback_token_hash: Option<[u8; 32]>,
    /// [`Judgement::kept`] of the judgement that lets the run begin.
    pub kept: Option<u64>,
    pub at: Timestamp,
}

/// What became of [`Runs::begin_run`].
#[derive(Clone, Debug)]
pub enum Begun {
    /// Run, attempt, slot and idempotency row are on disk; state `dialing`.
    Started { run_id: RunId, name: String },
    /// All slots of the workspace or of the configuration are taken; nothing was written.
    LimitReached,
    /// The same idempotency key came first; nothing was written.
    Repeated(Earlier),
    /// What was kept is not true any more; nothing was written. Ask again for what is.
    Outdated,
    /// The run that should be called is not there; nothing was written.
    NoSuchRun,
    /// The run that should be called is another agent's; nothing was written.
    RunOfAnotherAgent,
    /// The run that should be called does not wait for its call; nothing was written.
    RunNotWaiting,
}

/// What a test call is placed for: a run of its own, or one that waits for its call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TestCall {
    pub waiting: Option<RunId>,
}

/// A run that nobody is called for yet. It has state `queued`, takes no slot and has no deadline.
#[derive(Clone, Debug)]
pub struct WaitingRun {
    pub workspace_id: WorkspaceId,
    pub agent_id: AgentId,
    pub version_id: VersionId,
    pub version_status: VersionStatus,
    pub draft_missing: bool,
    pub name: String,
    /// Any word, as it was sent.
    pub provider: String,
    pub initial_context: Map<String, Value>,
    pub api_key_id: Option<ApiKeyId>,
    pub at: Timestamp,
}

/// One thing that happens to a run.
#[derive(Clone, Debug)]
pub struct Step {
    pub run_id: RunId,
    pub at: Timestamp,
    pub source: Source,
    pub input: RunInput,
    /// The carrier's own words, for the timeline.
    pub note: Option<String>,
    /// Kept for the run's idempotency key, if it has one.
    pub reply: Option<StoredReply>,
    /// Keys of the gathered context to set with the step, shallowly (contract §5.1).
    pub gathered: Map<String, Value>,
    /// Lines of the transcript to add before it, whatever the verdict.
    pub lines: Vec<TranscriptLine>,
}

/// The steps of one run that are not on disk yet. The run's task adds to them; the store takes all
/// there are at the moment it writes, so that what is heard while a write waits for its turn goes
/// to disk with it.
#[derive(Debug, Default)]
pub struct Unwritten {
    steps: Mutex<Vec<Arc<Step>>>,
    dial: OnceLock<Exchange>,
}

impl Unwritten {
    /// A panic while holding the lock cannot leave the list half changed.
    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Step>>> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was exchanged to dial, which goes to disk with the answer of the dial.
    pub fn dialled(&self, dial: Exchange) {
        let _ = self.dial.set(dial);
    }

    /// The same, for who writes the answer.
    #[must_use]
    pub fn dial(&self) -> Option<&Exchange> {
        self.dial.get()
    }

    /// Adds a step after those there are. All are of one run.
    pub fn add(&self, step: Step) {
        self.lock().push(Arc::new(step));
    }

    /// Those there are, oldest first.
    #[must_use]
    pub fn steps(&self) -> Vec<Arc<Step>> {
        self.lock().clone()
    }

    /// Takes the oldest `count` away.
    pub fn forget(&self, count: usize) -> Vec<Arc<Step>> {
        let mut steps = self.lock();
        let count = count.min(steps.len());
        steps.drain(..count).collect()
    }

    /// Whether everything is on disk.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    pub code: EndCode,
    pub at: Timestamp,
}

/// A run, whole.
#[derive(Clone, Debug)]
pub struct Run {
    pub id: RunId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub agent_id: AgentId,
    pub agent_name: String,
    pub version_id: VersionId,
    pub version_number: i64,
    /// What the version was when the run started.
    pub version_status: VersionStatus,
    pub mode: Mode,
    pub draft_missing: bool,
    pub state: RunState,
    pub end: Option<End>,
    pub created_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    pub destination: String,
    pub caller_id: Option<String>,
    pub configuration_id: TelephonyConfigurationId,
    pub provider: String,
    pub api_key_id: Option<ApiKeyId>,
    pub initial_context: Map<String, Value>,
    pub gathered_context: Map<String, Value>,
    pub max_call_seconds: u32,
    /// Whether anything was said that a transcript shows.
    pub has_transcript: bool,
    /// Whether it was recorded, and the recording is finished; it may come after the end.
    pub has_recording: bool,
    pub remark: Remark,
    /// Left out in lists.
    pub attempts: Vec<Attempt>,
}

impl Run {
    /// Whether the run is over for good.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.end.is_some()
    }
}

/// What a person wrote about a run. No text is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Remark {
    /// What came of the call, in the person's own word.
    pub outcome: Option<String>,
    pub note: Option<String>,
}

/// A change of a [`Remark`]: `None` leaves a part as it is.
#[derive(Clone, Debug, Default)]
pub struct RemarkChange {
    pub outcome: Option<Option<String>>,
    pub note: Option<Option<String>>,
}

impl RemarkChange {
    /// The remark as it is then.
    #[must_use]
    pub fn applied_to(self, remark: Remark) -> Remark {
        Remark {
            outcome: self.outcome.unwrap_or(remark.outcome),
            note: self.note.unwrap_or(remark.note),
        }
    }
}

/// An [`Exchange`] as it was kept.
#[derive(Clone, Debug)]
pub struct KeptExchange {
    pub exchange: Exchange,
    /// When it was repeated last, word for word, with nothing in between.
    pub last_at: Timestamp,
    /// How often in all.
    pub times: i64,
    /// How many came before it that were not kept.
    pub left_out: i64,
}

/// One dial of a run.
#[derive(Clone, Debug)]
pub struct Attempt {
    pub id: AttemptId,
    pub carrier_call_id: Option<String>,
    /// `pending`, `accepted`, `refused` or `unknown`.
    pub outcome: String,
}

/// An entry of a run's timeline.
#[derive(Clone, Debug)]
pub struct TimelineEntry {
    pub at: Timestamp,
    pub state: RunState,
    pub source: Source,
    pub note: Option<String>,
}

/// Who spoke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    Agent,
    Callee,
}

impl Speaker {
    /// The word in storage and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Callee => "callee",
        }
    }
}

/// A line of a transcript.
#[derive(Clone, Debug)]
pub struct TranscriptLine {
    pub at: Timestamp,
    pub speaker: Speaker,
    pub text: String,
    pub node_id: Option<String>,
    pub kind: LineKind,
}

/// Which runs to list, in which order, and which page of them. Sorted by creation, newest first,
/// unless it says otherwise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct RunFilter {
    pub agent_id: Option<AgentId>,
    pub run_id: Option<RunId>,
    /// Only runs that are not over.
    pub open: bool,
    /// Only runs that are over.
    pub over: bool,
    /// A condition that no run meets was asked for.
    pub is_empty: bool,
    pub mode: Option<Mode>,
    /// Only runs that are in this state, whether they are over or not.
    pub state: Option<RunState>,
    /// Only runs that ended so.
    pub outcome: Option<EndCode>,
    /// Only runs created at or after this.
    pub created_from: Option<Timestamp>,
    /// Only runs created at or before this.
    pub created_to: Option<Timestamp>,
    /// Only runs whose mapped disposition is one of these; empty asks for none.
    pub dispositions: Vec<String>,
    /// Only runs that are over and took at least this long from the answer on.
    pub min_duration_ms: Option<i64>,
    /// Only runs that are over and took at most this long from the answer on.
    pub max_duration_ms: Option<i64>,
    /// Only runs whose caller ID contains this.
    pub caller_number: Option<String>,
    /// Only runs whose destination contains this.
    pub called_number: Option<String>,
    /// Only runs that come after this one in the order of creation, newest first.
    pub before: Option<RunId>,
    /// Sorted by duration instead; open runs, which have none, last.
    pub by_duration: bool,
    pub ascending: bool,
    pub limit: u32,
    pub offset: u32,
}

impl RunFilter {
    /// The same runs, whichever page of them and in whichever order.
    #[must_use]
    pub fn without_page(&self) -> Self {
        Self {
            before: None,
            by_duration: false,
            ascending: false,
            limit: 0,
            offset: 0,
            ..self.clone()
        }
    }
}

/// What a person looks for among the runs that are over.
#[derive(Clone, Debug)]
pub struct RunSearch {
    /// As it was typed. A run has to have all the words; the last may be begun only.
    pub words: String,
    /// Agent, mode, state, outcome, times and the page of it count; `before` is an id here, since
    /// what is found stands in the order of the ids.
    pub filter: RunFilter,
}

/// A page of what was found, the newest first.
#[derive(Clone, Debug)]
pub struct RunsFound {
    pub runs: Vec<Run>,
    /// Where to look on, if looking was given up before the page was full.
    pub looked_until: Option<RunId>,
}

/// What was added to the index of the search.
#[derive(Clone, Copy, Debug)]
pub struct Indexed {
    pub runs: usize,
    /// How long other writes had to wait for it.
    pub took: Duration,
    /// Other commits since the last time.
    pub other_commits: u64,
}

/// How many runs a filter has and how long their calls were together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunTotals {
    pub runs: i64,
    pub duration_ms: i64,
}

impl std::ops::AddAssign for RunTotals {
    fn add_assign(&mut self, more: Self) {
        self.runs += more.runs;
        self.duration_ms += more.duration_ms;
    }
}

/// Firing, runs and what is recorded about them.
#[async_trait]
pub trait Runs {
    /// Everything a trigger request is judged by; `None` when the asker's key is no active one.
    /// Configurations and settings are the caller's workspace's, the candidate may be another's.
    /// `may_be_kept` allows a snapshot of an earlier request; one with a claim is always read.
    async fn judgement(
        &self,
        asker: Asker,
        target: &Target,
        claim: Option<&IdempotencyClaim>,
        at: Timestamp,
        may_be_kept: bool,
    ) -> Stored<Option<Judgement>>;
    /// Commits run, attempt, slot and idempotency row in one transaction, if a slot is free.
    async fn begin_run(&self, run: NewRun) -> Stored<Begun>;
    /// The same for a test call. A waiting run keeps its id and name and becomes what `run` says.
    async fn begin_test_call(&self, run: NewRun, call: TestCall) -> Stored<Begun>;
    /// Adds a run that waits for its call.
    async fn add_waiting_run(&self, run: WaitingRun) -> Stored<RunId>;
    /// Lets the reducer decide inside the transaction and writes what it decided: state, timeline,
    /// attempt, gathered context, end, slot, event.
    async fn step_run(&self, step: Step) -> Stored<Verdict> {
        let steps = Arc::new(Unwritten::default());
        steps.add(step);
        let verdicts = self.step_run_through(steps).await?;
        Ok(verdicts.first().copied().unwrap_or(Verdict::Ignore))
    }
    /// The same for several steps of one run in one transaction: those there are when it begins. A
    /// verdict for each that was taken, in order; they stay in the list, and more may have been
    /// added behind them.
    async fn step_run_through(&self, steps: Arc<Unwritten>) -> Stored<Vec<Verdict>>;
    /// The attempt whose callback URLs carry this token; `None` for a token of another run or of
    /// none. Only hashes are compared, so the time it takes says nothing about a token.
    async fn callback_target(&self, run: RunId, token_hash: [u8; 32]) -> Stored<Option<AttemptId>>;
    /// Whether a carrier's call that was found by number and time may be another run's: one that
    /// has this id, or whose own dial to the same destination has no id (yet), within ten minutes.
    async fn is_others_call(&self, run: RunId, carrier_call_id: String) -> Stored<bool>;
    /// The carrier's ids of the calls that are known to be other runs', of the ten minutes around
    /// the run's own.
    async fn others_calls(&self, run: RunId) -> Stored<Vec<String>>;
    /// Changes what a person wrote about a run. The run is found by it at once.
    async fn change_remark(&self, run: RunId, change: RemarkChange, at: Timestamp) -> Stored<()>;
    /// Adds lines to a transcript, in order.
    async fn append_transcript(&self, run: RunId, lines: Vec<TranscriptLine>) -> Stored<()>;
    /// One run; `workspace` `None` asks for any.
    async fn run(&self, workspace: Option<WorkspaceId>, id: RunId) -> Stored<Option<Run>>;
    /// A page of runs; their attempts are left out.
    async fn runs(&self, workspace: WorkspaceId, filter: RunFilter) -> Stored<Vec<Run>>;
    /// How many runs the filter has, whichever page of them it asks for.
    async fn total_runs(&self, workspace: WorkspaceId, filter: RunFilter) -> Stored<RunTotals>;
    /// What is found, newest first. A run is found once it is over and indexed, or once a person
    /// wrote something about it.
    async fn search_runs(&self, workspace: WorkspaceId, search: RunSearch) -> Stored<RunsFound>;
    /// Waits until a run has ended that is not indexed.
    async fn wait_for_runs_to_index(&self) -> Stored<()>;
    /// Indexes some runs that have ended.
    async fn index_runs(&self, at_most: u32) -> Stored<Indexed>;
    /// Forgets some of a workspace's runs that began before a moment and are over, the oldest first,
    /// with everything that hangs on them; says how many. Open runs stay.
    async fn forget_runs(
        &self,
        workspace: WorkspaceId,
        before: Timestamp,
        at_most: u32,
    ) -> Stored<u32>;
    /// Every open run, whichever workspace's.
    async fn open_runs(&self) -> Stored<Vec<Run>>;
    /// A run's timeline, oldest first.
    async fn timeline(&self, run: RunId) -> Stored<Vec<TimelineEntry>>;
    /// Why the telephone network did not put a run's call through, where it said so.
    async fn cause(&self, run: RunId) -> Stored<Option<Cause>>;
    /// Keeps what was exchanged with a carrier about a run, up to a bound; nothing where there is
    /// no such run.
    async fn record_exchange(&self, exchange: Exchange) -> Stored<()>;
    /// What was exchanged with the carrier about a run, in the order it was recorded.
    async fn exchanges(&self, run: RunId) -> Stored<Vec<KeptExchange>>;
    /// A run's transcript, in order.
    async fn transcript(&self, run: RunId) -> Stored<Vec<TranscriptLine>>;
    /// The key that signs download tokens: the database's, or this fresh one where it has none yet.
    async fn download_key(&self, fresh: [u8; 32]) -> Stored<[u8; 32]>;
}
