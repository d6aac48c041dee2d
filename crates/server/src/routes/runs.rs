//! Runs in the compatible API's shape (contract §5): one and a page. The one is also on the public
//! listener, for the key that started the run, so that whoever fired can read the result from the
//! same base URL.

use super::feedback;
use super::input::{Input, Parameters, Refusals};
use crate::app::App;
use crate::auth;
use crate::body::rules::{Int, Integer, Text};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value};
use switchhook_core::ErrorCode;
use switchhook_core::api_key::Scope;
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

/// A run as lists show it.
fn listed(run: Run) -> wire::WorkflowRun {
    let cost_info = duration(&run).map(|duration| wire::CostInfo {
        dograh_token_usage: 0,
        call_duration_seconds: duration.as_secs_f64().round() as i64,
    });
    wire::WorkflowRun {
        id: run.id.0,
        workflow_id: run.agent_id.0,
        name: run.name,
        mode: run.provider,
        created_at: run.created_at.into(),
        is_completed: run.end.is_some(),
        transcript_url: None,
        recording_url: None,
        user_recording_url: None,
        bot_recording_url: None,
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
    let version = app.store.version(run.version_id).await?;
    let definition = version.map(|version| version.definition);
    let logs = feedback::logs(&run, &definition.unwrap_or_default(), &transcript);
    let usage_info = duration(&run).map(|duration| wire::UsageInfo {
        llm: Map::new(),
        tts: Map::new(),
        stt: Map::new(),
        call_duration_seconds: seconds(duration),
    });
    Ok(Json(wire::WorkflowRun {
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
    let may_read = |run: &Run| key.scope == Scope::Manage || run.api_key_id == Some(key.id);
    whole(&app, run.filter(may_read).ok_or_else(not_found)?).await
}

/// Attributes that a filter may name (contract §5.3).
const ATTRIBUTES: [&str; 5] = [
    "dateRange",
    "dispositionCode",
    "duration",
    "status",
    "tokenUsage",
];

fn bad_filters() -> Problem {
    let status = StatusCode::BAD_REQUEST;
    Problem::new(status, ErrorCode::InvalidRequest, "Invalid filter format")
}

/// Checks the filters' form and attributes.
fn parse_filters(text: &str) -> Result<Option<Value>, Problem> {
    let parsed: Value = serde_json::from_str(text).map_err(|_| bad_filters())?;
    let items = match &parsed {
        Value::Null => return Ok(None),
        Value::Array(items) => items,
        _ => return Err(bad_filters()),
    };
    for item in items {
        let item = item.as_object().ok_or_else(bad_filters)?;
        let attribute = item.get("attribute").and_then(Value::as_str);
        let attribute = attribute.unwrap_or("None");
        if !ATTRIBUTES.contains(&attribute) {
            let detail = format!("Invalid attribute '{attribute}'");
            let status = StatusCode::FORBIDDEN;
            return Err(Problem::new(status, ErrorCode::InvalidRequest, detail));
        }
    }
    Ok(Some(parsed))
}

/// Dates and status are applied; the other attributes are accepted and change nothing yet. An item
/// without its `type` is ignored, as in the reference.
fn apply(filters: &Value, filter: &mut RunFilter) {
    let text = |value: &Value, name: &str| value.get(name)?.as_str().map(str::to_owned);
    let time = |value: &Value, name: &str| text(value, name)?.parse::<Timestamp>().ok();
    for item in filters.as_array().into_iter().flatten() {
        let value = item.get("value").unwrap_or(&Value::Null);
        let named = (text(item, "attribute"), text(item, "type"));
        match (named.0.as_deref(), named.1.as_deref()) {
            (Some("dateRange"), Some("dateRange")) => {
                filter.created_from = time(value, "from");
                filter.created_to = time(value, "to");
            }
            (Some("status"), Some("radio")) => match text(value, "status").as_deref() {
                Some("completed") => filter.over = true,
                Some("in_progress") => filter.open = true,
                _ => {}
            },
            _ => {}
        }
    }
}

/// Runs of an agent, newest first. An unknown agent has none.
#[utoipa::path(
    get, path = "/api/v1/workflow/{workflow_id}/runs", tag = "runs",
    params(
        ("workflow_id" = i64, Path),
        ("page" = Option<i64>, Query, description = "From 1"),
        ("limit" = Option<i64>, Query, description = "1 to 100, 50 when absent"),
        ("filters" = Option<String>, Query, description = "A JSON list of `{attribute, type, value}`; `dateRange` and `status` are applied"),
        ("sort_by" = Option<String>, Query, description = "Runs are sorted by their creation whatever is asked for"),
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
    let agent_id = AgentId(input.id("workflow_id")?);
    let mut query = input.query();
    let page = query.or("page", &Int::at_least(1), Integer::Fits(1));
    let limit = query.or("limit", &Int::between(1, 100), Integer::Fits(50));
    let filters = query.nullable("filters", &Text::ANY);
    let _sort_by = query.nullable("sort_by", &Text::ANY);
    let order = query.nullable("sort_order", &Text::ANY);
    let (page, limit, filters, order) = query.finish(|| Some((page?, limit?, filters?, order?)))?;
    let page = page.id().unwrap_or(i64::MAX);
    let limit = limit.id().unwrap_or(50);
    let filters = filters.filter(|text| !text.is_empty());
    let applied_filters = filters.as_deref().map(parse_filters).transpose()?.flatten();
    let offset = (page - 1).saturating_mul(limit);
    let mut filter = RunFilter {
        agent_id: Some(agent_id),
        ascending: order.as_deref() == Some("asc"),
        limit: u32::try_from(limit).unwrap_or(u32::MAX),
        offset: u32::try_from(offset).unwrap_or(u32::MAX),
        ..RunFilter::default()
    };
    if let Some(filters) = &applied_filters {
        apply(filters, &mut filter);
    }
    let workspace = input.workspace_id();
    let total_count = app.store.count_runs(workspace, filter.clone()).await?;
    let runs = app.store.runs(workspace, filter).await?;
    Ok(Json(wire::WorkflowRuns {
        runs: runs.into_iter().map(listed).collect(),
        total_count,
        page,
        limit,
        total_pages: (total_count + limit - 1) / limit,
        applied_filters,
    }))
}

/// The routes behind the control listener's checks.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_workflow_run))
        .routes(routes!(list_workflow_runs))
}

/// The route of the public listener.
pub fn public() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_own_run))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_without_its_type_changes_nothing() {
        let mut filter = RunFilter::default();
        let with = |kind: &str| {
            let item =
                format!(r#"[{{"attribute":"status"{kind},"value":{{"status":"completed"}}}}]"#);
            parse_filters(&item).expect("valid").expect("a list")
        };
        apply(&with(""), &mut filter);
        assert!(!filter.over);
        apply(&with(r#","type":"radio""#), &mut filter);
        assert!(filter.over);
    }

    #[test]
    fn seconds_are_written_as_python_writes_them() {
        assert_eq!(seconds(SignedDuration::ZERO).to_string(), "0");
        let duration = SignedDuration::from_millis(41_700);
        assert_eq!(seconds(duration).to_string(), "41.7");
    }
}
