//! Runs in the compatible API's shape (contract §5): one and a page. The one is also on the public
//! listener, for the key that started the run, so that whoever fired can read the result from the
//! same base URL.

pub mod calls;
pub mod downloads;
mod filters;
pub mod reports;
pub mod usage;

use super::feedback;
use super::input::{Input, Parameters, Refusals};
use crate::app::App;
use crate::auth;
use crate::body::rules::{Int, Integer, Text};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use jiff::SignedDuration;
use serde_json::{Map, Value};
use switchhook_core::ErrorCode;
use switchhook_core::cause::Cause;
use switchhook_core::ids::{AgentId, RunId};
use switchhook_core::ports::{End, Run, RunFilter};
use switchhook_core::run::end_words;
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::run as own;
use switchhook_wire::time::Time;
use switchhook_wire::workflow_run as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The 404 of every route that names a run.
pub(super) fn not_found() -> Problem {
    let detail = "Workflow run not found";
    Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
}

/// How a run ended, in words.
pub(super) fn end(end: &End) -> own::End {
    let words = end_words(end.code);
    own::End {
        code: end.code.as_str().to_owned(),
        sentence: words.sentence.to_owned(),
        side: words.side.as_str().to_owned(),
        next: words.next.to_owned(),
        cause: None,
    }
}

/// The same, with what the telephone network said.
pub(super) fn end_by(end: &End, cause: Option<&Cause>, provider: &str) -> own::End {
    let Some(cause) = cause.filter(|cause| cause.code() == end.code) else {
        return self::end(end);
    };
    let carrier = switchhook_dialers::facts(provider).map_or(provider, |facts| facts.display_name);
    let words = cause.words(carrier);
    own::End {
        code: end.code.as_str().to_owned(),
        sentence: words.sentence,
        side: words.side.as_str().to_owned(),
        next: words.next,
        cause: cause.raw(),
    }
}

/// From the answer to the end; zero when nobody answered; nothing while the run is open.
fn duration(run: &Run) -> Option<SignedDuration> {
    let end = run.end?;
    let answered = run.answered_at.unwrap_or(end.at);
    Some(end.at.duration_since(answered).max(SignedDuration::ZERO))
}

/// A whole number where it is one, as Python writes it.
fn seconds(duration: SignedDuration) -> Value {
    match duration.as_millis() {
        0 => Value::from(0),
        _ => Value::from(duration.as_millis_f64().round() / 1000.0),
    }
}

/// Rounded, as lists and sums have it.
fn whole_seconds(duration: SignedDuration) -> i64 {
    duration.as_secs_f64().round() as i64
}

/// A run as lists show it.
fn listed(run: Run) -> wire::WorkflowRun {
    let cost_info = duration(&run).map(|duration| wire::CostInfo {
        dograh_token_usage: 0,
        call_duration_seconds: whole_seconds(duration),
    });
    let transcript_url = downloads::transcript_key(&run);
    let [recording_url, user_recording_url, bot_recording_url] = downloads::recording_keys(&run);
    wire::WorkflowRun {
        id: run.id.0,
        workflow_id: run.agent_id.0,
        name: run.name,
        mode: run.provider,
        created_at: run.created_at.into(),
        is_completed: run.end.is_some(),
        transcript_url,
        recording_url,
        user_recording_url,
        bot_recording_url,
        transcript_public_url: None,
        recording_public_url: None,
        user_recording_public_url: None,
        bot_recording_public_url: None,
        public_access_token: None,
        cost_info,
        usage_info: None,
        definition_id: run.version_id.0,
        initial_context: run.initial_context,
        gathered_context: run.gathered_context,
        call_type: "outbound".to_owned(),
        logs: None,
        annotations: None,
        state: run.state.as_str().to_owned(),
        version_number: run.version_number,
        version_status: run.version_status.as_str().to_owned(),
        trigger_mode: run.mode.as_str().to_owned(),
        ended_at: run.end.map(|end| Time::from(end.at)),
        end: run.end.as_ref().map(end),
    }
}

/// A run by itself.
async fn whole(app: &App, run: Run) -> Result<Json<wire::WorkflowRun>, Problem> {
    let transcript = app.store.transcript(run.id).await?;
    let timeline = app.store.timeline(run.id).await?;
    let version = app.store.version(run.version_id).await?;
    let definition = version.map(|version| version.definition);
    let definition = definition.unwrap_or_default();
    let logs = feedback::logs(&run, &definition, &transcript, &timeline);
    let usage_info = duration(&run).map(|duration| wire::UsageInfo {
        llm: Map::new(),
        tts: Map::new(),
        stt: Map::new(),
        call_duration_seconds: seconds(duration),
    });
    let public = downloads::Public::of(app, run.workspace_id).await?;
    let links = public.links(&run);
    Ok(Json(wire::WorkflowRun {
        transcript_public_url: links.transcript,
        recording_public_url: links.recording,
        user_recording_public_url: links.user_recording,
        bot_recording_public_url: links.bot_recording,
        public_access_token: links.token,
        usage_info,
        logs: Some(logs),
        annotations: Some(Map::new()),
        ..listed(run)
    }))
}

