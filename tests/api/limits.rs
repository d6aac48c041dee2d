//! How many calls at a time, how many requests a second, and one request that is sent twice.

use serde_json::{Value, json};
use std::collections::HashMap;
use switchhook_tests::server::http::Response;
use switchhook_tests::server::{Desk, Options, Server};

fn fire(desk: &Desk, idempotency: &str, body: &Value) -> Response {
    let post = desk.server.public.post(&desk.production()).key(&desk.key);
    post.header("Idempotency-Key", idempotency)
        .json(body)
        .send()
}

fn runs(desk: &Desk) -> usize {
    desk.get("/api/switchhook/runs?limit=100").json()["runs"]
        .as_array()
        .expect("runs")
        .len()
}

/// Sends at the same moment and counts the answers by status.
fn race(
    times: usize,
    send: impl Fn(usize) -> Response + Sync,
) -> (HashMap<u16, usize>, Vec<Response>) {
    let answers: Vec<_> = std::thread::scope(|scope| {
        let send = &send;
        let threads: Vec<_> = (0..times).map(|n| scope.spawn(move || send(n))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("an answer"))
            .collect()
    });
    let mut counted = HashMap::new();
    for answer in &answers {
        *counted.entry(answer.status).or_default() += 1;
    }
    (counted, answers)
}

#[test]
fn beyond_the_setting_calls_are_refused_with_advice() {
    let desk = Desk::open();
    assert_eq!(
        desk.put("/api/switchhook/settings", &json!({"concurrent_calls": 2}))
            .status,
        200
    );
    let first = desk.call("+14155550100");
    let _ = desk.call("+14155550100");
    let refused = desk.fire(&json!({"phone_number": "+14155550100"}));
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (429, "limit-reached")
    );
    let seconds: u32 = refused
        .header("retry-after")
        .and_then(|value| value.parse().ok())
        .expect("Retry-After in seconds");
    assert!((1..=60).contains(&seconds));
    assert_eq!(
        desk.post(&format!("/api/switchhook/runs/{first}/hang-up"), &json!({}))
            .status,
        200
    );
    let _ = desk.ended(first);
    let _ = desk.call("+14155550100");
}

#[test]
fn the_environment_wins_over_the_setting() {
    let desk = Desk::at(
        Options::default()
            .variable("SWITCHHOOK_CONCURRENT_CALLS", "1")
            .start(),
    );
    let _ = desk.call("+14155550100");
    assert_eq!(
        desk.fire(&json!({"phone_number": "+14155550100"})).status,
        429
    );
}

#[test]
fn the_limit_holds_in_a_race() {
    let desk = Desk::at(
        Options::default()
            .variable("SWITCHHOOK_CONCURRENT_CALLS", "5")
            .start(),
    );
    let body = json!({"phone_number": "+14155550100"});
    let (counted, _) = race(50, |_| desk.fire(&body));
    assert_eq!(counted, HashMap::from([(200, 5), (429, 45)]));
    assert_eq!(runs(&desk), 5);
}

#[test]
fn two_changes_of_settings_at_once_are_both_kept() {
    let desk = Desk::open();
    for round in 1..=20 {
        let changes = [
            json!({"concurrent_calls": round}),
            json!({"requests_per_second": round}),
        ];
        let (counted, _) = race(2, |n| desk.put("/api/switchhook/settings", &changes[n]));
        assert_eq!(counted, HashMap::from([(200, 2)]));
        let kept = desk.get("/api/switchhook/settings").json();
        let kept = (&kept["concurrent_calls"], &kept["requests_per_second"]);
        assert_eq!(kept, (&json!(round), &json!(round)));
    }
}

/// Limits every key to so many requests a second; `null` takes the limit away.
fn limit_requests(desk: &Desk, per_second: &Value) {
    let change = json!({"requests_per_second": per_second});
    let changed = desk.put("/api/switchhook/settings", &change);
    assert_eq!(changed.status, 200, "{}", changed.text());
}

