//! What a key opens: its scope, its limits, its end.

use serde_json::{Value, json};
use switchhook_tests::server::http::Response;
use switchhook_tests::server::{Desk, eventually};

/// A key made over HTTP with these limits.
fn limited(desk: &Desk, limits: &Value) -> (i64, String) {
    let mut body = json!({"name": "limited"});
    for (name, value) in limits.as_object().expect("an object") {
        body[name] = value.clone();
    }
    let made = desk.post("/api/v1/user/api-keys", &body);
    assert_eq!(made.status, 200, "{}", made.text());
    let made = made.json();
    let key = made["api_key"].as_str().expect("a key").to_owned();
    assert!(key.starts_with(made["key_prefix"].as_str().expect("a prefix")));
    (made["id"].as_i64().expect("an id"), key)
}

fn fire(desk: &Desk, key: &str, url: &str) -> Response {
    desk.server
        .public
        .post(url)
        .key(key)
        .json(&json!({"phone_number": "+14155550101"}))
        .send()
}

#[track_caller]
fn assert_denied(answer: &Response) {
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (403, "access-denied"),
        "{}",
        answer.text()
    );
    assert_eq!(answer.json()["detail"], "Access denied");
}

#[test]
fn a_trigger_key_fires_and_manages_nothing() {
    let desk = Desk::open();
    assert_eq!(fire(&desk, &desk.key, &desk.production()).status, 200);
    for path in [
        "/api/v1/workflow/fetch",
        "/api/v1/user/api-keys",
        "/api/switchhook/runs",
        "/api/switchhook/events",
    ] {
        assert_denied(&desk.server.control.get(path).key(&desk.key).send());
    }
    assert_denied(
        &desk
            .server
            .control
            .post("/api/v1/user/api-keys")
            .key(&desk.key)
            .json(&json!({"name": "x"}))
            .send(),
    );
}

#[test]
fn a_manage_key_fires_too() {
    let desk = Desk::open();
    assert_eq!(fire(&desk, &desk.manage, &desk.production()).status, 200);
}

#[test]
fn the_control_listener_says_whether_a_key_is_missing_or_wrong() {
    let desk = Desk::open();
    let missing = desk.server.control.get("/api/v1/workflow/fetch").send();
    assert_eq!(
        (missing.status, &missing.json()["detail"]),
        (401, &json!("Authorization header required"))
    );
    let wrong = desk
        .server
        .control
        .get("/api/v1/workflow/fetch")
        .key("dgr_wrong")
        .send();
    assert_eq!(
        (wrong.status, &wrong.json()["detail"]),
        (401, &json!("Invalid or expired API key"))
    );
}

#[test]
fn the_public_listener_has_no_control_routes() {
    let desk = Desk::open();
    for path in [
        "/api/v1/workflow/fetch",
        "/api/switchhook/runs",
        "/api/v1/user/api-keys",
        "/api/openapi.json",
        "/",
    ] {
        let answer = desk.server.public.get(path).key(&desk.manage).send();
        assert_eq!(
            (answer.status, &answer.json()["detail"]),
            (404, &json!("Not Found")),
            "{path}"
        );
    }
}

#[test]
fn a_key_made_without_a_scope_does_what_the_references_keys_do() {
    let desk = Desk::open();
    let (_, key) = limited(&desk, &json!({}));
    assert_eq!(fire(&desk, &key, &desk.production()).status, 200);
    let read = desk
        .server
        .control
        .get("/api/v1/workflow/fetch")
        .key(&key)
        .send();
    assert_eq!(read.status, 200);
}

#[test]
fn a_key_made_for_triggers_manages_nothing() {
    let desk = Desk::open();
    let (_, key) = limited(&desk, &json!({"scope": "trigger"}));
    assert_eq!(fire(&desk, &key, &desk.production()).status, 200);
    assert_denied(
        &desk
            .server
            .control
            .get("/api/v1/workflow/fetch")
            .key(&key)
            .send(),
    );
}

#[test]
fn a_key_limited_to_agents_fires_no_other() {
    let desk = Desk::open();
    let made = desk.post(
        "/api/v1/workflow/create/definition",
        &json!({"name": "Other", "workflow_definition": {}}),
    );
    let (_, key) = limited(&desk, &json!({"agents": [made.json()["id"]]}));
    assert_denied(&fire(&desk, &key, &desk.production()));
    let (_, key) = limited(&desk, &json!({"agents": [1]}));
    assert_eq!(fire(&desk, &key, &desk.production()).status, 200);
}

#[test]
fn a_key_limited_to_test_mode_fires_no_production_url() {
    let desk = Desk::open();
    let (_, key) = limited(&desk, &json!({"test_only": true}));
    assert_denied(&fire(&desk, &key, &desk.production()));
    assert_eq!(fire(&desk, &key, &desk.test()).status, 200);
}

