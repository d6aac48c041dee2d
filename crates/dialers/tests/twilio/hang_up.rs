//! The hang-up, ringing or answered.

use crate::double::{Double, Reply};
use crate::oracle::Oracle;
use crate::{CALL, FROM, SID, TO, TOKEN, account, call, fields, twilio};
use jiff::Timestamp;
use serde_json::{Value, json};
use switchhook_core::ports::{Dialer, HangUpError};

#[tokio::test]
async fn a_hang_up_is_the_recorded_request_of_the_carriers_package() {
    let recorded = include_str!("../data/twilio-sdk-requests.json");
    let recorded: Value = serde_json::from_str(recorded).expect("the file is JSON");
    let recorded = &recorded["twilio.hangup"][0];
    let double = Double::that(Reply::Json(200, json!({ "sid": CALL }))).await;
    let call = call(account(&double.base_url), Some(CALL));
    twilio().hang_up(&call).await.expect("it is obeyed");
    let ours = double.only();
    assert_eq!(recorded["method"], ours.method);
    assert_eq!(recorded["path"], ours.path);
    assert_eq!(recorded["body"], ours.body);
    for header in ["Authorization", "Content-Type"] {
        assert_eq!(
            recorded["headers"][header].as_str(),
            ours.header(header),
            "{header}"
        );
    }
}

#[tokio::test]
async fn a_hang_up_is_the_request_that_the_carriers_package_makes() {
    let double = Double::that(Reply::Json(200, json!({ "sid": CALL }))).await;
    let call = call(account(&double.base_url), Some(CALL));
    twilio().hang_up(&call).await.expect("it is obeyed");
    let question = json!({
        "ask": "update", "base_url": double.base_url, "account_sid": SID, "auth_token": TOKEN,
        "sid": CALL, "with": { "status": "completed" },
    });
    let answer = tokio::task::spawn_blocking(move || Oracle::start().ask(&question)).await;
    assert_eq!(answer.expect("the oracle answered"), CALL);
    let both = double.received();
    let meaning = |index: usize| {
        (
            &both[index].method,
            &both[index].path,
            fields(&both[index].body),
        )
    };
    assert_eq!(meaning(0), meaning(1));
}

#[tokio::test]
async fn the_carriers_answer_decides() {
    let over = json!({ "code": 21220, "message": "Call is not in-progress.", "status": 400 });
    let rows = [
        (Reply::Json(200, json!({})), "ended"),
        (Reply::Json(404, json!({ "code": 20404 })), "not found"),
        (Reply::Json(400, over), "not found"),
        (Reply::Json(400, json!({ "code": 20001 })), "failed"),
        (Reply::Json(500, json!({})), "failed"),
        (
            Reply::Redirect(307, "http://127.0.0.1:1".to_owned()),
            "failed",
        ),
        (Reply::Drop, "failed"),
    ];
    for (reply, expected) in rows {
        let double = Double::that(reply.clone()).await;
        let ended = twilio()
            .hang_up(&call(account(&double.base_url), Some(CALL)))
            .await;
        let actual = match ended {
            Ok(()) => "ended",
            Err(HangUpError::NotFound) => "not found",
            Err(HangUpError::Failed(_)) => "failed",
        };
        assert_eq!(actual, expected, "{reply:?}");
    }
}

#[tokio::test]
async fn a_call_whose_id_was_lost_is_found_and_hung_up() {
    let double = Double::start(|request| match request.method.as_str() {
        "GET" => {
            let listed = json!({ "sid": CALL, "to": TO, "from": FROM, "status": "ringing",
                "date_created": Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S +0000").to_string() });
            Reply::Json(200, json!({ "calls": [listed], "next_page_uri": null }))
        }
        _ => Reply::Json(200, json!({ "sid": CALL })),
    })
    .await;
    let ended = twilio()
        .hang_up(&call(account(&double.base_url), None))
        .await;
    assert!(ended.is_ok(), "{ended:?}");
    assert!(
        double.received()[1]
            .path
            .ends_with(&format!("/{CALL}.json"))
    );
}

#[tokio::test]
async fn a_call_that_is_not_listed_may_still_come_so_it_is_not_called_gone() {
    let double = Double::that(Reply::Json(200, json!({ "calls": [] }))).await;
    let ended = twilio()
        .hang_up(&call(account(&double.base_url), None))
        .await;
    assert!(matches!(ended, Err(HangUpError::Failed(_))), "{ended:?}");
}
