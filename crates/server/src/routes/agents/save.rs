//! A definition on its way into the store: prepared, its masked secrets restored, and every reason
//! against it told with the validation object of contract §3.3.

use crate::app::App;
use crate::problem::Problem;
use crate::routes::seal::seal_agent;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use switchhook_core::ErrorCode;
use switchhook_core::agent::{
    DefinitionProblem, Unsavable, drop_foreign_seals, prepare_definition, restore_configurations,
    restore_definition, trigger_of,
};
use switchhook_core::ids::WorkspaceId;
use switchhook_core::ports::{AgentDetail, StoreError};
use uuid::Uuid;

/// The validation object as an error.
pub fn refused(status: StatusCode, errors: &[DefinitionProblem]) -> Problem {
    let detail = json!({ "is_valid": false, "errors": errors });
    Problem::new(status, ErrorCode::InvalidDefinition, detail)
}

/// A path that belongs to another agent.
pub fn taken(error: StoreError, definition: Option<&Value>, status: StatusCode) -> Problem {
    match error {
        StoreError::PathTaken { holder, .. } => {
            let node_id = definition.and_then(trigger_of).map(|node| node.node_id);
            let problem = DefinitionProblem::taken(node_id.as_deref(), holder);
            refused(status, &[problem])
        }
        error => error.into(),
    }
}

/// The definition to store. A wrong path is 422 everywhere, too many nodes of a type and edges that
/// cannot be told apart are `structure` (contract §3.3).
///
/// # Errors
/// The first group of rules that is broken.
pub fn prepared(definition: Value, structure: StatusCode) -> Result<Value, Problem> {
    prepare_definition(definition, &mut Uuid::new_v4).map_err(|wrong| match wrong {
        Unsavable::Path(errors) => refused(StatusCode::UNPROCESSABLE_ENTITY, &errors),
        Unsavable::Structure(errors) => refused(structure, &errors),
    })
}

/// Settles the secrets in what a client sent: masks become the secrets of the agent that was edited,
/// everything else is sealed.
///
/// # Errors
/// 503 when there is a new secret and none can be kept now.
pub async fn entrusted(
    app: &App,
    workspace: WorkspaceId,
    edited: Option<&AgentDetail>,
    definition: Option<&mut Value>,
    configurations: Option<&mut Map<String, Value>>,
) -> Result<(), Problem> {
    let edited = edited.and_then(|detail| detail.draft.as_ref().or(detail.published.as_ref()));
    let mut nothing = Value::Null;
    let definition = definition.unwrap_or(&mut nothing);
    let mut none = Map::new();
    let kept = configurations.unwrap_or(&mut none);
    let mut settings = Value::Object(std::mem::take(kept));
    drop_foreign_seals(definition);
    drop_foreign_seals(&mut settings);
    if let Some(edited) = edited {
        restore_definition(definition, &edited.definition);
        if let Value::Object(settings) = &mut settings {
            restore_configurations(settings, &edited.configurations);
        }
    }
    seal_agent(app, workspace, &mut [definition, &mut settings]).await?;
    if let Value::Object(settings) = settings {
        *kept = settings;
    }
    Ok(())
}
