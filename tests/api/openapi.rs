//! The served OpenAPI document: it can be read by machines and leaves nothing out that these tests
//! have seen.

use serde_json::{Value, json};
use switchhook_tests::server::{Desk, Server};

fn document(server: &Server) -> Value {
    let answer = server.control.get("/api/openapi.json").send();
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("application/json"))
    );
    answer.json()
}

/// Every object in the document.
fn visit(value: &Value, see: &mut dyn FnMut(&serde_json::Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            see(object);
            object.values().for_each(|value| visit(value, see));
        }
        Value::Array(items) => items.iter().for_each(|value| visit(value, see)),
        _ => {}
    }
}

#[test]
fn the_document_is_whole() {
    let server = Server::start();
    let document = document(&server);
    assert!(
        document["openapi"]
            .as_str()
            .is_some_and(|version| version.starts_with("3."))
    );
    let mut references = Vec::new();
    visit(&document, &mut |object| {
        references.extend(
            object
                .get("$ref")
                .and_then(Value::as_str)
                .map(str::to_owned),
        )
    });
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.trim_start_matches('#');
        assert!(
            document.pointer(pointer).is_some(),
            "{reference} leads nowhere"
        );
    }
}

#[test]
fn operations_have_names_of_their_own() {
    let server = Server::start();
    let mut seen = std::collections::HashSet::new();
    let document = document(&server);
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let id = operation["operationId"]
                .as_str()
                .unwrap_or_else(|| panic!("{method} {path} has no name"));
            assert!(seen.insert(id.to_owned()), "{id} twice");
        }
    }
}

#[test]
fn every_status_that_is_answered_is_described() {
    let desk = Desk::open();
    let document = document(&desk.server);
    let trigger = "/api/v1/public/agent/{trigger_path}";
    let calls = "/api/switchhook/desk-phone/calls/{call_id}/answer";
    let seen: &[(&str, &str, &[u16])] = &[
        (
            trigger,
            "post",
            &[200, 400, 401, 403, 404, 409, 413, 422, 429, 503],
        ),
        (
            "/api/v1/public/agent/test/{trigger_path}",
            "post",
            &[200, 400, 401, 403, 404, 409, 413, 422, 429],
        ),
        (
            "/api/v1/public/agent/workflow/{workflow_uuid}",
            "post",
            &[200, 400, 401, 403, 404, 409, 413, 422, 429],
        ),
        (
            "/api/v1/public/agent/test/workflow/{workflow_uuid}",
            "post",
            &[200, 400, 401, 403, 404, 409, 413, 422, 429],
        ),
        ("/api/v1/health", "get", &[200]),
        (
            "/api/v1/workflow/{workflow_id}/runs/{run_id}",
            "get",
            &[200, 401, 404, 422],
        ),
        (
            "/api/v1/workflow/create/definition",
            "post",
            &[200, 401, 403, 422],
        ),
        (
            "/api/v1/workflow/{workflow_id}",
            "put",
            &[200, 401, 403, 404, 409, 422],
        ),
        ("/api/v1/user/api-keys", "get", &[200, 401, 403]),
        ("/api/v1/user/api-keys", "post", &[200, 401, 403, 422]),
        (
            "/api/v1/organizations/telephony-configs",
            "post",
            &[200, 401, 403, 409, 422],
        ),
        (
            "/api/switchhook/runs/{run_id}/hang-up",
            "post",
            &[200, 401, 403, 404, 409],
        ),
        (calls, "post", &[200, 401, 403, 404, 409]),
        ("/api/switchhook/settings", "put", &[200, 401, 403, 422]),
        ("/api/switchhook/events", "get", &[200, 401, 403]),
        ("/api/switchhook/sign-in", "post", &[204, 401, 422]),
        ("/api/switchhook/session", "get", &[200, 401]),
    ];
    for (path, method, statuses) in seen {
        let responses = &document["paths"][path][method]["responses"];
        assert!(responses.is_object(), "{method} {path} is missing");
        for status in *statuses {
            assert!(
                responses.get(status.to_string()).is_some(),
                "{status} of {method} {path}"
            );
        }
    }
}

#[test]
fn every_described_get_without_parameters_is_answered() {
    let desk = Desk::open();
    let document = document(&desk.server);
    for (path, operations) in document["paths"].as_object().expect("paths") {
        // A stream has no end, and what is the person's alone is not for a key.
        let is_other = path.ends_with("/events") || path.ends_with("/backups");
        if operations.get("get").is_none() || path.contains('{') || is_other {
            continue;
        }
        let answer = desk.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        let described = &operations["get"]["responses"]["200"]["content"];
        let described = described
            .as_object()
            .and_then(|content| content.keys().next());
        let described = described.expect("a content type");
        let content_type = answer.header("content-type").unwrap_or_default();
        assert!(
            content_type.starts_with(described),
            "{path}: {content_type}"
        );
    }
}

#[test]
fn errors_have_the_described_members() {
    let desk = Desk::open();
    let body = desk.get("/api/switchhook/runs/4711").json();
    let expected = json!({"detail": "Workflow run not found", "title": "Not Found", "status": 404, "code": "not-found"});
    for (member, value) in expected.as_object().expect("an object") {
        assert_eq!(body[member], *value);
    }
    let described = &document(&desk.server)["components"]["schemas"]["Problem"]["properties"];
    for member in body.as_object().expect("an object").keys() {
        assert!(described.get(member).is_some(), "{member}");
    }
}
