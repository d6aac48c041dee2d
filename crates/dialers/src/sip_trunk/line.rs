//! The answered call as the agent has it: it says what the voice makes of a text, hears keys, and
//! hangs up. What the callee says is recorded and not understood here.

use super::call::Command;
use super::media::session::Session;
use async_trait::async_trait;
use std::sync::{Arc, Weak};
use switchhook_core::ports::{Heard, Line, LineError, SAMPLE_RATE, Voice};
use switchhook_core::run::EndCode;
use switchhook_core::walk::{Beat, LineKind};
use tokio::sync::{Mutex, mpsc};

/// Silence after each speech: what was sent last is still on its way when the call is hung up.
const AFTERWARDS: usize = SAMPLE_RATE as usize / 5;

/// One agent's end of one call. Dropped without a hang-up it ends the call, because nobody can
/// speak on it any more.
pub(super) struct SipLine {
    /// The call's; gone with it.
    session: Weak<Session>,
    voice: Arc<dyn Voice>,
    commands: mpsc::UnboundedSender<Command>,
    /// Closed when the call is over.
    ear: Mutex<mpsc::UnboundedReceiver<Heard>>,
}

impl SipLine {
    pub fn new(
        session: Weak<Session>,
        voice: Arc<dyn Voice>,
        commands: mpsc::UnboundedSender<Command>,
        ear: mpsc::UnboundedReceiver<Heard>,
    ) -> Self {
        Self {
            session,
            voice,
            commands,
            ear: Mutex::new(ear),
        }
    }

    fn end(&self, code: EndCode) {
        // A call that is over has nobody to tell.
        let _ = self.commands.send(Command::HangUp(code, None));
    }

    fn session(&self) -> Result<Arc<Session>, LineError> {
        self.session.upgrade().ok_or(LineError::Gone)
    }
}

#[async_trait]
impl Line for SipLine {
    async fn speak(&self, beat: &Beat) -> Result<(), LineError> {
        if beat.kind == LineKind::Prompt {
            return self.session().map(drop);
        }
        let mut sound = self.voice.say(&beat.text).await.map_err(|error| {
            tracing::warn!(%error, "nothing is said on a call");
            LineError::NoVoice
        })?;
        sound.resize(sound.len() + AFTERWARDS, 0);
        let said = self.session()?.say(sound);
        said.await.map_err(|_| LineError::Gone)
    }

    async fn hear(&self) -> Heard {
        self.ear.lock().await.recv().await.unwrap_or(Heard::HungUp)
    }

    fn hears_words(&self) -> bool {
        false
    }

    async fn press(&self, digits: &str) -> Result<(), LineError> {
        let pressed = self.session()?.press(digits);
        pressed.await.map_err(|_| LineError::Gone)
    }

    async fn hang_up(&self) {
        self.end(EndCode::AgentEnded);
    }
}

impl Drop for SipLine {
    fn drop(&mut self) {
        self.end(EndCode::HungUp);
    }
}
