//! One step of a run: read its state, let core's reducer decide, write the verdict and everything
//! that follows from it (timeline, attempt, gathered context, end, slot, reply, event).

use super::gathered::{self, Facts};
use super::{ended, slots};
use crate::problem::Outcome;
use crate::rows::{json, json_text, micros, word};
use crate::{events, idempotency};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value};
use switchhook_core::ids::WorkspaceId;
use switchhook_core::ports::Step;
use switchhook_core::run::{EndCode, RunInput, RunState, Verdict, reduce};

/// A run as far as a step needs it.
struct Standing {
    workspace: WorkspaceId,
    state: RunState,
    is_completed: bool,
    provider: String,
    by_key: bool,
    trigger_path: Option<String>,
    gathered: Map<String, Value>,
}

fn standing(connection: &Connection, step: &Step) -> Outcome<Option<Standing>> {
    let sql = "SELECT workspace_id, state, ended_at IS NOT NULL, provider, api_key_id IS NOT NULL, trigger_path,
        gathered_context FROM runs WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let standing = statement.query_row([step.run_id.0], |row| {
        Ok(Standing {
            workspace: WorkspaceId(row.get(0)?),
            state: word(row, 1, RunState::parse)?,
            is_completed: row.get(2)?,
            provider: row.get(3)?,
            by_key: row.get(4)?,
            trigger_path: row.get(5)?,
            gathered: json(row, 6)?,
        })
    });
    Ok(standing.optional()?)
}

/// Takes the step. A run that is not there ignores everything.
pub fn step(connection: &Connection, step: &Step) -> Outcome<Verdict> {
    let Some(run) = standing(connection, step)? else {
        return Ok(Verdict::Ignore);
    };
    super::write_lines(connection, step.run_id, &step.lines)?;
    if let Some(reply) = &step.reply {
        // Kept whatever the verdict: the caller was told it.
        idempotency::keep_reply(connection, step.run_id, reply)?;
    }
    let verdict = reduce(run.state, run.is_completed, &step.input);
    let (state, end) = match verdict {
        Verdict::Ignore => return Ok(verdict),
        Verdict::Keep => (run.state, None),
        Verdict::Move { to, end } => (to, end),
    };
    write_attempt(connection, step)?;
    write_timeline(connection, step, state, verdict)?;
    let facts = Facts {
        provider: &run.provider,
        triggered_by: if run.by_key { "api" } else { "window" },
        trigger_path: run.trigger_path.as_deref(),
    };
    let mut gathered = run.gathered;
    gathered.extend(step.gathered.clone());
    let additions = gathered::additions(&facts, &step.input, end, &gathered);
    gathered.extend(additions);
    write_run(connection, step, state, end, &gathered)?;
    events::append_run(connection, run.workspace, step.run_id, step.at)?;
    Ok(verdict)
}

fn write_attempt(connection: &Connection, step: &Step) -> Outcome<()> {
    let (outcome, carrier_call_id) = match &step.input {
        RunInput::Accepted {
            carrier_call_id, ..
        } => ("accepted", carrier_call_id.as_deref()),
        RunInput::Refused { .. } => ("refused", None),
        RunInput::Unknown { .. } => ("unknown", None),
        RunInput::Dialing | RunInput::Ringing | RunInput::Answered | RunInput::Ended(_) => {
            return Ok(());
        }
    };
    let sql = "UPDATE attempts SET outcome = ?2, carrier_call_id = coalesce(?3, carrier_call_id) WHERE run_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![step.run_id.0, outcome, carrier_call_id])?;
    Ok(())
}

/// An entry for every move; for what changes no state only when there are words to keep.
fn write_timeline(
    connection: &Connection,
    step: &Step,
    state: RunState,
    verdict: Verdict,
) -> Outcome<()> {
    let note = match &step.input {
        RunInput::Refused { message } | RunInput::Unknown { message, .. } => {
            step.note.as_ref().or(Some(message))
        }
        _ => step.note.as_ref(),
    };
    if verdict == Verdict::Keep && note.is_none() {
        return Ok(());
    }
    let sql = "INSERT INTO timeline (run_id, seq, at, state, source, note)
        VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM timeline WHERE run_id = ?1), ?2, ?3, ?4, ?5)";
    let (state, source) = (state.as_str(), step.source.as_str());
    connection.prepare_cached(sql)?.execute(params![
        step.run_id.0,
        micros(step.at),
        state,
        source,
        note
    ])?;
    Ok(())
}

fn write_run(
    connection: &Connection,
    step: &Step,
    state: RunState,
    end: Option<EndCode>,
    gathered: &Map<String, Value>,
) -> Outcome<()> {
    let sql = "UPDATE runs SET state = ?2, gathered_context = ?3, answered_at = coalesce(answered_at, ?4),
            ended_at = ?5, end_code = ?6
        WHERE id = ?1";
    let answered_at = (state == RunState::InProgress).then(|| micros(step.at));
    let ended_at = end.map(|_| micros(step.at));
    let code = end.map(EndCode::as_str);
    connection.prepare_cached(sql)?.execute(params![
        step.run_id.0,
        state.as_str(),
        json_text(gathered),
        answered_at,
        ended_at,
        code
    ])?;
    if end.is_some() {
        slots::free(connection, step.run_id)?;
        let disposition = gathered.get("mapped_call_disposition");
        ended::add(connection, step.run_id, disposition.and_then(Value::as_str))?;
    }
    Ok(())
}
