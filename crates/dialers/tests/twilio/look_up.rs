//! Asking what became of a call: by the carrier's id, and by numbers and time where it was lost.

use crate::double::{Double, Reply};
use crate::oracle::Oracle;
use crate::{CALL, FROM, SID, TO, TOKEN, account, call, fields, twilio};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use switchhook_core::ports::{CallRef, CallWord, Dialer, LookUp};
use switchhook_core::run::EndCode;

async fn look_up(reply: Reply, sid: Option<&str>) -> LookUp {
    let double = Double::that(reply).await;
    twilio()
        .look_up(&call(account(&double.base_url), sid))
        .await
}

#[tokio::test]
async fn each_status_has_its_meaning() {
    let ended = |code| Some(CallWord::Ended(code));
    let rows = [
        ("queued", None),
        ("initiated", None),
        ("ringing", Some(CallWord::Ringing)),
        ("in-progress", Some(CallWord::Answered)),
        ("completed", ended(EndCode::Completed)),
        ("busy", ended(EndCode::Busy)),
        ("no-answer", ended(EndCode::NoAnswer)),
        ("failed", ended(EndCode::CarrierFailed)),
        ("canceled", ended(EndCode::Canceled)),
    ];
    for (status, word) in rows {
        let found = look_up(
            Reply::Json(200, json!({ "sid": CALL, "status": status })),
            Some(CALL),
        )
        .await;
        let carrier_call_id = Some(CALL.to_owned());
        let expected = match word {
            None => LookUp::Waiting { carrier_call_id },
            Some(word) => LookUp::Found {
                carrier_call_id,
                word,
                note: Some(format!("status {status}")),
            },
        };
        assert_eq!(found, expected, "{status}");
    }
}

#[tokio::test]
async fn the_note_has_the_carriers_own_words() {
    let body =
        json!({ "sid": CALL, "status": "completed", "duration": "42", "answered_by": "human" });
    let LookUp::Found { note, .. } = look_up(Reply::Json(200, body), Some(CALL)).await else {
        panic!("the call is there");
    };
    assert_eq!(
        note.as_deref(),
        Some("status completed, duration 42, answered_by human")
    );
}

