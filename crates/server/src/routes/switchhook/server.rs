//! What this server says about itself: where it listens, or why not, and where things are.

use crate::app::{App, Listening};
use crate::body::fields::Fields;
use crate::body::rules::Bool;
use crate::problem::Problem;
use crate::reach::{Place, from_here, from_network};
use crate::routes::input::{Input, Refusals};
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

fn listener(url: Option<String>, listening: Option<&Listening>) -> wire::Listener {
    let problem = match listening {
        Some(Some(Err(problem))) => Some(wire::Trouble {
            message: problem.message.clone(),
            fix: problem.fix.clone(),
        }),
        _ => None,
    };
    let bound = listening.cloned().flatten().and_then(Result::ok);
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
        public: listener(app.public_url(), app.public.get()),
        control: listener(app.control_url(), Some(&app.control())),
        control_can_be_switched: app.control_switch.is_some(),
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
    let bound = |listening: Option<Listening>| listening.flatten().and_then(Result::ok);
    let public = bound(app.public.get().cloned());
    let control = bound(Some(app.control()));
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
    request_body = wire::ControlSwitch,
    responses((status = 200, body = wire::Listener), Refusals)
)]
async fn switch_control(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Listener>, Problem> {
    input.by.must_be_person()?;
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let is_on = fields.required("is_on", &Bool);
    let is_on = fields.finish(|| is_on)?;
    let Some(switch) = &app.control_switch else {
        let detail = "The control listener was decided on where the server was started";
        let (status, code) = (StatusCode::NOT_FOUND, ErrorCode::NotFound);
        return Err(Problem::new(status, code, detail));
    };
    app.store.switch_control_listener(is_on).await?;
    let state = switch.turn(is_on).await;
    let state = state.ok_or_else(|| Problem::internal(&"the server is stopping"))?;
    Ok(Json(listener(app.control_url(), Some(&state))))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(get_server))
        .routes(routes!(check_server))
        .routes(routes!(switch_control))
}
