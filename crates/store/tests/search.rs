//! Finding runs by their words: what is indexed, when, and what a question means.

mod common;

use common::{WORKSPACE, another, at, begin, new_run, object, open, reopen, step, step_of};
use serde_json::json;
use std::sync::Arc;
use switchhook_core::ids::{AgentId, RunId, WorkspaceId};
use switchhook_core::ports::{
    NewRun, RemarkChange, RunFilter, RunSearch, Runs, Speaker, TranscriptLine,
};
use switchhook_core::run::{EndCode, RunInput, RunState};
use switchhook_core::trigger::Mode;
use switchhook_core::walk::LineKind;
use switchhook_store::Database;

fn question(words: &str) -> RunSearch {
    RunSearch {
        words: words.to_owned(),
        filter: RunFilter {
            limit: 10,
            ..RunFilter::default()
        },
    }
}

/// The same with another choice of runs.
fn among(search: &RunSearch, change: impl FnOnce(&mut RunFilter)) -> RunSearch {
    let mut search = search.clone();
    change(&mut search.filter);
    search
}

async fn find(database: &Database, search: RunSearch) -> Vec<RunId> {
    let found = database.search_runs(WORKSPACE, search).await.expect("read");
    found.runs.iter().map(|run| run.id).collect()
}

/// A run that is over, with a context and something said.
async fn talked(database: &Database, number: &str, name: &str, said: &str) -> RunId {
    let new = NewRun {
        destination: number.to_owned(),
        initial_context: Arc::new(object(json!({"customer": {"name": name}}))),
        ..another(&new_run(database).await)
    };
    let run = begin(database, new).await;
    step(database, run, 1, RunInput::Answered).await;
    let mut end = step_of(run, 9, RunInput::Ended(EndCode::CalleeHungUp));
    let line = |speaker, text: &str, kind| TranscriptLine {
        at: at(2),
        speaker,
        text: text.to_owned(),
        node_id: None,
        kind,
    };
    end.lines = vec![
        line(Speaker::Agent, "Persuade them", LineKind::Prompt),
        line(Speaker::Callee, said, LineKind::Speech),
    ];
    database.step_run(end).await.expect("written");
    run
}

async fn index(database: &Database) {
    while database.index_runs(1).await.expect("written").runs > 0 {}
}

#[tokio::test]
async fn an_ended_run_is_found_by_what_was_said_its_context_and_its_numbers() {
    let (_dir, database) = open();
    let zoe = talked(&database, "+14155550123", "Zoë Müller", "Tuesday suits me").await;
    let ali = talked(&database, "+4930123456", "Ali", "Call me on Wednesday").await;
    index(&database).await;
    let rows: [(&str, &[RunId]); 20] = [
        ("tuesday", &[zoe]),
        ("TUESDAY me", &[zoe]),
        ("me", &[ali, zoe]),
        ("zoe muller", &[zoe]),
        ("Zoë", &[zoe]),
        ("tues", &[zoe]),
        ("tues suits", &[]),
        ("4155550123", &[zoe]),
        ("+1 (415) 555-0123", &[zoe]),
        ("555 012", &[zoe]),
        ("0123", &[ali, zoe]),
        ("030 123456", &[ali]),
        ("0049 30", &[ali]),
        ("wednesday 0123", &[ali]),
        ("persuade", &[]),
        ("tuesday OR wednesday", &[]),
        ("\"tuesday*", &[zoe]),
        ("words : tuesday", &[]),
        ("(", &[]),
        ("' AND 1", &[]),
    ];
    for (words, expected) in rows {
        let found = find(&database, question(words)).await;
        assert_eq!(found, expected, "{words}");
    }
}

#[tokio::test]
async fn a_search_is_paged_and_kept_to_an_agent_and_a_workspace() {
    let (_dir, database) = open();
    let mut runs = Vec::new();
    for _ in 0..3 {
        runs.push(talked(&database, "+14155550123", "Zoë", "Hello").await);
    }
    index(&database).await;
    let first = among(&question("hello"), |filter| filter.limit = 2);
    assert_eq!(find(&database, first.clone()).await, [runs[2], runs[1]]);
    let second = among(&first, |filter| filter.before = Some(runs[1]));
    assert_eq!(find(&database, second).await, [runs[0]]);
    let of_agent = |id| among(&first, |filter| filter.agent_id = Some(AgentId(id)));
    assert_eq!(find(&database, of_agent(1)).await.len(), 2);
    assert_eq!(find(&database, of_agent(2)).await, []);
    let elsewhere = database.search_runs(WorkspaceId(2), first.clone()).await;
    assert!(elsewhere.expect("read").runs.is_empty());
}

