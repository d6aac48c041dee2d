//! A run's files for whoever has its token, and the links to them (contract §5.7). The reference
//! redirects to its storage; here the file itself is the answer.

use crate::app::App;
use crate::body::rules::Bool;
use crate::problem::Problem;
use crate::recordings::{self, Recording, Track};
use crate::routes::input::Parameters;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::fmt::Write as _;
use switchhook_core::ErrorCode;
use switchhook_core::ids::WorkspaceId;
use switchhook_core::ports::{Run, Speaker, TranscriptLine};
use switchhook_core::walk::LineKind;
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::time::Time;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const ARTIFACTS: [&str; 4] = ["recording", "transcript", "user_recording", "bot_recording"];

/// Where the reference's storage has the transcript; here the word for "there is one".
pub(super) fn transcript_key(run: &Run) -> Option<String> {
    (run.is_completed() && run.has_transcript).then(|| format!("transcripts/{}.txt", run.id))
}

/// The same for the recording, whole and each of its tracks: a run that was recorded has both.
pub(super) fn recording_keys(run: &Run) -> [Option<String>; 3] {
    let key = |name: &str| {
        run.has_recording
            .then(|| format!("recordings/{}{name}", run.id))
    };
    [key(".wav"), key("/user.wav"), key("/bot.wav")]
}

/// What links are made of.
pub(super) struct Public<'a> {
    app: &'a App,
    base: Option<String>,
}

/// Links to a run's files. As in the reference, the first two are there as soon as there is any
/// file, those to a single track only where there is one.
#[derive(Default)]
pub(super) struct Links {
    pub token: Option<String>,
    pub transcript: Option<String>,
    pub recording: Option<String>,
    pub user_recording: Option<String>,
    pub bot_recording: Option<String>,
}

impl<'a> Public<'a> {
    /// With the address by which the outside reaches the public listener.
    pub async fn of(app: &'a App, workspace: WorkspaceId) -> Result<Self, Problem> {
        let base = app.store.settings(workspace).await?.public_base_url;
        Ok(Self::at(app, base))
    }

    /// With the address that the workspace's settings have, or else where the listener listens.
    pub fn at(app: &'a App, base: Option<String>) -> Self {
        let base = base.or_else(|| app.public_url());
        Self { app, base }
    }

    /// A run's links.
    pub fn links(&self, run: &Run) -> Links {
        if transcript_key(run).is_none() && !run.has_recording {
            return Links::default();
        }
        let (token, _) = self.app.downloads.token(run.id, self.app.clock.now());
        let link = |artifact: &str| {
            let base = self.base.as_deref()?.trim_end_matches('/');
            Some(format!(
                "{base}/api/v1/public/download/workflow/{token}/{artifact}"
            ))
        };
        Links {
            token: Some(token.to_string()),
            transcript: link("transcript"),
            recording: link("recording"),
            user_recording: link("user_recording").filter(|_| run.has_recording),
            bot_recording: link("bot_recording").filter(|_| run.has_recording),
        }
    }
}

/// A line a thing said, by whom and when (contract §5.6).
fn text(lines: &[TranscriptLine]) -> String {
    let mut text = String::new();
    for line in lines.iter().filter(|line| line.kind != LineKind::Prompt) {
        let at = Time::in_milliseconds(line.at);
        let speaker = match line.speaker {
            Speaker::Agent => "assistant",
            Speaker::Callee => "user",
        };
        // Writing to a text cannot fail.
        let _ = writeln!(text, "[{}] {speaker}: {}", at.as_str(), line.text);
    }
    text
}

fn not_found(detail: String) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
}

/// A file of a run, for whoever has its token.
#[utoipa::path(
    get, path = "/api/v1/public/download/workflow/{token}/{artifact_type}", tag = "runs",
    params(
        ("token" = String, Path),
        ("artifact_type" = String, Path, description = "`recording`, `transcript`, `user_recording` or `bot_recording`"),
        ("inline" = Option<bool>, Query, description = "To be shown instead of saved"),
    ),
    responses(
        (status = 200, description = "The file, a recording as WAV", content(
            (String = "text/plain"), (Vec<u8> = "audio/wav"),
        )),
        (status = 206, content_type = "audio/wav", body = Vec<u8>, description = "The part of a recording that `Range` asks for"),
        (status = 400, body = ProblemBody, description = "There are no such files"),
        (status = 416, description = "`Range` asks for a part behind the recording's end"),
        (status = 404, body = ProblemBody, description = "The token is not valid or too old, or the run has no such file"),
        (status = 422, body = ProblemBody),
        (status = 503, body = ProblemBody),
    )
)]
async fn download_artifact(
    State(app): State<App>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Result<Response, Problem> {
    let mut query = parameters.query();
    let inline = query.or("inline", &Bool, false);
    let inline = query.finish(|| inline)?;
    let run = app.downloads.run(parameters.text("token"), app.clock.now());
    let run = match run {
        Some(id) => app.store.run(None, id).await?,
        None => None,
    };
    let run = run.ok_or_else(|| not_found("Invalid or expired token".to_owned()))?;
    let artifact = parameters.text("artifact_type");
    if !ARTIFACTS.contains(&artifact) {
        let status = StatusCode::BAD_REQUEST;
        let detail = "Unsupported artifact type";
        return Err(Problem::new(status, ErrorCode::InvalidRequest, detail));
    }
    let missing = || not_found(format!("No {artifact} available for this workflow run"));
    let placing = if inline { "inline" } else { "attachment" };
    if artifact != "transcript" {
        let found = recordings::of_run(&app.artifacts, run.id).await;
        let found = found.map_err(|error| recordings::problem(&error))?;
        let found = found.filter(|found| found.is_there).ok_or_else(missing)?;
        let recording = Recording::open(&app.artifacts, found).await;
        let recording = recording.map_err(|error| recordings::problem(&error))?;
        let recording = match artifact {
            "user_recording" => recording.only(Track::Callee),
            "bot_recording" => recording.only(Track::Agent),
            _ => recording,
        };
        let placing = format!("{placing}; filename=\"{artifact}-{}.wav\"", run.id);
        return Ok(recording.answer(&headers, &placing));
    }
    if transcript_key(&run).is_none() {
        return Err(missing());
    }
    let lines = app.store.transcript(run.id).await?;
    let placing = format!("{placing}; filename=\"transcript-{}.txt\"", run.id);
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONTENT_DISPOSITION, placing.as_str()),
        // Whoever shares a computer must not find it in a cache.
        (header::CACHE_CONTROL, "private, no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    Ok((headers, text(&lines)).into_response())
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(download_artifact))
}
