//! Agents in the compatible API's shapes (contract §3.3); publishing and drafts are in `versions`,
//! and with them the judgement whether a definition can hold a conversation. What is judged here are
//! the rules of its trigger.

use super::input::{Input, Refusals};
use crate::app::App;
use crate::body::BodyError;
use crate::body::fields::{Fields, Loc};
use crate::body::rules::{Choice, Int, Integer, Model, Object, Text, Wrong};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use switchhook_core::ErrorCode;
use switchhook_core::agent::{
    AgentStatus, DEFAULT_MAX_CALL_SECONDS, DefinitionProblem, prepare_definition, trigger_of,
};
use switchhook_core::ids::AgentId;
use switchhook_core::ports::{AgentChange, AgentDetail, NewAgent, StoreError};
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::workflow as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

const DEFAULT_SECONDS: Integer = Integer::Fits(DEFAULT_MAX_CALL_SECONDS as i64);
const STATUSES: [AgentStatus; 2] = [AgentStatus::Active, AgentStatus::Archived];
const STATUS: Choice<AgentStatus> = Choice::literal(&[
    ("active", AgentStatus::Active),
    ("archived", AgentStatus::Archived),
]);

/// The reference writes `id` on some routes and `ID` on others; clients see both.
pub(super) fn not_found(word: &str, input: &Input) -> Problem {
    let id = input.parameters.spelled_id("workflow_id");
    let detail = format!("Workflow with {word} {id} not found");
    Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
}

/// The validation object of contract §3.3 as an error.
pub(super) fn refused(status: StatusCode, errors: &[DefinitionProblem]) -> Problem {
    let detail = json!({ "is_valid": false, "errors": errors });
    Problem::new(status, ErrorCode::InvalidDefinition, detail)
}

/// A path that belongs to another agent.
pub(super) fn taken(error: StoreError, definition: Option<&Value>, status: StatusCode) -> Problem {
    let StoreError::PathTaken { path } = &error else {
        return error.into();
    };
    let node_id = definition.and_then(trigger_of).map(|node| node.node_id);
    let message = format!(
        "Trigger path '{path}' is already in use. Choose another one or leave it empty for a generated one."
    );
    let problem = DefinitionProblem {
        kind: "node",
        id: node_id,
        field: Some("data.trigger_path".to_owned()),
        message,
    };
    refused(status, &[problem])
}

fn prepare(definition: Value) -> Result<Value, Vec<DefinitionProblem>> {
    prepare_definition(definition, &mut Uuid::new_v4)
}

/// Python's `repr` of a list of texts, which the reference puts into its answer.
fn python_list<T: AsRef<str>>(words: &[T]) -> String {
    let quoted: Vec<_> = words
        .iter()
        .map(|word| {
            let word = word.as_ref().replace('\\', "\\\\").replace('\'', "\\'");
            format!("'{word}'")
        })
        .collect();
    format!("[{}]", quoted.join(", "))
}

/// The statuses that a query asks for; none asks for all.
fn statuses(input: &Input) -> Result<Vec<AgentStatus>, Problem> {
    let mut query = input.query();
    let asked = query.nullable("status", &Text::ANY);
    let asked = query.finish(|| asked)?.unwrap_or_default();
    if asked.is_empty() {
        return Ok(STATUSES.to_vec());
    }
    let words = || asked.split(',').map(str::trim);
    let unknown: Vec<_> = words()
        .filter(|word| AgentStatus::parse(word).is_none())
        .collect();
    if unknown.is_empty() {
        return Ok(words().filter_map(AgentStatus::parse).collect());
    }
    let allowed = python_list(&STATUSES.map(AgentStatus::as_str));
    let unknown = python_list(&unknown);
    let detail = format!("Invalid workflow status filter: {unknown}. Allowed values: {allowed}.");
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Err(Problem::new(status, ErrorCode::InvalidRequest, detail))
}

