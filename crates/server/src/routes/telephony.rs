//! Telephony configurations (contract §6.1). Which providers there are and which fields each has is
//! the dialers' table; this file only reads and writes by it. What a sensitive field holds is sealed
//! at once and stands masked among the settings, so that showing a configuration opens no secret.

use super::input::{Input, Refusals};
use crate::app::App;
use crate::body::BodyError;
use crate::body::fields::{FieldError, Fields, Loc};
use crate::body::rules::{Bool, Int, Integer, Model, Rule, Text, Wrong};
use crate::engine::{context_of, seal_context};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use switchhook_core::ErrorCode;
use switchhook_core::ids::TelephonyConfigurationId;
use switchhook_core::ports::{ConfigurationChange, NewConfiguration, StoreError};
use switchhook_core::telephony::{ProviderFacts, TelephonyConfiguration, blocked_reason, mask};
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::telephony as wire;
use switchhook_wire::time::Time;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const NAME: Text = Text::length(1, 64);
/// What any configuration may say besides its provider's fields, and the most it may say: its own
/// deadlines in seconds and its own limit of calls at a time.
const LIMITS: [(&str, i64); 3] = [
    ("dialing_timeout_seconds", 120),
    ("ringing_timeout_seconds", 300),
    ("concurrent_calls", 100_000),
];

fn not_found() -> Problem {
    let code = ErrorCode::TelephonyConfigurationNotFound;
    let detail = "Telephony configuration not found";
    Problem::new(StatusCode::NOT_FOUND, code, detail)
}

