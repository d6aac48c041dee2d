//! A definition about to be saved: its trigger is found, checked and given a path. Nothing else of
//! it is judged here (contract §3.1, §3.2); `validate` does that for publishing.

use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

/// A text member of an object; `None` when absent or not a text.
pub(super) fn text<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field)?.as_str()
}

/// The items of a list member; none when absent or not a list.
pub(super) fn items<'a>(definition: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    definition
        .get(field)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The trigger node of a definition, as far as firing is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriggerNode {
    pub node_id: String,
    pub path: String,
    /// `data.enabled`, true unless it is exactly `false` (contract §3.4).
    pub enabled: bool,
}

/// The trigger node of a definition, if it has one with a path.
#[must_use]
pub fn trigger_of(definition: &Value) -> Option<TriggerNode> {
    items(definition, "nodes")
        .find(|node| text(node, "type") == Some("trigger"))
        .and_then(|node| {
            let data = node.get("data")?;
            Some(TriggerNode {
                node_id: text(node, "id").unwrap_or_default().to_owned(),
                path: text(data, "trigger_path")
                    .filter(|path| !path.is_empty())?
                    .to_owned(),
                enabled: data.get("enabled") != Some(&Value::Bool(false)),
            })
        })
}

/// What is wrong with a definition and where (contract §3.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DefinitionProblem {
    /// `node`, `edge` or `workflow`.
    pub kind: &'static str,
    pub id: Option<String>,
    pub field: Option<String>,
    pub message: String,
}

impl DefinitionProblem {
    pub(super) fn node(id: Option<&str>, field: Option<&str>, message: impl Into<String>) -> Self {
        Self {
            kind: "node",
            id: id.map(str::to_owned),
            field: field.map(str::to_owned),
            message: message.into(),
        }
    }

    pub(super) fn edge(id: Option<&str>, field: Option<&str>, message: impl Into<String>) -> Self {
        Self {
            kind: "edge",
            ..Self::node(id, field, message)
        }
    }

    pub(super) fn workflow(message: impl Into<String>) -> Self {
        Self {
            kind: "workflow",
            ..Self::node(None, None, message)
        }
    }
}

/// What a definition with two triggers is told.
pub(super) const SEVERAL_TRIGGERS: &str = "A workflow can have at most one API Trigger.";
/// Where the path of a trigger stands.
const PATH_FIELD: &str = "data.trigger_path";

/// Longest trigger path in characters (contract §3.2).
pub const MAX_TRIGGER_PATH: usize = 36;

fn path_message(path: &Value) -> Option<&'static str> {
    let Some(path) = path.as_str() else {
        return Some("Trigger path must be a string.");
    };
    if path.chars().count() > MAX_TRIGGER_PATH {
        return Some("Trigger path must be 36 characters or fewer.");
    }
    if !path
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    {
        return Some(
            "Trigger path must be a single URL path segment using only letters, numbers, hyphens, and underscores.",
        );
    }
    None
}

/// What is wrong with a trigger node's path; a missing or empty one is minted on saving, so it is
/// not wrong.
pub(super) fn path_problem(node: &Value) -> Option<DefinitionProblem> {
    let path = node.get("data")?.get("trigger_path")?;
    if path.is_null() {
        return None;
    }
    let message = path_message(path)?;
    Some(DefinitionProblem::node(
        text(node, "id"),
        Some(PATH_FIELD),
        message,
    ))
}

/// Checks the trigger rules of a definition that is about to be saved and gives a missing or
/// empty path a minted one (contract §3.2). Unknown keys stay as they are.
///
/// # Errors
/// Every broken rule: a path of the wrong type, length or letters, more than one trigger.
pub fn prepare_definition(
    mut definition: Value,
    mint: &mut dyn FnMut() -> Uuid,
) -> Result<Value, Vec<DefinitionProblem>> {
    let mut problems = Vec::new();
    let mut triggers = 0;
    let nodes = definition.get_mut("nodes").and_then(Value::as_array_mut);
    for node in nodes.into_iter().flatten() {
        if text(node, "type") != Some("trigger") {
            continue;
        }
        triggers += 1;
        problems.extend(path_problem(node));
        let Some(data) = node.get_mut("data").and_then(Value::as_object_mut) else {
            continue;
        };
        let path = data.get("trigger_path").unwrap_or(&Value::Null);
        if path.is_null() || path.as_str() == Some("") {
            data.insert("trigger_path".to_owned(), mint().to_string().into());
        }
    }
    if triggers > 1 {
        problems.push(DefinitionProblem::workflow(SEVERAL_TRIGGERS));
    }
    if problems.is_empty() {
        Ok(definition)
    } else {
        Err(problems)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn prepare(definition: Value) -> Result<Value, Vec<DefinitionProblem>> {
        prepare_definition(definition, &mut || Uuid::nil())
    }

    fn with_path(path: Value) -> Value {
        json!({"nodes": [{"id": "t", "type": "trigger", "data": {"name": "T", "trigger_path": path}}]})
    }

    #[test]
    fn an_empty_trigger_path_is_minted_and_the_rest_is_kept() {
        let mut definition = with_path(json!(""));
        definition["viewport"] = json!({"x": 1});
        let prepared = prepare(definition).expect("prepare");
        assert_eq!(
            trigger_of(&prepared).expect("trigger").path,
            Uuid::nil().to_string()
        );
        assert_eq!(prepared["viewport"], json!({"x": 1}));
    }

    #[test]
    fn a_path_that_is_no_single_segment_is_refused() {
        for path in [
            json!("a/b"),
            json!("a b"),
            json!("é"),
            json!(5),
            json!("x".repeat(37)),
        ] {
            let problems = prepare(with_path(path.clone())).expect_err("refused");
            assert_eq!(
                problems[0].field.as_deref(),
                Some("data.trigger_path"),
                "{path}"
            );
        }
        assert!(prepare(with_path(json!("x".repeat(36)))).is_ok());
    }

    #[test]
    fn a_second_trigger_is_refused() {
        let node = json!({"id": "t", "type": "trigger", "data": {}});
        assert!(prepare(json!({"nodes": [node, node]})).is_err());
    }

    #[test]
    fn only_a_literal_false_disables_a_trigger() {
        let definition = |enabled: Value| json!({"nodes": [{"id": "t", "type": "trigger", "data": {"trigger_path": "p", "enabled": enabled}}]});
        assert!(
            trigger_of(&definition(json!(null)))
                .expect("trigger")
                .enabled
        );
        assert!(
            !trigger_of(&definition(json!(false)))
                .expect("trigger")
                .enabled
        );
    }
}
