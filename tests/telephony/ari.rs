//! Calls through Asterisk's REST interface, each to a far end that does one thing.

use crate::world::{NUMBER, World, code};
use serde_json::json;
use std::net::UdpSocket;
use switchhook_tests::server::eventually;
use switchhook_tests::telephony::{Callee, Manner, free_port, header};

#[test]
fn every_end_is_told_as_the_far_end_made_it() {
    let Some(world) = World::open() else { return };
    use Manner::{AnswersFor, Refuses, RingsAndRefuses};
    let table = [
        (RingsAndRefuses(486), "busy", "SIP 486, Q.850 17"),
        (RingsAndRefuses(603), "declined", "SIP 603, Q.850 21"),
        (Refuses(403), "carrier-refused", "SIP 403, Q.850 21"),
        (Refuses(404), "unallocated", "SIP 404, Q.850 1"),
        (Refuses(480), "unreachable", "SIP 480, Q.850 19"),
        (Refuses(488), "carrier-failed", "SIP 488, Q.850 58"),
        (Refuses(503), "carrier-failed", "SIP 503, Q.850 34"),
        (AnswersFor(300), "callee-hung-up", ""),
    ];
    let calls = table.map(|(manner, end, cause)| {
        let callee = Callee::start(manner);
        let run = world.call(world.to(&callee));
        (callee, run, end, cause)
    });
    for (callee, run, end, cause) in calls {
        let run = world.ended(run);
        assert_eq!(code(&run), end, "{run}");
        assert_eq!(
            run["end"]["cause"].as_str().unwrap_or_default(),
            cause,
            "{run}"
        );
        assert_eq!(callee.calls().len(), 1, "{end}");
    }
    world.asterisk.idle();
}

#[test]
fn a_phone_that_rings_out_is_told_from_one_that_is_not_there() {
    let Some(world) = World::open() else { return };
    let callee = Callee::start(Manner::Rings);
    // Held, so that no other test's far end gets the port, and never read.
    let silent = UdpSocket::bind("127.0.0.1:0").expect("a free port");
    let port = silent.local_addr().expect("it is bound").port();
    let nobody = format!("PJSIP/trunk/sip:{{number}}@127.0.0.1:{port}");
    let nobody = world.configure(&world.settings(&nobody));
    let (rings, lost) = (world.call(world.to(&callee)), world.call(nobody));
    let _ = world.reached(rings, "ringing");
    assert_eq!(code(&world.ended(rings)), "no-answer");
    let lost = world.ended(lost);
    assert_eq!(code(&lost), "unreachable", "{lost}");
    let states = lost["timeline"].as_array().expect("a timeline").iter();
    assert!(
        states.clone().all(|entry| entry["state"] != "ringing"),
        "{lost}"
    );
}

#[test]
fn a_call_is_hung_up_while_it_rings_and_after_it_was_answered() {
    let Some(world) = World::open() else { return };
    let cases = [
        (Manner::Rings, "ringing", "canceled"),
        (Manner::SpeaksEarly, "ringing", "canceled"),
        (Manner::Answers, "in-progress", "hung-up"),
    ];
    for (manner, state, end) in cases {
        let callee = Callee::start(manner);
        let run = world.call(world.to(&callee));
        let _ = world.reached(run, state);
        world.hang_up(run);
        assert_eq!(code(&world.ended(run)), end);
        world.asterisk.idle();
        assert_eq!(callee.calls().len(), 1);
    }
}

#[test]
fn the_number_the_caller_id_and_the_runs_name_reach_the_far_end() {
    let Some(world) = World::open() else { return };
    let callee = Callee::start(Manner::RingsAndRefuses(486));
    let dial_string = callee.dial_string().replace("{number}", "{digits}");
    let configuration = world.configure(&world.settings(&dial_string));
    let numbers = format!("/api/v1/organizations/telephony-configs/{configuration}/phone-numbers");
    let number = json!({"address": "+14155559999", "is_default_caller_id": true});
    let made = world.desk.post(&numbers, &number);
    assert_eq!(made.status, 200, "{}", made.text());
    let run = world.ended(world.call(configuration));
    let invites = callee.received();
    let invite = invites
        .iter()
        .find(|message| message.starts_with("INVITE "));
    let invite = invite.expect("an INVITE");
    let digits = NUMBER.trim_start_matches('+');
    assert!(
        invite.starts_with(&format!("INVITE sip:{digits}@127.0.0.1")),
        "{invite}"
    );
    let from = header(invite, "From").expect("a From");
    assert!(from.contains("+14155559999"), "{from}");
    let attempt = run["attempts"][0]["id"].as_str().expect("an attempt");
    let channel = run["attempts"][0]["carrier_call_id"]
        .as_str()
        .expect("a channel");
    assert_eq!(channel, format!("switchhook-{attempt}"));
}

