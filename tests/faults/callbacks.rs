//! What carriers tell: in any order, twice, too late, and by people who are no carrier.

use crate::world::{World, code, run_of};
use serde_json::json;
use switchhook_tests::carrier::{Answer, Callback, Life, number};
use switchhook_tests::server::eventually;

/// Fires at a phone that lives so and gives back the run's end.
fn end_of(life: Life) -> (String, String) {
    let world = World::called_back().with_limit(1);
    let called = number(Answer::Taken, life, 1);
    let run = world.ended(run_of(&world.fire(&called)));
    assert_eq!(world.carrier.rung(&called), 1);
    assert_eq!(world.fire(&number(Answer::Taken, life, 2)).status, 200);
    let state = run["state"].as_str().expect("a state").to_owned();
    (state, code(&run).to_owned())
}

fn completed() -> (String, String) {
    ("completed".to_owned(), "completed".to_owned())
}

#[test]
fn callbacks_in_order_end_the_run() {
    assert_eq!(end_of(Life::Talks), completed());
}

#[test]
fn callbacks_that_come_twice_end_the_run_once() {
    assert_eq!(end_of(Life::Stutters), completed());
}

#[test]
fn callbacks_in_reverse_order_give_the_same_end() {
    assert_eq!(end_of(Life::Backwards), completed());
}

#[test]
fn callbacks_that_contradict_the_end_change_nothing() {
    assert_eq!(end_of(Life::Contradicts), completed());
}

#[test]
fn a_callback_says_why_nobody_answered() {
    assert_eq!(end_of(Life::Busy), ("busy".to_owned(), "busy".to_owned()));
}

/// As the recording has it in `stored_cb_failed`.
#[test]
fn a_failed_callback_is_stored_as_recorded() {
    let world = World::called_back();
    let called = number(Answer::Taken, Life::Waits, 1);
    let run = run_of(&world.fire(&called));
    let sid = world.rung(&called).sid;
    assert_eq!(world.carrier.tell(&sid, "failed"), 200);
    world.ended(run);
    let run = world.desk.get(&format!("/api/v1/workflow/1/runs/{run}"));
    let run = run.json();
    let gathered = &run["gathered_context"];
    for name in ["call_disposition", "mapped_call_disposition"] {
        assert_eq!(gathered[name], "failed", "{gathered}");
    }
    let tags = json!(["not_connected", "telephony_failed"]);
    assert_eq!(gathered["call_tags"], tags);
    let told = &run["logs"]["telephony_status_callbacks"];
    let last = told.as_array().and_then(|told| told.last());
    let last = last.expect("what the carrier told");
    assert_eq!(
        (&last["status"], &last["call_id"]),
        (&json!("failed"), &json!(sid))
    );
    assert_eq!(last["duration"], "0");
}

#[test]
fn a_carrier_that_never_calls_back_is_asked_at_the_deadline() {
    assert_eq!(end_of(Life::Silent), completed());
}

#[test]
fn a_callback_clears_up_an_unknown_outcome() {
    let world = World::called_back();
    let called = number(Answer::Drops, Life::Waits, 1);
    let reply = world.fire(&called);
    assert_eq!(reply.code(), "outcome-unknown");
    let sid = world.rung(&called).sid;
    assert_eq!(world.carrier.tell(&sid, "busy"), 200);
    assert_eq!(code(&world.ended(run_of(&reply))), "busy");
}

#[test]
fn callbacks_tell_two_lost_calls_to_one_phone_apart() {
    let world = World::called_back();
    let called = number(Answer::Drops, Life::Waits, 1);
    let runs = [1, 2].map(|_| run_of(&world.fire(&called)));
    for (call, status) in world.carrier.calls().iter().zip(["busy", "no-answer"]) {
        assert_eq!(world.carrier.tell(&call.sid, status), 200);
    }
    for (run, (call, status)) in runs
        .iter()
        .zip(world.carrier.calls().iter().zip(["busy", "no-answer"]))
    {
        let run = world.ended(*run);
        assert_eq!(
            (code(&run), &run["attempts"][0]["carrier_call_id"]),
            (status, &serde_json::json!(call.sid))
        );
    }
}

