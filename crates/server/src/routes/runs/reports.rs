//! Runs as CSV (contract §5.3), for spreadsheets. Rows are made page by page while they are sent,
//! so that a report of a million runs needs no memory for them. A cell that a spreadsheet would take
//! for a formula gets an apostrophe in front: what is in it may have been said by a stranger.

use super::downloads::{Public, transcript_key};
use super::usage::{Asked, filter_of, text_of};
use super::{duration, filters, seconds};
use crate::app::App;
use crate::body::rules::{Bool, Rule, Text, Wrong};
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::body::Body;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use switchhook_core::ErrorCode;
use switchhook_core::ids::{AgentId, WorkspaceId};
use switchhook_core::ports::{Run, RunFilter, StoreError};
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::time::Time;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Runs that are read at a time.
const PAGE: u32 = 500;
const COLUMNS: [&str; 8] = [
    "Run ID",
    "Campaign ID",
    "Agent ID",
    "Agent Definition ID",
    "Created At",
    "Phone Number",
    "Call Disposition",
    "Call Duration (s)",
];
const LAST_COLUMNS: [&str; 3] = ["Call Tags", "Transcript URL", "Recording URL"];
/// What a person wrote; only where asked for, since programs read the others by their places.
const REMARK_COLUMNS: [&str; 2] = ["Outcome", "Note"];

/// A cell as Python's csv module writes it, without being taken for a formula.
fn cell(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = format!("{}{text}", if is_formula { "'" } else { "" });
    if text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

fn line(cells: impl IntoIterator<Item = String>) -> String {
    let cells: Vec<_> = cells.into_iter().map(|text| cell(&text)).collect();
    format!("{}\r\n", cells.join(","))
}

/// A value as a cell has it: texts as they are, nothing for null, the rest as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn extracted(run: &Run) -> Option<&Map<String, Value>> {
    run.gathered_context.get("extracted_variables")?.as_object()
}

/// Which columns a report has besides those that every one has.
#[derive(Clone)]
struct Columns {
    variables: Vec<String>,
    remarks: bool,
}

fn row(public: &Public<'_>, run: &Run, columns: &Columns) -> String {
    let links = public.links(run);
    let number = text_of(&run.initial_context, "called_number");
    let disposition = text_of(&run.gathered_context, "mapped_call_disposition");
    let tags = run
        .gathered_context
        .get("call_tags")
        .and_then(Value::as_array);
    let tags: Vec<_> = tags.into_iter().flatten().map(plain).collect();
    let mut cells = vec![
        run.id.to_string(),
        String::new(),
        run.agent_id.to_string(),
        run.version_id.to_string(),
        Time::with_offset(run.created_at).as_str().to_owned(),
        number.unwrap_or_default(),
        disposition.unwrap_or_default(),
        duration(run)
            .map(|duration| seconds(duration).to_string())
            .unwrap_or_default(),
    ];
    let extracted = extracted(run);
    cells.extend(columns.variables.iter().map(|name| {
        let value = extracted.and_then(|extracted| extracted.get(name));
        value.map(plain).unwrap_or_default()
    }));
    cells.push(tags.join(", "));
    let transcript = transcript_key(run).and(links.transcript);
    cells.push(transcript.unwrap_or_default());
    cells.push(String::new());
    if columns.remarks {
        let remark = run.remark.clone();
        cells.extend([remark.outcome, remark.note].map(Option::unwrap_or_default));
    }
    line(cells)
}

/// The page after a run, and the filter of the one after it.
async fn next(
    app: &App,
    workspace: WorkspaceId,
    mut filter: RunFilter,
) -> Result<(Vec<Run>, Option<RunFilter>), StoreError> {
    let runs = app.store.runs(workspace, filter.clone()).await?;
    let is_last = runs.len() < PAGE as usize;
    filter.before = runs.last().map(|run| run.id);
    Ok((runs, Some(filter).filter(|_| !is_last)))
}

