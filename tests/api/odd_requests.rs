//! Requests that no client means to send, answered as the reference's framework answers them: found
//! by asking both for everything that a path, a query, a header and a body may wrongly be.

use serde_json::{Value, json};
use switchhook_tests::server::Desk;

const CONFIGURATIONS: &str = "/api/v1/organizations/telephony-configs";

/// Type and place of every error of a 422.
fn errors(status: u16, body: &Value) -> Vec<(String, Value)> {
    assert_eq!(status, 422, "{body}");
    let list = body["detail"].as_array().expect("a list");
    let error = |error: &Value| {
        (
            error["type"].as_str().unwrap_or_default().to_owned(),
            error["loc"].clone(),
        )
    };
    list.iter().map(error).collect()
}

fn error(kind: &str, loc: Value) -> (String, Value) {
    (kind.to_owned(), loc)
}

#[test]
fn what_is_wrong_about_a_path_and_its_body_is_told_together() {
    let desk = Desk::open();
    let rows = [
        (
            "/api/v1/workflow/x",
            "workflow_id",
            json!({"name": 1}),
            "name",
        ),
        (
            "/api/v1/workflow/x/status",
            "workflow_id",
            json!({"status": 1}),
            "status",
        ),
        (
            &format!("{CONFIGURATIONS}/x"),
            "config_id",
            json!({"name": 1}),
            "name",
        ),
        (
            &format!("{CONFIGURATIONS}/x/trunks/1"),
            "config_id",
            json!({"name": 1}),
            "name",
        ),
        (
            &format!("{CONFIGURATIONS}/x/phone-numbers/1"),
            "config_id",
            json!({"label": 1}),
            "label",
        ),
    ];
    for (path, id, body, field) in rows {
        let answer = desk.put(path, &body);
        let expected = [
            error("int_parsing", json!(["path", id])),
            error("string_type", json!(["body", field])),
        ];
        assert_eq!(errors(answer.status, &answer.json()), expected, "{path}");
    }
    for (path, id, field) in [
        ("/api/v1/workflow/x/runs".to_owned(), "workflow_id", "mode"),
        (
            format!("{CONFIGURATIONS}/x/phone-numbers"),
            "config_id",
            "address",
        ),
        (format!("{CONFIGURATIONS}/x/trunks"), "config_id", "name"),
    ] {
        let answer = desk.post(&path, &json!({}));
        let told = errors(answer.status, &answer.json());
        let expected = [
            error("int_parsing", json!(["path", id])),
            error("missing", json!(["body", field])),
        ];
        assert_eq!(told[..2], expected, "{path}");
    }
    let control = &desk.server.control;
    let nothing = control
        .request("PUT", "/api/v1/workflow/x")
        .key(&desk.manage)
        .send();
    let expected = [
        error("int_parsing", json!(["path", "workflow_id"])),
        error("missing", json!(["body"])),
    ];
    assert_eq!(errors(nothing.status, &nothing.json()), expected);
}

#[test]
fn what_is_wrong_about_a_path_and_its_query_is_told_together() {
    let desk = Desk::open();
    for (path, name) in [
        ("/api/v1/workflow/x/runs?page=0", "page"),
        ("/api/v1/workflow/x/versions?limit=0", "limit"),
    ] {
        let answer = desk.get(path);
        let expected = [
            error("int_parsing", json!(["path", "workflow_id"])),
            error("greater_than_equal", json!(["query", name])),
        ];
        assert_eq!(errors(answer.status, &answer.json()), expected, "{path}");
    }
}

#[test]
fn a_path_that_is_not_utf_8_is_read_with_marks() {
    let desk = Desk::open();
    let answer = desk.get("/api/v1/workflow/fetch/%FF");
    assert_eq!(answer.json()["detail"][0]["input"], "\u{fffd}");
    let expected = [error("int_parsing", json!(["path", "workflow_id"]))];
    assert_eq!(errors(answer.status, &answer.json()), expected);
    assert_eq!(desk.get("/api/v1/node-types/%FF").status, 404);
}

