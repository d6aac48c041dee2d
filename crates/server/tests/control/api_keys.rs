//! API keys, and what each scope opens.

use crate::recorded::{assert_answers, assert_refused_as, assert_shaped_as};
use crate::world::{World, with_key};
use serde_json::{Value, json};

const KEYS: &str = "/api/v1/user/api-keys";

#[tokio::test]
async fn a_key_is_shown_once_and_answered_as_recorded() {
    let world = World::new().await;
    let created = world.post(KEYS, json!({ "name": "main" })).await;
    assert_shaped_as(&created, "apikey_create_jwt", &[]);
    assert_eq!(created.body["scope"], "manage");
    assert!(created.head.contains("no-store"), "{}", created.head);
    let key = created.body["api_key"].as_str().expect("a key");
    let listed = world.get(KEYS).await;
    assert_shaped_as(&listed, "apikey_list_jwt", &[]);
    assert!(!listed.body.to_string().contains(key));
}

#[tokio::test]
async fn wrong_requests_are_refused_as_recorded() {
    let world = World::new().await;
    assert_refused_as(
        &world.post(KEYS, json!({})).await,
        "apikey_create_missing_name",
    );
    let number = world.post(KEYS, json!({ "name": 5 })).await;
    assert_refused_as(&number, "apikey_create_name_wrong_type");
    let unknown = world.delete(&format!("{KEYS}/999999")).await;
    assert_refused_as(&unknown, "apikey_archive_other_org");
    for (field, value) in [
        ("scope", json!("admin")),
        ("agents", json!([99])),
        ("agents", json!("1")),
        ("expires_at", json!("tomorrow")),
    ] {
        let refused = world.post(KEYS, json!({ "name": "x", field: value })).await;
        assert_eq!(refused.status, 422, "{field}");
        assert_eq!(refused.body["detail"][0]["loc"], json!(["body", field]));
    }
}

#[tokio::test]
async fn limits_of_a_key_are_kept_and_listed() {
    let world = World::new().await;
    let asked = json!({ "name": "n8n", "agents": [1], "test_only": true, "expires_at": "2020-01-01T00:00:00Z" });
    world.post(KEYS, asked).await.ok();
    let listed = world.get(KEYS).await.ok();
    assert_eq!(listed[0]["agents"], json!([1]));
    assert_eq!(listed[0]["test_only"], true);
    assert_eq!(listed[0]["is_active"], false);
}

#[tokio::test]
async fn archiving_closes_a_key_and_reactivating_opens_it() {
    let world = World::new().await;
    let key = with_key(&world.key("manage").await);
    let path = format!("{KEYS}/1");
    assert_answers(&world.delete(&path).await, "apikey_archive");
    assert_answers(&world.delete(&path).await, "apikey_archive");
    let refused = world.control("GET", KEYS, &key, "").await;
    assert_refused_as(&refused, "apikey_list_badkey");
    assert_eq!(world.get(KEYS).await.ok(), json!([]));
    let archived = world
        .get(&format!("{KEYS}?include_archived=true"))
        .await
        .ok();
    assert!(archived[0]["archived_at"].is_string());
    let back = world.put(&format!("{path}/reactivate"), Value::Null).await;
    assert_answers(&back, "apikey_reactivate");
    assert_eq!(world.control("GET", KEYS, &key, "").await.status, 200);
}

#[tokio::test]
async fn only_a_manage_key_opens_the_control_routes() {
    let world = World::new().await;
    let none = world.control("GET", KEYS, "", "").await;
    assert_refused_as(&none, "apikey_list_noauth");
    let wrong = world
        .control("GET", KEYS, "X-API-Key: dgr_wrong\r\n", "")
        .await;
    assert_refused_as(&wrong, "apikey_list_badkey");
    let trigger = with_key(&world.key("trigger").await);
    let denied = world.control("GET", KEYS, &trigger, "").await;
    assert_eq!((denied.status, denied.code()), (403, "access-denied"));
    assert_eq!(denied.body["detail"], "Access denied");
}
