//! Runs without a task: those that were open when an earlier process ended, and those whose task
//! broke. Each is either watched again or ended with its reason; none is ever dialled again.

use super::account::Unopened;
use super::calls::{Call, Parts};
use super::patience::{Patience, pauses};
use super::{Ears, Engine};
use futures_util::FutureExt;
use serde_json::{Map, Value};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use switchhook_core::ids::RunId;
use switchhook_core::ports::{Account, Attempt, CallRef, Dialer, Run, Step};
use switchhook_core::run::{EndCode, RunInput, RunState, Source};

/// Why a dial's answer is not known.
const STOPPED: &str = "the program stopped before the carrier answered";
const BROKE: &str = "something failed inside Switchhook before the carrier's answer was recorded";

/// Takes up a run of an earlier process.
pub(super) async fn take_up(engine: &Arc<Engine>, run: Run, ears: Ears) {
    watch(engine, run, ears, STOPPED).await;
}

/// Runs a run's task. Where it breaks the run is taken up again as after a restart, so that neither
/// its slot nor its call is forgotten; where that breaks, too, the run ends.
pub(super) async fn keep(engine: Arc<Engine>, run_id: RunId, task: impl Future<Output = ()>) {
    if !is_whole(task).await {
        Box::pin(take_up_again(engine, run_id)).await;
    }
}

async fn take_up_again(engine: Arc<Engine>, run_id: RunId) {
    tracing::error!(%run_id, "a run's task broke; the run is taken up again and not dialled again");
    let ears = engine.open_run(run_id);
    let Some(run) = still_open(&engine, run_id).await else {
        return engine.close_run(run_id);
    };
    if !is_whole(watch(&engine, run.clone(), ears, BROKE)).await {
        tracing::error!(%run_id, "a run's task broke again; the run is ended");
        engine.close_run(run_id);
        end(&engine, &run).await;
    }
}

/// Whether a task came to its end without a panic, which the panic hook has logged.
async fn is_whole(task: impl Future<Output = ()>) -> bool {
    AssertUnwindSafe(task).catch_unwind().await.is_ok()
}

/// The run as it is on disk; `None` where it is over, or the program stops before it can be read.
async fn still_open(engine: &Arc<Engine>, run_id: RunId) -> Option<Run> {
    for pause in pauses() {
        match engine.store.run(None, run_id).await {
            Ok(run) => return run.filter(|run| !run.is_completed()),
            Err(error) => tracing::warn!(%run_id, %error, "an open run could not be read"),
        }
        if engine.stops_within(pause).await {
            break;
        }
    }
    None
}

async fn watch(engine: &Arc<Engine>, run: Run, ears: Ears, why_unknown: &'static str) {
    let dialer = engine.dialer(&run.provider);
    let dialer = dialer.filter(|dialer| dialer.facts().can_look_up);
    let (Some(dialer), Some(attempt)) = (dialer, run.attempts.last().cloned()) else {
        end(engine, &run).await;
        return engine.close_run(run.id);
    };
    let is_unanswered = run.state == RunState::Dialing && attempt.carrier_call_id.is_none();
    let lasted = lasted(engine, &run).await;
    let (unopened, account) = Unopened::of(&run);
    let mut call = Call::new(parts(engine, dialer, run, attempt, account, ears));
    call.was_left(unopened, lasted);
    if is_unanswered {
        call.lose_answer(why_unknown).await;
    }
    call.look().await;
    call.follow().await;
}

fn parts(
    engine: &Arc<Engine>,
    dialer: Arc<dyn Dialer>,
    run: Run,
    attempt: Attempt,
    account: Account,
    ears: Ears,
) -> Parts {
    let max_call = Duration::from_secs(run.max_call_seconds.into());
    Parts {
        engine: engine.clone(),
        patience: Patience::new(dialer.facts(), &Value::Null, max_call, false),
        dialer,
        call: call_ref(&run, &attempt, account),
        version_id: run.version_id,
        believes_absence: false,
        ears,
        state: run.state,
        initial_context: run.initial_context.into(),
    }
}

fn call_ref(run: &Run, attempt: &Attempt, account: Account) -> CallRef {
    CallRef {
        attempt_id: attempt.id,
        run_id: run.id,
        carrier_call_id: attempt.carrier_call_id.clone(),
        account,
        destination: run.destination.clone(),
        caller_id: run.caller_id.clone(),
        dialled_at: run.created_at,
        others: Vec::new(),
    }
}

/// How long the run's state has lasted already: a restart begins no deadline anew.
async fn lasted(engine: &Arc<Engine>, run: &Run) -> Duration {
    let timeline = engine.store.timeline(run.id).await.unwrap_or_default();
    let since = timeline
        .iter()
        .rev()
        .take_while(|entry| entry.state == run.state)
        .last()
        .map_or(run.created_at, |entry| entry.at);
    let lasted = engine.clock.now().duration_since(since);
    lasted.try_into().unwrap_or_default()
}

/// Ends a run whose carrier cannot be asked: its call was this program's own, or nobody can know.
/// Tried until it is written, since its slot is taken until then.
async fn end(engine: &Arc<Engine>, run: &Run) {
    let dialer = engine.dialer(&run.provider);
    let local = dialer.filter(|dialer| dialer.facts().connectivity == "local");
    let code = if local.is_some() || run.state == RunState::InProgress {
        EndCode::Interrupted
    } else {
        EndCode::OutcomeUnknown
    };
    if let (Some(dialer), Some(attempt)) = (local, run.attempts.last()) {
        let (_, account) = Unopened::of(run);
        // Of an earlier process it is gone; of a task that broke it may still ring.
        let _ = dialer.hang_up(&call_ref(run, attempt, account)).await;
    }
    for pause in pauses() {
        let step = Step {
            run_id: run.id,
            at: engine.clock.now(),
            source: Source::Switchhook,
            input: RunInput::Ended(code),
            note: None,
            reply: None,
            gathered: Map::new(),
            lines: Vec::new(),
        };
        match engine.store.step_run(step).await {
            Ok(_) => return,
            Err(error) => {
                tracing::error!(run_id = %run.id, %error, "an open run could not be ended; it is tried again");
            }
        }
        if engine.stops_within(pause).await {
            return;
        }
    }
}
