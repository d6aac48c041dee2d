//! What webhooks authenticate with (contract §8.3). The data is sealed at once and never told again;
//! which header it becomes is for whoever sends the webhook.

use super::input::{Input, Refusals};
use super::seal::seal;
use crate::app::App;
use crate::body::fields::Fields;
use crate::body::rules::{Choice, Object, Text};
use crate::problem::Problem;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Map, Value};
use switchhook_core::ErrorCode;
use switchhook_core::ports::{
    CredentialKind, NewWebhookCredential, StoreError, WebhookCredential, WebhookCredentialChange,
};
use switchhook_wire::problem::Problem as ProblemBody;
use switchhook_wire::workspace as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

const KIND: Choice<CredentialKind> = Choice::enumeration(&[
    ("none", CredentialKind::None),
    ("api_key", CredentialKind::ApiKey),
    ("bearer_token", CredentialKind::BearerToken),
    ("basic_auth", CredentialKind::BasicAuth),
    ("custom_header", CredentialKind::CustomHeader),
]);

fn not_found() -> Problem {
    let detail = "Credential not found";
    Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
}

fn taken(error: StoreError, name: &str) -> Problem {
    let StoreError::NameTaken = &error else {
        return error.into();
    };
    let detail = format!("A credential with the name '{name}' already exists");
    Problem::new(StatusCode::CONFLICT, error.code(), detail)
}

fn shown(credential: WebhookCredential) -> wire::Credential {
    wire::Credential {
        uuid: credential.uuid.to_string(),
        name: credential.name,
        description: credential.description,
        credential_type: credential.kind.as_str().to_owned(),
        created_at: credential.created_at.into(),
        updated_at: Some(credential.updated_at.into()),
    }
}

/// Refuses data without what its kind needs.
fn check(kind: CredentialKind, data: &Map<String, Value>) -> Result<(), Problem> {
    let members = kind.members();
    if members.iter().all(|member| data.contains_key(*member)) {
        return Ok(());
    }
    let name = match kind {
        CredentialKind::None => "None",
        CredentialKind::ApiKey => "API Key",
        CredentialKind::BearerToken => "Bearer Token",
        CredentialKind::BasicAuth => "Basic Auth",
        CredentialKind::CustomHeader => "Custom Header",
    };
    let quoted: Vec<_> = members.iter().map(|member| format!("'{member}'")).collect();
    let fields = if members.len() == 1 {
        "field"
    } else {
        "fields"
    };
    let detail = format!(
        "{name} credential requires {} {fields}",
        quoted.join(" and ")
    );
    let status = StatusCode::BAD_REQUEST;
    Err(Problem::new(status, ErrorCode::InvalidRequest, detail))
}

/// Checks and seals the data; the context ties it to its credential.
async fn sealed(
    app: &App,
    input: &Input,
    uuid: Uuid,
    kind: CredentialKind,
    data: Map<String, Value>,
) -> Result<Option<Vec<u8>>, Problem> {
    check(kind, &data)?;
    let data = if kind == CredentialKind::None {
        Map::new()
    } else {
        data
    };
    let context = format!("webhook/{}/{uuid}", input.workspace_id());
    seal(app, context, data).await
}

fn uuid(input: &Input) -> Result<Uuid, Problem> {
    let text = input.parameters.text("credential_uuid");
    Uuid::try_parse(text).map_err(|_| not_found())
}

/// A workspace's credentials, without their data.
#[utoipa::path(
    get, path = "/api/v1/credentials/", tag = "credentials",
    responses((status = 200, body = Vec<wire::Credential>), Refusals)
)]
async fn list_credentials(
    State(app): State<App>,
    input: Input,
) -> Result<Json<Vec<wire::Credential>>, Problem> {
    let found = app.store.webhook_credentials(input.workspace_id()).await?;
    Ok(Json(found.into_iter().map(shown).collect()))
}

