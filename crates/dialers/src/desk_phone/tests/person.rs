//! What the person at the window can do, and what the window is told.

use super::*;

#[tokio::test]
async fn the_person_answers_talks_and_hangs_up() {
    let mut room = Room::new();
    let (_, id, line) = room.talk().await;
    assert_eq!(
        room.phone.call(&id).expect("there").state,
        CallState::InProgress
    );
    line.speak(&greeting()).await.expect("open");
    room.phone.say(&id, "Hello?").expect("in progress");
    assert_eq!(line.hear().await, Heard::Speech("Hello?".to_owned()));
    room.phone.hang_up(&id).expect("in progress");
    assert_eq!(room.word().await, Ended(EndCode::CalleeHungUp));
    assert_eq!(line.hear().await, Heard::HungUp);
    assert_eq!(line.hear().await, Heard::HungUp);
    assert_eq!(line.speak(&greeting()).await, Err(LineError::Gone));
    room.assert_quiet();
}

#[tokio::test]
async fn an_agent_that_is_listening_hears_the_hang_up() {
    let mut room = Room::new();
    let (_, id, line) = room.talk().await;
    let listening = tokio::spawn(async move { line.hear().await });
    tokio::task::yield_now().await;
    room.phone.hang_up(&id).expect("in progress");
    assert_eq!(listening.await.expect("heard"), Heard::HungUp);
    assert_eq!(room.word().await, Ended(EndCode::CalleeHungUp));
}

#[tokio::test]
async fn the_person_declines() {
    let mut room = Room::new();
    let id = room.dial(PERSON).await.attempt_id.to_string();
    assert_eq!(
        room.phone.decline(&id).expect("rings").state,
        CallState::Ringing
    );
    assert_eq!(room.words().await, [Ringing, Ended(EndCode::Declined)]);
    room.assert_quiet();
}

#[tokio::test]
async fn the_person_takes_an_offered_edge_once() {
    let mut room = Room::new();
    let (_, id, line) = room.talk().await;
    line.show(scene("s", &["s-e"]));
    assert_eq!(
        room.phone.call(&id).expect("there").scene,
        scene("s", &["s-e"])
    );
    let taken = room.phone.take_edge(&id, "s-e").expect("offered");
    assert_eq!(taken.scene, scene("s", &[]));
    assert_eq!(
        room.phone.take_edge(&id, "s-e").expect_err("taken"),
        CallError::NotInThatState
    );
    assert_eq!(line.hear().await, Heard::Edge("s-e".to_owned()));
    line.show(scene("s", &["s-e"]));
    room.phone.take_edge(&id, "s-e").expect("offered again");
}

#[tokio::test]
async fn an_edge_that_is_not_offered_is_refused() {
    let mut room = Room::new();
    let (_, id, line) = room.talk().await;
    line.show(scene("s", &["s-e"]));
    assert_eq!(
        room.phone.take_edge(&id, "e-s").expect_err("unknown"),
        CallError::NotInThatState
    );
    assert_eq!(
        room.phone.call(&id).expect("there").scene,
        scene("s", &["s-e"])
    );
}

#[tokio::test]
async fn nothing_but_answer_and_decline_is_possible_while_it_rings() {
    let mut room = Room::new();
    let id = room.dial(PERSON).await.attempt_id.to_string();
    let refused = [
        room.phone.hang_up(&id).expect_err("rings"),
        room.phone.say(&id, "Hello?").expect_err("rings"),
        room.phone.take_edge(&id, "s-e").expect_err("rings"),
    ];
    assert_eq!(refused, [CallError::NotInThatState; 3]);
    room.phone.answer(&id).expect("still rings");
}

#[tokio::test]
async fn an_answered_call_cannot_be_answered_again_or_declined() {
    let mut room = Room::new();
    let (_, id, _line) = room.talk().await;
    let refused =
        [room.phone.answer(&id), room.phone.decline(&id)].map(|done| done.expect_err("answered"));
    assert_eq!(refused, [CallError::NotInThatState; 2]);
    assert_eq!(
        room.phone.call(&id).expect("there").state,
        CallState::InProgress
    );
}