fn name_taken(error: StoreError, name: &str) -> Problem {
    let StoreError::NameTaken = &error else {
        return error.into();
    };
    let detail = format!(
        "A telephony configuration named '{name}' already exists in this organization. Pick a different name."
    );
    Problem::new(StatusCode::CONFLICT, error.code(), detail)
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

fn connectivity(facts: Option<&ProviderFacts>) -> String {
    facts.map_or("api", |facts| facts.connectivity).to_owned()
}

fn item(configuration: TelephonyConfiguration) -> wire::ConfigurationListItem {
    let facts = switchhook_dialers::facts(&configuration.provider);
    let blocked = blocked_reason(&configuration, facts);
    let active = configuration
        .numbers
        .iter()
        .filter(|number| number.is_active);
    let (inactive_since, inactive_reason) = configuration
        .inactive
        .map(|inactive| (Time::from(inactive.since), inactive.reason))
        .unzip();
    wire::ConfigurationListItem {
        id: configuration.id.0,
        connectivity: connectivity(facts),
        phone_number_count: i64::try_from(active.count()).unwrap_or(i64::MAX),
        name: configuration.name,
        provider: configuration.provider,
        is_default_outbound: configuration.is_default,
        inactive: inactive_since.is_some(),
        inactive_since,
        inactive_reason,
        is_ready_for_outbound: blocked.is_none(),
        outbound_blocked_reason: blocked,
        created_at: configuration.created_at.into(),
        updated_at: configuration.updated_at.into(),
    }
}

/// The step that a number is missing, where a provider needs one (contract §15).
fn checklist(
    configuration: &TelephonyConfiguration,
    facts: Option<&ProviderFacts>,
) -> wire::SetupChecklist {
    let blocked = blocked_reason(configuration, facts);
    let mut without_numbers = configuration.clone();
    without_numbers.numbers.clear();
    let step = facts
        .filter(|facts| facts.needs_number)
        .and_then(|facts| blocked_reason(&without_numbers, Some(facts)))
        .map(|description| wire::SetupStep {
            key: "caller_id".to_owned(),
            title: "Add a phone number to use as caller ID".to_owned(),
            description,
            complete: blocked.is_none(),
            blocks_outbound: true,
        });
    wire::SetupChecklist {
        ready_for_outbound: blocked.is_none(),
        outbound_blocked_reason: blocked,
        steps: step.into_iter().collect(),
        docs_url: None,
    }
}

/// The fields as they are shown; `base_url` and the like only where they are set.
fn credentials(configuration: &TelephonyConfiguration) -> Map<String, Value> {
    let facts = switchhook_dialers::facts(&configuration.provider);
    let fields = facts.map(|facts| facts.fields).unwrap_or_default();
    let names = fields.iter().map(|field| field.name);
    let names = names.chain(LIMITS.into_iter().map(|(name, _)| name));
    let shown = names.filter_map(|name| {
        let value = configuration.settings.get(name)?;
        Some((name.to_owned(), value.clone()))
    });
    shown.collect()
}

fn detail(configuration: TelephonyConfiguration) -> Json<wire::ConfigurationDetail> {
    let facts = switchhook_dialers::facts(&configuration.provider);
    let credentials = credentials(&configuration);
    let setup_checklist = checklist(&configuration, facts);
    let item = item(configuration);
    Json(wire::ConfigurationDetail {
        id: item.id,
        name: item.name,
        provider: item.provider,
        connectivity: item.connectivity,
        is_default_outbound: item.is_default_outbound,
        inactive: item.inactive,
        inactive_since: item.inactive_since,
        inactive_reason: item.inactive_reason,
        credentials,
        sip_connectivity: None,
        setup_checklist,
        supports_trunks: false,
        trunks: Vec::new(),
        created_at: item.created_at,
        updated_at: item.updated_at,
    })
}

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

/// `config`: an object whose `provider` says which fields it has.
struct Config;

/// What [`Config`] read.
struct Configured {
    provider: &'static ProviderFacts,
    object: Map<String, Value>,
}

impl Rule for Config {
    type Value = Configured;

    fn read(&self, input: &Value) -> Result<Configured, Wrong> {
        let object = Model.read(input)?;
        let context = |mut wrong: Wrong, members: Value| {
            wrong.ctx = Some(members);
            wrong
        };
        let Some(tag) = object.get("provider") else {
            let msg = "Unable to extract tag using discriminator 'provider'";
            let members = json!({ "discriminator": "'provider'" });
            return Err(context(Wrong::new("union_tag_not_found", msg), members));
        };
        let tag = tag.as_str().map_or_else(|| tag.to_string(), str::to_owned);
        if let Some(provider) = switchhook_dialers::facts(&tag) {
            return Ok(Configured { provider, object });
        }
        let mut tags: Vec<_> = switchhook_dialers::providers()
            .iter()
            .map(|facts| format!("'{}'", facts.id))
            .collect();
        tags.sort();
        let tags = tags.join(", ");
        let msg = format!(
            "Input tag '{tag}' found using 'provider' does not match any of the expected tags: {tags}"
        );
        let members = json!({ "discriminator": "'provider'", "tag": tag, "expected_tags": tags });
        Err(context(Wrong::new("union_tag_invalid", msg), members))
    }
}

/// What a request says about a provider's fields.
struct Sent {
    /// As they are stored and shown, secrets masked.
    settings: Value,
    /// The sensitive ones as they were sent.
    secrets: Map<String, Value>,
}

impl Configured {
    /// The provider's fields; errors are added to `fields`' own.
    fn sent(&self) -> (Sent, Fields<'_>) {
        let loc = ["body", "config", self.provider.id].map(Loc::from).to_vec();
        let mut fields = Fields::nested(loc, &self.object);
        let (mut settings, mut secrets) = (Map::new(), Map::new());
        for field in self.provider.fields {
            let value = match (field.kind, field.required) {
                ("checkbox", _) => fields.or(field.name, &Bool, false).map(Value::Bool),
                (_, true) => fields.required(field.name, &Text::ANY).map(Value::String),
                (_, false) => {
                    let text = fields.nullable(field.name, &Text::ANY).flatten();
                    text.map(Value::String)
                }
            };
            let Some(value) = value else {
                continue;
            };
            let name = field.name.to_owned();
            match value.as_str().filter(|_| field.sensitive) {
                Some(secret) => {
                    settings.insert(name.clone(), mask(secret).into());
                    secrets.insert(name, value);
                }
                None => {
                    settings.insert(name, value);
                }
            }
        }
        for (name, most) in LIMITS {
            let value = fields.nullable(name, &Int::between(1, most)).flatten();
            let value = value.and_then(Integer::id);
            settings.extend(value.map(|value| (name.to_owned(), value.into())));
        }
        let settings = Value::Object(settings);
        (Sent { settings, secrets }, fields)
    }
}

/// Seals secrets for a configuration; `None` where the provider has none. On a thread for it: the
/// keychain may ask its owner for a password.
async fn seal(
    app: &App,
    context: String,
    secrets: Map<String, Value>,
) -> Result<Option<Vec<u8>>, Problem> {
    if secrets.is_empty() {
        return Ok(None);
    }
    let vault = app.vault.clone();
    let plain = SecretString::from(Value::Object(secrets).to_string());
    let sealed = tokio::task::spawn_blocking(move || vault.seal(&context, &plain));
    Ok(Some(
        sealed.await.map_err(|error| Problem::internal(&error))??,
    ))
}

/// The address that credentials are sent to; empty for the provider's own.
fn address(settings: &Value) -> &str {
    let address = settings.get("base_url").and_then(Value::as_str);
    address.unwrap_or_default().trim()
}

/// Whoever may change a configuration may not see its secrets, so they stay with the address that
/// they were entered for.
fn credentials_needed(provider: &str, sent: &Sent, masked: &[String]) -> Problem {
    let msg = "Value error, enter the credentials again: they belong to the address they were entered for";
    let error = |name: &String| FieldError {
        kind: "value_error",
        loc: ["body", "config", provider, name].map(Loc::from).to_vec(),
        msg: msg.to_owned(),
        input: sent.secrets.get(name).cloned().unwrap_or_default(),
        ctx: Some(json!({ "error": {} })),
    };
    BodyError::Fields(masked.iter().map(error).collect()).into()
}

/// Puts the stored secrets where exactly their mask was sent back (contract §6.1).
///
/// # Errors
/// 422 when the credentials would go to another address than before.
async fn keep_masked(
    app: &App,
    current: &TelephonyConfiguration,
    sent: &mut Sent,
) -> Result<(), Problem> {
    let is_mask = |(name, value): &(&String, &Value)| {
        !value.as_str().unwrap_or_default().is_empty()
            && current.settings.get(name.as_str()) == Some(*value)
    };
    let kept: Vec<String> = sent
        .secrets
        .iter()
        .filter(is_mask)
        .map(|(name, _)| name.clone())
        .collect();
    let (false, Some(sealed)) = (kept.is_empty(), current.sealed_credentials.clone()) else {
        return Ok(());
    };
    if address(&sent.settings) != address(&current.settings) {
        return Err(credentials_needed(&current.provider, sent, &kept));
    }
    let (vault, context) = (app.vault.clone(), seal_context(current));
    let opened = tokio::task::spawn_blocking(move || vault.open(&context, &sealed));
    let opened = opened.await.map_err(|error| Problem::internal(&error))??;
    let stored: Map<String, Value> =
        serde_json::from_str(opened.expose_secret()).unwrap_or_default();
    for name in kept {
        if let Some(value) = stored.get(&name) {
            let shown = current.settings.get(&name).cloned().unwrap_or_default();
            sent.settings[name.as_str()] = shown;
            sent.secrets.insert(name, value.clone());
        }
    }
    Ok(())
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
    let (sent, fields) = match &config {
        Some(config) => {
            let (sent, inner) = config.sent();
            (Some(sent), inner.after(fields.into_errors()))
        }
        None => (None, fields),
    };
    let (name, is_default, provider, sent) =
        fields.finish(|| Some((name?, is_default?, config.as_ref()?.provider, sent?)))?;
    let context = context_of(input.workspace_id(), provider.id);
    let sealed_credentials = seal(&app, context, sent.secrets).await?;
    let created = app.store.create_configuration(NewConfiguration {
        workspace_id: input.workspace_id(),
        name: name.clone(),
        provider: provider.id.to_owned(),
        is_default,
        settings: sent.settings,
        sealed_credentials,
        at: app.clock.now(),
    });
    let created = created.await.map_err(|error| name_taken(error, &name))?;
    Ok(detail(created))
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
    Ok(detail(configuration(&app, &input).await?))
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
    Ok(detail(changed.ok_or_else(not_found)?))
}

/// Changes name or settings; the provider stays.
#[utoipa::path(
    put, path = "/api/v1/organizations/telephony-configs/{config_id}", tag = "telephony",
    params(("config_id" = i64, Path)), request_body = wire::ConfigurationUpdate,
    responses(
        (status = 200, body = wire::ConfigurationDetail),
        (status = 400, body = ProblemBody, description = "The provider cannot change"),
        (status = 409, body = ProblemBody, description = "The name is taken"),
        Refusals,
    )
)]
async fn update_configuration(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::ConfigurationDetail>, Problem> {
    input.id("config_id")?;
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let name = fields.nullable("name", &NAME);
    let config = fields.nullable("config", &Config);
    let sent = config.as_ref().and_then(Option::as_ref);
    let (change_of, fields) = match sent.map(Configured::sent) {
        Some((change_of, inner)) => (Some(change_of), inner.after(fields.into_errors())),
        None => (None, fields),
    };
    let (name, mut change_of) = fields.finish(|| config.as_ref().and(Some((name?, change_of))))?;
    let current = configuration(&app, &input).await?;
    if sent.is_some_and(|config| config.provider.id != current.provider) {
        let detail = "Provider cannot be changed; create a new configuration instead.";
        let status = StatusCode::BAD_REQUEST;
        return Err(Problem::new(status, ErrorCode::InvalidRequest, detail));
    }
    if name.is_none() && change_of.is_none() {
        return Ok(detail(current));
    }
    if let Some(sent) = &mut change_of {
        keep_masked(&app, &current, sent).await?;
    }
    let (settings, secrets) = change_of.map(|sent| (sent.settings, sent.secrets)).unzip();
    let sealed_credentials =
        seal(&app, seal_context(&current), secrets.unwrap_or_default()).await?;
    let asked = ConfigurationChange {
        name,
        settings,
        sealed_credentials,
        ..ConfigurationChange::default()
    };
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
        .routes(routes!(list_configurations, create_configuration))
        .routes(routes!(
            get_configuration,
            update_configuration,
            delete_configuration
        ))
        .routes(routes!(set_default_configuration))
        .routes(routes!(reactivate_configuration))
        .routes(routes!(count_configuration_warnings))
}
