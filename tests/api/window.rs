//! Our own routes: what the window reads and sets.

use serde_json::{Value, json};
use switchhook_tests::server::Desk;

#[test]
fn the_product_says_what_it_is() {
    let desk = Desk::open();
    let capabilities = desk.get("/api/switchhook/capabilities").json();
    assert_eq!(capabilities["product"], "switchhook");
    let features = capabilities["features"].as_array().expect("features");
    for feature in [
        "events",
        "runs",
        "hang-up",
        "desk-phone",
        "preview",
        "destinations",
        "settings",
        "server",
        "idempotency",
    ] {
        assert!(features.contains(&json!(feature)), "{feature}");
    }
}

#[test]
fn the_server_says_where_it_listens() {
    let desk = Desk::open();
    let server = desk.get("/api/switchhook/server").json();
    assert_eq!(
        server["public"],
        json!({"url": desk.server.ready["public"], "network_url": null, "problem": null})
    );
    assert_eq!(
        server["control"],
        json!({"url": desk.server.ready["control"], "network_url": null, "problem": null})
    );
    assert_eq!(server["data_dir"], desk.server.ready["data_dir"]);
    assert_eq!(server["workspace"]["id"], 1);
}

#[test]
fn settings_are_changed_in_part() {
    let desk = Desk::open();
    let defaults = json!({"concurrent_calls": 10, "requests_per_second": null, "default_country": null, "public_base_url": null, "record_request_bodies": false, "keep_request_bodies_hours": null, "keep_runs_days": null});
    assert_eq!(desk.get("/api/switchhook/settings").json(), defaults);
    let changed = desk.put(
        "/api/switchhook/settings",
        &json!({"default_country": "US"}),
    );
    assert_eq!(changed.status, 200, "{}", changed.text());
    let mut expected = defaults.clone();
    expected["default_country"] = "US".into();
    assert_eq!(desk.get("/api/switchhook/settings").json(), expected);
    assert_eq!(
        desk.put(
            "/api/switchhook/settings",
            &json!({"default_country": null})
        )
        .json(),
        defaults
    );
}

#[test]
fn wrong_settings_are_refused_and_change_nothing() {
    let desk = Desk::open();
    let before = desk.get("/api/switchhook/settings").json();
    for (name, value) in [
        ("concurrent_calls", json!(0)),
        ("concurrent_calls", json!(-1)),
        ("concurrent_calls", json!("many")),
        ("default_country", json!("Atlantis")),
        ("public_base_url", json!("nonsense")),
        ("requests_per_second", json!(0)),
    ] {
        let answer = desk.put(
            "/api/switchhook/settings",
            &json!({"concurrent_calls": 7, name: value}),
        );
        assert_eq!(answer.status, 422, "{name}: {}", answer.text());
        assert_eq!(answer.json()["detail"][0]["loc"][1], name);
    }
    assert_eq!(desk.get("/api/switchhook/settings").json(), before);
}

#[test]
fn the_default_country_makes_national_numbers_possible() {
    let desk = Desk::open();
    let national = json!({"phone_number": "(415) 555-0101"});
    assert_eq!(desk.fire(&national).status, 422);
    assert_eq!(
        desk.put(
            "/api/switchhook/settings",
            &json!({"default_country": "US"})
        )
        .status,
        200
    );
    let reply = desk.fire(&national);
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(
        desk.run(reply.json()["workflow_run_id"].as_i64().expect("a run"))["destination"],
        "+14155550101"
    );
}

#[test]
fn a_destination_is_judged_as_firing_judges_it() {
    let desk = Desk::open();
    let judge = |number: &str| {
        desk.post(
            "/api/switchhook/destinations",
            &json!({"phone_number": number, "provider": "desk_phone"}),
        )
        .json()
    };
    let good = judge("+1 (415) 555-2671");
    assert_eq!(
        (&good["kind"], &good["valid"], &good["e164"]),
        (&json!("phone"), &json!(true), &json!("+14155552671"))
    );
    assert_eq!(good["country_code"], "US");
    for (number, is_possible) in [
        ("+14155550101", true),
        ("+15550100199", true),
        ("nonsense", false),
        ("", false),
        ("+1", false),
    ] {
        let judged = judge(number);
        assert_eq!(judged["possible"], is_possible, "{judged}");
        let fired = desk.fire(&json!({"phone_number": number})).status;
        assert_eq!(fired == 200, is_possible, "{number}: {fired}");
        assert_eq!(
            judged["message"].is_null(),
            is_possible && judged["valid"] == true,
            "{judged}"
        );
    }
}

