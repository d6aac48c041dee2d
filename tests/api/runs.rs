//! Reading runs: on the public listener by the key that fired, on the control listener by whoever
//! manages, in both shapes.

use serde_json::{Value, json};
use switchhook_tests::server::Desk;

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

#[track_caller]
fn assert_members(value: &Value, expected: &[&str]) {
    for member in expected {
        assert!(value.get(member).is_some(), "{member} in {:?}", keys(value));
    }
}

#[test]
fn whoever_fired_reads_the_run_on_the_public_listener() {
    let desk = Desk::open();
    let id = desk.call("+14155550101");
    let _ = desk.ended(id);
    let run = desk
        .server
        .public
        .get(&format!("/api/v1/workflow/1/runs/{id}"))
        .key(&desk.key)
        .send();
    assert_eq!(run.status, 200, "{}", run.text());
    let run = run.json();
    assert_eq!(
        (&run["id"], &run["is_completed"], &run["state"]),
        (&json!(id), &json!(true), &json!("completed"))
    );
}

#[test]
fn another_key_does_not_find_the_run_on_the_public_listener() {
    let desk = Desk::open();
    let id = desk.call("+14155550101");
    let other = desk.server.key("trigger");
    let path = format!("/api/v1/workflow/1/runs/{id}");
    {
        let answer = desk.server.public.get(&path).key(&other).send();
        assert_eq!(
            (answer.status, &answer.json()["detail"]),
            (404, &json!("Workflow run not found"))
        );
    }
    assert_eq!(desk.server.public.get(&path).send().status, 401);
    assert_eq!(
        desk.server.public.get(&path).key("dgr_wrong").send().status,
        401
    );
}

#[test]
fn a_manage_key_reads_the_runs_of_other_keys_on_the_public_listener() {
    let desk = Desk::open();
    let id = desk.call("+14155550101");
    let path = format!("/api/v1/workflow/1/runs/{id}");
    let answer = desk.server.public.get(&path).key(&desk.manage).send();
    assert_eq!((answer.status, &answer.json()["id"]), (200, &json!(id)));
}

#[test]
fn the_compatible_shape_says_how_the_run_went() {
    let desk = Desk::open();
    let id = desk.call("+14155550102");
    let _ = desk.ended(id);
    let run = desk.get(&format!("/api/v1/workflow/1/runs/{id}")).json();
    assert_eq!(run["name"], format!("WR-API-{id}"));
    assert_eq!(run["mode"], "desk_phone");
    assert_eq!(run["call_type"], "outbound");
    assert_eq!(run["gathered_context"]["call_disposition"], "busy");
    assert_eq!(run["gathered_context"]["mapped_call_disposition"], "busy");
    assert_eq!(
        run["gathered_context"]["call_tags"],
        json!(["not_connected", "telephony_busy"])
    );
    assert_eq!(run["gathered_context"]["triggered_by"], "api");
    assert_eq!(run["gathered_context"]["trigger_uuid"], desk.path);
    assert_members(
        &run,
        &[
            "state",
            "version_number",
            "version_status",
            "trigger_mode",
            "ended_at",
            "end",
        ],
    );
}

#[test]
fn our_shape_is_the_pinned_one() {
    let desk = Desk::open();
    let id = desk.call("+14155550101");
    let run = desk.ended(id);
    assert_members(
        &run,
        &[
            "id",
            "name",
            "agent_id",
            "agent_name",
            "version_number",
            "version_status",
            "mode",
            "draft_missing",
            "state",
            "is_completed",
            "created_at",
            "ended_at",
            "destination",
            "caller_id",
            "telephony_configuration_id",
            "provider",
            "end",
            "timeline",
            "transcript",
            "initial_context",
            "gathered_context",
            "attempts",
            "path",
            "context_sources",
            "exchanges",
        ],
    );
    let facts = json!([
        run["name"],
        run["agent_id"],
        run["agent_name"],
        run["version_number"],
        run["version_status"],
        run["mode"],
        run["draft_missing"]
    ]);
    assert_eq!(
        facts,
        json!([
            format!("WR-API-{id}"),
            1,
            "Appointment reminder",
            1,
            "published",
            "production",
            false
        ])
    );
    let facts = json!([
        run["destination"],
        run["caller_id"],
        run["telephony_configuration_id"],
        run["provider"]
    ]);
    assert_eq!(
        facts,
        json!(["+14155550101", "+15550100199", 1, "desk_phone"])
    );
    assert_members(&run["end"], &["code", "sentence", "side", "next"]);
    assert!(
        ["callee", "carrier", "switchhook", "caller", "unknown"]
            .iter()
            .any(|side| run["end"]["side"] == *side)
    );
    for entry in run["timeline"].as_array().expect("a timeline") {
        assert_members(entry, &["at", "state", "source", "note"]);
    }
    for line in run["transcript"].as_array().expect("a transcript") {
        assert_members(
            line,
            &["at", "offset_ms", "speaker", "text", "node_id", "kind"],
        );
        assert!(
            line["offset_ms"].as_i64().is_some_and(|offset| offset >= 0),
            "{line}"
        );
    }
    assert_eq!(run["attempts"].as_array().map(Vec::len), Some(1));
    assert_members(&run["attempts"][0], &["id", "carrier_call_id", "outcome"]);
}

