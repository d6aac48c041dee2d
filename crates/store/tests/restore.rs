//! Putting a copy of the database back, and what is not forgotten of the one that it replaces.

mod common;

use common::{
    WORKSPACE, another, at, begin, begin_one, get, new_run, open, reopen, step, step_of, waiting,
};
use jiff::Timestamp;
use std::fs;
use std::path::{Path, PathBuf};
use switchhook_core::api_key::Scope;
use switchhook_core::ids::RunId;
use switchhook_core::ports::{
    ApiKeys, Begun, Events, IdempotencyClaim, Instances, NewApiKey, NewRun, RunFilter, Runs,
    StoredReply, TestCall, Workspaces,
};
use switchhook_core::run::{EndCode, RunInput, RunState};
use switchhook_store::{Database, RestoreError, mint_key};
use tempfile::TempDir;

/// A data folder with a copy of its database.
struct Folder {
    dir: TempDir,
    data: PathBuf,
    copy: PathBuf,
}

impl Folder {
    fn of(dir: TempDir) -> Self {
        let data = dir.path().join("data");
        let copy = Database::backup(&data, None).expect("copied");
        Self { dir, data, copy }
    }

    /// Puts the copy back and opens it.
    fn restored(&self, present: Database) -> Database {
        drop(present);
        Database::prepare_restore(&self.data, &self.copy).expect("prepared");
        assert!(Database::apply_restore(&self.data, Timestamp::now()).expect("applied"));
        reopen(self.dir.path())
    }

    /// The same where nobody can read what is replaced.
    fn restored_blindly(&self, present: Database) -> Database {
        drop(present);
        for file in ["switchhook.db", "switchhook.db-wal"] {
            fs::write(self.data.join(file), "x".repeat(8192)).expect("written");
        }
        Database::prepare_restore(&self.data, &self.copy).expect("prepared");
        assert!(Database::apply_restore(&self.data, Timestamp::now()).expect("applied"));
        reopen(self.dir.path())
    }

    fn is_whole(&self) -> bool {
        Database::last_restore(&self.data)
            .expect("one was put back")
            .is_whole
    }

    fn kept(&self) -> Vec<String> {
        let names = fs::read_dir(&self.data).expect("listed").flatten();
        let names = names.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut kept: Vec<_> = names
            .filter(|name| name.starts_with("replaced-") && name.ends_with(".db"))
            .collect();
        kept.sort();
        kept
    }
}

fn apply(data: &Path) -> bool {
    Database::apply_restore(data, Timestamp::now()).expect("applied")
}

async fn name(database: &Database) -> String {
    database.workspaces().await.expect("read")[0].name.clone()
}

async fn rename(database: &Database, to: &str) {
    let renamed = database
        .rename_workspace(WORKSPACE, to.to_owned(), at(1))
        .await;
    renamed.expect("written");
}

#[tokio::test]
async fn a_copy_is_put_back_and_the_present_one_is_kept() {
    let (dir, database) = open();
    let folder = Folder::of(dir);
    rename(&database, "After").await;
    Database::prepare_restore(&folder.data, &folder.copy).expect("prepared");
    assert!(Database::pending_restore(&folder.data).is_some());
    assert!(Database::last_restore(&folder.data).is_none());
    let database = folder.restored(database);
    assert_eq!(name(&database).await, "My workspace");
    assert!(folder.is_whole());
    assert!(!apply(&folder.data), "none waits any more");
    let kept = folder.kept();
    let last = Database::last_restore(&folder.data).expect("there");
    assert_eq!(kept, [last.replaced.expect("kept")]);
    // What was there can be put back in its turn.
    drop(database);
    Database::prepare_restore(&folder.data, &folder.data.join(&kept[0])).expect("prepared");
    assert!(apply(&folder.data));
    assert_eq!(name(&reopen(folder.dir.path())).await, "After");
}

#[tokio::test]
async fn a_restore_that_was_interrupted_goes_on() {
    let (dir, database) = open();
    let folder = Folder::of(dir);
    rename(&database, "After").await;
    drop(database);
    Database::prepare_restore(&folder.data, &folder.copy).expect("prepared");
    // As after a crash between the two moves, when everything was written.
    assert!(apply(&folder.data));
    let kept = folder.kept();
    let ready = kept[0].replace("replaced-", "restored-");
    fs::rename(folder.data.join("switchhook.db"), folder.data.join(ready)).expect("moved");
    assert!(apply(&folder.data));
    assert_eq!(folder.kept(), kept);
    assert!(folder.is_whole());
    assert_eq!(name(&reopen(folder.dir.path())).await, "My workspace");
}

