//! Credentials for webhooks, and a workspace's preferences.

use serde_json::{Value, json};
use switchhook_tests::server::Desk;

const CREDENTIALS: &str = "/api/v1/credentials/";
const PREFERENCES: &str = "/api/v1/organizations/preferences";

fn credential(name: &str, kind: &str, data: Value) -> Value {
    json!({ "name": name, "credential_type": kind, "credential_data": data })
}

#[test]
fn a_credential_lives_without_telling_its_data() {
    let desk = Desk::with_secrets();
    let mut body = credential(
        "crm",
        "bearer_token",
        json!({ "token": "very-secret-word" }),
    );
    body["description"] = "The CRM".into();
    let made = desk.post(CREDENTIALS, &body);
    assert_eq!(made.status, 200, "{}", made.text());
    let made = made.json();
    let names: Vec<_> = made
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    let expected = [
        "uuid",
        "name",
        "description",
        "credential_type",
        "created_at",
        "updated_at",
    ];
    assert_eq!(names, expected);
    assert_eq!(
        (&made["name"], &made["credential_type"]),
        (&json!("crm"), &json!("bearer_token"))
    );
    let path = format!("{CREDENTIALS}{}", made["uuid"].as_str().expect("a uuid"));
    assert_eq!(desk.get(&path).json(), made);
    assert_eq!(desk.get(CREDENTIALS).json(), json!([made]));
    let changed = desk
        .put(&path, &json!({ "name": "crm 2", "description": null }))
        .json();
    assert_eq!(
        (&changed["name"], &changed["description"]),
        (&json!("crm 2"), &json!("The CRM"))
    );
    let deleted = desk.delete(&path);
    let answer = json!({ "status": "deleted", "uuid": made["uuid"] });
    assert_eq!((deleted.status, deleted.json()), (200, answer));
    let gone = desk.get(&path);
    assert_eq!(
        (gone.status, &gone.json()["detail"]),
        (404, &json!("Credential not found"))
    );
}

#[test]
fn the_data_rests_sealed() {
    let desk = Desk::with_secrets();
    let body = credential(
        "crm",
        "bearer_token",
        json!({ "token": "very-secret-word" }),
    );
    assert_eq!(desk.post(CREDENTIALS, &body).status, 200);
    for file in std::fs::read_dir(desk.server.folder.data()).expect("a folder") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).unwrap_or_default();
        let holds = bytes.windows(16).any(|part| part == b"very-secret-word");
        assert!(!holds, "{}", path.display());
    }
    assert!(!desk.server.folder.log().contains("very-secret-word"));
}

#[test]
fn each_type_names_what_its_data_lacks() {
    let desk = Desk::with_secrets();
    for (kind, right, detail) in [
        (
            "api_key",
            json!({ "header_name": "a", "api_key": "b" }),
            "API Key credential requires 'header_name' and 'api_key' fields",
        ),
        (
            "bearer_token",
            json!({ "token": "a" }),
            "Bearer Token credential requires 'token' field",
        ),
        (
            "basic_auth",
            json!({ "username": "a", "password": "b" }),
            "Basic Auth credential requires 'username' and 'password' fields",
        ),
        (
            "custom_header",
            json!({ "header_name": "a", "header_value": "b" }),
            "Custom Header credential requires 'header_name' and 'header_value' fields",
        ),
    ] {
        let members = right.as_object().expect("an object");
        for lacking in members.keys() {
            let mut data = members.clone();
            data.remove(lacking);
            let refused = desk.post(CREDENTIALS, &credential(kind, kind, data.into()));
            assert_eq!(
                (refused.status, &refused.json()["detail"]),
                (400, &json!(detail))
            );
        }
        assert_eq!(
            desk.post(CREDENTIALS, &credential(kind, kind, right))
                .status,
            200
        );
    }
    assert_eq!(
        desk.post(CREDENTIALS, &credential("none", "none", json!({})))
            .status,
        200
    );
}