/// The names of all variables that were extracted, in the order they are met.
async fn variables(
    app: &App,
    workspace: WorkspaceId,
    filter: &RunFilter,
) -> Result<Vec<String>, StoreError> {
    let mut names: Vec<String> = Vec::new();
    let mut rest = Some(filter.clone());
    while let Some(filter) = rest {
        let runs;
        (runs, rest) = next(app, workspace, filter).await?;
        for name in runs.iter().filter_map(extracted).flat_map(Map::keys) {
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    Ok(names)
}

/// The report as it is sent.
async fn report(
    app: App,
    workspace: WorkspaceId,
    filter: RunFilter,
    remarks: bool,
    name: &str,
) -> Result<Response, Problem> {
    let filter = RunFilter {
        // What begins while the report is made is not in it.
        created_to: filter.created_to.or(Some(app.clock.now())),
        limit: PAGE,
        ..filter
    };
    let columns = Columns {
        variables: variables(&app, workspace, &filter).await?,
        remarks,
    };
    let last = REMARK_COLUMNS.iter().filter(|_| remarks);
    let names = COLUMNS.iter().map(|name| (*name).to_owned());
    let names = names.chain(columns.variables.iter().cloned());
    let last = LAST_COLUMNS.iter().chain(last);
    let head = line(names.chain(last.map(|name| (*name).to_owned())));
    let pages = stream::unfold((Some(filter), Some(head)), move |(rest, head)| {
        let (app, columns) = (app.clone(), columns.clone());
        async move {
            let filter = rest?;
            let made = page(&app, workspace, filter, &columns).await;
            Some(match made {
                Ok((rows, rest)) => (Ok(head.unwrap_or_default() + &rows), (rest, None)),
                Err(problem) => (Err(problem), (None, None)),
            })
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{name}.csv\""),
        ),
    ];
    Ok((headers, Body::from_stream(pages)).into_response())
}

async fn page(
    app: &App,
    workspace: WorkspaceId,
    filter: RunFilter,
    columns: &Columns,
) -> Result<(String, Option<RunFilter>), StoreError> {
    let (runs, rest) = next(app, workspace, filter).await?;
    let base = app.store.settings(workspace).await?.public_base_url;
    let public = Public::at(app, base);
    let rows = runs.iter().map(|run| row(&public, run, columns));
    Ok((rows.collect(), rest))
}

/// A moment as Pydantic reads one: a time without an offset is in UTC, a day is its midnight.
struct Moment;

impl Rule for Moment {
    type Value = Timestamp;

    fn read(&self, input: &Value) -> Result<Timestamp, Wrong> {
        let text = input.as_str().unwrap_or_default();
        filters::moment(text).ok_or_else(|| {
            let error = if text.chars().count() < 10 {
                "input is too short"
            } else if !text.chars().take(4).all(|char| char.is_ascii_digit()) {
                "invalid character in year"
            } else {
                "unexpected extra characters at the end of the input"
            };
            let msg = format!("Input should be a valid datetime or date, {error}");
            let mut wrong = Wrong::new("datetime_from_date_parsing", msg);
            wrong.ctx = Some(json!({ "error": error }));
            wrong
        })
    }
}

/// The runs of an agent that are over, as CSV.
#[utoipa::path(
    get, path = "/api/v1/workflow/{workflow_id}/report", tag = "runs",
    params(
        ("workflow_id" = i64, Path),
        ("start_date" = Option<String>, Query, description = "Created at or after it"),
        ("end_date" = Option<String>, Query, description = "Created at or before it"),
        ("remarks" = Option<bool>, Query, description = "With the outcomes and notes that people wrote"),
    ),
    responses((status = 200, content_type = "text/csv", body = String), Refusals)
)]
async fn download_workflow_report(
    State(app): State<App>,
    input: Input,
) -> Result<Response, Problem> {
    let mut query = input.query_after(&["workflow_id"]);
    let start = query.nullable("start_date", &Moment);
    let end = query.nullable("end_date", &Moment);
    let remarks = query.or("remarks", &Bool, false);
    let (created_from, created_to, remarks) = query.finish(|| Some((start?, end?, remarks?)))?;
    let agent_id = AgentId(input.id("workflow_id")?);
    let workspace = input.workspace_id();
    if app.store.agent(workspace, agent_id).await?.is_none() {
        let detail = "Workflow not found";
        let status = StatusCode::NOT_FOUND;
        return Err(Problem::new(status, ErrorCode::NotFound, detail));
    }
    let filter = RunFilter {
        agent_id: Some(agent_id),
        over: true,
        created_from,
        created_to,
        ..RunFilter::default()
    };
    let name = format!("workflow-{agent_id}-report");
    report(app, workspace, filter, remarks, &name).await
}

/// The runs of the workspace as CSV, by the same filters as their list.
#[utoipa::path(
    get, path = "/api/v1/organizations/usage/runs/report", tag = "runs",
    params(
        ("start_date" = Option<String>, Query, description = "ISO 8601; created at or after it"),
        ("end_date" = Option<String>, Query, description = "ISO 8601; created at or before it"),
        ("filters" = Option<String>, Query, description = "A JSON list of `{attribute, type, value}`"),
        ("remarks" = Option<bool>, Query, description = "With the outcomes and notes that people wrote"),
    ),
    responses(
        (status = 200, content_type = "text/csv", body = String),
        (status = 400, body = ProblemBody, description = "A date or the filters cannot be read"),
        Refusals,
    )
)]
async fn download_usage_report(State(app): State<App>, input: Input) -> Result<Response, Problem> {
    let mut query = input.query();
    let asked = Asked::read(&mut query);
    let text = query.nullable("filters", &Text::ANY);
    let remarks = query.or("remarks", &Bool, false);
    let read = || Some((asked.start?, asked.end?, text?, remarks?));
    let (start, end, text, remarks) = query.finish(read)?;
    let filter = filter_of(start, end, text.as_deref())?;
    let workspace = input.workspace_id();
    report(app, workspace, filter, remarks, "usage-runs-report").await
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(download_workflow_report))
        .routes(routes!(download_usage_report))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for start in ["=", "+", "-", "@", "\t"] {
            assert_eq!(cell(&format!("{start}1")), format!("'{start}1"));
        }
        assert_eq!(cell("\r1"), "\"'\r1\"");
        assert_eq!(cell("=\"a\",1"), "\"'=\"\"a\"\",1\"");
        assert_eq!(cell("1-2"), "1-2");
    }
}
