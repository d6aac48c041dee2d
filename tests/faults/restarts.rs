//! The server dies, or is stopped, at every step of a dial; what was under way is watched to its
//! end and nothing is dialled again.

use crate::world::{World, code, run_of};
use std::time::Duration;
use switchhook_tests::carrier::{Answer, Life, Moment, number};
use switchhook_tests::server::eventually;

/// Kills the server at a moment of a dial, starts it again and sends the request again.
fn killed(moment: Moment) -> (World, String) {
    let world = World::called_back().with_limit(1);
    let called = number(Answer::Taken, Life::Talks, 1);
    world.carrier.kill(moment, world.desk.server.id());
    let answer = world.fire_once("once", &called);
    assert!(
        moment == Moment::Answered || answer.is_none(),
        "the server was dead before it could answer"
    );
    let world = world.restart();
    let again = world.fire_once("once", &called).expect("an answer");
    assert_eq!(run_of(&again), world.only_run());
    (world, called)
}

#[test]
fn a_crash_before_the_carrier_answers_is_cleared_up_at_the_next_start() {
    let (world, called) = killed(Moment::Rung);
    let run = world.ended(world.only_run());
    assert_eq!(code(&run), "completed");
    assert_eq!((world.carrier.dials(), world.carrier.rung(&called)), (1, 1));
    assert_eq!(
        world.fire(&number(Answer::Taken, Life::Talks, 2)).status,
        200
    );
}

#[test]
fn a_crash_after_the_carrier_answered_is_cleared_up_at_the_next_start() {
    let (world, called) = killed(Moment::Answered);
    let run = world.ended(world.only_run());
    assert_eq!(code(&run), "completed");
    assert_eq!((world.carrier.dials(), world.carrier.rung(&called)), (1, 1));
    assert_eq!(
        world.fire(&number(Answer::Taken, Life::Talks, 2)).status,
        200
    );
}

#[test]
fn a_crash_before_anything_rang_never_rings_and_is_said_when_certain() {
    let (world, called) = killed(Moment::Reached);
    world.all_over(Duration::from_secs(150));
    assert_eq!(code(&world.desk.run(world.only_run())), "never-placed");
    assert_eq!((world.carrier.dials(), world.carrier.rung(&called)), (1, 0));
}

#[test]
fn a_crash_before_the_client_read_its_answer_gives_the_same_answer_again() {
    let world = World::polled();
    let called = number(Answer::Taken, Life::Waits, 1);
    let post = world.desk.server.public.post(&world.desk.production());
    let post = post.key(&world.desk.key).header("Idempotency-Key", "once");
    let client = post
        .json(&serde_json::json!({"phone_number": called}))
        .open();
    let _ = world.rung(&called);
    eventually("the answer was recorded", || {
        let run = world.desk.run(world.only_run());
        (run["attempts"][0]["outcome"] == "accepted").then_some(())
    });
    let world = world.restart();
    drop(client);
    let again = world.fire_once("once", &called).expect("an answer");
    assert_eq!((again.status, run_of(&again)), (200, world.only_run()));
    assert_eq!((world.carrier.dials(), world.carrier.rung(&called)), (1, 1));
}

/// A call in progress, a restart, and the call's end.
fn is_watched_on(restart: impl FnOnce(World) -> World) {
    let world = World::called_back();
    let called = number(Answer::Taken, Life::Waits, 1);
    let (run, sid) = world.talking(&called);
    let world = restart(world);
    let open = world.desk.run(run);
    assert_eq!(
        (open["state"].as_str(), &open["end"]),
        (Some("in-progress"), &serde_json::Value::Null)
    );
    assert_eq!(world.rung(&called).hang_ups, 0);
    world.carrier.turn(&sid, "completed");
    assert_eq!(code(&world.ended(run)), "completed");
    assert_eq!(world.carrier.dials(), 1);
}

#[test]
fn a_crash_with_a_call_in_progress_leaves_it_and_the_next_start_watches_it() {
    is_watched_on(World::restart);
}

#[test]
fn a_stop_with_a_call_in_progress_leaves_it_and_the_next_start_watches_it() {
    is_watched_on(World::stop_and_start);
}

#[test]
fn a_callback_after_a_restart_reaches_its_run() {
    let world = World::called_back();
    let called = number(Answer::Taken, Life::Waits, 1);
    let run = run_of(&world.fire(&called));
    let sid = world.rung(&called).sid;
    let world = world.restart();
    assert_eq!(world.carrier.tell(&sid, "busy"), 200);
    assert_eq!(code(&world.ended(run)), "busy");
}

#[test]
fn what_ended_while_the_server_was_away_is_known_after_its_start() {
    let world = World::polled();
    let called = number(Answer::Taken, Life::Waits, 1);
    let run = run_of(&world.fire(&called));
    world.carrier.turn(&world.rung(&called).sid, "no-answer");
    let world = world.restart();
    assert_eq!(code(&world.ended(run)), "no-answer");
}

#[test]
fn a_start_without_the_secret_store_leaves_a_call_open_and_the_next_watches_it() {
    let world = World::called_back().with_limit(1);
    let called = number(Answer::Taken, Life::Waits, 1);
    let (run, sid) = world.talking(&called);
    let world = world.restart_locked();
    eventually("the secret store was asked", || {
        let log = world.desk.server.folder.log();
        log.contains("the carrier cannot be asked").then_some(())
    });
    assert_eq!(world.desk.run(run)["state"], "in-progress");
    let at_the_desk = serde_json::json!({"phone_number": called, "telephony_configuration_id": 1});
    assert_eq!(world.desk.fire(&at_the_desk).code(), "limit-reached");
    world.carrier.turn(&sid, "completed");
    let world = world.restart();
    assert_eq!(code(&world.ended(run)), "completed");
    assert_eq!(
        (world.carrier.dials(), world.rung(&called).hang_ups),
        (1, 0)
    );
}

#[test]
fn a_stop_during_a_dial_waits_for_the_carriers_answer() {
    let world = World::polled();
    let called = number(Answer::Held, Life::Waits, 1);
    let answer = std::thread::scope(|scope| {
        let client = scope.spawn(|| world.fire_once("once", &called));
        let _ = world.rung(&called);
        world.signal("-TERM");
        eventually("no more requests are taken", || {
            let other = number(Answer::Refuses, Life::Waits, 2);
            let answer = world.fire_once("other", &other);
            answer
                .is_none_or(|answer| answer.status == 503)
                .then_some(())
        });
        world.carrier.release();
        client.join().expect("the client")
    });
    let answer = answer.expect("the answer was sent before the server ended");
    assert_eq!(answer.status, 200, "{}", answer.text());
    let world = world.restart();
    let run = world.desk.run(run_of(&answer));
    assert_eq!(run["attempts"][0]["outcome"], "accepted", "{run}");
    assert_eq!(world.carrier.rung(&called), 1);
}
