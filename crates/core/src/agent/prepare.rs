//! A definition about to be saved: a trigger without a path is given one, and what may not even
//! stand in a draft is refused (contract §3.1, §3.2). Everything else may be unfinished; `validate`
//! judges it for publishing.

use super::definition::{DefinitionProblem, PATH_FIELD, items, text, triggers_mut};
use super::kinds::NODE_KINDS;
use serde_json::{Map, Value};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// Longest trigger path in characters (contract §3.2).
pub const MAX_TRIGGER_PATH: usize = 36;

/// Why a definition cannot be saved. The two are answered with different statuses (contract §3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unsavable {
    /// Trigger paths of the wrong type, length or letters, or one path twice.
    Path(Vec<DefinitionProblem>),
    /// Too many nodes of a type, or edges of one node that cannot be told apart.
    Structure(Vec<DefinitionProblem>),
}

/// Gives every trigger without a path a minted one and checks what holds for drafts too. Unknown
/// keys stay as they are.
///
/// # Errors
/// Every broken rule of the first group that has one.
pub fn prepare_definition(
    mut definition: Value,
    mint: &mut dyn FnMut() -> Uuid,
) -> Result<Value, Unsavable> {
    mint_paths(&mut definition, mint);
    let wrong = path_problems(&definition);
    if !wrong.is_empty() {
        return Err(Unsavable::Path(wrong));
    }
    for wrong in [too_many(&definition), same_functions(&definition)] {
        if !wrong.is_empty() {
            return Err(Unsavable::Structure(wrong));
        }
    }
    Ok(definition)
}

/// Whether a value counts as nothing, as the reference's language counts.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

fn mint_paths(definition: &mut Value, mint: &mut dyn FnMut() -> Uuid) {
    for trigger in triggers_mut(definition) {
        let data = trigger.entry("data").or_insert(Value::Null);
        if data.is_null() {
            *data = Value::Object(Map::new());
        }
        if let Some(data) = data.as_object_mut()
            && data.get("trigger_path").is_none_or(is_nothing)
        {
            data.insert("trigger_path".to_owned(), mint().to_string().into());
        }
    }
}

/// What is wrong with the paths of a definition's triggers. A path that is missing is not wrong: it
/// is minted on saving.
pub(super) fn path_problems(definition: &Value) -> Vec<DefinitionProblem> {
    let mut problems = Vec::new();
    let mut seen = HashSet::new();
    let triggers = items(definition, "nodes").filter(|node| text(node, "type") == Some("trigger"));
    for trigger in triggers {
        let path = trigger.pointer("/data/trigger_path");
        let Some(path) = path.filter(|path| !is_nothing(path)) else {
            continue;
        };
        let mut wrong = |message: &str| {
            let id = text(trigger, "id");
            problems.push(DefinitionProblem::node(id, Some(PATH_FIELD), message));
        };
        let Some(path) = path.as_str() else {
            wrong("Trigger path must be a string.");
            continue;
        };
        if path.chars().count() > MAX_TRIGGER_PATH {
            wrong("Trigger path must be 36 characters or fewer.");
        }
        let is_segment = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        if !path.bytes().all(is_segment) {
            wrong(
                "Trigger path must be a single URL path segment using only letters, numbers, hyphens, and underscores.",
            );
        }
        if !seen.insert(path) {
            wrong("Trigger path is duplicated in this workflow.");
        }
    }
    problems
}

/// How often each type stands in a definition.
pub(super) fn counts(definition: &Value) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    for kind in items(definition, "nodes").filter_map(|node| text(node, "type")) {
        *counts.entry(kind).or_default() += 1;
    }
    counts
}

/// The types that stand in a definition more often than they may.
pub(super) fn too_many(definition: &Value) -> Vec<DefinitionProblem> {
    let counts = counts(definition);
    let is_over = |kind: &&super::NodeKind| {
        let count = counts.get(kind.name).copied().unwrap_or(0);
        kind.max_instances.is_some_and(|most| count > most)
    };
    let told = |kind: &super::NodeKind| {
        let shown = kind.display_name;
        DefinitionProblem::workflow(format!("Workflow can have at most one {shown}"))
    };
    NODE_KINDS.iter().filter(is_over).map(told).collect()
}

/// The name that a model calls to move along an edge: the label in lower case with `_` for each
/// character that is neither a letter of ASCII nor a digit (contract §3.4).
fn function_name(label: &str) -> String {
    let letter = |letter: char| match letter {
        'a'..='z' | '0'..='9' => letter,
        _ => '_',
    };
    label.to_lowercase().chars().map(letter).collect()
}

