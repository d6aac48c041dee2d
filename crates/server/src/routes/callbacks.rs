//! Carriers' callbacks, at the paths where the reference takes them (contract §7). Public: what makes
//! one believed is in its URL and its signature, not in who sends it.

use crate::app::App;
use crate::engine::Turned;
use crate::http;
use crate::problem::Problem;
use crate::routes::noting::Arrival;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use switchhook_core::ErrorCode;
use switchhook_core::ids::RunId;
use switchhook_core::ports::{CallbackRequest, Refusal};
use switchhook_wire::problem::Problem as ProblemBody;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Takes a status callback of Twilio, form-encoded.
#[utoipa::path(
    post, path = "/api/v1/telephony/twilio/status-callback/{workflow_run_id}", tag = "callbacks",
    params(("workflow_run_id" = i64, Path), ("token" = String, Query), ("X-Twilio-Signature" = String, Header)),
    responses(
        (status = 200, description = "Taken"),
        (status = 400, body = ProblemBody),
        (status = 401, body = ProblemBody, description = "Not believed"),
        (status = 413, body = ProblemBody),
        (status = 503, body = ProblemBody),
    )
)]
async fn receive_twilio(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    receive(&app, request).await
}

async fn receive(app: &App, request: Request) -> Result<Response, Problem> {
    let (parts, content) = request.into_parts();
    let arrival = Arrival::callback(app, &parts);
    let run_id = parts.uri.path().rsplit('/').next();
    let run_id = run_id.and_then(|id| id.parse().ok()).map(RunId);
    let turned = match take(app, &parts, content, run_id).await {
        Ok(response) => return Ok(response),
        Err(turned) => turned,
    };
    let reason = turned.reason();
    let problem = Problem::from(turned);
    let of = match run_id {
        Some(id) => app.store.run(None, id).await.ok().flatten(),
        None => None,
    };
    let of = of.map(|run| (run.workspace_id, run.id));
    arrival.turned_away(app, of, &problem, reason);
    Err(problem)
}

/// Why a callback is answered with an error.
enum Away {
    /// Neither run nor token in its URL.
    Unaddressed,
    Turned(Turned),
    Other(Problem),
}

impl Away {
    /// For whoever looks why: a proxy changes the URL that was signed, say.
    fn reason(&self) -> String {
        match self {
            Self::Unaddressed => "the callback's URL has no token".to_owned(),
            Self::Turned(turned) => turned.to_string(),
            Self::Other(problem) => problem.detail.as_str().unwrap_or_default().to_owned(),
        }
    }
}

impl From<Away> for Problem {
    fn from(away: Away) -> Self {
        match away {
            Away::Unaddressed => not_believed(),
            Away::Turned(turned) => self::turned(turned),
            Away::Other(problem) => problem,
        }
    }
}

impl From<Problem> for Away {
    fn from(problem: Problem) -> Self {
        Self::Other(problem)
    }
}

async fn take(
    app: &App,
    parts: &Parts,
    content: axum::body::Body,
    run_id: Option<RunId>,
) -> Result<Response, Away> {
    http::check_length(&parts.headers)?;
    let token = parts.uri.query().and_then(|query| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(name, _)| *name == "token")
            .map(|(_, token)| token)
            .next()
    });
    let (Some(run_id), Some(token)) = (run_id, token) else {
        return Err(Away::Unaddressed);
    };
    let body = http::read(content).await?.to_vec();
    let callback = CallbackRequest {
        url: public_url(app, run_id, &parts.uri).await?,
        headers: lines(&parts.headers),
        body,
    };
    let reply = app
        .engine
        .callback(run_id, token, &callback)
        .await
        .map_err(Away::Turned)?;
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
    let content_type = [(
        header::CONTENT_TYPE,
        HeaderValue::from_static(reply.content_type),
    )];
    Ok((status, content_type, reply.body).into_response())
}

/// The URL as the carrier called and signed it: behind a proxy that ends TLS only the configured
/// address is right, that of the run's workspace. A run that is not there is refused later, by its
/// token, in the same words as any other that is not believed.
async fn public_url(app: &App, run_id: RunId, uri: &axum::http::Uri) -> Result<String, Problem> {
    let run = app.store.run(None, run_id).await?;
    let workspace = run.map_or(app.home, |run| run.workspace_id);
    let base = app
        .store
        .settings(workspace)
        .await?
        .public_base_url
        .or_else(|| app.public_url());
    let base = base.unwrap_or_default();
    let path = uri
        .path_and_query()
        .map_or(uri.path(), axum::http::uri::PathAndQuery::as_str);
    Ok(format!("{}{path}", base.trim_end_matches('/')))
}

fn lines(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value)))
        .collect()
}

fn not_believed() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        ErrorCode::AccessDenied,
        "Invalid webhook signature",
    )
}

fn turned(turned: Turned) -> Problem {
    match turned {
        Turned::Token | Turned::Refused(Refusal::Signature | Refusal::NotOffered) => {
            // For whoever looks why: a proxy changes the URL that was signed, say. No warning, since
            // anybody can cause it as often as they like.
            tracing::debug!(reason = %turned, "a callback was not believed");
            not_believed()
        }
        Turned::Refused(Refusal::Form) => Problem::new(
            StatusCode::BAD_REQUEST,
            ErrorCode::InvalidRequest,
            turned.to_string(),
        ),
        Turned::Store(error) => error.into(),
        Turned::Secrets(problem) => problem.into(),
    }
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(receive_twilio))
}
