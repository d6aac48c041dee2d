//! Bodies that are too large, too deep, or poison: refused before anything is stored, never a 500,
//! and whatever was stored can be read again.

use serde_json::{Value, json};
use switchhook_tests::server::Desk;
use switchhook_tests::server::http::Response;

fn send(desk: &Desk, body: impl Into<Vec<u8>>) -> Response {
    let post = desk.server.public.post(&desk.production()).key(&desk.key);
    post.header("Content-Type", "application/json")
        .body(body)
        .send()
}

fn with_context(context: &str) -> String {
    format!(r#"{{"phone_number": "+14155550101", "initial_context": {context}}}"#)
}

/// A context this many objects deep; the body around it is one more.
fn nested(depth: usize) -> String {
    with_context(&format!(
        "{}1{}",
        r#"{"a":"#.repeat(depth),
        "}".repeat(depth)
    ))
}

#[test]
fn a_body_of_a_mebibyte_is_taken_and_one_byte_more_is_not() {
    let desk = Desk::open();
    let exactly = |size: usize| {
        let frame = with_context(r#"{"blob": ""}"#).len();
        with_context(&format!(r#"{{"blob": "{}"}}"#, "x".repeat(size - frame)))
    };
    assert_eq!(send(&desk, exactly(1024 * 1024)).status, 200);
    assert_eq!(send(&desk, exactly(1024 * 1024 + 1)).status, 413);
}

#[test]
fn a_body_without_an_announced_length_is_bounded_too() {
    let desk = Desk::open();
    let body = with_context(&format!(r#"{{"blob": "{}"}}"#, "x".repeat(3 * 1024 * 1024)));
    let post = desk.server.public.post(&desk.production()).key(&desk.key);
    let answer = post
        .header("Content-Type", "application/json")
        .chunked()
        .body(body)
        .send();
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (413, "body-too-large")
    );
}

#[test]
fn a_chunked_body_is_read() {
    let desk = Desk::open();
    let post = desk.server.public.post(&desk.production()).key(&desk.key);
    let answer = post
        .header("Content-Type", "application/json")
        .chunked()
        .body(with_context("{}"))
        .send();
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[test]
fn a_body_may_be_64_levels_deep() {
    let desk = Desk::open();
    assert_eq!(send(&desk, nested(63)).status, 200);
    for depth in [64, 65, 2_000, 100_000] {
        let answer = send(&desk, nested(depth));
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "body-too-deep"),
            "{depth}"
        );
    }
}

#[test]
fn poison_is_refused_and_never_a_500() {
    let desk = Desk::open();
    let contexts = [
        "{\"a\": NaN}",
        "{\"a\": Infinity}",
        "{\"a\": -Infinity}",
        "{\"a\": 1e400}",
        r#"{"a": "\ud800"}"#,
        r#"{"\udc00": 1}"#,
        r#"{"a": "\ud800\ud800"}"#,
    ];
    for context in contexts {
        let answer = send(&desk, with_context(context));
        assert!(
            matches!(answer.status, 400 | 422),
            "{context}: {} {}",
            answer.status,
            answer.text()
        );
        assert_eq!(answer.code(), "invalid-request", "{context}");
    }
    let bytes: [&[u8]; 4] = [
        b"\xff\xfe\x00",
        b"{\"phone_number\": \"\xe9\"}",
        b"\x00",
        b"{\"phone_number\": \"+1\x01\"}",
    ];
    for body in bytes {
        let answer = send(&desk, body);
        assert!(
            matches!(answer.status, 400 | 422),
            "{body:?}: {} {}",
            answer.status,
            answer.text()
        );
    }
    assert_eq!(desk.get("/api/switchhook/runs").json()["runs"], json!([]));
}

#[test]
fn whatever_is_stored_can_be_read_again() {
    let desk = Desk::open();
    let huge = "9".repeat(4_000);
    let contexts = [
        r#"{"a": "x\u0000y", "\u0000": 1}"#.to_owned(),
        format!(r#"{{"n": {huge}}}"#),
        r#"{"n": 1e308, "m": -0.0, "o": 1E+2, "p": 0.10}"#.to_owned(),
        r#"{"": {"": {"": []}}, "name": "\ud83d\ude00 \u202e"}"#.to_owned(),
        r#"{"a": 1, "a": 2}"#.to_owned(),
        r#"{"customer_name": "{{customer_name}} {{user.name | x}} <script>"}"#.to_owned(),
        format!(
            "{{{}}}",
            (0..5_000)
                .map(|n| format!(r#""k{n}":{n}"#))
                .collect::<Vec<_>>()
                .join(",")
        ),
    ];
    for context in contexts {
        let answer = send(&desk, with_context(&context));
        assert_eq!(answer.status, 200, "{context:.80}: {}", answer.text());
        let id = answer.json()["workflow_run_id"].as_i64().expect("a run");
        let sent: Value = serde_json::from_str(&context).expect("JSON");
        let stored = desk.run(id)["initial_context"].clone();
        for (name, value) in sent.as_object().expect("an object") {
            assert_eq!(stored[name], *value, "{name:.40}");
        }
        let compatible = desk.get(&format!("/api/v1/workflow/1/runs/{id}"));
        assert_eq!(compatible.status, 200, "{}", compatible.text());
        let _ = desk.ended(id);
    }
    assert_eq!(desk.get("/api/v1/workflow/1/runs?limit=100").status, 200);
    assert_eq!(desk.get("/api/switchhook/runs?limit=100").status, 200);
}

#[test]
fn unknown_fields_are_taken_and_named() {
    let desk = Desk::open();
    let reply = desk
        .fire(&json!({"phone_number": "+14155550101", "customer_name": "Asha", "order": {"id": 7}}))
        .json();
    let fields: Vec<_> = reply["warnings"]
        .as_array()
        .expect("warnings")
        .iter()
        .map(|warning| {
            assert_eq!(warning["code"], "unknown-field");
            assert!(warning["message"].is_string());
            warning["field"].clone()
        })
        .collect();
    assert_eq!(fields, [json!("customer_name"), json!("order")]);
}

#[test]
fn reserved_names_lose_to_the_server_and_are_named() {
    let desk = Desk::open();
    let reserved = [
        "provider",
        "direction",
        "phone_number",
        "trigger_mode",
        "telephony_configuration_id",
        "agent_identifier",
        "agent_identifier_type",
        "workflow_uuid",
        "from_phone_number_id",
        "agent_uuid",
        "api_key_id",
        "api_key_created_by",
        "called_number",
        "caller_number",
        "runtime_configuration",
        "mps_correlation_id",
    ];
    let mut context: serde_json::Map<_, _> = reserved
        .iter()
        .map(|name| ((*name).to_owned(), json!("evil")))
        .collect();
    context.insert("customer_name".to_owned(), "Asha".into());
    let reply = desk
        .fire(&json!({"phone_number": "+14155550101", "initial_context": context}))
        .json();
    let warnings = reply["warnings"].as_array().expect("warnings").clone();
    assert_eq!(warnings.len(), reserved.len());
    assert!(
        warnings
            .iter()
            .all(|warning| warning["code"] == "reserved-context-key")
    );
    let run = desk.run(reply["workflow_run_id"].as_i64().expect("a run"));
    assert!(
        !run["initial_context"].to_string().contains("evil"),
        "{}",
        run["initial_context"]
    );
    assert_eq!(run["initial_context"]["customer_name"], "Asha");
    assert_eq!(run["initial_context"]["called_number"], "+14155550101");
}

#[test]
fn a_number_that_is_possible_but_not_valid_is_dialled_with_a_warning() {
    let desk = Desk::open();
    let reply = desk.fire(&json!({"phone_number": "+15550100199"}));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let warning = &reply.json()["warnings"][0];
    assert_eq!(warning["code"], "number-not-valid");
    assert_eq!(warning["field"], "phone_number");
}

#[test]
fn a_plain_call_has_no_warnings() {
    let desk = Desk::open();
    let reply = desk.fire(
        &json!({"phone_number": "+14155550101", "initial_context": {"customer_name": "Asha"}}),
    );
    assert_eq!(reply.json()["warnings"], json!([]));
}
