//! The settings forms of all providers, and the counts of configurations that lack something.

use crate::app::App;
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use serde_json::Value;
use switchhook_core::telephony::{Offered, ProviderFacts, ProviderField, TelephonyConfiguration};
use switchhook_wire::telephony as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The settings forms of all providers.
#[utoipa::path(
    get, path = "/api/v1/organizations/telephony-providers/metadata", tag = "telephony",
    responses((status = 200, body = wire::Providers), Refusals)
)]
async fn list_providers(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Providers>, Problem> {
    let preferences = app.store.preferences(input.workspace_id()).await?;
    let with_external_pbx = preferences.external_pbx_integrations;
    let mut facts = switchhook_dialers::providers().to_vec();
    facts.sort_by_key(|facts| facts.id);
    let providers = facts.iter().map(|facts| provider(facts, with_external_pbx));
    let providers = providers.collect();
    Ok(Json(wire::Providers { providers }))
}

fn provider(facts: &ProviderFacts, with_external_pbx: bool) -> wire::Provider {
    let is_offered = |field: &&ProviderField| match field.offered {
        Offered::Always => true,
        Offered::WithExternalPbx => with_external_pbx,
        Offered::Never => false,
    };
    wire::Provider {
        provider: facts.id.to_owned(),
        display_name: facts.display_name.to_owned(),
        connectivity: facts.connectivity.to_owned(),
        fields: facts.fields.iter().filter(is_offered).map(field).collect(),
        docs_url: facts.docs_url.map(str::to_owned),
        can_dial: facts.can_dial,
        capabilities: wire::ProviderCapabilities {
            hang_up: facts.can_hang_up,
            look_up: facts.can_look_up,
            recording: facts.can_record,
            dtmf: facts.has_keys,
            machine_detection: facts.detects_machines,
            speech: facts.speech.as_str().to_owned(),
            needs_public_url: facts.needs_public_url,
            polling: facts.polling.as_str().to_owned(),
        },
    }
}

fn field(field: &ProviderField) -> wire::ProviderField {
    let option = |&(value, label): &(&str, &str)| wire::ProviderOption {
        value: value.to_owned(),
        label: label.to_owned(),
    };
    let options: Vec<_> = field.options.iter().map(option).collect();
    let condition = |(field, equals): (&str, &str)| wire::ProviderCondition {
        field: field.to_owned(),
        equals: equals.into(),
    };
    wire::ProviderField {
        name: field.name.to_owned(),
        label: field.label.to_owned(),
        kind: field.kind.to_owned(),
        required: field.required,
        sensitive: field.sensitive,
        description: (!field.description.is_empty()).then(|| field.description.to_owned()),
        placeholder: field.placeholder.map(str::to_owned),
        options: (!options.is_empty()).then_some(options),
        visible_when: field.visible_when.map(condition),
        section: field.section.map(str::to_owned),
    }
}

/// Which fields a configuration can do without, although its callbacks cannot be believed then.
const RECOMMENDED: [(&str, &str); 2] = [
    ("telnyx", "webhook_public_key"),
    ("vonage", "signature_secret"),
];

/// How many configurations could not verify their carrier's callbacks.
#[utoipa::path(
    get, path = "/api/v1/organizations/telephony-config-warnings", tag = "telephony",
    responses((status = 200, body = wire::ConfigurationWarnings), Refusals)
)]
async fn count_configuration_warnings(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::ConfigurationWarnings>, Problem> {
    let configurations = app.store.configurations(input.workspace_id()).await?;
    let [telnyx, vonage] = RECOMMENDED.map(|(provider, field)| {
        let lacks = |configuration: &&TelephonyConfiguration| {
            let value = configuration.settings.get(field).and_then(Value::as_str);
            configuration.provider == provider && value.unwrap_or_default().trim().is_empty()
        };
        i64::try_from(configurations.iter().filter(lacks).count()).unwrap_or(i64::MAX)
    });
    Ok(Json(wire::ConfigurationWarnings {
        telnyx_missing_webhook_public_key_count: telnyx,
        vonage_missing_signature_secret_count: vonage,
    }))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_providers))
        .routes(routes!(count_configuration_warnings))
}
