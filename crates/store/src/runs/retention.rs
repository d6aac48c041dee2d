//! Forgetting runs that are older than their workspace keeps them: a few at a time, in commits of
//! their own, with everything that hangs on them. Open runs are in no list of ended ones, so they are
//! never forgotten. What a run was found by goes with it. The newest end leaves an empty row behind,
//! because ends are counted on from it and a count must not begin anew.

use super::{ended, search};
use crate::artifacts;
use crate::problem::Outcome;
use crate::rows::micros;
use jiff::Timestamp;
use rusqlite::{Connection, params};
use switchhook_core::ids::{RunId, WorkspaceId};

/// Forgets some of a workspace's runs that began before a moment and are over, oldest first; says how
/// many.
pub fn forget(
    connection: &Connection,
    workspace: WorkspaceId,
    before: Timestamp,
    at_most: u32,
) -> Outcome<u32> {
    let indexed = search::mark(connection)?;
    let sql = "SELECT seq, run_id FROM ended_runs INDEXED BY ended_runs_by_workspace
        WHERE workspace_id = ?1 AND created_at < ?2 ORDER BY created_at LIMIT ?3";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![workspace.0, micros(before), at_most], |row| {
        Ok((row.get::<_, i64>(0)?, RunId(row.get(1)?)))
    })?;
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let newest = ended::newest(connection)?;
    let mut forgotten = 0;
    for (seq, run) in rows {
        // Its words come first into the index, then out of it.
        if seq > indexed {
            continue;
        }
        search::remove(connection, run)?;
        let sql = if seq == newest {
            "UPDATE ended_runs SET run_id = 0, workspace_id = 0, agent_id = 0, created_at = 0,
                duration_ms = 0, disposition = NULL WHERE seq = ?1"
        } else {
            "DELETE FROM ended_runs WHERE seq = ?1"
        };
        connection.prepare_cached(sql)?.execute([seq])?;
        artifacts::forget(connection, run)?;
        connection
            .prepare_cached("DELETE FROM runs WHERE id = ?1 AND ended_at IS NOT NULL")?
            .execute([run.0])?;
        forgotten += 1;
    }
    if forgotten > 0 {
        let sql = "DELETE FROM ended_runs WHERE workspace_id = 0 AND seq < ?1";
        connection.prepare_cached(sql)?.execute([newest])?;
        ended::count_forgotten(connection, forgotten)?;
    }
    Ok(forgotten)
}