/// The edges that a model could not tell from an earlier one of the same node.
pub(super) fn same_functions(definition: &Value) -> Vec<DefinitionProblem> {
    let mut seen = HashSet::new();
    let mut problems = Vec::new();
    for edge in items(definition, "edges") {
        let label = edge.pointer("/data/label").and_then(Value::as_str);
        let label = label.filter(|label| !label.is_empty());
        let (Some(source), Some(label)) = (text(edge, "source"), label) else {
            continue;
        };
        if !seen.insert((source, function_name(label))) {
            let message = format!(
                "Label '{label}' cannot be told from the label of another edge of the same node."
            );
            let id = text(edge, "id");
            problems.push(DefinitionProblem::edge(id, Some("data.label"), message));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::super::trigger_of;
    use super::*;
    use serde_json::json;

    fn prepare(definition: Value) -> Result<Value, Unsavable> {
        prepare_definition(definition, &mut || Uuid::nil())
    }

    fn with_path(path: Value) -> Value {
        json!({"nodes": [{"id": "t", "type": "trigger", "data": {"name": "T", "trigger_path": path}}]})
    }

    fn messages(refused: Unsavable) -> Vec<String> {
        let (Unsavable::Path(problems) | Unsavable::Structure(problems)) = refused;
        problems
            .into_iter()
            .map(|problem| problem.message)
            .collect()
    }

    #[test]
    fn an_empty_trigger_path_is_minted_and_the_rest_is_kept() {
        let mut definition = with_path(json!(""));
        definition["viewport"] = json!({"x": 1});
        let prepared = prepare(definition).expect("prepare");
        let minted = Uuid::nil().to_string();
        assert_eq!(trigger_of(&prepared).expect("trigger").path, minted);
        assert_eq!(prepared["viewport"], json!({"x": 1}));
        for nothing in [json!(null), json!(0), json!(false), json!([])] {
            let prepared = prepare(with_path(nothing)).expect("prepare");
            assert_eq!(trigger_of(&prepared).expect("trigger").path, minted);
        }
        let bare = json!({"nodes": [{"id": "t", "type": "trigger"}]});
        let prepared = prepare(bare).expect("prepare");
        assert_eq!(trigger_of(&prepared).expect("trigger").path, minted);
    }

    #[test]
    fn a_path_that_is_no_single_segment_is_refused() {
        let segment = "Trigger path must be a single URL path segment using only letters, numbers, hyphens, and underscores.";
        let length = "Trigger path must be 36 characters or fewer.";
        let rows = [
            (json!("a/b"), vec![segment]),
            (json!("a b"), vec![segment]),
            (json!("é"), vec![segment]),
            (json!(5), vec!["Trigger path must be a string."]),
            (json!("x".repeat(37)), vec![length]),
            (json!("/".repeat(37)), vec![length, segment]),
        ];
        for (path, told) in rows {
            let refused = prepare(with_path(path.clone())).expect_err("refused");
            assert!(matches!(refused, Unsavable::Path(_)), "{path}");
            assert_eq!(messages(refused), told, "{path}");
        }
        assert!(prepare(with_path(json!("x".repeat(36)))).is_ok());
    }

    #[test]
    fn a_path_that_stands_twice_is_told_before_the_second_trigger() {
        let node = json!({"id": "t", "type": "trigger", "data": {"trigger_path": "p"}});
        let refused = prepare(json!({"nodes": [node, node]})).expect_err("refused");
        assert_eq!(
            messages(refused),
            ["Trigger path is duplicated in this workflow."]
        );
    }

    #[test]
    fn types_that_stand_once_stand_once_in_drafts_too() {
        for kind in ["startCall", "globalNode", "trigger"] {
            let mut count = 0;
            let nodes = [json!({"type": kind}), json!({"type": kind})];
            let mint = &mut || {
                count += 1;
                Uuid::from_u128(count)
            };
            let refused = prepare_definition(json!({"nodes": nodes}), mint).expect_err("refused");
            assert!(matches!(refused, Unsavable::Structure(_)), "{kind}");
        }
        assert!(prepare(json!({"nodes": [{"type": "webhook"}, {"type": "webhook"}]})).is_ok());
    }

    #[test]
    fn labels_of_one_node_differ_by_more_than_case_and_signs() {
        let edge = |source: &str, label: &str| json!({"id": "e", "source": source, "data": {"label": label}});
        let two = |first, second| prepare(json!({"edges": [first, second]}));
        assert!(two(edge("a", "Go on!"), edge("a", "go_on.")).is_err());
        assert!(two(edge("a", "Go on"), edge("b", "Go on")).is_ok());
        assert!(two(edge("a", ""), edge("a", "")).is_ok());
        assert_eq!(function_name("Go on! É2"), "go_on___2");
    }
}
