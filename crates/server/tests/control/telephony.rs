//! Telephony configurations and phone numbers.

use crate::recorded::{assert_answers, assert_refused_as, assert_shaped_as};
use crate::world::World;
use serde_json::{Value, json};

const CONFIGURATIONS: &str = "/api/v1/organizations/telephony-configs";
const NUMBERS: &str = "/api/v1/organizations/telephony-configs/1/phone-numbers";

fn desk(name: &str) -> Value {
    json!({ "name": name, "config": { "provider": "desk_phone" } })
}

#[tokio::test]
async fn a_configuration_is_answered_as_recorded() {
    let world = World::new().await;
    let created = world.post(CONFIGURATIONS, desk("second")).await;
    let free = ["credentials", "setup_checklist"];
    assert_shaped_as(&created, "telephony_create_twilio", &free);
    assert_eq!(created.body["setup_checklist"], Value::Null);
    assert_eq!(created.body["connectivity"], "local");
    let listed = world.get(CONFIGURATIONS).await.ok();
    let first = listed["configurations"][0].as_object().expect("an item");
    let keys: Vec<_> = first.keys().map(String::as_str).collect();
    let recorded = [
        "id",
        "name",
        "provider",
        "connectivity",
        "is_default_outbound",
        "inactive",
        "inactive_since",
        "inactive_reason",
        "phone_number_count",
        "is_ready_for_outbound",
        "outbound_blocked_reason",
        "created_at",
        "updated_at",
    ];
    assert_eq!(keys, recorded);
    assert_eq!(first["phone_number_count"], 1);
}

#[tokio::test]
async fn wrong_configurations_are_refused_as_recorded() {
    let world = World::new().await;
    let post = async |body| world.post(CONFIGURATIONS, body).await;
    assert_refused_as(&post(desk("")).await, "telephony_create_empty_name");
    assert_refused_as(
        &post(desk(&"n".repeat(65))).await,
        "telephony_create_long_name",
    );
    assert_refused_as(&post(Value::Null).await, "telephony_create_missing_body");
    let unknown = post(json!({ "name": "x", "config": { "provider": "foo" } })).await;
    let error = &unknown.body["detail"][0];
    assert_eq!(
        (&error["type"], &error["ctx"]["tag"]),
        (&json!("union_tag_invalid"), &json!("foo"))
    );
    assert_eq!(error["loc"], json!(["body", "config"]));
    let tagless = post(json!({ "name": "x", "config": {} })).await;
    assert_eq!(tagless.body["detail"][0]["type"], "union_tag_not_found");
    post(desk("main")).await.ok();
    assert_refused_as(&post(desk("main")).await, "telephony_create_dup_name");
    let get = world.get(&format!("{CONFIGURATIONS}/999999")).await;
    assert_refused_as(&get, "telephony_get_unknown");
    assert_eq!(get.code(), "telephony-configuration-not-found");
    let word = world.delete(&format!("{CONFIGURATIONS}/abc")).await;
    assert_refused_as(&word, "telephony_delete_nonint");
}

#[tokio::test]
async fn claiming_the_default_demotes_the_old_one() {
    let world = World::new().await;
    world.post(CONFIGURATIONS, desk("second")).await.ok();
    let path = format!("{CONFIGURATIONS}/2/set-default-outbound");
    let claimed = world.post(&path, Value::Null).await.ok();
    assert_eq!(claimed["is_default_outbound"], true);
    let old = world.get(&format!("{CONFIGURATIONS}/1")).await.ok();
    assert_eq!(old["is_default_outbound"], false);
    let unknown = format!("{CONFIGURATIONS}/999999/set-default-outbound");
    let unknown = world.post(&unknown, Value::Null).await;
    assert_refused_as(&unknown, "telephony_set_default_unknown");
}

#[tokio::test]
async fn a_change_renames_and_a_taken_name_is_a_conflict() {
    let world = World::new().await;
    world.post(CONFIGURATIONS, desk("second")).await.ok();
    let path = format!("{CONFIGURATIONS}/2");
    let before = world.get(&path).await.ok();
    assert_eq!(world.put(&path, json!({})).await.ok(), before);
    let renamed = world.put(&path, json!({ "name": "third" })).await.ok();
    assert_eq!(renamed["name"], "third");
    let taken = world.put(&path, json!({ "name": "Desk phone" })).await;
    assert_eq!((taken.status, taken.code()), (409, "name-taken"));
    let same = json!({ "config": { "provider": "desk_phone" } });
    assert_eq!(world.put(&path, same).await.status, 200);
}

