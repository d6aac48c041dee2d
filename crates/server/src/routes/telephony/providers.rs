//! The settings forms of all providers, and the counts of configurations that lack something.

use crate::app::App;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use switchhook_core::telephony::ProviderFacts;
use switchhook_wire::telephony as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The settings forms of all providers.
#[utoipa::path(
    get, path = "/api/v1/organizations/telephony-providers/metadata", tag = "telephony",
    responses((status = 200, body = wire::Providers), Refusals)
)]
async fn list_providers(_: Input) -> Json<wire::Providers> {
    let mut facts = switchhook_dialers::providers().to_vec();
    facts.sort_by_key(|facts| facts.id);
    let field = |field: &switchhook_core::telephony::ProviderField| wire::ProviderField {
        name: field.name.to_owned(),
        label: field.label.to_owned(),
        kind: field.kind.to_owned(),
        required: field.required,
        sensitive: field.sensitive,
        description: (!field.description.is_empty()).then(|| field.description.to_owned()),
        placeholder: None,
        options: None,
        visible_when: None,
        section: None,
    };
    let provider = |facts: ProviderFacts| wire::Provider {
        provider: facts.id.to_owned(),
        display_name: facts.display_name.to_owned(),
        connectivity: facts.connectivity.to_owned(),
        fields: facts.fields.iter().map(field).collect(),
        docs_url: None,
    };
    let providers = facts.into_iter().map(provider).collect();
    Json(wire::Providers { providers })
}

/// How many configurations could not verify their carrier's callbacks.
#[utoipa::path(
    get, path = "/api/v1/organizations/telephony-config-warnings", tag = "telephony",
    responses((status = 200, body = wire::ConfigurationWarnings), Refusals)
)]
async fn count_configuration_warnings(_: Input) -> Json<wire::ConfigurationWarnings> {
    Json(wire::ConfigurationWarnings {
        telnyx_missing_webhook_public_key_count: 0,
        vonage_missing_signature_secret_count: 0,
    })
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_providers))
        .routes(routes!(count_configuration_warnings))
}