/// A request for a trigger that nobody has: what is counted is counted before that is seen.
fn ask(desk: &Desk, key: &str) -> Response {
    let post = desk.server.public.post("/api/v1/public/agent/nobodys");
    post.key(key)
        .json(&json!({"phone_number": "+14155550101"}))
        .send()
}

/// Asks until the limit refuses; a slow machine may let more than the limit through.
fn refused(desk: &Desk, key: &str) -> Response {
    let mut answers = (0..200).map(|_| ask(desk, key));
    let answer = answers.find(|answer| answer.status != 404);
    answer.expect("the limit refuses")
}

#[test]
fn a_key_that_asks_too_often_is_refused_with_advice() {
    let desk = Desk::open();
    limit_requests(&desk, &json!(1));
    let answer = refused(&desk, &desk.key);
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (429, "limit-reached")
    );
    assert_eq!(
        answer.json()["detail"],
        "Too many requests for this API key"
    );
    assert_eq!(answer.header("retry-after"), Some("1"));
}

#[test]
fn a_request_over_the_limit_of_its_key_makes_no_run() {
    let desk = Desk::open();
    limit_requests(&desk, &json!(1));
    let body = json!({"phone_number": "+14155550101"});
    let answers = std::iter::repeat_with(|| desk.fire(&body).status).take(200);
    let made = answers.take_while(|status| *status == 200).count();
    assert_eq!(runs(&desk), made);
    assert!(
        (1..10).contains(&made),
        "{made} is the limit of calls, not of requests"
    );
}

#[test]
fn keys_have_their_requests_apart() {
    let desk = Desk::open();
    limit_requests(&desk, &json!(1));
    assert_eq!(refused(&desk, &desk.key).status, 429);
    assert_eq!(ask(&desk, &desk.manage).status, 404);
}

#[test]
fn a_changed_limit_of_requests_holds_at_once() {
    let desk = Desk::open();
    for _ in 0..20 {
        assert_eq!(ask(&desk, &desk.key).status, 404, "off by default");
    }
    limit_requests(&desk, &json!(1));
    assert_eq!(refused(&desk, &desk.key).status, 429);
    limit_requests(&desk, &json!(null));
    for _ in 0..20 {
        assert_eq!(ask(&desk, &desk.key).status, 404, "off again");
    }
}

#[test]
fn a_wrong_key_is_not_counted() {
    let desk = Desk::open();
    limit_requests(&desk, &json!(1));
    for _ in 0..20 {
        assert_eq!(ask(&desk, "dgr_wrong").status, 401);
    }
    assert_eq!(ask(&desk, &desk.key).status, 404);
}

#[test]
fn a_request_without_a_right_key_writes_nothing() {
    let server = Server::start();
    let database = || {
        ["switchhook.db", "switchhook.db-wal"].map(|name| {
            let file = server.folder.data().join(name);
            std::fs::read(file).expect("the database's file")
        })
    };
    let before = database();
    for _ in 0..20 {
        let post = server.public.post("/api/v1/public/agent/some-path");
        let post = post.key("dgr_0000000000000000000000000000000000000000000");
        let answer = post.json(&json!({"phone_number": "+14155550101"})).send();
        assert_eq!(answer.status, 401, "{}", answer.text());
    }
    assert!(database() == before, "something was written");
}

#[test]
fn the_same_key_and_body_give_the_same_reply_and_one_call() {
    let desk = Desk::open();
    let body = json!({"phone_number": "+14155550101", "initial_context": {"n": 1}});
    let first = fire(&desk, "once", &body);
    let second = fire(&desk, "once", &body);
    assert_eq!((first.status, first.json()), (200, second.json()));
    assert_eq!((second.status, runs(&desk)), (200, 1));
}

#[test]
fn a_refused_dial_is_not_dialled_again_under_its_key() {
    let desk = Desk::open();
    let body = json!({"phone_number": "+14155550105"});
    let first = fire(&desk, "once", &body);
    let second = fire(&desk, "once", &body);
    assert_eq!((first.status, second.status), (400, 400));
    assert_eq!(
        first.json()["workflow_run_id"],
        second.json()["workflow_run_id"]
    );
    assert_eq!(runs(&desk), 1);
}