#[tokio::test]
async fn stored_credentials_do_not_go_to_another_address() {
    let world = World::with_secrets().await;
    let config = |sid: &str, token: &str, base: &str| json!({ "name": "t", "config": { "provider": "twilio", "account_sid": sid, "auth_token": token, "base_url": base } });
    let (sid, token) = ("AC00000000000000000000000000000001", "long-secret-token");
    let created = world.post(CONFIGURATIONS, config(sid, token, "")).await;
    let created = created.ok();
    let shown = |name: &str| created["credentials"][name].as_str().expect("a mask");
    let path = format!("{CONFIGURATIONS}/{}", created["id"]);
    let masked = |base| config(shown("account_sid"), shown("auth_token"), base);
    let elsewhere = "https://twilio.example.com";
    let moved = world.put(&path, masked(elsewhere)).await;
    assert_eq!(moved.status, 422);
    let error = &moved.body["detail"][1];
    assert_eq!(error["type"], "value_error");
    let loc = json!(["body", "config", "twilio", "auth_token"]);
    assert_eq!(error["loc"], loc);
    assert_eq!(world.get(&path).await.ok(), created);
    assert_eq!(world.put(&path, masked("")).await.status, 200);
    let anew = world.put(&path, config(sid, token, elsewhere)).await.ok();
    assert_eq!(anew["credentials"]["base_url"], elsewhere);
}

#[tokio::test]
async fn a_deleted_configuration_is_gone() {
    let world = World::new().await;
    let path = format!("{CONFIGURATIONS}/1");
    assert_answers(&world.delete(&path).await, "telephony_delete_org2dup");
    assert_refused_as(&world.delete(&path).await, "telephony_delete_again");
    assert_answers(&world.get(CONFIGURATIONS).await, "telephony_list_empty");
}

#[tokio::test]
async fn a_number_is_answered_as_recorded() {
    let world = World::new().await;
    let bare = json!({ "address": "5550004444", "country_code": "US" });
    let created = world.post(NUMBERS, bare).await;
    assert_shaped_as(&created, "phone_create_bare_digits_country", &[]);
    assert_eq!(created.body["address_normalized"], "+15550004444");
    let extension = world.post(NUMBERS, json!({ "address": "1001" })).await;
    assert_shaped_as(&extension, "phone_create_extension", &[]);
    assert_eq!(extension.body["address_type"], "sip_extension");
    let listed = world.get(NUMBERS).await.ok();
    assert_eq!(listed["phone_numbers"].as_array().map(Vec::len), Some(3));
    let path = format!("{NUMBERS}/{}", created.body["id"]);
    let change = json!({ "label": "second", "address": "+19998887777" });
    let changed = world.put(&path, change).await;
    assert_shaped_as(&changed, "phone_put_label", &["country_code"]);
    assert_eq!(changed.body["address_normalized"], "+15550004444");
    let default = world
        .post(&format!("{path}/set-default-caller"), Value::Null)
        .await;
    assert_shaped_as(&default, "phone_set_default_caller", &["country_code"]);
    let old = world.get(&format!("{NUMBERS}/1")).await.ok();
    assert_eq!(old["is_default_caller_id"], false);
    assert_answers(&world.delete(&path).await, "phone_delete");
    assert_refused_as(&world.delete(&path).await, "phone_delete_again");
}

#[tokio::test]
async fn wrong_numbers_are_refused_as_recorded() {
    let world = World::new().await;
    let post = async |body| world.post(NUMBERS, body).await;
    assert_refused_as(&post(json!({ "address": "" })).await, "phone_create_empty");
    assert_refused_as(
        &post(json!({ "address": "   " })).await,
        "phone_create_spaces",
    );
    assert_refused_as(&post(json!({})).await, "phone_create_missing");
    let inbound = json!({ "address": "+15550005555", "inbound_workflow_id": 999999 });
    assert_refused_as(
        &post(inbound).await,
        "phone_create_inbound_unknown_workflow",
    );
    let bare = post(json!({ "address": "(555) 000-4444" })).await;
    assert_eq!(
        (bare.status, &bare.body["detail"][0]["type"]),
        (422, &json!("value_error"))
    );
    let other = "/api/v1/organizations/telephony-configs/999999/phone-numbers";
    let other = world
        .post(other, json!({ "address": "+15550007777" }))
        .await;
    assert_refused_as(&other, "phone_create_unknown_config");
    let path = format!("{NUMBERS}/999999");
    let unknown = world.put(&path, json!({ "label": "x" })).await;
    assert_refused_as(&unknown, "phone_put_unknown");
}

#[tokio::test]
async fn a_number_belongs_to_one_configuration() {
    let world = World::new().await;
    let path = format!("{CONFIGURATIONS}/1");
    world.put(&path, json!({ "name": "main2" })).await.ok();
    world
        .post(NUMBERS, json!({ "address": "+15550001111" }))
        .await
        .ok();
    let again = world
        .post(NUMBERS, json!({ "address": "+1-555-000-1111" }))
        .await;
    assert_refused_as(&again, "phone_create_duplicate_other_format");
}

