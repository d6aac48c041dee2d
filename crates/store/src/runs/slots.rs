//! Slots: a row per open run, which is what the limits of concurrent calls count. Rows and not a
//! counter in memory, because a slot is taken and freed in the transactions that begin and end its
//! run, whichever process that happens in. The database counts the rows itself.

use crate::pen::Pen;
use crate::problem::Outcome;
use rusqlite::Connection;
use switchhook_core::ids::{RunId, TelephonyConfigurationId, WorkspaceId};
use switchhook_core::ports::NewRun;

/// Whether the workspace or the configuration of a run has no slot left for it.
pub fn are_taken(pen: &Pen<'_>, new: &NewRun) -> Outcome<bool> {
    let sql = "SELECT coalesce(sum(taken), 0), coalesce(sum(taken) FILTER (WHERE configuration_id = ?2), 0)
        FROM slot_counts WHERE workspace_id = ?1";
    let ids = [new.workspace_id.0, new.configuration_id.0];
    let counted = pen.row(sql, ids, |row| Ok((row.get(0)?, row.get(1)?)))?;
    let (in_workspace, in_configuration): (i64, i64) = counted.unwrap_or_default();
    let of_configuration = new.configuration_limit.map(i64::from);
    Ok(in_workspace >= new.workspace_limit.into()
        || of_configuration.is_some_and(|limit| in_configuration >= limit))
}

/// Takes a slot for a run that begins.
pub fn take(pen: &Pen<'_>, run: RunId, new: &NewRun) -> Outcome<()> {
    let sql = "INSERT INTO slots (run_id, workspace_id, configuration_id) VALUES (?1, ?2, ?3)";
    pen.execute(sql, [run.0, new.workspace_id.0, new.configuration_id.0])?;
    Ok(())
}

/// Frees the slot of a run that ends.
pub fn free(
    pen: &Pen<'_>,
    run: RunId,
    workspace: WorkspaceId,
    configuration: TelephonyConfigurationId,
) -> Outcome<()> {
    let sql = "DELETE FROM slots WHERE workspace_id = ?1 AND configuration_id = ?2 AND run_id = ?3";
    pen.execute(sql, [workspace.0, configuration.0, run.0])?;
    Ok(())
}

/// Gives every open run its slot and takes it from every other; writes nothing when all is right. A
/// run that waits for its call has none.
pub fn rebuild(connection: &Connection) -> rusqlite::Result<()> {
    let stale = "DELETE FROM slots WHERE run_id NOT IN (SELECT id FROM runs WHERE ended_at IS NULL AND state <> 'queued')";
    let missing = "INSERT INTO slots (run_id, workspace_id, configuration_id)
        SELECT id, workspace_id, configuration_id FROM runs
        WHERE ended_at IS NULL AND state <> 'queued' AND id NOT IN (SELECT run_id FROM slots)";
    let count = "UPDATE slot_counts SET taken = counted.taken FROM (
            SELECT workspace_id, configuration_id, (SELECT count(*) FROM slots
                WHERE slots.workspace_id = slot_counts.workspace_id
                    AND slots.configuration_id = slot_counts.configuration_id) AS taken
            FROM slot_counts) AS counted
        WHERE counted.workspace_id = slot_counts.workspace_id
            AND counted.configuration_id = slot_counts.configuration_id AND counted.taken <> slot_counts.taken";
    // First, because taking a slot away counts down.
    let counted = connection.execute(count, [])?;
    let changed = counted + connection.execute(stale, [])? + connection.execute(missing, [])?;
    if changed > 0 {
        tracing::warn!(
            changed,
            "slots did not match the open runs and were put right"
        );
    }
    Ok(())
}
