//! The providers' forms: what is told of them, and what holds for every secret of every provider.
//! The rows are asked for, never repeated here, so that a new provider is held to the same.

use crate::world::World;
use serde_json::{Map, Value, json};
use switchhook_dialers::providers;

const CONFIGURATIONS: &str = "/api/v1/organizations/telephony-configs";
const METADATA: &str = "/api/v1/organizations/telephony-providers/metadata";
const PREFERENCES: &str = "/api/v1/organizations/preferences";

/// Contract §6.2: the fields of each provider's form, secrets with a star.
const FORMS: &[(&str, &str, &[&str])] = &[
    (
        "ari",
        "sip",
        &[
            "ari_endpoint",
            "app_name",
            "app_password*",
            "ws_client_name",
            "stasis_app_name",
            "from_numbers",
            "dial_string",
            "record_calls",
        ],
    ),
    (
        "cloudonix",
        "api",
        &[
            "bearer_token*",
            "domain_id",
            "application_name",
            "from_numbers",
        ],
    ),
    ("desk_phone", "local", &[]),
    (
        "plivo",
        "api",
        &["auth_id*", "auth_token*", "application_id", "from_numbers"],
    ),
    (
        "sip_trunk",
        "sip",
        &[
            "server",
            "transport",
            "ca_certificate",
            "username",
            "password*",
            "auth_username",
            "register",
            "from_domain",
            "caller_id_header",
            "number_format",
            "external_address",
            "media_ports",
            "record",
            "from_numbers",
        ],
    ),
    (
        "telnyx",
        "api",
        &[
            "api_key*",
            "connection_id",
            "webhook_public_key",
            "from_numbers",
        ],
    ),
    (
        "twilio",
        "api",
        &[
            "account_sid*",
            "auth_token*",
            "amd_enabled",
            "from_numbers",
            "webhook_shared_key*",
            "base_url",
        ],
    ),
    (
        "vobiz",
        "api",
        &["auth_id*", "auth_token*", "application_id", "from_numbers"],
    ),
    (
        "vonage",
        "api",
        &[
            "application_id",
            "private_key*",
            "api_key*",
            "api_secret*",
            "signature_secret*",
            "from_numbers",
        ],
    ),
];

#[tokio::test]
async fn the_form_of_every_provider_is_told() {
    let world = World::new().await;
    let told = world.get(METADATA).await.ok();
    let told = told["providers"].as_array().expect("a list").iter();
    let told: Vec<_> = told
        .map(|provider| {
            let field = |field: &Value| {
                let name = field["name"].as_str().expect("a name");
                let star = if field["sensitive"] == true { "*" } else { "" };
                format!("{name}{star}")
            };
            let fields = provider["fields"].as_array().expect("a list");
            let fields: Vec<_> = fields.iter().map(field).collect();
            (
                provider["provider"].clone(),
                provider["connectivity"].clone(),
                fields,
            )
        })
        .collect();
    let expected: Vec<_> = FORMS
        .iter()
        .map(|(provider, connectivity, fields)| {
            let fields = fields.iter().map(|field| (*field).to_owned()).collect();
            (json!(provider), json!(connectivity), fields)
        })
        .collect();
    assert_eq!(told, expected);
}

#[tokio::test]
async fn fields_for_an_external_pbx_are_offered_where_they_are_wanted() {
    let world = World::new().await;
    let offered = async || {
        let told = world.get(METADATA).await.ok();
        let fields = told["providers"][0]["fields"].clone();
        let fields = fields.as_array().expect("a list").clone();
        fields
            .into_iter()
            .filter(|field| !field["section"].is_null())
            .collect::<Vec<_>>()
    };
    assert_eq!(offered().await, Vec::<Value>::new());
    let wanted = json!({ "external_pbx_integrations_enabled": true });
    world.put(PREFERENCES, wanted).await.ok();
    let offered = offered().await;
    assert_eq!(offered.len(), 7);
    let option = json!([{ "value": "vicidial", "label": "VICIdial" }]);
    assert_eq!(offered[0]["options"], option);
    let condition = json!({ "field": "external_pbx.type", "equals": "vicidial" });
    assert_eq!(offered[1]["visible_when"], condition);
}

/// Sets a value at a dotted name, with the objects on the way to it.
fn put(config: &mut Value, name: &str, value: Value) {
    let place = name.split('.').fold(config, |place, step| &mut place[step]);
    *place = value;
}

