//! The catalogue of node types.

use serde_json::{Value, json};
use switchhook_tests::server::Desk;

fn catalogue(desk: &Desk) -> Value {
    let answer = desk.get("/api/v1/node-types");
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn names(object: &Value) -> Vec<&str> {
    object
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect()
}

/// A client of this API forbids other fields (contract §10).
#[test]
fn nothing_is_added_to_the_reference_s_fields() {
    let desk = Desk::open();
    let catalogue = catalogue(&desk);
    assert_eq!(names(&catalogue), ["spec_version", "node_types"]);
    let of_type = [
        "name",
        "display_name",
        "description",
        "llm_hint",
        "category",
        "icon",
        "version",
        "properties",
        "examples",
        "graph_constraints",
    ];
    let of_property = [
        "name",
        "type",
        "display_name",
        "description",
        "llm_hint",
        "default",
        "required",
        "placeholder",
        "display_options",
        "options",
        "properties",
        "min_value",
        "max_value",
        "min_length",
        "max_length",
        "pattern",
        "editor",
    ];
    for kind in catalogue["node_types"].as_array().expect("types") {
        assert_eq!(names(kind), of_type);
        let constraints = [
            "min_incoming",
            "max_incoming",
            "min_outgoing",
            "max_outgoing",
        ];
        assert_eq!(names(&kind["graph_constraints"]), constraints);
        for property in kind["properties"].as_array().expect("properties") {
            assert_eq!(names(property), of_property);
        }
    }
}

#[test]
fn every_type_is_there_with_its_fields_and_defaults() {
    let desk = Desk::open();
    let catalogue = catalogue(&desk);
    let default = |kind: &str, field: &str| -> Value {
        let types = catalogue["node_types"].as_array().expect("types");
        let kind = types.iter().find(|it| it["name"] == kind).expect(kind);
        let fields = kind["properties"].as_array().expect("properties");
        fields.iter().find(|it| it["name"] == field).expect(field)["default"].clone()
    };
    let rows = [
        ("startCall", "allow_interrupt", json!(false)),
        ("startCall", "add_global_prompt", json!(true)),
        ("startCall", "delayed_start", json!(false)),
        ("startCall", "greeting_type", json!("text")),
        ("startCall", "pre_call_fetch_mode", json!("disabled")),
        ("agentNode", "prompt", Value::Null),
        ("agentNode", "extraction_enabled", json!(false)),
        ("endCall", "extraction_variables", Value::Null),
        ("globalNode", "name", json!("Global Node")),
        ("trigger", "enabled", json!(true)),
        ("trigger", "trigger_path", Value::Null),
        ("webhook", "http_method", json!("POST")),
        ("qa", "qa_min_call_duration", json!(15)),
        ("qa", "qa_sample_rate", json!(100)),
        ("qa", "qa_use_workflow_llm", json!(true)),
    ];
    for (kind, field, expected) in rows {
        assert_eq!(default(kind, field), expected, "{kind} {field}");
    }
}

#[test]
fn one_type_is_what_the_list_says_of_it() {
    let desk = Desk::open();
    let catalogue = catalogue(&desk);
    let one = desk.get("/api/v1/node-types/trigger");
    assert_eq!(one.status, 200);
    assert_eq!(one.json(), catalogue["node_types"][4]);
    let unknown = desk.get("/api/v1/node-types/paygent");
    let detail = json!("Unknown node type: 'paygent'");
    assert_eq!((unknown.status, &unknown.json()["detail"]), (404, &detail));
}

#[test]
fn the_sample_agent_has_no_field_that_the_catalogue_does_not_know() {
    let desk = Desk::open();
    let catalogue = catalogue(&desk);
    let types = catalogue["node_types"].as_array().expect("types");
    let agent = desk.get("/api/v1/workflow/fetch/1").json();
    for node in agent["workflow_definition"]["nodes"]
        .as_array()
        .expect("nodes")
    {
        let kind = types
            .iter()
            .find(|kind| kind["name"] == node["type"])
            .expect("known");
        let fields = kind["properties"].as_array().expect("properties");
        for name in names(&node["data"]) {
            assert!(fields.iter().any(|field| field["name"] == name), "{name}");
        }
    }
}
