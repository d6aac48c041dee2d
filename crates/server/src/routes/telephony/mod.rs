//! Telephony configurations (contract §6.1), a file a word: the providers' forms, what a request
//! says in one, the secrets in it, what an answer shows, and the routes. Which providers there are
//! and which fields each has is the dialers' table; nothing here knows a provider by name.

mod configurations;
mod form;
mod providers;
mod secrets;
mod shown;
mod trunks;
mod verify;

use super::input::Input;
use crate::app::App;
use crate::problem::Problem;
use axum::http::StatusCode;
use switchhook_core::ErrorCode;
use switchhook_core::ids::TelephonyConfigurationId;
use switchhook_core::telephony::TelephonyConfiguration;
use utoipa_axum::router::OpenApiRouter;

fn not_found() -> Problem {
    let code = ErrorCode::TelephonyConfigurationNotFound;
    let detail = "Telephony configuration not found";
    Problem::new(StatusCode::NOT_FOUND, code, detail)
}

/// The configuration that the path names.
///
/// # Errors
/// 422 when the id is no integer, 404 when the workspace has no such configuration.
pub(super) async fn configuration(
    app: &App,
    input: &Input,
) -> Result<TelephonyConfiguration, Problem> {
    let id = TelephonyConfigurationId(input.id("config_id")?);
    let found = app.store.configuration(input.workspace_id(), id).await?;
    found.ok_or_else(not_found)
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(providers::router())
        .merge(configurations::router())
        .merge(trunks::router())
        .merge(verify::router())
}