#[tokio::test]
async fn an_ended_or_unknown_call_is_not_found() {
    let mut room = Room::new();
    let ended = room.dial(PERSON).await.attempt_id.to_string();
    room.phone.decline(&ended).expect("rings");
    for id in [ended.as_str(), &uuid::Uuid::new_v4().to_string(), "1", ""] {
        let phone = &room.phone;
        let acts = [
            phone.call(id),
            phone.answer(id),
            phone.decline(id),
            phone.hang_up(id),
            phone.say(id, "x"),
            phone.take_edge(id, "x"),
        ];
        assert_eq!(
            acts.map(|done| done.expect_err("not there")),
            [CallError::NotFound; 6]
        );
    }
}

#[tokio::test]
async fn the_agent_need_not_remember_more_than_a_bounded_number_of_unheard_things() {
    let mut room = Room::new();
    let (_, id, line) = room.talk().await;
    for _ in 0..UNHEARD {
        room.phone.say(&id, "Hello?").expect("room");
    }
    assert_eq!(
        room.phone.say(&id, "Hello?").expect_err("full"),
        CallError::NotInThatState
    );
    line.hear().await;
    room.phone.say(&id, "Hello?").expect("room again");
}

#[tokio::test]
async fn calls_are_listed_in_the_order_they_rang() {
    let mut room = Room::new();
    let mut dialled = Vec::new();
    for _ in 0..5 {
        dialled.push(room.dial(PERSON).await.run_id);
    }
    let listed: Vec<_> = room.phone.calls().iter().map(|call| call.run_id).collect();
    assert_eq!(listed, dialled);
}

#[tokio::test]
async fn the_window_is_told_every_change_of_its_call() {
    let mut room = Room::new();
    let call = room.dial(PERSON).await;
    let id = call.attempt_id.to_string();
    assert_eq!(room.changes.recv().await, Some((id.clone(), call.run_id)));
    room.phone.answer(&id).expect("rings");
    assert_eq!(room.drain_changes(), 1);
    assert_eq!(room.words().await, [Ringing, Answered]);
    let line = room.line().await;
    line.show(scene("s", &["s-e"]));
    line.show(scene("s", &["s-e"]));
    assert_eq!(
        room.drain_changes(),
        1,
        "the same scene twice is one change"
    );
    room.phone.take_edge(&id, "s-e").expect("offered");
    assert_eq!(room.drain_changes(), 1);
    room.phone.say(&id, "Hello?").expect("in progress");
    assert!(room.phone.hang_up("1").is_err());
    assert_eq!(room.drain_changes(), 0);
    room.phone.hang_up(&id).expect("in progress");
    assert_eq!(room.drain_changes(), 1);
}

#[tokio::test]
async fn whoever_is_told_of_a_change_may_ask_the_desk_phone() {
    let (counts, mut counted) = mpsc::unbounded_channel();
    let asked: Arc<std::sync::OnceLock<Weak<DeskPhone>>> = Arc::default();
    let asks = Arc::clone(&asked);
    let mut room = Room::new();
    let request = room.request(PERSON);
    let changed = move |_: &str, _: RunId| {
        let phone = asks
            .get()
            .and_then(Weak::upgrade)
            .expect("set before the first dial");
        let _ = counts.send(phone.calls().len());
    };
    let (sink, _said) = mpsc::unbounded_channel();
    let phone = DeskPhone::new(
        Arc::new(Sink(sink)),
        Arc::new(Ticks::default()),
        Box::new(changed),
    );
    asked.set(Arc::downgrade(&phone)).expect("set once");
    let id = request.attempt_id.to_string();
    phone.dial(request).await.expect("accepted");
    assert_eq!(counted.recv().await, Some(1));
    phone.decline(&id).expect("rings");
    assert_eq!(counted.recv().await, Some(0));
}
