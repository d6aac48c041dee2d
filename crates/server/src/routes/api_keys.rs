//! API keys (contract §2), with scope, limits and expiry beside the reference's fields. A key is
//! in one reply only, the one that creates it.

use super::input::{Input, Moment, Refusals};
use crate::app::App;
use crate::body::fields::Fields;
use crate::body::rules::{Bool, Choice, Int, List, Rule, Text, Wrong};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::Value;
use switchhook_core::ErrorCode;
use switchhook_core::agent::AgentStatus;
use switchhook_core::api_key::{ApiKey, Scope};
use switchhook_core::ids::{AgentId, ApiKeyId};
use switchhook_core::ports::NewApiKey;
use switchhook_store::mint_key;
use switchhook_wire::api_key as wire;
use switchhook_wire::time::Time;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const SCOPE: Choice<Scope> =
    Choice::literal(&[("trigger", Scope::Trigger), ("manage", Scope::Manage)]);

/// Most agents that one key can be limited to.
const MOST_AGENTS: usize = 1000;

fn not_found() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        ErrorCode::NotFound,
        "API key not found",
    )
}

fn listed(key: ApiKey, now: Timestamp) -> wire::ApiKey {
    wire::ApiKey {
        id: key.id.0,
        is_active: key.is_active(now),
        name: key.name,
        key_prefix: key.prefix,
        created_at: key.created_at.into(),
        last_used_at: key.last_used_at.map(Time::from),
        archived_at: key.archived_at.map(Time::from),
        scope: key.scope.as_str().to_owned(),
        agents: key.agents.iter().map(|id| id.0).collect(),
        test_only: key.test_only,
        expires_at: key.expires_at.map(Time::from),
    }
}

/// Keys without the keys.
#[utoipa::path(
    get, path = "/api/v1/user/api-keys", tag = "api keys",
    params(("include_archived" = Option<bool>, Query)),
    responses((status = 200, body = Vec<wire::ApiKey>), Refusals)
)]
async fn list_api_keys(
    State(app): State<App>,
    input: Input,
) -> Result<Json<Vec<wire::ApiKey>>, Problem> {
    let mut query = input.query();
    let archived = query.or("include_archived", &Bool, false);
    let archived = query.finish(|| archived)?;
    let keys = app.store.api_keys(input.workspace_id(), archived).await?;
    let now = app.clock.now();
    let keys = keys.into_iter().map(|key| listed(key, now));
    Ok(Json(keys.collect()))
}

/// Ids of agents.
struct AgentIds;

impl Rule for AgentIds {
    type Value = Vec<AgentId>;

    fn read(&self, input: &Value) -> Result<Vec<AgentId>, Wrong> {
        let items = List.read(input)?;
        if items.len() > MOST_AGENTS {
            let msg = format!("List should have at most {MOST_AGENTS} items");
            return Err(Wrong::new("too_long", msg));
        }
        let id = |item: &Value| Ok(AgentId(Int::ANY.read(item)?.id().unwrap_or(0)));
        items.iter().map(id).collect()
    }
}

struct Asked {
    name: String,
    scope: Scope,
    agents: Vec<AgentId>,
    test_only: bool,
    expires_at: Option<Timestamp>,
}

