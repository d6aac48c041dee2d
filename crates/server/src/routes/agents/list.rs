//! Agents in lists (contract §3.3): what is told of them without reading a definition.

use super::not_found;
use crate::app::App;
use crate::body::fields::Fields;
use crate::body::rules::{Int, Text};
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use std::collections::BTreeSet;
use switchhook_core::ErrorCode;
use switchhook_core::agent::AgentStatus;
use switchhook_core::ids::AgentId;
use switchhook_core::ports::AgentSummary;
use switchhook_wire::workflow as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const STATUSES: [AgentStatus; 2] = [AgentStatus::Active, AgentStatus::Archived];

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
    let unknown: BTreeSet<_> = words()
        .filter(|word| AgentStatus::parse(word).is_none())
        .collect();
    if unknown.is_empty() {
        return Ok(words().filter_map(AgentStatus::parse).collect());
    }
    let allowed = python_list(&STATUSES.map(AgentStatus::as_str));
    let unknown: Vec<_> = unknown
        .into_iter()
        .map(|word| if word.is_empty() { "<empty>" } else { word })
        .collect();
    let unknown = python_list(&unknown);
    let detail = format!("Invalid workflow status filter: {unknown}. Allowed values: {allowed}.");
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Err(Problem::new(status, ErrorCode::InvalidRequest, detail))
}

/// The agents that a query asks for: by status in the order in which the statuses are named, then
/// the oldest first.
async fn asked_agents(app: &App, input: &Input) -> Result<Vec<AgentSummary>, Problem> {
    let statuses = statuses(input)?;
    let mut agents = app.store.agents(input.workspace_id(), &statuses).await?;
    if input.parameters.query().has("status") {
        let place = |agent: &AgentSummary| statuses.iter().position(|it| *it == agent.agent.status);
        agents.sort_by_key(place);
    }
    Ok(agents)
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
    let agents = asked_agents(&app, &input).await?;
    Ok(Json(agents.into_iter().map(item).collect()))
}

fn item(summary: AgentSummary) -> wire::WorkflowListItem {
    wire::WorkflowListItem {
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
    }
}

/// Moves an agent out of its folder. There are no folders here, so that every agent is in none
/// already and no other can be named.
#[utoipa::path(
    put, path = "/api/v1/workflow/{workflow_id}/folder", tag = "agents",
    params(("workflow_id" = i64, Path)), request_body = wire::WorkflowFolder,
    responses((status = 200, body = wire::WorkflowListItem), Refusals)
)]
async fn move_agent_to_folder(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::WorkflowListItem>, Problem> {
    let (object, wrong) = input.object_after(&["workflow_id"])?;
    let mut fields = Fields::body(&object).after(wrong);
    let folder = fields.nullable("folder_id", &Int::ANY);
    let folder = fields.finish(|| folder)?;
    let id = AgentId(input.id("workflow_id")?);
    let agents = app.store.agents(input.workspace_id(), &STATUSES).await?;
    let found = agents.into_iter().find(|summary| summary.agent.id == id);
    let found = found.ok_or_else(|| not_found("ID", &input))?;
    if folder.is_some() {
        let detail = "Folder not found";
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            ErrorCode::NotFound,
            detail,
        ));
    }
    Ok(Json(item(found)))
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
    let agents = asked_agents(&app, &input).await?;
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

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_agents))
        .routes(routes!(summarize_agents))
        .routes(routes!(count_agents))
        .routes(routes!(move_agent_to_folder))
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
