//! The `Idempotency-Key`: of two equal requests one begins a run, the other is told what became of
//! it, for 24 hours.

mod common;

use common::{WORKSPACE, another, at, begin, new_run, open, step_of};
use jiff::Timestamp;
use std::sync::Arc;
use switchhook_core::api_key::{Asker, Scope};
use switchhook_core::ids::RunId;
use switchhook_core::ports::{
    ApiKeys, Begun, Earlier, IdempotencyClaim, NewApiKey, NewRun, Runs, StoredReply,
};
use switchhook_core::run::{EndCode, RunInput};
use switchhook_core::trigger::Target;
use switchhook_store::{Database, mint_key};

const PERSON: Asker = Asker::Person(WORKSPACE);

fn claim(key: &str, body: u8) -> IdempotencyClaim {
    IdempotencyClaim {
        route: "production/path/p".to_owned(),
        key: key.to_owned(),
        body_hash: [body; 32],
    }
}

async fn claimed(database: &Database, claim: IdempotencyClaim) -> NewRun {
    NewRun {
        idempotency: Some(claim),
        ..new_run(database).await
    }
}

/// What the snapshot of a trigger request says of an earlier one.
async fn earlier(database: &Database, claim: &IdempotencyClaim, at: Timestamp) -> Option<Earlier> {
    let target = Target::Path("p".to_owned());
    let snapshot = database.judgement(PERSON, &target, Some(claim), at, false);
    let snapshot = snapshot.await.expect("read");
    snapshot.expect("a person may ask").earlier
}

async fn repeated(database: &Database, run: NewRun) -> Earlier {
    match database.begin_run(run).await.expect("written") {
        Begun::Repeated(earlier) => earlier,
        other => panic!("not repeated: {other:?}"),
    }
}

fn new_key() -> NewApiKey {
    let (_, hash, prefix) = mint_key();
    NewApiKey {
        workspace_id: WORKSPACE,
        name: "n8n".to_owned(),
        hash,
        prefix,
        scope: Scope::Trigger,
        agents: Vec::new(),
        test_only: false,
        expires_at: None,
        at: at(0),
    }
}

fn reply() -> StoredReply {
    StoredReply {
        status: 200,
        body: r#"{"status":"initiated"}"#.to_owned(),
    }
}

async fn answer(database: &Database, run_id: RunId) {
    let mut accepted = step_of(run_id, 1, RunInput::Ringing);
    accepted.reply = Some(reply());
    database.step_run(accepted).await.expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_equal_requests_at_the_same_time_one_begins_a_run() {
    let (_dir, database) = open();
    let database = Arc::new(database);
    let new = NewRun {
        workspace_limit: 1000,
        ..claimed(&database, claim("k", 1)).await
    };
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let (database, new) = (database.clone(), another(&new));
        requests.spawn(async move { database.begin_run(new).await.expect("written") });
    }
    let begun = requests.join_all().await;
    let started = begun
        .iter()
        .filter(|begun| matches!(begun, Begun::Started { .. }))
        .count();
    assert_eq!(
        (started, database.open_runs().await.expect("read").len()),
        (1, 1)
    );
}

#[tokio::test]
async fn a_repeat_is_told_the_run_and_whether_it_was_answered_yet() {
    let (_dir, database) = open();
    let new = claimed(&database, claim("k", 1)).await;
    let run = begin(&database, new.clone()).await;
    let in_flight = repeated(&database, another(&new)).await;
    assert_eq!(
        (in_flight.run_id, in_flight.same_body, in_flight.reply),
        (run, true, None)
    );
    answer(&database, run).await;
    let answered = repeated(&database, another(&new)).await;
    assert_eq!(answered.reply, Some(reply()));
    let read = earlier(&database, &claim("k", 1), at(1))
        .await
        .expect("there");
    assert_eq!((read.run_id, read.reply), (run, Some(reply())));
}

#[tokio::test]
async fn another_body_is_told_from_the_same() {
    let (_dir, database) = open();
    begin(&database, claimed(&database, claim("k", 1)).await).await;
    assert!(
        !repeated(&database, claimed(&database, claim("k", 2)).await)
            .await
            .same_body
    );
}

#[tokio::test]
async fn a_key_counts_per_caller_and_route() {
    let (_dir, database) = open();
    begin(&database, claimed(&database, claim("k", 1)).await).await;
    let other_route = IdempotencyClaim {
        route: "test/path/p".to_owned(),
        ..claim("k", 1)
    };
    begin(&database, claimed(&database, other_route).await).await;
    let key = database.create_api_key(new_key()).await.expect("created");
    let other_caller = NewRun {
        api_key_id: Some(key.id),
        ..claimed(&database, claim("k", 1)).await
    };
    begin(&database, other_caller).await;
}

#[tokio::test]
async fn a_key_is_forgotten_after_24_hours() {
    let (_dir, database) = open();
    let new = claimed(&database, claim("k", 1)).await;
    begin(&database, new.clone()).await;
    let day = 24 * 60 * 60;
    assert!(
        earlier(&database, &claim("k", 1), at(day - 1))
            .await
            .is_some()
    );
    assert!(earlier(&database, &claim("k", 1), at(day)).await.is_none());
    begin(
        &database,
        NewRun {
            at: at(day),
            ..another(&new)
        },
    )
    .await;
}

#[tokio::test]
async fn a_reply_is_kept_even_when_the_step_itself_comes_too_late() {
    let (_dir, database) = open();
    let run = begin(&database, claimed(&database, claim("k", 1)).await).await;
    database
        .step_run(step_of(run, 1, RunInput::Ended(EndCode::Busy)))
        .await
        .expect("written");
    answer(&database, run).await;
    let earlier = earlier(&database, &claim("k", 1), at(2))
        .await
        .expect("there");
    assert_eq!(earlier.reply, Some(reply()));
}

#[tokio::test]
async fn the_snapshot_of_a_trigger_request_has_the_earlier_request() {
    let (_dir, database) = open();
    let run = begin(&database, claimed(&database, claim("k", 1)).await).await;
    let target = Target::Path("p".to_owned());
    let claim = claim("k", 1);
    let snapshot = database
        .judgement(PERSON, &target, Some(&claim), at(1), false)
        .await
        .expect("read")
        .expect("a person may ask");
    assert_eq!(snapshot.earlier.expect("there").run_id, run);
    assert_eq!(snapshot.by.settings.concurrent_calls, 10);
    assert_eq!(snapshot.by.configurations[0].numbers.len(), 1);
    let without = database
        .judgement(PERSON, &target, None, at(1), false)
        .await
        .expect("read")
        .expect("a person may ask");
    assert!(without.earlier.is_none());
}
