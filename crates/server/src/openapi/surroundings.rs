//! What holds for many operations of the document and stands in no handler: how a caller says who
//! it is, and what the layers around the handlers answer. Declared here once instead of beside
//! ninety handlers.

use serde_json::{Map, Value, json};

/// Answered without a key: the operation's own token, code or nothing is enough.
const OPEN: &[&str] = &[
    "health",
    "sign_in",
    "download_artifact",
    "list_templates",
    "receive_twilio",
];

/// What any request may be answered.
const ANY: &[(&str, &str)] = &[
    (
        "421",
        "The host is none of this listener's own names and none of `--allow-host`",
    ),
    (
        "500",
        "A fault of the server; its log names it by `request_id`",
    ),
];

/// What a request with a body may be answered.
const WITH_BODY: &[(&str, &str)] = &[
    ("400", "Not JSON in UTF-8, or deeper than 64 levels"),
    ("408", "The body did not arrive in time"),
    ("413", "The body is larger than 1 MiB"),
];

/// Every operation of the document.
pub(super) fn operations(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = document["paths"].as_object_mut();
    let paths = paths.expect("a document has paths").values_mut();
    paths
        .filter_map(Value::as_object_mut)
        .flat_map(|path| path.values_mut())
        .filter_map(Value::as_object_mut)
}

/// Adds security and the answers of the surroundings; an operation's own words stay.
pub(super) fn add(document: &mut Value) {
    document["components"]["securitySchemes"] = json!({
        "ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "Session": {
            "type": "apiKey", "in": "cookie", "name": crate::auth::COOKIE,
            "description": "A browser that was signed in by a link; unsafe methods need the header `X-Switchhook` too"
        },
    });
    document["security"] = json!([{"ApiKey": []}, {"Session": []}]);
    let mut responses = Map::new();
    for (status, description) in ANY.iter().chain(WITH_BODY) {
        let schema = json!({"$ref": "#/components/schemas/Problem"});
        let response = json!({"description": description, "content": {"application/json": {"schema": schema}}});
        responses.insert((*status).to_owned(), response);
    }
    document["components"]["responses"] = responses.into();
    for operation in operations(document) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        if OPEN.contains(&id) {
            operation.insert("security".to_owned(), json!([]));
        }
        let bodies = operation.get("requestBody").map(|_| WITH_BODY);
        let bodies = bodies.into_iter().flatten();
        let Some(answers) = operation["responses"].as_object().cloned() else {
            continue;
        };
        let missing = bodies
            .chain(ANY)
            .filter(|(status, _)| !answers.contains_key(*status));
        for (status, _) in missing {
            let reference = format!("#/components/responses/{status}");
            operation["responses"][*status] = json!({ "$ref": reference });
        }
    }
}
