//! The chapter of a carrier that refuses, falters and hangs: the recording's numbers stand for those
//! of the carrier double that behave so. And what is left of the recording: billing, services that
//! fail and rows that were changed by hand, as far as the program can be brought there.

use crate::chapters::play;
use crate::world::{PLAIN, World, definition};
use serde_json::json;
use std::sync::atomic::{AtomicUsize, Ordering};
use switchhook_tests::carrier::{ACCOUNT, Answer, Carrier, Life, TOKEN, number};
use switchhook_tests::server::eventually;

/// The recorded numbers by what the carrier did when they were dialled.
const NUMBERS: &[(&str, &str, Answer)] = &[
    ("provider_500", "+14155550500", Answer::Fails),
    ("provider_401", "+14155550401", Answer::Denies),
    ("provider_400", "+14155550400", Answer::Refuses),
    // A gateway's page instead of JSON is one more 5xx.
    ("provider_502_html", "+14155550502", Answer::Fails),
    ("provider_conn_closed", "+14155550598", Answer::Drops),
    (
        "provider_status_200_instead_of_201",
        "+14155550200",
        Answer::Odd,
    ),
    ("provider_201_without_sid", "+14155550204", Answer::Nameless),
    ("provider_slow_3s", "+14155550703", Answer::Held),
    ("provider_hang_300s", "+14155550599", Answer::Late),
];

#[test]
fn carrier() {
    let carrier = Carrier::start();
    let mut world = World::new();
    let desk = "/api/v1/organizations/telephony-configs/1";
    assert_eq!(world.desk.delete(desk).status, 200);
    let account = json!({
        "provider": "twilio", "account_sid": ACCOUNT, "auth_token": TOKEN,
        "base_url": carrier.base_url, "dialing_timeout_seconds": 2,
    });
    world.configuration(1, "main", &account);
    let main = json!({"address": "+15550001111", "is_default_caller_id": true});
    world.number(1, 1, &main);
    let serial = AtomicUsize::new(0);
    play("carrier", &mut world, |world, case| {
        let name = case.trim_start_matches("stored_");
        let Some((_, recorded, answer)) = NUMBERS.iter().find(|(known, ..)| *known == name) else {
            return;
        };
        let here = number(*answer, Life::Waits, serial.fetch_add(1, Ordering::Relaxed));
        world.carried(recorded, &here);
        if *answer == Answer::Held {
            let (carrier, dials) = (carrier.clone(), carrier.dials());
            std::thread::spawn(move || {
                eventually("the dial arrived", || {
                    (carrier.dials() > dials).then_some(())
                });
                carrier.release();
            });
        }
        if name != case {
            world.run(None, &json!({ "phone_number": here }).to_string());
        }
    });
}

#[test]
fn rest() {
    let mut world = World::new().with_telephony();
    play("rest", &mut world, |world, case| match case {
        "tcid_inactive" => {
            world.configuration(4, "second", &json!({"provider": "desk_phone"}));
            let id = world.here("configuration", 4);
            let path = format!("/api/v1/organizations/telephony-configs/{id}");
            assert_eq!(world.desk.delete(&path).status, 200);
        }
        "trigger_inactive" => {
            let path = "20102d46-4497-4b69-aed8-b05043342c3c";
            let _ = world.agent(5, "inactive trigger", &definition(Some(path)));
            let id = world.here("agent", 5);
            let path = format!("/api/switchhook/agents/{id}/trigger/disable");
            let disabled = world.desk.post(&path, &json!({"reason": "Closed"}));
            assert_eq!(disabled.status, 200, "{}", disabled.text());
        }
        _ if case.starts_with("stored_") => {
            world.run(None, PLAIN);
        }
        _ => {}
    });
}
