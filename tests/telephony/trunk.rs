//! Calls of the real program through a SIP trunk: what a run comes to, and what is left of a call
//! when the program is not there any more.

use serde_json::{Value, json};
use std::time::Duration;
use switchhook_tests::server::{Desk, Folder, Options, eventually, within};
use switchhook_tests::telephony::{Callee, Manner};

const NUMBER: &str = "+14155550123";
const CONFIGURATIONS: &str = "/api/v1/organizations/telephony-configs";

fn start(folder: Folder) -> Desk {
    let options = Options {
        folder,
        ..Options::default()
    };
    let options = options
        .variable("SWITCHHOOK_SECRETS", "file")
        .variable("SWITCHHOOK_PASSPHRASE", "correct horse");
    Desk::at(options.start())
}

/// A server whose calls go to this far end.
fn at(callee: &Callee) -> Desk {
    let desk = start(Folder::default());
    let server = format!("127.0.0.1:{}", callee.port);
    // Away from the ports that the far ends are given.
    let config = json!({"provider": "sip_trunk", "server": server, "media_ports": "32000-32766"});
    let body = json!({"name": "The trunk", "is_default_outbound": true, "config": config});
    let made = desk.post(CONFIGURATIONS, &body);
    assert_eq!(made.status, 200, "{}", made.text());
    desk
}

fn reached(desk: &Desk, run: i64, state: &str) -> Value {
    eventually(state, || {
        Some(desk.run(run)).filter(|run| run["state"] == state)
    })
}

fn was_sent(callee: &Callee, method: &str) {
    let request = format!("{method} ");
    eventually(method, || {
        let received = callee.received();
        let sent = received.iter().any(|message| message.starts_with(&request));
        sent.then_some(())
    });
}

#[test]
fn a_call_is_greeted_said_goodbye_to_and_hung_up() {
    let callee = Callee::start(Manner::Answers);
    let desk = at(&callee);
    let run = desk.call(NUMBER);
    // As long as the greeting and the goodbye take to be said.
    let run = within(Duration::from_secs(90), "the run ended", || {
        Some(desk.run(run)).filter(|run| run["is_completed"] == true)
    });
    assert_eq!(run["state"], "completed", "{run}");
    assert_eq!(run["end"]["code"], "no-language-model", "{run}");
    was_sent(&callee, "BYE");
    callee.called();
}

#[test]
fn a_refusal_is_told_to_the_caller_in_the_trunks_words() {
    let callee = Callee::start(Manner::Refuses(403));
    let desk = at(&callee);
    let reply = desk.fire(&json!({"phone_number": NUMBER}));
    assert!(reply.status >= 400, "{}", reply.text());
    assert!(
        reply.text().contains("403 No: the trunk does not allow"),
        "{}",
        reply.text()
    );
}

#[test]
fn a_person_hangs_up_while_it_rings() {
    let callee = Callee::start(Manner::Rings);
    let desk = at(&callee);
    let run = desk.call(NUMBER);
    reached(&desk, run, "ringing");
    let path = format!("/api/switchhook/runs/{run}/hang-up");
    let hung_up = desk.post(&path, &json!({}));
    assert_eq!(hung_up.status / 100, 2, "{}", hung_up.text());
    let run = desk.ended(run);
    assert_eq!(run["state"], "canceled", "{run}");
    was_sent(&callee, "CANCEL");
}

#[test]
fn a_program_that_stops_hangs_up_what_rings() {
    let callee = Callee::start(Manner::Rings);
    let mut desk = at(&callee);
    let run = desk.call(NUMBER);
    reached(&desk, run, "ringing");
    let folder = desk.server.folder.clone();
    desk.server.terminate();
    was_sent(&callee, "CANCEL");
    let run = start(folder).ended(run);
    assert_eq!(run["end"]["code"], "interrupted", "{run}");
    callee.called();
}

#[test]
fn a_program_that_dies_leaves_an_unknown_outcome_and_rings_nobody_twice() {
    let callee = Callee::start(Manner::Rings);
    let desk = at(&callee);
    let run = desk.call(NUMBER);
    reached(&desk, run, "ringing");
    let folder = desk.server.crash();
    let desk = start(folder);
    let run = desk.ended(run);
    assert_eq!(run["state"], "indeterminate", "{run}");
    assert_eq!(run["end"]["code"], "outcome-unknown", "{run}");
    callee.called();
}
