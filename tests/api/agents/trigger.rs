//! Managing an agent's trigger.

use super::{agent, definition, fetch, fired, path, production, publish, save, test};
use serde_json::{Value, json};
use switchhook_tests::server::Desk;

fn url(id: i64, rest: &str) -> String {
    format!("/api/switchhook/agents/{id}/trigger{rest}")
}

fn trigger(desk: &Desk, id: i64) -> Value {
    let answer = desk.get(&url(id, ""));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// An agent without a trigger.
fn bare(desk: &Desk) -> i64 {
    let mut bare = definition(&json!("p"));
    bare["nodes"].as_array_mut().expect("nodes").pop();
    agent(desk, "Bare", &bare)
}

#[test]
fn a_trigger_says_where_it_stands_in_both_modes() {
    let desk = Desk::open();
    let id = agent(&desk, "a", &definition(&json!("p")));
    let of = |status: &str, number: i64, path: &str, enabled: bool| {
        let refused_with = (!enabled).then_some("trigger-not-active");
        json!({
            "trigger_path": path, "version_number": number, "version_status": status, "enabled": enabled,
            "refused_with": refused_with,
        })
    };
    let before = trigger(&desk, id);
    assert_eq!(before["production"], of("published", 1, "p", true));
    assert_eq!(before["test"], before["production"]);
    assert_eq!(
        (&before["disabled"], &before["last_used"]),
        (&Value::Null, &Value::Null)
    );
    let mut draft = definition(&json!("q"));
    draft["nodes"][2]["data"]["enabled"] = json!(false);
    save(&desk, id, &draft);
    let after = trigger(&desk, id);
    assert_eq!(after["production"], of("published", 1, "p", true));
    assert_eq!(after["test"], of("draft", 2, "q", false));
}

#[test]
fn an_added_trigger_can_be_tested_at_once_and_fired_once_published() {
    let desk = Desk::open();
    let id = bare(&desk);
    assert_eq!(trigger(&desk, id)["test"], Value::Null);
    let added = desk.post(&url(id, ""), &json!({"trigger_path": "chosen"}));
    assert_eq!(added.status, 200, "{}", added.text());
    assert_eq!(added.json()["test"]["trigger_path"], "chosen");
    assert_eq!(added.json()["production"], Value::Null);
    assert_eq!(fired(&desk, &test("chosen")).0, 200);
    assert_eq!(
        fired(&desk, &production("chosen")),
        (404, "trigger-not-found".to_owned())
    );
    publish(&desk, id);
    assert_eq!(fired(&desk, &production("chosen")).0, 200);
}

#[test]
fn without_a_chosen_path_one_is_minted() {
    let desk = Desk::open();
    for body in [
        json!({}),
        json!({"trigger_path": null}),
        json!({"trigger_path": ""}),
    ] {
        let id = bare(&desk);
        let added = desk.post(&url(id, ""), &body).json();
        let minted = added["test"]["trigger_path"]
            .as_str()
            .expect("a path")
            .to_owned();
        assert_eq!(minted.len(), 36);
        assert_eq!(path(&fetch(&desk, id)["workflow_definition"]), minted);
    }
    let id = bare(&desk);
    let request = desk.server.control.post(&url(id, "")).key(&desk.manage);
    assert_eq!(request.send().status, 200, "an empty body");
}

#[test]
fn a_second_trigger_a_wrong_path_and_a_taken_one_are_refused() {
    let desk = Desk::open();
    let holder = agent(&desk, "Holder", &definition(&json!("mine")));
    let second = desk.post(&url(holder, ""), &json!({}));
    let error = &second.json()["detail"]["errors"][0];
    assert_eq!(
        (second.status, &error["message"]),
        (409, &json!("Workflow can have at most one API Trigger"))
    );
    let id = bare(&desk);
    for rest in ["", "/rotate"] {
        let wrong = desk.post(&url(id, rest), &json!({"trigger_path": "a/b"}));
        assert_eq!(
            (wrong.status, wrong.code().as_str()),
            (422, "invalid-definition")
        );
    }
    let taken = desk.post(&url(id, ""), &json!({"trigger_path": "mine"}));
    let held_by = &taken.json()["detail"]["errors"][0]["held_by"];
    assert_eq!(
        (taken.status, held_by),
        (409, &json!({"agent_id": holder, "agent_name": "Holder"}))
    );
    assert_eq!(
        fetch(&desk, id)["version_status"],
        "published",
        "nothing was left behind"
    );
}

#[test]
fn a_disabled_trigger_answers_404_with_the_reason_until_it_is_enabled() {
    let desk = Desk::open();
    let id = agent(&desk, "a", &definition(&json!("p")));
    let disabled = desk.post(
        &url(id, "/disable"),
        &json!({"reason": "Closed for the holidays"}),
    );
    assert_eq!(disabled.status, 200, "{}", disabled.text());
    let shown = disabled.json();
    assert_eq!(shown["disabled"]["reason"], "Closed for the holidays");
    assert!(shown["disabled"]["at"].is_string());
    assert_eq!(shown["production"]["refused_with"], "trigger-not-active");
    for url in [production("p"), test("p")] {
        let body = json!({"phone_number": "+14155550101"});
        let refused = desk
            .server
            .public
            .post(&url)
            .key(&desk.key)
            .json(&body)
            .send();
        let problem = refused.json();
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (404, "trigger-not-active")
        );
        assert_eq!(problem["detail"], "Agent trigger is not active");
        assert_eq!(problem["reason"], "Closed for the holidays");
    }
    // Neither another version nor another path turns it on again.
    save(&desk, id, &definition(&json!("q")));
    publish(&desk, id);
    assert_eq!(
        fired(&desk, &production("q")),
        (404, "trigger-not-active".to_owned())
    );
    let enabled = desk.post(&url(id, "/enable"), &json!({}));
    assert_eq!(
        (enabled.status, &enabled.json()["disabled"]),
        (200, &Value::Null)
    );
    assert_eq!(fired(&desk, &production("q")).0, 200);
}

