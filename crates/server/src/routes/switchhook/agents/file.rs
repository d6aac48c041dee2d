//! Agents as files: out of here with everything but secrets, and in from here, from a Dograh, or from
//! a bare definition.

use super::detail;
use crate::app::App;
use crate::body::fields::Fields;
use crate::body::rules::{Bool, Object, Text};
use crate::problem::Problem;
use crate::routes::agents::{entrusted, prepared, read_configurations, taken};
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode, header};
use serde_json::{Map, Value};
use switchhook_core::agent::{remove_secrets, set_trigger_path, trigger_of, validate};
use switchhook_core::ports::NewAgent;
use switchhook_wire::agent as wire;
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::workflow::{TriggerHolder, WorkflowError};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

/// The name of an agent whose file has none.
const UNNAMED: &str = "Imported agent";

/// An agent as a file: its draft, or its published version where there is no draft.
#[utoipa::path(
    get, path = "/api/switchhook/agents/{agent_id}/export", tag = "switchhook",
    params(("agent_id" = i64, Path)),
    responses((status = 200, body = wire::AgentFile), Refusals)
)]
async fn export_agent(
    State(app): State<App>,
    input: Input,
) -> Result<([(HeaderName, String); 1], Json<wire::AgentFile>), Problem> {
    let detail = detail(&app, &input).await?;
    let version = detail
        .draft
        .or(detail.published)
        .ok_or_else(super::not_found)?;
    let mut definition = version.definition;
    let mut configurations = Value::Object(version.configurations);
    remove_secrets(&mut definition);
    remove_secrets(&mut configurations);
    let file = wire::AgentFile {
        name: detail.agent.name,
        workflow_definition: definition,
        template_context_variables: version.template_context_variables.unwrap_or_default(),
        workflow_configurations: configurations.as_object().cloned().unwrap_or_default(),
    };
    // The agent's own name may hold anything; its number is a safe file name.
    let saved_as = format!("attachment; filename=\"agent-{}.json\"", detail.agent.id);
    Ok(([(header::CONTENT_DISPOSITION, saved_as)], Json(file)))
}

/// What a file says.
struct Read {
    name: Option<String>,
    definition: Value,
    configurations: Map<String, Value>,
    variables: Option<Map<String, Value>>,
}

fn read(object: &Map<String, Value>) -> Result<Read, Problem> {
    // A bare definition is its own file.
    if !object.contains_key("workflow_definition") && object.contains_key("nodes") {
        return Ok(Read {
            name: None,
            definition: Value::Object(object.clone()),
            configurations: Map::new(),
            variables: None,
        });
    }
    let mut fields = Fields::body(object);
    let name = fields.nullable("name", &Text::ANY);
    let definition = fields.required("workflow_definition", &Object);
    let variables = fields.nullable("template_context_variables", &Object);
    let (configurations, wrong) = read_configurations(&mut fields);
    let earlier = fields.into_errors();
    let read = Fields::body(object)
        .after(wrong)
        .after(earlier)
        .finish(|| {
            Some(Read {
                name: name?,
                definition: Value::Object(definition?),
                configurations: configurations?.unwrap_or_default(),
                variables: variables?,
            })
        })?;
    Ok(read)
}

fn told(definition: &Value) -> Vec<WorkflowError> {
    let problem = |problem: switchhook_core::agent::DefinitionProblem| WorkflowError {
        kind: problem.kind.to_owned(),
        id: problem.id,
        field: problem.field,
        message: problem.message,
        held_by: problem.held_by.map(|holder| TriggerHolder {
            agent_id: holder.id.0,
            agent_name: holder.name,
        }),
    };
    validate(definition).into_iter().map(problem).collect()
}

/// Makes an agent of a file: one that was exported here, an agent as a Dograh answers it, or a bare
/// definition. Its first version is published at once.
#[utoipa::path(
    post, path = "/api/switchhook/agents/import", tag = "switchhook",
    params(
        ("name" = Option<String>, Query, description = "Instead of the file's own name"),
        ("keep_trigger_path" = Option<bool>, Query, description = "Keep the file's trigger path; absent means a new one is made"),
    ),
    request_body = wire::AgentFile,
    responses(
        (status = 200, body = wire::AgentImported),
        (status = 409, body = ProblemBody, description = "The trigger path is to be kept and belongs to another agent; `held_by` says to which"),
        Refusals,
    )
)]
async fn import_agent(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::AgentImported>, Problem> {
    let mut query = input.query();
    let name = query.nullable("name", &Text::ANY);
    let keeps_path = query.or("keep_trigger_path", &Bool, false);
    let (name, keeps_path) = query.finish(|| Some((name?, keeps_path?)))?;
    let mut file = read(&input.object()?)?;
    if !keeps_path {
        set_trigger_path(&mut file.definition, "");
    }
    let mut definition = prepared(file.definition, StatusCode::UNPROCESSABLE_ENTITY)?;
    let workspace_id = input.workspace_id();
    let settings = Some(&mut file.configurations);
    entrusted(&app, workspace_id, None, Some(&mut definition), settings).await?;
    let name = name.or(file.name).filter(|name| !name.is_empty());
    let agent = NewAgent {
        workspace_id,
        uuid: Uuid::new_v4(),
        name: name.unwrap_or_else(|| UNNAMED.to_owned()),
        definition: definition.clone(),
        configurations: file.configurations,
        template_context_variables: file.variables,
        at: app.clock.now(),
    };
    let made = app.store.create_agent(agent).await;
    let made = made.map_err(|error| taken(error, Some(&definition), StatusCode::CONFLICT))?;
    Ok(Json(wire::AgentImported {
        agent_id: made.agent.id.0,
        name: made.agent.name,
        trigger_path: trigger_of(&definition).map(|trigger| trigger.path),
        errors: told(&definition),
    }))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(export_agent))
        .routes(routes!(import_agent))
}
