//! Forgetting runs, and putting a copy of the database back.

mod common;

use common::{WORKSPACE, at, begin_one, get, open, reopen, step, step_of};
use jiff::SignedDuration;
use std::fs;
use switchhook_core::ids::RunId;
use switchhook_core::ports::{RunFilter, RunSearch, Runs, Speaker, TranscriptLine, Workspaces};
use switchhook_core::run::{EndCode, RunInput};
use switchhook_core::walk::LineKind;
use switchhook_store::{Database, RestoreError};

/// A run that said a word and is over.
async fn ended(database: &Database, word: &str) -> RunId {
    let run = begin_one(database).await;
    step(database, run, 1, RunInput::Answered).await;
    let mut last = step_of(run, 2, RunInput::Ended(EndCode::CalleeHungUp));
    last.lines = vec![TranscriptLine {
        at: at(2),
        speaker: Speaker::Agent,
        node_id: None,
        text: word.to_owned(),
        kind: LineKind::Speech,
    }];
    database.step_run(last).await.expect("written");
    run
}

async fn index(database: &Database) {
    database.index_runs(100).await.expect("indexed");
}

async fn found(database: &Database, word: &str) -> Vec<RunId> {
    let search = RunSearch {
        words: word.to_owned(),
        filter: all(),
    };
    let found = database.search_runs(WORKSPACE, search).await.expect("read");
    found.runs.into_iter().map(|run| run.id).collect()
}

fn all() -> RunFilter {
    RunFilter {
        limit: 10,
        ..RunFilter::default()
    }
}

async fn count(database: &Database) -> i64 {
    database
        .total_runs(WORKSPACE, all())
        .await
        .expect("read")
        .runs
}

#[tokio::test]
async fn old_runs_go_with_their_words_and_open_ones_stay() {
    let (_dir, database) = open();
    let first = ended(&database, "pineapple").await;
    let second = ended(&database, "mango").await;
    let still_open = begin_one(&database).await;
    index(&database).await;
    assert_eq!(count(&database).await, 3);
    assert_eq!(found(&database, "pineapple").await, [first]);

    let later = at(0) + SignedDuration::from_hours(24);
    let one = database.forget_runs(WORKSPACE, later, 1).await;
    assert_eq!(one.expect("written"), 1);
    assert!(database.run(None, first).await.expect("read").is_none());
    assert!(database.transcript(first).await.expect("read").is_empty());
    assert_eq!(found(&database, "pineapple").await, []);
    assert_eq!(found(&database, "mango").await, [second]);
    assert_eq!(count(&database).await, 2);

    let rest = database.forget_runs(WORKSPACE, later, 10).await;
    assert_eq!(rest.expect("written"), 1);
    assert_eq!(get(&database, still_open).await.id, still_open);
    assert_eq!(count(&database).await, 1);
    let none = database.forget_runs(WORKSPACE, later, 10).await;
    assert_eq!(none.expect("written"), 0);
}

#[tokio::test]
async fn after_all_were_forgotten_new_ends_are_counted_and_found() {
    let (dir, database) = open();
    for _ in 0..3 {
        ended(&database, "pineapple").await;
    }
    index(&database).await;
    assert_eq!(count(&database).await, 3);
    let later = at(0) + SignedDuration::from_hours(24);
    let forgotten = database.forget_runs(WORKSPACE, later, 10).await;
    assert_eq!(forgotten.expect("written"), 3);
    drop(database);
    let database = reopen(dir.path());
    assert_eq!(count(&database).await, 0);
    let new = ended(&database, "pineapple").await;
    index(&database).await;
    assert_eq!(found(&database, "pineapple").await, [new]);
    assert_eq!(count(&database).await, 1);
}

#[tokio::test]
async fn runs_that_are_younger_stay() {
    let (_dir, database) = open();
    ended(&database, "pineapple").await;
    index(&database).await;
    let forgotten = database.forget_runs(WORKSPACE, at(0), 10).await;
    assert_eq!(forgotten.expect("written"), 0);
    assert_eq!(count(&database).await, 1);
}

#[tokio::test]
async fn a_copy_is_put_back_and_the_present_one_is_kept() {
    let (dir, database) = open();
    let data = dir.path().join("data");
    let copy = Database::backup(&data, None).expect("copied");
    database
        .rename_workspace(WORKSPACE, "After".to_owned(), at(1))
        .await
        .expect("written");
    Database::prepare_restore(&data, &copy).expect("prepared");
    assert!(Database::pending_restore(&data).is_some());
    drop(database);
    let name =
        async |database: &Database| database.workspaces().await.expect("read")[0].name.clone();
    let kept = Database::apply_restore(&data)
        .expect("moved")
        .expect("one waited");
    assert_eq!(name(&reopen(dir.path())).await, "My workspace");
    assert!(Database::apply_restore(&data).expect("looked").is_none());
    // What was there can be put back in its turn.
    Database::prepare_restore(&data, &kept).expect("prepared");
    Database::apply_restore(&data).expect("moved");
    assert_eq!(name(&reopen(dir.path())).await, "After");
}

#[tokio::test]
async fn a_restore_that_was_interrupted_goes_on() {
    let (dir, database) = open();
    let data = dir.path().join("data");
    let copy = Database::backup(&data, None).expect("copied");
    drop(database);
    Database::prepare_restore(&data, &copy).expect("prepared");
    // As after a crash between the two moves.
    fs::rename(data.join("switchhook.db"), data.join("elsewhere.db")).expect("moved");
    assert!(Database::apply_restore(&data).expect("moved").is_some());
    assert_eq!(
        reopen(dir.path()).workspaces().await.expect("read").len(),
        1
    );
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
