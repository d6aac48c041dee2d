//! Verifying an account without a call.

use serde_json::{Value, json};
use switchhook_tests::carrier::{ACCOUNT, Carrier, TOKEN};
use switchhook_tests::server::{Desk, Options};

const CONFIGURATIONS: &str = "/api/v1/organizations/telephony-configs";

fn desk() -> Desk {
    Desk::at(
        Options::default()
            .variable("SWITCHHOOK_SECRETS", "file")
            .variable("SWITCHHOOK_PASSPHRASE", "correct horse")
            .start(),
    )
}

fn add(desk: &Desk, config: &Value) -> Value {
    let made = desk.post(CONFIGURATIONS, &json!({"name": "Theirs", "config": config}));
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()["id"].clone()
}

fn verified(desk: &Desk, id: &Value) -> Value {
    let path = format!("/api/switchhook/telephony-configurations/{id}/verify");
    let answer = desk.post(&path, &json!({}));
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[test]
fn the_desk_phone_is_always_well() {
    let desk = Desk::open();
    let verified = verified(&desk, &json!(1));
    assert_eq!(verified["outcome"], "verified");
    assert_eq!(
        (&verified["side"], &verified["next"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn an_account_is_proved_at_the_carrier_and_no_phone_rings() {
    let (desk, carrier) = (desk(), Carrier::start());
    let account = |token: &str| {
        json!({
            "provider": "twilio", "account_sid": ACCOUNT, "auth_token": token,
            "base_url": carrier.base_url,
        })
    };
    let id = add(&desk, &account(TOKEN));
    let well = verified(&desk, &id);
    assert_eq!(well["outcome"], "verified");
    // The account is well, but a call has no number to come from yet.
    assert!(well["next"].is_string(), "{well}");
    let number = json!({"address": "+15550001111"});
    assert_eq!(
        desk.post(&format!("{CONFIGURATIONS}/{id}/phone-numbers"), &number)
            .status,
        200
    );
    assert_eq!(verified(&desk, &id)["next"], Value::Null);

    let change = json!({"config": account("another token of nobody")});
    assert_eq!(
        desk.put(&format!("{CONFIGURATIONS}/{id}"), &change).status,
        200
    );
    let wrong = verified(&desk, &id);
    assert_eq!(
        (&wrong["outcome"], &wrong["side"]),
        (&json!("refused"), &json!("caller"))
    );
    let text = wrong.to_string();
    assert!(
        text.contains("Twilio console") && !text.contains("of nobody"),
        "{text}"
    );
    assert_eq!((carrier.dials(), carrier.calls().len()), (0, 0));
}

#[test]
fn a_carrier_that_is_not_there_is_neither_proved_nor_refused() {
    let desk = desk();
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("bound");
    drop(free);
    let config = json!({
        "provider": "twilio", "account_sid": ACCOUNT, "auth_token": TOKEN,
        "base_url": format!("http://{address}"),
    });
    let verified = verified(&desk, &add(&desk, &config));
    assert_eq!(verified["outcome"], "unknown");
    assert!(verified["next"].is_string());
}

#[test]
fn a_provider_without_a_way_says_so() {
    let desk = desk();
    let config = json!({"provider": "cloudonix", "bearer_token": "t", "domain_id": "d"});
    let verified = verified(&desk, &add(&desk, &config));
    assert_eq!(verified["outcome"], "not-offered");
}
