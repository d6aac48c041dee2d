//! Dials whose answer is lost, late, wrong or missing.

use crate::world::{World, code, run_of};
use std::sync::atomic::{AtomicUsize, Ordering};
use switchhook_tests::carrier::{Answer, Life, number};
use switchhook_tests::server::eventually;

/// Fires and expects an unknown outcome that the carrier later clears up.
fn is_cleared_up(answer: Answer) {
    let world = World::polled().with_limit(1);
    let called = number(answer, Life::Talks, 1);
    let reply = world.fire(&called);
    assert_eq!(
        (reply.status, reply.code().as_str()),
        (400, "outcome-unknown"),
        "{}",
        reply.text()
    );
    let run = world.ended(run_of(&reply));
    assert_eq!(
        (run["state"].as_str(), code(&run)),
        (Some("completed"), "completed")
    );
    let call = world.rung(&called);
    assert_eq!(run["attempts"][0]["carrier_call_id"], call.sid);
    assert_eq!((world.carrier.dials(), world.carrier.rung(&called)), (1, 1));
    // Its slot, the only one, is free again.
    assert_eq!(
        world.fire(&number(Answer::Taken, Life::Talks, 2)).status,
        200
    );
    world.balanced();
}

#[test]
fn a_dropped_answer_is_cleared_up_by_asking() {
    is_cleared_up(Answer::Drops);
}

#[test]
fn an_error_after_the_phone_rang_is_cleared_up_by_asking() {
    is_cleared_up(Answer::Fails);
}

#[test]
fn an_answer_without_an_id_is_cleared_up_by_asking() {
    is_cleared_up(Answer::Nameless);
}

#[test]
fn an_answer_after_the_timeout_is_outcome_unknown_and_cleared_up() {
    is_cleared_up(Answer::Late);
}

#[test]
fn a_refusal_rings_nothing_and_frees_its_slot() {
    let world = World::polled().with_limit(1);
    let called = number(Answer::Refuses, Life::Talks, 1);
    for _ in 0..2 {
        let reply = world.fire(&called);
        assert_eq!(
            (reply.status, reply.code().as_str()),
            (400, "carrier-refused")
        );
        assert_eq!(code(&world.desk.run(run_of(&reply))), "carrier-refused");
    }
    assert_eq!((world.carrier.dials(), world.carrier.rung(&called)), (2, 0));
}

#[test]
fn a_call_that_the_carrier_never_placed_is_said_when_certain() {
    let world = World::polled();
    let reply = world.fire(&number(Answer::Loses, Life::Talks, 1));
    assert_eq!(reply.code(), "outcome-unknown");
    let run = world.ended(run_of(&reply));
    assert_eq!(
        (run["state"].as_str(), code(&run)),
        (Some("failed"), "never-placed")
    );
    assert_eq!(world.carrier.dials(), 1);
}

#[test]
fn a_call_of_another_run_is_not_taken_for_the_lost_one() {
    // Called back, so that only the lost call is asked about.
    let world = World::called_back();
    // Two requests for one phone: the first dial is taken, the second lost and never rings.
    let called = number(Answer::Taken, Life::Waits, 1);
    let first = run_of(&world.fire(&called));
    world.carrier.answer_next(Answer::Loses);
    let second = run_of(&world.fire(&called));
    let sid = world.rung(&called).sid;
    let looked = world.carrier.listed();
    eventually("the carrier was asked about the second", || {
        (world.carrier.listed() > looked + 1).then_some(())
    });
    assert_eq!(world.carrier.tell(&sid, "completed"), 200);
    assert_eq!(code(&world.ended(first)), "completed");
    let run = world.desk.run(second);
    assert_eq!(run["state"], "indeterminate", "{run}");
    assert!(run["attempts"][0]["carrier_call_id"].is_null(), "{run}");
}

#[test]
fn a_lost_call_is_found_beside_the_call_of_another_run() {
    let world = World::called_back();
    // Two requests for one phone: the answer to the first dial comes, that to the second is lost.
    let called = number(Answer::Taken, Life::Waits, 1);
    let first = run_of(&world.fire(&called));
    world.carrier.answer_next(Answer::Drops);
    let second = run_of(&world.fire(&called));
    let calls = world.carrier.calls();
    world.carrier.turn(&calls[1].sid, "busy");
    let run = world.ended(second);
    assert_eq!(
        (code(&run), &run["attempts"][0]["carrier_call_id"]),
        ("busy", &serde_json::json!(calls[1].sid))
    );
    assert_eq!(world.desk.run(first)["is_completed"], false);
}

#[test]
fn a_hang_up_of_a_lost_call_spares_the_call_of_another_run() {
    let world = World::polled();
    let called = number(Answer::Taken, Life::Waits, 1);
    let _ = run_of(&world.fire(&called));
    let call = world.rung(&called);
    world.carrier.turn(&call.sid, "in-progress");
    world.carrier.answer_next(Answer::Loses);
    let lost = run_of(&world.fire(&called));
    let hang_up = format!("/api/switchhook/runs/{lost}/hang-up");
    let looked = world.carrier.listed();
    assert_eq!(
        world.desk.post(&hang_up, &serde_json::json!({})).status,
        200
    );
    eventually("the carrier was asked twice more", || {
        (world.carrier.listed() > looked + 1).then_some(())
    });
    assert_eq!(world.rung(&called).hang_ups, 0);
}

