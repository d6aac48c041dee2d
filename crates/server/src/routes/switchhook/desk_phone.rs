//! The person's side of the desk phone: the calls that ring, and what can be done with them. A call
//! belongs to its run's workspace.

use crate::app::App;
use crate::body::fields::Fields;
use crate::body::rules::Text;
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use switchhook_core::ErrorCode;
use switchhook_dialers::desk_phone::{Call, CallError, DeskPhone};
use switchhook_wire::desk_phone as wire;
use switchhook_wire::problem::Problem as ProblemBody;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const SPEECH: Text = Text::length(1, 2000);

fn problem(error: CallError) -> Problem {
    let (status, code, detail) = match error {
        CallError::NotFound => (
            StatusCode::NOT_FOUND,
            ErrorCode::CallNotFound,
            "Call not found; it may have ended",
        ),
        CallError::NotInThatState => (
            StatusCode::CONFLICT,
            ErrorCode::CallNotInThatState,
            "The call is not in a state for this; read it again",
        ),
    };
    Problem::new(status, code, detail)
}

fn shown(call: Call) -> wire::DeskCall {
    let node = call
        .scene
        .node
        .map(|(id, name)| wire::DeskNode { id, name });
    let edge = |(id, label, condition)| wire::DeskEdge {
        id,
        label,
        condition,
    };
    wire::DeskCall {
        id: call.id,
        run_id: call.run_id.0,
        state: call.state.as_str().to_owned(),
        from: call.from,
        to: call.to,
        agent: call.agent,
        rang_at: call.rang_at.into(),
        node,
        edges: call.scene.edges.into_iter().map(edge).collect(),
    }
}

async fn is_ours(app: &App, input: &Input, call: &Call) -> Result<bool, Problem> {
    let run = app
        .store
        .run(Some(input.workspace_id()), call.run_id)
        .await?;
    Ok(run.is_some())
}

/// The calls that are going on.
#[utoipa::path(
    get, path = "/api/switchhook/desk-phone/calls", tag = "desk phone",
    responses((status = 200, body = wire::DeskCalls), Refusals)
)]
async fn list_desk_calls(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::DeskCalls>, Problem> {
    let mut calls = Vec::new();
    for call in app.engine.desk_phone().calls() {
        if is_ours(&app, &input, &call).await? {
            calls.push(shown(call));
        }
    }
    Ok(Json(wire::DeskCalls { calls }))
}

/// Does something with the call that the path names.
async fn act(
    app: &App,
    input: &Input,
    act: impl FnOnce(&DeskPhone, &str) -> Result<Call, CallError>,
) -> Result<Json<wire::DeskCall>, Problem> {
    let id = input.parameters.text("call_id");
    let desk = app.engine.desk_phone();
    let call = desk.call(id).map_err(problem)?;
    if !is_ours(app, input, &call).await? {
        return Err(problem(CallError::NotFound));
    }
    Ok(Json(shown(act(desk, id).map_err(problem)?)))
}

macro_rules! acts {
    ($($name:ident, $path:literal, $method:ident, $summary:literal;)+) => {$(
        #[doc = $summary]
        #[utoipa::path(
            post, path = $path, tag = "desk phone",
            params(("call_id" = String, Path)),
            responses(
                (status = 200, body = wire::DeskCall),
                (status = 409, body = ProblemBody, description = "Not in a state for this"),
                Refusals,
            )
        )]
        async fn $name(
            State(app): State<App>,
            input: Input,
        ) -> Result<Json<wire::DeskCall>, Problem> {
            act(&app, &input, |desk, id| desk.$method(id)).await
        }
    )+};
}

acts! {
    answer_desk_call, "/api/switchhook/desk-phone/calls/{call_id}/answer", answer, "Answers a ringing call.";
    decline_desk_call, "/api/switchhook/desk-phone/calls/{call_id}/decline", decline, "Declines a ringing call.";
    hang_up_desk_call, "/api/switchhook/desk-phone/calls/{call_id}/hang-up", hang_up, "Hangs an answered call up.";
}

/// Says something to the agent.
#[utoipa::path(
    post, path = "/api/switchhook/desk-phone/calls/{call_id}/say", tag = "desk phone",
    params(("call_id" = String, Path)), request_body = wire::Say,
    responses(
        (status = 200, body = wire::DeskCall),
        (status = 409, body = ProblemBody, description = "Not in a state for this"),
        Refusals,
    )
)]
async fn say_on_desk_call(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::DeskCall>, Problem> {
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let text = fields.required("text", &SPEECH);
    let text = fields.finish(|| text)?;
    act(&app, &input, |desk, id| desk.say(id, &text)).await
}

/// Decides that the condition of an edge is met.
#[utoipa::path(
    post, path = "/api/switchhook/desk-phone/calls/{call_id}/take-edge", tag = "desk phone",
    params(("call_id" = String, Path)), request_body = wire::TakeEdge,
    responses(
        (status = 200, body = wire::DeskCall),
        (status = 409, body = ProblemBody, description = "The edge is not offered now"),
        Refusals,
    )
)]
async fn take_edge_on_desk_call(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::DeskCall>, Problem> {
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let edge_id = fields.required("edge_id", &Text::ANY);
    let edge_id = fields.finish(|| edge_id)?;
    act(&app, &input, |desk, id| desk.take_edge(id, &edge_id)).await
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_desk_calls))
        .routes(routes!(answer_desk_call))
        .routes(routes!(decline_desk_call))
        .routes(routes!(hang_up_desk_call))
        .routes(routes!(say_on_desk_call))
        .routes(routes!(take_edge_on_desk_call))
}
