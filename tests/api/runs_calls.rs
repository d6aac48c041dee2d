//! Test calls by an agent's id, and runs that wait for their call.

use serde_json::{Value, json};
use switchhook_tests::server::Desk;
use switchhook_tests::server::http::Response;

const PATH: &str = "/api/v1/telephony/initiate-call";

fn told(answer: &Response) -> (u16, Value) {
    (answer.status, answer.json()["detail"].clone())
}

/// A run that waits for its call.
fn waiting(desk: &Desk) -> i64 {
    let body = json!({"mode": "twilio", "name": "manual"});
    let made = desk.post("/api/v1/workflow/1/runs", &body);
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()["id"].as_i64().expect("an id")
}

#[test]
fn a_test_call_runs_the_draft_and_names_its_run() {
    let desk = Desk::open();
    let answer = desk.post(
        PATH,
        &json!({"workflow_id": 1, "phone_number": "+14155550101"}),
    );
    assert_eq!(answer.status, 200, "{}", answer.text());
    let id = answer.json()["workflow_run_id"].as_i64().expect("an id");
    let name = format!("WR-TEL-OUT-{id:08}");
    let message = format!("Call initiated successfully with run name {name}");
    assert_eq!(answer.json()["message"], message);
    let run = desk.ended(id);
    let facts = json!([
        run["name"],
        run["mode"],
        run["version_status"],
        run["state"]
    ]);
    assert_eq!(facts, json!([name, "test", "draft", "completed"]));
}

#[test]
fn a_test_call_is_refused_in_the_references_order_and_words() {
    let desk = Desk::open();
    let refusals = [
        (
            json!({"workflow_id": 9, "telephony_configuration_id": 9}),
            400,
            "telephony_configuration_not_found",
        ),
        (
            json!({"workflow_id": 9}),
            400,
            "Phone number must be provided in request or set in organization preferences",
        ),
        (
            json!({"workflow_id": 9, "phone_number": "+14155550101"}),
            404,
            "Workflow not found",
        ),
        (
            json!({"workflow_id": 1, "phone_number": "+14155550101", "from_phone_number_id": 9}),
            400,
            "from_phone_number_not_found",
        ),
        (
            json!({"workflow_id": 1, "phone_number": "+14155550101", "workflow_run_id": 9}),
            400,
            "Workflow run not found",
        ),
    ];
    for (body, status, detail) in refusals {
        assert_eq!(
            told(&desk.post(PATH, &body)),
            (status, json!(detail)),
            "{body}"
        );
    }
    let missing = desk
        .post(PATH, &json!({"phone_number": "+14155550101"}))
        .json();
    assert_eq!(missing["detail"][0]["loc"], json!(["body", "workflow_id"]));
    let deleted = desk.delete("/api/v1/organizations/telephony-configs/1");
    assert_eq!(deleted.status, 200);
    let none = desk.post(PATH, &json!({"workflow_id": 9}));
    assert_eq!(told(&none), (400, json!("telephony_not_configured")));
    assert_eq!(desk.get("/api/switchhook/runs").json()["runs"], json!([]));
}

#[test]
fn a_test_call_keeps_to_the_limit_and_to_its_idempotency_key() {
    let desk = Desk::open();
    let body = json!({"workflow_id": 1, "phone_number": "+14155550100"});
    let send = || {
        let request = desk.server.control.post(PATH).key(&desk.manage);
        request.header("Idempotency-Key", "one").json(&body).send()
    };
    let (first, second) = (send(), send());
    assert_eq!((first.status, first.text()), (second.status, second.text()));
    let set = desk.put("/api/switchhook/settings", &json!({"concurrent_calls": 1}));
    assert_eq!(set.status, 200);
    let over = desk.post(PATH, &body);
    assert_eq!(told(&over), (429, json!("Concurrent call limit reached")));
}

#[test]
fn a_run_waits_for_its_call_and_keeps_its_name() {
    let desk = Desk::open();
    let id = waiting(&desk);
    let run = desk.get(&format!("/api/v1/workflow/1/runs/{id}")).json();
    let facts = json!([run["name"], run["mode"], run["is_completed"], run["state"]]);
    assert_eq!(facts, json!(["manual", "twilio", false, "queued"]));
    let body = json!({"workflow_id": 1, "workflow_run_id": id, "phone_number": "+14155550101"});
    let called = desk.post(PATH, &body);
    assert_eq!(
        (called.status, &called.json()["workflow_run_id"]),
        (200, &json!(id))
    );
    let run = desk.ended(id);
    let facts = json!([
        run["name"],
        run["provider"],
        run["state"],
        run["destination"]
    ]);
    assert_eq!(
        facts,
        json!(["manual", "desk_phone", "completed", "+14155550101"])
    );
    let again = desk.post(PATH, &body);
    let detail = json!("Workflow run already has an active call");
    assert_eq!(told(&again), (409, detail));
}

