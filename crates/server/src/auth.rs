//! Who asks. Three kinds: a program with an API key, a browser that was signed in by a link, and
//! the window in this process. Loopback proves nothing: a tunnelled request comes from 127.0.0.1.

use crate::app::App;
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use switchhook_core::ErrorCode;
use switchhook_core::api_key::{ApiKey, Caller, KeyHash, Scope};
use switchhook_core::ids::WorkspaceId;
use switchhook_store::hash_key;

/// The header of every key.
pub const API_KEY: &str = "x-api-key";
/// A header that no foreign page can send without asking first; browsers' unsafe requests carry it.
pub const WINDOW: &str = "x-switchhook";
/// The cookie's name; cookies are shared between ports, so the port would not make it ours alone.
pub const COOKIE: &str = "switchhook_session";

/// Marks requests of the window in this process. Only [`crate::Running::local`] sets it.
#[derive(Clone, Copy)]
pub struct InProcess;

/// The hash of the key that a request carries. Keys are ASCII; anything else is hashed like any
/// wrong key.
#[must_use]
pub fn key_hash(headers: &HeaderMap) -> Option<KeyHash> {
    let raw = headers.get(API_KEY)?;
    Some(hash_key(&String::from_utf8_lossy(raw.as_bytes())))
}

/// The key that a request carries, looked up.
///
/// # Errors
/// 503 when the store cannot be read.
pub async fn key(app: &App, headers: &HeaderMap) -> Result<Option<ApiKey>, Problem> {
    let Some(hash) = key_hash(headers) else {
        return Ok(None);
    };
    let now = app.clock.now();
    let key = app
        .store
        .api_key_by_hash(hash)
        .await?
        .filter(|key| key.is_active(now));
    if let Some(key) = &key {
        app.store.touch_api_key(key.id, now);
    }
    Ok(key)
}

/// The person at the window or at a signed-in browser.
///
/// # Errors
/// 403 for an unsafe request of a browser without the header that foreign pages cannot send.
pub fn person(app: &App, parts: &Parts) -> Result<Option<Caller>, Problem> {
    if parts.extensions.get::<InProcess>().is_some() {
        return Ok(Some(Caller::Person(app.home)));
    }
    if !session(&parts.headers).any(|token| app.sign_in.is_session(token)) {
        return Ok(None);
    }
    let is_safe = matches!(parts.method, Method::GET | Method::HEAD);
    if !is_safe && !parts.headers.contains_key(WINDOW) {
        return Err(denied());
    }
    Ok(Some(Caller::Person(app.home)))
}

fn session(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let cookies = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let pairs = cookies
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .filter(|(name, _)| *name == COOKIE)
        .map(|(_, token)| token)
}

fn denied() -> Problem {
    Problem::new(
        StatusCode::FORBIDDEN,
        ErrorCode::AccessDenied,
        "Access denied",
    )
}

/// 401 in the words of the compatible management routes (contract §2).
pub fn unauthorized(detail: &str) -> Problem {
    let code = if detail.starts_with("Invalid") {
        ErrorCode::InvalidApiKey
    } else {
        ErrorCode::SignInRequired
    };
    Problem::new(StatusCode::UNAUTHORIZED, code, detail)
}

/// Whoever may manage: extracting it is the check of every control route.
pub struct Manager(pub Caller);

impl Manager {
    /// The workspace that everything asked for belongs to.
    pub fn workspace_id(&self) -> WorkspaceId {
        self.0.workspace_id()
    }
}

impl FromRequestParts<App> for Manager {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        // A non-empty key wins over everything else (contract §2).
        if parts
            .headers
            .get(API_KEY)
            .is_some_and(|value| !value.is_empty())
        {
            let key = key(app, &parts.headers)
                .await?
                .ok_or_else(|| unauthorized("Invalid or expired API key"))?;
            if key.scope != Scope::Manage {
                return Err(denied());
            }
            return Ok(Self(Caller::Key(key)));
        }
        person(app, parts)?
            .map(Self)
            .ok_or_else(|| unauthorized("Authorization header required"))
    }
}
