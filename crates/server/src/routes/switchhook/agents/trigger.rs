//! An agent's trigger: where it stands, when it was used last, adding it, giving it another path, and
//! a switch that holds at once, whichever version runs. An agent's own UUID fires without asking the
//! trigger, so it is not switched off here: archiving the agent does that.

use super::{agent_id, not_found};
use crate::app::App;
use crate::body::BodyError;
use crate::body::fields::Fields;
use crate::body::rules::Text;
use crate::problem::Problem;
use crate::routes::agents::{prepared, refused, taken};
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::json;
use switchhook_core::ErrorCode;
use switchhook_core::agent::{AgentStatus, DefinitionProblem, trigger_of};
use switchhook_core::ids::AgentId;
use switchhook_core::ports::{AddedTrigger, TriggerOf};
use switchhook_core::trigger::Disabled;
use switchhook_wire::agent as wire;
use switchhook_wire::problem::Problem as ProblemBody;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Longest reason for disabling a trigger, in characters.
const MAX_REASON: usize = 200;

async fn show(app: &App, input: &Input, id: AgentId) -> Result<Json<wire::Trigger>, Problem> {
    let workspace = input.workspace_id();
    let agent = app
        .store
        .agent(workspace, id)
        .await?
        .ok_or_else(not_found)?
        .agent;
    let status = app.store.trigger_status(workspace, id).await?;
    let status = status.ok_or_else(not_found)?;
    let is_disabled = status.disabled.is_some();
    let of_version = |trigger: TriggerOf| {
        let refused_with = if is_disabled || !trigger.enabled {
            Some(ErrorCode::TriggerNotActive)
        } else if agent.status == AgentStatus::Archived {
            Some(ErrorCode::AgentNotActive)
        } else {
            None
        };
        wire::TriggerOfVersion {
            trigger_path: trigger.path,
            version_number: trigger.version_number,
            version_status: trigger.version_status.as_str().to_owned(),
            enabled: trigger.enabled,
            refused_with: refused_with.map(|code| code.as_str().to_owned()),
        }
    };
    let test = if status.has_draft {
        status.draft
    } else {
        status.published.clone()
    };
    Ok(Json(wire::Trigger {
        agent_id: id.0,
        agent_name: agent.name.clone(),
        production: status.published.map(of_version),
        test: test.map(of_version),
        disabled: status.disabled.map(|disabled| wire::TriggerDisabled {
            at: disabled.at.into(),
            reason: disabled.reason,
        }),
        last_used: status.last_use.map(|used| wire::TriggerUse {
            run_id: used.run_id.0,
            at: used.at.into(),
            mode: used.mode.as_str().to_owned(),
        }),
    }))
}

/// An agent's trigger as it stands.
#[utoipa::path(
    get, path = "/api/switchhook/agents/{agent_id}/trigger", tag = "switchhook",
    params(("agent_id" = i64, Path)),
    responses((status = 200, body = wire::Trigger), Refusals)
)]
async fn get_trigger(State(app): State<App>, input: Input) -> Result<Json<wire::Trigger>, Problem> {
    let id = agent_id(&input)?;
    show(&app, &input, id).await
}

/// The path of a body, or a minted one; judged as the path of a saved trigger is.
fn path(input: &Input) -> Result<String, Problem> {
    let object = match input.object() {
        Err(_) if input.is_empty() => serde_json::Map::new(),
        object => object?,
    };
    let mut fields = Fields::body(&object);
    let path = fields.nullable("trigger_path", &Text::ANY);
    let path = fields.finish(|| path)?;
    let node = json!({"id": null, "type": "trigger", "data": {"trigger_path": path}});
    let prepared = prepared(json!({ "nodes": [node] }), StatusCode::CONFLICT)?;
    Ok(trigger_of(&prepared).expect("prepared with a path").path)
}

