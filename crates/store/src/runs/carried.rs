//! Runs that were open when the copy that is put back was made, or when the database that it replaces
//! was used last (attached as `replaced`). What the replaced one knows of them is taken over, so that
//! a call that is over is over, one that goes on is watched, and one that waited and was called since
//! is not called again. Runs that began since and are over stay forgotten.

use super::{ended, step};
use crate::carry_over::shared_columns;
use crate::events;
use crate::pen::Pen;
use crate::problem::Outcome;
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde_json::Map;
use std::sync::Arc;
use switchhook_core::ids::RunId;
use switchhook_core::ports::Step;
use switchhook_core::run::{EndCode, RunInput, Source};

/// What hangs on a run, but for what people wrote.
const PARTS: [&str; 6] = [
    "attempts",
    "causes",
    "timeline",
    "transcripts",
    "exchanges",
    "run_names",
];
/// Columns of a run that lead to rows which the copy may not have.
const LEADING: [&str; 2] = ["version_id", "api_key_id"];

/// Takes over what the replaced database knows of open runs.
pub fn take_over(connection: &Connection) -> Outcome<bool> {
    let both =
        "SELECT id FROM main.runs WHERE ended_at IS NULL AND id IN (SELECT id FROM replaced.runs)";
    for run in ids(connection, both)? {
        follow(connection, run)?;
    }
    let begun_since = "SELECT id FROM replaced.runs
        WHERE ended_at IS NULL AND state <> 'queued' AND id NOT IN (SELECT id FROM main.runs)";
    for run in ids(connection, begun_since)? {
        if !add(connection, run)? {
            tracing::warn!(run_id = %run, "a call that goes on is not watched any more: the backup does not have its agent");
        }
    }
    Ok(true)
}

/// Ends runs that waited for their call when the copy was made and of which nobody knows whether they
/// were called since.
pub fn close_waiting(connection: &Connection, at: Timestamp) -> Outcome<()> {
    let waiting = "SELECT id FROM runs WHERE ended_at IS NULL AND state = 'queued'";
    let pen = Pen::new(connection);
    for run_id in ids(connection, waiting)? {
        let step = Step {
            run_id,
            at,
            source: Source::Switchhook,
            input: RunInput::Ended(EndCode::Interrupted),
            note: Some("a backup was put back: it may have been called since".to_owned()),
            reply: None,
            gathered: Map::new(),
            lines: Vec::new(),
        };
        step::take(&pen, &[Arc::new(step)], None)?;
    }
    events::tell_changed(&pen)
}

fn ids(connection: &Connection, sql: &str) -> Outcome<Vec<RunId>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| row.get(0).map(RunId))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Brings a run to where the replaced database has it.
fn follow(connection: &Connection, run: RunId) -> Outcome<()> {
    let own = shared_columns(connection, "runs", &LEADING)?;
    let sql = format!(
        "UPDATE main.runs SET ({own}) = (SELECT {own} FROM replaced.runs WHERE id = ?1) WHERE id = ?1"
    );
    connection.execute(&sql, [run.0])?;
    let leading = "UPDATE main.runs AS ours SET
            version_id = coalesce((SELECT id FROM main.versions WHERE id = theirs.version_id), ours.version_id),
            api_key_id = (SELECT id FROM main.api_keys WHERE id = theirs.api_key_id)
        FROM replaced.runs AS theirs WHERE theirs.id = ours.id AND ours.id = ?1";
    connection.execute(leading, [run.0])?;
    take_parts(connection, run)?;
    let over = "SELECT gathered_context ->> '$.mapped_call_disposition' FROM runs WHERE id = ?1 AND ended_at IS NOT NULL";
    let mut statement = connection.prepare(over)?;
    let mut rows = statement.query([run.0])?;
    if let Some(row) = rows.next()? {
        let disposition: Option<String> = row.get(0)?;
        ended::add(connection, run, disposition.as_deref())?;
    }
    Ok(())
}

/// Adds an open run that began since; `false` where the copy does not have its agent's version.
fn add(connection: &Connection, run: RunId) -> Outcome<bool> {
    let own = shared_columns(connection, "runs", &LEADING[1..])?;
    let sql = format!(
        "INSERT INTO main.runs ({own}) SELECT {own} FROM replaced.runs AS theirs WHERE id = ?1 AND EXISTS
            (SELECT 1 FROM main.versions WHERE id = theirs.version_id AND agent_id = theirs.agent_id)"
    );
    let is_added = connection.execute(&sql, [run.0])? > 0;
    if is_added {
        let key = "UPDATE main.runs SET api_key_id = (SELECT id FROM main.api_keys WHERE id =
            (SELECT api_key_id FROM replaced.runs WHERE id = ?1)) WHERE id = ?1";
        connection.execute(key, [run.0])?;
        take_parts(connection, run)?;
    }
    Ok(is_added)
}

fn take_parts(connection: &Connection, run: RunId) -> Outcome<()> {
    for table in PARTS {
        let own = shared_columns(connection, table, &[])?;
        if own.is_empty() {
            continue;
        }
        let delete = format!("DELETE FROM main.{table} WHERE run_id = ?1");
        connection.execute(&delete, params![run.0])?;
        let take = format!(
            "INSERT INTO main.{table} ({own}) SELECT {own} FROM replaced.{table} WHERE run_id = ?1"
        );
        connection.execute(&take, params![run.0])?;
    }
    Ok(())
}
