//! The port to the files that a run leaves behind. Dialers write them while a call goes on, the
//! server reads them for people and programs; where they lie and what remembers them is `store`'s
//! alone, so that nobody else holds a path. A run's files are forgotten with it by the store
//! itself, so there is no call for that here.

use crate::ids::{ArtifactId, RunId};
use async_trait::async_trait;
use jiff::Timestamp;
use std::io::{Seek, Write};

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ArtifactKind {
    /// What was said: a WAV file (PCM, 16 bit, 8 kHz) of two tracks, left the callee, right the
    /// agent, both from the same moment on.
    Recording,
}

impl ArtifactKind {
    const ALL: [Self; 1] = [Self::Recording];

    /// The word in storage and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Recording => "recording",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// A finished file of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    pub id: ArtifactId,
    pub run_id: RunId,
    pub kind: ArtifactKind,
    pub bytes: u64,
    pub sha256: [u8; 32],
    /// When it was finished.
    pub created_at: Timestamp,
    /// Whether the file is still there and of its length: somebody may have deleted it, and a
    /// backup that is put back brings no files.
    pub is_there: bool,
}

/// Why there is no such file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArtifactError {
    #[error("there is no such run")]
    NoSuchRun,
    /// A run has one file of a kind, and what is finished is never replaced.
    #[error("the run has a finished file of this kind already")]
    AlreadyThere,
    /// What was written is not what its kind says, a WAV file whose header was never finished for
    /// one. Nothing is kept of it.
    #[error("what was written is not a whole file of its kind")]
    NotWhole,
    /// It was there, and its file is not any more.
    #[error("the file is gone")]
    Gone,
    /// The disk or the database; the text is for the log.
    #[error("the file cannot be used: {0}")]
    Unavailable(String),
}

/// A file being written; dropped unfinished it is removed. Its methods block: call them from a
/// thread that may wait.
pub trait NewArtifact: Write + Seek + Send {
    /// Makes it durable and part of its run, with the run's event. Allowed after the run's end.
    ///
    /// # Errors
    /// Nothing is kept then, except where only the answer of the database was lost.
    fn finish(self: Box<Self>) -> Result<(), ArtifactError>;
}

/// The files of all runs.
#[async_trait]
pub trait Artifacts: Send + Sync {
    /// Begins a file. Several may be begun for one run; the first one finished is kept.
    ///
    /// # Errors
    /// Also when the run has a finished one of this kind.
    async fn create(
        &self,
        run_id: RunId,
        kind: ArtifactKind,
    ) -> Result<Box<dyn NewArtifact>, ArtifactError>;

    /// A run's finished files; none for a run that there is not.
    ///
    /// # Errors
    /// When the database cannot be read.
    async fn of_run(&self, run_id: RunId) -> Result<Vec<Artifact>, ArtifactError>;

    /// At most so many bytes of a file from one on; fewer at its end, none behind it.
    ///
    /// # Errors
    /// [`ArtifactError::Gone`] where the file is gone or not of its length.
    async fn read(
        &self,
        artifact: ArtifactId,
        from: u64,
        at_most: usize,
    ) -> Result<Vec<u8>, ArtifactError>;
}
