//! A definition on its way into the store: prepared, its masked secrets restored, and every reason
//! against it told with the validation object of contract §3.3.

use crate::problem::Problem;
use axum::http::StatusCode;
use serde_json::{Map, Value, json};
use switchhook_core::ErrorCode;
use switchhook_core::agent::{
    DefinitionProblem, Unsavable, prepare_definition, restore_configurations, restore_definition,
    trigger_of,
};
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

/// Puts the stored secrets where a client sent their masks back.
pub fn restored(
    detail: &AgentDetail,
    definition: Option<&mut Value>,
    configurations: Option<&mut Map<String, Value>>,
) {
    let Some(edited) = detail.draft.as_ref().or(detail.published.as_ref()) else {
        return;
    };
    if let Some(definition) = definition {
        restore_definition(definition, &edited.definition);
    }
    if let Some(configurations) = configurations {
        restore_configurations(configurations, &edited.configurations);
    }
}
