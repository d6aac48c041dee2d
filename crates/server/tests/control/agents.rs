//! Agents and versions.

use crate::recorded::{assert_answers, assert_refused_as, assert_shaped_as};
use crate::world::{World, definition};
use serde_json::{Value, json};

const CREATE: &str = "/api/v1/workflow/create/definition";

#[tokio::test]
async fn a_new_agent_is_published_at_once_and_answered_as_recorded() {
    let world = World::new().await;
    let body = json!({ "name": "a", "workflow_definition": definition("p1") });
    let created = world.post(CREATE, body).await;
    assert_shaped_as(&created, "setup_create_draftonly_trigger", &["nodes"]);
    let id = created.body["id"].as_i64().expect("an id");
    let versions = world.get(&format!("/api/v1/workflow/{id}/versions")).await;
    assert_eq!(versions.body[0]["status"], "published");
    assert_eq!(versions.body[0]["version_number"], 1);
}

#[tokio::test]
async fn a_definition_keeps_what_is_unknown_and_an_empty_one_is_fine() {
    let world = World::new().await;
    let body = json!({ "name": "empty", "workflow_definition": {} });
    let created = world.post(CREATE, body).await;
    assert_shaped_as(&created, "workflow_create_empty_def", &[]);
    let mut unknown = definition("p1");
    unknown["viewport"] = json!({ "zoom": 1.50, "big": 12345678901234567890123_f64 });
    let body = json!({ "name": "a", "workflow_definition": unknown });
    let id = world.post(CREATE, body).await.ok()["id"].clone();
    let fetched = world.get(&format!("/api/v1/workflow/fetch/{id}")).await;
    assert_eq!(fetched.body["workflow_definition"], unknown);
}

#[tokio::test]
async fn wrong_requests_are_refused_as_recorded() {
    let world = World::new().await;
    let missing = world.post(CREATE, json!({ "name": "x" })).await;
    assert_refused_as(&missing, "workflow_create_missing");
    let body = json!({ "name": "bad", "workflow_definition": definition(&"x".repeat(37)) });
    let too_long = world.post(CREATE, body).await;
    assert_refused_as(&too_long, "workflow_create_trigger_path_too_long");
    assert_eq!(too_long.code(), "invalid-definition");
    let status = world.get("/api/v1/workflow/fetch?status=foo").await;
    assert_refused_as(&status, "workflow_list_status_bad");
}

#[tokio::test]
async fn a_path_of_another_agent_is_refused_and_says_where() {
    let world = World::new().await;
    world.agent("taken").await;
    let body = json!({ "name": "b", "workflow_definition": definition("taken") });
    let created = world.post(CREATE, body).await;
    assert_eq!(created.status, 409, "{}", created.body);
    let error = &created.body["detail"]["errors"][0];
    assert_eq!(
        (&error["id"], &error["field"]),
        (&json!("t"), &json!("data.trigger_path"))
    );
    assert_eq!(error["held_by"]["agent_name"], "a");
    let other = world.agent("free").await;
    let body = json!({ "workflow_definition": definition("taken") });
    let updated = world.put(&format!("/api/v1/workflow/{other}"), body).await;
    assert_eq!(updated.status, 409, "{}", updated.body);
    assert_eq!(updated.body["detail"]["is_valid"], false);
}

#[tokio::test]
async fn the_way_of_a_draft_is_answered_as_recorded() {
    let world = World::new().await;
    let id = world.agent("p1").await;
    let path = |rest: &str| format!("/api/v1/workflow/{id}{rest}");
    let nothing = world.post(&path("/publish"), Value::Null).await;
    assert_eq!((nothing.status, nothing.code()), (400, "no-draft"));
    assert_eq!(nothing.body["detail"], "No draft to publish");
    let changed = world
        .put(
            &path(""),
            json!({ "workflow_definition": definition("p2") }),
        )
        .await;
    assert_shaped_as(&changed, "workflow_put_draft_removes_trigger", &["nodes"]);
    assert_eq!(changed.body["version_number"], 2);
    let published = world.post(&path("/publish"), Value::Null).await;
    assert_shaped_as(&published, "publish_draft", &[]);
    let draft = world.post(&path("/create-draft"), Value::Null).await;
    assert_shaped_as(&draft, "create_draft", &[]);
    let again = world.post(&path("/create-draft"), Value::Null).await;
    assert_eq!(again.body, draft.body);
    let variables = json!({ "template_context_variables": { "tv": "x" } });
    let changed = world.put(&path(""), variables).await;
    assert_shaped_as(
        &changed,
        "workflow_put_template_vars",
        &["template_context_variables"],
    );
    let versions = world.get(&path("/versions")).await;
    assert_shaped_as(
        &versions,
        "workflow_versions",
        &["template_context_variables"],
    );
    let statuses = versions.body.as_array().expect("a list").iter();
    let statuses: Vec<_> = statuses.map(|version| version["status"].clone()).collect();
    assert_eq!(statuses, ["draft", "published", "archived"]);
    let page = world.get(&path("/versions?limit=1&offset=1")).await.ok();
    assert_eq!(page[0]["version_number"], 2);
    assert_answers(
        &world.post(&path("/validate"), Value::Null).await,
        "workflow_validate",
    );
}

