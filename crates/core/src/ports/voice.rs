//! The port to a voice that turns the agent's words into sound, for the lines that carry sound. A
//! line without words of its own (a phone behind a PBX or a trunk) asks it; a carrier that speaks
//! itself and the desk phone do not. What is said when is the conversation's, not here.

use async_trait::async_trait;

/// Samples a second of everything that is said and recorded.
pub const SAMPLE_RATE: u32 = 8000;

/// Why nothing can be said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VoiceError {
    /// No voice is installed; the text says what to install, for people.
    #[error("{0}")]
    NotThere(String),
    /// More than is said in one breath; split it.
    #[error("the text is too long to be said at once")]
    TooLong,
    /// It is there and did not say it; the text is for the log.
    #[error("the voice failed: {0}")]
    Failed(String),
}

/// A voice.
#[async_trait]
pub trait Voice: Send + Sync {
    /// Whether it can speak now, for readiness; says nothing aloud.
    ///
    /// # Errors
    /// [`VoiceError::NotThere`] with what to install.
    async fn check(&self) -> Result<(), VoiceError>;

    /// The sound of a text: one track, [`SAMPLE_RATE`], 16 bit.
    ///
    /// # Errors
    /// Where nothing is said, the call goes on: answer the line's speaker
    /// [`LineError::NoVoice`](super::LineError::NoVoice).
    async fn say(&self, text: &str) -> Result<Vec<i16>, VoiceError>;
}
