//! What was exchanged with the carrier about a call is shown with its run, and no secret is in it.

use crate::world::{World, run_of};
use serde_json::Value;
use std::fs;
use switchhook_tests::carrier::{ACCOUNT, Answer, Life, TOKEN, number};
use switchhook_tests::server::eventually;

/// The exchanges of a run once there are so many of this kind.
fn exchanges(world: &World, run: i64, kind: &str, count: usize) -> Vec<Value> {
    eventually("the exchanges", || {
        let exchanges = world.desk.run(run)["exchanges"].clone();
        let exchanges = exchanges.as_array().expect("a list").clone();
        let of_kind = exchanges.iter().filter(|one| one["kind"] == kind).count();
        (of_kind >= count).then_some(exchanges)
    })
}

fn field<'a>(fields: &'a Value, name: &str) -> Option<&'a str> {
    let fields = fields.as_array().expect("a list");
    let found = fields.iter().find(|field| field["name"] == name)?;
    found["value"].as_str()
}

#[test]
fn a_runs_dial_and_callbacks_are_shown() {
    let world = World::called_back();
    let called = number(Answer::Taken, Life::Talks, 1);
    let run = run_of(&world.fire(&called));
    let exchanges = exchanges(&world, run, "callback", 3);
    let dial = &exchanges[0];
    assert_eq!(
        (&dial["kind"], &dial["status"]),
        (&"dial".into(), &201.into())
    );
    assert_eq!(
        dial["target"], "POST /2010-04-01/Accounts/****/Calls.json",
        "{dial}"
    );
    assert_eq!(field(&dial["request"], "To"), Some(called.as_str()));
    assert_eq!(field(&dial["reply"], "status"), Some("queued"));
    assert!(dial["took_ms"].as_i64().is_some_and(|took| took >= 0));
    let told: Vec<_> = exchanges
        .iter()
        .filter_map(|one| field(&one["request"], "CallStatus"))
        .collect();
    assert_eq!(told, ["ringing", "in-progress", "completed"]);
}

#[test]
fn no_secret_is_in_what_is_shown_or_kept() {
    let world = World::called_back();
    let called = number(Answer::Taken, Life::Waits, 1);
    let run = run_of(&world.fire(&called));
    let sid = world.rung(&called).sid;
    let callback = world.carrier.callback(&sid, "ringing");
    let (_, token) = callback.url.split_once("token=").expect("a token");
    // A carrier may repeat a secret in any text.
    let mut spoilt = callback.clone();
    let words = format!("{ACCOUNT} {TOKEN} {token}");
    spoilt.form.push(("ErrorMessage", words));
    assert_eq!(spoilt.send().status, 200);
    assert_eq!(world.carrier.tell(&sid, "busy"), 200);
    let exchanges = exchanges(&world, run, "callback", 2);
    let message = exchanges
        .iter()
        .find_map(|one| field(&one["request"], "ErrorMessage"));
    assert_eq!(message, Some("**** **** ****"));
    let url = field(&exchanges[0]["request"], "StatusCallback");
    assert!(url.is_some_and(|url| url.ends_with("?…")), "{url:?}");
    let shown = world.desk.run(run)["exchanges"].to_string();
    let kept = fs::read_dir(world.desk.server.folder.data()).expect("a folder");
    let kept = kept.filter_map(|entry| fs::read(entry.expect("an entry").path()).ok());
    let everything: Vec<u8> = kept.flatten().chain(shown.bytes()).collect();
    assert!(everything.len() > 10_000, "the database was read");
    for secret in [TOKEN, token] {
        let is_there = everything
            .windows(secret.len())
            .any(|window| window == secret.as_bytes());
        assert!(!is_there, "{secret} is kept");
    }
    for word in [ACCOUNT, "Authorization", "X-Twilio-Signature"] {
        assert!(!shown.contains(word), "{shown}");
    }
}

#[test]
fn an_answer_that_never_came_is_shown_as_such() {
    let world = World::called_back();
    for (answer, kind, expected) in [
        (Answer::Refuses, "refused", Some(400)),
        (Answer::Drops, "broken off", None),
    ] {
        let run = run_of(&world.fire(&number(answer, Life::Waits, 1)));
        let dial = exchanges(&world, run, "dial", 1).remove(0);
        assert_eq!(dial["status"].as_i64(), expected, "{kind}");
        assert_eq!(
            dial["note"].is_string(),
            expected.is_none(),
            "{kind}: {dial}"
        );
    }
}

#[test]
fn a_callback_that_is_not_believed_is_not_kept() {
    let world = World::called_back();
    let called = number(Answer::Taken, Life::Waits, 1);
    let run = run_of(&world.fire(&called));
    let sid = world.rung(&called).sid;
    let mut forged = world.carrier.callback(&sid, "completed");
    forged.key = Some("another key".to_owned());
    assert_eq!(forged.send().status, 401);
    assert_eq!(world.carrier.tell(&sid, "busy"), 200);
    let exchanges = exchanges(&world, run, "callback", 1);
    let told: Vec<_> = exchanges
        .iter()
        .filter_map(|one| field(&one["request"], "CallStatus"))
        .collect();
    assert_eq!(told, ["busy"]);
}
