//! What a person wrote about a run, and the index that finds the run by it. That index is a second
//! one: the first is written once for each run and never again, a remark changes with every pause
//! in somebody's typing. What else is known of the run stands in both, so that a question may mix
//! the words of a note with those of the call.

use super::{read, search, words, workspace_of};
use crate::events;
use crate::pen::Pen;
use crate::problem::Outcome;
use crate::rows::micros;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use switchhook_core::ids::RunId;
use switchhook_core::ports::{Remark, RemarkChange};

/// The words of a run without its remark. For a reader: there may be many.
pub fn prepare(connection: &Connection, id: RunId) -> Outcome<String> {
    let Some(run) = read::by_id(connection, None, id)? else {
        return Ok(String::new());
    };
    Ok(search::entries(&run, &read::transcript(connection, id)?))
}

fn of(connection: &Connection, run: RunId) -> Outcome<Remark> {
    let sql = "SELECT outcome, note FROM remarks WHERE run_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row([run.0], |row| {
        Ok(Remark {
            outcome: row.get(0)?,
            note: row.get(1)?,
        })
    });
    Ok(found.optional()?.unwrap_or_default())
}

/// Changes a remark. Nothing where there is no such run, or nothing to change.
pub fn change(
    connection: &Pen<'_>,
    run: RunId,
    change: RemarkChange,
    entries: &str,
    at: Timestamp,
) -> Outcome<()> {
    let Some(workspace) = workspace_of(connection, run)? else {
        return Ok(());
    };
    let before = of(connection, run)?;
    let remark = change.applied_to(before.clone());
    if remark == before {
        return Ok(());
    }
    let sql = "DELETE FROM remarks WHERE run_id = ?1";
    connection.prepare_cached(sql)?.execute([run.0])?;
    if remark != Remark::default() {
        let sql = "INSERT INTO remarks (run_id, changed_at, outcome, note) VALUES (?1, ?2, ?3, ?4)";
        let values = params![run.0, micros(at), remark.outcome, remark.note];
        connection.prepare_cached(sql)?.execute(values)?;
    }
    index(connection, run, entries)?;
    events::append_run(connection, workspace, run, at);
    Ok(())
}

/// Makes a run found by its remark and these words; a run without a remark by neither.
fn index(connection: &Connection, run: RunId, entries: &str) -> Outcome<()> {
    let remark = of(connection, run)?;
    let sql = "DELETE FROM remark_search WHERE rowid = ?1";
    connection.prepare_cached(sql)?.execute([run.0])?;
    if remark == Remark::default() {
        return Ok(());
    }
    let own = words::of_remark(run, [remark.outcome, remark.note].into_iter().flatten());
    let sql = "INSERT INTO remark_search (rowid, words) VALUES (?1, ?2)";
    let all = format!("{entries} {own}");
    connection
        .prepare_cached(sql)?
        .execute(params![run.0, all])?;
    Ok(())
}

/// The same for a run that has just been indexed: what was written while its call went on was
/// indexed without its end.
pub fn index_again(connection: &Connection, run: RunId, entries: &str) -> Outcome<()> {
    if of(connection, run)? == Remark::default() {
        return Ok(());
    }
    index(connection, run, entries)
}