/// Agents in a list, oldest first.
#[utoipa::path(
    get, path = "/api/v1/workflow/fetch", tag = "agents",
    params(("status" = Option<String>, Query, description = "`active`, `archived` or both with a comma; absent means both")),
    responses((status = 200, body = Vec<wire::WorkflowListItem>), Refusals)
)]
async fn list_agents(
    State(app): State<App>,
    input: Input,
) -> Result<Json<Vec<wire::WorkflowListItem>>, Problem> {
    let statuses = statuses(&input)?;
    let agents = app.store.agents(input.workspace_id(), &statuses).await?;
    let item = |summary: switchhook_core::ports::AgentSummary| wire::WorkflowListItem {
        id: summary.agent.id.0,
        name: summary.agent.name,
        status: summary.agent.status.as_str().to_owned(),
        created_at: summary.agent.created_at.into(),
        total_runs: summary.total_runs,
        folder_id: None,
        workflow_uuid: Some(summary.agent.uuid.to_string()),
        trigger_path: summary.trigger_path,
        published_version_number: summary.published_version_number,
        draft_version_number: summary.draft_version_number,
    };
    Ok(Json(agents.into_iter().map(item).collect()))
}

/// Agents by name.
#[utoipa::path(
    get, path = "/api/v1/workflow/summary", tag = "agents",
    params(("status" = Option<String>, Query, description = "As for the list")),
    responses((status = 200, body = Vec<wire::WorkflowSummary>), Refusals)
)]
async fn summarize_agents(
    State(app): State<App>,
    input: Input,
) -> Result<Json<Vec<wire::WorkflowSummary>>, Problem> {
    let statuses = statuses(&input)?;
    let agents = app.store.agents(input.workspace_id(), &statuses).await?;
    let items = agents.into_iter().map(|summary| wire::WorkflowSummary {
        id: summary.agent.id.0,
        name: summary.agent.name,
    });
    Ok(Json(items.collect()))
}

/// How many agents there are.
#[utoipa::path(
    get, path = "/api/v1/workflow/count", tag = "agents",
    responses((status = 200, body = wire::WorkflowCount), Refusals)
)]
async fn count_agents(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::WorkflowCount>, Problem> {
    let agents = app.store.agents(input.workspace_id(), &STATUSES).await?;
    let in_status = |status| {
        let of = agents
            .iter()
            .filter(|summary| summary.agent.status == status);
        i64::try_from(of.count()).unwrap_or(i64::MAX)
    };
    let (active, archived) = (
        in_status(AgentStatus::Active),
        in_status(AgentStatus::Archived),
    );
    Ok(Json(wire::WorkflowCount {
        total: active + archived,
        active,
        archived,
    }))
}

/// What of a workflow a route tells: the reference leaves different fields null on each.
struct Shown {
    version: bool,
    uuid: bool,
    current: bool,
    total_runs: bool,
}

const NOTHING: Shown = Shown {
    version: false,
    uuid: false,
    current: false,
    total_runs: false,
};
const ON_CREATE: Shown = NOTHING;
const ON_UPDATE: Shown = Shown {
    version: true,
    current: true,
    ..NOTHING
};
const ON_FETCH: Shown = Shown {
    uuid: true,
    ..ON_UPDATE
};
const ON_STATUS: Shown = Shown {
    current: true,
    total_runs: true,
    ..NOTHING
};

fn workflow(detail: AgentDetail, shown: &Shown) -> wire::Workflow {
    let published_id = detail.published.as_ref().map(|version| version.id.0);
    let version = detail.draft.or(detail.published);
    let (number, status) = version
        .as_ref()
        .map(|version| (version.number, version.status.as_str().to_owned()))
        .unzip();
    let (definition, configurations, variables) =
        version.map_or_else(Default::default, |version| {
            (
                version.definition,
                version.configurations,
                version.template_context_variables,
            )
        });
    wire::Workflow {
        id: detail.agent.id.0,
        name: detail.agent.name,
        status: detail.agent.status.as_str().to_owned(),
        created_at: detail.agent.created_at.into(),
        workflow_definition: definition,
        current_definition_id: published_id.filter(|_| shown.current),
        template_context_variables: variables.unwrap_or_default(),
        call_disposition_codes: wire::CallDispositionCodes::default(),
        total_runs: shown.total_runs.then_some(detail.total_runs),
        workflow_configurations: configurations,
        version_number: number.filter(|_| shown.version),
        version_status: status.filter(|_| shown.version),
        workflow_uuid: shown.uuid.then(|| detail.agent.uuid.to_string()),
    }
}

/// One agent: the draft's content where there is a draft.
#[utoipa::path(
    get, path = "/api/v1/workflow/fetch/{workflow_id}", tag = "agents",
    params(("workflow_id" = i64, Path)),
    responses((status = 200, body = wire::Workflow), Refusals)
)]
async fn get_agent(State(app): State<App>, input: Input) -> Result<Json<wire::Workflow>, Problem> {
    let detail = detail(&app, &input, "id").await?;
    Ok(Json(workflow(detail, &ON_FETCH)))
}

