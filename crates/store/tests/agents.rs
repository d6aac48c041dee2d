//! Agents, versions and trigger paths (contract §3.1 and §3.2 with the deliberate difference that
//! a draft never changes what production runs).

mod common;

use common::{AGENT, WORKSPACE, at, definition, draft, new_agent, object, open, publish};
use serde_json::json;
use switchhook_core::agent::{AgentStatus, VersionStatus};
use switchhook_core::api_key::Asker;
use switchhook_core::ids::{AgentId, WorkspaceId};
use switchhook_core::ports::{AgentChange, Agents, Publishing, Runs, StoreError};
use switchhook_core::trigger::{Candidate, Target, TriggerState};
use switchhook_store::Database;

fn content(path: &str, greeting: &str) -> AgentChange {
    AgentChange {
        definition: Some(definition(path, greeting)),
        ..AgentChange::default()
    }
}

async fn create(database: &Database, path: &str) -> AgentId {
    database
        .create_agent(new_agent(WORKSPACE, path))
        .await
        .expect("created")
        .agent
        .id
}

async fn change(database: &Database, id: AgentId, what: AgentChange) {
    database
        .change_agent(WORKSPACE, id, what, at(1))
        .await
        .expect("changed")
        .expect("there");
}

async fn candidate(database: &Database, path: &str) -> Option<Candidate> {
    let target = Target::Path(path.to_owned());
    database
        .judgement(Asker::Person(WORKSPACE), &target, None, at(0), false)
        .await
        .expect("read")
        .expect("a person may ask")
        .by
        .candidate
        .clone()
}

#[tokio::test]
async fn a_new_agents_first_version_is_published_at_once() {
    let (_dir, database) = open();
    let created = database
        .create_agent(new_agent(WORKSPACE, "p"))
        .await
        .expect("created");
    let published = created.published.expect("published");
    assert_eq!(
        (published.number, published.status),
        (1, VersionStatus::Published)
    );
    assert_eq!(published.published_at, Some(at(0)));
    assert!(created.draft.is_none());
}

#[tokio::test]
async fn a_definition_comes_back_as_it_was_sent() {
    let (_dir, database) = open();
    let created = database
        .create_agent(new_agent(WORKSPACE, "p"))
        .await
        .expect("created");
    let sent = definition("p", "Hello");
    assert_eq!(
        created.published.expect("published").definition.to_string(),
        sent.to_string()
    );
}

#[tokio::test]
async fn the_first_change_makes_a_draft_from_the_published_version_and_the_next_edits_it() {
    let (_dir, database) = open();
    let id = create(&database, "p").await;
    let configurations = Some(object(json!({"max_call_duration": 60})));
    change(
        &database,
        id,
        AgentChange {
            configurations,
            ..AgentChange::default()
        },
    )
    .await;
    let agent = database
        .agent(WORKSPACE, id)
        .await
        .expect("read")
        .expect("there");
    let draft = agent.draft.expect("a draft");
    assert_eq!(draft.number, 2);
    assert_eq!(
        draft.definition,
        agent.published.expect("published").definition
    );

    change(&database, id, content("p", "Hi")).await;
    let agent = database
        .agent(WORKSPACE, id)
        .await
        .expect("read")
        .expect("there");
    let edited = agent.draft.expect("a draft");
    assert_eq!((edited.id, edited.number), (draft.id, 2));
    assert_eq!(edited.configurations, draft.configurations);
    assert_eq!(edited.definition, definition("p", "Hi"));
    assert_eq!(
        agent.published.expect("published").definition,
        definition("p", "Hello")
    );
}

#[tokio::test]
async fn a_new_name_makes_no_draft() {
    let (_dir, database) = open();
    let id = create(&database, "p").await;
    change(
        &database,
        id,
        AgentChange {
            name: Some("B".to_owned()),
            ..AgentChange::default()
        },
    )
    .await;
    let agent = database
        .agent(WORKSPACE, id)
        .await
        .expect("read")
        .expect("there");
    assert_eq!(agent.agent.name, "B");
    assert!(agent.draft.is_none());
}

