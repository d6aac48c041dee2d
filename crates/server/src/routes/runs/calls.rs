//! Test calls from the editor (contract §6.6) and runs that wait for theirs (contract §3.3). A test
//! call goes the straight line of every trigger, in test mode and by the agent's id; only what is
//! asked before it, and how it is answered, is the reference's for this route.

use crate::app::App;
use crate::auth;
use crate::body::fields::Fields;
use crate::body::rules::{Int, Integer, Text};
use crate::body::trigger::TriggerRequest;
use crate::engine::Fire;
use crate::http::RequestId;
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use crate::routes::triggers;
use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use switchhook_core::ErrorCode;
use switchhook_core::api_key::{Asker, Caller};
use switchhook_core::ids::{AgentId, RunId, TelephonyConfigurationId, WorkspaceId};
use switchhook_core::ports::{AgentDetail, TestCall, WaitingRun};
use switchhook_core::telephony::{self, TelephonyError};
use switchhook_core::trigger::{Mode, Target};
use switchhook_wire::call as wire;
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::trigger::TriggerReply;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

fn refused(detail: &str) -> Problem {
    let status = StatusCode::BAD_REQUEST;
    Problem::new(status, ErrorCode::InvalidRequest, detail)
}

async fn agent(app: &App, workspace: WorkspaceId, id: AgentId) -> Result<AgentDetail, Problem> {
    let found = app.store.agent(workspace, id).await?;
    found.ok_or_else(|| {
        let status = StatusCode::NOT_FOUND;
        Problem::new(status, ErrorCode::NotFound, "Workflow not found")
    })
}

/// What is asked for.
struct Asked {
    agent: AgentId,
    run: Option<RunId>,
    phone_number: Option<String>,
    configuration: Option<Integer>,
    from: Option<Integer>,
}

fn asked(input: &Input) -> Result<Asked, Problem> {
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let agent = fields.required("workflow_id", &Int::ANY);
    let run = fields.nullable("workflow_run_id", &Int::ANY);
    let phone_number = fields.nullable("phone_number", &Text::ANY);
    let configuration = fields.nullable("telephony_configuration_id", &Int::ANY);
    let from = fields.nullable("from_phone_number_id", &Int::ANY);
    // An id that no row can have becomes one that no row has.
    let id = |integer: Integer| integer.id().unwrap_or(0);
    let asked = fields.finish(|| {
        Some(Asked {
            agent: AgentId(id(agent?)),
            run: run?.map(|run| RunId(id(run))),
            phone_number: phone_number?,
            configuration: configuration?,
            from: from?,
        })
    })?;
    Ok(asked)
}

/// Whether there is a way to call, in this route's words: it asks for that first.
async fn check_telephony(
    app: &App,
    workspace: WorkspaceId,
    asked: Option<Integer>,
) -> Result<(), Problem> {
    let configurations = app.store.configurations(workspace).await?;
    let asked = asked.map(|id| TelephonyConfigurationId(id.id().unwrap_or(0)));
    let facts = |provider: &str| app.engine.provider(provider);
    let picked = telephony::pick(&configurations, asked, &facts);
    let picked = picked.map_err(|error| {
        let detail = match error {
            TelephonyError::NotFound => "telephony_configuration_not_found",
            _ => "telephony_not_configured",
        };
        Problem::new(StatusCode::BAD_REQUEST, error.code(), detail)
    })?;
    let provider = app.engine.provider(&picked.provider);
    match telephony::blocked_reason(picked, provider.as_ref()) {
        None => Ok(()),
        Some(reason) => {
            let name = picked.name.clone();
            Err(TelephonyError::NotReady { name, reason }.into())
        }
    }
}