#[test]
fn a_node_that_is_disabled_has_no_reason() {
    let desk = Desk::open();
    let mut off = definition(&json!("p"));
    off["nodes"][2]["data"]["enabled"] = json!(false);
    agent(&desk, "a", &off);
    let body = json!({"phone_number": "+14155550101"});
    let refused = desk
        .server
        .public
        .post(&production("p"))
        .key(&desk.key)
        .json(&body)
        .send();
    assert_eq!(
        (refused.code().as_str(), refused.json().get("reason")),
        ("trigger-not-active", None)
    );
}

#[test]
fn disabling_wants_a_reason() {
    let desk = Desk::open();
    for body in [
        json!({}),
        json!({"reason": ""}),
        json!({"reason": "x".repeat(201)}),
    ] {
        let refused = desk.post(&url(1, "/disable"), &body);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (422, "invalid-request"),
            "{body}"
        );
    }
}

#[test]
fn a_rotated_path_leads_nowhere_and_the_new_one_at_once() {
    let desk = Desk::open();
    let id = agent(&desk, "a", &definition(&json!("old")));
    let mut draft = definition(&json!("old"));
    draft["nodes"][0]["data"]["prompt"] = json!("Draft.");
    save(&desk, id, &draft);
    let rotated = desk.post(&url(id, "/rotate"), &json!({}));
    assert_eq!(rotated.status, 200, "{}", rotated.text());
    let minted = rotated.json()["production"]["trigger_path"]
        .as_str()
        .expect("a path")
        .to_owned();
    assert_eq!(rotated.json()["test"]["trigger_path"], minted.as_str());
    for url in [production("old"), test("old")] {
        assert_eq!(fired(&desk, &url), (404, "trigger-not-found".to_owned()));
    }
    for url in [production(&minted), test(&minted)] {
        assert_eq!(fired(&desk, &url), (200, String::new()));
    }
    let fetched = fetch(&desk, id);
    assert_eq!(
        fetched["workflow_definition"]["nodes"][0]["data"]["prompt"],
        "Draft."
    );
    assert_eq!(fetched["version_number"], 2, "no version was made");
    // Free for anybody again.
    agent(&desk, "b", &definition(&json!("old")));
}

#[test]
fn without_a_trigger_there_is_nothing_to_rotate() {
    let desk = Desk::open();
    let id = bare(&desk);
    let refused = desk.post(&url(id, "/rotate"), &json!({}));
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (404, "trigger-not-found")
    );
    let missing = desk.post(&url(999, "/rotate"), &json!({}));
    assert_eq!(
        (missing.status, missing.code().as_str()),
        (404, "not-found")
    );
}

#[test]
fn the_last_use_is_the_last_run_by_the_path() {
    let desk = Desk::open();
    let first = desk.call("+14155550101");
    let used = trigger(&desk, 1)["last_used"].clone();
    assert_eq!(
        (&used["run_id"], &used["mode"]),
        (&json!(first), &json!("production"))
    );
    assert_eq!(fired(&desk, &desk.test()).0, 200);
    assert_eq!(trigger(&desk, 1)["last_used"]["mode"], "test");
    // By the agent's own UUID the trigger is not used.
    let uuid = fetch(&desk, 1)["workflow_uuid"]
        .as_str()
        .expect("a UUID")
        .to_owned();
    assert_eq!(
        fired(&desk, &format!("/api/v1/public/agent/workflow/{uuid}")).0,
        200
    );
    assert_eq!(trigger(&desk, 1)["last_used"]["mode"], "test");
    assert_eq!(
        desk.post(&url(1, "/rotate"), &json!({})).json()["last_used"],
        Value::Null
    );
}
