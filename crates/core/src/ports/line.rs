//! The port to an answered call: the agent's mouth and ears. A conversation drives a line and does
//! not know whether a person at the desk phone, a carrier or a SIP stack is behind it.

use crate::walk::Beat;
use async_trait::async_trait;

/// What came from the far end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// The callee said something.
    Speech(String),
    /// The person at the desk phone decided that this edge's condition is met.
    Edge(String),
    /// The callee pressed keys.
    Dtmf(String),
    /// The callee hung up; nothing follows.
    HungUp,
}

/// Where the conversation stands, for lines that can show it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// Id and name of the current node.
    pub node: Option<(String, String)>,
    /// Id, label and condition of every edge that leads on.
    pub edges: Vec<(String, String, String)>,
}

/// Why nothing can be done on the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// The call is over.
    #[error("the call is over")]
    Gone,
    /// This line cannot do that.
    #[error("this line cannot do that")]
    NotOffered,
    /// Nothing was said, because there is no voice to say it with; the call is still up.
    #[error("there is no voice to say it with")]
    NoVoice,
}

/// An answered call.
#[async_trait]
pub trait Line: Send + Sync {
    /// Speaks a beat, or shows it where it is a prompt; returns when that is done. Dropped before,
    /// it may break off.
    ///
    /// # Errors
    /// When the call is over, or nothing can be said.
    async fn speak(&self, beat: &Beat) -> Result<(), LineError>;

    /// Waits for the far end. After [`Heard::HungUp`] it always answers `HungUp`. Nothing is lost
    /// where it is dropped while it waits; it may be asked while something is spoken.
    async fn hear(&self) -> Heard;

    /// Whether what the callee says comes as words, or somebody picks the edges. Where neither is
    /// so, a conversation without a language model says its greeting and goodbye.
    fn hears_words(&self) -> bool {
        true
    }

    /// Shows where the conversation stands; lines without eyes ignore it.
    fn show(&self, scene: Scene) {
        let _ = scene;
    }

    /// Presses keys towards the callee.
    ///
    /// # Errors
    /// When the call is over or the line has no keys.
    async fn press(&self, digits: &str) -> Result<(), LineError> {
        let _ = digits;
        Err(LineError::NotOffered)
    }

    /// Hangs up from the agent's side.
    async fn hang_up(&self);
}