#[test]
fn the_same_key_after_a_lost_answer_does_not_ring_again() {
    let world = World::polled();
    let called = number(Answer::Drops, Life::Talks, 1);
    let first = world.fire_once("once", &called).expect("an answer");
    let again = world.fire_once("once", &called).expect("an answer");
    assert_eq!((first.status, first.json()), (again.status, again.json()));
    let _ = world.ended(run_of(&first));
    let late = world.fire_once("once", &called).expect("an answer");
    assert_eq!(first.json(), late.json());
    assert_eq!((world.carrier.dials(), world.runs().len()), (1, 1));
}

#[test]
fn a_client_that_leaves_during_the_dial_changes_nothing() {
    let world = World::polled();
    let called = number(Answer::Held, Life::Talks, 1);
    let post = world.desk.server.public.post(&world.desk.production());
    let body = serde_json::json!({"phone_number": called});
    let client = post.key(&world.desk.key).json(&body).open();
    let _ = world.rung(&called);
    drop(client);
    world.carrier.release();
    let run = world.ended(world.only_run());
    assert_eq!(code(&run), "completed");
    assert_eq!((world.carrier.dials(), world.carrier.rung(&called)), (1, 1));
}

#[test]
fn two_hundred_at_once_ring_exactly_as_many_phones_as_the_limit() {
    let world = World::polled();
    let (taken, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for serial in 0..200 {
            let (world, taken, refused) = (&world, &taken, &refused);
            scope.spawn(move || {
                let reply = world.fire(&number(Answer::Taken, Life::Waits, serial));
                let counted = match reply.status {
                    200 => taken,
                    429 => refused,
                    other => panic!("{other}: {}", reply.text()),
                };
                counted.fetch_add(1, Ordering::AcqRel);
            });
        }
    });
    assert_eq!((taken.into_inner(), refused.into_inner()), (10, 190));
    assert_eq!(
        (world.carrier.dials(), world.carrier.calls().len()),
        (10, 10)
    );
    assert_eq!(world.runs().len(), 10);
    for call in world.carrier.calls() {
        world.carrier.turn(&call.sid, "busy");
    }
    world.all_over(std::time::Duration::from_secs(20));
    for serial in 200..210 {
        assert_eq!(
            world
                .fire(&number(Answer::Taken, Life::Waits, serial))
                .status,
            200
        );
    }
}

#[test]
fn a_hang_up_ends_the_call_at_the_carrier() {
    let world = World::polled();
    let called = number(Answer::Taken, Life::Waits, 1);
    let run = run_of(&world.fire(&called));
    let sid = world.rung(&called).sid;
    world.carrier.turn(&sid, "ringing");
    let _ = world.reached(run, "ringing");
    let hang_up = format!("/api/switchhook/runs/{run}/hang-up");
    assert_eq!(
        world.desk.post(&hang_up, &serde_json::json!({})).status,
        200
    );
    let ended = world.ended(run);
    assert_eq!(code(&ended), "canceled");
    assert_eq!(world.rung(&called).hang_ups, 1);
    assert_eq!(
        world.desk.post(&hang_up, &serde_json::json!({})).status,
        409
    );
}

#[test]
fn a_hang_up_of_a_call_that_is_over_says_how_it_ended() {
    let world = World::called_back();
    let called = number(Answer::Taken, Life::Waits, 1);
    let run = run_of(&world.fire(&called));
    world.carrier.turn(&world.rung(&called).sid, "busy");
    let hang_up = format!("/api/switchhook/runs/{run}/hang-up");
    assert_eq!(
        world.desk.post(&hang_up, &serde_json::json!({})).status,
        200
    );
    assert_eq!(code(&world.ended(run)), "busy");
}

#[test]
fn a_hang_up_of_an_unknown_outcome_finds_the_call() {
    let world = World::polled();
    let called = number(Answer::Drops, Life::Waits, 1);
    let run = run_of(&world.fire(&called));
    let hang_up = format!("/api/switchhook/runs/{run}/hang-up");
    assert_eq!(
        world.desk.post(&hang_up, &serde_json::json!({})).status,
        200
    );
    let ended = world.ended(run);
    assert_eq!(
        (code(&ended), world.rung(&called).hang_ups),
        ("canceled", 1)
    );
}

#[test]
fn a_call_that_only_waits_ends_by_its_deadline() {
    let world = World::polled().with_limit(1);
    let called = number(Answer::Taken, Life::Waits, 1);
    let run = world.ended(run_of(&world.fire(&called)));
    assert_eq!(
        (run["state"].as_str(), code(&run)),
        (Some("indeterminate"), "no-word-from-carrier")
    );
    assert_eq!(world.rung(&called).hang_ups, 1);
    assert_eq!(
        world.fire(&number(Answer::Taken, Life::Talks, 2)).status,
        200
    );
}
