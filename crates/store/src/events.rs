//! The live event log: hints that something changed, appended in the transaction of the change.
//! Readers tail it by id, so that another process's writes are seen like our own. Delivery to
//! windows is not here.

use crate::Database;
use crate::pen::Pen;
use crate::problem::Outcome;
use crate::rows::{micros, word};
use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use std::time::Duration;
use switchhook_core::ids::{EventId, RunId, WorkspaceId};
use switchhook_core::ports::{Event, EventKind, Events, StoreError, Stored};

/// How long a reader can be away and still be told everything.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
/// How soon another process's events are seen. A look costs one seek in the table's own tree,
/// less than asking SQLite whether anything changed at all.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Appends an event; for use inside the transaction of the change.
pub fn append(
    connection: &Connection,
    workspace: WorkspaceId,
    kind: EventKind,
    subject: &str,
    run: Option<RunId>,
    at: Timestamp,
) -> Outcome<()> {
    append_with(&Pen::new(connection), workspace, kind, subject, run, at)
}

/// The same, for what every call does.
fn append_with(
    pen: &Pen<'_>,
    workspace: WorkspaceId,
    kind: EventKind,
    subject: &str,
    run: Option<RunId>,
    at: Timestamp,
) -> Outcome<()> {
    let sql =
        "INSERT INTO events (workspace_id, kind, subject, run_id, at) VALUES (?1, ?2, ?3, ?4, ?5)";
    let run = run.map(|run| run.0);
    let values = params![workspace.0, kind.as_str(), subject, run, micros(at)];
    pen.execute(sql, values)?;
    Ok(())
}

/// Appends the event of a changed run.
pub fn append_run(pen: &Pen<'_>, workspace: WorkspaceId, run: RunId, at: Timestamp) -> Outcome<()> {
    append_with(
        pen,
        workspace,
        EventKind::Run,
        &run.to_string(),
        Some(run),
        at,
    )
}

/// Most events that a running server forgets at once: few enough that writes hardly wait.
const PRUNED_AT_ONCE: u32 = 1000;

/// Forgets some events that nobody waits for any more, the oldest first; says whether more of them
/// may be left. For the writer while the server runs.
pub fn prune_some(connection: &Connection, now: Timestamp) -> rusqlite::Result<bool> {
    let sql =
        "DELETE FROM events WHERE id IN (SELECT id FROM events ORDER BY id LIMIT ?2) AND at < ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let forgotten = statement.execute(params![micros(now - KEPT), PRUNED_AT_ONCE])?;
    Ok(forgotten > 0)
}

/// Forgets all events that nobody waits for any more. Ids are never used twice.
pub fn prune(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let before = micros(now - KEPT);
    connection.execute("DELETE FROM events WHERE at < ?1", [before])?;
    Ok(())
}

fn after(connection: &Connection, after: EventId, limit: u32) -> Outcome<Vec<Event>> {
    let sql = "SELECT id, workspace_id, kind, subject, run_id FROM events WHERE id > ?1 ORDER BY id LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![after.0, limit], |row| {
        Ok(Event {
            id: EventId(row.get(0)?),
            workspace_id: WorkspaceId(row.get(1)?),
            kind: word(row, 2, EventKind::parse)?,
            subject: row.get(3)?,
            run_id: row.get::<_, Option<i64>>(4)?.map(RunId),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[async_trait]
impl Events for Database {
    async fn last_event(&self) -> Stored<EventId> {
        let read = |connection: &Connection| {
            // Pruning may have emptied the table, so the counter is asked, not the rows.
            let sql = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'events'), 0)";
            Ok(EventId(
                connection
                    .prepare_cached(sql)?
                    .query_row([], |row| row.get(0))?,
            ))
        };
        self.readers.read(read).await
    }

    async fn events_after(&self, last: EventId, limit: u32) -> Stored<Vec<Event>> {
        let mut committed = self.writer.committed();
        loop {
            // Marked as seen before looking: a commit in between wakes the wait below.
            committed.mark_unchanged();
            let events = self
                .readers
                .read(move |connection| after(connection, last, limit))
                .await?;
            if !events.is_empty() {
                return Ok(events);
            }
            match tokio::time::timeout(LOOK_EVERY, committed.changed()).await {
                Ok(Ok(())) | Err(_) => {}
                Ok(Err(_)) => {
                    return Err(StoreError::Unavailable("the writer has stopped".to_owned()));
                }
            }
        }
    }

    async fn announce(
        &self,
        workspace: WorkspaceId,
        kind: EventKind,
        subject: String,
        run: Option<RunId>,
    ) -> Stored<()> {
        let at = Timestamp::now();
        self.writer
            .write_run(move |pen| append_with(pen, workspace, kind, &subject, run, at))
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_running_server_forgets_the_oldest_events_bit_by_bit() {
        let connection = Connection::open_in_memory().expect("opens");
        let tables = include_str!("../migrations/V1__first_tables.sql");
        connection.execute_batch(tables).expect("created");
        connection
            .pragma_update(None, "foreign_keys", false)
            .expect("set");
        let now = Timestamp::now();
        let old = now - KEPT - SignedDuration::from_secs(1);
        let (workspace, kind) = (WorkspaceId(1), EventKind::Settings);
        for _ in 0..=PRUNED_AT_ONCE {
            append(&connection, workspace, kind, "1", None, old)
                .ok()
                .expect("appended");
        }
        append(&connection, workspace, kind, "1", None, now)
            .ok()
            .expect("appended");
        assert!(prune_some(&connection, now).expect("pruned"));
        assert!(prune_some(&connection, now).expect("pruned"));
        assert!(!prune_some(&connection, now).expect("pruned"));
        let left = after(&connection, EventId(0), 10).ok().expect("read");
        assert_eq!(left.len(), 1);
    }
}
