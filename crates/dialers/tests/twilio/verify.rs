//! Proving an account without a call.

use crate::double::{Double, Reply};
use crate::{SID, account, account_with, twilio};
use serde_json::{Value, json};
use switchhook_core::ports::{Dialer, Proof};
use switchhook_core::run::Side;

/// A token that is no word of a sentence.
const UNTOLD: &str = "0123456789abcdef0123456789abcdef";

async fn told(reply: Reply) -> Proof {
    let double = Double::that(reply).await;
    let settings = json!({ "base_url": double.base_url });
    let credentials = json!({ "account_sid": SID, "auth_token": UNTOLD });
    twilio().verify(&account_with(settings, credentials)).await
}

fn resource(status: &str, kind: &str) -> Value {
    json!({
        "sid": SID, "auth_token": UNTOLD, "friendly_name": "Nobody", "status": status, "type": kind,
    })
}

#[tokio::test]
async fn the_account_is_asked_for_with_its_own_credentials() {
    let double = Double::that(Reply::Json(200, resource("active", "Full"))).await;
    let proof = twilio().verify(&account(&double.base_url)).await;
    assert_eq!(proof, Proof::Proved { note: None });
    let asked = double.only();
    assert_eq!(asked.method, "GET");
    assert_eq!(asked.path, format!("/2010-04-01/Accounts/{SID}.json"));
    assert!(
        asked
            .header("authorization")
            .is_some_and(|value| value.starts_with("Basic "))
    );
}

#[tokio::test]
async fn the_carriers_answer_says_whose_side_it_is_on() {
    let rows = [
        (
            Reply::Json(401, json!({ "code": 20003 })),
            Some(Side::Caller),
        ),
        (Reply::Json(403, json!({})), Some(Side::Caller)),
        (
            Reply::Json(404, json!({ "code": 20404 })),
            Some(Side::Caller),
        ),
        (
            Reply::Json(200, resource("suspended", "Full")),
            Some(Side::Carrier),
        ),
        (
            Reply::Json(200, resource("closed", "Full")),
            Some(Side::Carrier),
        ),
        (
            Reply::Json(200, json!({ "hello": "world" })),
            Some(Side::Caller),
        ),
        (Reply::Html(200), Some(Side::Caller)),
        (Reply::Json(429, json!({})), None),
        (Reply::Html(503), None),
        (Reply::Drop, None),
    ];
    for (reply, refused) in rows {
        let said = format!("{reply:?}");
        match (told(reply).await, refused) {
            (
                Proof::Refused {
                    side,
                    message,
                    next,
                },
                Some(expected),
            ) => {
                assert_eq!(side, expected, "{said}");
                assert!(!message.is_empty() && !next.is_empty(), "{said}");
                assert!(
                    !message.contains(UNTOLD) && !message.contains(SID),
                    "{said}"
                );
            }
            (Proof::Unknown { .. }, None) => {}
            (other, _) => panic!("{said}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_trial_account_is_proved_with_a_warning() {
    let proof = told(Reply::Json(200, resource("active", "Trial"))).await;
    assert!(
        matches!(proof, Proof::Proved { note: Some(_) }),
        "{proof:?}"
    );
}

#[tokio::test]
async fn credentials_follow_no_redirect() {
    let elsewhere = Double::that(Reply::Json(200, resource("active", "Full"))).await;
    let to = format!("{}/2010-04-01/Accounts/{SID}.json", elsewhere.base_url);
    let proof = told(Reply::Redirect(307, to)).await;
    assert!(
        matches!(
            proof,
            Proof::Refused {
                side: Side::Caller,
                ..
            }
        ),
        "{proof:?}"
    );
    assert!(elsewhere.received().is_empty());
}

#[tokio::test]
async fn an_account_without_credentials_is_refused_unasked() {
    let empty = account_with(json!({}), json!({}));
    let proof = twilio().verify(&empty).await;
    assert!(
        matches!(
            proof,
            Proof::Refused {
                side: Side::Caller,
                ..
            }
        ),
        "{proof:?}"
    );
}
