//! How carriers are reached over HTTP. The seam is here because one rule must hold for all of
//! them: *the client that dials has retries and redirects off and reuses no idle connection*, and
//! what broke must tell whether the request can have arrived. Everything that is put into words
//! here is free of URLs, because carriers carry account ids in theirs. What a status or a body
//! means is each carrier's own.

use jiff::Timestamp;
use reqwest::{Client, RequestBuilder, Response, Url, header, redirect};
use std::error::Error;
use std::net::IpAddr;
use std::time::Duration;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Bounds a dial whose caller forgot to; callers bound it more tightly.
const DIAL_TIMEOUT: Duration = Duration::from_secs(30);
/// Longest look-up or hang-up, its answer's body included.
const ASK_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest body that is read.
const LONGEST_BODY: usize = 64 * 1024;
/// How many causes of an error are followed to the innermost one.
const CAUSES: usize = 16;

/// The clients that all carriers share.
pub struct Http {
    outside: Clients,
    /// A proxy has no way to this machine or its own network, and must not see what goes there
    /// unencrypted.
    near: Clients,
}

struct Clients {
    dials: Client,
    asks: Client,
}

/// The clients could not be set up: the system's trusted certificates cannot be read, say.
#[derive(Debug, thiserror::Error)]
#[error("no TLS connections can be made: {0}")]
pub struct NoTls(String);

impl Http {
    /// # Errors
    /// When TLS cannot be set up on this machine.
    pub fn new() -> Result<Self, NoTls> {
        // Somebody may have chosen already; then that one is used.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let clients = |is_outside: bool| -> reqwest::Result<Clients> {
            Ok(Clients {
                dials: builder(is_outside)
                    .pool_max_idle_per_host(0)
                    .timeout(DIAL_TIMEOUT)
                    .build()?,
                asks: builder(is_outside).timeout(ASK_TIMEOUT).build()?,
            })
        };
        let clients = |is_outside| clients(is_outside).map_err(|error| NoTls(innermost(&error)));
        Ok(Self {
            outside: clients(true)?,
            near: clients(false)?,
        })
    }

    /// For a request that makes a phone ring.
    pub(crate) fn dials(&self, base: &Base) -> &Client {
        &self.clients(base).dials
    }

    /// For every other request.
    pub(crate) fn asks(&self, base: &Base) -> &Client {
        &self.clients(base).asks
    }

    fn clients(&self, base: &Base) -> &Clients {
        if base.is_near {
            &self.near
        } else {
            &self.outside
        }
    }
}

fn builder(is_outside: bool) -> reqwest::ClientBuilder {
    let builder = Client::builder()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        .referer(false)
        .user_agent(concat!("switchhook/", env!("CARGO_PKG_VERSION")));
    if is_outside {
        builder
    } else {
        builder.no_proxy()
    }
}

/// Where a carrier's API is: a scheme and a host, perhaps with a path in front of the carrier's
/// own.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    url: Url,
    /// On this machine, or reached without encryption in the same network.
    is_near: bool,
}

/// Why a base URL is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BaseError {
    #[error("the base URL of the telephony configuration is not a web address")]
    Form,
    #[error(
        "the base URL of the telephony configuration must begin with https: credentials go there"
    )]
    Unencrypted,
    #[error(
        "the address must begin with https, or be one of the same network (10.…, 172.16.…, 192.168.…): the password goes there"
    )]
    UnencryptedFarAway,
}

/// Endings of names that no name server of the internet knows (RFC 6762, RFC 8375, RFC 9476).
const LOCAL_NAMES: [&str; 5] = [".local", ".lan", ".internal", ".home.arpa", ".test"];

/// Whether a host is in the network of this machine, as far as its name or address tells.
fn is_private(host: &str) -> bool {
    match host.trim_matches(['[', ']']).parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_private() || address.is_link_local(),
        Ok(IpAddr::V6(address)) => address.is_unique_local() || address.is_unicast_link_local(),
        Err(_) => !host.contains('.') || LOCAL_NAMES.iter().any(|ending| host.ends_with(ending)),
    }
}

impl Base {
    /// Reads a base URL. It must be https unless it is on this machine, and hold nothing but
    /// scheme, host, port and path.
    pub fn parse(text: &str) -> Result<Self, BaseError> {
        let base = Self::read(text)?;
        match base.url.scheme() {
            "http" if !base.is_near => Err(BaseError::Unencrypted),
            _ => Ok(base),
        }
    }

    /// The same for what stands in the user's own network, where encryption is seldom set up: it
    /// must be https unless it is on this machine or has a private address.
    pub fn parse_near(text: &str) -> Result<Self, BaseError> {
        let base = Self::read(text)?;
        let is_near = base.is_near || base.url.host_str().is_some_and(is_private);
        match base.url.scheme() {
            "http" if !is_near => Err(BaseError::UnencryptedFarAway),
            "http" => Ok(Self { is_near, ..base }),
            _ => Ok(base),
        }
    }

    fn read(text: &str) -> Result<Self, BaseError> {
        let url = Url::parse(text.trim()).map_err(|_| BaseError::Form)?;
        let host = url.host_str().ok_or(BaseError::Form)?;
        let is_loopback = host == "localhost"
            || host
                .trim_matches(['[', ']'])
                .parse::<IpAddr>()
                .is_ok_and(|address| address.is_loopback());
        let is_bare = url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        match url.scheme() {
            "https" | "http" if is_bare => {}
            _ => return Err(BaseError::Form),
        }
        Ok(Self {
            url,
            is_near: is_loopback,
        })
    }