/// A configuration of a provider with a word of its own in every field that takes one.
fn filled(provider: &str, secret: &dyn Fn(&str) -> String) -> Value {
    let facts = switchhook_dialers::facts(provider).expect("a provider");
    let mut config = json!({ "provider": provider });
    for field in facts.fields {
        let value = match field.kind {
            _ if field.sensitive => secret(field.name),
            "text" | "textarea" if field.is_address => "https://example.com".to_owned(),
            "text" | "textarea" if !field.name.ends_with("_seconds") => "text".to_owned(),
            _ => continue,
        };
        put(&mut config, field.name, value.into());
    }
    config
}

fn secrets_of(provider: &str) -> Vec<&'static str> {
    let facts = switchhook_dialers::facts(provider).expect("a provider");
    let fields = facts.fields.iter().filter(|field| field.sensitive);
    fields.map(|field| field.name).collect()
}

#[tokio::test]
async fn every_secret_of_every_provider_is_masked_and_rests_sealed() {
    let world = World::with_secrets().await;
    for provider in providers() {
        let secret = |name: &str| format!("plain-{name}-1234");
        let body = json!({ "name": provider.id, "config": filled(provider.id, &secret) });
        let created = world.post(CONFIGURATIONS, body).await.ok();
        let path = format!("{CONFIGURATIONS}/{}", created["id"]);
        for shown in [created, world.get(&path).await.ok()] {
            for name in secrets_of(provider.id) {
                let pointer = format!("/credentials/{}", name.replace('.', "/"));
                let mask = format!("{}1234", "*".repeat(secret(name).len() - 4));
                assert_eq!(shown.pointer(&pointer), Some(&mask.into()), "{name}");
            }
        }
    }
    assert!(!world.database_holds("plain-"));
}

#[tokio::test]
async fn a_masked_secret_that_comes_back_stays_as_it_was() {
    let world = World::with_secrets().await;
    for provider in providers() {
        let secret = |name: &str| format!("first-{name}-1234");
        let body = json!({ "name": provider.id, "config": filled(provider.id, &secret) });
        let created = world.post(CONFIGURATIONS, body).await.ok();
        let id = created["id"].as_i64().expect("an id");
        let path = format!("{CONFIGURATIONS}/{id}");
        for changed in secrets_of(provider.id) {
            let before = world.credentials(id).await;
            let mut config = created["credentials"].clone();
            config["provider"] = provider.id.into();
            put(&mut config, changed, format!("other-{changed}").into());
            let shown = world.get(&path).await.ok();
            for name in secrets_of(provider.id) {
                let pointer = format!("/credentials/{}", name.replace('.', "/"));
                let mask = shown.pointer(&pointer).cloned().expect("a mask");
                if name != changed {
                    put(&mut config, name, mask);
                }
            }
            world.put(&path, json!({ "config": config })).await.ok();
            let after = world.credentials(id).await;
            let mut expected: Map<String, Value> = before;
            expected.insert(changed.to_owned(), format!("other-{changed}").into());
            assert_eq!(after, expected, "{} of {}", changed, provider.id);
        }
    }
}

#[tokio::test]
async fn a_provider_without_a_dialer_is_kept_and_not_ready() {
    let world = World::with_secrets().await;
    let secret = |name: &str| format!("secret-{name}");
    for provider in providers().iter().filter(|provider| !provider.can_dial) {
        let body = json!({ "name": provider.id, "config": filled(provider.id, &secret) });
        let created = world.post(CONFIGURATIONS, body).await.ok();
        let path = format!("{CONFIGURATIONS}/{}", created["id"]);
        let last = created["id"].as_i64().expect("an id");
        let number = json!({ "address": format!("+1555000{:04}", last) });
        world
            .post(&format!("{path}/phone-numbers"), number)
            .await
            .ok();
        let shown = world.get(&path).await.ok();
        assert_eq!(shown["is_ready_for_outbound"], false);
        let reason = format!("Provider '{}' is unavailable.", provider.id);
        assert_eq!(shown["outbound_blocked_reason"], reason);
        let fired = world
            .fire_through(created["id"].as_i64().expect("an id"))
            .await;
        let detail = format!(
            "'{}' is not ready for outbound calls. {reason}",
            provider.id
        );
        assert_eq!((fired.status, &fired.body["detail"]), (400, &json!(detail)));
    }
}

