//! Copies of the database: made, listed, handed out, and put back at the next start. They hold every
//! workspace and the hashes of every key, so they are the person's alone.

use crate::app::App;
use crate::body::fields::Fields;
use crate::body::rules::Text;
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use switchhook_core::ErrorCode;
use switchhook_store::{BackupError, BackupFile, Database, RestoreError};
use switchhook_wire::backup as wire;
use switchhook_wire::problem::Problem as ProblemBody;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Bytes that are read at a time.
const CHUNK: usize = 256 * 1024;

/// Blocking work on a thread for it.
async fn apart<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&Path) -> T + Send + 'static,
) -> Result<T, Problem> {
    let dir = app.data_dir.clone();
    let done = tokio::task::spawn_blocking(move || work(&dir)).await;
    done.map_err(|error| Problem::internal(&error))
}

fn shown(file: BackupFile) -> wire::Backup {
    wire::Backup {
        name: file.name,
        created_at: file.at.into(),
        size: file.size,
    }
}

fn unusable(error: &BackupError) -> Problem {
    tracing::error!(%error, "the database was not copied");
    let (status, code) = (
        StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::StorageUnavailable,
    );
    Problem::new(status, code, error.to_string())
}

fn not_restored(error: &RestoreError) -> Problem {
    let (status, code) = match error {
        RestoreError::Copy(error) => return unusable(error),
        RestoreError::NotApplied(_) => return Problem::internal(error),
        RestoreError::Missing(_) => (StatusCode::NOT_FOUND, ErrorCode::NotFound),
        RestoreError::Foreign(_) | RestoreError::Newer { .. } => {
            (StatusCode::CONFLICT, ErrorCode::InvalidRequest)
        }
    };
    Problem::new(status, code, error.to_string())
}

/// The copy with this name: one that is listed, so that no name leads out of the folder.
async fn named(app: &App, name: String) -> Result<PathBuf, Problem> {
    let found = apart(app, move |dir| {
        let all = Database::backups(dir);
        let found = all.into_iter().find(|file| file.name == name);
        found.map(|file| Database::backups_dir(dir).join(file.name))
    });
    found.await?.ok_or_else(|| {
        let detail = "Backup not found";
        Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
    })
}

async fn all(app: &App) -> Result<Json<wire::Backups>, Problem> {
    let shown = apart(app, |dir| wire::Backups {
        folder: Database::backups_dir(dir).display().to_string(),
        backups: Database::backups(dir).into_iter().map(shown).collect(),
        restore_since: Database::pending_restore(dir).map(Into::into),
        last_restore: Database::last_restore(dir).map(|last| wire::LastRestore {
            restored_at: last.at.into(),
            replaced: last.replaced,
            carried_over: last.is_whole,
        }),
    });
    Ok(Json(shown.await?))
}

/// The copies in the data folder, newest first, and whether one waits to be put back.
#[utoipa::path(
    get, path = "/api/switchhook/backups", tag = "switchhook",
    responses((status = 200, body = wire::Backups), Refusals)
)]
async fn list_backups(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Backups>, Problem> {
    input.by.must_be_person()?;
    all(&app).await
}

/// Makes a copy. Calls go on meanwhile; the newest five that were made are kept.
#[utoipa::path(
    post, path = "/api/switchhook/backups", tag = "switchhook",
    responses((status = 200, body = wire::Backups), Refusals)
)]
async fn create_backup(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Backups>, Problem> {
    input.by.must_be_person()?;
    let made = apart(&app, |dir| Database::backup(dir, None)).await?;
    made.map_err(|error| unusable(&error))?;
    all(&app).await
}

/// A copy as a file.
#[utoipa::path(
    get, path = "/api/switchhook/backups/{backup_name}", tag = "switchhook",
    params(("backup_name" = String, Path)),
    responses(
        (status = 200, body = Vec<u8>, content_type = "application/vnd.sqlite3"),
        Refusals,
    )
)]
async fn download_backup(State(app): State<App>, input: Input) -> Result<Response, Problem> {
    input.by.must_be_person()?;
    let name = input.parameters.text("backup_name").to_owned();
    let path = named(&app, name.clone()).await?;
    let opened = apart(&app, move |_| File::open(path)).await?;
    let file = opened.map_err(|error| Problem::internal(&error))?;
    let size = file.metadata().map(|about| about.len()).ok();
    let body = Body::from_stream(stream::try_unfold(file, next_chunk));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    let kind = HeaderValue::from_static("application/vnd.sqlite3");
    headers.insert(header::CONTENT_TYPE, kind);
    let name = format!(
        "attachment; filename=\"{}\"",
        name.replace(['"', '\\'], "_")
    );
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    if let Some(size) = size {
        headers.insert(header::CONTENT_LENGTH, size.into());
    }
    Ok(response)
}

async fn next_chunk(mut file: File) -> io::Result<Option<(Bytes, File)>> {
    let read = move || {
        let mut chunk = vec![0; CHUNK];
        let length = file.read(&mut chunk)?;
        chunk.truncate(length);
        Ok((length > 0).then(|| (Bytes::from(chunk), file)))
    };
    let read = tokio::task::spawn_blocking(read).await;
    read.map_err(io::Error::other)?
}

/// Has a copy put back at the next start. It is looked at first; the present database is kept beside
/// it. What happened since is forgotten, but for this: keys that were archived stay so, requests of the
/// last 24 hours are known by their idempotency keys, runs that are open are followed, and no id is
/// given again.
#[utoipa::path(
    put, path = "/api/switchhook/restore", tag = "switchhook",
    request_body = wire::Restore,
    responses(
        (status = 200, body = wire::Backups),
        (status = 409, body = ProblemBody, description = "No whole database of this program, or a newer one's"),
        Refusals,
    )
)]
async fn prepare_restore(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Backups>, Problem> {
    input.by.must_be_person()?;
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let name = fields.required("backup", &Text::length(1, 255));
    let name = fields.finish(|| name)?;
    let from = named(&app, name).await?;
    let prepared = apart(&app, move |dir| Database::prepare_restore(dir, &from)).await?;
    prepared.map_err(|error| not_restored(&error))?;
    all(&app).await
}

/// Puts nothing back after all.
#[utoipa::path(
    delete, path = "/api/switchhook/restore", tag = "switchhook",
    responses((status = 200, body = wire::Backups), Refusals)
)]
async fn cancel_restore(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Backups>, Problem> {
    input.by.must_be_person()?;
    let cancelled = apart(&app, Database::cancel_restore).await?;
    cancelled.map_err(|error| Problem::internal(&error))?;
    all(&app).await
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_backups, create_backup))
        .routes(routes!(download_backup))
        .routes(routes!(prepare_restore, cancel_restore))
}
