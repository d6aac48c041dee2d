//! What a control route is given: who asks, the path, the query and the body, each read by the
//! rules of `body`. Who asks is settled before anything else is looked at, as the reference does
//! on its management routes. The body stays bytes until a handler wants it.

use crate::app::App;
use crate::auth::Manager;
use crate::body::fields::{FieldError, Fields};
use crate::body::rules::{Int, Integer, Rule, Wrong};
use crate::body::{self, BodyError};
use crate::http;
use crate::problem::Problem;
use axum::RequestExt;
use axum::body::Bytes;
use axum::extract::rejection::RawPathParamsRejection;
use axum::extract::{FromRequest, FromRequestParts, MatchedPath, Query, RawPathParams, Request};
use axum::http::header;
use axum::http::request::Parts;
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use switchhook_core::ids::WorkspaceId;
use utoipa::IntoResponses;
use utoipa::openapi::response::Response;
use utoipa::openapi::{Content, Ref, RefOr};

type Pairs = Vec<(String, String)>;

/// The parameters of a request, decoded.
pub struct Parameters {
    path: Pairs,
    query: Pairs,
}

impl Parameters {
    /// An id of the path. One that no row can have becomes 0, which no row has, so that it is
    /// answered like any unknown id.
    ///
    /// # Errors
    /// 422 when it is no integer.
    pub fn id(&self, name: &str) -> Result<i64, Problem> {
        let pairs = self.path.iter().map(|(name, value)| (name, value));
        let mut fields = Fields::path(pairs);
        let id = fields.required(name, &Int::ANY);
        Ok(fields.finish(|| id)?.id().unwrap_or(0))
    }

    /// What is wrong about ids of the path, for the errors of what follows them.
    fn wrong_ids(&self, names: &[&str]) -> Vec<FieldError> {
        let pairs = self.path.iter().map(|(name, value)| (name, value));
        let mut fields = Fields::path(pairs);
        for name in names {
            let _ = fields.required(name, &Int::ANY);
        }
        fields.into_errors()
    }

    /// An id of the path as an answer repeats it; unlike [`Parameters::id`] of any size.
    pub fn spelled_id(&self, name: &str) -> String {
        Integer::spelled(self.text(name))
    }

    /// A text of the path.
    pub fn text(&self, name: &str) -> &str {
        let found = self.path.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The query.
    pub fn query(&self) -> Fields<'static> {
        Fields::query(self.query.iter().map(|(name, value)| (name, value)))
    }
}

impl FromRequestParts<App> for Parameters {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let path = match RawPathParams::from_request_parts(parts, app).await {
            Ok(path) => path
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            // Not UTF-8: Python reads it with marks where it is not.
            Err(RawPathParamsRejection::InvalidUtf8InPathParam(_)) => lossy(parts),
            Err(_) => Pairs::new(),
        };
        let query = Query::<Pairs>::try_from_uri(&parts.uri);
        let query = query.map(|Query(query)| query).unwrap_or_default();
        Ok(Self { path, query })
    }
}

/// The parameters of a path that is not UTF-8.
fn lossy(parts: &Parts) -> Pairs {
    let Some(route) = parts.extensions.get::<MatchedPath>() else {
        return Pairs::new();
    };
    let segments = route.as_str().split('/').zip(parts.uri.path().split('/'));
    let named = segments.filter_map(|(name, segment)| {
        let name = name.strip_prefix('{')?.strip_suffix('}')?;
        let value = percent_decode_str(segment).decode_utf8_lossy();
        Some((name.to_owned(), value.into_owned()))
    });
    named.collect()
}

/// A request of somebody who may manage.
pub struct Input {
    pub by: Manager,
    pub parameters: Parameters,
    content_type: Option<String>,
    bytes: Bytes,
}

impl Input {
    /// The workspace that everything asked for belongs to.
    pub fn workspace_id(&self) -> WorkspaceId {
        self.by.workspace_id()
    }

    /// See [`Parameters::id`].
    ///
    /// # Errors
    /// 422 when it is no integer.
    pub fn id(&self, name: &str) -> Result<i64, Problem> {
        self.parameters.id(name)
    }

    /// The query of a path with ids: what is wrong about those comes first, in one list.
    pub fn query_after(&self, ids: &[&str]) -> Fields<'static> {
        self.parameters
            .query()
            .after(self.parameters.wrong_ids(ids))
    }

    /// The body's object under a path with ids, and what is wrong about those: it comes first, in
    /// one list with what is wrong about the body.
    ///
    /// # Errors
    /// As [`Input::object`].
    pub fn object_after(
        &self,
        ids: &[&str],
    ) -> Result<(Map<String, Value>, Vec<FieldError>), BodyError> {
        let mut wrong = self.parameters.wrong_ids(ids);
        match self.object() {
            Ok(object) => Ok((object, wrong)),
            Err(BodyError::Fields(errors)) => {
                wrong.extend(errors);
                Err(BodyError::Fields(wrong))
            }
            Err(error) => Err(error),
        }
    }

    /// See [`Parameters::query`].
    pub fn query(&self) -> Fields<'static> {
        self.parameters.query()
    }

    /// Whether no body was sent.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// The body as it was sent.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The body's object.
    ///
    /// # Errors
    /// As [`body::read`] and [`body::object`].
    pub fn object(&self) -> Result<Map<String, Value>, BodyError> {
        body::object(body::read(self.content_type.as_deref(), &self.bytes)?)
    }
}

impl FromRequest<App> for Input {
    type Rejection = Problem;

    async fn from_request(mut request: Request, app: &App) -> Result<Self, Problem> {
        let by = request.extract_parts_with_state::<Manager, _>(app).await?;
        let parameters = request
            .extract_parts_with_state::<Parameters, _>(app)
            .await?;
        http::check_length(request.headers())?;
        let content_type = request.headers().get(header::CONTENT_TYPE);
        let content_type = content_type.and_then(|value| value.to_str().ok().map(str::to_owned));
        let bytes = http::read(request.into_body()).await?;
        Ok(Self {
            by,
            parameters,
            content_type,
            bytes,
        })
    }
}

/// A moment: RFC 3339 with an offset.
#[derive(Clone, Copy)]
pub struct Moment;

impl Rule for Moment {
    type Value = Timestamp;

    fn read(&self, input: &Value) -> Result<Timestamp, Wrong> {
        let text = input
            .as_str()
            .ok_or_else(|| Wrong::new("datetime_type", "Input should be a valid datetime"))?;
        text.parse().map_err(|_| {
            let msg =
                "Input should be a valid datetime with an offset, for example 2026-08-22T10:00:00Z";
            Wrong::new("datetime_parsing", msg)
        })
    }
}

/// What every control route may answer besides its own, for the document.
pub struct Refusals;

impl IntoResponses for Refusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let rows = [
            (401, "No key, a wrong key, or not signed in"),
            (403, "The key may only fire triggers"),
            (404, "There is no such thing in this workspace"),
            (422, "Wrong fields, as a list under `detail`"),
            (503, "The database cannot be used right now"),
        ];
        let row = |(status, description): (u16, &str)| (status.to_string(), problem(description));
        rows.into_iter().map(row).collect()
    }
}

fn problem(description: &str) -> RefOr<Response> {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    let response = utoipa::openapi::ResponseBuilder::new()
        .description(description)
        .content("application/json", content)
        .build();
    RefOr::T(response)
}
