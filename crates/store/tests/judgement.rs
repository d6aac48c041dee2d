//! What a trigger request is judged by may be kept in memory, and never outlives what it says.

mod common;

use common::{WORKSPACE, at, begin_one, new_run, open};
use jiff::Timestamp;
use switchhook_core::api_key::{Asker, Scope};
use switchhook_core::ports::{
    ApiKeys, Begun, IdempotencyClaim, Judgement, NewApiKey, NewRun, Runs, Workspaces,
};
use switchhook_core::trigger::Target;
use switchhook_store::{Database, mint_key};

async fn judge(database: &Database, asker: Asker) -> Judgement {
    let target = Target::Path("p".to_owned());
    let judgement = database.judgement(asker, &target, None, at(0), true);
    judgement.await.expect("read").expect("may ask")
}

async fn kept(database: &Database) -> Judgement {
    judge(database, Asker::Person(WORKSPACE)).await;
    let again = judge(database, Asker::Person(WORKSPACE)).await;
    assert!(again.kept.is_some());
    again
}

async fn begin(database: &Database, kept: &Judgement) -> Begun {
    let run = NewRun {
        kept: kept.kept,
        ..new_run(database).await
    };
    database.begin_run(run).await.expect("written")
}

async fn key(database: &Database, expires_at: Option<Timestamp>) -> Asker {
    let (_, hash, prefix) = mint_key();
    let key = NewApiKey {
        workspace_id: WORKSPACE,
        name: "n8n".to_owned(),
        hash,
        prefix,
        scope: Scope::Trigger,
        agents: Vec::new(),
        test_only: false,
        expires_at,
        at: at(0),
    };
    database.create_api_key(key).await.expect("created");
    Asker::Key(hash)
}

#[tokio::test]
async fn what_was_kept_lets_a_run_begin_while_only_runs_are_written() {
    let (_dir, database) = open();
    let judgement = kept(&database).await;
    begin_one(&database).await;
    let begun = begin(&database, &judgement).await;
    assert!(matches!(begun, Begun::Started { .. }), "{begun:?}");
}

#[tokio::test]
async fn a_change_in_between_makes_what_was_kept_out_of_date() {
    let (_dir, database) = open();
    let judgement = kept(&database).await;
    let mut settings = database.settings(WORKSPACE).await.expect("read");
    settings.concurrent_calls = 3;
    let saved = database.put_settings(WORKSPACE, settings, at(1));
    saved.await.expect("written");
    let begun = begin(&database, &judgement).await;
    assert!(matches!(begun, Begun::Outdated), "{begun:?}");
    let anew = judge(&database, Asker::Person(WORKSPACE)).await;
    assert_eq!((anew.kept, anew.by.settings.concurrent_calls), (None, 3));
}

#[tokio::test]
async fn another_process_makes_what_was_kept_out_of_date() {
    let (dir, database) = open();
    let judgement = kept(&database).await;
    let other = Database::open(&dir.path().join("data")).expect("opens");
    key(&other, None).await;
    let begun = begin(&database, &judgement).await;
    assert!(matches!(begun, Begun::Outdated), "{begun:?}");
}

#[tokio::test]
async fn a_key_that_expired_since_is_not_kept_alive() {
    let (_dir, database) = open();
    let asker = key(&database, Some(at(10))).await;
    judge(&database, asker).await;
    let target = Target::Path("p".to_owned());
    let judgement = database.judgement(asker, &target, None, at(11), true);
    assert!(judgement.await.expect("read").is_none());
}

#[tokio::test]
async fn a_request_with_an_idempotency_key_is_always_read() {
    let (_dir, database) = open();
    kept(&database).await;
    let claim = IdempotencyClaim {
        route: "production/path/p".to_owned(),
        key: "k".to_owned(),
        body_hash: [1; 32],
    };
    let target = Target::Path("p".to_owned());
    let person = Asker::Person(WORKSPACE);
    let judgement = database.judgement(person, &target, Some(&claim), at(0), true);
    let judgement = judgement.await.expect("read").expect("may ask");
    assert!(judgement.kept.is_none());
}