/// Calls a number with an agent's draft, or its published version where there is none.
#[utoipa::path(
    post, path = "/api/v1/telephony/initiate-call", tag = "runs",
    params(("Idempotency-Key" = Option<String>, Header, description = "Same key and body within 24 h: same reply and run, no second call")),
    request_body = wire::InitiateCallRequest,
    responses(
        (status = 200, body = wire::InitiatedCall),
        (status = 400, body = ProblemBody, description = "Not ready, no number, refused by the carrier, or outcome unknown"),
        (status = 409, body = ProblemBody, description = "The run has its call, or the Idempotency-Key was used with another body"),
        (status = 413, body = ProblemBody),
        (status = 429, body = ProblemBody),
        Refusals,
    )
)]
async fn initiate_call(State(app): State<App>, request: Request) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let request_id = RequestId::of(&parts);
    let headers = parts.headers.clone();
    let input = Input::from_request(Request::from_parts(parts, body), &app).await?;
    let asked = asked(&input)?;
    let workspace = input.workspace_id();
    check_telephony(&app, workspace, asked.configuration).await?;
    let preferred = app.store.preferences(workspace).await?.test_phone_number;
    let sent = asked.phone_number.filter(|number| !number.is_empty());
    let Some(phone_number) = sent.or(preferred).filter(|number| !number.is_empty()) else {
        let detail = "Phone number must be provided in request or set in organization preferences";
        return Err(refused(detail));
    };
    let agent = agent(&app, workspace, asked.agent).await?.agent;
    let asker = match input.by.0 {
        Caller::Person(workspace) => Asker::Person(workspace),
        Caller::Key(_) => {
            Asker::Key(auth::key_hash(&headers).ok_or_else(Problem::invalid_api_key)?)
        }
    };
    let route = format!("initiate-call/{}", agent.id);
    let fire = Fire {
        asker,
        mode: Mode::Test,
        target: Target::AgentUuid(agent.uuid.to_string()),
        body: TriggerRequest {
            phone_number,
            initial_context: None,
            telephony_configuration_id: asked.configuration,
            from_phone_number_id: asked.from,
            unknown: Vec::new(),
        },
        claim: triggers::claim(&headers, route, input.bytes())?,
        call: Some(TestCall { waiting: asked.run }),
        request_id,
    };
    let reply = app.engine.fire(fire).await.outcome?.reply;
    if reply.status == 200
        && let Ok(started) = serde_json::from_str::<TriggerReply>(&reply.body)
    {
        let name = started.workflow_run_name;
        return Ok(Json(wire::InitiatedCall {
            message: format!("Call initiated successfully with run name {name}"),
            workflow_run_id: started.workflow_run_id,
            workflow_run_name: name,
        })
        .into_response());
    }
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = [(header::CONTENT_TYPE, "application/json")];
    Ok((status, json, reply.body).into_response())
}

/// Makes a run that nobody is called for yet, of the agent's draft or else its published version.
#[utoipa::path(
    post, path = "/api/v1/workflow/{workflow_id}/runs", tag = "runs",
    params(("workflow_id" = i64, Path)),
    request_body = wire::CreateRunRequest,
    responses(
        (status = 200, body = wire::CreatedRun),
        (status = 400, body = ProblemBody, description = "The body cannot be read"),
        (status = 413, body = ProblemBody),
        Refusals,
    )
)]
async fn create_workflow_run(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::CreatedRun>, Problem> {
    let (object, wrong) = input.object_after(&["workflow_id"])?;
    let mut fields = Fields::body(&object).after(wrong);
    let mode = fields.required("mode", &Text::ANY);
    let name = fields.required("name", &Text::ANY);
    let (provider, name) = fields.finish(|| Some((mode?, name?)))?;
    let agent_id = AgentId(input.id("workflow_id")?);
    let workspace = input.workspace_id();
    let agent = agent(&app, workspace, agent_id).await?;
    let draft_missing = agent.draft.is_none();
    let version = agent.draft.or(agent.published);
    let version = version.ok_or_else(|| Problem::internal(&"an agent has no version"))?;
    let at = app.clock.now();
    let initial_context = version.template_context_variables.unwrap_or_default();
    let run = WaitingRun {
        workspace_id: workspace,
        agent_id,
        version_id: version.id,
        version_status: version.status,
        draft_missing,
        name: name.clone(),
        provider: provider.clone(),
        initial_context: initial_context.clone(),
        api_key_id: input.by.0.api_key_id(),
        at,
    };
    let id = app.store.add_waiting_run(run).await?;
    Ok(Json(wire::CreatedRun {
        id: id.0,
        workflow_id: agent_id.0,
        name,
        mode: provider,
        created_at: at.into(),
        definition_id: version.id.0,
        initial_context,
    }))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(initiate_call))
        .routes(routes!(create_workflow_run))
}
