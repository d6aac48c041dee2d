//! Whether this server is really reached by the addresses that it is said to be reached by. It asks
//! its own health route through each of them, with a token in a header, and believes only that the
//! question came in here: what else answers there, and how, is told to nobody. The addresses are its
//! own listeners' and the public base URL of the settings, never one that a request names, so that
//! this is no way to look around in a network.

use reqwest::{Client, redirect};
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Carries the token.
pub const CHECK: &str = "x-switchhook-check";
/// Longest wait for an answer; a tunnel may have far to go.
const PATIENCE: Duration = Duration::from_secs(5);
const CONNECT_PATIENCE: Duration = Duration::from_secs(3);

/// From where an address is meant to be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    ThisComputer,
    Network,
    Outside,
    Control,
}

impl Place {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ThisComputer => "this-computer",
            Self::Network => "network",
            Self::Outside => "outside",
            Self::Control => "control",
        }
    }
}

/// What became of a question to oneself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// It came in here.
    Here,
    /// Something else answered.
    Elsewhere,
    /// It was sent on to another address, which is not followed.
    Redirected,
    /// Nothing answered in time, or not with a certificate that is trusted.
    Silent,
}

impl Reached {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Here => "reached",
            Self::Elsewhere => "elsewhere",
            Self::Redirected => "redirected",
            Self::Silent => "silent",
        }
    }
}

/// Questions to oneself that are under way: token → whether it came in.
#[derive(Default)]
pub struct Reach(Mutex<HashMap<String, bool>>);

impl Reach {
    /// A panic while holding the lock cannot leave the map half changed.
    fn lock(&self) -> MutexGuard<'_, HashMap<String, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The health route was asked with this token, which may be anybody's.
    pub fn came_in(&self, token: &str) {
        if let Some(came) = self.lock().get_mut(token) {
            *came = true;
        }
    }

    /// Asks oneself through an address.
    pub async fn ask(&self, base: &str, place: Place) -> Reached {
        let question = Question::new(self);
        let status = ask(base, place, &question.token).await;
        let came = question.came_in();
        match status {
            Some(200) if came => Reached::Here,
            Some(300..=399) => Reached::Redirected,
            Some(_) => Reached::Elsewhere,
            None => Reached::Silent,
        }
    }
}

/// A question under way. Whoever waits for it may go away, and then it is forgotten too.
struct Question<'a> {
    reach: &'a Reach,
    token: String,
}

impl<'a> Question<'a> {
    fn new(reach: &'a Reach) -> Self {
        let token = uuid::Uuid::new_v4().simple().to_string();
        reach.lock().insert(token.clone(), false);
        Self { reach, token }
    }

    fn came_in(&self) -> bool {
        self.reach.lock().get(&self.token).copied().unwrap_or(false)
    }
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.reach.lock().remove(&self.token);
    }
}

/// The status of the answer.
async fn ask(base: &str, place: Place, token: &str) -> Option<u16> {
    let builder = Client::builder()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_PATIENCE)
        .timeout(PATIENCE)
        .referer(false)
        .user_agent(concat!("switchhook/", env!("CARGO_PKG_VERSION")));
    // A proxy of this machine leads outside, not back.
    let builder = if place == Place::Outside {
        builder
    } else {
        builder.no_proxy()
    };
    let client = builder.build().ok()?;
    let url = format!("{}/api/v1/health", base.trim_end_matches('/'));
    let sent = client.get(url).header(CHECK, token).send().await;
    match sent {
        Ok(response) => Some(response.status().as_u16()),
        Err(error) => {
            let error = error.without_url();
            tracing::debug!(%error, place = place.as_str(), "this server is not reached");
            None
        }
    }
}

/// The address by which a listener is reached from this computer itself.
#[must_use]
pub fn from_here(listens: SocketAddr) -> SocketAddr {
    let ip = match listens.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listens.port())
}

/// The address by which a listener is reached from the network, if it listens there.
#[must_use]
pub fn from_network(listens: SocketAddr) -> Option<SocketAddr> {
    let ip = match listens.ip() {
        ip if ip.is_loopback() => return None,
        ip if ip.is_unspecified() => own_address()?,
        ip => ip,
    };
    Some(SocketAddr::new(ip, listens.port()))
}

/// The address of this computer on the way to other networks. Nothing is sent: a datagram socket
/// that is connected only learns its own address (the far one is of RFC 5737, for documents).
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_loopback() && !ip.is_unspecified()).then_some(ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_listener_on_every_address_is_reached_here_by_loopback() {
        assert_eq!(from_here(address("0.0.0.0:9")), address("127.0.0.1:9"));
        assert_eq!(from_here(address("10.0.0.1:9")), address("10.0.0.1:9"));
    }

    #[test]
    fn a_listener_on_loopback_is_not_reached_from_the_network() {
        assert_eq!(from_network(address("127.0.0.1:9")), None);
        assert_eq!(from_network(address("[::1]:9")), None);
        let own = Some(address("10.0.0.1:9"));
        assert_eq!(from_network(address("10.0.0.1:9")), own);
    }

    #[test]
    fn only_a_token_that_was_sent_out_counts() {
        let reach = Reach::default();
        let question = Question::new(&reach);
        reach.came_in("b");
        assert!(!question.came_in());
        reach.came_in(&question.token);
        assert!(question.came_in() && reach.lock().len() == 1);
        drop(question);
        assert!(reach.lock().is_empty(), "nobody waits for it any more");
    }
}
