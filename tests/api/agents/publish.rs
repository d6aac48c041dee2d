//! What may be published.

use serde_json::{Value, json};
use switchhook_tests::server::{Desk, Options};

/// The agent of the sample workspace.
const SAMPLE: &str = "/api/v1/workflow/1";

/// Saves the sample agent's draft without the edges that leave its start.
fn break_draft(desk: &Desk) {
    let fetched = desk.get("/api/v1/workflow/fetch/1").json();
    let mut definition = fetched["workflow_definition"].clone();
    definition["edges"] = json!([]);
    let saved = desk.put(SAMPLE, &json!({"workflow_definition": definition}));
    assert_eq!(saved.status, 200, "{}", saved.text());
}

fn published(desk: &Desk) -> Value {
    desk.get("/api/v1/workflow/fetch").json()[0]["published_version_number"].clone()
}

#[test]
fn the_sample_agent_can_be_published() {
    let desk = Desk::open();
    let checked = desk.post(&format!("{SAMPLE}/validate"), &json!({}));
    assert_eq!(
        (checked.status, checked.json()),
        (200, json!({"is_valid": true, "errors": []}))
    );
    let answer = desk.post(&format!("{SAMPLE}/publish"), &json!({}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    let checked = desk.post(&format!("{SAMPLE}/validate"), &json!({}));
    assert_eq!(checked.status, 200, "{}", checked.text());
}

#[test]
fn a_broken_draft_is_saved_and_not_published() {
    let desk = Desk::open();
    break_draft(&desk);
    let before = published(&desk);
    let answer = desk.post(&format!("{SAMPLE}/publish"), &json!({}));
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (422, "invalid-definition"),
        "{}",
        answer.text()
    );
    let detail = &answer.json()["detail"];
    assert_eq!(detail["is_valid"], false);
    let errors = detail["errors"].as_array().expect("a list");
    let first = errors.first().and_then(Value::as_object);
    let members: Vec<_> = first.expect("an error").keys().collect();
    assert_eq!(members, ["kind", "id", "field", "message"]);
    assert_eq!(published(&desk), before);
}

#[test]
fn checking_a_broken_draft_names_the_same_errors_as_publishing_it() {
    let desk = Desk::open();
    break_draft(&desk);
    let checked = desk.post(&format!("{SAMPLE}/validate"), &json!({}));
    let refused = desk.post(&format!("{SAMPLE}/publish"), &json!({}));
    assert_eq!(checked.status, 422);
    assert_eq!(checked.json()["detail"], refused.json()["detail"]);
}

#[test]
fn a_broken_draft_can_be_called() {
    let desk = Desk::open();
    break_draft(&desk);
    let fired = desk.server.public.post(&desk.test()).key(&desk.key);
    let fired = fired.json(&json!({"phone_number": "+14155550101"})).send();
    assert_eq!(
        (fired.status, &fired.json()["version_status"]),
        (200, &json!("draft"))
    );
}

#[test]
fn an_agent_that_was_created_broken_is_told_when_asked() {
    let desk = Desk::at(Options::default().start());
    let body = json!({"name": "empty", "workflow_definition": {}});
    let made = desk.post("/api/v1/workflow/create/definition", &body);
    assert_eq!(made.status, 200, "{}", made.text());
    let path = format!("/api/v1/workflow/{}/validate", made.json()["id"]);
    let checked = desk.post(&path, &json!({}));
    let message = "Workflow must have at least one Start Call";
    let error = json!({"kind": "workflow", "id": null, "field": null, "message": message});
    assert_eq!(
        (checked.status, &checked.json()["detail"]["errors"]),
        (422, &json!([error]))
    );
}

#[test]
fn an_id_of_any_size_is_repeated_in_the_answer() {
    let desk = Desk::open();
    let huge = "92233720368547758079223372036854775807";
    let told = |asked: &str| desk.get(&format!("/api/v1/workflow/fetch/{asked}")).json();
    for (asked, id) in [
        (huge, huge),
        ("999", "999"),
        (&format!("-{huge}"), &format!("-{huge}")),
    ] {
        assert_eq!(
            told(asked)["detail"],
            format!("Workflow with id {id} not found")
        );
    }
    let updated = desk
        .put(&format!("/api/v1/workflow/{huge}"), &json!({}))
        .json();
    assert_eq!(
        updated["detail"],
        format!("Workflow with ID {huge} not found")
    );
    for rest in ["publish", "validate", "create-draft"] {
        let answer = desk.post(&format!("/api/v1/workflow/{huge}/{rest}"), &json!({}));
        let detail = format!("Workflow with id {huge} not found");
        assert_eq!(
            (answer.status, &answer.json()["detail"]),
            (404, &json!(detail)),
            "{rest}"
        );
    }
}
