//! What the domain needs from outside, as traits: kept here so that the engine can be built and
//! tested against anything that fulfils them. `store` fulfils [`Store`], [`Secrets`] and
//! [`Vault`], `dialers` fulfils [`Dialer`] and [`Line`]; the server wires them. No implementation
//! here.

mod dialer;
mod line;
mod secrets;
mod store;

pub use dialer::{
    Account, CallEvent, CallRef, CallSink, CallWord, CallbackReply, CallbackRequest, Callbacks,
    DialError, DialRequest, Dialed, Dialer, Exchange, ExchangeKind, HangUpError, LookUp, Proof,
    Refusal,
};
pub use line::{Heard, Line, LineError, Scene};
pub use secrets::{Secrets, SecretsProblem, Vault};
pub use store::*;

/// The time, passed in wherever it is needed.
pub trait Clock: Send + Sync {
    /// Now, in UTC.
    fn now(&self) -> jiff::Timestamp;
}
