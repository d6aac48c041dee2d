//! The life of a run in the database: what is on disk before a number is dialled, what every step
//! writes, and that an end is written once.

mod common;

use common::{
    AGENT, WORKSPACE, another, at, begin, begin_one, get, new_run, object, open, publish, step,
    step_of,
};
use serde_json::json;
use std::sync::Arc;
use switchhook_core::agent::VersionStatus;
use switchhook_core::ids::{AgentId, RunId, WorkspaceId};
use switchhook_core::ports::{
    Begun, Events, RunFilter, Runs, Speaker, Step, TimelineEntry, TranscriptLine, Unwritten,
};
use switchhook_core::run::{EndCode, RunInput, RunState, Source, Verdict};
use switchhook_core::trigger::Mode;
use switchhook_core::walk::LineKind;
use switchhook_store::Database;

async fn told(database: &Database, run: RunId) -> Vec<(RunState, Source, Option<String>)> {
    let timeline = database.timeline(run).await.expect("read");
    timeline
        .into_iter()
        .map(
            |TimelineEntry {
                 state,
                 source,
                 note,
                 ..
             }| (state, source, note),
        )
        .collect()
}

fn accepted() -> RunInput {
    let metadata = object(json!({"channel_name": "PJSIP/101"}));
    RunInput::Accepted {
        carrier_call_id: Some("CA1".to_owned()),
        metadata,
    }
}

#[tokio::test]
async fn a_begun_run_is_dialing_and_carries_everything_it_was_given() {
    let (_dir, database) = open();
    let new = new_run(&database).await;
    let Begun::Started { run_id, name } = database.begin_run(new.clone()).await.expect("written")
    else {
        panic!("a slot is free");
    };
    assert_eq!(name, format!("WR-API-{run_id}"));
    let run = get(&database, run_id).await;
    assert_eq!(
        (run.name.as_str(), run.state, run.is_completed()),
        (name.as_str(), RunState::Dialing, false)
    );
    assert_eq!(
        (run.agent_name.as_str(), run.version_number),
        ("Appointment reminder", 1)
    );
    assert_eq!(run.version_status, VersionStatus::Published);
    assert_eq!(
        (Arc::new(run.initial_context), run.created_at),
        (new.initial_context, at(0))
    );
    assert_eq!(run.gathered_context, object(json!({})));
    assert_eq!(
        (run.attempts[0].id, run.attempts[0].outcome.as_str()),
        (new.attempt_id, "pending")
    );
    let ours = Source::Switchhook;
    let expected = [
        (RunState::Queued, ours, None),
        (RunState::Dialing, ours, None),
    ];
    assert_eq!(told(&database, run_id).await, expected);
}

#[tokio::test]
async fn a_test_run_says_so_in_its_name() {
    let (_dir, database) = open();
    let mut new = new_run(&database).await;
    new.mode = Mode::Test;
    let Begun::Started { run_id, name } = database.begin_run(new).await.expect("written") else {
        panic!("a slot is free");
    };
    assert_eq!(name, format!("WR-TEST-{run_id}"));
}

#[tokio::test]
async fn a_run_keeps_what_its_version_was_when_it_started() {
    let (_dir, database) = open();
    let run = begin_one(&database).await;
    publish(&database, AGENT, 1).await;
    assert_eq!(
        get(&database, run).await.version_status,
        VersionStatus::Published
    );
}

