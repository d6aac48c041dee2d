//! What a window may offer here: it asks for features by name, never for versions.

use crate::app::App;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use switchhook_wire::instance::Capabilities;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A name is added with the routes that it promises, and never removed.
const FEATURES: &[&str] = &[
    "events",
    "runs",
    "run-remarks",
    "hang-up",
    "desk-phone",
    "preview",
    "destinations",
    "settings",
    "server",
    "idempotency",
    "agent-versions",
    "trigger-management",
    "agent-files",
    "workspaces",
    "credentials",
    "preferences",
    "requests",
    "verify",
    "reach",
    "backups",
    "retention",
    "recordings",
];

/// What this server can do.
#[utoipa::path(
    get, path = "/api/switchhook/capabilities", tag = "switchhook",
    responses((status = 200, body = Capabilities), Refusals)
)]
async fn get_capabilities(_: Input) -> Json<Capabilities> {
    Json(Capabilities {
        product: "switchhook".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        features: FEATURES.iter().map(|&name| name.to_owned()).collect(),
    })
}

/// The route.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_capabilities))
}
