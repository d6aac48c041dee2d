//! What a caller is told once a run stands for the request: the outcome of the dial, or the reply
//! that an earlier request with the same idempotency key had. Refusals before the run begins are
//! [`super::fire`]'s.

use super::fire::Fired;
use crate::problem::Problem;
use axum::http::StatusCode;
use switchhook_core::ErrorCode;
use switchhook_core::ids::RunId;
use switchhook_core::ports::{DialError, Dialed, Earlier, NewRun, StoredReply};
use switchhook_wire::trigger::{TriggerReply, Warning};

/// What the reply tells besides what the run has.
pub(super) struct Told {
    pub version_number: i64,
    pub warnings: Vec<Warning>,
    pub request_id: String,
}

/// The words of a call that did not come about (contract §13.3).
pub(super) fn failed(message: &str) -> String {
    format!("Failed to initiate call: {message}")
}

/// A problem as a reply that can be kept and told again.
pub(super) fn stored(problem: &Problem, request_id: &str) -> StoredReply {
    StoredReply {
        status: problem.status.as_u16(),
        body: problem.body(request_id),
    }
}

/// What the caller is told of a dial's outcome (contract §1.6).
pub(super) fn answer(
    run: &NewRun,
    told: Told,
    run_id: RunId,
    name: String,
    outcome: &Result<Dialed, DialError>,
) -> StoredReply {
    let problem = |code: ErrorCode, message: &str| {
        let problem = Problem::new(StatusCode::BAD_REQUEST, code, failed(message)).with_run(run_id);
        stored(&problem, &told.request_id)
    };
    match outcome {
        Err(DialError::Refused(message)) => problem(ErrorCode::CarrierRefused, message),
        Err(DialError::Unknown(message)) => problem(ErrorCode::OutcomeUnknown, message),
        Ok(_) => {
            let reply = TriggerReply {
                status: "initiated".to_owned(),
                workflow_run_id: run_id.0,
                workflow_run_name: name,
                mode: run.mode.as_str().to_owned(),
                version_number: told.version_number,
                version_status: run.version_status.as_str().to_owned(),
                draft_missing: run.draft_missing,
                warnings: told.warnings,
            };
            let body = serde_json::to_string(&reply).expect("a reply of texts and numbers is JSON");
            StoredReply { status: 200, body }
        }
    }
}

/// The same idempotency key again: the same reply, unless the body is another.
pub(super) fn replay(earlier: Earlier, request_id: &str) -> Result<Fired, Problem> {
    if !earlier.same_body {
        let detail = "This Idempotency-Key was used with another body; nothing was dialled";
        return Err(Problem::new(
            StatusCode::CONFLICT,
            ErrorCode::IdempotencyMismatch,
            detail,
        ));
    }
    let reply = earlier.reply.unwrap_or_else(|| {
        // Only a crash between commit and answer leaves a run without a reply.
        let detail = failed("the program stopped before the carrier answered");
        let problem = Problem::new(StatusCode::BAD_REQUEST, ErrorCode::OutcomeUnknown, detail);
        stored(&problem.with_run(earlier.run_id), request_id)
    });
    Ok(Fired {
        reply,
        run_id: earlier.run_id,
        is_repeat: true,
    })
}
