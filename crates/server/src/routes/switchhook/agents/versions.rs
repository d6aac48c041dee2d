//! Versions by their number, what differs between two, and going back: a draft can be put away, and
//! an earlier version can become the draft.

use super::{agent_id, detail, not_found};
use crate::app::App;
use crate::body::rules::{Int, Integer};
use crate::problem::Problem;
use crate::routes::agents::taken;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use switchhook_core::ErrorCode;
use switchhook_core::agent::{self, MemberDiff, Version, mask_configurations, mask_definition};
use switchhook_core::ids::AgentId;
use switchhook_wire::agent as wire;
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::time::Time;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

fn no_version() -> Problem {
    let status = StatusCode::NOT_FOUND;
    Problem::new(status, ErrorCode::NotFound, "Version not found")
}

fn masked(version: Version) -> Version {
    Version {
        definition: mask_definition(version.definition),
        configurations: mask_configurations(version.configurations),
        ..version
    }
}

fn shown(version: Version) -> Json<wire::AgentVersion> {
    let version = masked(version);
    Json(wire::AgentVersion {
        id: version.id.0,
        agent_id: version.agent_id.0,
        version_number: version.number,
        status: version.status.as_str().to_owned(),
        created_at: version.created_at.into(),
        published_at: version.published_at.map(Time::from),
        definition: version.definition,
        configurations: version.configurations,
        template_context_variables: version.template_context_variables.unwrap_or_default(),
    })
}

async fn numbered(app: &App, input: &Input, id: AgentId, number: i64) -> Result<Version, Problem> {
    let workspace = input.workspace_id();
    let found = app.store.numbered_version(workspace, id, number).await?;
    found.ok_or_else(not_found)?.ok_or_else(no_version)
}

/// One version of an agent, by its number.
#[utoipa::path(
    get, path = "/api/switchhook/agents/{agent_id}/versions/{version_number}", tag = "switchhook",
    params(("agent_id" = i64, Path), ("version_number" = i64, Path)),
    responses((status = 200, body = wire::AgentVersion), Refusals)
)]
async fn get_agent_version(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::AgentVersion>, Problem> {
    let (id, number) = (agent_id(&input)?, input.id("version_number")?);
    Ok(shown(numbered(&app, &input, id, number).await?))
}

fn members(members: Vec<MemberDiff>) -> Vec<wire::MemberDiff> {
    let member = |member: MemberDiff| wire::MemberDiff {
        name: member.name,
        change: match (&member.before, &member.after) {
            (None, _) => agent::Change::Added,
            (_, None) => agent::Change::Removed,
            _ => agent::Change::Changed,
        }
        .as_str()
        .to_owned(),
        before: member.before,
        after: member.after,
    };
    members.into_iter().map(member).collect()
}

fn compared(before: Version, after: Version) -> wire::VersionDiff {
    let name = |version: &Version| wire::VersionName {
        version_number: version.number,
        status: version.status.as_str().to_owned(),
    };
    let (before, after) = (masked(before), masked(after));
    let diff = agent::diff(&before, &after);
    let node = |node: agent::NodeDiff| wire::NodeDiff {
        id: node.id,
        kind: node.kind,
        name: node.name,
        change: node.change.as_str().to_owned(),
        fields: members(node.fields),
    };
    let edge = |edge: agent::EdgeDiff| wire::EdgeDiff {
        id: edge.id,
        source: edge.source,
        target: edge.target,
        label: edge.label,
        change: edge.change.as_str().to_owned(),
        fields: members(edge.fields),
    };
    wire::VersionDiff {
        before: name(&before),
        after: name(&after),
        is_equal: diff.is_empty(),
        nodes: diff.nodes.into_iter().map(node).collect(),
        edges: diff.edges.into_iter().map(edge).collect(),
        variables: members(diff.variables),
        template_context_variables: members(diff.defaults),
        configurations: members(diff.configurations),
    }
}

/// What publishing would change: the draft against the published version, or any two versions.
#[utoipa::path(
    get, path = "/api/switchhook/agents/{agent_id}/diff", tag = "switchhook",
    params(
        ("agent_id" = i64, Path),
        ("before" = Option<i64>, Query, description = "A version's number; absent means the published version"),
        ("after" = Option<i64>, Query, description = "A version's number; absent means the draft, or the published version where there is none"),
    ),
    responses((status = 200, body = wire::VersionDiff), Refusals)
)]
async fn diff_agent(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::VersionDiff>, Problem> {
    let mut query = input.query();
    let before = query.nullable("before", &Int::ANY);
    let after = query.nullable("after", &Int::ANY);
    let (before, after) = query.finish(|| Some((before?, after?)))?;
    let detail = detail(&app, &input).await?;
    let published = detail.published.clone();
    let latest = detail.draft.or(detail.published);
    let mut sides = Vec::new();
    for (asked, otherwise) in [(before, published), (after, latest)] {
        sides.push(match asked.map(Integer::id) {
            Some(number) => {
                let number = number.unwrap_or(0);
                numbered(&app, &input, detail.agent.id, number).await?
            }
            None => otherwise.ok_or_else(no_version)?,
        });
    }
    let after = sides.pop().ok_or_else(no_version)?;
    let before = sides.pop().ok_or_else(no_version)?;
    Ok(Json(compared(before, after)))
}

/// Puts the draft away; it stays among the archived versions.
#[utoipa::path(
    delete, path = "/api/switchhook/agents/{agent_id}/draft", tag = "switchhook",
    params(("agent_id" = i64, Path)),
    responses(
        (status = 200, body = wire::AgentVersion),
        (status = 400, body = ProblemBody, description = "There is no draft"),
        Refusals,
    )
)]
async fn discard_draft(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::AgentVersion>, Problem> {
    let id = agent_id(&input)?;
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    let discarded = app.store.discard_draft(workspace, id, at).await?;
    let version = discarded.ok_or_else(not_found)?.ok_or_else(|| {
        let status = StatusCode::BAD_REQUEST;
        Problem::new(status, ErrorCode::NoDraft, "No draft to discard")
    })?;
    Ok(shown(version))
}

/// Makes an earlier version the draft, under the trigger path that the agent has now. A draft that
/// is in the way is put away.
#[utoipa::path(
    post, path = "/api/switchhook/agents/{agent_id}/versions/{version_number}/revert", tag = "switchhook",
    params(("agent_id" = i64, Path), ("version_number" = i64, Path)),
    responses(
        (status = 200, body = wire::AgentVersion),
        (status = 409, body = ProblemBody, description = "The version's trigger path belongs to another agent by now"),
        Refusals,
    )
)]
async fn revert_agent(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::AgentVersion>, Problem> {
    let (id, number) = (agent_id(&input)?, input.id("version_number")?);
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    let reverted = app.store.revert_agent(workspace, id, number, at).await;
    let reverted = reverted.map_err(|error| taken(error, None, StatusCode::CONFLICT))?;
    let draft = reverted.ok_or_else(not_found)?.ok_or_else(no_version)?;
    Ok(shown(draft))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_agent_version))
        .routes(routes!(diff_agent))
        .routes(routes!(discard_draft))
        .routes(routes!(revert_agent))
}
