//! Workspaces: several on one server, each with its own keys, agents, configurations and runs. The
//! person at the window sees and keeps them all; a key sees its own and changes none.

use crate::app::App;
use crate::body::fields::Fields;
use crate::body::rules::{Rule, Text, Wrong};
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use switchhook_core::ErrorCode;
use switchhook_core::ids::WorkspaceId;
use switchhook_core::ports::{StoreError, Workspace};
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::telephony::Message;
use switchhook_wire::workspace as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A name of 1 to 64 characters that is no white space.
struct Name;

impl Rule for Name {
    type Value = String;

    fn read(&self, input: &Value) -> Result<String, Wrong> {
        let name = Text::length(1, 64).read(input)?;
        if !name.trim().is_empty() {
            return Ok(name.trim().to_owned());
        }
        let mut wrong = Wrong::new("value_error", "Value error, a workspace needs a name");
        wrong.ctx = Some(json!({ "error": {} }));
        Err(wrong)
    }
}

fn refused(error: StoreError) -> Problem {
    let detail = match &error {
        StoreError::NameTaken => "A workspace with this name already exists",
        StoreError::InUse => "The first workspace, and one that has runs, cannot be deleted",
        _ => return error.into(),
    };
    Problem::new(StatusCode::CONFLICT, error.code(), detail)
}

fn name(input: &Input) -> Result<String, Problem> {
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let name = fields.required("name", &Name);
    Ok(fields.finish(|| name)?)
}

fn shown(app: &App, workspace: Workspace) -> wire::WorkspaceItem {
    wire::WorkspaceItem {
        id: workspace.id.0,
        is_home: workspace.id == app.home,
        name: workspace.name,
        created_at: workspace.created_at.into(),
    }
}

/// The workspaces: all of them for the person, its own for a key.
#[utoipa::path(
    get, path = "/api/switchhook/workspaces", tag = "workspaces",
    responses((status = 200, body = wire::Workspaces), Refusals)
)]
async fn list_workspaces(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Workspaces>, Problem> {
    let is_seen =
        |workspace: &Workspace| input.by.is_person() || workspace.id == input.workspace_id();
    let all = app.store.workspaces().await?.into_iter().filter(is_seen);
    let workspaces = all.map(|workspace| shown(&app, workspace)).collect();
    Ok(Json(wire::Workspaces { workspaces }))
}

/// Adds an empty workspace.
#[utoipa::path(
    post, path = "/api/switchhook/workspaces", tag = "workspaces",
    request_body = wire::WorkspaceName,
    responses(
        (status = 200, body = wire::WorkspaceItem),
        (status = 409, body = ProblemBody, description = "The name is taken"),
        Refusals,
    )
)]
async fn create_workspace(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::WorkspaceItem>, Problem> {
    input.by.must_be_person()?;
    let created = app
        .store
        .create_workspace(name(&input)?, app.clock.now())
        .await;
    Ok(Json(shown(&app, created.map_err(refused)?)))
}

/// Gives a workspace another name.
#[utoipa::path(
    put, path = "/api/switchhook/workspaces/{workspace_id}", tag = "workspaces",
    params(("workspace_id" = i64, Path)), request_body = wire::WorkspaceName,
    responses(
        (status = 200, body = wire::WorkspaceItem),
        (status = 409, body = ProblemBody, description = "The name is taken"),
        Refusals,
    )
)]
async fn rename_workspace(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::WorkspaceItem>, Problem> {
    input.by.must_be_person()?;
    let id = WorkspaceId(input.id("workspace_id")?);
    let renamed = app
        .store
        .rename_workspace(id, name(&input)?, app.clock.now())
        .await;
    let renamed = renamed.map_err(refused)?;
    Ok(Json(shown(&app, renamed.ok_or_else(unknown)?)))
}

fn unknown() -> Problem {
    let detail = "Workspace not found";
    Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
}

/// Deletes a workspace without runs, with its agents, keys and configurations.
#[utoipa::path(
    delete, path = "/api/switchhook/workspaces/{workspace_id}", tag = "workspaces",
    params(("workspace_id" = i64, Path)),
    responses(
        (status = 200, body = Message),
        (status = 409, body = ProblemBody, description = "It is the first one, or has runs"),
        Refusals,
    )
)]
async fn delete_workspace(State(app): State<App>, input: Input) -> Result<Json<Message>, Problem> {
    input.by.must_be_person()?;
    let id = WorkspaceId(input.id("workspace_id")?);
    if !app.store.delete_workspace(id).await.map_err(refused)? {
        return Err(unknown());
    }
    let message = "Workspace deleted".to_owned();
    Ok(Json(Message { message }))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_workspaces, create_workspace))
        .routes(routes!(rename_workspace, delete_workspace))
}