#[test]
fn a_callback_about_the_call_of_another_run_is_not_believed() {
    let world = World::called_back();
    let called = number(Answer::Taken, Life::Waits, 1);
    let _ = run_of(&world.fire(&called));
    world.carrier.answer_next(Answer::Drops);
    let second = run_of(&world.fire(&called));
    let calls = world.carrier.calls();
    // Signed and for the second run's own address, but about the first one's call.
    let mut callback = world.carrier.callback(&calls[1].sid, "busy");
    for (name, value) in &mut callback.form {
        if *name == "CallSid" {
            value.clone_from(&calls[0].sid);
        }
    }
    assert!(matches!(callback.send().status, 200 | 400));
    assert_eq!(world.carrier.tell(&calls[1].sid, "no-answer"), 200);
    assert_eq!(code(&world.ended(second)), "no-answer");
}

#[test]
fn an_end_that_a_full_disk_swallowed_is_written_when_there_is_room() {
    let world = World::called_back().with_limit(1);
    let called = number(Answer::Taken, Life::Waits, 1);
    let (run, sid) = world.talking(&called);
    // The log is shorter than this, the database longer.
    world.allow_files("65536");
    assert_eq!(world.carrier.tell(&sid, "completed"), 200);
    eventually("it was given up", || {
        let log = world.desk.server.folder.log();
        log.contains("a run's steps were not recorded")
            .then_some(())
    });
    assert_eq!(world.desk.run(run)["state"], "in-progress");
    world.allow_files("unlimited");
    assert_eq!(code(&world.ended(run)), "completed");
    assert_eq!(world.fire(&called).status, 200);
}

/// A callback that was spoiled is refused and the run stays as it was.
fn is_refused(status: u16, spoil: impl FnOnce(&World, &mut Callback)) {
    let world = World::called_back();
    let called = number(Answer::Taken, Life::Waits, 1);
    let run = run_of(&world.fire(&called));
    let before = world.desk.run(run);
    let mut callback = world
        .carrier
        .callback(&world.rung(&called).sid, "completed");
    spoil(&world, &mut callback);
    let answer = callback.send();
    assert_eq!(answer.status, status, "{}", answer.text());
    assert_eq!(world.desk.run(run), before);
}

#[test]
fn an_unsigned_callback_is_refused() {
    is_refused(401, |_, callback| callback.key = None);
}

#[test]
fn a_callback_with_another_signature_is_refused() {
    is_refused(401, |_, callback| callback.key = Some("another".to_owned()));
}

#[test]
fn a_callback_with_another_token_is_refused() {
    is_refused(401, |_, callback| {
        let (rest, _) = callback.url.split_once("token=").expect("a token");
        callback.url = format!("{rest}token=another");
    });
}

#[test]
fn a_callback_for_a_run_that_does_not_exist_is_refused() {
    is_refused(401, |_, callback| {
        let (rest, query) = callback.url.split_once('?').expect("a query");
        let (route, _) = rest.rsplit_once('/').expect("a path");
        callback.url = format!("{route}/4711?{query}");
    });
}

#[test]
fn a_callback_with_the_token_of_another_run_is_refused() {
    is_refused(401, |world, callback| {
        let other = number(Answer::Taken, Life::Waits, 2);
        let _ = world.fire(&other);
        let other = world.carrier.callback(&world.rung(&other).sid, "completed");
        let (rest, _) = callback.url.split_once('?').expect("a query");
        let (_, query) = other.url.split_once('?').expect("a query");
        callback.url = format!("{rest}?{query}");
    });
}

#[test]
fn a_callback_about_another_call_is_refused() {
    is_refused(400, |_, callback| {
        for (name, value) in &mut callback.form {
            if *name == "CallSid" {
                *value = format!("CA{:032x}", 4711);
            }
        }
    });
}

#[test]
fn a_callback_after_the_end_changes_nothing() {
    let world = World::called_back();
    let called = number(Answer::Taken, Life::Busy, 1);
    let run = world.ended(run_of(&world.fire(&called)));
    let id = run["id"].as_i64().expect("an id");
    let sid = world.rung(&called).sid;
    for late in ["ringing", "in-progress", "completed"] {
        assert_eq!(world.carrier.callback(&sid, late).send().status, 200);
    }
    // That they came is kept, beside the run.
    let without_exchanges = |mut run: serde_json::Value| {
        run["exchanges"].take();
        run
    };
    assert_eq!(
        without_exchanges(world.desk.run(id)),
        without_exchanges(run)
    );
}
