//! Answered calls: what is said, heard, pressed, held and kept.

use crate::phone::{Phone, account, beat, call};
use crate::sound::{glide, is_loud, likeness};
use serde_json::json;
use std::collections::HashSet;
use switchhook_core::ports::{CallWord, Dialer, Heard, LineError};
use switchhook_core::run::EndCode;
use switchhook_core::walk::LineKind;
use switchhook_tests::server::eventually;
use switchhook_tests::telephony::{Callee, Manner};

const NUMBER: &str = "+14155550123";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_comes_back_from_an_echo_and_both_are_recorded() {
    let callee = Callee::start(Manner::Answers);
    let sound = glide(1);
    let phone = Phone::that_says(sound.clone());
    let request = call(account(callee.port, json!({}), ""), NUMBER);
    phone.dial(&request).await.expect("taken");
    let (words, line) = phone.answered().await;
    assert_eq!(words, [CallWord::Ringing, CallWord::Answered]);
    assert_eq!(line.speak(&beat(LineKind::Greeting)).await, Ok(()));
    line.hang_up().await;
    assert_eq!(phone.word().await.0, CallWord::Ended(EndCode::AgentEnded));
    assert_eq!(line.hear().await, Heard::HungUp);
    assert_eq!(
        line.speak(&beat(LineKind::Speech)).await,
        Err(LineError::Gone)
    );
    let (heard, said) = phone.recording().await;
    assert_eq!(heard.len(), said.len());
    for (track, name) in [(said, "the agent"), (heard, "the callee")] {
        let likeness = likeness(&sound, &track);
        assert!(likeness >= 0.99, "{name}: {likeness}");
    }
    eventually("the far end heard the hang-up", || {
        let received = callee.received();
        received
            .iter()
            .any(|message| message.starts_with("BYE "))
            .then_some(())
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_callee_that_hangs_up_ends_the_call_and_what_is_being_said() {
    let callee = Callee::start(Manner::AnswersFor(300));
    let phone = Phone::that_says(glide(20));
    let request = call(account(callee.port, json!({}), ""), NUMBER);
    phone.dial(&request).await.expect("taken");
    let (_, line) = phone.answered().await;
    assert_eq!(
        line.speak(&beat(LineKind::Greeting)).await,
        Err(LineError::Gone)
    );
    assert_eq!(phone.word().await.0, CallWord::Ended(EndCode::CalleeHungUp));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_hangs_up_and_a_line_that_nobody_holds_does_so_itself() {
    let callee = Callee::start(Manner::Answers);
    let phone = Phone::new();
    let request = call(account(callee.port, json!({}), ""), NUMBER);
    phone.dial(&request).await.expect("taken");
    let (_, line) = phone.answered().await;
    phone
        .trunk
        .hang_up(&request.call_ref())
        .await
        .expect("hung up");
    assert_eq!(phone.word().await.0, CallWord::Ended(EndCode::HungUp));
    drop(line);
    phone
        .dial(&call(account(callee.port, json!({}), ""), NUMBER))
        .await
        .expect("taken");
    let (_, line) = phone.answered().await;
    drop(line);
    assert_eq!(phone.word().await.0, CallWord::Ended(EndCode::HungUp));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hold_is_answered_pauses_what_is_said_and_ends() {
    let callee = Callee::start(Manner::Holds);
    let sound = glide(2);
    let phone = Phone::that_says(sound.clone());
    phone
        .dial(&call(account(callee.port, json!({}), ""), NUMBER))
        .await
        .expect("taken");
    let (_, line) = phone.answered().await;
    assert_eq!(line.speak(&beat(LineKind::Greeting)).await, Ok(()));
    assert_eq!(phone.word().await.0, CallWord::Ended(EndCode::CalleeHungUp));
    let answers = callee.received();
    let directions: Vec<_> = answers
        .iter()
        .filter(|message| message.starts_with("SIP/2.0 200") && message.contains("m=audio"))
        .map(|message| message.contains("a=recvonly"))
        .collect();
    assert_eq!(directions, [true, false]);
    // Nothing of the speech is lost to the hold, which is a gap in the middle of it.
    let (_, said) = phone.recording().await;
    let loud: Vec<_> = said.chunks(160).map(is_loud).collect();
    let first = loud.iter().position(|loud| *loud).expect("sound");
    let last = loud.iter().rposition(|loud| *loud).expect("sound");
    assert!(loud[first..last].iter().filter(|loud| !**loud).count() >= 10);
    let spoken: Vec<i16> = said
        .chunks(160)
        .filter(|frame| is_loud(frame))
        .flatten()
        .copied()
        .collect();
    assert!(spoken.len() + 480 >= sound.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_flag_nothing_is_kept() {
    let callee = Callee::start(Manner::AnswersFor(200));
    let phone = Phone::new();
    let settings = json!({"record": "no"});
    phone
        .dial(&call(account(callee.port, settings, ""), NUMBER))
        .await
        .expect("taken");
    let (_, line) = phone.answered().await;
    assert_eq!(line.hear().await, Heard::HungUp);
    drop(line);
    phone.end().await;
    assert!(phone.nothing_recorded());
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_calls_at_once_are_all_heard() {
    const CALLS: usize = 30;
    let callee = Callee::start(Manner::Answers);
    let phone = Phone::that_says(glide(1));
    let account = account(callee.port, json!({}), "");
    let requests: Vec<_> = (0..CALLS).map(|_| call(account.clone(), NUMBER)).collect();
    let dials = requests.iter().map(|request| phone.dial(request));
    for dialed in futures_util::future::join_all(dials).await {
        dialed.expect("taken");
    }
    let mut lines = Vec::new();
    while lines.len() < CALLS {
        let (_, line) = phone.answered().await;
        lines.push(line);
    }
    let spoken = lines.iter().map(|line| async move {
        let spoken = line.speak(&beat(LineKind::Greeting)).await;
        line.hang_up().await;
        spoken
    });
    for spoken in futures_util::future::join_all(spoken).await {
        assert_eq!(spoken, Ok(()));
    }
    let mut over = HashSet::new();
    while over.len() < CALLS {
        let (attempt, end) = phone.ended().await;
        assert_eq!(end, CallWord::Ended(EndCode::AgentEnded));
        assert!(over.insert(attempt), "each ends once");
        let (heard, said) = phone.recording().await;
        assert!(is_loud(&said) && is_loud(&heard));
    }
    assert_eq!(callee.calls().len(), CALLS);
}
