//! Tests of a disk that fails while the database is open: what is refused, in which words, and
//! that nothing half-written stays. In here and not in tests/ because the failures are made on the
//! writer's own connection. What a damaged file means at the start is in tests/rescue.rs.

use crate::Database;
use crate::common::{another, at, begin, begin_one, new_run, open, reopen};
use crate::database::{FILE_NAME, bring_up_to_date, connect_read_only};
use crate::readers::Readers;
use crate::writer::Writer;
use refinery::{Migration, Runner};
use rusqlite::Connection;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use switchhook_core::ports::{Begun, NewRun, Runs, StoreError, Stored, Workspaces};

fn file(dir: &Path) -> PathBuf {
    dir.join("data").join(FILE_NAME)
}

/// How many rows each table has, read past the program.
fn rows(dir: &Path) -> Vec<(String, i64)> {
    let direct = Connection::open(file(dir)).expect("opens");
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL %' ORDER BY name";
    let mut statement = direct.prepare(sql).expect("reads");
    let names = statement.query_map([], |row| row.get::<_, String>(0));
    let count = |name: String| {
        let sql = format!("SELECT count(*) FROM {name}");
        let count = direct.query_row(&sql, [], |row| row.get(0));
        (name, count.expect("counted"))
    };
    names
        .expect("reads")
        .map(|name| count(name.expect("a name")))
        .collect()
}

fn rows_of(dir: &Path, table: &str) -> i64 {
    let rows = rows(dir);
    rows.iter()
        .find(|(name, _)| name == table)
        .expect("there")
        .1
}

/// How many slots are taken.
fn taken(dir: &Path) -> i64 {
    let sql = "SELECT coalesce(sum(taken), 0) FROM slot_counts";
    let connection = connect_read_only(&file(dir)).expect("opens");
    let taken = connection.query_row(sql, [], |row| row.get(0));
    taken.expect("read")
}

/// Does something to the writer's connection, between two commits.
async fn at_the_writer(
    database: &Database,
    what: impl FnOnce(&Connection) -> rusqlite::Result<()> + Send + 'static,
) {
    let done = database
        .writer
        .write(move |connection| Ok(what(connection)?));
    done.await.expect("done");
}

async fn allow_pages(database: &Database, pages: u32) {
    at_the_writer(database, move |connection| {
        connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
    })
    .await;
}

/// A run that needs many new pages.
fn large(run: &NewRun) -> NewRun {
    let mut large = another(run);
    let text = "x".repeat(1_000_000);
    Arc::make_mut(&mut large.initial_context).insert("text".to_owned(), text.into());
    large
}

fn refusal<T: std::fmt::Debug>(answer: Stored<T>) -> String {
    match answer.expect_err("refused") {
        StoreError::Unavailable(message) => message,
        other => panic!("another error: {other}"),
    }
}

#[tokio::test]
async fn a_full_disk_refuses_a_run_and_leaves_nothing_of_it() {
    let (dir, database) = open();
    let run = new_run(&database).await;
    begin(&database, another(&run)).await;
    let before = rows(dir.path());
    // SQLite takes the smallest number to mean the pages there are.
    allow_pages(&database, 1).await;
    let message = refusal(database.begin_run(large(&run)).await);
    assert!(message.contains("the disk is full"), "{message}");
    assert_eq!(rows(dir.path()), before);
    allow_pages(&database, 1_000_000).await;
    begin(&database, large(&run)).await;
}

#[tokio::test]
async fn on_a_full_disk_each_write_of_a_shared_commit_is_there_exactly_when_it_was_answered() {
    let (dir, database) = open();
    let run = new_run(&database).await;
    allow_pages(&database, 1).await;
    // One poll of each puts all three in the queue before any is answered.
    let (first, refused, last) = tokio::join!(
        database.begin_run(another(&run)),
        database.begin_run(large(&run)),
        database.begin_run(another(&run)),
    );
    assert!(refusal(refused).contains("the disk is full"));
    let mut begun = 0;
    for answer in [first, last] {
        match answer {
            Ok(Begun::Started { .. }) => begun += 1,
            other => assert!(refusal(other).contains("the disk is full")),
        }
    }
    assert_eq!(rows_of(dir.path(), "runs"), begun);
    assert_eq!(taken(dir.path()), begun);
}

#[tokio::test]
async fn a_disk_that_is_only_read_refuses_a_run_and_still_shows_what_is_there() {
    let (dir, database) = open();
    let shown = begin_one(&database).await;
    let run = new_run(&database).await;
    let read_only = || connect_read_only(&file(dir.path())).expect("opens");
    let database = Database {
        writer: Writer::start(read_only()).expect("started"),
        readers: Readers::start(vec![read_only()]).expect("started"),
        totals: Arc::default(),
        commits_at_index: std::sync::atomic::AtomicU64::default(),
        kept: crate::runs::Kept::default(),
        artifacts: crate::artifacts::Folder::of(dir.path()),
    };
    let before = rows(dir.path());
    let message = refusal(database.begin_run(run).await);
    assert!(message.contains("may only be read"), "{message}");
    assert_eq!(rows(dir.path()), before);
    let open_runs = database.open_runs().await.expect("read");
    assert_eq!(open_runs[0].id, shown);
}

