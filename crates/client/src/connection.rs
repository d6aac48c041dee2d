//! The connection test: what answers at an address, and whether the key opens it. Four outcomes a
//! person can act on besides the good one; nothing is created and nothing is dialled by it.

use crate::{Answer, Cause, Failure, Instance};
use bytes::Bytes;
use http::{Method, Request, StatusCode, header};
use serde::Deserialize;
use switchhook_wire::problem::Problem;

/// A path that cannot be a trigger's: those are random UUIDs, and this one says it is version 0.
const NO_TRIGGER: &str = "/api/v1/public/agent/00000000-0000-0000-0000-000000000000";

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Ok,
    WrongUrl,
    WrongKey,
    NoNetwork,
    Tls,
}

impl Outcome {
    /// The word for the window.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::WrongUrl => "wrong-url",
            Self::WrongKey => "wrong-key",
            Self::NoNetwork => "no-network",
            Self::Tls => "tls",
        }
    }
}

/// What answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    Switchhook,
    Dograh,
}

impl Product {
    /// The word for the window.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Switchhook => "switchhook",
            Self::Dograh => "dograh",
        }
    }
}

/// The result, with a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested {
    pub outcome: Outcome,
    pub product: Option<Product>,
    pub version: Option<String>,
    pub message: String,
}

impl Tested {
    /// A result without anything known about what answers.
    #[must_use]
    pub fn failed(outcome: Outcome, message: impl Into<String>) -> Self {
        Self {
            outcome,
            product: None,
            version: None,
            message: message.into(),
        }
    }
}

impl From<Failure> for Tested {
    fn from(failure: Failure) -> Self {
        let outcome = match failure.cause {
            Cause::Tls => Outcome::Tls,
            Cause::NoNetwork => Outcome::NoNetwork,
            Cause::NotAllowed | Cause::NoAnswer | Cause::TooLarge => Outcome::WrongUrl,
        };
        Self::failed(outcome, failure.message)
    }
}

#[derive(Deserialize)]
struct Capabilities {
    product: String,
    version: String,
}

/// Both products' health; the reference's has these two (contract §10).
#[derive(Deserialize)]
struct Health {
    status: String,
    version: String,
}

/// Only a Switchhook's errors have a code beside `detail`.
fn is_ours(answer: &Answer) -> bool {
    serde_json::from_slice::<Problem>(&answer.body).is_ok()
}

/// Tests an instance.
pub async fn test(instance: &Instance) -> Tested {
    match find_out(instance).await {
        Ok(tested) => tested,
        Err(failure) => failure.into(),
    }
}

async fn find_out(instance: &Instance) -> Result<Tested, Failure> {
    let answer = ask(instance, Method::GET, "/api/switchhook/capabilities").await?;
    if let Some(elsewhere) = elsewhere(&answer) {
        return Ok(elsewhere);
    }
    if let Ok(found) = serde_json::from_slice::<Capabilities>(&answer.body)
        && answer.status == StatusCode::OK
        && found.product == "switchhook"
    {
        let (outcome, message) = (Outcome::Ok, "connected".to_owned());
        return Ok(Tested {
            outcome,
            product: Some(Product::Switchhook),
            version: Some(found.version),
            message,
        });
    }
    let health = ask(instance, Method::GET, "/api/v1/health").await?;
    if let Some(elsewhere) = elsewhere(&health) {
        return Ok(elsewhere);
    }
    let health = match serde_json::from_slice::<Health>(&health.body) {
        Ok(found) if health.status == StatusCode::OK && found.status == "ok" => found,
        _ => return Ok(stranger(health.status)),
    };
    let product = if is_ours(&answer) {
        Product::Switchhook
    } else {
        Product::Dograh
    };
    let (outcome, message) = match (product, answer.status) {
        (Product::Switchhook, StatusCode::UNAUTHORIZED) => wrong_key(),
        (Product::Switchhook, StatusCode::FORBIDDEN) => may_only_fire(),
        _ => key(instance).await?,
    };
    Ok(Tested {
        outcome,
        product: Some(product),
        version: Some(health.version),
        message,
    })
}

/// Whether the key opens the instance, found without changing anything there.
async fn key(instance: &Instance) -> Result<(Outcome, String), Failure> {
    let list = ask(instance, Method::GET, "/api/v1/user/api-keys").await?;
    match list.status {
        StatusCode::OK => return Ok((Outcome::Ok, "connected".to_owned())),
        StatusCode::UNAUTHORIZED => return Ok(wrong_key()),
        _ => {}
    }
    // A public listener takes triggers alone. The key is judged before the trigger is looked for
    // (contract §1.4), so a trigger that does not exist tells a right key (404) from a wrong one.
    let fired = ask(instance, Method::POST, NO_TRIGGER).await?;
    Ok(match fired.status {
        StatusCode::NOT_FOUND => may_only_fire(),
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => wrong_key(),
        status => (
            Outcome::WrongUrl,
            format!("the instance answers {status} instead of judging the key"),
        ),
    })
}

fn wrong_key() -> (Outcome, String) {
    (
        Outcome::WrongKey,
        "the instance does not accept this API key".to_owned(),
    )
}

fn may_only_fire() -> (Outcome, String) {
    (
        Outcome::Ok,
        "connected; with this address and key triggers can be fired, and agents not listed"
            .to_owned(),
    )
}

fn stranger(status: StatusCode) -> Tested {
    if status.is_server_error() {
        return Tested::failed(
            Outcome::NoNetwork,
            format!("the server there has a problem of its own ({status})"),
        );
    }
    Tested::failed(
        Outcome::WrongUrl,
        format!("neither a Switchhook nor a Dograh answers there ({status})"),
    )
}

/// Redirects are not followed, for the key's sake; where they lead is the way out.
fn elsewhere(answer: &Answer) -> Option<Tested> {
    let location = answer.headers.get(header::LOCATION)?.to_str().ok()?;
    let message = format!("this address leads on to {location}; use that one");
    answer
        .status
        .is_redirection()
        .then(|| Tested::failed(Outcome::WrongUrl, message))
}

async fn ask(instance: &Instance, method: Method, path: &str) -> Result<Answer, Failure> {
    let mut request = Request::builder()
        .method(&method)
        .uri(path)
        .header(header::ACCEPT, "application/json");
    let mut body = Bytes::new();
    if method == Method::POST {
        request = request.header(header::CONTENT_TYPE, "application/json");
        body = Bytes::from_static(br#"{"phone_number":"+14155550100"}"#);
    }
    let request = request
        .body(body)
        .map_err(|_| Failure::not_allowed("that path cannot be asked"))?;
    instance.ask(request).await
}
