//! How calls end that nobody answers: each as the far end says, or as it does not.

use crate::phone::{Phone, account, call};
use serde_json::json;
use std::time::Duration;
use switchhook_core::ports::{CallWord, DialError, Dialer, HangUpError};
use switchhook_core::run::EndCode;
use switchhook_tests::telephony::{Callee, Manner, header};

const NUMBER: &str = "+14155550123";

#[tokio::test(flavor = "multi_thread")]
async fn a_final_no_after_ringing_ends_the_call_as_it_says() {
    for (status, code) in [
        (486, EndCode::Busy),
        (600, EndCode::Busy),
        (603, EndCode::Declined),
        (480, EndCode::NoAnswer),
        (404, EndCode::CarrierFailed),
        (503, EndCode::CarrierFailed),
    ] {
        let callee = Callee::start(Manner::RingsAndRefuses(status));
        let phone = Phone::new();
        let request = call(account(callee.port, json!({}), ""), NUMBER);
        let dialed = phone.dial(&request).await.expect("taken");
        assert_eq!(dialed.carrier_call_id, Some(request.attempt_id.to_string()));
        assert_eq!(phone.word().await.0, CallWord::Ringing);
        let (word, note) = phone.word().await;
        assert_eq!(word, CallWord::Ended(code), "{status}");
        assert!(note.starts_with(&format!("SIP {status} ")), "{note}");
        assert_eq!(callee.calls().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_final_no_at_once_is_a_refusal_unless_it_is_the_callees() {
    for status in [403, 404, 484, 488, 500, 503, 302] {
        let callee = Callee::start(Manner::Refuses(status));
        let phone = Phone::new();
        let request = call(account(callee.port, json!({}), ""), NUMBER);
        let refused = phone.dial(&request).await.expect_err("refused");
        let DialError::Refused(words) = &refused else {
            panic!("{status}: {refused:?}");
        };
        assert!(words.starts_with(&format!("{status} ")), "{words}");
        let gone = phone.trunk.hang_up(&request.call_ref()).await;
        assert!(matches!(gone, Err(HangUpError::NotFound)));
    }
    for (status, code) in [(486, EndCode::Busy), (603, EndCode::Declined)] {
        let callee = Callee::start(Manner::Refuses(status));
        let phone = Phone::new();
        phone
            .dial(&call(account(callee.port, json!({}), ""), NUMBER))
            .await
            .expect("placed");
        assert_eq!(phone.word().await.0, CallWord::Ended(code));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_rings_too_long_is_cancelled() {
    let callee = Callee::start(Manner::Rings);
    let phone = Phone::new();
    let mut request = call(account(callee.port, json!({}), ""), NUMBER);
    request.ring_timeout = Duration::from_secs(1);
    phone.dial(&request).await.expect("taken");
    assert_eq!(phone.word().await.0, CallWord::Ringing);
    assert_eq!(phone.word().await.0, CallWord::Ended(EndCode::NoAnswer));
    let messages = callee.received();
    assert!(
        messages
            .iter()
            .any(|message| message.starts_with("CANCEL ")),
        "{messages:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_hung_up_while_it_rings_is_cancelled_at_the_far_end() {
    let callee = Callee::start(Manner::Rings);
    let phone = Phone::new();
    let request = call(account(callee.port, json!({}), ""), NUMBER);
    phone.dial(&request).await.expect("taken");
    assert_eq!(phone.word().await.0, CallWord::Ringing);
    phone
        .trunk
        .hang_up(&request.call_ref())
        .await
        .expect("hung up");
    assert_eq!(phone.word().await.0, CallWord::Ended(EndCode::Canceled));
    let messages = callee.received();
    assert!(
        messages
            .iter()
            .any(|message| message.starts_with("CANCEL ")),
        "{messages:?}"
    );
    let again = phone.trunk.hang_up(&request.call_ref()).await;
    assert!(matches!(again, Err(HangUpError::NotFound)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_attempt_is_not_dialled_twice() {
    let callee = Callee::start(Manner::Rings);
    let phone = Phone::new();
    let request = call(account(callee.port, json!({}), ""), NUMBER);
    phone.dial(&request).await.expect("taken");
    let again = phone.dial(&request).await;
    assert!(matches!(again, Err(DialError::Unknown(_))));
    phone
        .trunk
        .hang_up(&request.call_ref())
        .await
        .expect("hung up");
    assert_eq!(callee.calls().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_an_unknown_outcome_and_a_closed_port_a_refusal() {
    let phone = Phone::new();
    // Takes every datagram and says nothing.
    let mute = std::net::UdpSocket::bind("127.0.0.1:0").expect("loopback");
    let port = mute.local_addr().expect("it is bound").port();
    let silent = phone
        .dial(&call(account(port, json!({}), ""), NUMBER))
        .await;
    assert!(matches!(silent, Err(DialError::Unknown(_))), "{silent:?}");
    for transport in ["tcp", "tls"] {
        // Nothing listens for connections there.
        let account = account(port, json!({"transport": transport}), "");
        let closed = phone.dial(&call(account, NUMBER)).await;
        assert!(matches!(closed, Err(DialError::Refused(_))), "{closed:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_far_end_sees_who_calls_whom_and_nothing_of_this_computer() {
    let callee = Callee::start(Manner::RingsAndRefuses(486));
    let phone = Phone::new();
    let settings = json!({"username": "acme", "number_format": "digits", "from_domain": "acme.example",
        "caller_id_header": "p_asserted_identity", "external_address": "203.0.113.7"});
    let mut request = call(account(callee.port, settings, ""), NUMBER);
    request.caller_id = Some("+15550001111".to_owned());
    phone.dial(&request).await.expect("taken");
    phone.end().await;
    let invite = callee
        .received()
        .into_iter()
        .find(|message| message.starts_with("INVITE "));
    let invite = invite.expect("an INVITE");
    let first = format!("INVITE sip:14155550123@127.0.0.1:{} SIP/2.0", callee.port);
    assert!(invite.starts_with(&first), "{invite}");
    let value = |name: &str| header(&invite, name).unwrap_or_default().to_owned();
    assert!(
        value("From").starts_with("<sip:acme@acme.example>"),
        "{invite}"
    );
    assert_eq!(
        value("P-Asserted-Identity"),
        "<sip:15550001111@acme.example>"
    );
    assert_eq!(value("Call-ID"), request.attempt_id.to_string());
    assert!(
        value("Contact").starts_with("<sip:acme@203.0.113.7:"),
        "{invite}"
    );
    assert!(invite.contains("c=IN IP4 203.0.113.7"), "{invite}");
    assert!(value("User-Agent").starts_with("switchhook/"), "{invite}");
    assert!(!invite.contains("restsend"), "{invite}");
}