#[tokio::test]
async fn the_newest_two_replaced_databases_are_kept() {
    let (dir, mut database) = open();
    let folder = Folder::of(dir);
    let mut all = Vec::new();
    for _ in 0..4 {
        database = folder.restored(database);
        all.extend(folder.kept().pop());
    }
    assert_eq!(folder.kept(), all[2..]);
}

#[tokio::test]
async fn no_id_is_given_again() {
    let (dir, database) = open();
    let folder = Folder::of(dir);
    let new = new_run(&database).await;
    let mut last = RunId(0);
    for _ in 0..3 {
        last = begin(&database, another(&new)).await;
        step(&database, last, 1, RunInput::Answered).await;
        step(&database, last, 2, RunInput::Ended(EndCode::CalleeHungUp)).await;
    }
    let event = database.last_event().await.expect("read");
    let database = folder.restored(database);
    assert!(database.run(None, last).await.expect("read").is_none());
    assert_eq!(database.last_event().await.expect("read"), event);
    assert_eq!(begin_one(&database).await.0, last.0 + 1);
}

#[tokio::test]
async fn where_nobody_knows_which_ids_were_given_new_ones_begin_far_beyond() {
    let (dir, database) = open();
    let folder = Folder::of(dir);
    let signed = database.download_key([1; 32]).await.expect("kept");
    let event = database.last_event().await.expect("read");
    let database = folder.restored_blindly(database);
    assert!(!folder.is_whole());
    assert!(begin_one(&database).await.0 > 1_000_000);
    assert!(database.last_event().await.expect("read").0 > event.0 + 1_000_000);
    let key = database.download_key([2; 32]).await.expect("kept");
    assert_ne!(key, signed, "what was signed opens nothing any more");
}

#[tokio::test]
async fn what_the_copy_of_another_history_forgot_is_said() {
    let (dir, database) = open();
    let (_other_dir, other) = open();
    let other_folder = Folder::of(_other_dir);
    drop(other);
    let folder = Folder {
        copy: other_folder.copy.clone(),
        ..Folder::of(dir)
    };
    let _ = folder.restored(database);
    assert!(!folder.is_whole());
}

#[tokio::test]
async fn a_key_that_was_archived_since_stays_archived() {
    let (dir, database) = open();
    let (_, hash, prefix) = mint_key();
    let new = NewApiKey {
        workspace_id: WORKSPACE,
        name: "n8n".to_owned(),
        hash,
        prefix,
        scope: Scope::Trigger,
        agents: Vec::new(),
        test_only: false,
        expires_at: None,
        at: at(0),
    };
    let key = database.create_api_key(new).await.expect("written").id;
    let folder = Folder::of(dir);
    let archived = database.set_api_key_archived(WORKSPACE, key, true, at(5));
    assert!(archived.await.expect("written"));
    let database = folder.restored(database);
    let found = database.api_key_by_hash(hash).await.expect("read");
    assert_eq!(found.expect("there").archived_at, Some(at(5)));
}

#[tokio::test]
async fn a_listener_that_was_switched_off_since_stays_off() {
    let (dir, database) = open();
    database
        .switch_control_listener(true)
        .await
        .expect("written");
    let folder = Folder::of(dir);
    database
        .switch_control_listener(false)
        .await
        .expect("written");
    let database = folder.restored(database);
    assert!(!database.is_control_listener_on().await.expect("read"));
    database
        .switch_control_listener(true)
        .await
        .expect("written");
    let database = folder.restored(database);
    assert!(database.is_control_listener_on().await.expect("read"));
    let database = folder.restored_blindly(database);
    assert!(!database.is_control_listener_on().await.expect("read"));
}

#[tokio::test]
async fn a_request_since_is_known_by_its_key_and_has_its_answer() {
    let (dir, database) = open();
    let folder = Folder::of(dir);
    let claimed = NewRun {
        idempotency: Some(IdempotencyClaim {
            route: "production/path/p".to_owned(),
            key: "k".to_owned(),
            body_hash: [1; 32],
        }),
        at: Timestamp::now(),
        ..new_run(&database).await
    };
    let run = begin(&database, another(&claimed)).await;
    let mut last = step_of(run, 1, RunInput::Ended(EndCode::Busy));
    let reply = StoredReply {
        status: 200,
        body: "{}".to_owned(),
    };
    last.reply = Some(reply.clone());
    database.step_run(last).await.expect("written");
    let database = folder.restored(database);
    assert!(database.run(None, run).await.expect("read").is_none());
    let again = database.begin_run(another(&claimed)).await.expect("read");
    let Begun::Repeated(earlier) = again else {
        panic!("a second call: {again:?}");
    };
    assert_eq!(
        (earlier.run_id, earlier.same_body, earlier.reply),
        (run, true, Some(reply))
    );
}

