//! "Verify": a right account, a wrong one and a trunk that is not there are told apart, without a
//! call.

use crate::phone::{Phone, account};
use serde_json::{Value, json};
use switchhook_core::ports::{Dialer, Proof};
use switchhook_core::run::Side;
use switchhook_tests::telephony::{ACCOUNT, ACCOUNT_PASSWORD, Asterisk};

async fn verify(port: u16, settings: Value, password: &str) -> Proof {
    Phone::new()
        .trunk
        .verify(&account(port, settings, password))
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_and_a_wrong_password_are_told_apart_with_and_without_registering() {
    let Some(asterisk) = Asterisk::start(env!("CARGO_TARGET_TMPDIR")) else {
        return;
    };
    for register in [false, true] {
        let settings = json!({"username": ACCOUNT, "register": register});
        let right = verify(asterisk.sip, settings.clone(), ACCOUNT_PASSWORD).await;
        assert!(
            matches!(right, Proof::Proved { .. }),
            "{register}: {right:?}"
        );
        let wrong = verify(asterisk.sip, settings, "wrong").await;
        let Proof::Refused {
            side: Side::Caller,
            message,
            next,
        } = &wrong
        else {
            panic!("{register}: {wrong:?}");
        };
        assert!(
            message.contains("password") && next.contains("password"),
            "{message}; {next}"
        );
    }
    assert!(asterisk.channels().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_that_is_not_there_is_no_wrong_password() {
    let mute = std::net::UdpSocket::bind("127.0.0.1:0").expect("loopback");
    let port = mute.local_addr().expect("it is bound").port();
    let silent = verify(port, json!({}), "").await;
    assert!(matches!(silent, Proof::Unknown { .. }), "{silent:?}");
    let closed = verify(port, json!({"transport": "tcp"}), "").await;
    let Proof::Refused { next, .. } = &closed else {
        panic!("{closed:?}");
    };
    assert!(next.contains("port"), "{next}");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_cannot_be_used_are_said_without_asking_anybody() {
    let refused = verify(5060, json!({"register": true}), "").await;
    assert!(
        matches!(
            refused,
            Proof::Refused {
                side: Side::Caller,
                ..
            }
        ),
        "{refused:?}"
    );
}
