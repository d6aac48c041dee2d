//! That the far ends do what the other tests take for granted.

use serde_json::Value;
use switchhook_tests::server::eventually;
use switchhook_tests::telephony::{Asterisk, Callee, Manner};

const NUMBER: &str = "+14155550123";

/// Rings a far end by Asterisk's own hand and gives back the channel's id.
fn dial(asterisk: &Asterisk, endpoint: &str) -> String {
    let endpoint: String = endpoint
        .bytes()
        .map(|byte| match byte {
            b'+' | b'@' | b':' => format!("%{byte:02X}"),
            byte => char::from(byte).to_string(),
        })
        .collect();
    let path = format!("/ari/channels?endpoint={endpoint}&extension=105&context=itsp&timeout=30");
    let made = asterisk.ask("POST", &path);
    assert_eq!(made.status, 200, "{}", made.text());
    made.json()["id"].as_str().expect("an id").to_owned()
}

#[test]
fn a_phone_rings_and_its_calls_are_counted_once_each() {
    let Some(asterisk) = Asterisk::start(env!("CARGO_TARGET_TMPDIR")) else {
        return;
    };
    let callee = Callee::start(Manner::Rings);
    let endpoint = callee.dial_string().replace("{number}", NUMBER);
    let ids = [dial(&asterisk, &endpoint), dial(&asterisk, &endpoint)];
    eventually("both calls ring", || {
        let channels = asterisk.channels();
        let is_ringing = |channel: &&Value| channel["state"] == "Ringing";
        (channels.iter().filter(is_ringing).count() == 2).then_some(())
    });
    assert_eq!(callee.calls().len(), 2);
    for id in ids {
        let gone = asterisk.ask("DELETE", &format!("/ari/channels/{id}"));
        assert_eq!(gone.status, 204);
    }
    asterisk.idle();
    assert_eq!(callee.calls().len(), 2);
}

#[test]
fn the_pretended_carrier_answers_a_call_of_its_own_asterisk() {
    let Some(asterisk) = Asterisk::start(env!("CARGO_TARGET_TMPDIR")) else {
        return;
    };
    let id = dial(
        &asterisk,
        &format!("PJSIP/trunk/sip:105@127.0.0.1:{}", asterisk.sip),
    );
    eventually("the call is answered", || {
        let channel = asterisk.ask("GET", &format!("/ari/channels/{id}"));
        assert_eq!(channel.status, 200, "{}", channel.text());
        (channel.json()["state"] == "Up").then_some(())
    });
}

#[test]
fn an_asterisk_that_was_killed_comes_back_without_its_calls() {
    let Some(mut asterisk) = Asterisk::start(env!("CARGO_TARGET_TMPDIR")) else {
        return;
    };
    let callee = Callee::start(Manner::Rings);
    let endpoint = callee.dial_string().replace("{number}", NUMBER);
    let _ = dial(&asterisk, &endpoint);
    callee.called();
    asterisk.restart();
    assert!(asterisk.channels().is_empty());
}
