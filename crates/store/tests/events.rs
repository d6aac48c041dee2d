//! The live event log: every change leaves a hint, in order, and waiting readers are woken.

mod common;

use common::{AGENT, CONFIGURATION, WORKSPACE, at, begin_one, open, reopen, step};
use std::sync::Arc;
use switchhook_core::agent::AgentStatus;
use switchhook_core::ids::EventId;
use switchhook_core::ports::{
    Agents, ConfigurationChange, EventKind, Events, Settings, Telephony, Workspaces,
};
use switchhook_core::run::RunInput;

#[tokio::test]
async fn every_change_leaves_a_hint_of_its_kind() {
    let (_dir, database) = open();
    let before = database.last_event().await.expect("read");
    let run = begin_one(&database).await;
    step(&database, run, 1, RunInput::Ringing).await;
    database
        .set_agent_status(WORKSPACE, AGENT, AgentStatus::Archived, at(1))
        .await
        .expect("written");
    let change = ConfigurationChange {
        name: Some("X".to_owned()),
        ..ConfigurationChange::default()
    };
    database
        .change_configuration(WORKSPACE, CONFIGURATION, change, at(1))
        .await
        .expect("written");
    let settings = Settings {
        concurrent_calls: 1,
        requests_per_second: None,
        default_country: None,
        public_base_url: None,
        record_request_bodies: false,
        keep_request_bodies_hours: None,
        keep_runs_days: None,
    };
    database
        .put_settings(WORKSPACE, settings, at(1))
        .await
        .expect("written");
    database
        .announce(
            WORKSPACE,
            EventKind::DeskPhone,
            "call".to_owned(),
            Some(run),
        )
        .await
        .expect("written");

    let events = database.events_after(before, 10).await.expect("read");
    let hints: Vec<_> = events
        .iter()
        .map(|event| (event.kind, event.subject.as_str(), event.run_id))
        .collect();
    let id = run.to_string();
    let expected = [
        (EventKind::Run, id.as_str(), Some(run)),
        (EventKind::Run, id.as_str(), Some(run)),
        (EventKind::Agent, "1", None),
        (EventKind::Telephony, "1", None),
        (EventKind::Settings, "1", None),
        (EventKind::DeskPhone, "call", Some(run)),
    ];
    assert_eq!(hints, expected);
    let page = database.events_after(events[1].id, 2).await.expect("read");
    assert_eq!(
        page.iter().map(|event| event.id).collect::<Vec<_>>(),
        [events[2].id, events[3].id]
    );
}

#[tokio::test]
async fn a_reader_waits_until_something_happens() {
    let (_dir, database) = open();
    let database = Arc::new(database);
    let before = database.last_event().await.expect("read");
    let waiting = tokio::spawn({
        let database = database.clone();
        async move { database.events_after(before, 10).await.expect("read") }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    database
        .announce(WORKSPACE, EventKind::DeskPhone, "call".to_owned(), None)
        .await
        .expect("written");
    assert_eq!(waiting.await.expect("ends")[0].subject, "call");
}

#[tokio::test]
async fn old_events_are_forgotten_at_the_next_start_and_no_id_is_used_again() {
    let (dir, database) = open();
    database
        .announce(WORKSPACE, EventKind::Key, "1".to_owned(), None)
        .await
        .expect("written");
    let last = database.last_event().await.expect("read");
    drop(database);
    let direct = rusqlite::Connection::open(dir.path().join("data/switchhook.db")).expect("opens");
    direct
        .execute("UPDATE events SET at = 0", [])
        .expect("aged");
    drop(direct);
    let database = reopen(dir.path());
    assert_eq!(database.last_event().await.expect("read"), last);
    database
        .announce(WORKSPACE, EventKind::Key, "2".to_owned(), None)
        .await
        .expect("written");
    let all = database.events_after(EventId(0), 10).await.expect("read");
    assert_eq!(
        all.iter().map(|event| event.id).collect::<Vec<_>>(),
        [EventId(last.0 + 1)]
    );
}
