//! The OpenAPI document is a file in the repository, from which the window's types are made: a
//! change of a route shows up in review, and the types cannot fall behind unnoticed.

use std::path::Path;
use switchhook_server::openapi::document_json;

/// Set to 1, the test writes the file instead of comparing.
const UPDATE: &str = "SWITCHHOOK_UPDATE";

#[test]
fn the_snapshot_is_what_the_server_serves() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/openapi.json");
    let document = format!("{}\n", document_json());
    if std::env::var_os(UPDATE).is_some_and(|value| value == "1") {
        std::fs::write(&file, &document).expect("the snapshot is written");
        return;
    }
    let snapshot = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        snapshot.replace("\r\n", "\n") == document,
        "ui/openapi.json is stale: run `{UPDATE}=1 cargo test -p switchhook-server --test openapi`, then `npm run \
         api:generate` in ui"
    );
}

#[test]
fn every_operation_has_its_own_name() {
    let document: serde_json::Value = serde_json::from_str(&document_json()).expect("JSON");
    let paths = document["paths"].as_object().expect("paths");
    let operations = paths.values().filter_map(|path| path.as_object());
    let mut names: Vec<_> = operations
        .flat_map(|path| path.values())
        .filter_map(|operation| operation["operationId"].as_str())
        .collect();
    let all = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), all);
}

#[test]
fn every_schema_that_is_named_is_there() {
    let text = document_json();
    let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let schemas = &document["components"]["schemas"];
    for reference in text.split("\"#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap_or_default();
        assert!(schemas.get(name).is_some(), "{name}");
    }
}
