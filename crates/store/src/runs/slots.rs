//! Slots: every open run that somebody is called for has one, which is what the limits of concurrent
//! calls count. The run is its slot, and the database counts as runs begin and end (V17): a slot is
//! taken and freed in the transactions that do that, whichever process they are of.

use crate::pen::Pen;
use crate::problem::Outcome;
use rusqlite::Connection;
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

/// Counts the open runs anew; writes nothing when all is right. A run that waits for its call has no
/// slot.
pub fn rebuild(connection: &Connection) -> rusqlite::Result<()> {
    let taken = "INSERT INTO slot_counts (workspace_id, configuration_id, taken)
        SELECT workspace_id, configuration_id, count(*) AS counted FROM runs
            WHERE ended_at IS NULL AND state <> 'queued' GROUP BY workspace_id, configuration_id
        ON CONFLICT DO UPDATE SET taken = excluded.taken WHERE taken <> excluded.taken";
    let free = "UPDATE slot_counts SET taken = 0 WHERE taken <> 0 AND NOT EXISTS (SELECT 1 FROM runs
        WHERE ended_at IS NULL AND state <> 'queued' AND runs.workspace_id = slot_counts.workspace_id
            AND runs.configuration_id = slot_counts.configuration_id)";
    let changed = connection.execute(taken, [])? + connection.execute(free, [])?;
    if changed > 0 {
        tracing::warn!(
            changed,
            "slots did not match the open runs and were counted anew"
        );
    }
    Ok(())
}
