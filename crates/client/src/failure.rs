//! Why no answer came, in words that a program can act on. Found by the types of the errors
//! beneath, never by their texts; the text is for people and never holds a key or a URL's query.

use std::error::Error;
use std::fmt;

/// What kept the answer away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The path or the address is not one that may be asked.
    NotAllowed,
    /// No connection: the name is unknown, nobody listens, or the network is down.
    NoNetwork,
    /// The certificate or the handshake was refused.
    Tls,
    /// The request may have arrived; the answer did not, or not in time.
    NoAnswer,
    /// The answer is larger than is read.
    TooLarge,
}

impl Cause {
    /// The word on the wire to the window.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::NotAllowed => "invalid-request",
            Self::NoNetwork => "no-network",
            Self::Tls => "tls",
            Self::NoAnswer => "unreachable",
            Self::TooLarge => "answer-too-large",
        }
    }
}

/// No answer.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub cause: Cause,
    /// A sentence for people.
    pub message: String,
}

impl Failure {
    pub(crate) fn not_allowed(message: impl Into<String>) -> Self {
        Self {
            cause: Cause::NotAllowed,
            message: message.into(),
        }
    }

    pub(crate) fn too_large(most: usize) -> Self {
        Self {
            cause: Cause::TooLarge,
            message: format!("the answer is larger than {} MB", most / 1024 / 1024),
        }
    }

    pub(crate) fn no_stream() -> Self {
        Self {
            cause: Cause::NoAnswer,
            message: "the instance has no live events".to_owned(),
        }
    }

    pub(crate) fn from_body(error: &(dyn Error + 'static)) -> Self {
        Self {
            cause: Cause::NoAnswer,
            message: format!("the answer broke off: {}", Causes(error)),
        }
    }

    /// Takes the URL out: it is known, and its query may hold anything.
    pub(crate) fn from_reqwest(error: reqwest::Error) -> Self {
        let error = error.without_url();
        // Once there is a connection the request may have arrived, whatever breaks it then.
        let cause = if !error.is_connect() {
            Cause::NoAnswer
        } else if has::<rustls::Error>(&error) {
            Cause::Tls
        } else {
            Cause::NoNetwork
        };
        let message = match cause {
            Cause::Tls => format!("the certificate was not accepted: {}", deepest(&error)),
            Cause::NoNetwork if error.is_timeout() => "nothing answers at that address".to_owned(),
            Cause::NoNetwork => deepest(&error).to_string(),
            _ if error.is_timeout() => "no answer came in time".to_owned(),
            _ => Causes(&error).to_string(),
        };
        Self { cause, message }
    }
}

/// Whether an error of a type lies anywhere beneath. An `io::Error` hides what it carries from
/// `source`, so that is looked into as well.
fn has<E: Error + 'static>(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.is::<E>() {
            return true;
        }
        let carried = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        if carried.is_some_and(|carried| has::<E>(carried)) {
            return true;
        }
        next = error.source();
    }
    false
}

fn deepest<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut deepest = error;
    while let Some(source) = deepest.source() {
        deepest = source;
    }
    deepest
}

/// An error and what lies beneath it, on one line.
struct Causes<'a>(&'a (dyn Error + 'static));

impl fmt::Display for Causes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut next = self.0.source();
        while let Some(error) = next {
            write!(f, ": {error}")?;
            next = error.source();
        }
        Ok(())
    }
}