#[test]
fn a_request_that_was_refused_before_it_dialled_may_be_mended_under_its_key() {
    let desk = Desk::open();
    assert_eq!(
        fire(&desk, "once", &json!({"phone_number": "nonsense"})).status,
        422
    );
    assert_eq!(
        fire(&desk, "once", &json!({"phone_number": "+14155550101"})).status,
        200
    );
}

#[test]
fn the_same_key_with_another_body_is_a_conflict() {
    let desk = Desk::open();
    assert_eq!(
        fire(&desk, "once", &json!({"phone_number": "+14155550101"})).status,
        200
    );
    let other = fire(&desk, "once", &json!({"phone_number": "+14155550102"}));
    assert_eq!(
        (other.status, other.code().as_str()),
        (409, "idempotency-mismatch")
    );
    assert_eq!(runs(&desk), 1);
}

#[test]
fn another_api_key_has_idempotency_keys_of_its_own() {
    let desk = Desk::open();
    let body = json!({"phone_number": "+14155550101"});
    let mine = fire(&desk, "once", &body).json();
    let post = desk
        .server
        .public
        .post(&desk.production())
        .key(&desk.manage)
        .header("Idempotency-Key", "once");
    let theirs = post.json(&body).send().json();
    assert_ne!(mine["workflow_run_id"], theirs["workflow_run_id"]);
}

#[test]
fn test_and_production_do_not_share_an_idempotency_key() {
    let desk = Desk::open();
    let body = json!({"phone_number": "+14155550101"});
    let production = fire(&desk, "once", &body).json();
    let post = desk
        .server
        .public
        .post(&desk.test())
        .key(&desk.key)
        .header("Idempotency-Key", "once");
    let test = post.json(&body).send().json();
    assert_eq!(
        (&production["mode"], &test["mode"]),
        (&json!("production"), &json!("test"))
    );
}

#[test]
fn requests_under_one_key_in_flight_make_one_call() {
    let desk = Desk::open();
    let body = json!({"phone_number": "+14155550101"});
    let (counted, answers) = race(20, |_| fire(&desk, "once", &body));
    assert_eq!(counted, HashMap::from([(200, 20)]));
    assert!(
        answers
            .iter()
            .all(|answer| answer.json() == answers[0].json())
    );
    assert_eq!(runs(&desk), 1);
}

#[test]
fn an_idempotency_key_outlives_the_server() {
    let desk = Desk::open();
    let body = json!({"phone_number": "+14155550101"});
    let first = fire(&desk, "once", &body).json();
    let Desk {
        server,
        key,
        manage,
        path,
    } = desk;
    let server = Options {
        folder: server.crash(),
        ..Options::default()
    }
    .start();
    let desk = Desk {
        server,
        key,
        manage,
        path,
    };
    assert_eq!(fire(&desk, "once", &body).json(), first);
    assert_eq!(runs(&desk), 1);
}

#[test]
fn an_idempotency_key_has_a_length() {
    let desk = Desk::open();
    let body = json!({"phone_number": "+14155550101"});
    for wrong in [String::new(), "x".repeat(256)] {
        let answer = fire(&desk, &wrong, &body);
        assert_eq!(
            (answer.status, answer.code().as_str()),
            (400, "invalid-request")
        );
    }
    assert_eq!(fire(&desk, &"x".repeat(255), &body).status, 200);
}

#[test]
fn a_configuration_has_a_limit_of_its_own() {
    let desk = Desk::open();
    let path = "/api/v1/organizations/telephony-configs/1";
    let limit =
        |calls: i64| json!({"config": {"provider": "desk_phone", "concurrent_calls": calls}});
    let changed = desk.put(path, &limit(1)).json();
    assert_eq!(changed["credentials"]["concurrent_calls"], 1, "{changed}");
    let _ = desk.call("+14155550100");
    let refused = desk.fire(&json!({"phone_number": "+14155550100"}));
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (429, "limit-reached")
    );
    assert_eq!(desk.put(path, &limit(0)).status, 422);
}