#[test]
fn a_waiting_run_takes_no_slot_and_outlives_a_restart() {
    let desk = Desk::open();
    let id = waiting(&desk);
    let set = desk.put("/api/switchhook/settings", &json!({"concurrent_calls": 1}));
    assert_eq!(set.status, 200);
    let _ = desk.ended(desk.call("+14155550102"));
    let folder = desk.server.crash();
    let options = switchhook_tests::server::Options {
        folder,
        ..Default::default()
    };
    let desk = Desk::at(options.start());
    assert_eq!(desk.run(id)["state"], "queued");
    let body = json!({"workflow_id": 1, "workflow_run_id": id, "phone_number": "+14155550102"});
    assert_eq!(desk.post(PATH, &body).status, 200);
    assert_eq!(desk.ended(id)["state"], "busy");
}

#[test]
fn a_run_is_made_for_an_agent_that_is_there() {
    let desk = Desk::open();
    let body = json!({"mode": "twilio", "name": "manual"});
    let unknown = desk.post("/api/v1/workflow/9/runs", &body);
    assert_eq!(told(&unknown), (404, json!("Workflow not found")));
    let missing = desk
        .post("/api/v1/workflow/1/runs", &json!({"name": "x"}))
        .json();
    assert_eq!(missing["detail"][0]["loc"], json!(["body", "mode"]));
}

#[test]
fn a_test_call_without_a_number_goes_to_the_preferred_one() {
    let desk = Desk::open();
    let preferred = json!({"test_phone_number": "+14155550101"});
    let saved = desk.put("/api/v1/organizations/preferences", &preferred);
    assert_eq!(saved.status, 200, "{}", saved.text());
    for number in [Value::Null, json!("")] {
        let answer = desk.post(PATH, &json!({"workflow_id": 1, "phone_number": number}));
        assert_eq!(answer.status, 200, "{}", answer.text());
        let id = answer.json()["workflow_run_id"].as_i64().expect("an id");
        assert_eq!(desk.ended(id)["destination"], "+14155550101");
    }
    let named = desk.post(
        PATH,
        &json!({"workflow_id": 1, "phone_number": "+14155550102"}),
    );
    let id = named.json()["workflow_run_id"].as_i64().expect("an id");
    assert_eq!(desk.ended(id)["destination"], "+14155550102");
}

#[test]
fn a_test_call_tells_a_refusal_as_a_trigger_does() {
    let desk = Desk::open();
    let refused = desk.post(
        PATH,
        &json!({"workflow_id": 1, "phone_number": "+14155550105"}),
    );
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (400, "carrier-refused")
    );
    let detail = refused.json()["detail"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(detail.starts_with("Failed to initiate call: "), "{detail}");
    let id = refused.json()["workflow_run_id"].as_i64().expect("a run");
    assert_eq!(desk.run(id)["state"], "failed");
}

#[test]
fn a_run_made_by_hand_takes_the_time_of_its_call() {
    let desk = Desk::open();
    let made = desk.post(
        "/api/v1/workflow/1/runs",
        &json!({"mode": "twilio", "name": "manual"}),
    );
    let made = made.json();
    let body =
        json!({"workflow_id": 1, "workflow_run_id": made["id"], "phone_number": "+14155550101"});
    assert_eq!(desk.post(PATH, &body).status, 200);
    let run = desk.ended(made["id"].as_i64().expect("an id"));
    // Both are written alike, so that the order of the texts is that of the times.
    assert!(
        run["created_at"].as_str() > made["created_at"].as_str(),
        "{run}"
    );
}

#[test]
fn a_context_names_no_owner_of_its_key() {
    let desk = Desk::open();
    let run = desk.run(desk.call("+14155550101"));
    assert!(run["initial_context"]["api_key_id"].is_i64(), "{run}");
    assert!(
        run["initial_context"].get("api_key_created_by").is_none(),
        "{run}"
    );
}
