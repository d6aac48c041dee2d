//! Runs that no trigger started: those that wait for their call, and test calls. A waiting run has
//! state `queued` and neither slot nor deadline; it becomes a run like any other when it is called.

use crate::events;
use crate::pen::Pen;
use crate::problem::Outcome;
use crate::rows::{json_text, micros};
use rusqlite::{Connection, OptionalExtension, params};
use switchhook_core::ids::RunId;
use switchhook_core::ports::{Begun, NewRun, TestCall, WaitingRun};
use switchhook_core::run::RunState;
use switchhook_core::trigger::Mode;

fn name(connection: &Connection, run: RunId, name: &str) -> Outcome<()> {
    let sql = "INSERT INTO run_names (run_id, name) VALUES (?1, ?2)";
    connection
        .prepare_cached(sql)?
        .execute(params![run.0, name])?;
    Ok(())
}

/// Adds a run that waits.
pub fn add(connection: &Pen<'_>, new: &WaitingRun) -> Outcome<RunId> {
    let sql = "INSERT INTO runs (workspace_id, agent_id, version_id, version_status, mode, draft_missing,
            api_key_id, destination, configuration_id, provider, max_call_seconds, state, created_at,
            gathered_context, initial_context)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '', 0, ?8, 0, ?9, ?10, '{}', ?11)";
    let state = RunState::Queued.as_str();
    connection.prepare_cached(sql)?.execute(params![
        new.workspace_id.0,
        new.agent_id.0,
        new.version_id.0,
        new.version_status.as_str(),
        Mode::Test.as_str(),
        new.draft_missing,
        new.api_key_id.map(|id| id.0),
        new.provider,
        state,
        micros(new.at),
        json_text(&new.initial_context),
    ])?;
    let run = RunId(connection.last_insert_rowid());
    name(connection, run, &new.name)?;
    events::append_run(connection, new.workspace_id, run, new.at);
    Ok(run)
}

/// Makes a waiting run the one that is begun; its timeline begins anew with it, and so does its
/// time, by which a lost call is looked for. The refusal where it does not wait.
pub fn call(
    connection: &Connection,
    run: RunId,
    new: &NewRun,
    context: &str,
) -> Outcome<Option<Begun>> {
    let sql = "SELECT agent_id, state FROM runs WHERE id = ?1 AND workspace_id = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row([run.0, new.workspace_id.0], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
    });
    let Some((agent, state)) = found.optional()? else {
        return Ok(Some(Begun::NoSuchRun));
    };
    if agent != new.agent_id.0 {
        return Ok(Some(Begun::RunOfAnotherAgent));
    }
    if state != RunState::Queued.as_str() {
        return Ok(Some(Begun::RunNotWaiting));
    }
    let sql = "UPDATE runs SET version_id = ?2, version_status = (SELECT status FROM versions WHERE id = ?2),
            mode = ?3, draft_missing = ?4, api_key_id = ?5, destination = ?6, caller_id = ?7,
            configuration_id = ?8, provider = ?9, max_call_seconds = ?10, state = ?11, created_at = ?12,
            initial_context = ?13
        WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        run.0,
        new.version_id.0,
        new.mode.as_str(),
        new.draft_missing,
        new.api_key_id.map(|id| id.0),
        new.destination,
        new.caller_id,
        new.configuration_id.0,
        new.provider,
        new.max_call_seconds,
        RunState::Dialing.as_str(),
        micros(new.at),
        context,
    ])?;
    Ok(None)
}

/// The name of a test call that has begun: a new one, or the one that the run waited with.
pub fn name_of(connection: &Connection, run: RunId, call: TestCall) -> Outcome<String> {
    if call.waiting.is_some() {
        let sql = "SELECT name FROM run_names WHERE run_id = ?1";
        let mut statement = connection.prepare_cached(sql)?;
        return Ok(statement.query_row([run.0], |row| row.get(0))?);
    }
    let new = format!("WR-TEL-OUT-{:08}", run.0);
    name(connection, run, &new)?;
    Ok(new)
}
