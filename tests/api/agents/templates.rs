//! Agents from templates and from words, and the folder that every agent is in: none.

use super::{CREATE, agent, definition, fetch, path};
use serde_json::json;
use std::collections::HashSet;
use switchhook_tests::server::Desk;

#[test]
fn a_template_becomes_an_agent_that_can_be_called() {
    let desk = Desk::open();
    // As in the reference, nobody is asked for a key.
    let templates = desk.server.control.get("/api/v1/workflow/templates").send();
    assert_eq!(templates.status, 200, "{}", templates.text());
    let templates = templates.json();
    let mut paths = HashSet::new();
    for template in templates.as_array().expect("a list") {
        for name in [
            "id",
            "template_name",
            "template_description",
            "template_json",
            "created_at",
        ] {
            assert!(!template[name].is_null(), "{name}");
        }
        let body = json!({"template_id": template["id"], "workflow_name": "Mine"});
        for _ in 0..2 {
            let made = desk.post("/api/v1/workflow/templates/duplicate", &body);
            assert_eq!(made.status, 200, "{}", made.text());
            assert_eq!(made.json()["name"], "Mine");
            let id = made.json()["id"].as_i64().expect("an id");
            assert!(paths.insert(path(&fetch(&desk, id)["workflow_definition"])));
        }
    }
    let path = paths.iter().next().expect("there are templates");
    let call = json!({"phone_number": "+14155550101"});
    let url = format!("/api/v1/public/agent/{path}");
    let fired = desk
        .server
        .public
        .post(&url)
        .key(&desk.key)
        .json(&call)
        .send();
    assert_eq!(fired.status, 200, "{}", fired.text());
}

#[test]
fn a_template_that_there_is_not_is_404() {
    let desk = Desk::open();
    let body = json!({"template_id": 99, "workflow_name": "Mine"});
    let answer = desk.post("/api/v1/workflow/templates/duplicate", &body);
    let detail = answer.json()["detail"].clone();
    assert_eq!(
        (answer.status, detail),
        (404, json!("Workflow template with id 99 not found"))
    );
}

#[test]
fn a_description_becomes_an_agent_without_asking_anybody() {
    let desk = Desk::open();
    let body = json!({
        "call_type": "outbound", "use_case": "Payment reminder",
        "activity_description": "Remind {{customer_name | them}} of the open invoice.",
    });
    let made = desk.post("/api/v1/workflow/create/template", &body);
    assert_eq!(made.status, 200, "{}", made.text());
    assert_eq!(made.json()["name"], "Payment reminder");
    let text = made.json()["workflow_definition"].to_string();
    assert!(
        text.contains("Remind {{customer_name | them}} of the open invoice."),
        "{text}"
    );
    let valid = format!("/api/v1/workflow/{}/validate", made.json()["id"]);
    assert_eq!(desk.post(&valid, &json!({})).status, 200);
    let wrong = desk.post(
        "/api/v1/workflow/create/template",
        &json!({"call_type": "both"}),
    );
    assert_eq!(wrong.status, 422);
    let kinds = wrong.json()["detail"].clone();
    let kinds: Vec<_> = kinds
        .as_array()
        .expect("a list")
        .iter()
        .map(|error| error["type"].clone())
        .collect();
    assert_eq!(kinds, ["literal_error", "missing", "missing"]);
}

#[test]
fn an_agent_can_be_moved_to_no_folder_only() {
    let desk = Desk::open();
    let id = agent(&desk, "a", &definition(&json!("a")));
    let url = format!("/api/v1/workflow/{id}/folder");
    let moved = desk.put(&url, &json!({"folder_id": null}));
    assert_eq!(moved.status, 200, "{}", moved.text());
    assert_eq!(moved.json()["id"], id);
    assert_eq!(moved.json()["folder_id"], json!(null));
    let refused = desk.put(&url, &json!({"folder_id": 3}));
    assert_eq!(
        (refused.status, &refused.json()["detail"]),
        (404, &json!("Folder not found"))
    );
    let unknown = desk.put("/api/v1/workflow/99/folder", &json!({}));
    assert_eq!(unknown.json()["detail"], "Workflow with ID 99 not found");
    assert_eq!(desk.get(CREATE).status, 405);
}
