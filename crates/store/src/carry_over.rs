//! What a database that is put back must not forget of the one that it replaces: ids that were handed
//! out (a signed link names a run by its id), keys that were archived, the requests of the last day
//! (their `Idempotency-Key`s), what became of runs that were open, and which listeners are on. Everything else is as it was
//! when the copy was made. Written into the copy before it takes its place, step by step; every step may
//! be repeated. The replaced database is only read. Where it cannot be, or is of another
//! history, ids begin far beyond those of the copy, signed links open nothing any more, and the rest
//! is said.

use crate::database::uri;
use crate::idempotency;
use crate::problem::{Outcome, Problem};
use crate::rows::micros;
use crate::runs::{close_waiting, take_over_open};
use jiff::Timestamp;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior, params};
use std::path::Path;

/// How far beyond those of the copy new ids begin where nobody knows which were handed out.
const FAR: i64 = 1_000_000;
/// Tables whose ids are known elsewhere: in links, in programs, in the secret store.
const KNOWN_ELSEWHERE: [&str; 4] = ["runs", "events", "api_keys", "instances"];

/// Takes something over from the database that is attached as `replaced`.
type Step = fn(&Connection) -> Outcome<bool>;

/// Opens a copy for changing it, so that another database can be attached. Its journal is gone once it
/// is closed.
pub fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Takes over what must not be forgotten, and notes the restore with the name that the replaced
/// database is kept by. `None` is a folder without a database.
///
/// # Errors
/// The copy cannot be written.
pub fn carry_over(
    connection: &mut Connection,
    replaced: Option<&Path>,
    kept_as: &str,
    now: Timestamp,
) -> Outcome<()> {
    let mut is_whole = false;
    if let Some(path) = replaced {
        let mut take = |step| attempt(connection, path, step);
        let is_ours = take(raise_ids)? & take(has_same_history)?;
        is_whole = is_ours
            && take(archive_keys)?
                & take(keep_choices)?
                & take(idempotency::take_over)?
                & take(take_over_open)?;
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !is_whole {
        leave_room(&transaction)?;
        close_waiting(&transaction, now)?;
    }
    let sql =
        "INSERT OR REPLACE INTO last_restore (id, at, replaced, is_whole) VALUES (1, ?1, ?2, ?3)";
    let kept_as = replaced.map(|_| kept_as);
    transaction.execute(sql, params![micros(now), kept_as, is_whole])?;
    Ok(transaction.commit()?)
}

/// Attaches the replaced database for reading: with its log, else as the file stands.
fn attach(connection: &Connection, path: &Path) -> rusqlite::Result<()> {
    let attach = |name: String| {
        connection.execute("ATTACH ?1 AS replaced", [name])?;
        let sql = "SELECT count(*) FROM replaced.sqlite_schema";
        let read = connection.query_row(sql, [], |_| Ok(()));
        if read.is_err() {
            connection.execute("DETACH replaced", [])?;
        }
        read
    };
    attach(uri(path, "mode=ro")).or_else(|_| attach(uri(path, "immutable=1")))
}

/// Takes one step, or leaves it where the replaced database cannot be read, which is `false`. Attached
/// for each anew: after a read that met damage nothing can be written beside it.
fn attempt(connection: &mut Connection, replaced: &Path, step: Step) -> Outcome<bool> {
    let taken = attach(connection, replaced).map_err(Problem::from);
    let taken = taken.and_then(|()| {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let taken = step(&transaction)?;
        transaction.commit()?;
        Ok(taken)
    });
    // Not there where it could not be attached.
    let _ = connection.execute("DETACH replaced", []);
    match taken {
        Err(Problem::Sql(error)) if !is_of_writing(&error) => {
            tracing::warn!(%error, "something of the database that is replaced cannot be read");
            Ok(false)
        }
        other => other,
    }
}

/// Whether the copy, which is whole, could not be written.
fn is_of_writing(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::DiskFull
                | ErrorCode::ReadOnly
                | ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory
        )
    )
}

/// No id that the replaced database gave is given again.
fn raise_ids(connection: &Connection) -> Outcome<bool> {
    connection.execute_batch(
        "UPDATE main.sqlite_sequence AS ours SET seq = max(seq, coalesce(
            (SELECT max(seq) FROM replaced.sqlite_sequence AS theirs WHERE theirs.name = ours.name), 0));
        INSERT INTO main.sqlite_sequence (name, seq) SELECT name, seq FROM replaced.sqlite_sequence
            WHERE name NOT IN (SELECT name FROM main.sqlite_sequence)
                AND name IN (SELECT name FROM main.sqlite_schema WHERE type = 'table');",
    )?;
    Ok(true)
}

/// Whether the copy was made of the replaced database: both began in the same microsecond. Another
/// one's ids mean other things.
fn has_same_history(connection: &Connection) -> Outcome<bool> {
    let sql = "SELECT (SELECT created_at FROM main.workspaces ORDER BY id LIMIT 1)
        IS (SELECT created_at FROM replaced.workspaces ORDER BY id LIMIT 1)";
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}

/// A key that was archived since the copy was made stays so.
fn archive_keys(connection: &Connection) -> Outcome<bool> {
    let sql = "UPDATE main.api_keys AS ours SET archived_at = theirs.archived_at
        FROM replaced.api_keys AS theirs
        WHERE theirs.hash = ours.hash AND ours.archived_at IS NULL AND theirs.archived_at IS NOT NULL";
    connection.execute(sql, [])?;
    Ok(true)
}

/// Where the server listens is chosen for what it is now: a copy opens no listener that was closed since.
fn keep_choices(connection: &Connection) -> Outcome<bool> {
    let own = shared_columns(connection, "server_choices", &[])?;
    connection.execute_batch(&format!(
        "DELETE FROM main.server_choices;
        INSERT INTO main.server_choices ({own}) SELECT {own} FROM replaced.server_choices;"
    ))?;
    Ok(true)
}

/// The columns that a table has in both, as a list for SQL; the replaced database may be of an earlier
/// or a later version of this program.
pub fn shared_columns(connection: &Connection, table: &str, but: &[&str]) -> Outcome<String> {
    let sql = "SELECT name FROM pragma_table_info(?1, 'main')
        WHERE name IN (SELECT name FROM pragma_table_info(?1, 'replaced'))";
    let mut statement = connection.prepare(sql)?;
    let names = statement.query_map([table], |row| row.get::<_, String>(0))?;
    let names = names.collect::<Result<Vec<_>, _>>()?;
    let names = names.iter().filter(|name| !but.contains(&name.as_str()));
    Ok(Vec::from_iter(names.map(String::as_str)).join(", "))
}

/// For what nobody could tell.
fn leave_room(connection: &Connection) -> Outcome<()> {
    for table in KNOWN_ELSEWHERE {
        let sql = "UPDATE sqlite_sequence SET seq = seq + ?2 WHERE name = ?1";
        if connection.execute(sql, params![table, FAR])? == 0 {
            let sql = "INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)";
            connection.execute(sql, params![table, FAR])?;
        }
    }
    // The next start makes a new one, and listens where it does unasked.
    connection.execute("DELETE FROM download_key", [])?;
    connection.execute("DELETE FROM server_choices", [])?;
    Ok(())
}