#[tokio::test]
async fn only_the_carriers_own_404_says_that_there_is_no_call() {
    let rows = [
        (
            Reply::Json(404, json!({ "code": 20404 })),
            LookUp::NeverPlaced,
        ),
        (Reply::Json(401, json!({ "code": 20003 })), LookUp::Unknown),
        (Reply::Json(429, json!({})), LookUp::Unknown),
        (Reply::Html(502), LookUp::Unknown),
        (Reply::Html(200), LookUp::Unknown),
        (
            Reply::Json(200, json!({ "sid": CALL, "status": "on-hold" })),
            LookUp::Unknown,
        ),
        (
            Reply::Redirect(302, "http://127.0.0.1:1".to_owned()),
            LookUp::Unknown,
        ),
        (Reply::Drop, LookUp::Unknown),
        (Reply::Endless(200), LookUp::Unknown),
        (Reply::BreakOff(200), LookUp::Unknown),
    ];
    for (reply, expected) in rows {
        assert_eq!(
            look_up(reply.clone(), Some(CALL)).await,
            expected,
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn looking_up_uses_a_connection_again() {
    let double = Double::that(Reply::Json(
        200,
        json!({ "sid": CALL, "status": "ringing" }),
    ))
    .await;
    let (twilio, call) = (twilio(), call(account(&double.base_url), Some(CALL)));
    for _ in 0..2 {
        twilio.look_up(&call).await;
    }
    let connections: Vec<_> = double
        .received()
        .iter()
        .map(|request| request.connection)
        .collect();
    assert_eq!(connections, [0, 0]);
}

#[tokio::test]
async fn both_questions_are_the_requests_that_the_carriers_package_makes() {
    let double = Double::start(|request| match request.path.ends_with("Calls.json") {
        true => Reply::Json(200, json!({ "calls": [], "next_page_uri": null })),
        false => Reply::Json(200, json!({ "sid": CALL, "status": "ringing" })),
    })
    .await;
    for sid in [Some(CALL), None] {
        twilio()
            .look_up(&call(account(&double.base_url), sid))
            .await;
    }
    let about = json!({ "base_url": double.base_url, "account_sid": SID, "auth_token": TOKEN });
    let with = |more: Value| {
        let mut question = about.clone();
        let members = question.as_object_mut().expect("an object");
        members.extend(more.as_object().expect("an object").clone());
        question
    };
    let questions = [
        with(json!({ "ask": "fetch", "sid": CALL })),
        with(json!({ "ask": "read", "with": { "to": TO, "from_": FROM, "page_size": 20 } })),
    ];
    let asked = tokio::task::spawn_blocking(move || {
        let mut oracle = Oracle::start();
        for question in questions {
            oracle.ask(&question);
        }
    });
    asked.await.expect("the oracle answered");
    let all = double.received();
    let meaning = |index: usize| {
        let request = &all[index];
        (
            &request.method,
            &request.path,
            fields(&request.query),
            request.header("authorization"),
        )
    };
    assert_eq!(meaning(0), meaning(2));
    assert_eq!(meaning(1), meaning(3));
}

/// A call that was created this many seconds after the dial.
fn created(call: &CallRef, after: i64, more: Value) -> Value {
    let at = call.dialled_at + SignedDuration::from_secs(after);
    let mut listed = json!({
        "sid": CALL, "to": TO, "from": FROM, "status": "busy", "direction": "outbound-api",
        "date_created": at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string(),
    });
    let members = listed.as_object_mut().expect("an object");
    members.extend(more.as_object().expect("an object").clone());
    listed
}

/// What is found where these calls are listed. Whole seconds, as the carrier's clock has them.
async fn found_among(calls: impl Fn(&CallRef) -> Vec<Value>) -> LookUp {
    let mut call = call(account(""), None);
    call.dialled_at = Timestamp::from_second(call.dialled_at.as_second()).expect("a time");
    let page = json!({ "calls": calls(&call), "next_page_uri": null });
    let double = Double::that(Reply::Json(200, page)).await;
    call.account = account(&double.base_url);
    twilio().look_up(&call).await
}

#[tokio::test]
async fn a_lost_call_is_found_by_its_numbers_and_its_time() {
    let found = found_among(|call| vec![created(call, 1, json!({}))]).await;
    let expected = LookUp::Found {
        carrier_call_id: Some(CALL.to_owned()),
        word: CallWord::Ended(EndCode::Busy),
        note: Some("status busy".to_owned()),
    };
    assert_eq!(found, expected);
}

#[tokio::test]
async fn a_call_fits_from_5_seconds_before_the_dial_to_60_after() {
    for (after, fits) in [(-6, false), (-5, true), (60, true), (61, false)] {
        let found = found_among(|call| vec![created(call, after, json!({}))]).await;
        assert_eq!(found != LookUp::NeverPlaced, fits, "{after} s: {found:?}");
    }
}

#[tokio::test]
async fn other_calls_are_not_taken_for_ours() {
    let rows = [
        json!({ "to": "+14155550199" }),
        json!({ "from": "+15550002222" }),
        json!({ "direction": "inbound" }),
        json!({ "direction": "outbound-dial" }),
    ];
    for other in rows {
        let found = found_among(|call| vec![created(call, 1, other.clone())]).await;
        assert_eq!(found, LookUp::NeverPlaced, "{other}");
    }
}

#[tokio::test]
async fn of_two_calls_that_fit_neither_is_believed() {
    let other = json!({ "sid": "CAcccccccccccccccccccccccccccccccc" });
    let found =
        found_among(|call| vec![created(call, 2, other.clone()), created(call, 1, json!({}))]);
    assert_eq!(found.await, LookUp::Unknown);
}

#[tokio::test]
async fn calls_that_are_known_to_be_others_are_passed_over() {
    let (other, third) = (
        "CAcccccccccccccccccccccccccccccccc",
        "CAdddddddddddddddddddddddddddddddd",
    );
    for (others, is_found) in [(vec![other, third], true), (vec![other], false)] {
        let mut call = call(account(""), None);
        call.others = others.into_iter().map(str::to_owned).collect();
        let calls = [
            created(&call, 3, json!({ "sid": other })),
            created(&call, 2, json!({})),
            created(&call, 1, json!({ "sid": third, "date_created": null })),
        ];
        let page = json!({ "calls": calls, "next_page_uri": null });
        let double = Double::that(Reply::Json(200, page)).await;
        call.account = account(&double.base_url);
        let found = twilio().look_up(&call).await;
        assert_eq!(found != LookUp::Unknown, is_found, "{found:?}");
    }
}

#[tokio::test]
async fn a_call_without_a_time_leaves_it_unknown() {
    let timeless = json!({ "date_created": null });
    let found = found_among(|call| vec![created(call, 1, timeless.clone())]).await;
    assert_eq!(found, LookUp::Unknown);
}

#[tokio::test]
async fn a_clock_that_is_wrong_here_does_not_hide_the_call() {
    // By the carrier's clock it is an hour later.
    let mut call = call(account(""), None);
    let page = json!({ "calls": [created(&call, 3601, json!({}))] });
    let carriers_now = Timestamp::now() + SignedDuration::from_secs(3600);
    let double = Double::that(Reply::JsonAt(carriers_now, page)).await;
    call.account = account(&double.base_url);
    let found = twilio().look_up(&call).await;
    assert!(matches!(found, LookUp::Found { .. }), "{found:?}");
}

#[tokio::test]
async fn later_pages_are_read_until_they_reach_back_beyond_the_dial() {
    let mut call = call(account(""), None);
    let other = json!({ "sid": "CAcccccccccccccccccccccccccccccccc" });
    let next = "http://elsewhere.example.com/2010-04-01/Calls.json?To=x&Page=1&PageToken=PACA";
    let pages = [
        json!({ "calls": [created(&call, 61, other.clone())], "next_page_uri": next }),
        json!({ "calls": [created(&call, 1, json!({})), created(&call, -99, other)], "next_page_uri": next }),
    ];
    let double = Double::start(move |request| {
        Reply::Json(
            200,
            pages[usize::from(request.query.contains("PageToken"))].clone(),
        )
    })
    .await;
    call.account = account(&double.base_url);
    let found = twilio().look_up(&call).await;
    assert!(matches!(found, LookUp::Found { .. }), "{found:?}");
    let received = double.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[1].path, received[0].path);
    assert_eq!(received[1].query, "To=x&Page=1&PageToken=PACA");
}

#[tokio::test]
async fn a_list_without_end_leaves_it_unknown() {
    let page = json!({ "calls": [], "next_page_uri": "/2010-04-01/Calls.json?Page=1" });
    let double = Double::that(Reply::Json(200, page)).await;
    let found = twilio()
        .look_up(&call(account(&double.base_url), None))
        .await;
    assert_eq!(found, LookUp::Unknown);
    assert_eq!(double.received().len(), 5);
}

#[tokio::test]
async fn a_list_that_cannot_be_read_leaves_it_unknown() {
    for reply in [
        Reply::Html(200),
        Reply::Json(401, json!({})),
        Reply::Drop,
        Reply::Endless(200),
    ] {
        assert_eq!(
            look_up(reply.clone(), None).await,
            LookUp::Unknown,
            "{reply:?}"
        );
    }
}