#[tokio::test]
async fn the_agent_of_a_number_is_kept_told_and_taken_away() {
    let world = World::new().await;
    let body = json!({ "address": "+15550006666", "inbound_workflow_id": 1 });
    let created = world.post(NUMBERS, body).await.ok();
    assert_eq!(created["inbound_workflow_id"], 1);
    assert_eq!(created["inbound_workflow_name"], Value::Null);
    // No carrier was told, and that is not hidden.
    assert_eq!(created["provider_sync"]["ok"], false);
    let path = format!("{NUMBERS}/{}", created["id"]);
    let renamed = world.put(&path, json!({ "label": "x" })).await.ok();
    assert_eq!(renamed["inbound_workflow_id"], 1);
    let listed = world.get(NUMBERS).await.ok();
    let names = listed["phone_numbers"].as_array().expect("a list").iter();
    let names: Vec<_> = names
        .map(|number| number["inbound_workflow_name"].is_string())
        .collect();
    assert_eq!(names, [false, true]);
    let cleared = world
        .put(&path, json!({ "clear_inbound_workflow": true }))
        .await
        .ok();
    assert_eq!(cleared["inbound_workflow_id"], Value::Null);
}

fn twilio(name: &str, account: &str) -> Value {
    json!({ "name": name, "config": { "provider": "twilio", "account_sid": account, "auth_token": "a long token" } })
}

#[tokio::test]
async fn a_number_that_another_account_has_is_taken_in_other_words() {
    let world = World::with_secrets().await;
    for (id, name, account) in [(2, "one", "AC1"), (3, "two", "AC2")] {
        let created = world.post(CONFIGURATIONS, twilio(name, account)).await;
        assert_eq!(created.ok()["id"], id);
    }
    let number = json!({ "address": "+15550009999" });
    let add = async |configuration: i64| {
        let path = format!("{CONFIGURATIONS}/{configuration}/phone-numbers");
        world.post(&path, number.clone()).await
    };
    add(2).await.ok();
    let taken = add(3).await;
    let detail = "A phone number with this address already exists in the org.";
    assert_eq!((taken.status, &taken.body["detail"]), (409, &json!(detail)));
}

#[tokio::test]
async fn trunks_belong_to_providers_that_have_them() {
    let world = World::with_secrets().await;
    let config =
        json!({ "provider": "cloudonix", "bearer_token": "a long token", "domain_id": "acme" });
    let body = json!({ "name": "clx", "config": config });
    let created = world.post(CONFIGURATIONS, body).await.ok();
    let path = format!("{CONFIGURATIONS}/{}", created["id"]);
    let trunks = format!("{path}/trunks");
    let trunk = json!({ "name": "main-1", "settings": { "region": "India" } });
    let made = world.post(&trunks, trunk.clone()).await.ok();
    assert_eq!(made["settings"]["region"], "India");
    assert_eq!(world.post(&trunks, trunk).await.status, 409);
    let wrong = json!({ "name": "no spaces", "settings": { "region": "Moon" } });
    let wrong = world.post(&trunks, wrong).await;
    let places: Vec<_> = (0..2).map(|at| &wrong.body["detail"][at]["loc"]).collect();
    assert_eq!(
        places,
        [
            &json!(["body", "name"]),
            &json!(["body", "settings", "region"])
        ]
    );
    let number = json!({ "address": "+15550001234", "telephony_trunk_id": made["id"] });
    let number = world
        .post(&format!("{path}/phone-numbers"), number)
        .await
        .ok();
    assert_eq!(number["telephony_trunk_id"], made["id"]);
    let listed = world.get(&trunks).await.ok();
    assert_eq!(listed["trunks"][0]["phone_number_count"], 1);
    assert_eq!(world.get(&path).await.ok()["trunks"], listed["trunks"]);
    let one = format!("{trunks}/{}", made["id"]);
    let used = world.delete(&one).await;
    assert_eq!((used.status, used.code()), (409, "in-use"));
    let off = world.put(&one, json!({ "enabled": false })).await.ok();
    assert_eq!(
        (&off["enabled"], &off["name"]),
        (&json!(false), &json!("main-1"))
    );
    let number = format!("{path}/phone-numbers/{}", number["id"]);
    let freed = world
        .put(&number, json!({ "clear_trunk": true }))
        .await
        .ok();
    assert_eq!(freed["telephony_trunk_id"], Value::Null);
    assert_eq!(world.delete(&one).await.status, 200);
    assert_eq!(world.delete(&one).await.status, 404);
    let elsewhere = format!("{CONFIGURATIONS}/1/trunks");
    assert_eq!(world.get(&elsewhere).await.ok(), json!({ "trunks": [] }));
    assert_eq!(
        world.post(&elsewhere, json!({ "name": "a" })).await.status,
        400
    );
}