/// Adds a credential.
#[utoipa::path(
    post, path = "/api/v1/credentials/", tag = "credentials",
    request_body = wire::CredentialCreate,
    responses(
        (status = 200, body = wire::Credential),
        (status = 400, body = ProblemBody, description = "The data lacks what its type needs"),
        (status = 409, body = ProblemBody, description = "The name is taken"),
        Refusals,
    )
)]
async fn create_credential(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Credential>, Problem> {
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let name = fields.required("name", &Text::ANY);
    let description = fields.nullable("description", &Text::ANY);
    let kind = fields.required("credential_type", &KIND);
    let data = fields.required("credential_data", &Object);
    let (name, description, kind, data) =
        fields.finish(|| Some((name?, description?, kind?, data?)))?;
    let uuid = Uuid::new_v4();
    let sealed = sealed(&app, &input, uuid, kind, data).await?;
    let created = app.store.create_webhook_credential(NewWebhookCredential {
        uuid,
        workspace_id: input.workspace_id(),
        name: name.clone(),
        description,
        kind,
        sealed,
        at: app.clock.now(),
    });
    let created = created.await.map_err(|error| taken(error, &name))?;
    Ok(Json(shown(created)))
}

/// One credential, without its data.
#[utoipa::path(
    get, path = "/api/v1/credentials/{credential_uuid}", tag = "credentials",
    params(("credential_uuid" = String, Path)),
    responses((status = 200, body = wire::Credential), Refusals)
)]
async fn get_credential(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Credential>, Problem> {
    Ok(Json(shown(credential(&app, &input).await?)))
}

async fn credential(app: &App, input: &Input) -> Result<WebhookCredential, Problem> {
    let (workspace, uuid) = (input.workspace_id(), uuid(input)?);
    let found = app.store.webhook_credential(workspace, uuid).await?;
    found.ok_or_else(not_found)
}

/// The kind and data after a change; `None` where neither changes. Data that stays has to be what
/// the kind needs, and what it is nobody can see: another kind needs data of its own.
fn data_of(
    current: &WebhookCredential,
    kind: Option<CredentialKind>,
    data: Option<Map<String, Value>>,
) -> Option<(CredentialKind, Map<String, Value>)> {
    let kind = kind.unwrap_or(current.kind);
    let data = data.or_else(|| (kind != current.kind).then(Map::new))?;
    Some((kind, data))
}

/// Changes a credential; what is absent or null stays, the data too.
#[utoipa::path(
    put, path = "/api/v1/credentials/{credential_uuid}", tag = "credentials",
    params(("credential_uuid" = String, Path)), request_body = wire::CredentialUpdate,
    responses(
        (status = 200, body = wire::Credential),
        (status = 400, body = ProblemBody, description = "The data lacks what its type needs"),
        (status = 409, body = ProblemBody, description = "The name is taken"),
        Refusals,
    )
)]
async fn update_credential(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Credential>, Problem> {
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let name = fields.nullable("name", &Text::ANY);
    let description = fields.nullable("description", &Text::ANY);
    let kind = fields.nullable("credential_type", &KIND);
    let data = fields.nullable("credential_data", &Object);
    let (name, description, kind, data) =
        fields.finish(|| Some((name?, description?, kind?, data?)))?;
    let current = credential(&app, &input).await?;
    let data = match data_of(&current, kind, data) {
        None => None,
        Some((kind, data)) => Some((kind, sealed(&app, &input, current.uuid, kind, data).await?)),
    };
    let named = name.clone().unwrap_or_default();
    let change = WebhookCredentialChange {
        name,
        description,
        data,
    };
    let (workspace, at) = (input.workspace_id(), app.clock.now());
    let changed = app
        .store
        .change_webhook_credential(workspace, current.uuid, change, at)
        .await;
    let changed = changed.map_err(|error| taken(error, &named))?;
    Ok(Json(shown(changed.ok_or_else(not_found)?)))
}

/// Deletes a credential.
#[utoipa::path(
    delete, path = "/api/v1/credentials/{credential_uuid}", tag = "credentials",
    params(("credential_uuid" = String, Path)),
    responses((status = 200, body = wire::CredentialDeleted), Refusals)
)]
async fn delete_credential(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::CredentialDeleted>, Problem> {
    let uuid = uuid(&input)?;
    let workspace = input.workspace_id();
    if !app.store.delete_webhook_credential(workspace, uuid).await? {
        return Err(not_found());
    }
    Ok(Json(wire::CredentialDeleted {
        status: "deleted".to_owned(),
        uuid: uuid.to_string(),
    }))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_credentials, create_credential))
        .routes(routes!(
            get_credential,
            update_credential,
            delete_credential
        ))
}
