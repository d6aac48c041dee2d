//! Runs that were open when an earlier process ended. Each is either watched again or ended with
//! its reason; none is ever dialled again.

use super::calls::{Call, Parts};
use super::patience::Patience;
use super::{Engine, Word};
use std::sync::Arc;
use std::time::Duration;
use switchhook_core::ports::{Account, Attempt, CallRef, Run, Step};
use switchhook_core::run::{EndCode, RunInput, RunState, Source};
use tokio::sync::mpsc;

pub(super) async fn take_up(engine: &Arc<Engine>, run: Run, words: mpsc::Receiver<Word>) {
    let dialer = engine.dialer(&run.provider);
    let can_ask = dialer
        .as_ref()
        .is_some_and(|dialer| dialer.facts().can_look_up);
    let (Some(dialer), true, Some(attempt)) = (dialer, can_ask, run.attempts.last().cloned())
    else {
        end(engine, &run).await;
        return engine.close_run(run.id);
    };
    let Some((account, believes_absence)) = account(engine, &run).await else {
        end(engine, &run).await;
        return engine.close_run(run.id);
    };
    let max_call = Duration::from_secs(run.max_call_seconds.into());
    let patience = Patience::new(dialer.facts(), &account.settings, max_call, false);
    let was_dialing = run.state == RunState::Dialing && attempt.carrier_call_id.is_none();
    let mut call = Call::new(Parts {
        engine: engine.clone(),
        dialer,
        call: call_ref(&run, attempt, account),
        version_id: run.version_id,
        patience,
        believes_absence,
        words,
        state: run.state,
        initial_context: run.initial_context,
    });
    if was_dialing {
        // The process ended between the commit and the carrier's answer.
        let message = "the program stopped before the carrier answered".to_owned();
        call.step(
            Source::Switchhook,
            RunInput::Unknown {
                message,
                is_final: false,
            },
            None,
            None,
        )
        .await;
    }
    call.look().await;
    call.follow().await;
}

/// The run's account as it is now, and whether it is still as it was when the run dialled: another
/// account's "no such call" says nothing.
async fn account(engine: &Arc<Engine>, run: &Run) -> Option<(Account, bool)> {
    let configuration = engine
        .store
        .configuration(run.workspace_id, run.configuration_id)
        .await
        .ok()??;
    let is_unchanged = configuration.updated_at <= run.created_at;
    let account = engine.account(&configuration).await.ok()?;
    Some((account, is_unchanged))
}

fn call_ref(run: &Run, attempt: Attempt, account: Account) -> CallRef {
    CallRef {
        attempt_id: attempt.id,
        run_id: run.id,
        carrier_call_id: attempt.carrier_call_id,
        account,
        destination: run.destination.clone(),
        caller_id: run.caller_id.clone(),
        dialled_at: run.created_at,
    }
}

/// A call whose carrier cannot be asked: it was this process's own, or nobody can know.
async fn end(engine: &Arc<Engine>, run: &Run) {
    let is_local = engine
        .provider(&run.provider)
        .is_some_and(|facts| facts.connectivity == "local");
    let code = if is_local || run.state == RunState::InProgress {
        EndCode::Interrupted
    } else {
        EndCode::OutcomeUnknown
    };
    let step = Step {
        run_id: run.id,
        at: engine.clock.now(),
        source: Source::Switchhook,
        input: RunInput::Ended(code),
        note: None,
        reply: None,
        gathered: serde_json::Map::new(),
        lines: Vec::new(),
    };
    if let Err(error) = engine.store.step_run(step).await {
        tracing::error!(run_id = %run.id, %error, "an open run of an earlier start could not be ended");
    }
}
