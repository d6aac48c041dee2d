//! What breaks between the program and an Asterisk: nobody is rung twice, and no run stays open. The
//! far end counts.

use crate::world::{World, code};
use switchhook_tests::telephony::{Callee, Gate, Manner};

#[test]
fn an_asterisk_that_dies_while_a_phone_rings_ends_the_run_without_a_second_call() {
    let Some(mut world) = World::open() else {
        return;
    };
    let callee = Callee::start(Manner::Rings);
    let run = world.call(world.to(&callee));
    let _ = world.reached(run, "ringing");
    world.asterisk.restart();
    let run = world.ended(run);
    assert_eq!(
        (code(&run), &run["state"]),
        ("ended-unheard", &"indeterminate".into()),
        "{run}"
    );
    callee.called();
}

#[test]
fn a_dial_that_asterisk_takes_too_late_is_found_again_by_its_name() {
    let Some(world) = World::open() else { return };
    let callee = Callee::start(Manner::Rings);
    let configuration = world.to(&callee);
    // The socket is open from an earlier call on, as it is when a machine stalls.
    let earlier = world.call(configuration);
    let _ = world.reached(earlier, "ringing");
    world.hang_up(earlier);
    let _ = world.ended(earlier);
    world.asterisk.pause();
    let lost = world.fire(configuration);
    world.asterisk.resume();
    assert_eq!(
        (lost.status, lost.code()),
        (400, "outcome-unknown".to_owned())
    );
    let run = lost.json()["workflow_run_id"].as_i64().expect("a run");
    let _ = world.reached(run, "ringing");
    world.hang_up(run);
    assert_eq!(code(&world.ended(run)), "canceled");
    assert_eq!(callee.calls().len(), 2, "one call for each request");
}

#[test]
fn a_call_goes_on_over_a_socket_that_was_cut() {
    let Some(world) = World::open() else { return };
    let gate = Gate::before(&world.asterisk.http.authority);
    for (manner, state) in [(Manner::Rings, "ringing"), (Manner::Answers, "in-progress")] {
        let callee = Callee::start(manner);
        let run = world.call(world.through(&gate, &callee));
        let _ = world.reached(run, state);
        gate.cut();
        gate.open();
        world.hang_up(run);
        let end = world.ended(run);
        let expected = ["canceled", "hung-up", "no-language-model"];
        assert!(expected.contains(&code(&end)), "{end}");
        callee.called();
        world.asterisk.idle();
    }
}

#[test]
fn a_call_that_ends_while_nobody_listens_ends_its_run() {
    let Some(world) = World::open() else { return };
    let gate = Gate::before(&world.asterisk.http.authority);
    // Where the socket is back before Asterisk is done with the channel, the end is heard after all.
    for (manner, state, ends) in [
        (
            Manner::Rings,
            "ringing",
            ["ended-unheard", "carrier-failed"],
        ),
        (
            Manner::Answers,
            "in-progress",
            ["completed", "callee-hung-up"],
        ),
    ] {
        let callee = Callee::start(manner);
        let run = world.call(world.through(&gate, &callee));
        let run = world.reached(run, state);
        gate.cut();
        let channel = run["attempts"][0]["carrier_call_id"]
            .as_str()
            .expect("a channel");
        let gone = world
            .asterisk
            .ask("DELETE", &format!("/ari/channels/{channel}"));
        assert_eq!(gone.status, 204, "{}", gone.text());
        gate.open();
        let run = world.ended(run["id"].as_i64().expect("an id"));
        assert!(ends.contains(&code(&run)), "{run}");
        callee.called();
    }
}

#[test]
fn a_server_that_dies_finds_its_ringing_call_again_and_rings_nobody_twice() {
    let Some(world) = World::open() else { return };
    let callee = Callee::start(Manner::Rings);
    let run = world.call(world.to(&callee));
    let _ = world.reached(run, "ringing");
    let world = world.restart();
    let _ = world.reached(run, "ringing");
    world.hang_up(run);
    assert_eq!(code(&world.ended(run)), "canceled");
    callee.called();
    world.asterisk.idle();
}
