//! Agents from templates (contract §3.3). The templates are this program's own and the same in every
//! workspace. The reference has a hosted model write an agent from a description; nothing leaves this
//! server, so here the description stands in an agent of a start, an end and a trigger.

use crate::app::App;
use crate::body::fields::Fields;
use crate::body::rules::{Choice, Int, Text};
use crate::problem::Problem;
use crate::routes::agents::{make, shown_on_create};
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::sync::LazyLock;
use switchhook_core::ErrorCode;
use switchhook_wire::workflow as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

static TEMPLATES: LazyLock<Vec<wire::WorkflowTemplate>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("templates.json")).expect("templates.json is well-formed")
});

const DIRECTION: Choice<&str> =
    Choice::literal(&[("inbound", "inbound"), ("outbound", "outbound")]);

/// Every template. Not a secret: as in the reference, nobody is asked for a key.
#[utoipa::path(
    get, path = "/api/v1/workflow/templates", tag = "agents",
    responses((status = 200, body = Vec<wire::WorkflowTemplate>))
)]
async fn list_templates() -> Json<Vec<wire::WorkflowTemplate>> {
    Json(TEMPLATES.clone())
}

/// Makes an agent of a template; its first version is published at once, under a new trigger path.
#[utoipa::path(
    post, path = "/api/v1/workflow/templates/duplicate", tag = "agents",
    request_body = wire::DuplicateTemplate,
    responses((status = 200, body = wire::Workflow), Refusals)
)]
async fn duplicate_template(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Workflow>, Problem> {
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let id = fields.required("template_id", &Int::ANY);
    let name = fields.required("workflow_name", &Text::ANY);
    let (id, name) = fields.finish(|| Some((id?, name?)))?;
    let mut templates = TEMPLATES.iter();
    let found = templates.find(|template| Some(template.id) == id.id());
    let template = found.ok_or_else(|| {
        let sent = object["template_id"]
            .as_str()
            .unwrap_or_default()
            .to_owned();
        let id = id.id().map_or(sent, |id| id.to_string());
        let detail = format!("Workflow template with id {id} not found");
        Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
    })?;
    let made = make(&app, &input, name, template.template_json.clone()).await?;
    Ok(Json(shown_on_create(made)))
}

/// An agent that does what a description says, as far as one prompt can.
fn skeleton(use_case: &str, activity: &str) -> Value {
    json!({
        "nodes": [
            {"id": "start", "type": "startCall", "position": {"x": 0, "y": 0},
                "data": {"name": "Start", "prompt": format!("{use_case}\n\n{activity}")}},
            {"id": "end", "type": "endCall", "position": {"x": 400, "y": 0},
                "data": {"name": "End", "prompt": "Thank the callee and say goodbye."}},
            {"id": "trigger", "type": "trigger", "position": {"x": 0, "y": -160},
                "data": {"name": "API trigger", "enabled": true}},
        ],
        "edges": [{"id": "start-end", "source": "start", "target": "end",
            "data": {"label": "Done", "condition": "What the call was for is done, or the callee wants to end."}}],
    })
}

/// Makes an agent of a description; its first version is published at once.
#[utoipa::path(
    post, path = "/api/v1/workflow/create/template", tag = "agents",
    request_body = wire::CreateFromTemplate,
    responses((status = 200, body = wire::Workflow), Refusals)
)]
async fn create_from_template(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Workflow>, Problem> {
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let direction = fields.required("call_type", &DIRECTION);
    let use_case = fields.required("use_case", &Text::ANY);
    let activity = fields.required("activity_description", &Text::ANY);
    let (_, use_case, activity) = fields.finish(|| Some((direction?, use_case?, activity?)))?;
    let definition = skeleton(&use_case, &activity);
    let made = make(&app, &input, use_case, definition).await?;
    Ok(Json(shown_on_create(made)))
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_templates))
        .routes(routes!(duplicate_template))
        .routes(routes!(create_from_template))
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchhook_core::agent::{prepare_definition, validate};

    #[test]
    fn every_template_could_be_published() {
        let descriptions = [skeleton("Remind", "Remind of a payment.")];
        let templates = TEMPLATES
            .iter()
            .map(|template| template.template_json.clone());
        for definition in templates.chain(descriptions) {
            let prepared = prepare_definition(definition, &mut uuid::Uuid::new_v4);
            let errors = validate(&prepared.expect("savable"));
            assert!(errors.is_empty(), "{errors:?}");
        }
    }
}
