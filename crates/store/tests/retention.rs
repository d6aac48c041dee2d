//! Forgetting runs that are older than their workspace keeps them.

mod common;

use common::{WORKSPACE, at, begin_one, get, open, reopen, step, step_of};
use jiff::SignedDuration;
use switchhook_core::ids::RunId;
use switchhook_core::ports::{RunFilter, RunSearch, Runs, Speaker, TranscriptLine};
use switchhook_core::run::{EndCode, RunInput};
use switchhook_core::walk::LineKind;
use switchhook_store::Database;

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
async fn a_run_that_was_changed_after_it_was_indexed_goes_with_its_words() {
    let (_dir, database) = open();
    let run = ended(&database, "pineapple").await;
    index(&database).await;
    let late = TranscriptLine {
        at: at(3),
        speaker: Speaker::Agent,
        node_id: None,
        text: "mango".to_owned(),
        kind: LineKind::Speech,
    };
    let added = database.append_transcript(run, vec![late]).await;
    added.expect("written");
    let other = ended(&database, "mango").await;
    index(&database).await;
    let before = get(&database, other).await.created_at + SignedDuration::from_secs(1);
    let forgotten = database.forget_runs(WORKSPACE, before, 1).await;
    assert_eq!(forgotten.expect("written"), 1);
    assert_eq!(found(&database, "pineapple").await, []);
    assert_eq!(found(&database, "mango").await, [other]);
}
