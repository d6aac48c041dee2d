//! Whether the voice that phones need is there, told where a configuration is set up.

use serde_json::{Value, json};
use switchhook_tests::server::{Desk, Options};

/// The step about the voice of a new Asterisk configuration.
fn voice_step(desk: &Desk) -> Option<Value> {
    let config = json!({
        "provider": "ari", "ari_endpoint": "http://127.0.0.1:8088", "app_name": "switchhook",
        "app_password": "a password of nobody", "ws_client_name": "switchhook",
    });
    let body = json!({"name": "Ours", "config": config});
    let made = desk.post("/api/v1/organizations/telephony-configs", &body);
    assert_eq!(made.status, 200, "{}", made.text());
    let id = made.json()["id"].clone();
    let path = format!("/api/v1/organizations/telephony-configs/{id}");
    let read = desk.get(&path).json();
    let steps = read["setup_checklist"]["steps"].as_array().cloned();
    let mut steps = steps.unwrap_or_default().into_iter();
    steps.find(|step| step["key"] == "voice")
}

#[test]
fn a_missing_voice_is_a_step_that_keeps_no_call_back() {
    let without = Options::default()
        .variable("SWITCHHOOK_SECRETS", "file")
        .variable("SWITCHHOOK_PASSPHRASE", "correct horse")
        .variable("PATH", "/nonexistent");
    let step = voice_step(&Desk::at(without.start())).expect("a step");
    let about = (&step["complete"], &step["blocks_outbound"]);
    assert_eq!(about, (&json!(false), &json!(false)));
    let what = step["description"].as_str().expect("a text");
    assert!(what.contains("espeak-ng"), "{what}");

    assert_eq!(voice_step(&Desk::with_secrets()), None);
}
