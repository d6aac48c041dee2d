//! Runs with everything that is known about them, and ending a call from here. `offset_ms` counts
//! from the run's creation, as the timeline's times do, so that there is one axis.

use crate::app::App;
use crate::body::rules::{Bool, Int, Integer, Text};
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use crate::routes::runs::{end, not_found};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::Timestamp;
use switchhook_core::ErrorCode;
use switchhook_core::ids::{AgentId, RunId};
use switchhook_core::ports::{
    self, Attempt, Run, RunFilter, RunSearch, TimelineEntry, TranscriptLine,
};
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::run as wire;
use switchhook_wire::time::Time;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

fn summary(run: Run) -> wire::RunSummary {
    wire::RunSummary {
        id: run.id.0,
        name: run.name,
        agent_id: run.agent_id.0,
        agent_name: run.agent_name,
        version_number: run.version_number,
        version_status: run.version_status.as_str().to_owned(),
        mode: run.mode.as_str().to_owned(),
        state: run.state.as_str().to_owned(),
        is_completed: run.end.is_some(),
        created_at: run.created_at.into(),
        ended_at: run.end.map(|end| Time::from(end.at)),
        destination: run.destination,
        caller_id: run.caller_id,
        provider: run.provider,
        end: run.end.as_ref().map(end),
    }
}

/// Runs, newest first; with `q` those that are over and have all of its words in what was said, in a
/// context or in a number.
#[utoipa::path(
    get, path = "/api/switchhook/runs", tag = "switchhook",
    params(
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "50 when absent"),
        ("before" = Option<i64>, Query, description = "Only runs with a smaller id"),
        ("agent_id" = Option<i64>, Query),
        ("open" = Option<bool>, Query, description = "Only runs that are not over"),
        ("q" = Option<String>, Query, description = "Words; the last may be begun only. Digits are any part of a number"),
    ),
    responses((status = 200, body = wire::RunPage), Refusals)
)]
async fn list_runs(State(app): State<App>, input: Input) -> Result<Json<wire::RunPage>, Problem> {
    let mut query = input.query();
    let limit = query.or("limit", &Int::between(1, 100), Integer::Fits(50));
    let before = query.nullable("before", &Int::ANY);
    let agent_id = query.nullable("agent_id", &Int::ANY);
    let open = query.or("open", &Bool, false);
    let words = query.nullable("q", &Text::ANY);
    let (limit, before, agent_id, open, words) =
        query.finish(|| Some((limit?, before?, agent_id?, open?, words?)))?;
    let words = words.filter(|words| !words.trim().is_empty());
    let limit = limit.id().and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.unwrap_or(50);
    let agent_id = agent_id.map(|id| AgentId(id.id().unwrap_or(0)));
    let before = before.map(|id| RunId(id.id().unwrap_or(0)));
    let workspace = input.workspace_id();
    // One more than asked for tells whether there is another page.
    let one_more = u32::try_from(limit + 1).unwrap_or(u32::MAX);
    let mut runs = match words {
        // What is open is not in the index.
        Some(_) if open => Vec::new(),
        Some(words) => {
            let search = RunSearch {
                words,
                agent_id,
                before,
                limit: one_more,
            };
            app.store.search_runs(workspace, search).await?
        }
        None => {
            let filter = RunFilter {
                agent_id,
                open,
                before,
                limit: one_more,
                ..RunFilter::default()
            };
            app.store.runs(workspace, filter).await?
        }
    };
    let has_more = runs.len() > limit;
    runs.truncate(limit);
    let next_before = runs.last().filter(|_| has_more).map(|run| run.id.0);
    let runs = runs.into_iter().map(summary).collect();
    Ok(Json(wire::RunPage { runs, next_before }))
}

fn timeline(entry: TimelineEntry) -> wire::TimelineEntry {
    wire::TimelineEntry {
        at: entry.at.into(),
        state: entry.state.as_str().to_owned(),
        source: entry.source.as_str().to_owned(),
        note: entry.note,
    }
}

fn transcript(line: TranscriptLine, created_at: Timestamp) -> wire::TranscriptLine {
    let offset = line.at.duration_since(created_at).as_millis();
    wire::TranscriptLine {
        at: line.at.into(),
        offset_ms: i64::try_from(offset).unwrap_or(i64::MAX),
        speaker: line.speaker.as_str().to_owned(),
        text: line.text,
        node_id: line.node_id,
        kind: line.kind.as_str().to_owned(),
    }
}

fn attempt(attempt: Attempt) -> wire::Attempt {
    wire::Attempt {
        id: attempt.id.to_string(),
        carrier_call_id: attempt.carrier_call_id,
        outcome: attempt.outcome,
    }
}

async fn whole(app: &App, run: Run) -> Result<Json<wire::Run>, Problem> {
    let entries = app.store.timeline(run.id).await?;
    let lines = app.store.transcript(run.id).await?;
    let created_at = run.created_at;
    let lines = lines.into_iter().map(|line| transcript(line, created_at));
    Ok(Json(wire::Run {
        id: run.id.0,
        name: run.name,
        agent_id: run.agent_id.0,
        agent_name: run.agent_name,
        version_number: run.version_number,
        version_status: run.version_status.as_str().to_owned(),
        mode: run.mode.as_str().to_owned(),
        draft_missing: run.draft_missing,
        state: run.state.as_str().to_owned(),
        is_completed: run.end.is_some(),
        created_at: created_at.into(),
        ended_at: run.end.map(|end| Time::from(end.at)),
        destination: run.destination,
        caller_id: run.caller_id,
        telephony_configuration_id: run.configuration_id.0,
        provider: run.provider,
        end: run.end.as_ref().map(end),
        timeline: entries.into_iter().map(timeline).collect(),
        transcript: lines.collect(),
        initial_context: run.initial_context,
        gathered_context: run.gathered_context,
        attempts: run.attempts.into_iter().map(attempt).collect(),
    }))
}

async fn run(app: &App, input: &Input) -> Result<ports::Run, Problem> {
    let id = RunId(input.id("run_id")?);
    let run = app.store.run(Some(input.workspace_id()), id).await?;
    run.ok_or_else(not_found)
}

/// One run, whole.
#[utoipa::path(
    get, path = "/api/switchhook/runs/{run_id}", tag = "switchhook",
    params(("run_id" = i64, Path)),
    responses((status = 200, body = wire::Run), Refusals)
)]
async fn get_run(State(app): State<App>, input: Input) -> Result<Json<wire::Run>, Problem> {
    let run = run(&app, &input).await?;
    whole(&app, run).await
}

/// Ends a run's call. The run is answered as it stands; its end follows as an event.
#[utoipa::path(
    post, path = "/api/switchhook/runs/{run_id}/hang-up", tag = "switchhook",
    params(("run_id" = i64, Path)),
    responses(
        (status = 200, body = wire::Run),
        (status = 409, body = ProblemBody, description = "The run is over"),
        Refusals,
    )
)]
async fn hang_up_run(State(app): State<App>, input: Input) -> Result<Json<wire::Run>, Problem> {
    let run = run(&app, &input).await?;
    if run.is_completed() || !app.engine.hang_up(run.id) {
        let detail = "The run is over; there is no call to hang up";
        let (status, code) = (StatusCode::CONFLICT, ErrorCode::RunNotInThatState);
        return Err(Problem::new(status, code, detail).with_run(run.id));
    }
    whole(&app, run).await
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_runs))
        .routes(routes!(get_run))
        .routes(routes!(hang_up_run))
}
