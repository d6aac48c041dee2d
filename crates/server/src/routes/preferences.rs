//! A workspace's preferences (contract §6.6): read whole, replaced whole.

use super::input::{Input, Refusals};
use crate::app::App;
use crate::body::fields::Fields;
use crate::body::rules::{Bool, Text};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use switchhook_core::ports::Preferences;
use switchhook_wire::workspace as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

fn shown(preferences: Preferences) -> Json<wire::Preferences> {
    Json(wire::Preferences {
        test_phone_number: preferences.test_phone_number,
        timezone: preferences.timezone,
        external_pbx_integrations_enabled: preferences.external_pbx_integrations,
    })
}

/// The preferences.
#[utoipa::path(
    get, path = "/api/v1/organizations/preferences", tag = "workspaces",
    responses((status = 200, body = wire::Preferences), Refusals)
)]
async fn get_preferences(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Preferences>, Problem> {
    Ok(shown(app.store.preferences(input.workspace_id()).await?))
}

/// Replaces all of them: what is absent is taken away.
#[utoipa::path(
    put, path = "/api/v1/organizations/preferences", tag = "workspaces",
    request_body = wire::Preferences,
    responses((status = 200, body = wire::Preferences), Refusals)
)]
async fn put_preferences(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Preferences>, Problem> {
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let test_phone_number = fields.nullable("test_phone_number", &Text::ANY);
    let timezone = fields.nullable("timezone", &Text::ANY);
    let external_pbx = fields.or("external_pbx_integrations_enabled", &Bool, false);
    let preferences = fields.finish(|| {
        Some(Preferences {
            test_phone_number: test_phone_number?,
            timezone: timezone?,
            external_pbx_integrations: external_pbx?,
        })
    })?;
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    app.store
        .put_preferences(workspace, preferences.clone(), at)
        .await?;
    Ok(shown(preferences))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(get_preferences, put_preferences))
}
