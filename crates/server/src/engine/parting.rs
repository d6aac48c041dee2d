//! The conversation where nobody can hold one: on a phone, while there is no language model. The
//! agent says its greeting, leaves the callee a moment to say something (the line records it), says
//! goodbye and hangs up. The keys that the callee presses meanwhile stand in the transcript. What is
//! spoken with and recorded is the line's; a model will replace this file, not the line.

use super::conversation::{Held, Talk};
use jiff::Timestamp;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;
use switchhook_core::ports::{Heard, LineError, Speaker, TranscriptLine};
use switchhook_core::run::EndCode;
use switchhook_core::walk::{Beat, LineKind};

/// What the callee is told in the end.
pub(super) const GOODBYE: &str =
    "Thank you. I cannot talk with you yet, so I will hang up now. Goodbye.";
/// How long the callee may say something before that.
const MOMENT: Duration = Duration::from_secs(3);
/// For who reads about a call on which nothing was heard.
pub(super) const NOTHING_SAID: &str =
    "nothing was said on the phone, because this computer has no voice: install espeak-ng";

impl Talk<'_> {
    /// `true` where the agent is to hang up.
    pub(super) async fn part(&self, beats: Vec<Beat>, held: &mut Held) -> bool {
        let node = self.walk.node();
        let goodbye = Beat {
            kind: LineKind::Speech,
            text: GOODBYE.to_owned(),
            node_id: node.map(|node| node.id.clone()).unwrap_or_default(),
        };
        // A prompt is an instruction to a model, and there is none.
        let words = beats.iter().filter(|beat| beat.kind != LineKind::Prompt);
        let mut spoken = Ok(());
        for beat in words {
            spoken = self.say(beat).await;
            if spoken.is_err() {
                break;
            }
        }
        if spoken.is_ok() {
            spoken = self.leave_a_moment().await;
        }
        if spoken.is_ok() {
            spoken = self.say(&goodbye).await;
        }
        if spoken == Err(LineError::Gone) {
            return false;
        }
        held.end = Some(EndCode::NoLanguageModel);
        held.note = spoken.err().map(|_| NOTHING_SAID.to_owned());
        true
    }

    /// Says a beat with an open ear. What was begun stands in the transcript, also where the callee
    /// did not hear its end.
    async fn say(&self, beat: &Beat) -> Result<(), LineError> {
        let at = self.engine.clock.now();
        let mut lines = Vec::new();
        let mut speech = pin!(self.line.speak(beat));
        let begun = poll_fn(|context| Poll::Ready(speech.as_mut().poll(context))).await;
        let spoken = match begun {
            Poll::Ready(spoken) => spoken,
            Poll::Pending => loop {
                tokio::select! {
                    // Whoever hung up is heard before the speech that broke off by it.
                    biased;
                    heard = self.line.hear() => match self.of_callee(heard) {
                        Some(line) => lines.push(line),
                        None => {
                            self.tell(with(beat, at, lines));
                            return Err(LineError::Gone);
                        }
                    },
                    spoken = &mut speech => break spoken,
                }
            },
        };
        if spoken.is_ok() {
            lines = with(beat, at, lines);
        }
        self.tell(lines);
        spoken
    }

    /// Waits while the callee may say something.
    async fn leave_a_moment(&self) -> Result<(), LineError> {
        let over = tokio::time::Instant::now() + MOMENT;
        while let Ok(heard) = tokio::time::timeout_at(over, self.line.hear()).await {
            let line = self.of_callee(heard).ok_or(LineError::Gone)?;
            self.tell(vec![line]);
        }
        Ok(())
    }

    /// What the transcript has of it; `None` where the callee hung up.
    fn of_callee(&self, heard: Heard) -> Option<TranscriptLine> {
        let text = match heard {
            Heard::Speech(text) | Heard::Dtmf(text) | Heard::Edge(text) => text,
            Heard::HungUp => return None,
        };
        Some(TranscriptLine {
            at: self.engine.clock.now(),
            speaker: Speaker::Callee,
            text,
            node_id: self.walk.node().map(|node| node.id.clone()),
            kind: LineKind::Speech,
        })
    }
}

/// A beat that was said from a moment on, before what was heard meanwhile.
fn with(beat: &Beat, at: Timestamp, heard: Vec<TranscriptLine>) -> Vec<TranscriptLine> {
    let said = TranscriptLine {
        at,
        speaker: Speaker::Agent,
        text: beat.text.clone(),
        node_id: Some(beat.node_id.clone()).filter(|id| !id.is_empty()),
        kind: beat.kind,
    };
    std::iter::once(said).chain(heard).collect()
}