pub(super) async fn detail(app: &App, input: &Input, word: &str) -> Result<AgentDetail, Problem> {
    let id = input.id("workflow_id")?;
    let found = app.store.agent(input.workspace_id(), AgentId(id)).await?;
    found.ok_or_else(|| not_found(word, input))
}

/// Creates an agent; its first version is published at once.
#[utoipa::path(
    post, path = "/api/v1/workflow/create/definition", tag = "agents",
    request_body = wire::WorkflowCreate,
    responses((status = 200, body = wire::Workflow), Refusals)
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
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    let definition =
        prepare(Value::Object(definition)).map_err(|errors| refused(status, &errors))?;
    let agent = NewAgent {
        workspace_id: input.workspace_id(),
        uuid: Uuid::new_v4(),
        name,
        definition: definition.clone(),
        at: app.clock.now(),
    };
    let created = app.store.create_agent(agent).await;
    let created = created.map_err(|error| taken(error, Some(&definition), status))?;
    Ok(Json(workflow(created, &ON_CREATE)))
}

/// The one setting whose meaning is known here; the others are kept as they are (contract §3.4).
fn check_configurations(fields: &mut Fields<'_>) {
    let seconds = fields.or(
        "max_call_duration",
        &Int::between(i64::MIN, 1200),
        DEFAULT_SECONDS,
    );
    if seconds
        .and_then(Integer::id)
        .is_some_and(|seconds| seconds <= 0)
    {
        let mut wrong = Wrong::new("greater_than", "Input should be greater than 0");
        wrong.ctx = Some(json!({ "gt": 0 }));
        fields.refuse("max_call_duration", wrong);
    }
}

fn read_change(object: &Map<String, Value>) -> Result<AgentChange, BodyError> {
    let mut fields = Fields::body(object);
    let name = fields.nullable("name", &Text::ANY);
    let definition = fields.nullable("workflow_definition", &Object);
    let variables = fields.nullable("template_context_variables", &Object);
    let configurations = fields.nullable("workflow_configurations", &Model);
    let none = Map::new();
    let sent = configurations.as_ref().and_then(Option::as_ref);
    let loc = ["body", "workflow_configurations"].map(Loc::from).to_vec();
    let mut inner = Fields::nested(loc, sent.unwrap_or(&none));
    check_configurations(&mut inner);
    inner.after(fields.into_errors()).finish(|| {
        Some(AgentChange {
            name: name?,
            definition: definition?.map(Value::Object),
            configurations: configurations.clone()?,
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
        (status = 409, body = ProblemBody, description = "The trigger path belongs to another agent, or there are several triggers"),
        Refusals,
    )
)]
async fn update_agent(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Workflow>, Problem> {
    let id = input.id("workflow_id")?;
    let mut change = read_change(&input.object()?)?;
    detail(&app, &input, "ID").await?;
    if let Some(definition) = change.definition.take() {
        change.definition = Some(prepare(definition).map_err(|errors| {
            // A wrong path is told as 422, what concerns several nodes as 409 (contract §3.3).
            let is_path = errors.iter().any(|error| error.kind == "node");
            let status = if is_path {
                StatusCode::UNPROCESSABLE_ENTITY
            } else {
                StatusCode::CONFLICT
            };
            refused(status, &errors)
        })?);
    }
    let definition = change.definition.clone();
    let (workspace, at) = (input.workspace_id(), app.clock.now());
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
    let id = input.id("workflow_id")?;
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let status = fields.required("status", &STATUS);
    let status = fields.finish(|| status)?;
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    let changed = app
        .store
        .set_agent_status(workspace, AgentId(id), status, at)
        .await?;
    let detail = changed.ok_or_else(|| not_found("ID", &input))?;
    Ok(Json(workflow(detail, &ON_STATUS)))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_agents))
        .routes(routes!(summarize_agents))
        .routes(routes!(count_agents))
        .routes(routes!(get_agent))
        .routes(routes!(create_agent))
        .routes(routes!(update_agent))
        .routes(routes!(set_agent_status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_written_as_python_writes_it() {
        assert_eq!(python_list(&["foo", "it's"]), r"['foo', 'it\'s']");
        assert_eq!(python_list::<&str>(&[]), "[]");
    }
}
