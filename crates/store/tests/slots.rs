//! The limits of concurrent calls, per workspace and per configuration, and whom a callback's token
//! belongs to.

mod common;

use common::{WORKSPACE, another, at, begin, new_run, open, reopen, step, waiting};
use serde_json::json;
use std::sync::Arc;
use switchhook_core::ids::{RunId, TelephonyConfigurationId};
use switchhook_core::ports::{Begun, NewConfiguration, NewRun, Runs, Telephony, TestCall};
use switchhook_core::run::{EndCode, RunInput};
use switchhook_store::Database;

async fn second_configuration(database: &Database) -> TelephonyConfigurationId {
    let new = NewConfiguration {
        workspace_id: WORKSPACE,
        name: "Second".to_owned(),
        provider: "desk_phone".to_owned(),
        is_default: false,
        settings: json!({}),
        sealed_credentials: None,
        account_hash: None,
        at: at(0),
    };
    database
        .create_configuration(new)
        .await
        .expect("created")
        .id
}

async fn is_refused(database: &Database, run: &NewRun) -> bool {
    let begun = database.begin_run(another(run)).await.expect("answered");
    matches!(begun, Begun::LimitReached)
}

#[tokio::test]
async fn a_full_configuration_refuses_while_its_workspace_has_slots_left() {
    let (_dir, database) = open();
    let limited = NewRun {
        configuration_limit: Some(1),
        ..new_run(&database).await
    };
    let first = begin(&database, another(&limited)).await;
    assert!(is_refused(&database, &limited).await);
    assert_eq!(database.open_runs().await.expect("read").len(), 1);
    let other = NewRun {
        configuration_id: second_configuration(&database).await,
        ..another(&limited)
    };
    begin(&database, other).await;
    step(&database, first, 1, RunInput::Ended(EndCode::Busy)).await;
    begin(&database, another(&limited)).await;
}

#[tokio::test]
async fn a_full_workspace_refuses_whatever_its_configurations_have_left() {
    let (_dir, database) = open();
    let limited = NewRun {
        workspace_limit: 1,
        configuration_limit: Some(5),
        ..new_run(&database).await
    };
    begin(&database, another(&limited)).await;
    let other = NewRun {
        configuration_id: second_configuration(&database).await,
        ..another(&limited)
    };
    assert!(is_refused(&database, &other).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_parallel_requests_only_as_many_begin_as_their_configuration_allows() {
    let (_dir, database) = open();
    let database = Arc::new(database);
    let new = NewRun {
        workspace_limit: 100,
        configuration_limit: Some(7),
        ..new_run(&database).await
    };
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (database, new) = (database.clone(), another(&new));
        requests.spawn(async move { database.begin_run(new).await.expect("answered") });
    }
    let begun = requests.join_all().await;
    let started = begun
        .iter()
        .filter(|one| matches!(one, Begun::Started { .. }))
        .count();
    assert_eq!(started, 7);
}

#[tokio::test]
async fn a_run_that_waited_has_a_slot_from_its_call_to_its_end() {
    let (_dir, database) = open();
    let limited = NewRun {
        workspace_limit: 1,
        ..new_run(&database).await
    };
    let run = waiting(&database).await;
    let call = TestCall { waiting: Some(run) };
    let called = database.begin_test_call(another(&limited), call);
    let called = called.await.expect("written");
    assert!(matches!(called, Begun::Started { .. }));
    assert!(is_refused(&database, &limited).await);
    step(&database, run, 1, RunInput::Ended(EndCode::Busy)).await;
    begin(&database, another(&limited)).await;
}

/// Slots that do not match the open runs, as a program with a mistake would leave them.
#[tokio::test]
async fn slots_are_rebuilt_from_open_runs_at_the_start() {
    let (dir, database) = open();
    let limited = NewRun {
        workspace_limit: 2,
        configuration_limit: Some(2),
        ..new_run(&database).await
    };
    let over = begin(&database, another(&limited)).await;
    step(&database, over, 1, RunInput::Ended(EndCode::Busy)).await;
    begin(&database, another(&limited)).await;
    drop(database);
    let direct = rusqlite::Connection::open(dir.path().join("data/switchhook.db")).expect("opens");
    let miscounted = "UPDATE slot_counts SET taken = 0";
    assert_eq!(direct.execute(miscounted, []).expect("changed"), 1);
    drop(direct);
    let database = reopen(dir.path());
    begin(&database, another(&limited)).await;
    assert!(is_refused(&database, &limited).await);
    let open_runs = database.open_runs().await.expect("read");
    step(
        &database,
        open_runs[0].id,
        2,
        RunInput::Ended(EndCode::Busy),
    )
    .await;
    begin(&database, another(&limited)).await;
}

#[tokio::test]
async fn a_callback_finds_its_attempt_by_run_and_token_alone() {
    let (_dir, database) = open();
    let with = |hash, run: &NewRun| NewRun {
        callback_token_hash: hash,
        ..another(run)
    };
    let base = new_run(&database).await;
    let (ours, other) = (with(Some([7; 32]), &base), with(Some([8; 32]), &base));
    let run = begin(&database, ours.clone()).await;
    begin(&database, other).await;
    let without = begin(&database, with(None, &base)).await;
    let target = |run: RunId, hash| database.callback_target(run, hash);
    let found = target(run, [7; 32]).await.expect("read");
    assert_eq!(found, Some(ours.attempt_id));
    assert_eq!(target(run, [8; 32]).await.expect("read"), None);
    assert_eq!(target(without, [7; 32]).await.expect("read"), None);
    assert_eq!(target(RunId(99), [7; 32]).await.expect("read"), None);
}
