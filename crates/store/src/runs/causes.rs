//! Why calls were not put through, in the telephone network's own codes. A table of their own,
//! because few runs have one and only who looks at a single run reads it.

use crate::pen::Pen;
use crate::problem::Outcome;
use rusqlite::{Connection, OptionalExtension, params};
use switchhook_core::cause::Cause;
use switchhook_core::ids::RunId;

/// Keeps a run's cause. A run ends once, so it has one.
pub fn keep(pen: &Pen<'_>, run: RunId, cause: &Cause) -> Outcome<()> {
    let sql = "INSERT OR REPLACE INTO causes (run_id, sip, q850, rang) VALUES (?1, ?2, ?3, ?4)";
    let row = params![run.0, cause.sip, cause.q850, cause.rang];
    pen.execute(sql, row)?;
    Ok(())
}

/// A run's cause, where it has one.
pub fn of(connection: &Connection, run: RunId) -> Outcome<Option<Cause>> {
    let sql = "SELECT sip, q850, rang FROM causes WHERE run_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let cause = statement.query_row([run.0], |row| {
        Ok(Cause {
            sip: row.get(0)?,
            q850: row.get(1)?,
            rang: row.get(2)?,
        })
    });
    Ok(cause.optional()?)
}
