//! Versions by their number, what differs, and going back.

use super::{agent, definition, fetch, fired, production, publish, save};
use serde_json::{Value, json};
use switchhook_tests::server::Desk;

fn prompted(prompt: &str) -> Value {
    let mut definition = definition(&json!("p"));
    definition["nodes"][0]["data"]["prompt"] = json!(prompt);
    definition
}

/// An agent with version 1 archived, 2 published and 3 the draft.
fn three(desk: &Desk) -> i64 {
    let id = agent(desk, "a", &prompted("First."));
    save(desk, id, &prompted("Second."));
    publish(desk, id);
    save(desk, id, &prompted("Third."));
    id
}

fn prompt(definition: &Value) -> &Value {
    &definition["nodes"][0]["data"]["prompt"]
}

fn statuses(desk: &Desk, id: i64) -> Vec<(i64, String)> {
    let versions = desk.get(&format!("/api/v1/workflow/{id}/versions")).json();
    let status = |version: &Value| {
        let number = version["version_number"].as_i64().expect("a number");
        (
            number,
            version["status"].as_str().expect("a status").to_owned(),
        )
    };
    versions
        .as_array()
        .expect("a list")
        .iter()
        .map(status)
        .collect()
}

#[test]
fn any_version_can_be_read_whole() {
    let desk = Desk::open();
    let id = three(&desk);
    let rows = [
        (1, "archived", "First."),
        (2, "published", "Second."),
        (3, "draft", "Third."),
    ];
    for (number, status, said) in rows {
        let answer = desk.get(&format!("/api/switchhook/agents/{id}/versions/{number}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let version = answer.json();
        assert_eq!(
            (&version["version_number"], &version["status"]),
            (&json!(number), &json!(status))
        );
        assert_eq!(version["definition"], prompted(said));
        assert_eq!(version["published_at"].is_null(), number == 3);
    }
    for path in [format!("{id}/versions/4"), "999/versions/1".to_owned()] {
        let missing = desk.get(&format!("/api/switchhook/agents/{path}"));
        assert_eq!(
            (missing.status, missing.code().as_str()),
            (404, "not-found")
        );
    }
}

#[test]
fn the_draft_is_compared_with_the_published_version() {
    let desk = Desk::open();
    let id = three(&desk);
    let settings = json!({"template_context_variables": {"who": "Jane"}, "workflow_configurations": {"max_call_duration": 60}});
    assert_eq!(
        desk.put(&format!("/api/v1/workflow/{id}"), &settings)
            .status,
        200
    );
    let diff = desk.get(&format!("/api/switchhook/agents/{id}/diff"));
    assert_eq!(diff.status, 200, "{}", diff.text());
    let prompt =
        json!({"name": "prompt", "change": "changed", "before": "Second.", "after": "Third."});
    let node = json!({"id": "s", "type": "startCall", "name": "Start", "change": "changed", "fields": [prompt]});
    let added =
        |name: &str, after: Value| json!([{"name": name, "change": "added", "after": after}]);
    let expected = json!({
        "before": {"version_number": 2, "status": "published"},
        "after": {"version_number": 3, "status": "draft"},
        "is_equal": false,
        "nodes": [node], "edges": [], "variables": [],
        "template_context_variables": added("who", json!("Jane")),
        "configurations": added("max_call_duration", json!(60)),
    });
    assert_eq!(diff.json(), expected);
}

#[test]
fn any_two_versions_can_be_compared_and_equal_ones_are_equal() {
    let desk = Desk::open();
    let id = three(&desk);
    let diff = |query: &str| desk.get(&format!("/api/switchhook/agents/{id}/diff?{query}"));
    let back = diff("before=3&after=1").json();
    assert_eq!(back["nodes"][0]["fields"][0]["after"], "First.");
    assert_eq!(diff("before=2&after=2").json()["is_equal"], true);
    assert_eq!(diff("before=9").status, 404);
    assert_eq!(diff("before=x").status, 422);
    publish(&desk, id);
    let none = diff("").json();
    assert_eq!(
        (&none["is_equal"], &none["after"]["version_number"]),
        (&json!(true), &json!(3))
    );
}

#[test]
fn a_discarded_draft_is_put_away_and_runs_that_named_it_stay() {
    let desk = Desk::open();
    let id = three(&desk);
    assert_eq!(fired(&desk, "/api/v1/public/agent/test/p").0, 200);
    let path = format!("/api/switchhook/agents/{id}/draft");
    let discarded = desk.delete(&path);
    assert_eq!(discarded.status, 200, "{}", discarded.text());
    let version = discarded.json();
    assert_eq!(
        (&version["version_number"], &version["status"]),
        (&json!(3), &json!("archived"))
    );
    assert_eq!(prompt(&fetch(&desk, id)["workflow_definition"]), "Second.");
    let runs = desk
        .get(&format!("/api/switchhook/runs?agent_id={id}"))
        .json();
    assert_eq!(runs["runs"][0]["version_number"], 3);
    let again = desk.delete(&path);
    assert_eq!((again.status, again.code().as_str()), (400, "no-draft"));
}

#[test]
fn an_earlier_version_becomes_the_draft() {
    let desk = Desk::open();
    let id = three(&desk);
    let reverted = desk.post(
        &format!("/api/switchhook/agents/{id}/versions/1/revert"),
        &json!({}),
    );
    assert_eq!(reverted.status, 200, "{}", reverted.text());
    let draft = reverted.json();
    assert_eq!(
        (&draft["version_number"], &draft["status"]),
        (&json!(4), &json!("draft"))
    );
    assert_eq!(prompt(&draft["definition"]), "First.");
    let expected = [
        (4, "draft"),
        (3, "archived"),
        (2, "published"),
        (1, "archived"),
    ];
    assert_eq!(
        statuses(&desk, id),
        expected.map(|(number, status)| (number, status.to_owned()))
    );
    publish(&desk, id);
    assert_eq!(prompt(&fetch(&desk, id)["workflow_definition"]), "First.");
}

#[test]
fn going_back_to_the_draft_changes_nothing() {
    let desk = Desk::open();
    let id = three(&desk);
    let before = statuses(&desk, id);
    let same = desk.post(
        &format!("/api/switchhook/agents/{id}/versions/3/revert"),
        &json!({}),
    );
    assert_eq!(
        (same.status, &same.json()["version_number"]),
        (200, &json!(3))
    );
    assert_eq!(statuses(&desk, id), before);
    let missing = desk.post(
        &format!("/api/switchhook/agents/{id}/versions/9/revert"),
        &json!({}),
    );
    assert_eq!(missing.status, 404);
}

#[test]
fn going_back_does_not_bring_a_given_up_path_back() {
    let desk = Desk::open();
    let id = three(&desk);
    let rotated = desk.post(
        &format!("/api/switchhook/agents/{id}/trigger/rotate"),
        &json!({"trigger_path": "new"}),
    );
    assert_eq!(rotated.status, 200, "{}", rotated.text());
    let reverted = desk.post(
        &format!("/api/switchhook/agents/{id}/versions/1/revert"),
        &json!({}),
    );
    assert_eq!(super::path(&reverted.json()["definition"]), "new");
    publish(&desk, id);
    assert_eq!(
        fired(&desk, &production("p")),
        (404, "trigger-not-found".to_owned())
    );
    assert_eq!(fired(&desk, &production("new")).0, 200);
}
