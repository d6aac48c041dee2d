//! The answered call as the agent has it. Speech is instantaneous here: who is at the window reads
//! it in the transcript, which is the server's to keep.

use super::DeskPhone;
use async_trait::async_trait;
use std::sync::Weak;
use switchhook_core::ids::AttemptId;
use switchhook_core::ports::{Heard, Line, LineError, Scene};
use switchhook_core::run::EndCode;
use switchhook_core::walk::Beat;
use tokio::sync::{Mutex, mpsc};

/// One agent's end of one call. Dropped without a hang-up it ends the call, because nobody can
/// speak on it any more.
pub(super) struct DeskLine {
    desk: Weak<DeskPhone>,
    id: AttemptId,
    /// Closed when the far end put the receiver down.
    ear: Mutex<mpsc::Receiver<Heard>>,
}

impl DeskLine {
    pub(super) fn new(desk: Weak<DeskPhone>, id: AttemptId, ear: mpsc::Receiver<Heard>) -> Self {
        Self {
            desk,
            id,
            ear: Mutex::new(ear),
        }
    }

    /// Does nothing to a call that is over: its end has been told.
    fn end(&self, code: EndCode) {
        if let Some(desk) = self.desk.upgrade() {
            let _ = desk.end(self.id, |_| Ok(code));
        }
    }
}

#[async_trait]
impl Line for DeskLine {
    async fn speak(&self, _beat: &Beat) -> Result<(), LineError> {
        let is_open = self
            .desk
            .upgrade()
            .is_some_and(|desk| desk.lock().contains_key(&self.id));
        if is_open {
            Ok(())
        } else {
            Err(LineError::Gone)
        }
    }

    /// What was said before a hang-up is still heard. An automatic callee's hang-up is told when
    /// the agent listens again, thus after its line has been taken in.
    async fn hear(&self) -> Heard {
        if let Some(heard) = self.ear.lock().await.recv().await {
            return heard;
        }
        self.end(EndCode::CalleeHungUp);
        Heard::HungUp
    }

    fn show(&self, scene: Scene) {
        let Some(desk) = self.desk.upgrade() else {
            return;
        };
        let mut handsets = desk.lock();
        let Some(set) = handsets
            .get_mut(&self.id)
            .filter(|set| set.call.scene != scene)
        else {
            return;
        };
        set.call.scene = scene;
        if set.callee.is_person() {
            let call = set.call.clone();
            drop(handsets);
            desk.announce(&call);
        }
    }

    async fn hang_up(&self) {
        self.end(EndCode::AgentEnded);
    }
}

impl Drop for DeskLine {
    fn drop(&mut self) {
        self.end(EndCode::HungUp);
    }
}
