//! What each number of the table does.

use super::*;

#[tokio::test]
async fn any_number_rings_the_person() {
    for number in [PERSON, "+442079460000"] {
        let mut room = Room::new();
        let call = room.dial(number).await;
        let [shown] = room.phone.calls().try_into().expect("one call");
        let Call {
            id,
            run_id,
            state,
            from,
            to,
            agent,
            rang_at,
            scene,
        } = shown;
        assert_eq!((id, run_id), (call.attempt_id.to_string(), call.run_id));
        assert_eq!(
            (state, from.as_deref(), to.as_str()),
            (CallState::Ringing, Some("+14155550199"), number)
        );
        assert_eq!(agent, "Appointment reminder");
        assert_eq!((rang_at, scene), (Timestamp::UNIX_EPOCH, Scene::default()));
        assert_eq!(room.word().await, Ringing);
    }
}

#[tokio::test(start_paused = true)]
async fn a_person_who_does_not_answer_lets_it_ring_for_the_ring_timeout() {
    let mut room = Room::new();
    let start = Instant::now();
    room.dial(PERSON).await;
    assert_eq!(room.words().await, [Ringing, Ended(EndCode::NoAnswer)]);
    assert_eq!(start.elapsed(), Duration::from_secs(30));
    assert!(room.phone.calls().is_empty());
    room.assert_quiet();
}

#[tokio::test(start_paused = true)]
async fn the_talker_says_one_line_after_the_greeting_and_hangs_up_without_any_delay() {
    let mut room = Room::new();
    let start = Instant::now();
    room.dial(TALKER).await;
    assert_eq!(room.word().await, Answered);
    let line = room.line().await;
    line.show(scene("s", &["s-e"]));
    line.speak(&greeting()).await.expect("open");
    assert!(matches!(line.hear().await, Heard::Speech(text) if !text.is_empty()));
    assert!(
        room.said.try_recv().is_err(),
        "the line is taken in before the end is told"
    );
    assert_eq!(line.hear().await, Heard::HungUp);
    assert_eq!(room.word().await, Ended(EndCode::CalleeHungUp));
    assert_eq!(start.elapsed(), Duration::ZERO);
    room.assert_quiet();
}

#[tokio::test]
async fn the_talker_speaks_to_an_agent_that_says_nothing() {
    let mut room = Room::new();
    room.dial(TALKER).await;
    assert_eq!(room.word().await, Answered);
    let line = room.line().await;
    assert!(matches!(line.hear().await, Heard::Speech(_)));
    assert_eq!(line.hear().await, Heard::HungUp);
}

#[tokio::test]
async fn a_busy_number_is_busy_without_ringing() {
    let mut room = Room::new();
    room.dial(BUSY).await;
    assert_eq!(room.word().await, Ended(EndCode::Busy));
    room.assert_quiet();
}

#[tokio::test(start_paused = true)]
async fn the_silent_number_rings_for_a_second() {
    let mut room = Room::new();
    let start = Instant::now();
    room.dial(SILENT).await;
    assert_eq!(room.words().await, [Ringing, Ended(EndCode::NoAnswer)]);
    assert_eq!(start.elapsed(), Duration::from_secs(1));
    room.assert_quiet();
}

#[tokio::test]
async fn the_declining_number_declines() {
    let mut room = Room::new();
    room.dial(DECLINES).await;
    assert_eq!(room.words().await, [Ringing, Ended(EndCode::Declined)]);
    room.assert_quiet();
}

#[tokio::test]
async fn the_refused_number_is_refused_with_a_status_and_json() {
    let mut room = Room::new();
    let request = room.request(REFUSED);
    let Err(DialError::Refused(text)) = room.phone.dial(request).await else {
        panic!("not refused")
    };
    let json = text.strip_prefix("400: ").expect("a status in front");
    let json: serde_json::Value = serde_json::from_str(json).expect("JSON");
    assert_eq!(json["status"], 400);
    room.assert_quiet();
}

#[tokio::test(start_paused = true)]
async fn the_lost_number_never_answers_the_dial_and_leaves_nothing() {
    let mut room = Room::new();
    let request = room.request(LOST);
    let dialled = tokio::time::timeout(Duration::from_hours(1), room.phone.dial(request)).await;
    assert!(dialled.is_err());
    room.assert_quiet();
}

#[tokio::test(start_paused = true)]
async fn the_echoed_number_says_everything_twice_and_late() {
    let mut room = Room::new();
    let start = Instant::now();
    room.dial(ECHOED).await;
    assert_eq!(room.words().await, [Ringing, Answered]);
    let line = room.line().await;
    assert_eq!(room.word().await, Ringing);
    line.speak(&greeting()).await.expect("open");
    assert!(matches!(line.hear().await, Heard::Speech(_)));
    assert_eq!(line.hear().await, Heard::HungUp);
    let end = Ended(EndCode::CalleeHungUp);
    assert_eq!(room.words().await, [end, Answered, end]);
    assert_eq!(start.elapsed(), Duration::ZERO);
    room.assert_quiet();
}

#[tokio::test]
async fn only_a_persons_calls_are_at_the_window() {
    let mut room = Room::new();
    let silent = room.dial(SILENT).await.attempt_id.to_string();
    room.dial(TALKER).await;
    assert!(room.phone.calls().is_empty());
    for act in [
        DeskPhone::call,
        DeskPhone::answer,
        DeskPhone::decline,
        DeskPhone::hang_up,
    ] {
        assert_eq!(
            act(&room.phone, &silent).expect_err("not theirs"),
            CallError::NotFound
        );
    }
    assert_eq!(room.drain_changes(), 0);
}