#[tokio::test]
async fn a_search_is_kept_to_how_and_when_runs_ended() {
    let (_dir, database) = open();
    let run = talked(&database, "+14155550123", "Zoë", "Hello").await;
    index(&database).await;
    let asked = question("hello");
    let finds =
        async |change: fn(&mut RunFilter)| find(&database, among(&asked, change)).await == [run];
    assert!(finds(|filter| filter.outcome = Some(EndCode::CalleeHungUp)).await);
    assert!(!finds(|filter| filter.outcome = Some(EndCode::Busy)).await);
    assert!(finds(|filter| filter.state = Some(RunState::Completed)).await);
    assert!(!finds(|filter| filter.state = Some(RunState::Busy)).await);
    assert!(finds(|filter| filter.mode = Some(Mode::Production)).await);
    assert!(!finds(|filter| filter.mode = Some(Mode::Test)).await);
    assert!(finds(|filter| filter.created_to = Some(at(1))).await);
    assert!(!finds(|filter| filter.created_from = Some(at(1))).await);
    assert!(!finds(|filter| filter.open = true).await);
}

#[tokio::test]
async fn indexing_goes_on_after_a_restart_where_it_was() {
    let (dir, database) = open();
    let first = talked(&database, "+14155550123", "Zoë", "Hello").await;
    index(&database).await;
    let second = talked(&database, "+14155550123", "Zoë", "Hello").await;
    let open = begin(&database, another(&new_run(&database).await)).await;
    drop(database);
    let database = reopen(dir.path());
    assert_eq!(find(&database, question("hello")).await, [first]);
    database.wait_for_runs_to_index().await.expect("behind");
    let indexed = database.index_runs(10).await.expect("written");
    assert_eq!(indexed.runs, 1);
    assert_eq!(find(&database, question("hello")).await, [second, first]);
    assert_eq!(database.index_runs(10).await.expect("written").runs, 0);
    step(&database, open, 1, RunInput::Ended(EndCode::Busy)).await;
    database.wait_for_runs_to_index().await.expect("behind");
}

#[tokio::test]
async fn a_run_is_found_by_what_a_person_wrote_about_it_as_long_as_it_stands() {
    let (_dir, database) = open();
    let zoe = talked(&database, "+14155550123", "Zoë", "Tuesday suits me").await;
    let write = async |note: Option<&str>| {
        let change = RemarkChange {
            note: Some(note.map(str::to_owned)),
            ..RemarkChange::default()
        };
        let changed = database.change_remark(zoe, change, at(20)).await;
        changed.expect("written");
    };
    write(Some("Wants a refund")).await;
    assert_eq!(find(&database, question("refund")).await, [zoe]);
    index(&database).await;
    // Of the note and of the call together, and the run but once.
    assert_eq!(find(&database, question("refund tuesday")).await, [zoe]);
    assert_eq!(find(&database, question("tuesday")).await, [zoe]);
    write(Some("Was refused")).await;
    assert_eq!(find(&database, question("refund")).await, []);
    assert_eq!(find(&database, question("refused tuesday")).await, [zoe]);
    write(None).await;
    assert_eq!(find(&database, question("refused")).await, []);
    assert_eq!(find(&database, question("tuesday")).await, [zoe]);
}

#[tokio::test]
async fn an_open_run_with_a_note_has_no_outcome_to_be_found_by() {
    let (_dir, database) = open();
    let run = begin(&database, new_run(&database).await).await;
    let change = RemarkChange {
        note: Some(Some("Wants a refund".to_owned())),
        ..RemarkChange::default()
    };
    let changed = database.change_remark(run, change, at(1)).await;
    changed.expect("written");
    let asked = question("refund");
    assert_eq!(find(&database, asked.clone()).await, [run]);
    let busy = among(&asked, |filter| filter.outcome = Some(EndCode::Busy));
    assert_eq!(find(&database, busy).await, []);
}