#[tokio::test]
async fn a_database_that_another_program_holds_refuses_a_run_until_it_is_free() {
    let (dir, database) = open();
    let run = new_run(&database).await;
    at_the_writer(&database, |connection| {
        connection.busy_timeout(Duration::from_millis(20))
    })
    .await;
    let other = Connection::open(file(dir.path())).expect("opens");
    other.execute_batch("BEGIN EXCLUSIVE").expect("locked");
    let message = refusal(database.begin_run(another(&run)).await);
    assert!(message.contains("another program holds"), "{message}");
    other.execute_batch("COMMIT").expect("freed");
    assert_eq!(rows_of(dir.path(), "runs"), 0);
    begin(&database, run).await;
}

#[tokio::test]
async fn a_file_that_is_overwritten_while_it_is_open_refuses_a_run_and_leaves_nothing_of_it() {
    let (dir, database) = open();
    let run = new_run(&database).await;
    drop(database);
    let database = reopen(dir.path());
    at_the_writer(&database, |connection| {
        connection.execute_batch("PRAGMA shrink_memory")
    })
    .await;
    let whole = fs::read(file(dir.path())).expect("read");
    let mut damaged = File::options()
        .write(true)
        .open(file(dir.path()))
        .expect("opens");
    let mut overwrite = |from: usize, bytes: &[u8]| {
        damaged
            .seek(SeekFrom::Start(from as u64))
            .and_then(|_| damaged.write_all(bytes))
            .expect("written");
    };
    // The first page has the schema, which the connection knows by heart.
    overwrite(4096, &vec![0xa5; whole.len() - 4096]);
    let message = refusal(database.begin_run(another(&run)).await);
    assert!(message.contains("the database is damaged"), "{message}");
    overwrite(4096, &whole[4096..]);
    assert_eq!(rows_of(dir.path(), "runs"), 0);
    assert_eq!(taken(dir.path()), 0);
    drop(database);
    begin(&reopen(dir.path()), run).await;
}

/// The number of the newest migration.
fn newest() -> i64 {
    let runner = crate::database::migrations::migrations::runner();
    let versions = runner.get_migrations().iter().map(Migration::version);
    versions.max().expect("there is a first one").into()
}

/// One more migration than there are.
fn later(sql: &str) -> Runner {
    let mut migrations = crate::database::migrations::migrations::runner()
        .get_migrations()
        .clone();
    let name = format!("V{}__later", newest() + 1);
    migrations.push(Migration::unapplied(&name, sql).expect("well named"));
    Runner::new(&migrations)
}

fn backups(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<_> = fs::read_dir(dir.join("data/backups")).map_or_else(
        |_| Vec::new(),
        |entries| entries.map(|entry| entry.expect("read").path()).collect(),
    );
    found.sort();
    found
}

#[tokio::test]
async fn an_existing_database_is_copied_before_it_is_migrated_and_a_current_one_is_not() {
    let (dir, database) = open();
    begin_one(&database).await;
    drop(database);
    drop(reopen(dir.path()));
    assert_eq!(backups(dir.path()), Vec::<PathBuf>::new());
    let mut connection = Connection::open(file(dir.path())).expect("opens");
    let data = dir.path().join("data");
    let runner = later("CREATE TABLE later (id INTEGER) STRICT;");
    bring_up_to_date(&mut connection, &data, &runner, at(0)).expect("migrated");
    let found = backups(dir.path());
    let name = found[0].file_name().and_then(|name| name.to_str());
    let expected = format!("switchhook-{}-20260921T141320.000000Z.db", newest());
    assert_eq!(name, Some(expected.as_str()));
    let tables = |path: &Path| -> (i64, i64) {
        let sql = "SELECT (SELECT count(*) FROM runs), (SELECT count(*) FROM sqlite_schema WHERE name = 'later')";
        let opened = Connection::open(path).expect("opens");
        opened
            .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
            .expect("read")
    };
    assert_eq!(tables(&found[0]), (1, 0));
    assert_eq!(tables(&file(dir.path())), (1, 1));
    bring_up_to_date(&mut connection, &data, &runner, at(1)).expect("nothing to do");
    assert_eq!(backups(dir.path()).len(), 1);
}

#[tokio::test]
async fn without_a_copy_nothing_is_migrated() {
    let (dir, database) = open();
    drop(database);
    let data = dir.path().join("data");
    fs::write(data.join("backups"), "in the way").expect("written");
    let mut connection = Connection::open(file(dir.path())).expect("opens");
    let runner = later("DROP TABLE runs;");
    let refused = bring_up_to_date(&mut connection, &data, &runner, at(0));
    let refused = refused.expect_err("no copy").to_string();
    assert!(refused.contains("no copy of it could be made"), "{refused}");
    assert_eq!(rows_of(dir.path(), "runs"), 0);
    drop(connection);
    fs::remove_file(data.join("backups")).expect("removed");
    let database = reopen(dir.path());
    assert_eq!(database.workspaces().await.expect("read").len(), 1);
}
