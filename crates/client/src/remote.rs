//! An instance over the network. Nothing is ever sent twice by itself: no retries, no redirects,
//! and a request that dials uses a connection of its own, because a connection that was idle may be
//! closed by the other side at the very moment it is used, which leaves open whether the request
//! arrived.

use crate::failure::Failure;
use crate::{Base, Body};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, header};
use http_body_util::BodyExt;
use reqwest::redirect;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

const API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// From sending to the end of the answer.
const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);
/// A trigger's answer waits for the carrier.
const DIAL_TIMEOUT: Duration = Duration::from_secs(60);
/// What the window may send along; everything else is this crate's to say.
const PASSED_ON: [HeaderName; 5] = [
    header::ACCEPT,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("last-event-id"),
];

/// See the module. Cheap to clone.
#[derive(Clone)]
pub struct Remote(Arc<Inner>);

struct Inner {
    base: Base,
    key: Option<HeaderValue>,
    reads: reqwest::Client,
    dials: reqwest::Client,
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Remote({})", self.0.base)
    }
}

impl Remote {
    /// An instance at an address, with the key that opens it.
    ///
    /// # Errors
    /// The key holds characters that no header can carry, or TLS cannot be set up.
    pub fn new(base: Base, key: Option<&SecretString>) -> Result<Self, Failure> {
        let header = |key: &SecretString| {
            let mut value = HeaderValue::from_str(key.expose_secret().trim()).map_err(|_| {
                Failure::not_allowed("the API key holds characters that a key cannot have")
            })?;
            value.set_sensitive(true);
            Ok(value)
        };
        let key = key.map(header).transpose()?;
        let reads = client(&base).build().map_err(Failure::from_reqwest)?;
        let dials = client(&base)
            .pool_max_idle_per_host(0)
            .build()
            .map_err(Failure::from_reqwest)?;
        Ok(Self(Arc::new(Inner {
            base,
            key,
            reads,
            dials,
        })))
    }

    /// Where it is.
    #[must_use]
    pub fn base(&self) -> &Base {
        &self.0.base
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, Failure> {
        let url = self.0.base.join(request.uri())?;
        let dials = is_dial(request.method(), request.uri().path());
        let (head, body) = request.into_parts();
        let client = if dials { &self.0.dials } else { &self.0.reads };
        let mut outgoing = client.request(head.method, url).body(body);
        for name in PASSED_ON {
            if let Some(value) = head.headers.get(&name) {
                outgoing = outgoing.header(name, value);
            }
        }
        if let Some(key) = &self.0.key {
            outgoing = outgoing.header(API_KEY, key);
        }
        if dials {
            outgoing = outgoing.timeout(DIAL_TIMEOUT);
        } else if !is_stream(&head.headers) {
            outgoing = outgoing.timeout(TOTAL_TIMEOUT);
        }
        let response: Response<reqwest::Body> =
            outgoing.send().await.map_err(Failure::from_reqwest)?.into();
        Ok(response.map(|body| Body::new(body.map_err(|error| error.without_url().into()))))
    }
}

fn client(base: &Base) -> reqwest::ClientBuilder {
    // Somebody may have chosen already; then that one is used.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(CONNECT_TIMEOUT)
        .referer(false)
        .user_agent(concat!("switchhook/", env!("CARGO_PKG_VERSION")));
    // A proxy for the outside has no way to a private network, and need not see its keys.
    if base.is_private() {
        client.no_proxy()
    } else {
        client
    }
}

fn is_dial(method: &Method, path: &str) -> bool {
    *method == Method::POST && path.starts_with("/api/v1/public/agent/")
}

/// A stream of events has no end to wait for; its reader notices silence.
fn is_stream(headers: &http::HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .is_some_and(|accept| accept == "text/event-stream")
}
