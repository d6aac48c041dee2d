//! The request inspector: what programs and carriers sent lately, and how it was answered. Sending
//! one again is firing its trigger, which has its route already.

use crate::app::App;
use crate::body::rules::{Int, Integer};
use crate::inspector::{Body, Kind, MAX_REQUESTS, Seen, Strangers};
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use switchhook_core::ErrorCode;
use switchhook_wire::request as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

fn shown(seen: &Seen) -> wire::SeenRequest {
    let (kind, mode) = match seen.kind {
        Kind::Trigger(mode) => ("trigger", Some(mode.as_str().to_owned())),
        Kind::Callback => ("callback", None),
    };
    let body = match seen.body {
        Body::Off => "off",
        Body::TooLarge => "too-large",
        Body::Kept(_) => "kept",
    };
    let api_key = seen
        .api_key
        .clone()
        .map(|(id, name)| wire::SeenKey { id: id.0, name });
    wire::SeenRequest {
        id: seen.id,
        at: seen.at.into(),
        kind: kind.to_owned(),
        method: seen.method.to_owned(),
        route: seen.route.clone(),
        mode,
        status: seen.status,
        code: seen.code.clone(),
        message: seen.message.clone(),
        run_id: seen.run_id.map(|id| id.0),
        is_repeat: seen.is_repeat,
        duration_ms: seen.took.as_secs_f64() * 1000.0,
        api_key,
        body: body.to_owned(),
        body_size: seen.body_size as u64,
    }
}

fn counted(strangers: Strangers) -> wire::Strangers {
    wire::Strangers {
        requests: strangers.requests,
        callbacks: strangers.callbacks,
        last_at: strangers.last_at.map(Into::into),
    }
}

/// What came in lately, newest first: trigger requests of this workspace with their verdicts, and
/// callbacks of carriers that were turned away.
#[utoipa::path(
    get, path = "/api/switchhook/requests", tag = "switchhook",
    params(
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "50 when absent"),
        ("before" = Option<i64>, Query, description = "Only requests with a smaller id"),
    ),
    responses((status = 200, body = wire::RequestPage), Refusals)
)]
async fn list_requests(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::RequestPage>, Problem> {
    let mut query = input.query();
    let limit = query.or("limit", &Int::between(1, 100), Integer::Fits(50));
    let before = query.nullable("before", &Int::ANY);
    let (limit, before) = query.finish(|| Some((limit?, before?)))?;
    let limit = limit.id().and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.expect("between 1 and 100");
    // What does not fit lies beyond all ids, or before them.
    let before = before.map(|id| id.id().unwrap_or(i64::MAX));
    let found = app.inspector.list(input.workspace_id(), before, limit + 1);
    let page = &found[..found.len().min(limit)];
    let next_before = page.last().filter(|_| found.len() > limit);
    Ok(Json(wire::RequestPage {
        requests: page.iter().map(shown).collect(),
        next_before: next_before.map(|last| last.id),
        since: app.inspector.since().into(),
        most: MAX_REQUESTS as u32,
        strangers: counted(app.inspector.strangers()),
    }))
}

/// One of them, with its body where that was kept.
#[utoipa::path(
    get, path = "/api/switchhook/requests/{request_id}", tag = "switchhook",
    params(("request_id" = i64, Path)),
    responses((status = 200, body = wire::SeenRequestDetail), Refusals)
)]
async fn get_request(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::SeenRequestDetail>, Problem> {
    let found = app
        .inspector
        .one(input.workspace_id(), input.id("request_id")?);
    let seen = found.ok_or_else(|| {
        let detail = "Request not found: only the newest are kept";
        Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
    })?;
    let body_text = match &seen.body {
        Body::Kept(text) => Some(text.to_string()),
        Body::Off | Body::TooLarge => None,
    };
    Ok(Json(wire::SeenRequestDetail {
        request: shown(&seen),
        body_text,
    }))
}

/// Forgets the requests of this workspace; the counts stay.
#[utoipa::path(
    delete, path = "/api/switchhook/requests", tag = "switchhook",
    responses((status = 204, description = "Forgotten"), Refusals)
)]
async fn forget_requests(State(app): State<App>, input: Input) -> Result<StatusCode, Problem> {
    app.inspector.forget(input.workspace_id());
    Ok(StatusCode::NO_CONTENT)
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_requests, forget_requests))
        .routes(routes!(get_request))
}