#[test]
fn another_type_needs_data_of_its_own() {
    let desk = Desk::with_secrets();
    let body = credential("crm", "bearer_token", json!({ "token": "a" }));
    let made = desk.post(CREDENTIALS, &body).json();
    let path = format!("{CREDENTIALS}{}", made["uuid"].as_str().expect("a uuid"));
    let basic = json!({ "credential_type": "basic_auth" });
    assert_eq!(desk.put(&path, &basic).status, 400);
    assert_eq!(desk.get(&path).json()["credential_type"], "bearer_token");
    let same = json!({ "credential_type": "bearer_token" });
    assert_eq!(desk.put(&path, &same).status, 200);
    let whole = json!({ "credential_type": "basic_auth", "credential_data": { "username": "a", "password": "b" } });
    assert_eq!(
        desk.put(&path, &whole).json()["credential_type"],
        "basic_auth"
    );
    assert_eq!(
        desk.put(&path, &json!({ "credential_data": {} })).status,
        400
    );
}

#[test]
fn wrong_credentials_are_refused_field_by_field() {
    let desk = Desk::with_secrets();
    let refused = desk.post(
        CREDENTIALS,
        &json!({ "name": 5, "credential_type": "magic", "credential_data": [] }),
    );
    let errors = refused.json()["detail"].as_array().expect("a list").clone();
    let kinds: Vec<_> = errors
        .iter()
        .filter_map(|error| error["type"].as_str())
        .collect();
    assert_eq!(
        (refused.status, kinds),
        (422, vec!["string_type", "enum", "dict_type"])
    );
    assert_eq!(
        errors[1]["msg"],
        "Input should be 'none', 'api_key', 'bearer_token', 'basic_auth' or 'custom_header'"
    );
    let body = credential("crm", "none", json!({}));
    assert_eq!(desk.post(CREDENTIALS, &body).status, 200);
    let taken = desk.post(CREDENTIALS, &body);
    assert_eq!(
        (taken.status, &taken.json()["detail"]),
        (
            409,
            &json!("A credential with the name 'crm' already exists")
        )
    );
    let unknown = desk.get(&format!("{CREDENTIALS}no-uuid"));
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (404, "not-found")
    );
}

#[test]
fn the_address_without_its_slash_leads_to_it() {
    let desk = Desk::with_secrets();
    let answer = desk.get("/api/v1/credentials");
    let location = answer.header("location").expect("an address");
    assert!(location.ends_with("/api/v1/credentials/"), "{location}");
    assert_eq!(answer.status, 307);
}

#[test]
fn without_a_place_for_secrets_only_what_has_one_fails() {
    let desk = Desk::open();
    let body = credential("crm", "bearer_token", json!({ "token": "a" }));
    let refused = desk.post(CREDENTIALS, &body);
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (503, "secret-store-unavailable")
    );
    let none = credential("none", "none", json!({}));
    assert_eq!(desk.post(CREDENTIALS, &none).status, 200);
}

#[test]
fn preferences_are_empty_at_first_and_replaced_whole() {
    let desk = Desk::open();
    let empty = json!({ "test_phone_number": null, "timezone": null, "external_pbx_integrations_enabled": false });
    assert_eq!(desk.get(PREFERENCES).json(), empty);
    let all = json!({ "test_phone_number": "+14155550100", "timezone": "Asia/Kolkata", "external_pbx_integrations_enabled": true });
    assert_eq!(desk.put(PREFERENCES, &all).json(), all);
    assert_eq!(desk.get(PREFERENCES).json(), all);
    let zone = json!({ "timezone": "Europe/Berlin" });
    let expected = json!({ "test_phone_number": null, "timezone": "Europe/Berlin", "external_pbx_integrations_enabled": false });
    assert_eq!(desk.put(PREFERENCES, &zone).json(), expected);
    assert_eq!(desk.get(PREFERENCES).json(), expected);
    let wrong = desk.put(
        PREFERENCES,
        &json!({ "timezone": 5, "external_pbx_integrations_enabled": null }),
    );
    let errors = wrong.json()["detail"].as_array().map(Vec::len);
    assert_eq!((wrong.status, errors), (422, Some(2)));
}
