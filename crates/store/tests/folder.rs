//! The data folder: who may read it, what a restart finds, which program may open it, one server
//! per folder, and writes that share a commit.

mod common;

use common::{AGENT, WORKSPACE, another, at, begin, begin_one, get, new_run, open, reopen, step};
use std::sync::Arc;
use switchhook_core::agent::VersionStatus;
use switchhook_core::ids::PhoneNumberId;
use switchhook_core::ports::{Agents, EventKind, Events, Runs, StoreError, Telephony};
use switchhook_core::run::{EndCode, RunInput};
use switchhook_core::template;
use switchhook_store::{Database, LockError, OpenError, lock_server, running_server};

#[tokio::test(flavor = "multi_thread")]
async fn writes_that_wait_together_share_a_commit() {
    let (_dir, database) = open();
    let database = Arc::new(database);
    let mut new = new_run(&database).await;
    new.workspace_limit = 1000;
    let before = database.commits();
    let mut writes = tokio::task::JoinSet::new();
    for _ in 0..300 {
        let (database, new) = (database.clone(), another(&new));
        writes.spawn(async move { begin(&database, new).await });
    }
    let ids = writes.join_all().await;
    let commits = database.commits() - before;
    assert!(commits < 150, "300 writes took {commits} commits");
    let distinct: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), 300);
}

#[tokio::test]
async fn a_write_that_fails_leaves_its_neighbours_in_the_same_commit_alone() {
    let (_dir, database) = open();
    let good = new_run(&database).await;
    let mut bad = another(&good);
    bad.version_id = switchhook_core::ids::VersionId(999);
    // One poll of each puts all three in the queue before any is answered.
    let (first, failed, last) = tokio::join!(
        database.begin_run(another(&good)),
        database.begin_run(bad),
        database.begin_run(another(&good)),
    );
    assert!(matches!(failed, Err(StoreError::Unavailable(_))));
    assert!(first.is_ok() && last.is_ok());
    assert_eq!(database.open_runs().await.expect("read").len(), 2);
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_restart() {
    let (dir, database) = open();
    let run = begin_one(&database).await;
    step(&database, run, 1, RunInput::Ended(EndCode::Busy)).await;
    let last_event = database.last_event().await.expect("read");
    drop(database);
    let database = reopen(dir.path());
    assert_eq!(
        get(&database, run).await.end.expect("over").code,
        EndCode::Busy
    );
    assert_eq!(database.last_event().await.expect("read"), last_event);
    assert!(database.open_runs().await.expect("read").is_empty());
}

/// What a killed process leaves behind is the database and its log as they are on disk.
#[tokio::test]
async fn what_was_answered_survives_a_process_that_never_closes() {
    let (dir, database) = open();
    let run = begin_one(&database).await;
    let copy = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(copy.path().join("data")).expect("created");
    for name in ["switchhook.db", "switchhook.db-wal"] {
        let (from, to) = (
            dir.path().join("data").join(name),
            copy.path().join("data").join(name),
        );
        std::fs::copy(from, to).expect("copied");
    }
    let after = reopen(copy.path());
    assert_eq!(get(&after, run).await.id, run);
    assert_eq!(after.open_runs().await.expect("read").len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn the_folder_and_its_files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, database) = open();
    begin_one(&database).await;
    let lock = lock_server(&dir.path().join("data"), None, None).expect("free");
    let mode = |path: &std::path::Path| {
        std::fs::metadata(path).expect("there").permissions().mode() & 0o777
    };
    assert_eq!(mode(&dir.path().join("data")), 0o700);
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir.path().join("data")).expect("listed") {
        let path = entry.expect("an entry").path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
        names.push(path.file_name().expect("a name").to_owned());
    }
    for name in [
        "switchhook.db",
        "switchhook.db-wal",
        "switchhook.db-shm",
        "server.lock",
    ] {
        assert!(names.iter().any(|one| one == name), "{name}");
    }
    drop(lock);
}

#[test]
fn a_newer_programs_database_is_refused_before_anything_is_written() {
    let (dir, database) = open();
    drop(database);
    let path = dir.path().join("data/switchhook.db");
    let newer = rusqlite::Connection::open(&path).expect("opens");
    let newest = "SELECT max(version) FROM refinery_schema_history";
    let newest: i64 = newer.query_row(newest, [], |row| row.get(0)).expect("read");
    let row = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum)
        SELECT 999, 'later', applied_on, checksum FROM refinery_schema_history LIMIT 1";
    newer.execute(row, []).expect("inserted");
    drop(newer);
    let before = std::fs::read(&path).expect("read");
    let refused = Database::open(&dir.path().join("data"))
        .err()
        .expect("refused");
    let OpenError::Store(StoreError::Newer { found, known }) = refused else {
        panic!("another error: {refused}");
    };
    assert_eq!((found, known), (999, newest));
    assert_eq!(std::fs::read(&path).expect("read"), before);
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let dir = tempfile::tempdir().expect("a folder");
    std::fs::write(dir.path().join("file"), "").expect("written");
    let refused = Database::open(&dir.path().join("file/data"))
        .err()
        .expect("refused");
    assert!(matches!(refused, OpenError::Folder { .. }));
    assert!(refused.to_string().contains("file/data"), "{refused}");
}

