//! Making and changing agents (contract §3.1, §3.3). What a draft may not be is refused here; whether
//! it can hold a conversation is asked in `versions`, for publishing.

use super::shown::{ON_CREATE, ON_DUPLICATE, ON_STATUS, ON_UPDATE, workflow};
use super::{configurations, detail, entrusted, not_found, prepared, taken};
use crate::app::App;
use crate::body::BodyError;
use crate::body::fields::{FieldError, Fields};
use crate::body::rules::{Choice, Object, Rule, Text, Wrong};
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Map, Value};
use switchhook_core::agent::AgentStatus;
use switchhook_core::ids::AgentId;
use switchhook_core::ports::{AgentChange, AgentCopy, AgentDetail, NewAgent};
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::workflow as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

const STATUS: Choice<AgentStatus> = Choice::literal(&[
    ("active", AgentStatus::Active),
    ("archived", AgentStatus::Archived),
]);

/// A text first, as in the reference; which texts there are is checked here, where it fails.
struct Status;

impl Rule for Status {
    type Value = AgentStatus;

    fn read(&self, input: &Value) -> Result<AgentStatus, Wrong> {
        Text::ANY.read(input)?;
        STATUS.read(input)
    }
}

/// Creates an agent; its first version is published at once.
#[utoipa::path(
    post, path = "/api/v1/workflow/create/definition", tag = "agents",
    request_body = wire::WorkflowCreate,
    responses(
        (status = 200, body = wire::Workflow),
        (status = 409, body = ProblemBody, description = "The trigger path belongs to another agent; `held_by` says to which"),
        Refusals,
    )
)]
async fn create_agent(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Workflow>, Problem> {
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let name = fields.required("name", &Text::ANY);
    let definition = fields.required("workflow_definition", &Object);
    let (name, definition) = fields.finish(|| Some((name?, definition?)))?;
    let created = make(&app, &input, name, Value::Object(definition)).await?;
    Ok(Json(shown_on_create(created)))
}

/// A new agent in the shape that creating answers.
pub fn shown_on_create(created: AgentDetail) -> wire::Workflow {
    workflow(created, &ON_CREATE)
}

/// Makes an agent of a definition; its first version is published at once.
///
/// # Errors
/// What a definition may not be, a path that is another's, and secrets that cannot be kept.
pub async fn make(
    app: &App,
    input: &Input,
    name: String,
    definition: Value,
) -> Result<AgentDetail, Problem> {
    let mut definition = prepared(definition, StatusCode::UNPROCESSABLE_ENTITY)?;
    let workspace_id = input.workspace_id();
    entrusted(app, workspace_id, None, Some(&mut definition), None).await?;
    let agent = NewAgent {
        workspace_id,
        uuid: Uuid::new_v4(),
        name,
        definition: definition.clone(),
        configurations: Map::new(),
        template_context_variables: None,
        at: app.clock.now(),
    };
    let created = app.store.create_agent(agent).await;
    created.map_err(|error| taken(error, Some(&definition), StatusCode::CONFLICT))
}

fn read_change(
    object: &Map<String, Value>,
    wrong: Vec<FieldError>,
) -> Result<AgentChange, BodyError> {
    let mut fields = Fields::body(object).after(wrong);
    let name = fields.nullable("name", &Text::ANY);
    let definition = fields.nullable("workflow_definition", &Object);
    let variables = fields.nullable("template_context_variables", &Object);
    let (configurations, wrong) = configurations::read(&mut fields);
    let earlier = fields.into_errors();
    Fields::body(object).after(wrong).after(earlier).finish(|| {
        Some(AgentChange {
            name: name?,
            definition: definition?.map(Value::Object),
            configurations: configurations?,
            template_context_variables: variables?,
        })
    })
}

/// Changes an agent: its name at once, everything else in the draft.
#[utoipa::path(
    put, path = "/api/v1/workflow/{workflow_id}", tag = "agents",
    params(("workflow_id" = i64, Path)), request_body = wire::WorkflowUpdate,
    responses(
        (status = 200, body = wire::Workflow),
        (status = 409, body = ProblemBody, description = "The trigger path belongs to another agent, a type stands too often, or two edges of a node cannot be told apart"),
        Refusals,
    )
)]
async fn update_agent(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Workflow>, Problem> {
    let (object, wrong) = input.object_after(&["workflow_id"])?;
    let mut change = read_change(&object, wrong)?;
    let id = input.id("workflow_id")?;
    let before = detail(&app, &input, "ID").await?;
    if let Some(definition) = change.definition.take() {
        change.definition = Some(prepared(definition, StatusCode::CONFLICT)?);
    }
    let (definition, settings) = (change.definition.as_mut(), change.configurations.as_mut());
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    entrusted(&app, workspace, Some(&before), definition, settings).await?;
    let definition = change.definition.clone();
    let changed = app
        .store
        .change_agent(workspace, AgentId(id), change, at)
        .await;
    let changed =
        changed.map_err(|error| taken(error, definition.as_ref(), StatusCode::CONFLICT))?;
    let detail = changed.ok_or_else(|| not_found("ID", &input))?;
    Ok(Json(workflow(detail, &ON_UPDATE)))
}

/// Archives an agent or brings it back.
#[utoipa::path(
    put, path = "/api/v1/workflow/{workflow_id}/status", tag = "agents",
    params(("workflow_id" = i64, Path)), request_body = wire::WorkflowStatusUpdate,
    responses((status = 200, body = wire::Workflow), Refusals)
)]
async fn set_agent_status(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Workflow>, Problem> {
    let (object, wrong) = input.object_after(&["workflow_id"])?;
    let mut fields = Fields::body(&object).after(wrong);
    let status = fields.required("status", &Status);
    let status = fields.finish(|| status)?;
    let id = input.id("workflow_id")?;
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    let changed = app
        .store
        .set_agent_status(workspace, AgentId(id), status, at)
        .await?;
    let detail = changed.ok_or_else(|| not_found("ID", &input))?;
    Ok(Json(workflow(detail, &ON_STATUS)))
}

/// Duplicates an agent as it stands in its draft, else its published version. The copy is published
/// at once under a trigger path of its own; variables and configurations go into its draft.
#[utoipa::path(
    post, path = "/api/v1/workflow/{workflow_id}/duplicate", tag = "agents",
    params(("workflow_id" = i64, Path)),
    responses((status = 200, body = wire::Workflow), Refusals)
)]
async fn duplicate_agent(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Workflow>, Problem> {
    let id = input.id("workflow_id")?;
    let copy = AgentCopy {
        uuid: Uuid::new_v4(),
        trigger_path: Uuid::new_v4().to_string(),
        at: app.clock.now(),
    };
    let workspace = input.workspace_id();
    let copied = app
        .store
        .duplicate_agent(workspace, AgentId(id), copy)
        .await?;
    let detail = copied.ok_or_else(|| not_found("ID", &input))?;
    Ok(Json(workflow(detail, &ON_DUPLICATE)))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(create_agent))
        .routes(routes!(update_agent))
        .routes(routes!(set_agent_status))
        .routes(routes!(duplicate_agent))
}