/// Reads the request; an agent that is not in the workspace is refused here, because a key that is
/// limited to nothing that exists would only look like a working one.
async fn read(app: &App, input: &Input) -> Result<Asked, Problem> {
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let name = fields.required("name", &Text::ANY);
    let scope = fields.nullable("scope", &SCOPE);
    let agents = fields.nullable("agents", &AgentIds);
    let test_only = fields.nullable("test_only", &Bool);
    let expires_at = fields.nullable("expires_at", &Moment);
    if let Some(Some(ids)) = agents.as_ref().filter(|ids| ids.is_some()) {
        let statuses = [AgentStatus::Active, AgentStatus::Archived];
        let known = app.store.agents(input.workspace_id(), &statuses).await?;
        let is_known = |id: &AgentId| known.iter().any(|summary| summary.agent.id == *id);
        if !ids.iter().all(is_known) {
            let msg = "Value error, name agents of this workspace only";
            fields.refuse("agents", Wrong::new("value_error", msg));
        }
    }
    let is_limited =
        agents.iter().flatten().any(|ids| !ids.is_empty()) || test_only.flatten() == Some(true);
    if is_limited && scope.flatten() == Some(Scope::Manage) {
        let msg =
            "Value error, a key with limits is for triggers: one that manages could lift them";
        fields.refuse("scope", Wrong::new("value_error", msg));
    }
    // The reference's keys can do everything, and its clients create keys without a scope.
    let usual = if is_limited {
        Scope::Trigger
    } else {
        Scope::Manage
    };
    let read = fields.finish(|| {
        Some(Asked {
            name: name?,
            scope: scope?.unwrap_or(usual),
            agents: agents?.unwrap_or_default(),
            test_only: test_only?.unwrap_or(false),
            expires_at: expires_at?,
        })
    })?;
    Ok(read)
}

/// Creates a key and shows it this once. Without a `scope` it may do everything in its workspace, as
/// the reference's keys do; `trigger` fires triggers and reads the runs it started. A key with limits
/// is for triggers.
#[utoipa::path(
    post, path = "/api/v1/user/api-keys", tag = "api keys",
    request_body = wire::ApiKeyCreate,
    responses((status = 200, body = wire::ApiKeyCreated), Refusals)
)]
async fn create_api_key(
    State(app): State<App>,
    input: Input,
) -> Result<impl IntoResponse, Problem> {
    let asked = read(&app, &input).await?;
    let (key, hash, prefix) = mint_key();
    let stored = app.store.create_api_key(NewApiKey {
        workspace_id: input.workspace_id(),
        name: asked.name,
        hash,
        prefix,
        scope: asked.scope,
        agents: asked.agents,
        test_only: asked.test_only,
        expires_at: asked.expires_at,
        at: app.clock.now(),
    });
    let stored = stored.await?;
    let created = wire::ApiKeyCreated {
        id: stored.id.0,
        name: stored.name,
        key_prefix: stored.prefix,
        api_key: key.expose_secret().to_owned(),
        created_at: stored.created_at.into(),
        scope: stored.scope.as_str().to_owned(),
        agents: stored.agents.iter().map(|id| id.0).collect(),
        test_only: stored.test_only,
        expires_at: stored.expires_at.map(Time::from),
    };
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((no_store, Json(created)))
}

async fn set_archived(
    app: &App,
    input: &Input,
    archived: bool,
    message: &str,
) -> Result<Json<wire::Done>, Problem> {
    let id = ApiKeyId(input.id("api_key_id")?);
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    let found = app
        .store
        .set_api_key_archived(workspace, id, archived, at)
        .await?;
    if !found {
        return Err(not_found());
    }
    let (success, message) = (true, message.to_owned());
    Ok(Json(wire::Done { success, message }))
}

/// Archives a key: it opens nothing any more. Doing it twice is fine.
#[utoipa::path(
    delete, path = "/api/v1/user/api-keys/{api_key_id}", tag = "api keys",
    params(("api_key_id" = i64, Path)),
    responses((status = 200, body = wire::Done), Refusals)
)]
async fn archive_api_key(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Done>, Problem> {
    set_archived(&app, &input, true, "API key archived successfully").await
}

/// Brings an archived key back.
#[utoipa::path(
    put, path = "/api/v1/user/api-keys/{api_key_id}/reactivate", tag = "api keys",
    params(("api_key_id" = i64, Path)),
    responses((status = 200, body = wire::Done), Refusals)
)]
async fn reactivate_api_key(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Done>, Problem> {
    set_archived(&app, &input, false, "API key reactivated successfully").await
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_api_keys, create_api_key))
        .routes(routes!(archive_api_key))
        .routes(routes!(reactivate_api_key))
}