#[test]
fn a_second_server_is_told_who_holds_the_folder() {
    let dir = tempfile::tempdir().expect("a folder");
    // The lock is taken before anything else, so it makes the folder of a first start.
    let dir = dir.path().join("data");
    let mut first = lock_server(&dir, Some("http://127.0.0.1:123456"), None).expect("free");
    first
        .set_addresses(Some("http://127.0.0.1:4665"), Some("http://127.0.0.1:4666"))
        .expect("written");
    let Err(LockError::Held(held)) = lock_server(&dir, None, None) else {
        panic!("the lock is held");
    };
    assert_eq!(held.pid, std::process::id());
    assert_eq!(held.public.as_deref(), Some("http://127.0.0.1:4665"));
    assert_eq!(held.control.as_deref(), Some("http://127.0.0.1:4666"));
    let text = held.to_string();
    assert!(
        text.contains(&held.pid.to_string()) && text.contains("http://127.0.0.1:4665"),
        "{text}"
    );
    drop(first);
    lock_server(&dir, None, None).expect("free again");
}

#[test]
fn only_a_server_that_runs_is_found_by_its_lock() {
    let dir = tempfile::tempdir().expect("a folder");
    let running = || running_server(dir.path()).expect("readable");
    assert_eq!(running(), None);
    let server = lock_server(dir.path(), Some("http://127.0.0.1:4665"), None).expect("free");
    let found = running().and_then(|held| held.public);
    assert_eq!(found.as_deref(), Some("http://127.0.0.1:4665"));
    drop(server);
    assert_eq!(running(), None, "what it wrote is still there");
}

#[test]
fn opening_at_the_same_time_makes_one_sample_workspace() {
    let dir = tempfile::tempdir().expect("a folder");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| drop(reopen(dir.path())));
        }
    });
    let direct = rusqlite::Connection::open(dir.path().join("data/switchhook.db")).expect("opens");
    let count = |table: &str| -> i64 {
        direct
            .query_row(&format!("SELECT count(*) FROM {table}"), [], |row| {
                row.get(0)
            })
            .expect("counted")
    };
    assert_eq!(
        (count("workspaces"), count("agents"), count("phone_numbers")),
        (1, 1, 1)
    );
}

#[tokio::test]
async fn two_processes_see_each_others_writes_and_events() {
    let (dir, server) = open();
    let command = reopen(dir.path());
    let before = server.last_event().await.expect("read");
    let run = begin_one(&command).await;
    assert_eq!(get(&server, run).await.id, run);
    let events = server.events_after(before, 10).await.expect("read");
    assert_eq!(
        (events[0].kind, events[0].run_id),
        (EventKind::Run, Some(run))
    );
}

#[tokio::test]
async fn the_sample_workspace_is_ready_for_a_first_call() {
    let (_dir, database) = open();
    let agent = database
        .agent(WORKSPACE, AGENT)
        .await
        .expect("read")
        .expect("there");
    assert_eq!(agent.agent.name, "Appointment reminder");
    let (published, draft) = (
        agent.published.expect("published"),
        agent.draft.expect("a draft"),
    );
    assert_eq!(
        (published.number, published.status),
        (1, VersionStatus::Published)
    );
    assert_eq!((draft.number, draft.status), (2, VersionStatus::Draft));
    assert_ne!(published.definition, draft.definition);
    let configuration = &database.configurations(WORKSPACE).await.expect("read")[0];
    assert!(
        configuration.is_default
            && configuration.provider == "desk_phone"
            && configuration.id.0 == 1
    );
    let number = &configuration.numbers[0];
    assert_eq!(
        (number.id, number.address.as_str()),
        (PhoneNumberId(1), "+15550100199")
    );
    assert!(number.is_default_caller_id && number.is_active);
}

#[tokio::test]
async fn the_sample_agent_greets_with_and_without_a_context() {
    let (_dir, database) = open();
    let agent = database
        .agent(WORKSPACE, AGENT)
        .await
        .expect("read")
        .expect("there");
    let draft = agent.draft.expect("a draft").definition;
    let greeting = draft["nodes"][0]["data"]["greeting"]
        .as_str()
        .expect("a greeting");
    let said = |context: serde_json::Value| {
        template::render(greeting, &common::object(context), at(0)).expect("renders")
    };
    let full = serde_json::json!({"customer_name": "Jane", "appointment_date": "15 March, 10:30"});
    let expected = "Hello Jane, this is the assistant of Northside Clinic. I am calling about your appointment on 15 March, \
        10:30. Does that still suit you?";
    assert_eq!(said(full), expected);
    let empty = said(serde_json::json!({}));
    assert!(
        empty.starts_with("Hello there, ") && empty.contains("appointment on the agreed day."),
        "{empty}"
    );
}
