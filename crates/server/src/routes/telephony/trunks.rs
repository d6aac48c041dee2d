//! Trunks (contract §6.5): which way through a carrier a number's calls take. Only some providers
//! have them; the others have an empty list. The carrier is not told of them here.

use super::{configuration, not_found, shown};
use crate::app::App;
use crate::body::fields::{Fields, Loc};
use crate::body::rules::{Bool, Choice, Object, Rule, Text, Wrong};
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use switchhook_core::ErrorCode;
use switchhook_core::ids::TrunkId;
use switchhook_core::ports::{NewTrunk, StoreError, TrunkChange};
use switchhook_core::telephony::TelephonyConfiguration;
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::telephony as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const REGION: Choice<&str> =
    Choice::literal(&[("India", "India"), ("UAE", "UAE"), ("Global", "Global")]);

fn unknown() -> Problem {
    let detail = "Trunk not found on this telephony configuration";
    Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
}

fn refused(error: StoreError, name: &str) -> Problem {
    let detail = match &error {
        StoreError::NameTaken => {
            format!("A trunk named '{name}' already exists on this telephony configuration.")
        }
        StoreError::InUse => {
            "The trunk is used by phone numbers; give them another one first.".to_owned()
        }
        _ => return error.into(),
    };
    Problem::new(StatusCode::CONFLICT, error.code(), detail)
}

/// Letters, digits and hyphens.
struct Name;

impl Rule for Name {
    type Value = String;

    fn read(&self, input: &Value) -> Result<String, Wrong> {
        let name = Text::length(1, 64).read(input)?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        if name.chars().all(is_plain) {
            return Ok(name);
        }
        let msg = "Value error, use letters, digits and hyphens only";
        let mut wrong = Wrong::new("value_error", msg);
        wrong.ctx = Some(json!({ "error": {} }));
        Err(wrong)
    }
}

/// What a trunk is set to, as it is stored; errors are added to the others.
fn settings<'v>(
    fields: Fields<'v>,
    object: &'v Map<String, Value>,
    sent: Option<&Map<String, Value>>,
) -> (Option<Value>, Fields<'v>) {
    let Some(sent) = sent else {
        return (None, fields);
    };
    let loc = ["body", "settings"].map(Loc::from).to_vec();
    let mut inside = Fields::nested(loc, sent);
    let region = inside.or("region", &REGION, "Global");
    let domain = inside.nullable("sip_domain", &Text::length(0, 255));
    let read = json!({ "region": region, "sip_domain": domain.flatten() });
    let fields = Fields::body(object)
        .after(inside.into_errors())
        .after(fields.into_errors());
    (Some(read), fields)
}

/// The configuration that the path names, for a change of its trunks.
async fn with_trunks(app: &App, input: &Input) -> Result<TelephonyConfiguration, Problem> {
    let configuration = configuration(app, input).await?;
    let facts = switchhook_dialers::facts(&configuration.provider);
    if facts.is_some_and(|facts| facts.has_trunks) {
        return Ok(configuration);
    }
    let detail = format!("Provider '{}' has no trunks.", configuration.provider);
    let (status, code) = (StatusCode::BAD_REQUEST, ErrorCode::InvalidRequest);
    Err(Problem::new(status, code, detail))
}

/// A configuration's trunks.
#[utoipa::path(
    get, path = "/api/v1/organizations/telephony-configs/{config_id}/trunks", tag = "telephony",
    params(("config_id" = i64, Path)),
    responses((status = 200, body = wire::Trunks), Refusals)
)]
async fn list_trunks(State(app): State<App>, input: Input) -> Result<Json<wire::Trunks>, Problem> {
    let configuration = configuration(&app, &input).await?;
    let trunks = configuration.trunks.iter();
    let trunks = trunks
        .map(|trunk| shown::trunk(trunk, &configuration.numbers))
        .collect();
    Ok(Json(wire::Trunks { trunks }))
}

