//! Runs: the list and the search, one of them, what a person writes about it, and ending its call
//! from here. What one looks like whole is in `run_detail.rs`.

use super::run_detail::whole;
use crate::app::App;
use crate::body::fields::Fields;
use crate::body::rules::{Bool, Choice, Int, Integer, Text};
use crate::problem::Problem;
use crate::routes::input::{Input, Moment, Refusals};
use crate::routes::runs::{end, not_found};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::{SignedDuration, Timestamp};
use switchhook_core::ErrorCode;
use switchhook_core::ids::{AgentId, RunId};
use switchhook_core::ports::{self, RemarkChange, Run, RunFilter, RunSearch};
use switchhook_core::run::{EndCode, RunState};
use switchhook_core::trigger::Mode;
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::run as wire;
use switchhook_wire::time::Time;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Longest outcome and note of a person, in characters.
const MOST_OUTCOME: usize = 60;
const MOST_NOTE: usize = 2000;

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
        noted_outcome: run.remark.outcome,
        note: run.remark.note,
    }
}

/// Which runs are meant by a state: of one state, or of all that are open or over.
#[derive(Clone, Copy)]
enum Wanted {
    Open,
    Ended,
    In(RunState),
}

const MODE: Choice<Mode> =
    Choice::literal(&[("test", Mode::Test), ("production", Mode::Production)]);

const STATES: [(&str, Wanted); RunState::ALL.len() + 2] = {
    let mut words = [("open", Wanted::Open); RunState::ALL.len() + 2];
    words[1] = ("ended", Wanted::Ended);
    let mut at = 0;
    while at < RunState::ALL.len() {
        let state = RunState::ALL[at];
        words[at + 2] = (state.as_str(), Wanted::In(state));
        at += 1;
    }
    words
};
const STATE: Choice<Wanted> = Choice::literal(&STATES);

const OUTCOMES: [(&str, EndCode); EndCode::ALL.len()] = {
    let mut words = [("", EndCode::Busy); EndCode::ALL.len()];
    let mut at = 0;
    while at < words.len() {
        words[at] = (EndCode::ALL[at].as_str(), EndCode::ALL[at]);
        at += 1;
    }
    words
};
const OUTCOME: Choice<EndCode> = Choice::literal(&OUTCOMES);

fn just_before(at: Timestamp) -> Timestamp {
    let earlier = at.checked_sub(SignedDuration::from_micros(1));
    earlier.unwrap_or(Timestamp::MIN)
}

/// Which runs a query asks for, and the words that they must have.
fn asked(input: &Input) -> Result<(RunFilter, Option<String>), Problem> {
    let mut query = input.query();
    let limit = query.or("limit", &Int::between(1, 100), Integer::Fits(50));
    let before = query.nullable("before", &Int::ANY);
    let agent_id = query.nullable("agent_id", &Int::ANY);
    let open = query.or("open", &Bool, false);
    let mode = query.nullable("mode", &MODE);
    let state = query.nullable("state", &STATE);
    let outcome = query.nullable("outcome", &OUTCOME);
    let from = query.nullable("created_from", &Moment);
    let until = query.nullable("created_before", &Moment);
    let words = query.nullable("q", &Text::ANY);
    let asked = query.finish(|| {
        let state = state?;
        let filter = RunFilter {
            agent_id: agent_id?.map(|id| AgentId(id.id().unwrap_or(0))),
            open: open? || matches!(state, Some(Wanted::Open)),
            over: matches!(state, Some(Wanted::Ended)),
            mode: mode?,
            state: state.and_then(|state| match state {
                Wanted::In(state) => Some(state),
                Wanted::Open | Wanted::Ended => None,
            }),
            outcome: outcome?,
            created_from: from?,
            // Times are kept in microseconds.
            created_to: until?.map(just_before),
            before: before?.map(|id| RunId(id.id().unwrap_or(0))),
            limit: limit?.id().and_then(|it| it.try_into().ok()).unwrap_or(50),
            ..RunFilter::default()
        };
        Some((filter, words?))
    })?;
    let (filter, words) = asked;
    Ok((filter, words.filter(|words| !words.trim().is_empty())))
}

/// Runs, newest first; with `q` those that are over and have all of its words in what was said, in a
/// context, in a number or in what a person wrote about them, and open ones that a person wrote
/// about. A page may be short and still have a next one.
#[utoipa::path(
    get, path = "/api/switchhook/runs", tag = "switchhook",
    params(
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "50 when absent"),
        ("before" = Option<i64>, Query, description = "Only runs with a smaller id"),
        ("agent_id" = Option<i64>, Query),
        ("open" = Option<bool>, Query, description = "Only runs that are not over"),
        ("mode" = Option<String>, Query, description = "`test` or `production`"),
        ("state" = Option<String>, Query, description = "A run's state, or `open` or `ended` for all that are not over or over"),
        ("outcome" = Option<String>, Query, description = "The `code` of a run's end, for example `no-answer`"),
        ("created_from" = Option<String>, Query, format = DateTime, description = "The first moment"),
        ("created_before" = Option<String>, Query, format = DateTime, description = "The first moment that is too late"),
        ("q" = Option<String>, Query, description = "Words; the last may be begun only. Digits are any part of a number"),
    ),
    responses((status = 200, body = wire::RunPage), Refusals)
)]
async fn list_runs(State(app): State<App>, input: Input) -> Result<Json<wire::RunPage>, Problem> {
    let (mut filter, words) = asked(&input)?;
    let limit = filter.limit as usize;
    let workspace = input.workspace_id();
    // One more than asked for tells whether there is another page.
    filter.limit += 1;
    let (mut runs, looked_until) = match words {
        Some(words) => {
            let search = RunSearch { words, filter };
            let found = app.store.search_runs(workspace, search).await?;
            (found.runs, found.looked_until)
        }
        None => (app.store.runs(workspace, filter).await?, None),
    };
    let has_more = runs.len() > limit;
    runs.truncate(limit);
    let next_before = match runs.last() {
        Some(last) if has_more => Some(last.id.0),
        _ => looked_until.map(|run| run.0),
    };
    let runs = runs.into_iter().map(summary).collect();
    Ok(Json(wire::RunPage { runs, next_before }))
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

/// A part of what a person writes; `None` where it was not sent.
fn part(fields: &mut Fields<'_>, name: &str, most: usize) -> Option<Option<Option<String>>> {
    if !fields.has(name) {
        return Some(None);
    }
    let text = fields.nullable(name, &Text::length(0, most))?;
    let text = text.map(|text| text.trim().to_owned());
    Some(Some(text.filter(|text| !text.is_empty())))
}

/// Changes a run's outcome and note: what a person wrote about it, of whom nobody else takes notice.
#[utoipa::path(
    patch, path = "/api/switchhook/runs/{run_id}", tag = "switchhook",
    params(("run_id" = i64, Path)),
    request_body = wire::RunUpdate,
    responses((status = 200, body = wire::Run), Refusals)
)]
async fn patch_run(State(app): State<App>, input: Input) -> Result<Json<wire::Run>, Problem> {
    let found = run(&app, &input).await?;
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let outcome = part(&mut fields, "noted_outcome", MOST_OUTCOME);
    let note = part(&mut fields, "note", MOST_NOTE);
    let change = fields.finish(|| {
        Some(RemarkChange {
            outcome: outcome?,
            note: note?,
        })
    })?;
    let at = app.clock.now();
    app.store.change_remark(found.id, change, at).await?;
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
        .routes(routes!(get_run, patch_run))
        .routes(routes!(hang_up_run))
}
