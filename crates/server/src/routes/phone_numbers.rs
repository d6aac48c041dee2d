//! Phone numbers of telephony configurations (contract §6.3, §6.4). The reference asks the carrier
//! whether it owns a number and pushes webhooks to it; no carrier here takes inbound calls yet, so
//! the agent that is to answer is kept, and `provider_sync` warns that the carrier was not told.

use super::input::{Input, Refusals};
use super::telephony::configuration;
use crate::app::App;
use crate::body::BodyError;
use crate::body::fields::{FieldError, Fields, Loc};
use crate::body::rules::{Bool, Int, Integer, Object, Text};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use switchhook_core::ErrorCode;
use switchhook_core::address::{self, Address, AddressKind};
use switchhook_core::ids::{AgentId, PhoneNumberId, TrunkId};
use switchhook_core::ports::{NewPhoneNumber, NumberHolder, PhoneNumberChange, StoreError};
use switchhook_core::telephony::{PhoneNumber, TelephonyConfiguration};
use switchhook_wire::phone_number as wire;
use switchhook_wire::problem::Problem as ProblemBody;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const ADDRESS: Text = Text::length(1, 255);
const COUNTRY: Text = Text::length(2, 2);
const LABEL: Text = Text::length(0, 64);

fn not_found(detail: &str) -> Problem {
    Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
}

fn unknown_number() -> Problem {
    not_found("Phone number not found")
}

fn synced() -> wire::ProviderSync {
    let (ok, message) = (true, None);
    wire::ProviderSync { ok, message }
}

fn shown(number: PhoneNumber, provider_sync: Option<wire::ProviderSync>) -> wire::PhoneNumber {
    wire::PhoneNumber {
        id: number.id.0,
        telephony_configuration_id: number.configuration_id.0,
        address: number.address,
        address_normalized: number.address_normalized,
        address_type: number.address_type,
        country_code: number.country_code,
        label: number.label,
        inbound_workflow_id: number.inbound_agent_id.map(|id| id.0),
        inbound_workflow_name: None,
        telephony_trunk_id: number.trunk_id.map(|id| id.0),
        is_active: number.is_active,
        is_default_caller_id: number.is_default_caller_id,
        extra_metadata: number.extra_metadata,
        created_at: number.created_at.into(),
        updated_at: number.updated_at.into(),
        provider_sync,
    }
}

