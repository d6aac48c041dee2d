//! The runs of a whole workspace in the compatible API's shape (contract §5.3), and the words that
//! they may end with. Nothing bills here: tokens are 0 and charges null.

use super::downloads::Public;
use super::{Page, duration, filters, whole_seconds};
use crate::app::App;
use crate::body::fields::Fields;
use crate::body::rules::{Int, Integer, Rule, Text, Wrong};
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use switchhook_core::ErrorCode;
use switchhook_core::ports::{Run, RunFilter};
use switchhook_core::run::ENDS;
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::time::Time;
use switchhook_wire::usage as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// `asc` or `desc`.
struct Order;

impl Rule for Order {
    /// Whether ascending.
    type Value = bool;

    fn read(&self, input: &Value) -> Result<bool, Wrong> {
        match input.as_str() {
            Some("asc") => Ok(true),
            Some("desc") => Ok(false),
            _ => {
                let pattern = "^(asc|desc)$";
                let msg = format!("String should match pattern '{pattern}'");
                let mut wrong = Wrong::new("string_pattern_mismatch", msg);
                wrong.ctx = Some(json!({ "pattern": pattern }));
                Err(wrong)
            }
        }
    }
}

fn moment(text: Option<String>) -> Result<Option<jiff::Timestamp>, Problem> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    filters::moment(&text).map(Some).ok_or_else(|| {
        let (status, code) = (StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest);
        Problem::new(status, code, "Invalid date format; use ISO 8601")
    })
}

/// What the list and its report are both asked by.
pub(super) struct Asked {
    pub start: Option<Option<String>>,
    pub end: Option<Option<String>>,
}

impl Asked {
    pub fn read(query: &mut Fields<'_>) -> Self {
        Self {
            start: query.nullable("start_date", &Text::ANY),
            end: query.nullable("end_date", &Text::ANY),
        }
    }
}

/// The filter of a workspace's list.
pub(super) fn filter_of(
    start: Option<String>,
    end: Option<String>,
    text: Option<&str>,
) -> Result<RunFilter, Problem> {
    let mut filter = RunFilter {
        created_from: moment(start)?,
        created_to: moment(end)?,
        ..RunFilter::default()
    };
    if let Some(items) = filters::read(text)? {
        filters::apply(&items, filters::OF_A_WORKSPACE, &mut filter);
    }
    Ok(filter)
}

/// A text of a context.
pub(super) fn text_of(context: &Map<String, Value>, name: &str) -> Option<String> {
    context.get(name)?.as_str().map(str::to_owned)
}

fn row(public: &Public<'_>, run: Run) -> wire::UsageRun {
    let links = public.links(&run);
    let [recording_url, user_recording_url, bot_recording_url] =
        super::downloads::recording_keys(&run);
    let called_number = text_of(&run.initial_context, "called_number");
    wire::UsageRun {
        id: run.id.0,
        workflow_id: run.agent_id.0,
        call_duration_seconds: duration(&run).map_or(0, whole_seconds),
        transcript_url: super::downloads::transcript_key(&run),
        workflow_name: run.agent_name,
        name: run.name,
        created_at: Time::with_offset(run.created_at),
        dograh_token_usage: 0.0,
        recording_url,
        user_recording_url,
        bot_recording_url,
        recording_public_url: links.recording,
        transcript_public_url: links.transcript,
        user_recording_public_url: links.user_recording,
        bot_recording_public_url: links.bot_recording,
        public_access_token: links.token,
        phone_number: called_number.clone(),
        caller_number: text_of(&run.initial_context, "caller_number"),
        called_number,
        call_type: "outbound".to_owned(),
        mode: run.provider,
        disposition: text_of(&run.gathered_context, "mapped_call_disposition"),
        initial_context: run.initial_context,
        gathered_context: run.gathered_context,
        charge_usd: None,
    }
}

/// The runs of the workspace with their usage, newest first.
#[utoipa::path(
    get, path = "/api/v1/organizations/usage/runs", tag = "runs",
    params(
        ("start_date" = Option<String>, Query, description = "ISO 8601; created at or after it"),
        ("end_date" = Option<String>, Query, description = "ISO 8601; created at or before it"),
        ("page" = Option<i64>, Query, minimum = 1),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "50 when absent"),
        ("filters" = Option<String>, Query, description = "A JSON list of `{attribute, type, value}`"),
        ("sort_by" = Option<String>, Query, description = "`duration`; anything else is by creation"),
        ("sort_order" = Option<String>, Query, pattern = "^(asc|desc)$"),
    ),
    responses(
        (status = 200, body = wire::UsageHistory),
        (status = 400, body = ProblemBody, description = "A date or the filters cannot be read"),
        Refusals,
    )
)]
async fn list_usage_runs(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::UsageHistory>, Problem> {
    let mut query = input.query();
    let asked = Asked::read(&mut query);
    let page = query.or("page", &Int::at_least(1), Integer::Fits(1));
    let limit = query.or("limit", &Int::between(1, 100), Integer::Fits(50));
    let text = query.nullable("filters", &Text::ANY);
    let sort_by = query.nullable("sort_by", &Text::ANY);
    let ascending = query.or("sort_order", &Order, false);
    let (start, end, page, limit, text, sort_by, ascending) = query.finish(|| {
        Some((
            asked.start?,
            asked.end?,
            page?,
            limit?,
            text?,
            sort_by?,
            ascending?,
        ))
    })?;
    let page = Page::of(page, limit);
    let mut filter = RunFilter {
        by_duration: sort_by.as_deref() == Some("duration"),
        ascending,
        ..filter_of(start, end, text.as_deref())?
    };
    page.apply(&mut filter);
    let workspace = input.workspace_id();
    let totals = app.store.total_runs(workspace, filter.clone()).await?;
    let runs = app.store.runs(workspace, filter).await?;
    let public = Public::of(&app, workspace).await?;
    Ok(Json(wire::UsageHistory {
        runs: runs.into_iter().map(|run| row(&public, run)).collect(),
        total_dograh_tokens: 0.0,
        total_duration_seconds: (totals.duration_ms + 500) / 1000,
        total_count: totals.runs,
        page: page.page,
        limit: page.limit,
        total_pages: page.pages(totals.runs),
    }))
}

/// The words that a run may end with, for a filter to offer.
#[utoipa::path(
    get, path = "/api/v1/organizations/disposition-codes", tag = "runs",
    responses((status = 200, body = wire::DispositionCodes), Refusals)
)]
async fn list_disposition_codes(_: Input) -> Json<wire::DispositionCodes> {
    let mut codes: Vec<String> = ENDS.iter().map(|end| end.disposition.to_owned()).collect();
    codes.sort_unstable();
    codes.dedup();
    Json(wire::DispositionCodes {
        end_task_reason_codes: codes.clone(),
        codes,
    })
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_usage_runs))
        .routes(routes!(list_disposition_codes))
}
