//! Signing a browser in: a link that works once, for five minutes, buys a session cookie. Both are
//! random, kept only as hashes and only in memory, so that they end with the server. Nothing else
//! about the person is known or stored.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

/// How long a link works.
const LINK_LIFE: SignedDuration = SignedDuration::from_mins(5);
/// More than anybody opens. A link beyond it does not work; a session beyond it ends the oldest.
const MOST: usize = 256;

type Hash = [u8; 32];

#[derive(Default)]
struct Open {
    links: HashMap<Hash, Timestamp>,
    /// Oldest first.
    sessions: VecDeque<Hash>,
}

/// See the module.
#[derive(Default)]
pub struct SignIn(Mutex<Open>);

fn hash(token: &str) -> Hash {
    Sha256::digest(token.as_bytes()).into()
}

/// 256 random bits as text.
///
/// # Panics
/// Where the operating system has no randomness: nothing may be signed in then.
fn mint() -> String {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    URL_SAFE_NO_PAD.encode(bytes)
}

impl SignIn {
    /// A new link token.
    pub fn link(&self, now: Timestamp) -> String {
        let token = mint();
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.links.retain(|_, end| now < *end);
        if open.links.len() < MOST {
            open.links.insert(hash(&token), now + LINK_LIFE);
        }
        token
    }

    /// Turns a link token into a session token, once.
    pub fn redeem(&self, token: &str, now: Timestamp) -> Option<String> {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let end = open.links.remove(&hash(token))?;
        if now >= end {
            return None;
        }
        if open.sessions.len() >= MOST {
            open.sessions.pop_front();
        }
        let session = mint();
        open.sessions.push_back(hash(&session));
        Some(session)
    }

    /// Whether a session token is one of ours.
    pub fn is_session(&self, token: &str) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .sessions
            .contains(&hash(token))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_buys_one_session() {
        let (sign_in, now) = (SignIn::default(), Timestamp::UNIX_EPOCH);
        let link = sign_in.link(now);
        let session = sign_in.redeem(&link, now).expect("a session");
        assert!(sign_in.is_session(&session));
        assert!(sign_in.redeem(&link, now).is_none());
        assert!(!sign_in.is_session(&link));
    }

    #[test]
    fn a_link_ends_after_five_minutes() {
        let (sign_in, now) = (SignIn::default(), Timestamp::UNIX_EPOCH);
        let link = sign_in.link(now);
        assert!(sign_in.redeem(&link, now + LINK_LIFE).is_none());
    }

    #[test]
    fn one_session_too_many_ends_the_oldest() {
        let (sign_in, now) = (SignIn::default(), Timestamp::UNIX_EPOCH);
        let session = || {
            let link = sign_in.link(now);
            sign_in.redeem(&link, now).expect("a session")
        };
        let (first, second) = (session(), session());
        for _ in 3..=MOST {
            session();
        }
        assert!(sign_in.is_session(&first));
        let last = session();
        assert!(!sign_in.is_session(&first));
        assert!(sign_in.is_session(&second) && sign_in.is_session(&last));
    }
}