#[test]
fn a_key_with_limits_manages_nothing() {
    let desk = Desk::open();
    for limit in [json!({"agents": [1]}), json!({"test_only": true})] {
        let (_, key) = limited(&desk, &limit);
        let list = desk.server.control.get("/api/v1/user/api-keys").key(&key);
        assert_denied(&list.send());
        let mut both = limit;
        both["name"] = "both".into();
        both["scope"] = "manage".into();
        let refused = desk.post("/api/v1/user/api-keys", &both);
        assert_eq!(refused.status, 422, "{}", refused.text());
        assert_eq!(refused.json()["detail"][0]["loc"], json!(["body", "scope"]));
    }
}

#[test]
fn an_expired_key_opens_nothing() {
    let desk = Desk::open();
    let (_, key) = limited(&desk, &json!({"expires_at": "2001-01-01T00:00:00Z"}));
    let answer = fire(&desk, &key, &desk.production());
    assert_eq!(
        (answer.status, &answer.json()["detail"]),
        (401, &json!("Invalid API key"))
    );
    let (_, key) = limited(
        &desk,
        &json!({"expires_at": "2001-01-01T00:00:00Z", "scope": "manage"}),
    );
    let answer = desk
        .server
        .control
        .get("/api/v1/workflow/fetch")
        .key(&key)
        .send();
    assert_eq!(
        (answer.status, &answer.json()["detail"]),
        (401, &json!("Invalid or expired API key"))
    );
}

#[test]
fn an_archived_key_opens_nothing_until_it_is_reactivated() {
    let desk = Desk::open();
    let (id, key) = limited(&desk, &json!({}));
    assert_eq!(
        desk.delete(&format!("/api/v1/user/api-keys/{id}")).status,
        200
    );
    assert_eq!(fire(&desk, &key, &desk.production()).status, 401);
    assert_eq!(
        desk.put(
            &format!("/api/v1/user/api-keys/{id}/reactivate"),
            &json!({})
        )
        .status,
        200
    );
    assert_eq!(fire(&desk, &key, &desk.production()).status, 200);
}

#[test]
fn wrong_limits_are_refused_by_name() {
    let desk = Desk::open();
    for (field, value) in [
        ("scope", json!("root")),
        ("agents", json!([4711])),
        ("agents", json!("all")),
        ("test_only", json!("perhaps")),
        ("expires_at", json!("tomorrow")),
    ] {
        let answer = desk.post("/api/v1/user/api-keys", &json!({"name": "x", field: value}));
        assert_eq!(answer.status, 422, "{field}: {}", answer.text());
        assert_eq!(answer.json()["detail"][0]["loc"][1], field);
    }
}

#[test]
fn a_keys_use_is_remembered() {
    let desk = Desk::open();
    let (id, key) = limited(&desk, &json!({}));
    let used = || {
        let keys = desk.get("/api/v1/user/api-keys").json();
        let key = keys
            .as_array()
            .expect("keys")
            .iter()
            .find(|key| key["id"] == id)
            .cloned()
            .expect("the key");
        key["last_used_at"].clone()
    };
    assert_eq!(used(), Value::Null);
    assert_eq!(fire(&desk, &key, &desk.production()).status, 200);
    eventually("the key's use was written", || {
        used().is_string().then_some(())
    });
}

#[test]
fn keys_are_made_before_the_first_start_and_while_a_server_runs() {
    let folder = switchhook_tests::server::Folder::default();
    let before = folder.key("manage");
    let options = switchhook_tests::server::Options {
        folder,
        ..Default::default()
    };
    let server = options.start();
    for key in [before, server.key("manage")] {
        assert_eq!(key.len(), 47);
        assert!(key.starts_with("dgr_"));
        assert_eq!(
            server
                .control
                .get("/api/v1/workflow/count")
                .key(&key)
                .send()
                .status,
            200
        );
    }
}

#[test]
fn only_the_key_is_printed_and_trigger_is_the_default_scope() {
    let desk = Desk::open();
    let made = desk.server.folder.run(&["keys", "create", "n8n"]);
    let printed = String::from_utf8(made.stdout).expect("text");
    let key = printed.trim_end();
    assert_eq!((printed.lines().count(), key.len()), (1, 47), "{printed:?}");
    assert_denied(
        &desk
            .server
            .control
            .get("/api/v1/workflow/fetch")
            .key(key)
            .send(),
    );
    assert_eq!(fire(&desk, key, &desk.production()).status, 200);
}

#[test]
fn a_key_for_a_workspace_that_is_not_there_is_refused() {
    let desk = Desk::open();
    let refused = desk
        .server
        .folder
        .run(&["keys", "create", "x", "--workspace", "4711"]);
    assert!(!refused.status.success() && refused.stdout.is_empty());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("workspace"));
}
