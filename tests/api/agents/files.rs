//! Agents as files.

use super::{agent, definition, fetch, fired, path, production};
use serde_json::{Value, json};
use switchhook_tests::server::{Desk, http::Response};

const IMPORT: &str = "/api/switchhook/agents/import";

fn import(desk: &Desk, query: &str, file: &Value) -> Response {
    desk.post(&format!("{IMPORT}{query}"), file)
}

fn rich() -> Value {
    let mut rich = definition(&json!("p"));
    rich["viewport"] = json!({"zoom": 1.5});
    let data = json!({"name": "QA", "qa_api_key": "sk-secret-1234"});
    let nodes = rich["nodes"].as_array_mut().expect("nodes");
    nodes.push(json!({"id": "q", "type": "qa", "data": data}));
    nodes.push(json!({"id": "x", "type": "not-known", "data": {"own": 1}}));
    rich
}

#[test]
fn a_file_has_everything_but_secrets() {
    let desk = Desk::with_secrets();
    let id = agent(&desk, "Rich", &rich());
    let settings = json!({"template_context_variables": {"who": "Jane"}, "workflow_configurations": {"own": 1}});
    assert_eq!(
        desk.put(&format!("/api/v1/workflow/{id}"), &settings)
            .status,
        200
    );
    let exported = desk.get(&format!("/api/switchhook/agents/{id}/export"));
    assert_eq!(exported.status, 200, "{}", exported.text());
    let attachment = format!("attachment; filename=\"agent-{id}.json\"");
    assert_eq!(
        exported.header("content-disposition"),
        Some(attachment.as_str())
    );
    let mut expected = rich();
    expected["nodes"][3]["data"]["qa_api_key"] = Value::Null;
    let file = json!({
        "name": "Rich", "workflow_definition": expected,
        "template_context_variables": {"who": "Jane"}, "workflow_configurations": {"own": 1},
    });
    assert_eq!(exported.json(), file);
    assert_eq!(desk.get("/api/switchhook/agents/999/export").status, 404);
}

#[test]
fn an_exported_agent_comes_back_under_a_path_of_its_own() {
    let desk = Desk::with_secrets();
    let id = agent(&desk, "Rich", &rich());
    let settings = json!({"template_context_variables": {"who": "Jane"}, "workflow_configurations": {"max_call_duration": 60}});
    assert_eq!(
        desk.put(&format!("/api/v1/workflow/{id}"), &settings)
            .status,
        200
    );
    let file = desk
        .get(&format!("/api/switchhook/agents/{id}/export"))
        .json();
    let imported = import(&desk, "", &file);
    assert_eq!(imported.status, 200, "{}", imported.text());
    let imported = imported.json();
    assert_eq!(
        (&imported["name"], &imported["errors"]),
        (&json!("Rich"), &json!([]))
    );
    let minted = imported["trigger_path"].as_str().expect("a path");
    assert_ne!(minted, "p");
    assert_eq!(fired(&desk, &production(minted)).0, 200);
    let agent = fetch(&desk, imported["agent_id"].as_i64().expect("an id"));
    assert_eq!(
        (&agent["version_number"], &agent["version_status"]),
        (&json!(1), &json!("published"))
    );
    assert_eq!(agent["template_context_variables"], json!({"who": "Jane"}));
    assert_eq!(
        agent["workflow_configurations"],
        json!({"max_call_duration": 60})
    );
    let mut expected = file["workflow_definition"].clone();
    expected["nodes"][2]["data"]["trigger_path"] = json!(minted);
    assert_eq!(agent["workflow_definition"], expected);
}

#[test]
fn the_files_path_is_kept_on_demand_where_it_is_free() {
    let desk = Desk::with_secrets();
    let file = json!({"name": "A", "workflow_definition": definition(&json!("kept"))});
    let first = import(&desk, "?keep_trigger_path=true", &file);
    assert_eq!(
        (first.status, &first.json()["trigger_path"]),
        (200, &json!("kept"))
    );
    let second = import(&desk, "?keep_trigger_path=true", &file);
    let held_by = &second.json()["detail"]["errors"][0]["held_by"]["agent_name"];
    assert_eq!((second.status, held_by), (409, &json!("A")));
}

#[test]
fn a_bare_definition_and_a_fetched_agent_are_files_too() {
    let desk = Desk::with_secrets();
    let bare = import(&desk, "", &definition(&json!("p"))).json();
    assert_eq!(bare["name"], "Imported agent");
    let named = import(&desk, "?name=Mine", &definition(&json!("p"))).json();
    assert_eq!(named["name"], "Mine");
    let fetched = fetch(&desk, 1);
    let copy = import(&desk, "", &fetched);
    assert_eq!(
        (copy.status, &copy.json()["name"]),
        (200, &fetched["name"]),
        "{}",
        copy.text()
    );
    let made = fetch(&desk, copy.json()["agent_id"].as_i64().expect("an id"));
    let path = path(&made["workflow_definition"]);
    assert_eq!(copy.json()["trigger_path"], path.as_str());
}

#[test]
fn an_unfinished_agent_is_imported_and_what_it_lacks_is_told() {
    let desk = Desk::with_secrets();
    let imported = import(&desk, "", &json!({"workflow_definition": {"nodes": []}}));
    let error = json!({"kind": "workflow", "id": null, "field": null, "message": "Workflow must have at least one Start Call"});
    assert_eq!(
        (imported.status, &imported.json()["errors"]),
        (200, &json!([error]))
    );
    assert_eq!(imported.json()["trigger_path"], Value::Null);
}

#[test]
fn what_is_no_agent_is_refused() {
    let desk = Desk::with_secrets();
    let missing = import(&desk, "", &json!({"name": "x"}));
    assert_eq!(
        (missing.status, &missing.json()["detail"][0]["loc"]),
        (422, &json!(["body", "workflow_definition"]))
    );
    let long =
        json!({"workflow_definition": {}, "workflow_configurations": {"max_call_duration": 1201}});
    assert_eq!(import(&desk, "", &long).status, 422);
}
