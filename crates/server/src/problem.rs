//! The one way an error leaves this server: the compatible API's `detail` with RFC 9457 members
//! beside it. Rendering waits until the outermost layer knows the request's id, so a problem rides
//! on the response as an extension until then. Internal causes go to the log, never in here.

use crate::body::BodyError;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};
use switchhook_core::ErrorCode;
use switchhook_core::ids::RunId;
use switchhook_core::ports::{SecretsProblem, StoreError};

/// An error as clients see it.
#[derive(Clone, Debug)]
pub struct Problem {
    pub status: StatusCode,
    pub code: ErrorCode,
    /// A text, FastAPI's list, or the validation object of contract §3.3.
    pub detail: Value,
    pub run_id: Option<RunId>,
    /// Why somebody disabled what was asked for, in their own words.
    pub reason: Option<Box<str>>,
    /// Seconds, for 429 and 503.
    pub retry_after: Option<u32>,
}

impl Problem {
    /// A problem with the reference's text.
    pub fn new(status: StatusCode, code: ErrorCode, detail: impl Into<Value>) -> Self {
        Self {
            status,
            code,
            detail: detail.into(),
            run_id: None,
            reason: None,
            retry_after: None,
        }
    }

    /// The run that exists in spite of the problem.
    #[must_use]
    pub fn with_run(self, run_id: RunId) -> Self {
        Self {
            run_id: Some(run_id),
            ..self
        }
    }

    /// Why somebody disabled what was asked for.
    #[must_use]
    pub fn because(self, reason: Option<String>) -> Self {
        let reason = reason.map(String::into_boxed_str);
        Self { reason, ..self }
    }

    /// When it is worth trying again, in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u32) -> Self {
        Self {
            retry_after: Some(seconds),
            ..self
        }
    }

    /// The reference's answer to a path it does not know.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, "Not Found")
    }

    /// 401 of the trigger routes.
    #[must_use]
    pub fn invalid_api_key() -> Self {
        let detail = "Invalid API key";
        Self::new(StatusCode::UNAUTHORIZED, ErrorCode::InvalidApiKey, detail)
    }

    /// Something broke in here. The cause goes to the log.
    pub fn internal(cause: &dyn std::fmt::Display) -> Self {
        tracing::error!(%cause, "internal error");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            ErrorCode::Internal,
            "Internal Server Error",
        )
    }

    /// The JSON text of the reply.
    #[must_use]
    pub fn body(&self, request_id: &str) -> String {
        let code = self.code.as_str();
        let mut members = Map::new();
        members.insert("detail".to_owned(), self.detail.clone());
        members.insert(
            "type".to_owned(),
            format!("urn:switchhook:problem:{code}").into(),
        );
        members.insert(
            "title".to_owned(),
            self.status.canonical_reason().unwrap_or("Error").into(),
        );
        members.insert("status".to_owned(), self.status.as_u16().into());
        members.insert("code".to_owned(), code.into());
        members.insert("request_id".to_owned(), request_id.into());
        if let Some(run_id) = self.run_id {
            members.insert("workflow_run_id".to_owned(), run_id.0.into());
        }
        if let Some(reason) = &self.reason {
            members.insert("reason".to_owned(), reason.as_ref().into());
        }
        Value::Object(members).to_string()
    }

    /// The whole reply.
    #[must_use]
    pub fn render(&self, request_id: &str) -> Response {
        let json = [(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        )];
        let mut response = (self.status, json, self.body(request_id)).into_response();
        if let Some(seconds) = self.retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        let (status, code) = match &error {
            BodyError::InvalidJson { .. } | BodyError::Fields(_) => {
                (StatusCode::UNPROCESSABLE_ENTITY, ErrorCode::InvalidRequest)
            }
            BodyError::Unparseable => (StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest),
            BodyError::TooDeep => (StatusCode::BAD_REQUEST, ErrorCode::BodyTooDeep),
        };
        Self::new(status, code, error.detail())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Unavailable(_) | StoreError::Newer { .. } => {
                tracing::error!(%error, "the store failed");
                let detail = "The database cannot be used right now; nothing was dialled";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, error.code(), detail).retry_after(5)
            }
            StoreError::PathTaken { .. }
            | StoreError::NameTaken
            | StoreError::NumberTaken { .. }
            | StoreError::InUse => Self::new(StatusCode::CONFLICT, error.code(), error.to_string()),
        }
    }
}

impl From<SecretsProblem> for Problem {
    fn from(problem: SecretsProblem) -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::SecretStoreUnavailable,
            problem.to_string(),
        )
    }
}
