//! Agents over HTTP.

mod files;
mod node_types;
mod publish;
mod save;
mod secrets;
mod templates;
mod trigger;
mod versions;

use serde_json::{Value, json};
use switchhook_tests::server::Desk;

const CREATE: &str = "/api/v1/workflow/create/definition";

/// A definition that can be published, with a trigger of this path.
fn definition(path: &Value) -> Value {
    json!({
        "nodes": [
            {"id": "s", "type": "startCall", "position": {"x": 0, "y": 0}, "data": {"name": "Start", "prompt": "Greet."}},
            {"id": "e", "type": "endCall", "position": {"x": 400, "y": 0}, "data": {"name": "End", "prompt": "Say goodbye."}},
            {"id": "t", "type": "trigger", "position": {"x": -200, "y": 0}, "data": {"name": "T", "trigger_path": path}},
        ],
        "edges": [{"id": "s-e", "source": "s", "target": "e", "data": {"label": "done", "condition": "always"}}],
    })
}

/// Makes an agent and gives back its id.
fn agent(desk: &Desk, name: &str, definition: &Value) -> i64 {
    let body = json!({"name": name, "workflow_definition": definition});
    let made = desk.post(CREATE, &body);
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()["id"].as_i64().expect("an id")
}

/// Saves a definition as an agent's draft.
fn save(desk: &Desk, id: i64, definition: &Value) {
    let path = format!("/api/v1/workflow/{id}");
    let saved = desk.put(&path, &json!({"workflow_definition": definition}));
    assert_eq!(saved.status, 200, "{}", saved.text());
}

/// Publishes an agent's draft.
fn publish(desk: &Desk, id: i64) {
    let published = desk.post(&format!("/api/v1/workflow/{id}/publish"), &json!({}));
    assert_eq!(published.status, 200, "{}", published.text());
}

/// An agent as it is fetched.
fn fetch(desk: &Desk, id: i64) -> Value {
    let fetched = desk.get(&format!("/api/v1/workflow/fetch/{id}"));
    assert_eq!(fetched.status, 200, "{}", fetched.text());
    fetched.json()
}

/// The trigger path of a definition.
fn path(definition: &Value) -> String {
    let nodes = definition["nodes"].as_array().expect("nodes");
    let trigger = nodes.iter().find(|node| node["type"] == "trigger");
    let path = &trigger.expect("a trigger")["data"]["trigger_path"];
    path.as_str().expect("a path").to_owned()
}

/// What firing a path in a mode answers: the status and the code.
fn fired(desk: &Desk, url: &str) -> (u16, String) {
    let body = json!({"phone_number": "+14155550101"});
    let answer = desk
        .server
        .public
        .post(url)
        .key(&desk.key)
        .json(&body)
        .send();
    let code = if answer.status == 200 {
        String::new()
    } else {
        answer.code()
    };
    (answer.status, code)
}

fn production(path: &str) -> String {
    format!("/api/v1/public/agent/{path}")
}

fn test(path: &str) -> String {
    format!("/api/v1/public/agent/test/{path}")
}
