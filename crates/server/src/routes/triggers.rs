//! The four trigger routes (contract §1.1). What is checked in which order is pinned (INTERFACES);
//! up to the body it is decided here, from there on by the engine.

use crate::app::App;
use crate::auth;
use crate::body::{self, trigger::TriggerRequest};
use crate::engine::Fire;
use crate::http::{self, RequestId};
use crate::problem::Problem;
use crate::routes::noting::{self, Arrival};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};
use switchhook_core::ErrorCode;
use switchhook_core::api_key::Asker;
use switchhook_core::ports::IdempotencyClaim;
use switchhook_core::trigger::{Mode, Target};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Longest `Idempotency-Key` in bytes.
const MAX_IDEMPOTENCY_KEY: usize = 255;

macro_rules! trigger_routes {
    ($($name:ident, $path:literal, $parameter:literal, $mode:expr, $target:expr, $summary:literal;)+) => {
        $(
            #[doc = $summary]
            #[utoipa::path(
                post, path = $path, tag = "triggers",
                params(
                    ($parameter = String, Path),
                    ("X-API-Key" = String, Header),
                    ("Idempotency-Key" = Option<String>, Header, description = "Same key and body within 24 h: same reply and run, no second call"),
                ),
                request_body = switchhook_wire::trigger::TriggerRequest,
                responses(
                    (status = 200, body = switchhook_wire::trigger::TriggerReply),
                    (status = 400, body = switchhook_wire::problem::Problem, description = "Not ready, refused by the carrier, or outcome unknown"),
                    (status = 401, body = switchhook_wire::problem::Problem),
                    (status = 403, body = switchhook_wire::problem::Problem),
                    (status = 404, body = switchhook_wire::problem::Problem),
                    (status = 409, body = switchhook_wire::problem::Problem, description = "The Idempotency-Key was used with another body"),
                    (status = 413, body = switchhook_wire::problem::Problem),
                    (status = 422, body = switchhook_wire::problem::Problem),
                    (status = 429, body = switchhook_wire::problem::Problem),
                    (status = 503, body = switchhook_wire::problem::Problem),
                )
            )]
            async fn $name(State(app): State<App>, request: Request) -> Result<Response, Problem> {
                fire(&app, request, $mode, $target).await
            }
        )+

        /// The four routes.
        pub fn router() -> OpenApiRouter<App> {
            OpenApiRouter::new()$(.routes(routes!($name)))+
        }
    };
}

trigger_routes! {
    fire_production, "/api/v1/public/agent/{trigger_path}", "trigger_path",
        Mode::Production, Target::Path, "Fires a trigger in its published version.";
    fire_test, "/api/v1/public/agent/test/{trigger_path}", "trigger_path",
        Mode::Test, Target::Path, "Fires a trigger in its draft, or in the published version where there is none.";
    fire_agent_production, "/api/v1/public/agent/workflow/{workflow_uuid}", "workflow_uuid",
        Mode::Production, Target::AgentUuid, "Fires an agent by its UUID in its published version.";
    fire_agent_test, "/api/v1/public/agent/test/workflow/{workflow_uuid}", "workflow_uuid",
        Mode::Test, Target::AgentUuid, "Fires an agent by its UUID in its draft, or in the published version where there is none.";
}

async fn fire(
    app: &App,
    request: Request,
    mode: Mode,
    target: fn(String) -> Target,
) -> Result<Response, Problem> {
    let (parts, content) = request.into_parts();
    let arrival = Arrival::trigger(app, &parts, mode);
    let mut came = Came::default();
    let target = target(last_segment(&parts));
    let fire = match parse(app, &parts, content, mode, target, &mut came).await {
        Ok(fire) => fire,
        Err(problem) => {
            let asker = came.asker.or_else(|| noting::asker(&parts.headers));
            let noted = arrival.refused_early(app, asker, &problem, &came.bytes);
            // Boxed: it would make every request's future larger.
            Box::pin(noted).await;
            return Err(problem);
        }
    };
    let verdict = app.engine.fire(fire).await;
    arrival.judged(app, &verdict, &came.bytes);
    let reply = verdict.outcome?.reply;
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = [(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    )];
    Ok((status, json, reply.body).into_response())
}

/// What is known of a request, however far it came.
#[derive(Default)]
struct Came {
    asker: Option<Asker>,
    bytes: Bytes,
}

/// Everything that is checked before the key.
async fn parse(
    app: &App,
    parts: &Parts,
    content: axum::body::Body,
    mode: Mode,
    target: Target,
    came: &mut Came,
) -> Result<Fire, Problem> {
    http::check_length(&parts.headers)?;
    let asker = match auth::person(app, parts).await? {
        Some(person) => Asker::Person(person.workspace_id()),
        None => Asker::Key(auth::key_hash(&parts.headers).ok_or_else(Problem::invalid_api_key)?),
    };
    came.asker = Some(asker);
    came.bytes = http::read(content).await?;
    let content_type = parts
        .headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let body = TriggerRequest::parse(body::read(content_type, &came.bytes)?)?;
    let claim = claim(&parts.headers, route(mode, &target), &came.bytes)?;
    Ok(Fire {
        asker,
        mode,
        target,
        body,
        claim,
        call: None,
        request_id: RequestId::of(parts),
    })
}

/// Decoded without refusing anything: what is no UTF-8 names no trigger, so it is a 404 later.
fn last_segment(parts: &Parts) -> String {
    let segment = parts.uri.path().rsplit('/').next().unwrap_or_default();
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

/// Which requests share their idempotency keys.
fn route(mode: Mode, target: &Target) -> String {
    let (kind, name) = match target {
        Target::Path(path) => ("path", path),
        Target::AgentUuid(uuid) => ("workflow", uuid),
    };
    format!("{}/{kind}/{name}", mode.as_str())
}

/// The `Idempotency-Key` of a request, if it has one.
///
/// # Errors
/// 400 for one that is empty, too long or not ASCII.
pub(super) fn claim(
    headers: &HeaderMap,
    route: String,
    body: &[u8],
) -> Result<Option<IdempotencyClaim>, Problem> {
    let Some(value) = headers.get("idempotency-key") else {
        return Ok(None);
    };
    let key = value
        .to_str()
        .ok()
        .filter(|key| !key.is_empty() && key.len() <= MAX_IDEMPOTENCY_KEY);
    let Some(key) = key else {
        let detail = format!("Idempotency-Key must be 1 to {MAX_IDEMPOTENCY_KEY} ASCII characters");
        return Err(Problem::new(
            StatusCode::BAD_REQUEST,
            ErrorCode::InvalidRequest,
            detail,
        ));
    };
    Ok(Some(IdempotencyClaim {
        route,
        key: key.to_owned(),
        body_hash: Sha256::digest(body).into(),
    }))
}
