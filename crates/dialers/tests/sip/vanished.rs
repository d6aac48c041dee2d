//! A carrier that is switched off in the middle of a call: the call ends here all the same, and
//! nobody is called again.

use crate::phone::{Phone, account, call};
use serde_json::json;
use std::time::Duration;
use switchhook_core::ports::{CallWord, Heard};
use switchhook_core::run::EndCode;
use switchhook_tests::telephony::Asterisk;

#[tokio::test(flavor = "multi_thread")]
async fn an_answered_call_ends_when_the_carrier_is_gone() {
    let Some(mut asterisk) = Asterisk::start(env!("CARGO_TARGET_TMPDIR")) else {
        return;
    };
    let phone = Phone::new();
    phone
        .dial(&call(account(asterisk.sip, json!({}), ""), "101"))
        .await
        .expect("taken");
    let (_, line) = phone.answered().await;
    asterisk.kill();
    assert_eq!(line.hear().await, Heard::HungUp);
    let (word, note) = phone.word().await;
    assert_eq!(word, CallWord::Ended(EndCode::Completed));
    assert!(note.contains("did not answer"), "{note}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ringing_call_ends_when_the_carrier_is_gone_and_is_not_called_again() {
    let Some(mut asterisk) = Asterisk::start(env!("CARGO_TARGET_TMPDIR")) else {
        return;
    };
    let phone = Phone::new();
    let mut request = call(account(asterisk.sip, json!({}), ""), "480");
    request.ring_timeout = Duration::from_secs(3);
    phone.dial(&request).await.expect("taken");
    assert_eq!(phone.word().await.0, CallWord::Ringing);
    asterisk.restart();
    assert_eq!(phone.word().await.0, CallWord::Ended(EndCode::NoAnswer));
    assert!(asterisk.channels().is_empty());
}