#[tokio::test]
async fn a_minted_name_stays_with_its_configuration() {
    let world = World::with_secrets().await;
    let config = |name: &str| json!({ "provider": "ari", "ari_endpoint": "http://pbx:8088", "app_name": "a", "app_password": "long password", "stasis_app_name": name });
    let body = json!({ "name": "pbx", "config": config("mine") });
    let created = world.post(CONFIGURATIONS, body).await.ok();
    let name = created["credentials"]["stasis_app_name"].clone();
    let digits = name.as_str().and_then(|name| name.strip_prefix("dograh_"));
    assert!(digits.is_some_and(|digits| digits.len() == 12), "{name}");
    let path = format!("{CONFIGURATIONS}/{}", created["id"]);
    let changed = json!({ "config": config("another") });
    let changed = world.put(&path, changed).await.ok();
    assert_eq!(changed["credentials"]["stasis_app_name"], name);
}

#[tokio::test]
async fn an_external_pbx_is_read_field_by_field() {
    let world = World::with_secrets().await;
    let post = async |pbx: Value| {
        let config = json!({ "provider": "ari", "ari_endpoint": "http://pbx:8088", "app_name": "a", "app_password": "p", "external_pbx": pbx });
        let body = json!({ "name": "pbx", "config": config });
        world.post(CONFIGURATIONS, body).await
    };
    let api = json!({ "url": "https://v/api.php", "username": "user1", "password": "secret-9999" });
    let wrong =
        post(json!({ "type": "other", "agent_api": { "url": "" }, "timeout_seconds": 31 })).await;
    let errors = wrong.body["detail"].as_array().expect("a list").iter();
    let errors: Vec<_> = errors
        .map(|error| {
            let loc = error["loc"].as_array().expect("a place").iter().skip(3);
            let loc: Vec<_> = loc.filter_map(Value::as_str).collect();
            (loc.join("."), error["type"].as_str().unwrap_or_default())
        })
        .collect();
    let expected = [
        ("external_pbx.type", "literal_error"),
        ("external_pbx.agent_api.url", "string_too_short"),
        ("external_pbx.agent_api.username", "missing"),
        ("external_pbx.agent_api.password", "missing"),
        ("external_pbx.timeout_seconds", "less_than_equal"),
    ];
    assert_eq!(errors, expected.map(|(loc, kind)| (loc.to_owned(), kind)));
    let created = post(json!({ "agent_api": api })).await.ok();
    let shown = &created["credentials"]["external_pbx"];
    let expected = json!({
        "type": "vicidial",
        "agent_api": { "url": "https://v/api.php", "username": "*ser1", "password": "*******9999", "source": "dograh" },
        "non_agent_api": null, "timeout_seconds": 8,
    });
    assert_eq!(shown, &expected);
}

#[tokio::test]
async fn what_a_configuration_lacks_is_counted() {
    let world = World::with_secrets().await;
    let warnings = "/api/v1/organizations/telephony-config-warnings";
    let counts = async || {
        let told = world.get(warnings).await.ok();
        [
            told["telnyx_missing_webhook_public_key_count"].clone(),
            told["vonage_missing_signature_secret_count"].clone(),
        ]
    };
    assert_eq!(counts().await, [0, 0]);
    let vonage = json!({ "provider": "vonage", "application_id": "a", "private_key": "k", "api_key": "k", "api_secret": "s" });
    let telnyx = json!({ "provider": "telnyx", "api_key": "k", "webhook_public_key": " " });
    for (name, config) in [("v", vonage), ("t", telnyx)] {
        let body = json!({ "name": name, "config": config });
        world.post(CONFIGURATIONS, body).await.ok();
    }
    assert_eq!(counts().await, [1, 1]);
}

#[tokio::test]
async fn a_short_domain_is_completed() {
    let world = World::with_secrets().await;
    for (name, sent, kept) in [
        ("a", "acme", "acme.cloudonix.net"),
        ("b", "calls.example.com", "calls.example.com"),
    ] {
        let config = json!({ "provider": "cloudonix", "bearer_token": "t", "domain_id": sent });
        let body = json!({ "name": name, "config": config });
        let created = world.post(CONFIGURATIONS, body).await.ok();
        assert_eq!(created["credentials"]["domain_id"], kept);
    }
}
