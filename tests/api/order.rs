//! The order in which a trigger request is checked (INTERFACES): of two things that are wrong, the
//! earlier one is answered, and what is refused before the commit leaves no run.

use serde_json::json;
use switchhook_tests::server::Desk;
use switchhook_tests::server::http::{Request, Response};

const CALL: &str = r#"{"phone_number": "+14155550101"}"#;
const BROKEN: &str = r#"{"phone_number": "#;
const NOWHERE: &str = "/api/v1/public/agent/nowhere";

/// Sends a body as JSON.
fn send(request: Request, body: &str) -> Response {
    request
        .header("Content-Type", "application/json")
        .body(body)
        .send()
}

/// A refusal by its status, code and detail.
#[track_caller]
fn assert_refused(answer: &Response, status: u16, code: &str, detail: &str) {
    let body = answer.json();
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (status, code),
        "{body}"
    );
    assert_eq!(body["detail"], detail);
    assert_eq!(body["status"], status);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    for member in ["type", "title", "request_id"] {
        assert!(body[member].is_string(), "{member} in {body}");
    }
}

#[track_caller]
fn assert_no_run(desk: &Desk) {
    let runs = desk.get("/api/switchhook/runs").json();
    assert_eq!(runs["runs"], json!([]));
}

#[test]
fn a_body_that_is_too_large_is_refused_before_the_missing_key() {
    let desk = Desk::open();
    let answer = send(
        desk.server.public.post(&desk.production()),
        &" ".repeat(1024 * 1024 + 1),
    );
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (413, "body-too-large")
    );
}

#[test]
fn a_missing_key_is_refused_before_the_body_is_looked_at() {
    let desk = Desk::open();
    for body in [BROKEN, "", "null", "{}", CALL] {
        let answer = send(desk.server.public.post(&desk.production()), body);
        assert_refused(&answer, 401, "invalid-api-key", "Invalid API key");
    }
    assert_no_run(&desk);
}

#[test]
fn a_wrong_body_is_refused_before_a_wrong_key() {
    let desk = Desk::open();
    let post = || desk.server.public.post(&desk.production()).key("dgr_wrong");
    assert_eq!(send(post(), BROKEN).status, 422);
    assert_eq!(
        send(post(), r#"{"phone_number": 5}"#).json()["detail"][0]["type"],
        "string_type"
    );
}

#[test]
fn a_wrong_key_is_refused_before_the_trigger_is_looked_for() {
    let desk = Desk::open();
    let answer = send(desk.server.public.post(NOWHERE).key("dgr_wrong"), CALL);
    assert_refused(&answer, 401, "invalid-api-key", "Invalid API key");
}

#[test]
fn an_unknown_trigger_is_refused_before_the_destination() {
    let desk = Desk::open();
    let answer = send(
        desk.server.public.post(NOWHERE).key(&desk.key),
        r#"{"phone_number": "nonsense"}"#,
    );
    assert_refused(&answer, 404, "trigger-not-found", "Agent trigger not found");
}

#[test]
fn a_wrong_destination_is_refused_before_a_missing_configuration() {
    let desk = Desk::open();
    let answer = desk.fire(&json!({"phone_number": "", "telephony_configuration_id": 4711}));
    let detail = &answer.json()["detail"][0];
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (422, "invalid-destination")
    );
    assert_eq!(detail["type"], "value_error");
    assert_eq!(detail["loc"], json!(["body", "phone_number"]));
    assert_eq!(detail["input"], "");
    assert!(detail["msg"].is_string());
    assert_no_run(&desk);
}

#[test]
fn a_missing_configuration_is_refused_before_a_missing_caller_id() {
    let desk = Desk::open();
    let body = json!({"phone_number": "+14155550101", "telephony_configuration_id": 4711, "from_phone_number_id": 4711});
    assert_refused(
        &desk.fire(&body),
        404,
        "telephony-configuration-not-found",
        "Telephony configuration not found",
    );
}

#[test]
fn a_missing_caller_id_is_refused_before_the_limit() {
    let desk = Desk::open();
    assert_eq!(
        desk.put("/api/switchhook/settings", &json!({"concurrent_calls": 1}))
            .status,
        200
    );
    let _ = desk.call("+14155550100");
    let answer = desk.fire(&json!({"phone_number": "+14155550101", "from_phone_number_id": 4711}));
    assert_refused(
        &answer,
        400,
        "caller-id-not-found",
        "from_phone_number_not_found",
    );
}

#[test]
fn the_limit_is_checked_before_a_run_is_made() {
    let desk = Desk::open();
    assert_eq!(
        desk.put("/api/switchhook/settings", &json!({"concurrent_calls": 1}))
            .status,
        200
    );
    let open = desk.call("+14155550100");
    let answer = desk.fire(&json!({"phone_number": "+14155550105"}));
    assert_refused(
        &answer,
        429,
        "limit-reached",
        "Concurrent call limit reached",
    );
    let runs = desk.get("/api/switchhook/runs").json();
    let ids: Vec<_> = runs["runs"]
        .as_array()
        .expect("runs")
        .iter()
        .map(|run| run["id"].clone())
        .collect();
    assert_eq!(ids, [json!(open)]);
}

#[test]
fn no_configuration_is_refused_after_the_destination() {
    let desk = Desk::open();
    assert_eq!(
        desk.delete("/api/v1/organizations/telephony-configs/1")
            .status,
        200
    );
    assert_eq!(
        desk.fire(&json!({"phone_number": ""})).code(),
        "invalid-destination"
    );
    let answer = desk.fire(&json!({"phone_number": "+14155550101"}));
    let detail = "Telephony provider not configured for this organization";
    assert_refused(&answer, 400, "telephony-not-configured", detail);
}

#[test]
fn a_dial_that_is_refused_names_its_run() {
    let desk = Desk::open();
    let answer = desk.fire(&json!({"phone_number": "+14155550105"}));
    let body = answer.json();
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (400, "carrier-refused")
    );
    assert!(
        body["detail"]
            .as_str()
            .is_some_and(|detail| detail.starts_with("Failed to initiate call: ")),
        "{body}"
    );
    let run = desk.run(body["workflow_run_id"].as_i64().expect("a run id"));
    assert_eq!(run["state"], "failed");
    assert_eq!(run["end"]["code"], "carrier-refused");
    assert_eq!(run["attempts"][0]["outcome"], "refused");
}
