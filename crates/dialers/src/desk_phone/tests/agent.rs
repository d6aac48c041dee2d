//! The agent's line, the engine's hang-up, the order of words, and what a call leaves behind.

use super::*;

#[tokio::test]
async fn nothing_is_said_before_the_dial_is_accepted() {
    let mut room = Room::new();
    for number in [PERSON, TALKER, BUSY, SILENT, DECLINES, ECHOED] {
        room.dial(number).await;
        assert!(room.said.try_recv().is_err(), "{number}");
    }
}

#[tokio::test]
async fn a_person_quicker_than_the_report_changes_no_order() {
    let mut room = Room::new();
    let id = room.dial(PERSON).await.attempt_id.to_string();
    room.phone.answer(&id).expect("rings");
    room.phone.say(&id, "Bye").expect("answered");
    room.phone.hang_up(&id).expect("answered");
    assert_eq!(room.words().await, [Ringing, Answered]);
    let line = room.line().await;
    assert_eq!(room.word().await, Ended(EndCode::CalleeHungUp));
    assert_eq!(line.hear().await, Heard::Speech("Bye".to_owned()));
    assert_eq!(line.hear().await, Heard::HungUp);
    room.assert_quiet();
}

#[tokio::test]
async fn a_call_canceled_before_its_callee_acts_ends_once() {
    for number in [PERSON, TALKER, BUSY, SILENT, DECLINES] {
        let mut room = Room::new();
        let call = room.dial(number).await;
        Dialer::hang_up(&*room.phone, &call).await.expect("known");
        let mut words = Vec::new();
        while !matches!(words.last(), Some(Ended(_))) {
            words.push(room.word().await);
        }
        assert_eq!(words.last(), Some(&Ended(EndCode::Canceled)), "{number}");
        room.assert_quiet();
    }
}

#[tokio::test]
async fn the_line_names_the_call_it_belongs_to() {
    let mut room = Room::new();
    let call = room.dial(TALKER).await;
    assert_eq!(room.word().await, Answered);
    let Said::Line(named, _line) = room.next().await else {
        panic!("no line")
    };
    assert_eq!(
        (named.attempt_id, named.run_id),
        (call.attempt_id, call.run_id)
    );
}

#[tokio::test]
async fn the_agent_hangs_up() {
    let mut room = Room::new();
    let (_, id, line) = room.talk().await;
    line.hang_up().await;
    assert_eq!(room.word().await, Ended(EndCode::AgentEnded));
    assert_eq!(room.phone.call(&id).expect_err("over"), CallError::NotFound);
    assert_eq!(line.hear().await, Heard::HungUp);
    line.hang_up().await;
    drop(line);
    room.assert_quiet();
}

#[tokio::test]
async fn a_line_that_nobody_holds_ends_the_call() {
    let mut room = Room::new();
    for number in [PERSON, TALKER] {
        let call = room.dial(number).await;
        if number == PERSON {
            room.phone
                .answer(&call.attempt_id.to_string())
                .expect("rings");
            assert_eq!(room.word().await, Ringing);
        }
        assert_eq!(room.word().await, Answered);
        drop(room.line().await);
        assert_eq!(room.word().await, Ended(EndCode::HungUp));
        room.assert_quiet();
    }
}

#[tokio::test]
async fn a_carriers_hang_up_cancels_what_rings_and_ends_what_is_answered() {
    let mut room = Room::new();
    let call = room.dial(PERSON).await;
    Dialer::hang_up(&*room.phone, &call).await.expect("rings");
    assert_eq!(room.words().await, [Ringing, Ended(EndCode::Canceled)]);
    let (call, _, line) = room.talk().await;
    Dialer::hang_up(&*room.phone, &call)
        .await
        .expect("in progress");
    assert_eq!(room.word().await, Ended(EndCode::HungUp));
    assert_eq!(line.hear().await, Heard::HungUp);
    assert!(matches!(
        Dialer::hang_up(&*room.phone, &call).await,
        Err(HangUpError::NotFound)
    ));
    room.assert_quiet();
}

#[tokio::test]
async fn an_attempt_is_never_dialled_twice() {
    let mut room = Room::new();
    let request = room.request(PERSON);
    room.phone.dial(request.clone()).await.expect("accepted");
    assert!(matches!(
        room.phone.dial(request).await,
        Err(DialError::Unknown(_))
    ));
    assert_eq!(room.phone.calls().len(), 1);
    assert_eq!(room.word().await, Ringing);
    tokio::task::yield_now().await;
    assert!(room.said.try_recv().is_err());
}

#[tokio::test]
async fn nobody_knows_what_became_of_a_call_at_the_desk_phone() {
    let mut room = Room::new();
    let call = room.dial(PERSON).await;
    assert_eq!(room.phone.look_up(&call).await, LookUp::Unknown);
    assert!(!room.phone.facts().can_look_up);
}

#[tokio::test]
async fn a_dropped_desk_phone_ends_its_calls_and_tasks() {
    let mut room = Room::new();
    room.dial(PERSON).await;
    room.dial(SILENT).await;
    assert_eq!(room.words().await, [Ringing, Ringing]);
    let (_, _, line) = room.talk().await;
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 3);
    let Room {
        phone, mut said, ..
    } = room;
    drop(phone);
    assert_eq!(line.hear().await, Heard::HungUp);
    assert_eq!(line.speak(&greeting()).await, Err(LineError::Gone));
    // The tasks hold the sink: the channel closes when the last one is gone.
    assert!(said.recv().await.is_none());
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 0);
}

#[tokio::test]
async fn ten_thousand_calls_leave_nothing_behind() {
    let mut room = Room::new();
    for _ in 0..10_000 {
        room.dial(TALKER).await;
        assert_eq!(room.word().await, Answered);
        let line = room.line().await;
        line.speak(&greeting()).await.expect("open");
        assert!(matches!(line.hear().await, Heard::Speech(_)));
        assert_eq!(line.hear().await, Heard::HungUp);
        assert_eq!(room.word().await, Ended(EndCode::CalleeHungUp));
    }
    let capacity = room.phone.lock().capacity();
    assert!(capacity < 64, "the table grew to {capacity}");
    room.assert_quiet();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_on_several_threads_keep_their_own_order() {
    let mut room = Room::new();
    for _ in 0..500 {
        let call = room.dial(PERSON).await;
        let (phone, id) = (Arc::clone(&room.phone), call.attempt_id.to_string());
        let person =
            tokio::spawn(async move { phone.answer(&id).and_then(|_| phone.hang_up(&id)) });
        assert_eq!(room.words().await, [Ringing, Answered]);
        let line = room.line().await;
        assert_eq!(line.hear().await, Heard::HungUp);
        assert_eq!(room.word().await, Ended(EndCode::CalleeHungUp));
        assert!(person.await.expect("no panic").is_ok());
    }
    assert!(room.phone.lock().is_empty());
}