#[test]
fn an_endpoint_that_asterisk_does_not_have_is_refused_and_nothing_rings() {
    let Some(world) = World::open() else { return };
    let configuration = world.configure(&world.settings("PJSIP/{number}@no-such-trunk"));
    let refused = world.fire(configuration);
    assert_eq!(refused.status, 400, "{}", refused.text());
    assert_eq!(refused.code(), "carrier-refused");
    let run = refused.json()["workflow_run_id"].as_i64().expect("a run");
    let run = world.ended(run);
    assert_eq!(run["state"], "failed", "{run}");
    assert!(world.asterisk.channels().is_empty());
}

#[test]
fn an_asterisk_is_verified_without_a_call() {
    let Some(world) = World::open() else { return };
    let mut settings = world.settings("PJSIP/{number}@trunk");
    let proved = world.verify(world.configure(&settings));
    assert_eq!(proved["outcome"], "verified", "{proved}");
    settings["app_password"] = json!("wrong");
    let refused = world.verify(world.configure(&settings));
    assert_eq!(refused["outcome"], "refused", "{refused}");
    settings["ari_endpoint"] = json!(format!("http://127.0.0.1:{}", free_port()));
    let unknown = world.verify(world.configure(&settings));
    assert_eq!(unknown["outcome"], "unknown", "{unknown}");
    assert!(world.asterisk.channels().is_empty());
}

#[test]
fn both_sides_of_a_call_are_kept_beside_each_other() {
    let Some(world) = World::open() else { return };
    // The far end gives back what it hears, so that both tracks have the agent's words.
    let run = world.ended(world.call(world.to_extension("101")));
    assert_eq!(code(&run), "no-language-model", "{run}");
    let [callee, agent] = world.recording();
    let likeness = likeness(&callee, &agent);
    assert!(likeness > 0.95, "{likeness} of {} samples", agent.len());
    eventually("Asterisk keeps no recording", || {
        let stored = world.asterisk.ask("GET", "/ari/recordings/stored").json();
        stored.as_array().is_some_and(Vec::is_empty).then_some(())
    });
    world.asterisk.idle();
}

#[test]
fn keys_that_the_callee_presses_are_heard() {
    let Some(world) = World::open() else { return };
    let run = world.ended(world.call(world.to_extension("104")));
    let lines = run["transcript"].as_array().expect("a transcript").iter();
    let keys = lines.filter(|line| line["speaker"] == "callee");
    let keys: String = keys.filter_map(|line| line["text"].as_str()).collect();
    assert_eq!(keys, "42#", "{run}");
}

/// How much a loud part of one track is like the other one, which may be late. Several are tried: a
/// machine that is busy with other tests drops or repeats a frame now and then.
fn likeness(late: &[f64], track: &[f64]) -> f64 {
    const PART: usize = 800;
    const LATEST: usize = 4000;
    let power = |part: &[f64]| part.iter().map(|sample| sample * sample).sum::<f64>();
    let starts = (0..track.len().saturating_sub(PART)).step_by(PART);
    let mut loudest: Vec<_> = starts.collect();
    loudest.sort_by(|one, other| {
        let (one, other) = (&track[*one..one + PART], &track[*other..other + PART]);
        power(other).total_cmp(&power(one))
    });
    let like = |from: usize, delay: usize| {
        let (part, other) = (
            &track[from..from + PART],
            late.get(from + delay..from + delay + PART)?,
        );
        let pairs = other.iter().zip(part);
        let product: f64 = pairs.map(|(one, other)| one * other).sum();
        Some(product / (power(other) * power(part)).sqrt().max(1.0))
    };
    let tried = loudest.into_iter().take(8);
    let all = tried.flat_map(|from| (0..LATEST).filter_map(move |delay| like(from, delay)));
    all.fold(0.0, f64::max)
}