/// One run. The agent in the path is not compared with the run's, as in the reference.
#[utoipa::path(
    get, path = "/api/v1/workflow/{workflow_id}/runs/{run_id}", tag = "runs",
    params(("workflow_id" = i64, Path), ("run_id" = i64, Path)),
    responses((status = 200, body = wire::WorkflowRun), Refusals)
)]
async fn get_workflow_run(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::WorkflowRun>, Problem> {
    input.id("workflow_id")?;
    let id = RunId(input.id("run_id")?);
    let run = app.store.run(Some(input.workspace_id()), id).await?;
    whole(&app, run.ok_or_else(not_found)?).await
}

/// One run, for the key that started it or a key that may manage its workspace.
#[utoipa::path(
    get, path = "/api/v1/workflow/{workflow_id}/runs/{run_id}", tag = "runs",
    params(("workflow_id" = i64, Path), ("run_id" = i64, Path)),
    responses((status = 200, body = wire::WorkflowRun), Refusals)
)]
async fn get_own_run(
    State(app): State<App>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Json<wire::WorkflowRun>, Problem> {
    let refused = |detail| {
        let status = StatusCode::UNAUTHORIZED;
        Problem::new(status, ErrorCode::InvalidApiKey, detail)
    };
    if !headers.contains_key(auth::API_KEY) {
        return Err(refused("Authorization header required"));
    }
    let key = auth::key(&app, &headers).await?;
    let key = key.ok_or_else(|| refused("Invalid or expired API key"))?;
    parameters.id("workflow_id")?;
    let id = RunId(parameters.id("run_id")?);
    let run = app.store.run(Some(key.workspace_id), id).await?;
    let may_read = |run: &Run| key.may_manage() || run.api_key_id == Some(key.id);
    whole(&app, run.filter(may_read).ok_or_else(not_found)?).await
}

/// A page as it was asked for.
struct Page {
    page: i64,
    limit: i64,
}

impl Page {
    fn of(page: Integer, limit: Integer) -> Self {
        let (page, limit) = (page.id().unwrap_or(i64::MAX), limit.id().unwrap_or(50));
        Self { page, limit }
    }

    fn apply(&self, filter: &mut RunFilter) {
        let offset = (self.page - 1).saturating_mul(self.limit);
        filter.limit = u32::try_from(self.limit).unwrap_or(u32::MAX);
        filter.offset = u32::try_from(offset).unwrap_or(u32::MAX);
    }

    fn pages(&self, total: i64) -> i64 {
        (total + self.limit - 1) / self.limit
    }
}

/// Runs of an agent, newest first. An unknown agent has none.
#[utoipa::path(
    get, path = "/api/v1/workflow/{workflow_id}/runs", tag = "runs",
    params(
        ("workflow_id" = i64, Path),
        ("page" = Option<i64>, Query, minimum = 1),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "50 when absent"),
        ("filters" = Option<String>, Query, description = "A JSON list of `{attribute, type, value}` with `dateRange`, `dispositionCode`, `duration`, `status` or `tokenUsage`"),
        ("sort_by" = Option<String>, Query, description = "`duration`; anything else is by creation"),
        ("sort_order" = Option<String>, Query, description = "`asc`, anything else is descending"),
    ),
    responses(
        (status = 200, body = wire::WorkflowRuns),
        (status = 400, body = ProblemBody, description = "The filters are no JSON list of objects"),
        Refusals,
    )
)]
async fn list_workflow_runs(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::WorkflowRuns>, Problem> {
    let mut query = input.query_after(&["workflow_id"]);
    let page = query.or("page", &Int::at_least(1), Integer::Fits(1));
    let limit = query.or("limit", &Int::between(1, 100), Integer::Fits(50));
    let filters = query.nullable("filters", &Text::ANY);
    let sort_by = query.nullable("sort_by", &Text::ANY);
    let order = query.nullable("sort_order", &Text::ANY);
    let (page, limit, text, sort_by, order) =
        query.finish(|| Some((page?, limit?, filters?, sort_by?, order?)))?;
    let agent_id = AgentId(input.id("workflow_id")?);
    let page = Page::of(page, limit);
    let items = filters::read(text.as_deref())?;
    let mut filter = RunFilter {
        agent_id: Some(agent_id),
        by_duration: sort_by.as_deref() == Some("duration"),
        ascending: order.as_deref() == Some("asc"),
        ..RunFilter::default()
    };
    page.apply(&mut filter);
    if let Some(items) = &items {
        filters::check(items, filters::OF_AN_AGENT)?;
        filters::apply(items, filters::OF_AN_AGENT, &mut filter);
    }
    let workspace = input.workspace_id();
    let total_count = app.store.total_runs(workspace, filter.clone()).await?.runs;
    let runs = app.store.runs(workspace, filter).await?;
    Ok(Json(wire::WorkflowRuns {
        runs: runs.into_iter().map(listed).collect(),
        total_count,
        page: page.page,
        limit: page.limit,
        total_pages: page.pages(total_count),
        applied_filters: items.map(Value::Array),
    }))
}

/// The routes behind the control listener's checks.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_workflow_run))
        .routes(routes!(list_workflow_runs))
        .merge(calls::router())
        .merge(usage::router())
        .merge(reports::router())
}

/// The route of the public listener.
pub fn public() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_own_run))
}

/// The routes of both: no key opens them, a token does.
pub fn by_token() -> OpenApiRouter<App> {
    downloads::router()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_written_as_python_writes_them() {
        assert_eq!(seconds(SignedDuration::ZERO).to_string(), "0");
        let duration = SignedDuration::from_millis(41_700);
        assert_eq!(seconds(duration).to_string(), "41.7");
    }
}
