//! Beginning a run: the idempotency key, the limits and the run itself in one transaction, so that
//! neither two equal requests nor two requests for the last slot can both win.

use super::{slots, waiting};
use crate::problem::Outcome;
use crate::rows::{json_text, micros};
use crate::{events, idempotency};
use rusqlite::{Connection, params};
use switchhook_core::ids::RunId;
use switchhook_core::ports::{Begun, NewRun, TestCall};
use switchhook_core::run::RunState;
use switchhook_core::trigger::Mode;

/// Begins a run, if its key is new and a slot is free in its workspace and its configuration.
pub fn begin(connection: &Connection, new: &NewRun, call: Option<TestCall>) -> Outcome<Begun> {
    if let Some(claim) = &new.idempotency
        && let Some(earlier) = idempotency::earlier(connection, new.api_key_id, claim, new.at)?
    {
        return Ok(Begun::Repeated(earlier));
    }
    if slots::are_taken(connection, new)? {
        return Ok(Begun::LimitReached);
    }
    let run_id = match call.and_then(|call| call.waiting) {
        None => insert(connection, new)?,
        Some(run) => match waiting::call(connection, run, new)? {
            None => run,
            Some(refused) => return Ok(refused),
        },
    };
    let attempt = "INSERT INTO attempts (id, run_id, outcome, created_at, callback_token_hash)
        VALUES (?1, ?2, 'pending', ?3, ?4)";
    connection.prepare_cached(attempt)?.execute(params![
        new.attempt_id.to_string(),
        run_id.0,
        micros(new.at),
        new.callback_token_hash
    ])?;
    slots::take(connection, run_id, new)?;
    if let Some(claim) = &new.idempotency {
        idempotency::claim(connection, new.api_key_id, claim, run_id, new.at)?;
    }
    events::append_run(connection, new.workspace_id, run_id, new.at)?;
    if let Some(call) = call {
        let name = waiting::name_of(connection, run_id, call)?;
        return Ok(Begun::Started { run_id, name });
    }
    let kind = match new.mode {
        Mode::Test => "TEST",
        Mode::Production => "API",
    };
    let name = format!("WR-{kind}-{run_id}");
    Ok(Begun::Started { run_id, name })
}

fn insert(connection: &Connection, new: &NewRun) -> Outcome<RunId> {
    let sql = "INSERT INTO runs (workspace_id, agent_id, version_id, version_status, mode, draft_missing,
            trigger_path, api_key_id, destination, caller_id, configuration_id, provider, max_call_seconds, state,
            created_at, gathered_context, initial_context)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, '{}', ?16)";
    connection.prepare_cached(sql)?.execute(params![
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
        json_text(new.initial_context.as_ref()),
    ])?;
    Ok(RunId(connection.last_insert_rowid()))
}