#[test]
fn a_preview_shows_the_first_line_as_it_will_be_said() {
    let desk = Desk::open();
    let agent = desk.get("/api/v1/workflow/fetch/1").json();
    let preview = desk.post("/api/switchhook/preview", &json!({
        "workflow_definition": agent["workflow_definition"], "template_context_variables": null,
        "initial_context": {"customer_name": "Asha", "plan": "gold", "called_number": "x"}, "mode": "test", "phone_number": null,
    }));
    assert_eq!(preview.status, 200, "{}", preview.text());
    let preview = preview.json();
    let text = preview["greeting"]["text"].as_str().expect("a greeting");
    assert!(
        text.starts_with("Hello Asha, this is the assistant"),
        "{text}"
    );
    let segments = preview["greeting"]["segments"]
        .as_array()
        .expect("segments");
    let whole: String = segments
        .iter()
        .filter_map(|segment| segment["text"].as_str())
        .collect();
    assert_eq!(whole, text);
    let state = |name: &str| {
        let variables = preview["variables"].as_array().expect("variables");
        variables
            .iter()
            .find(|variable| variable["name"] == name)
            .map(|variable| variable["state"].clone())
    };
    assert_eq!(
        (state("customer_name"), state("appointment_date")),
        (Some(json!("set")), Some(json!("fallback")))
    );
    assert_eq!(
        (&preview["unused"], &preview["reserved"]),
        (&json!(["plan"]), &json!(["called_number"]))
    );
    let names: Vec<_> = preview["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .map(|node| node["id"].clone())
        .collect();
    assert_eq!(names.first(), Some(&json!("greeting")));
    assert!(!names.contains(&json!("trigger")));
}

#[test]
fn a_preview_and_a_call_say_the_same() {
    let desk = Desk::open();
    let context = json!({"customer_name": "Zoë {{x}} \\n", "appointment_date": 7});
    let versions = desk.get("/api/v1/workflow/1/versions").json();
    let published = versions
        .as_array()
        .expect("versions")
        .iter()
        .find(|version| version["status"] == "published")
        .cloned();
    let preview = desk.post("/api/switchhook/preview", &json!({
        "workflow_definition": published.expect("a published version")["workflow_json"], "template_context_variables": null,
        "initial_context": context, "mode": "production", "phone_number": "+14155550101",
    })).json();
    let fired = desk
        .fire(&json!({"phone_number": "+14155550101", "initial_context": context}))
        .json();
    let run = desk.ended(fired["workflow_run_id"].as_i64().expect("a run"));
    let greeting = run["transcript"]
        .as_array()
        .expect("a transcript")
        .iter()
        .find(|line| line["kind"] == "greeting")
        .cloned();
    assert_eq!(
        greeting.map(|line| line["text"].clone()),
        Some(preview["greeting"]["text"].clone())
    );
}

#[test]
fn the_sample_workspace_is_ready_for_a_first_call() {
    let desk = Desk::open();
    let agents = desk.get("/api/v1/workflow/fetch").json();
    let agent = &agents[0];
    assert_eq!(
        (&agent["id"], &agent["name"]),
        (&json!(1), &json!("Appointment reminder"))
    );
    assert_eq!(
        (
            &agent["published_version_number"],
            &agent["draft_version_number"]
        ),
        (&json!(1), &json!(2))
    );
    let configurations = desk.get("/api/v1/organizations/telephony-configs").json();
    let configuration = &configurations["configurations"][0];
    let facts = json!([
        configuration["id"],
        configuration["provider"],
        configuration["is_default_outbound"],
        configuration["is_ready_for_outbound"]
    ]);
    assert_eq!(facts, json!([1, "desk_phone", true, true]));
    let numbers = desk
        .get("/api/v1/organizations/telephony-configs/1/phone-numbers")
        .json();
    assert_eq!(numbers["phone_numbers"][0]["is_default_caller_id"], true);
    let versions = desk.get("/api/v1/workflow/1/versions").json();
    let of = |status: &str| {
        versions
            .as_array()
            .expect("versions")
            .iter()
            .find(|version| version["status"] == status)
            .cloned()
            .expect("a version")
    };
    assert_ne!(
        of("draft")["workflow_json"],
        of("published")["workflow_json"]
    );
    let text = of("published")["workflow_json"].to_string();
    for variable in ["{{customer_name", "{{appointment_date", "{{user.name"] {
        assert!(text.contains(variable), "{variable}");
    }
}

#[test]
fn telephony_metadata_describes_the_desk_phone() {
    let desk = Desk::open();
    let metadata = desk
        .get("/api/v1/organizations/telephony-providers/metadata")
        .json();
    let providers = metadata["providers"].as_array().expect("providers");
    let desk_phone = providers
        .iter()
        .find(|provider| provider["provider"] == "desk_phone")
        .expect("the desk phone");
    assert_eq!(
        (&desk_phone["display_name"], &desk_phone["fields"]),
        (&json!("Desk phone"), &json!([]))
    );
    assert_ne!(desk_phone.get("docs_url"), Some(&Value::Bool(true)));
}
