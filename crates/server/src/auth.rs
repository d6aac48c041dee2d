//! Who asks. Three kinds: a program with an API key, a browser that was signed in by a link, and
//! the window in this process. Loopback proves nothing: a tunnelled request comes from 127.0.0.1.
//! A key acts in its own workspace; a person in the first, or in the one that a header names.
//!
//! A wrong key costs what a right one costs: whatever was sent is hashed, and the hash is looked up
//! once. Nothing is compared with a key.

use crate::app::App;
use crate::problem::Problem;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use switchhook_core::ErrorCode;
use switchhook_core::api_key::{ApiKey, Caller, KeyHash};
use switchhook_core::ids::WorkspaceId;
use switchhook_store::hash_key;

/// The header of every key.
pub const API_KEY: &str = "x-api-key";
/// A header that no foreign page can send without asking first; browsers' unsafe requests carry it.
pub const WINDOW: &str = "x-switchhook";
/// The workspace that a person acts in, by its id; the first without it.
pub const WORKSPACE: &str = "x-switchhook-workspace";
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

/// Hashes what was sent and asks once, whether it is a key or not.
async fn look_up<T, F>(headers: &HeaderMap, ask: impl FnOnce(KeyHash) -> F) -> Option<T>
where
    F: Future<Output = T>,
{
    let hash = key_hash(headers)?;
    Some(ask(hash).await)
}

/// The key that a request carries, looked up.
///
/// # Errors
/// 503 when the store cannot be read.
pub async fn key(app: &App, headers: &HeaderMap) -> Result<Option<ApiKey>, Problem> {
    let found = look_up(headers, |hash| app.store.api_key_by_hash(hash)).await;
    let now = app.clock.now();
    let key = found.transpose()?.flatten();
    let key = key.filter(|key| key.is_active(now));
    if let Some(key) = &key {
        app.store.touch_api_key(key.id, now);
    }
    Ok(key)
}

/// The person at the window or at a signed-in browser.
///
/// # Errors
/// 403 for an unsafe request of a browser without the header that foreign pages cannot send, 404
/// for a workspace that there is not.
pub async fn person(app: &App, parts: &Parts) -> Result<Option<Caller>, Problem> {
    if parts.extensions.get::<InProcess>().is_none() {
        if !session(&parts.headers).any(|token| app.sign_in.is_session(token)) {
            return Ok(None);
        }
        let is_safe = matches!(parts.method, Method::GET | Method::HEAD);
        if !is_safe && !parts.headers.contains_key(WINDOW) {
            return Err(denied());
        }
    }
    Ok(Some(Caller::Person(chosen(app, &parts.headers).await?)))
}

/// The workspace that a person chose.
async fn chosen(app: &App, headers: &HeaderMap) -> Result<WorkspaceId, Problem> {
    let Some(asked) = headers.get(WORKSPACE) else {
        return Ok(app.home);
    };
    let workspaces = app.store.workspaces().await?;
    let mut ids = workspaces.into_iter().map(|workspace| workspace.id);
    ids.find(|id| names(asked, *id)).ok_or_else(|| {
        let detail = "Workspace not found";
        Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
    })
}

fn names(asked: &HeaderValue, id: WorkspaceId) -> bool {
    asked
        .to_str()
        .is_ok_and(|text| text.trim() == id.to_string())
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

    /// Whether it is the person at the window or at a signed-in browser.
    pub fn is_person(&self) -> bool {
        matches!(self.0, Caller::Person(_))
    }

    /// What belongs to the whole server is the person's alone.
    ///
    /// # Errors
    /// 403 for a key.
    pub fn must_be_person(&self) -> Result<(), Problem> {
        if self.is_person() {
            Ok(())
        } else {
            Err(denied())
        }
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
            let is_elsewhere = |asked| !names(asked, key.workspace_id);
            if !key.may_manage() || parts.headers.get(WORKSPACE).is_some_and(is_elsewhere) {
                return Err(denied());
            }
            return Ok(Self(Caller::Key(key)));
        }
        person(app, parts)
            .await?
            .map(Self)
            .ok_or_else(|| no_login(&parts.headers))
    }
}

/// Nobody logs in here: whatever stands in `Authorization` opens nothing (contract §2).
fn no_login(headers: &HeaderMap) -> Problem {
    let sent = headers
        .get(header::AUTHORIZATION)
        .map(HeaderValue::as_bytes);
    unauthorized(match sent {
        None | Some(b"") => "Authorization header required",
        Some(b"Bearer" | b"Bearer ") => "Invalid authorization token",
        Some(_) => "Invalid or expired token",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whatever_is_sent_as_a_key_is_hashed_and_asked_for_once() {
        let right = "dgr_0123456789012345678901234567890123456789012";
        let long = "x".repeat(8000);
        for sent in [right, "dgr_wrong", "x", "", " ", &long] {
            let value = HeaderValue::from_str(sent).expect("a header");
            let mut headers = HeaderMap::new();
            headers.insert(API_KEY, value);
            let mut asked = Vec::new();
            let ask = |hash: KeyHash| {
                asked.push(hash);
                std::future::ready(())
            };
            assert!(look_up(&headers, ask).await.is_some());
            assert!(asked == [hash_key(sent)], "{sent}");
        }
    }
}
