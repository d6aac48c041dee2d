//! Runs that were open when an earlier process ended. Each is either watched again or ended with
//! its reason; none is ever dialled again.

use super::calls::{Call, CallParts};
use super::{Engine, Word};
use std::sync::Arc;
use std::time::Duration;
use switchhook_core::ports::{CallRef, LookUp, Run, Step};
use switchhook_core::run::{EndCode, RunInput, RunState, Source};
use tokio::sync::mpsc;

pub(super) async fn take_up(engine: &Arc<Engine>, run: Run, words: mpsc::Receiver<Word>) {
    let dialer = engine.dialer(&run.provider);
    let can_ask = dialer
        .as_ref()
        .is_some_and(|dialer| dialer.facts().can_look_up);
    let (Some(dialer), true, Some(attempt)) = (dialer, can_ask, run.attempts.last()) else {
        end(engine, &run).await;
        return engine.close_run(run.id);
    };
    let call = CallRef {
        attempt_id: attempt.id,
        run_id: run.id,
        carrier_call_id: attempt.carrier_call_id.clone(),
    };
    let look_up = dialer.look_up(&call).await;
    let mut call = Call::new(CallParts {
        engine: engine.clone(),
        run_id: run.id,
        attempt_id: attempt.id,
        version_id: run.version_id,
        max_call: Duration::from_secs(run.max_call_seconds.into()),
        dialer,
        words,
        carrier_call_id: call.carrier_call_id,
        state: run.state,
        initial_context: run.initial_context,
    });
    match look_up {
        LookUp::Ended(code) => {
            call.step(Source::Carrier, RunInput::Ended(code), None, None)
                .await
        }
        LookUp::NeverPlaced => {
            call.step(
                Source::Carrier,
                RunInput::Ended(EndCode::CarrierFailed),
                None,
                None,
            )
            .await;
        }
        LookUp::Open(_) | LookUp::Unknown => {}
    }
    call.follow().await;
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
    };
    if let Err(error) = engine.store.step_run(step).await {
        tracing::error!(run_id = %run.id, %error, "an open run of an earlier start could not be ended");
    }
}
