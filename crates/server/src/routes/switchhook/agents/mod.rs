//! What our own routes add to agents: any version and what differs between two, going back, the
//! trigger as a thing of its own, and files that carry an agent elsewhere.

mod file;
mod trigger;
mod versions;

use crate::app::App;
use crate::problem::Problem;
use crate::routes::input::Input;
use axum::http::StatusCode;
use switchhook_core::ErrorCode;
use switchhook_core::ids::AgentId;
use switchhook_core::ports::AgentDetail;
use utoipa_axum::router::OpenApiRouter;

fn not_found() -> Problem {
    let status = StatusCode::NOT_FOUND;
    Problem::new(status, ErrorCode::NotFound, "Agent not found")
}

fn agent_id(input: &Input) -> Result<AgentId, Problem> {
    input.id("agent_id").map(AgentId)
}

async fn detail(app: &App, input: &Input) -> Result<AgentDetail, Problem> {
    let id = agent_id(input)?;
    let found = app.store.agent(input.workspace_id(), id).await?;
    found.ok_or_else(not_found)
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(versions::router())
        .merge(trigger::router())
        .merge(file::router())
}