#[tokio::test]
async fn only_the_draft_that_was_judged_is_published() {
    let (_dir, database) = open();
    let id = create(&database, "p").await;
    change(&database, id, content("p", "Judged")).await;
    let judged = draft(&database, id).await;
    change(&database, id, content("p", "Saved meanwhile")).await;
    let publishing = database.publish_draft(WORKSPACE, judged, at(2)).await;
    assert!(matches!(publishing, Ok(Some(Publishing::Changed))));
    assert_eq!(draft(&database, id).await.number, 2);
    let judged = draft(&database, id).await;
    publish(&database, id, 3).await;
    let publishing = database.publish_draft(WORKSPACE, judged, at(4)).await;
    assert!(matches!(publishing, Ok(Some(Publishing::Changed))));
}

#[tokio::test]
async fn publishing_archives_the_version_it_replaces() {
    let (_dir, database) = open();
    let id = create(&database, "p").await;
    change(&database, id, content("p", "Hi")).await;
    let published = publish(&database, id, 2).await;
    assert_eq!((published.number, published.published_at), (2, Some(at(2))));
    let versions = database
        .versions(WORKSPACE, id, 10, 0)
        .await
        .expect("read")
        .expect("there");
    let standing: Vec<_> = versions
        .iter()
        .map(|version| (version.number, version.status))
        .collect();
    assert_eq!(
        standing,
        [(2, VersionStatus::Published), (1, VersionStatus::Archived)]
    );
    let page = database
        .versions(WORKSPACE, id, 1, 1)
        .await
        .expect("read")
        .expect("there");
    assert_eq!(
        page.iter()
            .map(|version| version.number)
            .collect::<Vec<_>>(),
        [1]
    );
}

#[tokio::test]
async fn creating_a_draft_twice_gives_the_same_one() {
    let (_dir, database) = open();
    let id = create(&database, "p").await;
    let one = database
        .create_draft(WORKSPACE, id, at(1))
        .await
        .expect("written")
        .expect("there");
    let two = database
        .create_draft(WORKSPACE, id, at(2))
        .await
        .expect("written")
        .expect("there");
    assert_eq!((one.id, one.number), (two.id, 2));
    let by_id = database
        .version(one.id)
        .await
        .expect("read")
        .expect("there");
    assert_eq!(by_id.agent_id, id);
}

#[tokio::test]
async fn a_path_belongs_to_one_agent_across_workspaces() {
    let (dir, database) = open();
    let second = WorkspaceId(2);
    let direct = rusqlite::Connection::open(dir.path().join("data/switchhook.db")).expect("opens");
    direct
        .execute(
            "INSERT INTO workspaces (name, created_at) VALUES ('Two', 0)",
            [],
        )
        .expect("inserted");
    create(&database, "taken").await;

    let refused = database.create_agent(new_agent(second, "taken")).await;
    assert!(matches!(refused, Err(StoreError::PathTaken { path, .. }) if path == "taken"));
    let nothing_left = database
        .agents(second, &[AgentStatus::Active])
        .await
        .expect("read");
    assert!(nothing_left.is_empty());

    let other = create(&database, "free").await;
    let refused = database
        .change_agent(WORKSPACE, other, content("taken", "Hi"), at(1))
        .await;
    assert!(matches!(refused, Err(StoreError::PathTaken { .. })));
    let unchanged = database
        .agent(WORKSPACE, other)
        .await
        .expect("read")
        .expect("there");
    assert!(unchanged.draft.is_none());
}

