//! Live events: hints in the order of what happened, taken up again where a reader left off.

use serde_json::json;
use switchhook_tests::server::Desk;
use switchhook_tests::server::events::Events;

#[test]
fn a_run_is_told_as_it_goes() {
    let desk = Desk::open();
    let mut events = Events::open(&desk.server.control, &desk.manage, None);
    let id = desk.call("+14155550101");
    let event = events.find(|event| event.kind == "run");
    assert_eq!(event.data, json!({"kind": "run", "id": id, "run_id": id}));
    let mut last = event.id;
    loop {
        let over = desk.run(id)["is_completed"] == true;
        if over {
            break;
        }
        let event = events.read();
        assert!(event.id > last);
        last = event.id;
    }
}

#[test]
fn the_desk_phone_rings_by_an_event() {
    let desk = Desk::open();
    let mut events = Events::open(&desk.server.control, &desk.manage, None);
    let id = desk.call("+14155550100");
    let event = events.find(|event| event.kind == "desk-phone");
    assert_eq!(event.data["run_id"], id);
    let call = desk.desk_call(id).expect("the call rings");
    assert_eq!(event.data["id"], call["id"]);
}

#[test]
fn a_reader_goes_on_after_its_last_event() {
    let desk = Desk::open();
    let mut events = Events::open(&desk.server.control, &desk.manage, None);
    let id = desk.call("+14155550102");
    let first = events.find(|event| event.kind == "run");
    drop(events);
    let _ = desk.ended(id);
    let mut again = Events::open(&desk.server.control, &desk.manage, Some(first.id));
    let next = again.read();
    assert!(next.id > first.id);
    let mut from_the_start = Events::open(&desk.server.control, &desk.manage, Some(first.id - 1));
    assert_eq!(from_the_start.read().id, first.id);
}

#[test]
fn every_kind_of_change_is_told() {
    let desk = Desk::open();
    let mut events = Events::open(&desk.server.control, &desk.manage, None);
    let numbers = "/api/v1/organizations/telephony-configs/1/phone-numbers";
    assert_eq!(
        desk.put("/api/v1/workflow/1", &json!({"name": "Renamed"}))
            .status,
        200
    );
    assert_eq!(events.read().kind, "agent");
    assert_eq!(
        desk.post(numbers, &json!({"address": "+15550100188"}))
            .status,
        200
    );
    assert_eq!(events.read().kind, "telephony");
    assert_eq!(
        desk.post("/api/v1/user/api-keys", &json!({"name": "x"}))
            .status,
        200
    );
    assert_eq!(events.read().kind, "key");
    assert_eq!(
        desk.put("/api/switchhook/settings", &json!({"concurrent_calls": 3}))
            .status,
        200
    );
    assert_eq!(events.read().kind, "settings");
}

#[test]
fn another_processs_change_is_told() {
    let desk = Desk::open();
    let mut events = Events::open(&desk.server.control, &desk.manage, None);
    let _ = desk.server.key("trigger");
    assert_eq!(events.read().kind, "key");
}

#[test]
fn events_need_a_key() {
    let desk = Desk::open();
    assert_eq!(
        desk.server
            .control
            .get("/api/switchhook/events")
            .send()
            .status,
        401
    );
}