#[tokio::test]
async fn a_new_name_makes_no_draft() {
    let world = World::new().await;
    let id = world.agent("p1").await;
    let path = format!("/api/v1/workflow/{id}");
    let changed = world.put(&path, json!({ "name": "new" })).await.ok();
    assert_eq!(
        (&changed["name"], &changed["version_status"]),
        (&json!("new"), &json!("published"))
    );
}

#[tokio::test]
async fn an_archived_agent_leaves_the_active_list_and_the_count() {
    let world = World::new().await;
    let id = world.agent("p1").await;
    let path = format!("/api/v1/workflow/{id}/status");
    let archived = world.put(&path, json!({ "status": "archived" })).await;
    assert_shaped_as(&archived, "workflow_archive", &["nodes"]);
    let count = world.get("/api/v1/workflow/count").await.ok();
    assert_eq!(count, json!({ "total": 2, "active": 1, "archived": 1 }));
    let summary = world
        .get("/api/v1/workflow/summary?status=archived")
        .await
        .ok();
    assert_eq!(summary, json!([{ "id": id, "name": "a" }]));
    let paused = world.put(&path, json!({ "status": "paused" })).await;
    assert_eq!(paused.status, 422);
}

#[tokio::test]
async fn the_list_tells_the_trigger_and_both_versions() {
    let world = World::new().await;
    let list = world
        .get("/api/v1/workflow/fetch?status=active,archived")
        .await
        .ok();
    let agent = list[0].as_object().expect("an agent");
    let keys: Vec<_> = agent.keys().take(7).map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "id",
            "name",
            "status",
            "created_at",
            "total_runs",
            "folder_id",
            "workflow_uuid"
        ]
    );
    assert_eq!(
        (
            &agent["published_version_number"],
            &agent["draft_version_number"]
        ),
        (&json!(1), &json!(2))
    );
    assert!(agent["trigger_path"].is_string());
}

#[tokio::test]
async fn an_id_that_no_row_can_have_is_not_found() {
    let world = World::new().await;
    for id in ["999999", "9223372036854775808", "-1", "0"] {
        let fetched = world.get(&format!("/api/v1/workflow/fetch/{id}")).await;
        assert_eq!((fetched.status, fetched.code()), (404, "not-found"), "{id}");
    }
    let word = world.get("/api/v1/workflow/fetch/abc").await;
    assert_eq!(
        word.body["detail"][0]["loc"],
        json!(["path", "workflow_id"])
    );
    let updated = world.put("/api/v1/workflow/999999", json!({})).await;
    assert_eq!(updated.body["detail"], "Workflow with ID 999999 not found");
}

#[tokio::test]
async fn the_longest_call_is_bounded() {
    let world = World::new().await;
    for (seconds, kind) in [(0, "greater_than"), (1201, "less_than_equal")] {
        let body = json!({ "workflow_configurations": { "max_call_duration": seconds } });
        let changed = world.put("/api/v1/workflow/1", body).await;
        assert_eq!(changed.status, 422);
        let error = &changed.body["detail"][0];
        assert_eq!(error["type"], kind);
        assert_eq!(
            error["loc"],
            json!(["body", "workflow_configurations", "max_call_duration"])
        );
    }
}

