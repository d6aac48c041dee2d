//! `GET /api/v1/health`, the connection test of compatible clients (contract §10).

use crate::app::App;
use crate::reach::CHECK;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The reference's fields, with what they mean here.
#[derive(Serialize, ToSchema)]
struct Health {
    /// Always `ok`.
    status: &'static str,
    version: &'static str,
    backend_api_endpoint: Option<String>,
    tunnel_url: Option<String>,
    deployment_mode: &'static str,
    auth_provider: &'static str,
    turn_enabled: bool,
    force_turn_relay: bool,
    signup_enabled: bool,
    stack_project_id: Option<String>,
    stack_publishable_client_key: Option<String>,
}

/// Whether the server answers.
#[utoipa::path(get, path = "/api/v1/health", tag = "health", responses((status = 200, body = Health)))]
async fn health(State(app): State<App>, headers: HeaderMap) -> Json<Health> {
    if let Some(token) = headers.get(CHECK).and_then(|token| token.to_str().ok()) {
        app.reach.came_in(token);
    }
    Json(Health {
        status: "ok",
        version: env!("CARGO_PKG_VERSION"),
        backend_api_endpoint: app.public_url(),
        tunnel_url: None,
        deployment_mode: "oss",
        auth_provider: "local",
        turn_enabled: false,
        force_turn_relay: false,
        signup_enabled: false,
        stack_project_id: None,
        stack_publishable_client_key: None,
    })
}

/// The route.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(health))
}