    /// An address below the base; every segment is encoded.
    pub fn join<'a>(&self, segments: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.url.clone();
        url.path_segments_mut()
            .expect("an http address has a path")
            .pop_if_empty()
            .extend(segments);
        url
    }
}

/// An answer, whatever its status.
pub(crate) struct Answer {
    pub status: u16,
    /// When the carrier says it answered; whole seconds.
    pub date: Option<Timestamp>,
    pub body: Vec<u8>,
    /// Whether `body` is all of it: it may be too long or have broken off.
    pub is_whole: bool,
}

/// Why there is no answer, in words.
#[derive(Debug)]
pub(crate) enum Lost {
    /// No connection came about, so nothing was sent.
    Unsent(String),
    /// The request may have arrived.
    Unanswered(String),
}

impl Lost {
    pub fn into_words(self) -> String {
        match self {
            Self::Unsent(words) | Self::Unanswered(words) => words,
        }
    }
}

/// Sends once and reads the answer.
pub(crate) async fn send(request: RequestBuilder) -> Result<Answer, Lost> {
    fetch(request, LONGEST_BODY).await
}

/// The same, with a longest body of its own.
pub(crate) async fn fetch(request: RequestBuilder, longest: usize) -> Result<Answer, Lost> {
    let response = request
        .send()
        .await
        .map_err(|error| lost(&error.without_url()))?;
    let status = response.status().as_u16();
    let date = response
        .headers()
        .get(header::DATE)
        .and_then(|date| timestamp(date.to_str().ok()?));
    let (body, is_whole) = read(response, longest).await;
    Ok(Answer {
        status,
        date,
        body,
        is_whole,
    })
}

async fn read(mut response: Response, longest: usize) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= longest => {
                body.extend_from_slice(&chunk);
            }
            Ok(Some(chunk)) => {
                body.extend_from_slice(&chunk[..longest - body.len()]);
                return (body, false);
            }
            Ok(None) => return (body, true),
            Err(_) => return (body, false),
        }
    }
}

/// Reads a time as mail and HTTP headers write it (RFC 2822, RFC 9110 §5.6.7).
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text)
        .ok()
        .map(|zoned| zoned.timestamp())
}

/// What broke, in words without an address.
pub(crate) fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        "it does not answer in time".to_owned()
    } else {
        innermost(error)
    }
}

fn lost(error: &reqwest::Error) -> Lost {
    if error.is_builder() {
        Lost::Unsent(format!(
            "the request could not be written: {}",
            innermost(error)
        ))
    } else if error.is_connect() {
        let cause = if error.is_timeout() {
            format!(
                "no connection came about within {} s",
                CONNECT_TIMEOUT.as_secs()
            )
        } else {
            innermost(error)
        };
        Lost::Unsent(format!(
            "the carrier could not be reached, nothing was sent: {cause}"
        ))
    } else if error.is_timeout() {
        Lost::Unanswered("the carrier did not answer in time".to_owned())
    } else {
        Lost::Unanswered(format!(
            "the connection broke before the carrier answered: {}",
            innermost(error)
        ))
    }
}

fn innermost(error: &dyn Error) -> String {
    let mut cause = error;
    for _ in 0..CAUSES {
        match cause.source() {
            Some(source) => cause = source,
            None => break,
        }
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_reached_without_encryption() {
        for good in [
            "https://api.example.com",
            "https://api.example.com/v1/",
            "http://127.0.0.1:9",
            "http://[::1]:9",
            "http://localhost:9",
        ] {
            assert!(Base::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://api.example.com",
            "http://10.0.0.1",
            "http://localhost.example.com",
        ] {
            assert_eq!(
                Base::parse(bad).err(),
                Some(BaseError::Unencrypted),
                "{bad}"
            );
        }
    }

    #[test]
    fn what_stands_in_the_same_network_may_be_reached_without_encryption() {
        for good in [
            "http://192.168.1.5:8088",
            "http://10.0.0.1",
            "http://pbx:8088",
            "http://pbx.lan",
            "https://pbx.example.com",
        ] {
            assert!(Base::parse_near(good).is_ok(), "{good}");
        }
        for bad in ["http://pbx.example.com:8088", "http://8.8.8.8"] {
            let refused = Base::parse_near(bad).err();
            assert_eq!(refused, Some(BaseError::UnencryptedFarAway), "{bad}");
        }
    }

    #[test]
    fn a_base_url_holds_nothing_but_scheme_host_port_and_path() {
        for bad in [
            "",
            "api.example.com",
            "ftp://api.example.com",
            "https://me@api.example.com",
            "https://api.example.com/?a=1",
            "https://api.example.com/#a",
        ] {
            assert_eq!(Base::parse(bad).err(), Some(BaseError::Form), "{bad}");
        }
    }

    #[test]
    fn segments_are_encoded_and_follow_the_bases_own_path() {
        let base = Base::parse("https://api.example.com/eu/").expect("a base");
        assert_eq!(
            base.join(["Calls", "a/b?c.json"]).as_str(),
            "https://api.example.com/eu/Calls/a%2Fb%3Fc.json"
        );
    }
}
