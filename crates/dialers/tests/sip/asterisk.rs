//! Calls through an Asterisk that plays a carrier with accounts.

use crate::phone::{Phone, account, beat, call};
use crate::sound::{glide, is_loud, likeness};
use serde_json::{Value, json};
use std::time::Duration;
use switchhook_core::ports::{Account, CallWord, DialError, Dialer, Heard};
use switchhook_core::run::EndCode;
use switchhook_core::walk::LineKind;
use switchhook_tests::server::eventually;
use switchhook_tests::telephony::{ACCOUNT, ACCOUNT_PASSWORD, Asterisk};

fn asterisk() -> Option<Asterisk> {
    Asterisk::start(env!("CARGO_TARGET_TMPDIR"))
}

fn account_at(asterisk: &Asterisk, more: Value) -> Account {
    let mut settings = json!({"username": ACCOUNT});
    let members = settings.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    account(asterisk.sip, settings, ACCOUNT_PASSWORD)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_calls_by_udp_and_tcp_registered_or_not_and_hears_its_echo() {
    let Some(asterisk) = asterisk() else {
        return;
    };
    for settings in [
        json!({}),
        json!({"transport": "tcp"}),
        json!({"register": true}),
        json!({"transport": "tcp", "register": true}),
    ] {
        let sound = glide(1);
        let phone = Phone::that_says(sound.clone());
        let request = call(account_at(&asterisk, settings.clone()), "101");
        phone.dial(&request).await.expect("taken");
        let (words, line) = phone.answered().await;
        assert_eq!(words.last(), Some(&CallWord::Answered), "{settings}");
        assert_eq!(line.speak(&beat(LineKind::Greeting)).await, Ok(()));
        line.hang_up().await;
        assert_eq!(phone.end().await.0, CallWord::Ended(EndCode::AgentEnded));
        let (heard, _) = phone.recording().await;
        let likeness = likeness(&sound, &heard);
        assert!(likeness >= 0.99, "{settings}: {likeness}");
        asterisk.idle();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_a_refusal_and_rings_nobody() {
    let Some(asterisk) = asterisk() else {
        return;
    };
    for settings in [json!({}), json!({"register": true})] {
        let account = Account {
            credentials: Some(json!({"password": "wrong"}).to_string().into()),
            ..account_at(&asterisk, settings)
        };
        let refused = Phone::new().dial(&call(account, "101")).await;
        let Err(DialError::Refused(words)) = refused else {
            panic!("{refused:?}");
        };
        assert!(words.contains("401"), "{words}");
        assert!(!words.contains("wrong"), "{words}");
        assert!(asterisk.channels().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_heard_and_pressed() {
    let Some(asterisk) = asterisk() else {
        return;
    };
    let phone = Phone::new();
    phone
        .dial(&call(account_at(&asterisk, json!({})), "103"))
        .await
        .expect("taken");
    let (_, line) = phone.answered().await;
    line.press("1234").await.expect("pressed");
    let mut heard = String::new();
    while heard.len() < 3 {
        match line.hear().await {
            Heard::Dtmf(key) => heard.push_str(&key),
            other => panic!("{other:?} after {heard}"),
        }
    }
    assert_eq!(heard, "42#");
    eventually("Asterisk heard the keys", || {
        asterisk.log().contains("KEYS=1234").then_some(())
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn early_sound_is_ringing_and_then_the_call_is_answered() {
    let Some(asterisk) = asterisk() else {
        return;
    };
    let phone = Phone::new();
    phone
        .dial(&call(account_at(&asterisk, json!({})), "102"))
        .await
        .expect("taken");
    let (words, _line) = phone.answered().await;
    assert_eq!(words, [CallWord::Ringing, CallWord::Answered]);
    assert_eq!(phone.word().await.0, CallWord::Ended(EndCode::CalleeHungUp));
    let (heard, said) = phone.recording().await;
    assert!(is_loud(&heard) && !is_loud(&said));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_outcome_of_the_carrier_ends_as_it_is() {
    let Some(asterisk) = asterisk() else {
        return;
    };
    for (number, code) in [
        ("486", EndCode::Busy),
        ("603", EndCode::CarrierRefused),
        ("404", EndCode::CarrierRefused),
        ("503", EndCode::CarrierFailed),
        ("488", EndCode::CarrierRefused),
    ] {
        let phone = Phone::new();
        phone
            .dial(&call(account_at(&asterisk, json!({})), number))
            .await
            .expect("taken");
        let end = phone.end().await;
        assert_eq!(end.0, CallWord::Ended(code), "{number}: {}", end.1);
    }
    let phone = Phone::new();
    phone
        .dial(&call(account_at(&asterisk, json!({})), "100"))
        .await
        .expect("taken");
    let (_, _line) = phone.answered().await;
    assert_eq!(phone.word().await.0, CallWord::Ended(EndCode::CalleeHungUp));
    let mut request = call(account_at(&asterisk, json!({})), "480");
    request.ring_timeout = Duration::from_secs(1);
    phone.dial(&request).await.expect("taken");
    assert_eq!(phone.end().await.0, CallWord::Ended(EndCode::NoAnswer));
    asterisk.idle();
}

#[tokio::test(flavor = "multi_thread")]
async fn encrypted_signalling_works_with_the_authority_that_is_trusted_and_no_other() {
    let Some(asterisk) = asterisk() else {
        return;
    };
    let with = |certificate: Option<&str>| {
        let settings =
            json!({"username": ACCOUNT, "transport": "tls", "ca_certificate": certificate});
        account(asterisk.tls, settings, ACCOUNT_PASSWORD)
    };
    let trusted = asterisk.authority();
    let phone = Phone::new();
    phone
        .dial(&call(with(Some(&trusted)), "101"))
        .await
        .expect("taken");
    let (_, line) = phone.answered().await;
    line.hang_up().await;
    assert_eq!(phone.end().await.0, CallWord::Ended(EndCode::AgentEnded));
    asterisk.idle();
    let untrusted = phone.dial(&call(with(None), "101")).await;
    let Err(DialError::Refused(words)) = untrusted else {
        panic!("{untrusted:?}");
    };
    assert!(words.contains("not trusted"), "{words}");
    assert!(asterisk.channels().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_hung_up_is_over_at_the_carrier() {
    let Some(asterisk) = asterisk() else {
        return;
    };
    let phone = Phone::new();
    let request = call(account_at(&asterisk, json!({})), "105");
    phone.dial(&request).await.expect("taken");
    let (_, _line) = phone.answered().await;
    phone
        .trunk
        .hang_up(&request.call_ref())
        .await
        .expect("hung up");
    assert_eq!(phone.end().await.0, CallWord::Ended(EndCode::HungUp));
    asterisk.idle();
}