/// A configuration's numbers.
#[utoipa::path(
    get, path = "/api/v1/organizations/telephony-configs/{config_id}/phone-numbers", tag = "telephony",
    params(("config_id" = i64, Path)),
    responses((status = 200, body = wire::PhoneNumbers), Refusals)
)]
async fn list_phone_numbers(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::PhoneNumbers>, Problem> {
    let configuration = configuration(&app, &input).await?;
    let names = app
        .store
        .inbound_agents(input.workspace_id(), configuration.id)
        .await?;
    let name = |id: PhoneNumberId| {
        let found = names.iter().find(|(number, _)| *number == id);
        found.map(|(_, name)| name.clone())
    };
    let numbers = configuration.numbers.into_iter();
    let numbers = numbers.map(|number| wire::PhoneNumber {
        inbound_workflow_name: name(number.id),
        ..shown(number, None)
    });
    let phone_numbers = numbers.collect();
    Ok(Json(wire::PhoneNumbers { phone_numbers }))
}

/// What a number is linked to besides its configuration.
struct Links {
    agent: Option<Integer>,
    trunk: Option<Integer>,
}

impl Links {
    fn read(fields: &mut Fields<'_>) -> Option<Self> {
        let agent = fields.nullable("inbound_workflow_id", &Int::ANY);
        let trunk = fields.nullable("telephony_trunk_id", &Int::ANY);
        Some(Self {
            agent: agent?,
            trunk: trunk?,
        })
    }

    fn agent(&self) -> Option<AgentId> {
        self.agent.map(|agent| AgentId(agent.id().unwrap_or(0)))
    }

    fn trunk(&self) -> Option<TrunkId> {
        self.trunk.map(|trunk| TrunkId(trunk.id().unwrap_or(0)))
    }

    /// Checks that they are there, the agent first, and says what the carrier was not told.
    async fn check(
        &self,
        app: &App,
        input: &Input,
        configuration: &TelephonyConfiguration,
    ) -> Result<Option<wire::ProviderSync>, Problem> {
        let mut sync = None;
        if let Some(id) = self.agent() {
            if app.store.agent(input.workspace_id(), id).await?.is_none() {
                return Err(not_found("Workflow not found"));
            }
            let message = "Calls to the number are not taken yet: the carrier was not told";
            let (ok, message) = (false, Some(message.to_owned()));
            sync = Some(wire::ProviderSync { ok, message });
        }
        let is_there = |id| configuration.trunks.iter().any(|trunk| trunk.id == id);
        if !self.trunk().is_none_or(is_there) {
            let detail = "Trunk not found on this telephony configuration";
            return Err(not_found(detail));
        }
        Ok(sync)
    }
}

struct Asked {
    address: String,
    country_code: Option<String>,
    label: Option<String>,
    links: Links,
    is_active: bool,
    is_default_caller_id: bool,
    extra_metadata: Map<String, Value>,
}

fn read(object: &Map<String, Value>, wrong: Vec<FieldError>) -> Result<Asked, BodyError> {
    let mut fields = Fields::body(object).after(wrong);
    let address = fields.required("address", &ADDRESS);
    let country_code = fields.nullable("country_code", &COUNTRY);
    let label = fields.nullable("label", &LABEL);
    let links = Links::read(&mut fields);
    let is_active = fields.or("is_active", &Bool, true);
    let is_default_caller_id = fields.or("is_default_caller_id", &Bool, false);
    let extra_metadata = fields.or("extra_metadata", &Object, Map::new());
    fields.finish(|| {
        Some(Asked {
            address: address?,
            country_code: country_code?,
            label: label?,
            links: links?,
            is_active: is_active?,
            is_default_caller_id: is_default_caller_id?,
            extra_metadata: extra_metadata?,
        })
    })
}

/// Digits alone do not say whose they are (contract §6.3).
fn check_country(asked: &Asked, object: &Map<String, Value>) -> Result<(), BodyError> {
    let address = address::normalize(&asked.address, None);
    let is_bare = address.is_ok_and(|address| address.kind == AddressKind::Pstn)
        && !asked.address.trim_start().starts_with('+');
    if !is_bare || asked.country_code.is_some() {
        return Ok(());
    }
    let msg = "Value error, country_code is required for a number without a leading +";
    Err(BodyError::Fields(vec![FieldError {
        kind: "value_error",
        loc: vec![Loc::from("body")],
        msg: msg.to_owned(),
        input: Value::Object(object.clone()),
        ctx: Some(json!({ "error": {} })),
    }]))
}

fn new_number(app: &App, asked: Asked, address: Address) -> NewPhoneNumber {
    let as_sent = asked.country_code.map(|code| code.to_ascii_uppercase());
    NewPhoneNumber {
        address: asked.address,
        address_normalized: address.canonical,
        address_type: address.kind.as_str().to_owned(),
        country_code: address.country_code.map(str::to_owned).or(as_sent),
        label: asked.label,
        inbound_agent_id: asked.links.agent(),
        trunk_id: asked.links.trunk(),
        is_active: asked.is_active,
        is_default_caller_id: asked.is_default_caller_id,
        extra_metadata: Value::Object(asked.extra_metadata),
        at: app.clock.now(),
    }
}

/// Adds a number.
#[utoipa::path(
    post, path = "/api/v1/organizations/telephony-configs/{config_id}/phone-numbers", tag = "telephony",
    params(("config_id" = i64, Path)), request_body = wire::PhoneNumberCreate,
    responses(
        (status = 200, body = wire::PhoneNumber),
        (status = 400, body = ProblemBody, description = "The address is blank"),
        (status = 409, body = ProblemBody, description = "The workspace has the number already"),
        Refusals,
    )
)]
async fn create_phone_number(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::PhoneNumber>, Problem> {
    let (object, wrong) = input.object_after(&["config_id"])?;
    let asked = read(&object, wrong)?;
    check_country(&asked, &object)?;
    let configuration = configuration(&app, &input).await?;
    let sync = asked.links.check(&app, &input, &configuration).await?;
    let address = address::normalize(&asked.address, asked.country_code.as_deref());
    let address = address.map_err(|_| {
        let detail = "address must not be empty";
        Problem::new(StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest, detail)
    })?;
    let number = new_number(&app, asked, address);
    let (workspace, id) = (input.workspace_id(), configuration.id);
    let created = app.store.create_phone_number(workspace, id, number).await;
    let created = created.map_err(taken)?;
    // Gone between the look and the insert.
    let created = created.ok_or_else(|| not_found("Telephony configuration not found"))?;
    Ok(Json(shown(created, sync)))
}

/// 409 where a number is taken, in the reference's words.
pub(super) fn taken(error: StoreError) -> Problem {
    let StoreError::NumberTaken { number, holder } = &error else {
        return error.into();
    };
    let place = match holder {
        NumberHolder::Configuration(name) => format!("telephony configuration '{name}'"),
        NumberHolder::OtherWorkspace => {
            "another organization using the same provider account".to_owned()
        }
        NumberHolder::Workspace => {
            let detail = "A phone number with this address already exists in the org.";
            return Problem::new(StatusCode::CONFLICT, error.code(), detail);
        }
    };
    let detail = format!(
        "Phone number {number} is already registered under {place}. Inbound calls cannot be uniquely routed when the \
         same number is configured against the same provider account in more than one place."
    );
    Problem::new(StatusCode::CONFLICT, error.code(), detail)
}

/// One number.
#[utoipa::path(
    get, path = "/api/v1/organizations/telephony-configs/{config_id}/phone-numbers/{phone_number_id}", tag = "telephony",
    params(("config_id" = i64, Path), ("phone_number_id" = i64, Path)),
    responses((status = 200, body = wire::PhoneNumber), Refusals)
)]
async fn get_phone_number(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::PhoneNumber>, Problem> {
    Ok(Json(shown(number(&app, &input).await?, None)))
}

/// The number that the path names, of the configuration that it names.
async fn number(app: &App, input: &Input) -> Result<PhoneNumber, Problem> {
    let id = PhoneNumberId(input.id("phone_number_id")?);
    let numbers = configuration(app, input).await?.numbers;
    let found = numbers.into_iter().find(|number| number.id == id);
    found.ok_or_else(unknown_number)
}

async fn change(
    app: &App,
    input: &Input,
    change: PhoneNumberChange,
) -> Result<PhoneNumber, Problem> {
    let current = number(app, input).await?;
    let PhoneNumberChange {
        label: None,
        country_code: None,
        is_active: None,
        extra_metadata: None,
        is_default_caller_id: None,
        inbound_agent_id: None,
        trunk_id: None,
    } = &change
    else {
        let (workspace, at) = (input.workspace_id(), app.clock.now());
        let (configuration, id) = (current.configuration_id, current.id);
        let changed = app
            .store
            .change_phone_number(workspace, configuration, id, change, at)
            .await?;
        return changed.ok_or_else(unknown_number);
    };
    Ok(current)
}

/// A link that is taken away, changed or left as it is; taking away wins.
fn cleared<T>(clear: bool, link: Option<T>) -> Option<Option<T>> {
    if clear { Some(None) } else { link.map(Some) }
}

/// Changes a number; what is absent or null stays. The address never changes.
#[utoipa::path(
    put, path = "/api/v1/organizations/telephony-configs/{config_id}/phone-numbers/{phone_number_id}", tag = "telephony",
    params(("config_id" = i64, Path), ("phone_number_id" = i64, Path)), request_body = wire::PhoneNumberUpdate,
    responses((status = 200, body = wire::PhoneNumber), Refusals)
)]
async fn update_phone_number(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::PhoneNumber>, Problem> {
    let (object, wrong) = input.object_after(&["config_id", "phone_number_id"])?;
    let mut fields = Fields::body(&object).after(wrong);
    let label = fields.nullable("label", &LABEL);
    let country_code = fields.nullable("country_code", &COUNTRY);
    let is_active = fields.nullable("is_active", &Bool);
    let extra_metadata = fields.nullable("extra_metadata", &Object);
    let links = Links::read(&mut fields);
    let clear_agent = fields.or("clear_inbound_workflow", &Bool, false);
    let clear_trunk = fields.or("clear_trunk", &Bool, false);
    let (asked, links) = fields.finish(|| {
        let links = links?;
        let asked = PhoneNumberChange {
            label: label?,
            country_code: country_code?.map(|code| code.to_ascii_uppercase()),
            is_active: is_active?,
            extra_metadata: extra_metadata?.map(Value::Object),
            is_default_caller_id: None,
            inbound_agent_id: cleared(clear_agent?, links.agent()),
            trunk_id: cleared(clear_trunk?, links.trunk()),
        };
        Some((asked, links))
    })?;
    number(&app, &input).await?;
    let configuration = configuration(&app, &input).await?;
    let sync = links.check(&app, &input, &configuration).await?;
    let sync = sync.unwrap_or_else(synced);
    let changed = change(&app, &input, asked).await?;
    Ok(Json(shown(changed, Some(sync))))
}

/// Makes a number its configuration's default caller ID; the old default is it no more.
#[utoipa::path(
    post, path = "/api/v1/organizations/telephony-configs/{config_id}/phone-numbers/{phone_number_id}/set-default-caller",
    tag = "telephony",
    params(("config_id" = i64, Path), ("phone_number_id" = i64, Path)),
    responses((status = 200, body = wire::PhoneNumber), Refusals)
)]
async fn set_default_caller_id(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::PhoneNumber>, Problem> {
    let asked = PhoneNumberChange {
        is_default_caller_id: Some(true),
        ..PhoneNumberChange::default()
    };
    let changed = change(&app, &input, asked).await?;
    Ok(Json(shown(changed, None)))
}

/// Removes a number.
#[utoipa::path(
    delete, path = "/api/v1/organizations/telephony-configs/{config_id}/phone-numbers/{phone_number_id}", tag = "telephony",
    params(("config_id" = i64, Path), ("phone_number_id" = i64, Path)),
    responses((status = 200, body = wire::PhoneNumberDeleted), Refusals)
)]
async fn delete_phone_number(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::PhoneNumberDeleted>, Problem> {
    let number = number(&app, &input).await?;
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    let (configuration, id) = (number.configuration_id, number.id);
    if !app
        .store
        .delete_phone_number(workspace, configuration, id, at)
        .await?
    {
        return Err(unknown_number());
    }
    Ok(Json(wire::PhoneNumberDeleted {
        message: "Phone number deleted".to_owned(),
        provider_sync: synced(),
    }))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_phone_numbers, create_phone_number))
        .routes(routes!(
            get_phone_number,
            update_phone_number,
            delete_phone_number
        ))
        .routes(routes!(set_default_caller_id))
}
