//! The call on which nobody can hold a conversation: what the callee hears, what is written, how it
//! ends. The line is a double that has a voice or none.

use super::{Room, Word, ended};
use crate::engine::parting::{GOODBYE, NOTHING_SAID};
use async_trait::async_trait;
use jiff::Timestamp;
use std::sync::{Arc, Mutex, Weak};
use switchhook_core::ids::RunId;
use switchhook_core::ports::{CallEvent, CallWord, Heard, Line, LineError, Run, Speaker};
use switchhook_core::run::{EndCode, RunInput};
use switchhook_core::walk::Beat;
use tokio::sync::{mpsc, watch};

/// What the far end does while the first words are said.
enum Callee {
    Presses(&'static str),
    HangsUp,
}

/// A phone: it carries sound and keys, no words.
struct Phone {
    engine: Weak<crate::engine::Engine>,
    run: Run,
    has_voice: bool,
    /// Taken by the first words.
    callee: Mutex<Option<Callee>>,
    said: Mutex<Vec<String>>,
    far: mpsc::UnboundedSender<Heard>,
    ear: tokio::sync::Mutex<mpsc::UnboundedReceiver<Heard>>,
    heard: watch::Sender<bool>,
}

impl Phone {
    fn tell(&self, word: CallWord) {
        let event = CallEvent {
            attempt_id: self.run.attempts[0].id,
            run_id: self.run.id,
            at: Timestamp::now(),
            carrier_call_id: Some("CA1".to_owned()),
            word: Some(word),
            note: None,
        };
        let engine = self.engine.upgrade().expect("it is there");
        assert!(engine.tell(self.run.id, Word::Event(Box::new(event))));
    }

    /// Waits until the agent has heard what the callee did.
    async fn heard(&self) {
        let mut heard = self.heard.subscribe();
        heard.wait_for(|heard| *heard).await.expect("it is there");
    }

    fn said(&self) -> Vec<String> {
        self.said.lock().expect("no panic").clone()
    }
}

#[async_trait]
impl Line for Phone {
    async fn speak(&self, beat: &Beat) -> Result<(), LineError> {
        if !self.has_voice {
            return Err(LineError::NoVoice);
        }
        self.said.lock().expect("no panic").push(beat.text.clone());
        let callee = self.callee.lock().expect("no panic").take();
        let heard = match callee {
            Some(Callee::Presses(keys)) => Heard::Dtmf(keys.to_owned()),
            Some(Callee::HangsUp) => Heard::HungUp,
            None => return Ok(()),
        };
        let is_over = heard == Heard::HungUp;
        self.far.send(heard).expect("somebody listens");
        self.heard().await;
        if is_over {
            Err(LineError::Gone)
        } else {
            Ok(())
        }
    }

    async fn hear(&self) -> Heard {
        let heard = self
            .ear
            .lock()
            .await
            .recv()
            .await
            .expect("the far end stays");
        self.heard.send_replace(true);
        heard
    }

    fn hears_words(&self) -> bool {
        false
    }

    async fn hang_up(&self) {
        // A carrier that cannot tell who hung up.
        self.tell(ended(EndCode::Completed));
    }
}

/// An answered call, and its phone.
async fn answered(has_voice: bool, callee: Option<Callee>) -> (Room, Arc<Phone>, RunId) {
    let room = Room::open().await;
    let run = room.left(20, &[(10, RunInput::Answered)]).await;
    room.says(CallWord::Answered);
    room.engine.recover().await.expect("read");
    let (far, ear) = mpsc::unbounded_channel();
    let phone = Arc::new(Phone {
        engine: Arc::downgrade(&room.engine),
        run: room.run(run).await,
        has_voice,
        callee: Mutex::new(callee),
        said: Mutex::default(),
        far,
        ear: tokio::sync::Mutex::new(ear),
        heard: watch::channel(false).0,
    });
    assert!(room.engine.tell(run, Word::Line(phone.clone())));
    (room, phone, run)
}

async fn transcript(room: &Room, run: RunId) -> Vec<(Speaker, String)> {
    let lines = room.engine.store.transcript(run).await.expect("read");
    let lines = lines.into_iter();
    lines.map(|line| (line.speaker, line.text)).collect()
}

#[tokio::test]
async fn a_callee_on_a_phone_hears_greeting_and_goodbye() {
    let (room, phone, run) = answered(true, Some(Callee::Presses("42#"))).await;
    assert_eq!(room.ended(run).await, EndCode::NoLanguageModel);
    let said = phone.said();
    assert_eq!(said.len(), 2, "no instruction to a model: {said:?}");
    assert_eq!(said[1], GOODBYE);
    let written = transcript(&room, run).await;
    let wanted = [
        (Speaker::Agent, said[0].clone()),
        (Speaker::Callee, "42#".to_owned()),
        (Speaker::Agent, GOODBYE.to_owned()),
    ];
    assert_eq!(written, wanted);
    let gathered = room.run(run).await.gathered_context;
    assert_eq!(gathered["call_disposition"], "no-language-model");
}

#[tokio::test]
async fn a_phone_without_a_voice_is_hung_up_and_the_record_says_why() {
    let (room, phone, run) = answered(false, None).await;
    assert_eq!(room.ended(run).await, EndCode::NoLanguageModel);
    assert!(phone.said().is_empty());
    assert_eq!(transcript(&room, run).await, []);
    let timeline = room.engine.store.timeline(run).await.expect("read");
    let note = timeline.last().and_then(|entry| entry.note.clone());
    assert_eq!(note.as_deref(), Some(NOTHING_SAID));
}

#[tokio::test]
async fn what_a_callee_who_hangs_up_was_told_stands_in_the_transcript() {
    let (room, phone, run) = answered(true, Some(Callee::HangsUp)).await;
    phone.heard().await;
    phone.tell(ended(EndCode::CalleeHungUp));
    assert_eq!(room.ended(run).await, EndCode::CalleeHungUp);
    let said = phone.said();
    assert_eq!(said.len(), 1, "{said:?}");
    let written = transcript(&room, run).await;
    assert_eq!(written, [(Speaker::Agent, said[0].clone())]);
}