#[tokio::test]
async fn a_path_is_free_again_when_no_live_version_has_it() {
    let (_dir, database) = open();
    let id = create(&database, "old").await;
    change(&database, id, content("new", "Hi")).await;
    assert!(
        database
            .create_agent(new_agent(WORKSPACE, "old"))
            .await
            .is_err()
    );
    publish(&database, id, 2).await;
    assert!(candidate(&database, "old").await.is_none());
    create(&database, "old").await;
    assert!(
        database
            .create_agent(new_agent(WORKSPACE, "new"))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn the_snapshot_tells_what_each_version_says_about_the_path() {
    let (_dir, database) = open();
    let id = create(&database, "old").await;
    let mut disabled = definition("new", "Hi");
    disabled["nodes"][0]["data"]["enabled"] = json!(false);
    let what = AgentChange {
        definition: Some(disabled),
        configurations: Some(object(json!({"max_call_duration": 60}))),
        template_context_variables: Some(object(json!({"plan": "basic"}))),
        ..AgentChange::default()
    };
    change(&database, id, what).await;

    let old = candidate(&database, "old").await.expect("found");
    assert_eq!(old.agent.id, id);
    let (published, draft) = (old.published.expect("published"), old.draft.expect("draft"));
    assert_eq!(
        (published.trigger, published.max_call_seconds),
        (TriggerState::Enabled, 300)
    );
    assert_eq!(
        (draft.trigger, draft.max_call_seconds),
        (TriggerState::Missing, 60)
    );
    assert_eq!(published.template_context_variables, None);
    assert_eq!(
        draft.template_context_variables,
        Some(object(json!({"plan": "basic"})))
    );

    let new = candidate(&database, "new").await.expect("found");
    assert_eq!(
        new.published.expect("published").trigger,
        TriggerState::Missing
    );
    assert_eq!(new.draft.expect("draft").trigger, TriggerState::Disabled);
    assert!(candidate(&database, "OLD").await.is_none());
}

#[tokio::test]
async fn an_agent_is_found_by_its_uuid_without_asking_the_trigger() {
    let (_dir, database) = open();
    let new = new_agent(WORKSPACE, "p");
    let uuid = new.uuid.to_string();
    database.create_agent(new).await.expect("created");
    let target = Target::AgentUuid(uuid);
    let snapshot = database
        .judgement(Asker::Person(WORKSPACE), &target, None, at(0), false)
        .await
        .expect("read")
        .expect("a person may ask");
    let published = snapshot
        .by
        .candidate
        .clone()
        .expect("found")
        .published
        .expect("published");
    assert_eq!(published.trigger, TriggerState::Enabled);
}

#[tokio::test]
async fn the_list_shows_the_asked_states_oldest_first() {
    let (_dir, database) = open();
    let id = create(&database, "p").await;
    change(&database, id, content("q", "Hi")).await;
    database
        .set_agent_status(WORKSPACE, AGENT, AgentStatus::Archived, at(1))
        .await
        .expect("archived");
    let active = database
        .agents(WORKSPACE, &[AgentStatus::Active])
        .await
        .expect("read");
    assert_eq!(active.len(), 1);
    assert_eq!(active[0].trigger_path.as_deref(), Some("p"));
    let numbers = (
        active[0].published_version_number,
        active[0].draft_version_number,
    );
    assert_eq!(numbers, (Some(1), Some(2)));
    let both = [AgentStatus::Active, AgentStatus::Archived];
    let all = database.agents(WORKSPACE, &both).await.expect("read");
    assert_eq!(
        all.iter().map(|one| one.agent.id).collect::<Vec<_>>(),
        [AGENT, id]
    );
}

#[tokio::test]
async fn another_workspaces_agent_is_not_there() {
    let (_dir, database) = open();
    let stranger = WorkspaceId(2);
    assert!(
        database
            .agent(stranger, AGENT)
            .await
            .expect("read")
            .is_none()
    );
    let changed = database
        .change_agent(stranger, AGENT, content("x", "x"), at(1))
        .await;
    assert!(changed.expect("written").is_none());
    assert!(
        database
            .publish_draft(stranger, draft(&database, AGENT).await, at(1))
            .await
            .expect("written")
            .is_none()
    );
    assert!(
        database
            .versions(stranger, AGENT, 10, 0)
            .await
            .expect("read")
            .is_none()
    );
    let agent = database
        .agent(WORKSPACE, AGENT)
        .await
        .expect("read")
        .expect("there");
    assert_eq!(agent.draft.expect("untouched").number, 2);
}