#[tokio::test]
async fn a_call_that_is_answered_and_ends_leaves_its_whole_record() {
    let (_dir, database) = open();
    let run = begin_one(&database).await;
    assert_eq!(step(&database, run, 1, accepted()).await, Verdict::Keep);
    step(&database, run, 2, RunInput::Ringing).await;
    step(&database, run, 5, RunInput::Answered).await;
    let mut end = step_of(run, 9, RunInput::Ended(EndCode::CalleeHungUp));
    end.note = Some("486".to_owned());
    database.step_run(end).await.expect("written");

    let run = get(&database, run).await;
    assert_eq!(
        (run.state, run.answered_at),
        (RunState::Completed, Some(at(5)))
    );
    let end = run.end.expect("over");
    assert_eq!((end.code, end.at), (EndCode::CalleeHungUp, at(9)));
    assert_eq!(run.attempts[0].carrier_call_id.as_deref(), Some("CA1"));
    assert_eq!(run.attempts[0].outcome, "accepted");
    let expected = json!({
        "provider": "desk_phone", "triggered_by": "window", "call_id": "CA1", "channel_name": "PJSIP/101",
        "trigger_uuid": "a-path", "call_disposition": "user_hangup", "mapped_call_disposition": "user_hangup",
    });
    assert_eq!(run.gathered_context, object(expected));
    let states: Vec<_> = told(&database, run.id)
        .await
        .into_iter()
        .map(|(state, ..)| state)
        .collect();
    use RunState::{Completed, Dialing, InProgress, Queued, Ringing};
    assert_eq!(states, [Queued, Dialing, Ringing, InProgress, Completed]);
    let last = told(&database, run.id).await.pop().expect("an entry");
    assert_eq!(last, (Completed, Source::Carrier, Some("486".to_owned())));
}

#[tokio::test]
async fn the_row_of_a_run_has_room_for_its_end_when_it_begins() {
    let (dir, database) = open();
    let run = begin_one(&database).await;
    let file = dir.path().join("data/switchhook.db");
    let direct = rusqlite::Connection::open(file).expect("opens");
    let length = || -> i64 {
        let sql = "SELECT length(state) + length(gathered_context) + coalesce(length(end_code), 0)
            FROM runs WHERE id = ?1";
        let length = direct.query_row(sql, [run.0], |row| row.get(0));
        length.expect("read")
    };
    let before = length();
    step(&database, run, 1, accepted()).await;
    step(&database, run, 2, RunInput::Answered).await;
    step(&database, run, 3, RunInput::Ended(EndCode::CalleeHungUp)).await;
    assert!(length() <= before);
}

#[tokio::test]
async fn steps_that_come_together_are_one_change_of_their_run() {
    let (_dir, database) = open();
    let run = begin_one(&database).await;
    let before = database.last_event().await.expect("read");
    let steps = Arc::new(Unwritten::default());
    for (seconds, input) in [
        (1, accepted()),
        (2, RunInput::Answered),
        (3, RunInput::Ended(EndCode::AgentEnded)),
        (4, RunInput::Ended(EndCode::Busy)),
    ] {
        steps.add(step_of(run, seconds, input));
    }
    let verdicts = database.step_run_through(steps).await.expect("written");
    let moved = |to, end| Verdict::Move { to, end };
    let expected = [
        Verdict::Keep,
        moved(RunState::InProgress, None),
        moved(RunState::Completed, Some(EndCode::AgentEnded)),
        Verdict::Ignore,
    ];
    assert_eq!(verdicts, expected);
    let read = get(&database, run).await;
    assert_eq!(read.answered_at, Some(at(2)));
    assert_eq!(
        read.end.map(|end| (end.code, end.at)),
        Some((EndCode::AgentEnded, at(3)))
    );
    let states: Vec<_> = told(&database, run)
        .await
        .into_iter()
        .map(|entry| entry.0)
        .collect();
    let last = [RunState::InProgress, RunState::Completed];
    assert_eq!(states[states.len() - 2..], last);
    let events = database.events_after(before, 10).await.expect("read");
    assert_eq!(events.len(), 1);
}

#[tokio::test]
async fn an_end_is_written_once() {
    let (_dir, database) = open();
    let run = begin_one(&database).await;
    step(&database, run, 1, RunInput::Ended(EndCode::Busy)).await;
    let before = (get(&database, run).await.end, told(&database, run).await);
    let last_event = database.last_event().await.expect("read");
    for code in EndCode::ALL {
        assert_eq!(
            step(&database, run, 2, RunInput::Ended(*code)).await,
            Verdict::Ignore
        );
    }
    assert_eq!(
        step(&database, run, 3, RunInput::Answered).await,
        Verdict::Ignore
    );
    assert_eq!(
        (get(&database, run).await.end, told(&database, run).await),
        before
    );
    assert_eq!(database.last_event().await.expect("read"), last_event);
}

