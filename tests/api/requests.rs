//! The request inspector: what came in, how it was answered, and what is never kept of it.

use serde_json::{Value, json};
use switchhook_tests::server::http::Response;
use switchhook_tests::server::{Desk, Options};

const REQUESTS: &str = "/api/switchhook/requests";

fn page(desk: &Desk) -> Value {
    let page = desk.get(REQUESTS);
    assert_eq!(page.status, 200, "{}", page.text());
    page.json()
}

fn newest(desk: &Desk) -> Value {
    page(desk)["requests"][0].clone()
}

fn detail(desk: &Desk, request: &Value) -> Value {
    let detail = desk.get(&format!("{REQUESTS}/{}", request["id"]));
    assert_eq!(detail.status, 200, "{}", detail.text());
    detail.json()
}

fn send(desk: &Desk, key: Option<&str>, path: &str, body: &str) -> Response {
    let request = desk.server.public.post(path);
    let request = request.header("Content-Type", "application/json");
    let request = match key {
        Some(key) => request.key(key),
        None => request,
    };
    request.body(body.as_bytes().to_vec()).send()
}

#[test]
fn a_request_is_seen_with_its_verdict_its_key_and_its_run() {
    let desk = Desk::open();
    let run = desk.call("+14155550101");
    let seen = newest(&desk);
    assert_eq!(seen["kind"], "trigger");
    assert_eq!(seen["method"], "POST");
    assert_eq!(seen["route"], desk.production().as_str());
    assert_eq!(seen["mode"], "production");
    assert_eq!(
        (&seen["status"], &seen["code"]),
        (&json!(200), &Value::Null)
    );
    assert_eq!(seen["run_id"], run);
    assert_eq!(seen["api_key"]["name"], "test");
    assert!(seen["duration_ms"].as_f64().is_some_and(|took| took > 0.0));
    assert_eq!(seen["is_repeat"], false);
}

#[test]
fn a_refusal_is_seen_with_its_code_and_its_reason() {
    let desk = Desk::open();
    let rows = [
        (
            desk.test(),
            "{}",
            422,
            "invalid-request",
            "phone_number: Field required",
        ),
        (desk.test(), "{", 422, "invalid-request", ""),
        (
            desk.test(),
            r#"{"phone_number":"12"}"#,
            422,
            "invalid-destination",
            "phone_number",
        ),
        (
            "/api/v1/public/agent/nowhere".to_owned(),
            r#"{"phone_number":"+14155550101"}"#,
            404,
            "trigger-not-found",
            "not found",
        ),
        (
            desk.test(),
            r#"{"phone_number":"+14155550105"}"#,
            400,
            "carrier-refused",
            "Failed to initiate call",
        ),
    ];
    for (path, body, status, code, reason) in rows {
        let answer = send(&desk, Some(&desk.key), &path, body);
        assert_eq!(answer.status, status, "{body}: {}", answer.text());
        let seen = newest(&desk);
        assert_eq!(
            (&seen["status"], &seen["code"]),
            (&json!(status), &json!(code)),
            "{body}"
        );
        let message = seen["message"].as_str().unwrap_or_default();
        assert!(message.contains(reason), "{body}: {message}");
        assert_eq!(seen["run_id"].is_i64(), code == "carrier-refused", "{body}");
    }
}

#[test]
fn who_has_no_good_key_is_counted_and_not_listed() {
    let desk = Desk::open();
    let good = r#"{"phone_number":"+14155550101"}"#;
    for (key, body) in [
        (None, good),
        (Some("dgr_wrong"), good),
        (Some("dgr_wrong"), "{}"),
    ] {
        let status = send(&desk, key, &desk.test(), body).status;
        assert!(matches!(status, 401 | 422), "{status}");
    }
    let page = page(&desk);
    assert_eq!(page["requests"], json!([]));
    assert_eq!(page["strangers"]["requests"], 3);
    assert!(page["strangers"]["last_at"].is_string());
}