#[tokio::test]
async fn a_run_that_was_open_in_the_copy_and_is_over_has_its_end() {
    let (dir, database) = open();
    let run = begin_one(&database).await;
    let folder = Folder::of(dir);
    step(&database, run, 1, RunInput::Answered).await;
    step(&database, run, 2, RunInput::Ended(EndCode::CalleeHungUp)).await;
    let before = database.timeline(run).await.expect("read");
    let database = folder.restored(database);
    let found = get(&database, run).await;
    assert_eq!(found.end.map(|end| end.code), Some(EndCode::CalleeHungUp));
    assert_eq!(found.attempts.len(), 1);
    let after = database.timeline(run).await.expect("read");
    assert_eq!(format!("{after:?}"), format!("{before:?}"));
    let filter = RunFilter {
        limit: 10,
        over: true,
        ..RunFilter::default()
    };
    let listed = database.runs(WORKSPACE, filter).await.expect("read");
    assert_eq!(Vec::from_iter(listed.iter().map(|run| run.id)), [run]);
    assert!(folder.is_whole());
}

#[tokio::test]
async fn a_call_that_goes_on_is_open_whether_the_copy_has_it_or_not() {
    let (dir, database) = open();
    let earlier = begin_one(&database).await;
    let folder = Folder::of(dir);
    let later = begin_one(&database).await;
    for run in [earlier, later] {
        step(&database, run, 1, RunInput::Answered).await;
    }
    let before = [get(&database, earlier).await, get(&database, later).await];
    let database = folder.restored(database);
    let open = database.open_runs().await.expect("read");
    assert_eq!(format!("{open:?}"), format!("{before:?}"));
    assert_eq!(open[1].state, RunState::InProgress);
}

async fn call(database: &Database, run: RunId) -> Begun {
    let call = TestCall { waiting: Some(run) };
    let new = new_run(database).await;
    database.begin_test_call(new, call).await.expect("written")
}

#[tokio::test]
async fn a_run_that_waited_and_was_called_is_not_called_again() {
    let (dir, database) = open();
    let (called, waits) = (waiting(&database).await, waiting(&database).await);
    let folder = Folder::of(dir);
    assert!(matches!(
        call(&database, called).await,
        Begun::Started { .. }
    ));
    let database = folder.restored(database);
    assert!(matches!(
        call(&database, called).await,
        Begun::RunNotWaiting
    ));
    assert!(matches!(
        call(&database, waits).await,
        Begun::Started { .. }
    ));
}

#[tokio::test]
async fn where_nobody_knows_whether_a_run_was_called_it_waits_no_longer() {
    let (dir, database) = open();
    let (run, open_one) = (waiting(&database).await, begin_one(&database).await);
    let folder = Folder::of(dir);
    let database = folder.restored_blindly(database);
    assert!(matches!(call(&database, run).await, Begun::RunNotWaiting));
    let end = get(&database, run).await.end.map(|end| end.code);
    assert_eq!(end, Some(EndCode::Interrupted));
    // One that was called is looked up at its carrier, as after a crash.
    let open = database.open_runs().await.expect("read");
    assert_eq!(Vec::from_iter(open.iter().map(|run| run.id)), [open_one]);
}

#[tokio::test]
async fn what_is_no_database_of_ours_or_a_newer_ones_is_not_put_back() {
    let (dir, database) = open();
    let data = dir.path().join("data");
    let file = dir.path().join("some.db");
    let refused =
        |file: &std::path::Path| Database::prepare_restore(&data, file).expect_err("refused");
    assert!(matches!(refused(&file), RestoreError::Missing(_)));
    fs::write(&file, "not a database at all, whatever it is called").expect("written");
    assert!(matches!(refused(&file), RestoreError::Foreign(_)));
    fs::remove_file(&file).expect("removed");
    rusqlite::Connection::open(&file)
        .and_then(|other| other.execute_batch("CREATE TABLE cats (id INTEGER)"))
        .expect("made");
    assert!(matches!(refused(&file), RestoreError::Foreign(_)));
    let copy = Database::backup(&data, None).expect("copied");
    let newer = "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (9999, 'x', '', '0')";
    rusqlite::Connection::open(&copy)
        .and_then(|newer_one| newer_one.execute_batch(newer))
        .expect("changed");
    assert!(matches!(
        refused(&copy),
        RestoreError::Newer { found: 9999, .. }
    ));
    assert!(Database::pending_restore(&data).is_none());
    drop(database);
}