#[test]
fn a_run_tells_the_nodes_it_came_to_by_name_and_in_order() {
    let desk = Desk::open();
    let run = desk.ended(desk.call("+14155550101"));
    let path = run["path"].as_array().expect("a path");
    assert_eq!(path[0]["node_name"], "Greeting", "{run}");
    assert_members(&path[0], &["node_id", "node_name", "at", "offset_ms"]);
    let first = &run["transcript"][0];
    assert_eq!(
        (&path[0]["node_id"], &path[0]["offset_ms"]),
        (&first["node_id"], &first["offset_ms"])
    );
}

#[test]
fn a_run_tells_where_each_name_of_its_context_came_from() {
    let desk = Desk::open();
    let defaults = json!({"template_context_variables": {"tone": "warm", "plan": "basic"}});
    assert_eq!(desk.put("/api/v1/workflow/1", &defaults).status, 200);
    let context = json!({"customer_name": "Jane", "plan": "premium"});
    let body = json!({"phone_number": "+14155550102", "initial_context": context});
    let sources = |target: &str| {
        let fired = desk.server.public.post(target).key(&desk.key).json(&body);
        let id = fired.send().json()["workflow_run_id"].as_i64();
        let sources = desk.ended(id.expect("a run"))["context_sources"].clone();
        ["customer_name", "plan", "tone", "provider"].map(|name| sources[name].clone())
    };
    let expected = [
        json!("caller"),
        json!("caller"),
        json!("agent"),
        json!("server"),
    ];
    assert_eq!(sources(&desk.test()), expected);
    // A production call takes nothing from the agent.
    let expected = [
        json!("caller"),
        json!("caller"),
        Value::Null,
        json!("server"),
    ];
    assert_eq!(sources(&desk.production()), expected);
}

#[test]
fn an_open_run_has_no_end_yet() {
    let desk = Desk::open();
    let id = desk.call("+14155550100");
    let _ = desk.ringing(id);
    let run = desk.run(id);
    assert_eq!(
        (&run["end"], &run["ended_at"], &run["is_completed"]),
        (&Value::Null, &Value::Null, &json!(false))
    );
}

#[test]
fn a_run_that_is_not_there_is_a_404() {
    let desk = Desk::open();
    for path in ["/api/switchhook/runs/4711", "/api/v1/workflow/1/runs/4711"] {
        let answer = desk.get(path);
        assert_eq!(
            (answer.status, &answer.json()["detail"]),
            (404, &json!("Workflow run not found")),
            "{path}"
        );
    }
}

#[test]
fn runs_are_listed_newest_first_and_paged() {
    let desk = Desk::open();
    let ids: Vec<_> = (0..3).map(|_| desk.call("+14155550102")).collect();
    for id in &ids {
        let _ = desk.ended(*id);
    }
    let page = desk.get("/api/switchhook/runs?limit=2").json();
    let listed = |page: &Value| -> Vec<i64> {
        page["runs"]
            .as_array()
            .expect("runs")
            .iter()
            .filter_map(|run| run["id"].as_i64())
            .collect()
    };
    assert_eq!(listed(&page), [ids[2], ids[1]]);
    let next = desk
        .get(&format!(
            "/api/switchhook/runs?limit=2&before={}",
            page["next_before"]
        ))
        .json();
    assert_eq!(
        (listed(&next), &next["next_before"]),
        (vec![ids[0]], &Value::Null)
    );
    assert_members(
        &page["runs"][0],
        &[
            "id",
            "name",
            "agent_id",
            "agent_name",
            "version_number",
            "version_status",
            "mode",
            "state",
            "is_completed",
            "created_at",
            "ended_at",
            "destination",
            "caller_id",
            "provider",
            "end",
        ],
    );
}

#[test]
fn open_runs_are_listed_alone() {
    let desk = Desk::open();
    let over = desk.call("+14155550102");
    let _ = desk.ended(over);
    let open = desk.call("+14155550100");
    let page = desk.get("/api/switchhook/runs?open=true").json();
    assert_eq!(page["runs"].as_array().map(Vec::len), Some(1));
    assert_eq!(page["runs"][0]["id"], open);
}
