//! What the public routes tell the request inspector. Only what was answered is told, and to the
//! workspace of whoever asked: a request that names nobody is counted.

use crate::app::App;
use crate::auth;
use crate::engine::{Fired, Verdict};
use crate::inspector::{Body, Kind, Seen};
use crate::problem::Problem;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::time::Instant;
use switchhook_core::ErrorCode;
use switchhook_core::api_key::{ApiKey, Asker, Caller};
use switchhook_core::ids::{RunId, WorkspaceId};
use switchhook_core::trigger::Mode;

/// Longest reason in characters.
const LONGEST: usize = 300;
/// Most wrong fields that a reason names.
const MOST_FIELDS: usize = 5;

/// A request that is being answered.
pub struct Arrival {
    at: Timestamp,
    since: Instant,
    kind: Kind,
    route: String,
}

impl Arrival {
    fn new(app: &App, parts: &Parts, kind: Kind) -> Self {
        Self {
            at: app.clock.now(),
            since: Instant::now(),
            kind,
            route: parts.uri.path().to_owned(),
        }
    }

    pub fn trigger(app: &App, parts: &Parts, mode: Mode) -> Self {
        Self::new(app, parts, Kind::Trigger(mode))
    }

    pub fn callback(app: &App, parts: &Parts) -> Self {
        Self::new(app, parts, Kind::Callback)
    }

    fn seen(self, status: u16, body: &[u8], is_body_wanted: bool) -> Seen {
        Seen {
            id: 0,
            at: self.at,
            kind: self.kind,
            method: "POST",
            route: self.route,
            status,
            code: None,
            message: None,
            run_id: None,
            is_repeat: false,
            took: self.since.elapsed(),
            api_key: None,
            body: Body::of(body, is_body_wanted),
            body_size: body.len(),
        }
    }

    /// Notes what the engine made of a request.
    pub fn judged(self, app: &App, verdict: &Verdict, body: &Bytes) {
        let Some(by) = &verdict.by else {
            let is_wrong_key = matches!(&verdict.outcome, Err(problem) if problem.code == ErrorCode::InvalidApiKey);
            if is_wrong_key {
                app.inspector.count_stranger(false, self.at);
            }
            return;
        };
        let wanted = by.settings.record_request_bodies;
        let seen = match &verdict.outcome {
            Ok(fired) => self.answered(fired, body, wanted),
            Err(problem) => self.refused(problem, body, wanted),
        };
        let api_key = key_of(&by.caller);
        let seen = Seen { api_key, ..seen };
        app.inspector.note(by.caller.workspace_id(), seen);
    }

    fn answered(self, fired: &Fired, body: &[u8], wanted: bool) -> Seen {
        let seen = self.seen(fired.reply.status, body, wanted);
        let is_problem = fired.reply.status != 200;
        let problem = is_problem.then(|| serde_json::from_str::<Told>(&fired.reply.body).ok());
        let (code, detail) = problem
            .flatten()
            .map_or((None, None), |told| (Some(told.code), Some(told.detail)));
        Seen {
            code,
            message: detail.map(|detail| words(&detail)),
            run_id: Some(fired.run_id),
            is_repeat: fired.is_repeat,
            ..seen
        }
    }

    fn refused(self, problem: &Problem, body: &[u8], wanted: bool) -> Seen {
        Seen {
            code: Some(problem.code.as_str().to_owned()),
            message: Some(words(&problem.detail)),
            run_id: problem.run_id,
            ..self.seen(problem.status.as_u16(), body, wanted)
        }
    }

    /// Notes what was refused before its key was asked for. Whose it is, is found out for this
    /// alone: most people's first request fails in its body.
    pub async fn refused_early(
        self,
        app: &App,
        asker: Option<Asker>,
        problem: &Problem,
        body: &[u8],
    ) {
        let now = self.at;
        let caller = match asker {
            None => None,
            Some(Asker::Person(workspace)) => Some(Caller::Person(workspace)),
            Some(Asker::Key(hash)) => match app.store.api_key_by_hash(hash).await {
                Ok(key) => key.map(Caller::Key),
                Err(_) => return,
            },
        };
        let Some(caller) = caller.filter(|caller| caller.is_active(now)) else {
            app.inspector.count_stranger(false, now);
            return;
        };
        let workspace = caller.workspace_id();
        let Ok(settings) = app.store.settings(workspace).await else {
            return;
        };
        let seen = self.refused(problem, body, settings.record_request_bodies);
        let api_key = key_of(&caller);
        app.inspector.note(workspace, Seen { api_key, ..seen });
    }

    /// Notes a callback that was turned away. Its body is a carrier's and never kept.
    pub fn turned_away(
        self,
        app: &App,
        of: Option<(WorkspaceId, RunId)>,
        problem: &Problem,
        reason: String,
    ) {
        let Some((workspace, run_id)) = of else {
            app.inspector.count_stranger(true, self.at);
            return;
        };
        let seen = self.refused(problem, &[], false);
        let seen = Seen {
            message: Some(reason),
            run_id: Some(run_id),
            ..seen
        };
        app.inspector.note(workspace, seen);
    }
}

/// Who asks, before anything was looked up; `None` for nobody.
pub fn asker(headers: &HeaderMap) -> Option<Asker> {
    auth::key_hash(headers).map(Asker::Key)
}

fn key_of(caller: &Caller) -> Option<(switchhook_core::ids::ApiKeyId, String)> {
    match caller {
        Caller::Key(ApiKey { id, name, .. }) => Some((*id, name.clone())),
        Caller::Person(_) => None,
    }
}

/// What is read out of a reply that was made already.
#[derive(Deserialize)]
struct Told {
    code: String,
    detail: Value,
}

/// The reason for people: a text, or the wrong fields. What was sent in them stays out.
fn words(detail: &Value) -> String {
    let text = match detail {
        Value::String(text) => text.clone(),
        Value::Array(fields) => {
            let fields = fields.iter().take(MOST_FIELDS).map(field);
            Vec::from_iter(fields).join("; ")
        }
        _ => String::new(),
    };
    text.chars().take(LONGEST).collect()
}

/// FastAPI's entry as one sentence.
fn field(entry: &Value) -> String {
    let place = entry["loc"].as_array().into_iter().flatten().skip(1);
    let place = place.map(|part| {
        part.as_str()
            .map_or_else(|| part.to_string(), str::to_owned)
    });
    let place = Vec::from_iter(place).join(".");
    let message = entry["msg"].as_str().unwrap_or_default();
    if place.is_empty() {
        message.to_owned()
    } else {
        format!("{place}: {message}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_reason_names_the_fields_and_not_what_was_in_them() {
        let detail = json!([
            {"type": "missing", "loc": ["body", "phone_number"], "msg": "Field required", "input": {"secret": 1}},
            {"type": "x", "loc": ["body", "a", 0], "msg": "Wrong", "input": "secret"},
        ]);
        assert_eq!(words(&detail), "phone_number: Field required; a.0: Wrong");
        assert_eq!(words(&json!("Trigger not found")), "Trigger not found");
        assert_eq!(words(&json!({"errors": []})), "");
    }
}
