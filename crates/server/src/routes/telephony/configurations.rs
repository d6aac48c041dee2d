//! The configurations themselves: list, create, read, change, delete, claim the default, bring back
//! into use. What stands in `config` is `form.rs`'s and `secrets.rs`'s.

use super::form::{Config, Configured, mint};
use super::secrets::keep_masked;
use super::shown::{detail, item};
use super::{configuration, not_found};
use crate::app::App;
use crate::body::fields::Fields;
use crate::body::rules::{Bool, Text};
use crate::engine::{context_of, seal_context};
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use crate::routes::phone_numbers::taken;
use crate::routes::seal::seal;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::Value;
use switchhook_core::ErrorCode;
use switchhook_core::ids::TelephonyConfigurationId;
use switchhook_core::ports::{ConfigurationChange, NewConfiguration, StoreError};
use switchhook_core::telephony::TelephonyConfiguration;
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::telephony as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const NAME: Text = Text::length(1, 64);

fn name_taken(error: StoreError, name: &str) -> Problem {
    let StoreError::NameTaken = &error else {
        return taken(error);
    };
    let detail = format!(
        "A telephony configuration named '{name}' already exists in this organization. Pick a different name."
    );
    Problem::new(StatusCode::CONFLICT, error.code(), detail)
}

/// All configurations, by creation.
#[utoipa::path(
    get, path = "/api/v1/organizations/telephony-configs", tag = "telephony",
    responses((status = 200, body = wire::Configurations), Refusals)
)]
async fn list_configurations(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Configurations>, Problem> {
    let found = app.store.configurations(input.workspace_id()).await?;
    let configurations = found.into_iter().map(item).collect();
    Ok(Json(wire::Configurations { configurations }))
}

/// Adds a configuration.
#[utoipa::path(
    post, path = "/api/v1/organizations/telephony-configs", tag = "telephony",
    request_body = wire::ConfigurationCreate,
    responses(
        (status = 200, body = wire::ConfigurationDetail),
        (status = 409, body = ProblemBody, description = "The name is taken"),
        Refusals,
    )
)]
async fn create_configuration(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::ConfigurationDetail>, Problem> {
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let name = fields.required("name", &NAME);
    let is_default = fields.or("is_default_outbound", &Bool, false);
    let config = fields.required("config", &Config);
    let (sent, errors) = config.as_ref().map(Configured::sent).unzip();
    let fields = Fields::body(&object)
        .after(errors.unwrap_or_default())
        .after(fields.into_errors());
    let (name, is_default, provider, mut sent) =
        fields.finish(|| Some((name?, is_default?, config.as_ref()?.provider, sent?)))?;
    mint(provider.fields, None, &mut sent.settings);
    let account_hash = sent.account_hash(provider);
    let context = context_of(input.workspace_id(), provider.id);
    let sealed_credentials = seal(&app, context, sent.secrets).await?;
    let created = app.store.create_configuration(NewConfiguration {
        workspace_id: input.workspace_id(),
        name: name.clone(),
        provider: provider.id.to_owned(),
        is_default,
        settings: Value::Object(sent.settings),
        sealed_credentials,
        account_hash,
        at: app.clock.now(),
    });
    let created = created.await.map_err(|error| name_taken(error, &name))?;
    Ok(shown(&app, created).await)
}

/// A configuration with what is missing on this computer.
async fn shown(
    app: &App,
    configuration: TelephonyConfiguration,
) -> Json<wire::ConfigurationDetail> {
    let voice = match switchhook_dialers::speaks(&configuration.provider) {
        true => app.voice.check().await.err(),
        false => None,
    };
    detail(configuration, voice.as_ref())
}

/// One configuration.
#[utoipa::path(
    get, path = "/api/v1/organizations/telephony-configs/{config_id}", tag = "telephony",
    params(("config_id" = i64, Path)),
    responses((status = 200, body = wire::ConfigurationDetail), Refusals)
)]
async fn get_configuration(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::ConfigurationDetail>, Problem> {
    Ok(shown(&app, configuration(&app, &input).await?).await)
}

async fn change(
    app: &App,
    input: &Input,
    change: ConfigurationChange,
) -> Result<Json<wire::ConfigurationDetail>, Problem> {
    let id = TelephonyConfigurationId(input.id("config_id")?);
    let name = change.name.clone().unwrap_or_default();
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    let changed = app
        .store
        .change_configuration(workspace, id, change, at)
        .await;
    let changed = changed.map_err(|error| name_taken(error, &name))?;
    Ok(shown(app, changed.ok_or_else(not_found)?).await)
}

/// Changes name or settings; the provider stays.
#[utoipa::path(
    put, path = "/api/v1/organizations/telephony-configs/{config_id}", tag = "telephony",
    params(("config_id" = i64, Path)), request_body = wire::ConfigurationUpdate,
    responses(
        (status = 200, body = wire::ConfigurationDetail),
        (status = 400, body = ProblemBody, description = "The provider cannot change"),
        (status = 409, body = ProblemBody, description = "The name is taken, or the other account has a number already"),
        Refusals,
    )
)]
async fn update_configuration(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::ConfigurationDetail>, Problem> {
    let (object, wrong) = input.object_after(&["config_id"])?;
    let mut fields = Fields::body(&object).after(wrong);
    let name = fields.nullable("name", &NAME);
    let config = fields.nullable("config", &Config);
    let config = config.as_ref().and_then(Option::as_ref);
    let (sent, errors) = config.map(Configured::sent).unzip();
    let fields = Fields::body(&object)
        .after(errors.unwrap_or_default())
        .after(fields.into_errors());
    let (name, sent) = fields.finish(|| Some((name?, sent)))?;
    let current = configuration(&app, &input).await?;
    if config.is_some_and(|config| config.provider.id != current.provider) {
        let detail = "Provider cannot be changed; create a new configuration instead.";
        let status = StatusCode::BAD_REQUEST;
        return Err(Problem::new(status, ErrorCode::InvalidRequest, detail));
    }
    let mut asked = ConfigurationChange {
        name,
        ..ConfigurationChange::default()
    };
    if let (Some(config), Some(mut sent)) = (config, sent) {
        keep_masked(&app, config.provider, &current, &mut sent).await?;
        mint(
            config.provider.fields,
            Some(&current.settings),
            &mut sent.settings,
        );
        asked.account_hash = sent.account_hash(config.provider);
        asked.settings = Some(Value::Object(sent.settings));
        asked.sealed_credentials = seal(&app, seal_context(&current), sent.secrets).await?;
    }
    if asked.name.is_none() && asked.settings.is_none() {
        return Ok(shown(&app, current).await);
    }
    change(&app, &input, asked).await
}

/// Removes a configuration with its numbers; runs keep its id.
#[utoipa::path(
    delete, path = "/api/v1/organizations/telephony-configs/{config_id}", tag = "telephony",
    params(("config_id" = i64, Path)),
    responses((status = 200, body = wire::Message), Refusals)
)]
async fn delete_configuration(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Message>, Problem> {
    let id = TelephonyConfigurationId(input.id("config_id")?);
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    if !app.store.delete_configuration(workspace, id, at).await? {
        return Err(not_found());
    }
    let message = "Telephony configuration deleted".to_owned();
    Ok(Json(wire::Message { message }))
}

/// Makes a configuration the default for outbound calls; the old default is it no more.
#[utoipa::path(
    post, path = "/api/v1/organizations/telephony-configs/{config_id}/set-default-outbound", tag = "telephony",
    params(("config_id" = i64, Path)),
    responses((status = 200, body = wire::ConfigurationDetail), Refusals)
)]
async fn set_default_configuration(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::ConfigurationDetail>, Problem> {
    let asked = ConfigurationChange {
        is_default: Some(true),
        ..ConfigurationChange::default()
    };
    change(&app, &input, asked).await
}

/// Brings an inactive configuration back into use.
#[utoipa::path(
    post, path = "/api/v1/organizations/telephony-configs/{config_id}/reactivate", tag = "telephony",
    params(("config_id" = i64, Path)),
    responses((status = 200, body = wire::ConfigurationDetail), Refusals)
)]
async fn reactivate_configuration(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::ConfigurationDetail>, Problem> {
    let asked = ConfigurationChange {
        inactive: Some(false),
        ..ConfigurationChange::default()
    };
    change(&app, &input, asked).await
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_configurations, create_configuration))
        .routes(routes!(
            get_configuration,
            update_configuration,
            delete_configuration
        ))
        .routes(routes!(set_default_configuration))
        .routes(routes!(reactivate_configuration))
}