/// Adds a trunk.
#[utoipa::path(
    post, path = "/api/v1/organizations/telephony-configs/{config_id}/trunks", tag = "telephony",
    params(("config_id" = i64, Path)), request_body = wire::TrunkCreate,
    responses(
        (status = 200, body = wire::Trunk),
        (status = 400, body = ProblemBody, description = "The provider has no trunks"),
        (status = 409, body = ProblemBody, description = "The name is taken"),
        Refusals,
    )
)]
async fn create_trunk(State(app): State<App>, input: Input) -> Result<Json<wire::Trunk>, Problem> {
    let (object, wrong) = input.object_after(&["config_id"])?;
    let mut fields = Fields::body(&object).after(wrong);
    let name = fields.required("name", &Name);
    let is_enabled = fields.or("enabled", &Bool, true);
    let sent = fields.or("settings", &Object, Map::new());
    let (settings, fields) = settings(fields, &object, sent.as_ref());
    let (name, is_enabled, settings) = fields.finish(|| Some((name?, is_enabled?, settings?)))?;
    let configuration = with_trunks(&app, &input).await?;
    let trunk = NewTrunk {
        name: name.clone(),
        is_enabled,
        settings,
        at: app.clock.now(),
    };
    let created = app
        .store
        .create_trunk(input.workspace_id(), configuration.id, trunk)
        .await;
    let created = created.map_err(|error| refused(error, &name))?;
    // Gone between the look and the insert.
    Ok(Json(shown::trunk(&created.ok_or_else(not_found)?, &[])))
}

/// Changes a trunk; what is absent or null stays.
#[utoipa::path(
    put, path = "/api/v1/organizations/telephony-configs/{config_id}/trunks/{trunk_id}", tag = "telephony",
    params(("config_id" = i64, Path), ("trunk_id" = i64, Path)), request_body = wire::TrunkUpdate,
    responses(
        (status = 200, body = wire::Trunk),
        (status = 400, body = ProblemBody, description = "The provider has no trunks"),
        (status = 409, body = ProblemBody, description = "The name is taken"),
        Refusals,
    )
)]
async fn update_trunk(State(app): State<App>, input: Input) -> Result<Json<wire::Trunk>, Problem> {
    let (object, wrong) = input.object_after(&["config_id", "trunk_id"])?;
    let mut fields = Fields::body(&object).after(wrong);
    let name = fields.nullable("name", &Name);
    let is_enabled = fields.nullable("enabled", &Bool);
    let sent = fields.nullable("settings", &Object);
    let sent = sent.as_ref().and_then(Option::as_ref);
    let (settings, fields) = settings(fields, &object, sent);
    let change = fields.finish(|| {
        Some(TrunkChange {
            name: name?,
            is_enabled: is_enabled?,
            settings,
        })
    })?;
    let id = TrunkId(input.id("trunk_id")?);
    let configuration = with_trunks(&app, &input).await?;
    let named = change.name.clone().unwrap_or_default();
    let changed = app
        .store
        .change_trunk(
            input.workspace_id(),
            configuration.id,
            id,
            change,
            app.clock.now(),
        )
        .await
        .map_err(|error| refused(error, &named))?;
    let changed = changed.ok_or_else(unknown)?;
    Ok(Json(shown::trunk(&changed, &configuration.numbers)))
}

/// Removes a trunk that no number uses.
#[utoipa::path(
    delete, path = "/api/v1/organizations/telephony-configs/{config_id}/trunks/{trunk_id}", tag = "telephony",
    params(("config_id" = i64, Path), ("trunk_id" = i64, Path)),
    responses(
        (status = 200, body = wire::Message),
        (status = 400, body = ProblemBody, description = "The provider has no trunks"),
        (status = 409, body = ProblemBody, description = "Numbers use it"),
        Refusals,
    )
)]
async fn delete_trunk(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Message>, Problem> {
    let id = TrunkId(input.id("trunk_id")?);
    let configuration = with_trunks(&app, &input).await?;
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    let deleted = app
        .store
        .delete_trunk(workspace, configuration.id, id, at)
        .await;
    if !deleted.map_err(|error| refused(error, ""))? {
        return Err(unknown());
    }
    let message = "Trunk deleted".to_owned();
    Ok(Json(wire::Message { message }))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_trunks, create_trunk))
        .routes(routes!(update_trunk, delete_trunk))
}