#[test]
fn any_number_of_slashes_at_the_end_leads_to_the_path_without() {
    let desk = Desk::open();
    for slashes in ["/", "//", "///"] {
        let answer = desk.get(&format!("/api/v1/workflow/count{slashes}"));
        let location = answer.header("location").unwrap_or_default();
        assert_eq!(answer.status, 307);
        assert!(location.ends_with("/api/v1/workflow/count"), "{location}");
    }
    // The route has one slash; none of the others is it.
    assert_eq!(desk.get("/api/v1/credentials").status, 307);
    assert_eq!(desk.get("/api/v1/credentials//").status, 404);
}

#[test]
fn an_authorization_header_opens_nothing_and_is_named() {
    let desk = Desk::open();
    let control = &desk.server.control;
    for (sent, detail) in [
        ("", "Authorization header required"),
        ("Bearer ", "Invalid authorization token"),
        ("Bearer x", "Invalid or expired token"),
        ("x", "Invalid or expired token"),
    ] {
        let answer = control
            .get("/api/v1/user/api-keys")
            .header("Authorization", sent)
            .send();
        assert_eq!(
            (answer.status, &answer.json()["detail"]),
            (401, &json!(detail)),
            "{sent:?}"
        );
    }
}

#[test]
fn a_provider_that_is_no_text_is_named_as_python_writes_it() {
    let desk = Desk::open();
    for (provider, said) in [
        (Value::Null, "None"),
        (json!(true), "True"),
        (json!(1.0), "1.0"),
        (json!(["a"]), "['a']"),
        (json!({"a": 1}), "{'a': 1}"),
    ] {
        let body = json!({"name": "a", "config": {"provider": provider}});
        let answer = desk.post(CONFIGURATIONS, &body);
        let error = &answer.json()["detail"][0];
        assert_eq!((answer.status, &error["ctx"]["tag"]), (422, &json!(said)));
    }
}

#[test]
fn fields_are_of_the_references_types() {
    let desk = Desk::open();
    let status = desk.put("/api/v1/workflow/1/status", &json!({"status": null}));
    let expected = [error("string_type", json!(["body", "status"]))];
    assert_eq!(errors(status.status, &status.json()), expected);
    let trunk = desk.post(
        &format!("{CONFIGURATIONS}/1/trunks"),
        &json!({"name": "a", "settings": 1}),
    );
    let expected = [error("dict_type", json!(["body", "settings"]))];
    assert_eq!(errors(trunk.status, &trunk.json()), expected);
}

#[test]
fn who_asks_is_settled_before_the_body_is_looked_at() {
    let desk = Desk::open();
    let control = &desk.server.control;
    let sent = control
        .post("/api/v1/user/api-keys")
        .header("Content-Type", "application/json");
    let answer = sent.body("{").send();
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (401, "sign-in-required")
    );
}

#[test]
fn every_method_of_a_path_is_allowed_by_name() {
    let desk = Desk::open();
    let control = &desk.server.control;
    let answer = control
        .request("PATCH", CONFIGURATIONS)
        .key(&desk.manage)
        .send();
    assert_eq!(answer.status, 405);
    let allowed = answer.header("allow").unwrap_or_default();
    let mut allowed: Vec<_> = allowed.split(',').map(str::trim).collect();
    allowed.sort_unstable();
    assert_eq!(allowed, ["GET", "HEAD", "POST"]);
}

#[test]
fn a_word_where_an_id_could_stand_has_methods_of_its_own() {
    let desk = Desk::open();
    for (method, path) in [
        ("PUT", "count"),
        ("PUT", "fetch"),
        ("PUT", "summary"),
        ("PUT", "templates"),
        ("POST", "fetch/publish"),
    ] {
        let url = format!("/api/v1/workflow/{path}");
        let request = desk.server.control.request(method, &url);
        let answer = request.key(&desk.manage).json(&json!({})).send();
        let allowed = answer.header("allow").unwrap_or_default();
        assert_eq!(answer.status, 405, "{method} {path}");
        assert!(allowed.contains("GET"), "{method} {path}: {allowed}");
    }
}

#[test]
fn nothing_tells_what_is_billed() {
    let desk = Desk::open();
    for path in ["current-period", "daily-breakdown?days=7"] {
        let answer = desk.get(&format!("/api/v1/organizations/usage/{path}"));
        assert_eq!((answer.status, answer.code().as_str()), (404, "not-found"));
    }
}