#[tokio::test]
async fn a_refused_dial_ends_the_run_with_the_carriers_words() {
    let (_dir, database) = open();
    let run = begin_one(&database).await;
    step(
        &database,
        run,
        1,
        RunInput::Refused {
            message: "Failed to initiate call: no".to_owned(),
        },
    )
    .await;
    let read = get(&database, run).await;
    assert_eq!(
        (read.state, read.end.expect("over").code),
        (RunState::Failed, EndCode::CarrierRefused)
    );
    assert_eq!(read.attempts[0].outcome, "refused");
    let expected = json!({"error": "Failed to initiate call: no", "call_disposition": "error",
        "mapped_call_disposition": "error"});
    assert_eq!(read.gathered_context, object(expected));
    let last = told(&database, run).await.pop().expect("an entry");
    assert_eq!(last.2.as_deref(), Some("Failed to initiate call: no"));
}

#[tokio::test]
async fn an_unknown_outcome_holds_its_slot_until_it_is_final() {
    let (_dir, database) = open();
    let mut new = new_run(&database).await;
    new.workspace_limit = 1;
    let run = begin(&database, new.clone()).await;
    let unknown = |is_final| RunInput::Unknown {
        message: "no answer".to_owned(),
        is_final,
    };
    step(&database, run, 1, unknown(false)).await;
    let read = get(&database, run).await;
    assert_eq!(
        (read.state, read.is_completed()),
        (RunState::Indeterminate, false)
    );
    assert_eq!(read.attempts[0].outcome, "unknown");
    let full = database.begin_run(another(&new)).await.expect("written");
    assert!(matches!(full, Begun::LimitReached));
    step(&database, run, 2, unknown(true)).await;
    assert_eq!(
        get(&database, run).await.end.expect("over").code,
        EndCode::OutcomeUnknown
    );
    begin(&database, another(&new)).await;
}

