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

/// A run that was changed at a time.
#[derive(Clone, Copy)]
pub struct ChangedRun {
    workspace: WorkspaceId,
    run: RunId,
    at: Timestamp,
}

/// Notes that a run was changed: its event is appended at the end of the transaction.
pub fn append_run(pen: &Pen<'_>, workspace: WorkspaceId, run: RunId, at: Timestamp) {
    let changed = ChangedRun { workspace, run, at };
    pen.changed.borrow_mut().push(changed);
}

/// Most events in one row.
const TOGETHER: usize = 64;

/// Appends the events of the runs that were changed. Those of a workspace share rows, whose ids are
/// their last events': many runs change in one commit, and a row costs the writer more than a number.
pub fn tell_changed(pen: &Pen<'_>) -> Outcome<()> {
    let mut changed = pen.changed.take();
    changed.sort_by_key(|one| one.workspace.0);
    let of_workspaces = changed.chunk_by(|one, next| one.workspace == next.workspace);
    for together in of_workspaces.flat_map(|all| all.chunks(TOGETHER)) {
        let last = together[together.len() - 1];
        let runs: Vec<_> = together.iter().map(|one| one.run.to_string()).collect();
        let subject = runs.join(" ");
        if together.len() == 1 {
            let (workspace, run) = (last.workspace, Some(last.run));
            append_with(pen, workspace, EventKind::Run, &subject, run, last.at)?;
            continue;
        }
        let sql = "INSERT INTO events (id, workspace_id, kind, subject, at)
            VALUES ((SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'events') + ?1, ?2, ?3, ?4, ?5)";
        let (workspace, kind) = (last.workspace.0, EventKind::Run.as_str());
        let values = params![
            together.len() as i64,
            workspace,
            kind,
            subject,
            micros(last.at)
        ];
        pen.execute(sql, values)?;
    }
    Ok(())
}

/// The events of one row.
fn each(row: Event) -> Vec<Event> {
    if row.kind != EventKind::Run || row.run_id.is_some() {
        return vec![row];
    }
    let runs: Vec<&str> = row.subject.split(' ').collect();
    let first = row.id.0 + 1 - runs.len() as i64;
    let of_run = |(id, run): (i64, &&str)| Event {
        id: EventId(id),
        subject: (*run).to_owned(),
        run_id: run.parse().ok().map(RunId),
        ..row.clone()
    };
    (first..).zip(&runs).map(of_run).collect()
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

fn after(connection: &Connection, last: EventId, limit: u32) -> Outcome<Vec<Event>> {
    let sql = "SELECT id, workspace_id, kind, subject, run_id FROM events WHERE id > ?1 ORDER BY id LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![last.0, limit], |row| {
        Ok(Event {
            id: EventId(row.get(0)?),
            workspace_id: WorkspaceId(row.get(1)?),
            kind: word(row, 2, EventKind::parse)?,
            subject: row.get(3)?,
            run_id: row.get::<_, Option<i64>>(4)?.map(RunId),
        })
    })?;
    let mut events = Vec::new();
    for row in rows {
        events.extend(each(row?).into_iter().filter(|event| event.id > last));
    }
    events.truncate(limit as usize);
    Ok(events)
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
    fn runs_that_change_in_one_transaction_have_an_event_each_and_share_a_row() {
        let connection = Connection::open_in_memory().expect("opens");
        let tables = include_str!("../migrations/V1__first_tables.sql");
        connection.execute_batch(tables).expect("created");
        let pen = Pen::new(&connection);
        for (workspace, run) in [(1, 7), (2, 30), (1, 8), (1, 9)] {
            append_run(&pen, WorkspaceId(workspace), RunId(run), Timestamp::now());
        }
        tell_changed(&pen).ok().expect("appended");
        let kind = EventKind::Settings;
        append(&pen, WorkspaceId(1), kind, "1", None, Timestamp::now())
            .ok()
            .expect("appended");
        let read = |last, limit| {
            let events = after(&connection, EventId(last), limit).ok().expect("read");
            let told = |event: Event| (event.id.0, event.workspace_id.0, event.subject);
            Vec::from_iter(events.into_iter().map(told))
        };
        let event = |id, workspace, subject: &str| (id, workspace, subject.to_owned());
        let all = [
            event(1, 1, "7"),
            event(2, 1, "8"),
            event(3, 1, "9"),
            event(4, 2, "30"),
            event(5, 1, "1"),
        ];
        assert_eq!(read(0, 10), all);
        assert_eq!(read(0, 2), all[..2]);
        assert_eq!(read(2, 2), all[2..4]);
        let rows = "SELECT count(*) FROM events";
        let rows: i64 = connection
            .query_row(rows, [], |row| row.get(0))
            .expect("read");
        assert_eq!(rows, 3);
    }

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