/// Adds a trigger to the draft, which is made where there is none.
#[utoipa::path(
    post, path = "/api/switchhook/agents/{agent_id}/trigger", tag = "switchhook",
    params(("agent_id" = i64, Path)), request_body = wire::TriggerPath,
    responses(
        (status = 200, body = wire::Trigger),
        (status = 409, body = ProblemBody, description = "The draft has a trigger, or the path belongs to another agent; `held_by` says to which"),
        Refusals,
    )
)]
async fn add_trigger(State(app): State<App>, input: Input) -> Result<Json<wire::Trigger>, Problem> {
    let (id, path) = (agent_id(&input)?, path(&input)?);
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    let added = app.store.add_trigger(workspace, id, path, at).await;
    let added = added.map_err(|error| taken(error, None, StatusCode::CONFLICT))?;
    match added.ok_or_else(not_found)? {
        AddedTrigger::Added => show(&app, &input, id).await,
        AddedTrigger::Exists => {
            let second = DefinitionProblem::second_trigger();
            Err(refused(StatusCode::CONFLICT, &[second]))
        }
    }
}

/// Gives the trigger another path in the published version and the draft at once. The old URLs
/// answer 404 from then on.
#[utoipa::path(
    post, path = "/api/switchhook/agents/{agent_id}/trigger/rotate", tag = "switchhook",
    params(("agent_id" = i64, Path)), request_body = wire::TriggerPath,
    responses(
        (status = 200, body = wire::Trigger),
        (status = 409, body = ProblemBody, description = "The path belongs to another agent; `held_by` says to which"),
        Refusals,
    )
)]
async fn rotate_trigger(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Trigger>, Problem> {
    let (id, path) = (agent_id(&input)?, path(&input)?);
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    let rotated = app.store.rotate_trigger(workspace, id, path, at).await;
    let rotated = rotated.map_err(|error| taken(error, None, StatusCode::CONFLICT))?;
    if rotated.ok_or_else(not_found)? {
        show(&app, &input, id).await
    } else {
        Err(no_trigger())
    }
}

fn no_trigger() -> Problem {
    let detail = "The agent has no trigger";
    Problem::new(StatusCode::NOT_FOUND, ErrorCode::TriggerNotFound, detail)
}

fn reason(input: &Input) -> Result<String, BodyError> {
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let reason = fields.required("reason", &Text::length(1, MAX_REASON));
    fields.finish(|| reason)
}

async fn switch(
    app: &App,
    input: &Input,
    reason: Option<String>,
) -> Result<Json<wire::Trigger>, Problem> {
    let id = agent_id(input)?;
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    let disabled = reason.map(|reason| Disabled { at, reason });
    if app
        .store
        .switch_trigger(workspace, id, disabled, at)
        .await?
    {
        show(app, input, id).await
    } else {
        Err(not_found())
    }
}

/// Disables the trigger in every version at once. Its URLs answer 404 `trigger-not-active` with the
/// reason.
#[utoipa::path(
    post, path = "/api/switchhook/agents/{agent_id}/trigger/disable", tag = "switchhook",
    params(("agent_id" = i64, Path)), request_body = wire::TriggerReason,
    responses((status = 200, body = wire::Trigger), Refusals)
)]
async fn disable_trigger(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Trigger>, Problem> {
    let reason = reason(&input)?;
    switch(&app, &input, Some(reason)).await
}

/// Enables the trigger again, where the version that runs does.
#[utoipa::path(
    post, path = "/api/switchhook/agents/{agent_id}/trigger/enable", tag = "switchhook",
    params(("agent_id" = i64, Path)),
    responses((status = 200, body = wire::Trigger), Refusals)
)]
async fn enable_trigger(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Trigger>, Problem> {
    switch(&app, &input, None).await
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_trigger, add_trigger))
        .routes(routes!(rotate_trigger))
        .routes(routes!(disable_trigger))
        .routes(routes!(enable_trigger))
}