#[tokio::test]
async fn the_end_of_a_run_frees_its_slot_and_a_refused_request_writes_nothing() {
    let (_dir, database) = open();
    let mut new = new_run(&database).await;
    new.workspace_limit = 2;
    let first = begin(&database, another(&new)).await;
    begin(&database, another(&new)).await;
    let last_event = database.last_event().await.expect("read");
    assert!(matches!(
        database.begin_run(another(&new)).await,
        Ok(Begun::LimitReached)
    ));
    assert_eq!(database.last_event().await.expect("read"), last_event);
    let filter = RunFilter {
        limit: 10,
        ..RunFilter::default()
    };
    let total = database.total_runs(WORKSPACE, filter).await.expect("read");
    assert_eq!(total.runs, 2);
    step(&database, first, 1, RunInput::Ended(EndCode::Canceled)).await;
    begin(&database, another(&new)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_200_parallel_requests_only_as_many_begin_as_there_are_slots() {
    let (_dir, database) = open();
    let database = std::sync::Arc::new(database);
    let mut new = new_run(&database).await;
    new.workspace_limit = 7;
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..200 {
        let (database, new) = (database.clone(), another(&new));
        requests.spawn(async move { database.begin_run(new).await.expect("written") });
    }
    let begun = requests.join_all().await;
    let started = begun
        .iter()
        .filter(|begun| matches!(begun, Begun::Started { .. }))
        .count();
    assert_eq!(started, 7);
    assert_eq!(database.open_runs().await.expect("read").len(), 7);
}

#[tokio::test]
async fn a_step_of_a_run_that_is_not_there_is_ignored() {
    let (_dir, database) = open();
    assert_eq!(
        step(&database, RunId(99), 1, RunInput::Answered).await,
        Verdict::Ignore
    );
}

#[tokio::test]
async fn gathered_keys_are_set_shallowly_and_an_empty_object_clears_nothing() {
    let (_dir, database) = open();
    let run = begin_one(&database).await;
    let answered = [(1, RunInput::Ringing), (2, RunInput::Answered)];
    let gathered = [json!({"a": {"x": 1}, "b": 1}), json!({"a": {"y": 2}})];
    for ((seconds, input), gathered) in answered.into_iter().zip(gathered) {
        let gathered = object(gathered);
        let step = Step {
            gathered,
            ..step_of(run, seconds, input)
        };
        database.step_run(step).await.expect("written");
    }
    assert_eq!(
        get(&database, run).await.gathered_context,
        object(json!({"a": {"y": 2}, "b": 1}))
    );
}

#[tokio::test]
async fn a_context_keeps_its_key_order_and_its_big_numbers() {
    let (_dir, database) = open();
    let mut new = new_run(&database).await;
    let text = r#"{"z":123456789012345678901234567890,"a":1.10,"é":"\u0000"}"#;
    new.initial_context = Arc::new(serde_json::from_str(text).expect("JSON"));
    let run = begin(&database, new).await;
    let read = get(&database, run).await.initial_context;
    assert_eq!(serde_json::to_string(&read).expect("JSON"), text);
}

#[tokio::test]
async fn a_transcript_comes_back_in_the_order_it_was_written() {
    let (_dir, database) = open();
    let run = begin_one(&database).await;
    let line = |seconds, speaker, text: &str, kind| {
        let (at, text, node_id) = (at(seconds), text.to_owned(), Some("greeting".to_owned()));
        TranscriptLine {
            at,
            speaker,
            text,
            node_id,
            kind,
        }
    };
    let first = vec![
        line(5, Speaker::Agent, "Hello", LineKind::Greeting),
        line(5, Speaker::Agent, "Ask.", LineKind::Prompt),
    ];
    database
        .append_transcript(run, first)
        .await
        .expect("written");
    let second = vec![line(4, Speaker::Callee, "Yes", LineKind::Speech)];
    database
        .append_transcript(run, second)
        .await
        .expect("written");
    let lines = database.transcript(run).await.expect("read");
    let read: Vec<_> = lines
        .iter()
        .map(|line| (line.speaker, line.text.as_str(), line.kind))
        .collect();
    let expected = [
        (Speaker::Agent, "Hello", LineKind::Greeting),
        (Speaker::Agent, "Ask.", LineKind::Prompt),
        (Speaker::Callee, "Yes", LineKind::Speech),
    ];
    assert_eq!(read, expected);
    assert_eq!(lines[2].node_id.as_deref(), Some("greeting"));
}

#[tokio::test]
async fn runs_are_listed_newest_first_and_filtered() {
    let (_dir, database) = open();
    let new = new_run(&database).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(begin(&database, another(&new)).await);
    }
    step(&database, ids[1], 1, RunInput::Ended(EndCode::Busy)).await;
    let filter = RunFilter {
        limit: 10,
        ..RunFilter::default()
    };
    let listed = async |filter: RunFilter| {
        let count = database
            .total_runs(WORKSPACE, filter.clone())
            .await
            .expect("read");
        let runs = database.runs(WORKSPACE, filter).await.expect("read");
        let ids = runs.iter().map(|run| run.id).collect::<Vec<_>>();
        (ids, count.runs)
    };
    assert_eq!(
        listed(filter.clone()).await,
        (vec![ids[3], ids[2], ids[1], ids[0]], 4)
    );
    let open = RunFilter {
        open: true,
        ..filter.clone()
    };
    assert_eq!(listed(open).await, (vec![ids[3], ids[2], ids[0]], 3));
    let page = RunFilter {
        before: Some(ids[3]),
        limit: 2,
        ..filter.clone()
    };
    assert_eq!(listed(page).await, (vec![ids[2], ids[1]], 4));
    let ascending = RunFilter {
        ascending: true,
        offset: 1,
        limit: 2,
        ..filter.clone()
    };
    assert_eq!(listed(ascending).await, (vec![ids[1], ids[2]], 4));
    let over = RunFilter {
        over: true,
        ..filter.clone()
    };
    assert_eq!(listed(over).await, (vec![ids[1]], 1));
    let between = |from, to| RunFilter {
        created_from: Some(at(from)),
        created_to: Some(at(to)),
        ..filter.clone()
    };
    assert_eq!(listed(between(0, 0)).await.1, 4);
    assert_eq!(listed(between(1, 2)).await.1, 0);
    assert_eq!(listed(between(-2, -1)).await.1, 0);
    let other_agent = RunFilter {
        agent_id: Some(AgentId(9)),
        ..filter
    };
    assert_eq!(listed(other_agent).await, (vec![], 0));
}

#[tokio::test]
async fn another_workspaces_run_is_not_there() {
    let (_dir, database) = open();
    let run = begin_one(&database).await;
    assert!(
        database
            .run(Some(WorkspaceId(2)), run)
            .await
            .expect("read")
            .is_none()
    );
    assert!(
        database
            .run(Some(WORKSPACE), run)
            .await
            .expect("read")
            .is_some()
    );
}

#[tokio::test]
async fn ended_runs_are_filtered_and_sorted_by_what_their_end_says() {
    let (_dir, database) = open();
    let new = new_run(&database).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(begin(&database, another(&new)).await);
    }
    for (run, seconds) in [(ids[0], 30), (ids[1], 90)] {
        step(&database, run, 1, RunInput::Answered).await;
        let end = RunInput::Ended(EndCode::CalleeHungUp);
        step(&database, run, 1 + seconds, end).await;
    }
    step(&database, ids[2], 1, RunInput::Ended(EndCode::Busy)).await;
    let filter = RunFilter {
        limit: 10,
        ..RunFilter::default()
    };
    let listed = async |filter: RunFilter| {
        let total = database.total_runs(WORKSPACE, filter.clone()).await;
        let runs = database.runs(WORKSPACE, filter).await.expect("read");
        let ids = runs.iter().map(|run| run.id).collect::<Vec<_>>();
        let total = total.expect("read");
        assert_eq!(total.runs, ids.len() as i64);
        (ids, total.duration_ms)
    };
    let busy = RunFilter {
        dispositions: vec!["busy".to_owned(), "failed".to_owned()],
        ..filter.clone()
    };
    assert_eq!(listed(busy).await, (vec![ids[2]], 0));
    let long = RunFilter {
        min_duration_ms: Some(30_000),
        max_duration_ms: Some(90_000),
        ..filter.clone()
    };
    assert_eq!(listed(long).await, (vec![ids[1], ids[0]], 120_000));
    let longest_first = RunFilter {
        by_duration: true,
        ..filter.clone()
    };
    let by_duration = vec![ids[1], ids[0], ids[2], ids[3]];
    assert_eq!(listed(longest_first).await.0, by_duration);
    let shortest_first = RunFilter {
        by_duration: true,
        ascending: true,
        ..filter.clone()
    };
    let by_duration = vec![ids[2], ids[0], ids[1], ids[3]];
    assert_eq!(listed(shortest_first).await.0, by_duration);
    let called = |number: &str| RunFilter {
        called_number: Some(number.to_owned()),
        ..filter.clone()
    };
    assert_eq!(listed(called("5550100")).await.0.len(), 4);
    assert_eq!(listed(called("5550199")).await.0.len(), 0);
    let one = RunFilter {
        run_id: Some(ids[2]),
        ..filter.clone()
    };
    assert_eq!(listed(one).await.0, vec![ids[2]]);
    let nothing = RunFilter {
        is_empty: true,
        ..filter
    };
    assert_eq!(listed(nothing).await.0, vec![]);
}
