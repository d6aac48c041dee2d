//! Beginning a run: the idempotency key, the limits and the run itself in one transaction, so that
//! neither two equal requests nor two requests for the last slot can both win.

use super::{slots, waiting};
use crate::pen::Pen;
use crate::problem::Outcome;
use crate::rows::micros;
use crate::{events, idempotency};
use rusqlite::params;
use std::sync::LazyLock;
use switchhook_core::ids::RunId;
use switchhook_core::ports::{Begun, NewRun, TestCall};
use switchhook_core::run::RunState;
use switchhook_core::trigger::Mode;

/// What a run has gathered when it begins: an empty object, with room after it for what a call
/// gathers. A row that grows splits its page, which costs the writer more than the room.
static NOTHING_YET: LazyLock<String> = LazyLock::new(|| format!("{{}}{:288}", ""));

/// Begins a run, if its key is new and a slot is free in its workspace and its configuration.
/// `context` is its initial context as text.
pub fn begin(pen: &Pen<'_>, new: &NewRun, context: &str, call: Option<TestCall>) -> Outcome<Begun> {
    if let Some(claim) = &new.idempotency
        && let Some(earlier) = idempotency::earlier(pen, new.api_key_id, claim, new.at)?
    {
        return Ok(Begun::Repeated(earlier));
    }
    if slots::are_taken(pen, new)? {
        return Ok(Begun::LimitReached);
    }
    let run_id = match call.and_then(|call| call.waiting) {
        None => insert(pen, new, context)?,
        Some(run) => match waiting::call(pen, run, new, context)? {
            None => run,
            Some(refused) => return Ok(refused),
        },
    };
    let attempt = "INSERT INTO attempts (id, run_id, outcome, created_at, callback_token_hash)
        VALUES (?1, ?2, 'pending', ?3, ?4)";
    let attempt_id = new.attempt_id.to_string();
    let values = params![
        attempt_id,
        run_id.0,
        micros(new.at),
        new.callback_token_hash
    ];
    pen.execute(attempt, values)?;
    if let Some(claim) = &new.idempotency {
        idempotency::claim(pen, new.api_key_id, claim, run_id, new.at)?;
    }
    events::append_run(pen, new.workspace_id, run_id, new.at);
    if let Some(call) = call {
        let name = waiting::name_of(pen, run_id, call)?;
        return Ok(Begun::Started { run_id, name });
    }
    let kind = match new.mode {
        Mode::Test => "TEST",
        Mode::Production => "API",
    };
    let name = format!("WR-{kind}-{run_id}");
    Ok(Begun::Started { run_id, name })
}

fn insert(pen: &Pen<'_>, new: &NewRun, context: &str) -> Outcome<RunId> {
    let sql = "INSERT INTO runs (workspace_id, agent_id, version_id, version_status, mode, draft_missing,
            trigger_path, api_key_id, destination, caller_id, configuration_id, provider, max_call_seconds, state,
            created_at, gathered_context, initial_context)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)";
    let values = params![
        new.workspace_id.0,
        new.agent_id.0,
        new.version_id.0,
        new.version_status.as_str(),
        new.mode.as_str(),
        new.draft_missing,
        new.trigger_path,
        new.api_key_id.map(|id| id.0),
        new.destination,
        new.caller_id,
        new.configuration_id.0,
        new.provider,
        new.max_call_seconds,
        RunState::Dialing.as_str(),
        micros(new.at),
        *NOTHING_YET,
        context,
    ];
    pen.execute(sql, values)?;
    Ok(RunId(pen.last_insert_rowid()))
}
