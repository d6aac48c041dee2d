//! What the domain needs from outside, as traits: kept here so that the engine can be built and
//! tested against anything that fulfils them. `store` fulfils [`Store`], [`Artifacts`], [`Secrets`]
//! and [`Vault`], `dialers` fulfils [`Dialer`], [`Line`] and [`Voice`]; the server wires them. No
//! implementation here.

mod artifacts;
mod dialer;
mod line;
mod secrets;
mod store;
mod voice;

pub use artifacts::{Artifact, ArtifactError, ArtifactKind, Artifacts, NewArtifact};

pub use dialer::{
    Account, CallEvent, CallRef, CallSink, CallWord, CallbackReply, CallbackRequest, Callbacks,
    DialError, DialRequest, Dialed, Dialer, Exchange, ExchangeKind, HangUpError, LookUp, Proof,
    Refusal,
};
pub use line::{Heard, Line, LineError, Scene};
pub use secrets::{Secrets, SecretsProblem, Vault};
pub use store::*;
pub use voice::{SAMPLE_RATE, Voice, VoiceError};

/// The time, passed in wherever it is needed.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> jiff::Timestamp;
}
