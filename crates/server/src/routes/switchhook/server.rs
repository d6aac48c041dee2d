//! What this server says about itself: where it listens, or why not, and where things are.

use crate::app::{App, Listening};
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use std::sync::Arc;
use std::time::Duration;
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
    wire::Listener { url, problem }
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
        control: listener(app.control_url(), app.control.get()),
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

/// The route.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_server))
}
