//! Agents in the compatible API's shapes (contract §3.3), where an agent is a workflow. What our own
//! routes add to them is in `switchhook::agents`.

mod change;
mod configurations;
mod list;
mod save;
mod shown;
mod versions;

pub use change::{make, shown_on_create};
pub use configurations::read as read_configurations;
pub use save::{entrusted, prepared, refused, taken};

use super::input::{Input, Refusals};
use crate::app::App;
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use shown::{ON_FETCH, workflow};
use switchhook_core::ErrorCode;
use switchhook_core::ids::AgentId;
use switchhook_core::ports::AgentDetail;
use switchhook_wire::workflow as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The reference writes `id` on some routes and `ID` on others; clients see both.
fn not_found(word: &str, input: &Input) -> Problem {
    let id = input.parameters.spelled_id("workflow_id");
    let detail = format!("Workflow with {word} {id} not found");
    Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
}

async fn detail(app: &App, input: &Input, word: &str) -> Result<AgentDetail, Problem> {
    let id = input.id("workflow_id")?;
    let found = app.store.agent(input.workspace_id(), AgentId(id)).await?;
    found.ok_or_else(|| not_found(word, input))
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

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(list::router())
        .routes(routes!(get_agent))
        .merge(change::router())
        .merge(versions::router())
}
