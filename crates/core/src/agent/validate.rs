//! Whether a definition can be published, in the reference's words (contract §3.3, §3.4). First every
//! node and edge by itself; only when those are whole, how they hang together. Saving does not come
//! through here: a draft may be as unfinished as its builder likes.

use super::definition::{DefinitionProblem, items, text};
use super::kinds::{NODE_KINDS, node_kind};
use super::prepare::{counts, path_problems, same_functions, too_many};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

const REQUIRED: &str = "Field required";
const NO_TEXT: &str = "Input should be a valid string";
const EMPTY: &str = "String should have at least 1 character";

/// Everything that keeps a definition from being published.
#[must_use]
pub fn validate(definition: &Value) -> Vec<DefinitionProblem> {
    let mut problems = Vec::new();
    for node in items(definition, "nodes") {
        check_node(node, &mut problems);
    }
    check_edges(definition, &mut problems);
    if problems.is_empty() {
        problems.extend(too_many(definition));
        problems.extend(too_few(definition));
        check_connections(definition, &mut problems);
        problems.extend(same_functions(definition));
    }
    problems.extend(path_problems(definition));
    problems
}

/// What is wrong with a text that has to be there and say something.
fn wrong_text(value: Option<&Value>) -> Option<&'static str> {
    match value {
        None => Some(REQUIRED),
        Some(Value::String(text)) if text.is_empty() => Some(EMPTY),
        Some(Value::String(_)) => None,
        Some(_) => Some(NO_TEXT),
    }
}

fn check_node(node: &Value, problems: &mut Vec<DefinitionProblem>) {
    let id = text(node, "id");
    let mut wrong = |field: &str, message: String| {
        problems.push(DefinitionProblem::node(id, Some(field), message));
    };
    for field in ["id", "type"] {
        if let Some(message) = wrong_text(node.get(field)) {
            wrong(field, message.to_owned());
        }
    }
    let Some(kind) = text(node, "type").and_then(node_kind) else {
        return;
    };
    if let Some(message) = wrong_text(node.pointer("/data/name")) {
        wrong("data.name", message.to_owned());
    }
    let prompt = node.pointer("/data/prompt").and_then(Value::as_str);
    if let Some(word) = kind.prompted
        && prompt.is_none_or(|prompt| prompt.trim().is_empty())
    {
        let message = format!("Value error, prompt is required for {word} nodes");
        wrong("data.prompt", message);
    }
}

fn check_edges(definition: &Value, problems: &mut Vec<DefinitionProblem>) {
    let nodes: HashSet<_> = items(definition, "nodes")
        .filter_map(|node| text(node, "id"))
        .collect();
    for edge in items(definition, "edges") {
        let mut wrong = |field: &str, message: &str| {
            problems.push(DefinitionProblem::edge(
                text(edge, "id"),
                Some(field),
                message,
            ));
        };
        if let Some(message) = wrong_text(edge.get("id")) {
            wrong("id", message);
        }
        for end in ["source", "target"] {
            if !text(edge, end).is_some_and(|id| nodes.contains(id)) {
                wrong(end, "Edge references missing node");
            }
        }
        for field in ["label", "condition"] {
            if let Some(message) = wrong_text(edge.pointer(&format!("/data/{field}"))) {
                wrong(&format!("data.{field}"), message);
            }
        }
    }
}

fn too_few(definition: &Value) -> Vec<DefinitionProblem> {
    let counts = counts(definition);
    let is_under = |kind: &&super::NodeKind| {
        let count = counts.get(kind.name).copied().unwrap_or(0);
        kind.min_instances.is_some_and(|least| count < least)
    };
    let told = |kind: &super::NodeKind| {
        let shown = kind.display_name;
        DefinitionProblem::workflow(format!("Workflow must have at least one {shown}"))
    };
    NODE_KINDS.iter().filter(is_under).map(told).collect()
}

/// How many nodes lead to a node, and how many it leads to. Several edges between two nodes count once.
fn degrees<'a>(definition: &'a Value, own: &str, other: &str) -> HashMap<&'a str, usize> {
    let mut neighbours: HashMap<&str, HashSet<&str>> = HashMap::new();
    for edge in items(definition, "edges") {
        if let (Some(own), Some(other)) = (text(edge, own), text(edge, other)) {
            neighbours.entry(own).or_default().insert(other);
        }
    }
    let count = |(id, others): (&'a str, HashSet<&str>)| (id, others.len());
    neighbours.into_iter().map(count).collect()
}

fn check_connections(definition: &Value, problems: &mut Vec<DefinitionProblem>) {
    let incoming = degrees(definition, "target", "source");
    let outgoing = degrees(definition, "source", "target");
    for node in items(definition, "nodes") {
        let (Some(id), Some(kind)) = (text(node, "id"), text(node, "type").and_then(node_kind))
        else {
            continue;
        };
        let shown = kind.display_name;
        let count = |degrees: &HashMap<&str, usize>| degrees.get(id).copied().unwrap_or(0);
        let mut wrong = |message: String| {
            problems.push(DefinitionProblem::node(Some(id), None, message));
        };
        if kind
            .max_incoming
            .is_some_and(|most| count(&incoming) > most)
        {
            wrong(format!("{shown} cannot have incoming edges"));
        }
        if let Some(least) = kind.min_incoming.filter(|least| count(&incoming) < *least) {
            wrong(format!(
                "{shown} must have at least {least} incoming edge(s)"
            ));
        }
        if kind
            .max_outgoing
            .is_some_and(|most| count(&outgoing) > most)
        {
            wrong(format!("{shown} cannot have outgoing edges"));
        }
    }
}

#[cfg(test)]
mod tests;
