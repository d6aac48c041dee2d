//! Versions of agents in the compatible API's shapes (contract §3.1, §3.3): the draft comes into
//! being, is checked and is published.

use super::shown::version;
use super::{detail, not_found, refused, taken};
use crate::app::App;
use crate::body::rules::{Int, Integer};
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use switchhook_core::ErrorCode;
use switchhook_core::agent::{Version, VersionStatus, validate};
use switchhook_core::ids::AgentId;
use switchhook_core::ports::Publishing;
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::time::Time;
use switchhook_wire::workflow as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// 422 with the validation object when the version cannot be published.
fn check(version: Option<&Version>) -> Result<(), Problem> {
    let errors = version.map_or_else(Vec::new, |version| validate(&version.definition));
    if errors.is_empty() {
        Ok(())
    } else {
        Err(refused(StatusCode::UNPROCESSABLE_ENTITY, &errors))
    }
}

/// Checks the draft, or the published version where there is none.
#[utoipa::path(
    post, path = "/api/v1/workflow/{workflow_id}/validate", tag = "agents",
    params(("workflow_id" = i64, Path)),
    responses((status = 200, body = wire::WorkflowValidation), Refusals)
)]
async fn validate_agent(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::WorkflowValidation>, Problem> {
    let detail = detail(&app, &input, "id").await?;
    check(detail.draft.or(detail.published).as_ref())?;
    let (is_valid, errors) = (true, Vec::new());
    Ok(Json(wire::WorkflowValidation { is_valid, errors }))
}

/// Publishes the draft.
#[utoipa::path(
    post, path = "/api/v1/workflow/{workflow_id}/publish", tag = "agents",
    params(("workflow_id" = i64, Path)),
    responses(
        (status = 200, body = wire::WorkflowPublished),
        (status = 400, body = ProblemBody, description = "There is no draft"),
        Refusals,
    )
)]
async fn publish_agent(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::WorkflowPublished>, Problem> {
    let workspace = input.workspace_id();
    let version = loop {
        let detail = detail(&app, &input, "id").await?;
        let draft = detail.draft.ok_or_else(|| {
            let status = StatusCode::BAD_REQUEST;
            Problem::new(status, ErrorCode::NoDraft, "No draft to publish")
        })?;
        check(Some(&draft))?;
        let published = app.store.publish_draft(workspace, draft, app.clock.now());
        let published = published.await;
        let published =
            published.map_err(|error| taken(error, None, StatusCode::UNPROCESSABLE_ENTITY))?;
        match published.ok_or_else(|| not_found("id", &input))? {
            Publishing::Published(version) => break version,
            // Somebody saved meanwhile: what stands there now was not judged.
            Publishing::Changed => {}
        }
    };
    Ok(Json(wire::WorkflowPublished {
        id: version.id.0,
        version_number: version.number,
        status: VersionStatus::Published.as_str().to_owned(),
        published_at: version.published_at.map(Time::with_offset),
    }))
}

/// The draft, made from the published version when there is none.
#[utoipa::path(
    post, path = "/api/v1/workflow/{workflow_id}/create-draft", tag = "agents",
    params(("workflow_id" = i64, Path)),
    responses((status = 200, body = wire::WorkflowVersion), Refusals)
)]
async fn create_draft(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::WorkflowVersion>, Problem> {
    let id = input.id("workflow_id")?;
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    let draft = app.store.create_draft(workspace, AgentId(id), at).await?;
    let draft = draft.ok_or_else(|| not_found("id", &input))?;
    Ok(Json(version(draft)))
}

/// Versions, newest first.
#[utoipa::path(
    get, path = "/api/v1/workflow/{workflow_id}/versions", tag = "agents",
    params(
        ("workflow_id" = i64, Path),
        ("limit" = Option<i64>, Query, minimum = 1, maximum = 100, description = "Absent means all"),
        ("offset" = Option<i64>, Query, minimum = 0),
    ),
    responses((status = 200, body = Vec<wire::WorkflowVersion>), Refusals)
)]
async fn list_versions(
    State(app): State<App>,
    input: Input,
) -> Result<Json<Vec<wire::WorkflowVersion>>, Problem> {
    let mut query = input.query_after(&["workflow_id"]);
    let limit = query.nullable("limit", &Int::between(1, 100));
    let offset = query.or("offset", &Int::at_least(0), Integer::Fits(0));
    let (limit, offset) = query.finish(|| Some((limit?, offset?)))?;
    let id = input.id("workflow_id")?;
    let count = |number: Option<i64>| number.and_then(|number| u32::try_from(number).ok());
    let limit = limit
        .and_then(|limit| count(limit.id()))
        .unwrap_or(u32::MAX);
    let offset = count(offset.id()).unwrap_or(u32::MAX);
    let workspace = input.workspace_id();
    let found = app
        .store
        .versions(workspace, AgentId(id), limit, offset)
        .await?;
    let found = found.ok_or_else(|| not_found("id", &input))?;
    Ok(Json(found.into_iter().map(version).collect()))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(validate_agent))
        .routes(routes!(publish_agent))
        .routes(routes!(create_draft))
        .routes(routes!(list_versions))
}
