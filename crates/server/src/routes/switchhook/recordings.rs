//! A run's recording for who manages the workspace: the file, in parts where it is asked for parts,
//! and its loudness for drawing it. The window plays by parts: a call of twenty minutes is 38 MB. For
//! people without a key there are the links of the compatible API, which expire.

use crate::app::App;
use crate::body::rules::{Int, Integer};
use crate::problem::Problem;
use crate::recordings::{self, Recording};
use crate::routes::input::{Input, Refusals};
use crate::routes::runs::not_found;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use switchhook_core::ErrorCode;
use switchhook_core::ids::RunId;
use switchhook_wire::run as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Parts of a drawing where nobody says how many.
const PARTS: i64 = 800;
const MOST_PARTS: i64 = 4000;

async fn opened(app: &App, input: &Input) -> Result<(RunId, Recording), Problem> {
    let id = RunId(input.id("run_id")?);
    let run = app.store.run(Some(input.workspace_id()), id).await?;
    let run = run.ok_or_else(not_found)?;
    let told = |error| recordings::problem(&error);
    let found = recordings::of_run(&app.artifacts, run.id).await;
    let found = found.map_err(told)?.ok_or_else(|| {
        let detail = "The run has no recording";
        Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
    })?;
    let recording = Recording::open(&app.artifacts, found).await;
    Ok((run.id, recording.map_err(told)?))
}

/// A run's recording as WAV: left the callee, right the agent.
#[utoipa::path(
    get, path = "/api/switchhook/runs/{run_id}/recording", tag = "switchhook",
    params(
        ("run_id" = i64, Path),
        ("Range" = Option<String>, Header, description = "A part of it, as `bytes=0-1023`"),
    ),
    responses(
        (status = 200, content_type = "audio/wav", body = Vec<u8>),
        (status = 206, content_type = "audio/wav", body = Vec<u8>, description = "The part that was asked for"),
        (status = 416, description = "`Range` asks for a part behind its end"),
        Refusals,
    )
)]
async fn get_recording(
    State(app): State<App>,
    headers: HeaderMap,
    input: Input,
) -> Result<Response, Problem> {
    let (run, recording) = opened(&app, &input).await?;
    let placing = format!("attachment; filename=\"recording-{run}.wav\"");
    Ok(recording.answer(&headers, &placing))
}

/// How loud a run's recording is, for drawing it.
#[utoipa::path(
    get, path = "/api/switchhook/runs/{run_id}/recording/peaks", tag = "switchhook",
    params(
        ("run_id" = i64, Path),
        ("parts" = Option<i64>, Query, minimum = 1, maximum = 4000, description = "800 when absent"),
    ),
    responses((status = 200, body = wire::RecordingPeaks), Refusals)
)]
async fn get_recording_peaks(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::RecordingPeaks>, Problem> {
    let mut query = input.query_after(&["run_id"]);
    let parts = query.or("parts", &Int::between(1, MOST_PARTS), Integer::Fits(PARTS));
    let parts = query.finish(|| parts)?;
    let (_, recording) = opened(&app, &input).await?;
    let parts = parts.id().and_then(|parts| u64::try_from(parts).ok());
    let peaks = recording.peaks(parts.unwrap_or(1)).await;
    let [callee, agent] = peaks.map_err(|error| recordings::problem(&error))?;
    Ok(Json(wire::RecordingPeaks {
        duration_ms: i64::try_from(recording.duration_ms()).unwrap_or(i64::MAX),
        callee,
        agent,
    }))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_recording))
        .routes(routes!(get_recording_peaks))
}
