//! What is kept of the exchanges with a carrier: in order, bounded, repetitions counted.

mod common;

use common::{at, begin, new_run, open};
use std::time::Duration;
use switchhook_core::ids::{AttemptId, RunId};
use switchhook_core::ports::{Exchange, ExchangeKind, KeptExchange, Runs};
use switchhook_store::Database;

fn exchange(run_id: RunId, attempt_id: AttemptId, seconds: i64, status: u16) -> Exchange {
    let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
    Exchange {
        run_id,
        attempt_id,
        kind: ExchangeKind::LookUp,
        at: at(seconds),
        took: Some(Duration::from_millis(12)),
        target: "GET /Calls/CA1.json".to_owned(),
        status: Some(status),
        note: None,
        request: pair("PageSize", "20"),
        reply: pair("status", "ringing"),
    }
}

async fn kept(database: &Database, run: RunId) -> Vec<KeptExchange> {
    database.exchanges(run).await.expect("read")
}

#[tokio::test]
async fn an_exchange_comes_back_as_it_was_and_repetitions_are_counted() {
    let (_dir, database) = open();
    let new = new_run(&database).await;
    let attempt = new.attempt_id;
    let run = begin(&database, new).await;
    let first = exchange(run, attempt, 1, 200);
    for one in [
        first.clone(),
        exchange(run, attempt, 3, 200),
        exchange(run, attempt, 5, 404),
        exchange(run, attempt, 7, 200),
    ] {
        database.record_exchange(one).await.expect("written");
    }
    let kept = kept(&database, run).await;
    let facts: Vec<_> = kept
        .iter()
        .map(|kept| (kept.exchange.status, kept.times, kept.last_at))
        .collect();
    let expected = [
        (Some(200), 2, at(3)),
        (Some(404), 1, at(5)),
        (Some(200), 1, at(7)),
    ];
    assert_eq!(facts, expected);
    assert_eq!(kept[0].exchange, first);
}

#[tokio::test]
async fn of_many_the_first_and_the_newest_stay() {
    let (_dir, database) = open();
    let new = new_run(&database).await;
    let attempt = new.attempt_id;
    let run = begin(&database, new).await;
    for number in 0..100 {
        let one = exchange(run, attempt, number.into(), 200 + number);
        database.record_exchange(one).await.expect("written");
    }
    let kept = kept(&database, run).await;
    let (first, last) = (&kept[0], kept.last().expect("some"));
    assert_eq!(kept.len(), 40);
    assert_eq!((first.exchange.status, first.left_out), (Some(200), 0));
    assert_eq!((last.exchange.status, last.left_out), (Some(299), 60));
}

#[tokio::test]
async fn an_exchange_of_no_run_is_none() {
    let (_dir, database) = open();
    let attempt = new_run(&database).await.attempt_id;
    let nobodys = RunId(4711);
    let one = exchange(nobodys, attempt, 1, 200);
    database.record_exchange(one).await.expect("taken");
    assert!(kept(&database, nobodys).await.is_empty());
}