#[test]
fn bodies_are_kept_only_where_they_are_wanted() {
    let desk = Desk::open();
    let body =
        r#"{"phone_number": "+14155550101", "initial_context": {"big": 12345678901234567890}}"#;
    assert_eq!(send(&desk, Some(&desk.key), &desk.test(), body).status, 200);
    let seen = newest(&desk);
    assert_eq!(seen["body"], "off");
    assert_eq!(detail(&desk, &seen)["body_text"], Value::Null);

    let on = desk.put(
        "/api/switchhook/settings",
        &json!({"record_request_bodies": true}),
    );
    assert_eq!(on.json()["record_request_bodies"], true, "{}", on.text());
    assert_eq!(send(&desk, Some(&desk.key), &desk.test(), body).status, 200);
    let seen = newest(&desk);
    assert_eq!(seen["body"], "kept");
    assert_eq!(detail(&desk, &seen)["body_text"], body);
    let large =
        json!({"phone_number": "+14155550101", "initial_context": {"a": "x".repeat(20_000)}});
    assert_eq!(
        send(&desk, Some(&desk.key), &desk.test(), &large.to_string()).status,
        200
    );
    assert_eq!(newest(&desk)["body"], "too-large");

    let off = desk.put(
        "/api/switchhook/settings",
        &json!({"record_request_bodies": false}),
    );
    assert_eq!(off.status, 200, "{}", off.text());
    assert_eq!(detail(&desk, &seen)["body_text"], Value::Null);
}

#[test]
fn no_key_and_no_header_is_kept() {
    let desk = Desk::open();
    let on = desk.put(
        "/api/switchhook/settings",
        &json!({"record_request_bodies": true}),
    );
    assert_eq!(on.status, 200);
    let sent = desk
        .server
        .public
        .post(&format!("{}?secret=in-the-query", desk.test()))
        .key(&desk.key)
        .header("Authorization", "Bearer in-a-header")
        .json(&json!({"phone_number": "+14155550101"}))
        .send();
    assert_eq!(sent.status, 200, "{}", sent.text());
    let all = detail(&desk, &newest(&desk)).to_string();
    for secret in [desk.key.as_str(), "in-the-query", "in-a-header"] {
        assert!(!all.contains(secret), "{all}");
    }
}

#[test]
fn the_reply_of_an_earlier_request_says_so() {
    let desk = Desk::open();
    for is_repeat in [false, true] {
        let sent = desk
            .server
            .public
            .post(&desk.test())
            .key(&desk.key)
            .header("Idempotency-Key", "once")
            .json(&json!({"phone_number": "+14155550101"}))
            .send();
        assert_eq!(sent.status, 200);
        assert_eq!(newest(&desk)["is_repeat"], is_repeat);
    }
}

#[test]
fn pages_follow_each_other_and_all_can_be_forgotten() {
    let desk = Desk::open();
    for _ in 0..3 {
        let _ = send(&desk, Some(&desk.key), &desk.test(), "{}");
    }
    let first = desk.get(&format!("{REQUESTS}?limit=2")).json();
    assert_eq!(first["requests"].as_array().map(Vec::len), Some(2));
    let before = &first["next_before"];
    let last = desk
        .get(&format!("{REQUESTS}?limit=2&before={before}"))
        .json();
    assert_eq!(last["requests"].as_array().map(Vec::len), Some(1));
    assert_eq!(last["next_before"], Value::Null);
    assert_eq!(desk.delete(REQUESTS).status, 204);
    assert_eq!(page(&desk)["requests"], json!([]));
    let gone = desk.get(&format!("{REQUESTS}/{}", last["requests"][0]["id"]));
    assert_eq!(gone.status, 404);
}

#[test]
fn a_callback_that_is_turned_away_is_seen_without_its_token() {
    let desk = Desk::open();
    let run = desk.call("+14155550101");
    let path = format!("/api/v1/telephony/twilio/status-callback/{run}");
    let callback = desk.server.public.post(&format!("{path}?token=a-guess"));
    assert_eq!(
        callback
            .body(b"CallStatus=completed".to_vec())
            .send()
            .status,
        401
    );
    let seen = newest(&desk);
    assert_eq!(
        (&seen["kind"], &seen["status"]),
        (&json!("callback"), &json!(401))
    );
    assert_eq!(seen["route"], path.as_str());
    assert_eq!(seen["run_id"], run);
    let message = seen["message"].as_str().unwrap_or_default();
    assert!(
        message.contains("token") && !seen.to_string().contains("a-guess"),
        "{seen}"
    );

    let nobodys = "/api/v1/telephony/twilio/status-callback/4711?token=x";
    assert_eq!(desk.server.public.post(nobodys).send().status, 401);
    let page = page(&desk);
    assert_eq!(page["strangers"]["callbacks"], 1);
    assert_eq!(page["requests"][0]["id"], seen["id"]);
}

#[test]
fn the_list_is_for_those_who_manage() {
    let desk = Desk::at(Options::default().start());
    for path in [REQUESTS.to_owned(), format!("{REQUESTS}/1")] {
        let denied = desk.server.control.get(&path).key(&desk.key).send();
        assert_eq!(denied.status, 403);
    }
}
