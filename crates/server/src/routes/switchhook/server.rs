//! What this server says about itself: where it listens, or why not, and where things are.

use crate::app::{App, Listening};
use crate::body::fields::Fields;
use crate::body::rules::Bool;
use crate::problem::Problem;
use crate::reach::{Place, from_here, from_network};
use crate::routes::input::{Input, Refusals};
use crate::switch::Switch;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use switchhook_core::ErrorCode;
use switchhook_core::ports::{Secrets, SecretsProblem};
use switchhook_wire::instance as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A locked keychain waits for its owner; this reply does not.
const PATIENCE: Duration = Duration::from_secs(2);

fn listener(url: Option<String>, listening: &Listening) -> wire::Listener {
    let problem = match listening {
        Some(Err(problem)) => Some(wire::Trouble {
            message: problem.message.clone(),
            fix: problem.fix.clone(),
        }),
        _ => None,
    };
    let bound = listening.clone().and_then(Result::ok);
    wire::Listener {
        url,
        network_url: bound.and_then(from_network).map(at),
        problem,
    }
}

fn at(address: SocketAddr) -> String {
    format!("http://{address}")
}

async fn check(secrets: Arc<dyn Secrets>) -> Option<wire::Trouble> {
    let check = tokio::task::spawn_blocking(move || secrets.check());
    let problem = match tokio::time::timeout(PATIENCE, check).await {
        Ok(Ok(Ok(()))) => return None,
        Ok(Ok(Err(problem))) => problem,
        Ok(Err(_)) | Err(_) => SecretsProblem {
            message: "the keychain does not answer".to_owned(),
            fix: "unlock it and look again".to_owned(),
        },
    };
    let SecretsProblem { message, fix } = problem;
    Some(wire::Trouble { message, fix })
}

/// The server.
#[utoipa::path(
    get, path = "/api/switchhook/server", tag = "switchhook",
    responses((status = 200, body = wire::Server), Refusals)
)]
async fn get_server(State(app): State<App>, input: Input) -> Result<Json<wire::Server>, Problem> {
    let id = input.workspace_id();
    let workspaces = app.store.workspaces().await?;
    let found = workspaces.into_iter().find(|workspace| workspace.id == id);
    Ok(Json(wire::Server {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        workspace: wire::Workspace {
            id: id.0,
            name: found.map(|workspace| workspace.name).unwrap_or_default(),
        },
        public: listener(app.public_url(), &app.public()),
        control: listener(app.control_url(), &app.control()),
        control_can_be_switched: app.control_switch.is_some(),
        network_can_be_switched: app.network_switch.is_some(),
        data_dir: app.data_dir.display().to_string(),
        secrets: wire::Secrets {
            kind: app.secrets.kind().to_owned(),
            problem: check(app.secrets.clone()).await,
        },
        storage_problem: app.damage.clone().map(|fix| wire::Trouble {
            message: "the database is damaged and open for reading alone".to_owned(),
            fix,
        }),
    }))
}

/// Asks oneself through an address, where there is one.
async fn tried(app: &App, place: Place, base: Option<String>) -> wire::ReachCheck {
    let since = Instant::now();
    let outcome = match &base {
        None => "off",
        Some(base) => app.reach.ask(base, place).await.as_str(),
    };
    wire::ReachCheck {
        place: place.as_str().to_owned(),
        url: base,
        outcome: outcome.to_owned(),
        duration_ms: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}

/// Tries every address by which this server is said to be reached: it asks itself through each, for
/// at most 5 s. That it reaches itself by the network's address says nothing of a firewall. A person
/// does: with a key, which may set the public base URL, this would be a way to look around in the
/// server's network.
#[utoipa::path(
    post, path = "/api/switchhook/server/check", tag = "switchhook",
    responses((status = 200, body = wire::ReachChecks), Refusals)
)]
async fn check_server(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::ReachChecks>, Problem> {
    input.by.must_be_person()?;
    let settings = app.store.settings(input.workspace_id()).await?;
    let bound = |listening: Listening| listening.and_then(Result::ok);
    let public = bound(app.public());
    let control = bound(app.control());
    let checks = tokio::join!(
        tried(&app, Place::ThisComputer, public.map(from_here).map(at)),
        tried(&app, Place::Network, public.and_then(from_network).map(at)),
        tried(&app, Place::Outside, settings.public_base_url),
        tried(&app, Place::Control, control.map(from_here).map(at)),
    );
    Ok(Json(wire::ReachChecks {
        checks: vec![checks.0, checks.1, checks.2, checks.3],
    }))
}

/// Switches the control listener on or off, at once and for the next start. Only where it is the
/// person's to switch: in the desktop, unless its command line or environment decided.
#[utoipa::path(
    put, path = "/api/switchhook/server/control", tag = "switchhook",
    request_body = wire::ListenerSwitch,
    responses((status = 200, body = wire::Listener), Refusals)
)]
async fn switch_control(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Listener>, Problem> {
    let is_on = asked(&input)?;
    let switch = there(app.control_switch.as_ref())?;
    app.store.switch_control_listener(is_on).await?;
    let state = turned(switch, is_on).await?;
    Ok(Json(listener(app.control_url(), &state)))
}

/// Has the public listener take triggers from the network, too, or from this computer alone; at once
/// and for the next start. It speaks plain HTTP. Only where it is the person's to switch: in the
/// desktop, unless its command line or environment decided.
#[utoipa::path(
    put, path = "/api/switchhook/server/network", tag = "switchhook",
    request_body = wire::ListenerSwitch,
    responses((status = 200, body = wire::Listener), Refusals)
)]
async fn switch_network(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Listener>, Problem> {
    let is_on = asked(&input)?;
    let switch = there(app.network_switch.as_ref())?;
    app.store.put_public_on_network(is_on).await?;
    let state = turned(switch, is_on).await?;
    Ok(Json(listener(app.public_url(), &state)))
}

/// Which way a person wants it.
fn asked(input: &Input) -> Result<bool, Problem> {
    input.by.must_be_person()?;
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let is_on = fields.required("is_on", &Bool);
    Ok(fields.finish(|| is_on)?)
}

fn there(switch: Option<&Switch>) -> Result<&Switch, Problem> {
    switch.ok_or_else(|| {
        let detail = "Where this listens was decided on where the server was started";
        Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
    })
}

async fn turned(switch: &Switch, is_on: bool) -> Result<Listening, Problem> {
    let state = switch.turn(is_on).await;
    state.ok_or_else(|| Problem::internal(&"the server is stopping"))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_server))
        .routes(routes!(check_server))
        .routes(routes!(switch_control))
        .routes(routes!(switch_network))
}