#[tokio::test]
async fn every_setting_that_the_reference_knows_is_read_as_it_reads_it() {
    let world = World::new().await;
    let headers: Vec<_> = (0..51).map(|at| format!("field_{at}")).collect();
    let wrong = [
        (
            json!({ "max_user_idle_timeout": "soon" }),
            "float_parsing",
            json!(["max_user_idle_timeout"]),
        ),
        (
            json!({ "smart_turn_stop_secs": [] }),
            "float_type",
            json!(["smart_turn_stop_secs"]),
        ),
        (
            json!({ "turn_start_strategy": "never" }),
            "literal_error",
            json!(["turn_start_strategy"]),
        ),
        (
            json!({ "turn_stop_strategy": 1 }),
            "literal_error",
            json!(["turn_stop_strategy"]),
        ),
        (
            json!({ "turn_start_min_words": 1.5 }),
            "int_from_float",
            json!(["turn_start_min_words"]),
        ),
        (
            json!({ "dictionary": ["a"] }),
            "string_type",
            json!(["dictionary"]),
        ),
        (
            json!({ "context_compaction_enabled": 2 }),
            "bool_parsing",
            json!(["context_compaction_enabled"]),
        ),
        (
            json!({ "text_chat_inactivity_timeout_seconds": 59 }),
            "greater_than_equal",
            json!(["text_chat_inactivity_timeout_seconds"]),
        ),
        (
            json!({ "text_chat_inactivity_timeout_seconds": 10501 }),
            "less_than_equal",
            json!(["text_chat_inactivity_timeout_seconds"]),
        ),
        (
            json!({ "ambient_noise_configuration": "on" }),
            "model_attributes_type",
            json!(["ambient_noise_configuration"]),
        ),
        (
            json!({ "ambient_noise_configuration": { "enabled": null } }),
            "bool_type",
            json!(["ambient_noise_configuration", "enabled"]),
        ),
        (
            json!({ "external_pbx_field_mappings": {} }),
            "list_type",
            json!(["external_pbx_field_mappings"]),
        ),
        (
            json!({ "external_pbx_field_mappings": [{ "context_path": " ", "destination_field": "a" }] }),
            "string_too_short",
            json!(["external_pbx_field_mappings", 0, "context_path"]),
        ),
        (
            json!({ "external_pbx_field_mappings": [{ "context_path": "a" }] }),
            "missing",
            json!(["external_pbx_field_mappings", 0, "destination_field"]),
        ),
        (
            json!({ "external_pbx_lead_headers": ["1st"] }),
            "string_pattern_mismatch",
            json!(["external_pbx_lead_headers", 0]),
        ),
        (
            json!({ "external_pbx_lead_headers": headers }),
            "too_long",
            json!(["external_pbx_lead_headers"]),
        ),
    ];
    for (settings, kind, place) in wrong {
        let body = json!({ "workflow_configurations": settings });
        let changed = world.put("/api/v1/workflow/1", body).await;
        assert_eq!(changed.status, 422, "{settings}");
        let error = &changed.body["detail"][0];
        assert_eq!(error["type"], kind, "{settings}");
        let mut loc = vec![json!("body"), json!("workflow_configurations")];
        loc.extend(place.as_array().expect("a place").iter().cloned());
        assert_eq!(error["loc"], json!(loc), "{settings}");
    }
}

#[tokio::test]
async fn settings_are_kept_as_they_were_read_and_unknown_ones_as_they_were_sent() {
    let world = World::new().await;
    let sent = json!({
        "max_call_duration": "600", "max_user_idle_timeout": 12, "dictionary": null,
        "context_compaction_enabled": "yes", "own": { "kept": null },
        "ambient_noise_configuration": { "volume": "0.5", "own": 1 },
        "external_pbx_lead_headers": [" first_name ", "", "first_name"],
        "external_pbx_field_mappings": [{ "context_path": " a.b ", "destination_field": "x", "own": 1 }],
    });
    let body = json!({ "workflow_configurations": sent });
    let changed = world.put("/api/v1/workflow/1", body).await.ok();
    let kept = json!({
        "max_call_duration": 600, "max_user_idle_timeout": 12.0,
        "context_compaction_enabled": true, "own": { "kept": null },
        "ambient_noise_configuration": { "volume": 0.5, "own": 1 },
        "external_pbx_lead_headers": ["first_name"],
        "external_pbx_field_mappings": [{ "context_path": "a.b", "destination_field": "x" }],
    });
    assert_eq!(changed["workflow_configurations"], kept);
}
