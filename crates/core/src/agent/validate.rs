//! Whether a definition can be published (contract §3.3, §3.4). The rules of the node types are
//! rows of [`KINDS`]; a type that has no row is an integration's and is not judged. Saving does not
//! come through here: a draft may be as unfinished as its builder likes.

use super::definition::{DefinitionProblem, SEVERAL_TRIGGERS, items, path_problem, text};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// How many edges a node may have in one direction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Edges {
    None,
    Some,
    Any,
}

/// The rules of a node type.
struct Kind {
    name: &'static str,
    /// As people read it in a message.
    shown: &'static str,
    incoming: Edges,
    outgoing: Edges,
    has_prompt: bool,
    /// How many nodes of the type a definition may have, and what it is told otherwise.
    count: Option<(std::ops::RangeInclusive<usize>, &'static str)>,
}

const KINDS: &[Kind] = &[
    Kind {
        name: "startCall",
        shown: "Start Call",
        incoming: Edges::None,
        outgoing: Edges::Any,
        has_prompt: true,
        count: Some((1..=1, "A workflow must have exactly one Start Call.")),
    },
    Kind {
        name: "agentNode",
        shown: "Agent Node",
        incoming: Edges::Some,
        outgoing: Edges::Any,
        has_prompt: true,
        count: None,
    },
    Kind {
        name: "endCall",
        shown: "End Call",
        incoming: Edges::Some,
        outgoing: Edges::None,
        has_prompt: true,
        count: None,
    },
    Kind {
        name: "globalNode",
        shown: "Global Node",
        incoming: Edges::None,
        outgoing: Edges::None,
        has_prompt: true,
        count: Some((0..=1, "A workflow can have at most one Global Node.")),
    },
    Kind {
        name: "trigger",
        shown: "API Trigger",
        incoming: Edges::None,
        outgoing: Edges::None,
        has_prompt: false,
        count: Some((0..=1, SEVERAL_TRIGGERS)),
    },
    Kind {
        name: "webhook",
        shown: "Webhook",
        incoming: Edges::None,
        outgoing: Edges::None,
        has_prompt: false,
        count: None,
    },
    Kind {
        name: "qa",
        shown: "QA Analysis",
        incoming: Edges::None,
        outgoing: Edges::None,
        has_prompt: false,
        count: None,
    },
];

/// What is wrong with a definition: its nodes first, then its edges, then the whole, each in the
/// definition's order. Empty when it can be published.
#[must_use]
pub fn validate(definition: &Value) -> Vec<DefinitionProblem> {
    let mut problems = Vec::new();
    let ends = Ends::of(definition);
    for node in items(definition, "nodes") {
        check_node(node, &ends, &mut problems);
    }
    check_edges(definition, &mut problems);
    for kind in KINDS {
        let Some((allowed, message)) = &kind.count else {
            continue;
        };
        let of_kind =
            items(definition, "nodes").filter(|node| text(node, "type") == Some(kind.name));
        if !allowed.contains(&of_kind.count()) {
            problems.push(DefinitionProblem::workflow(*message));
        }
    }
    problems
}

/// The nodes that edges name.
struct Ends<'a> {
    sources: HashSet<&'a str>,
    targets: HashSet<&'a str>,
}

impl<'a> Ends<'a> {
    fn of(definition: &'a Value) -> Self {
        let named = |end: &str| {
            items(definition, "edges")
                .filter_map(|edge| text(edge, end))
                .collect()
        };
        Self {
            sources: named("source"),
            targets: named("target"),
        }
    }
}

/// A text of at least one character below `data`.
fn filled<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    text(object.get("data")?, field).filter(|text| !text.is_empty())
}

fn check_node(node: &Value, ends: &Ends<'_>, problems: &mut Vec<DefinitionProblem>) {
    let id = text(node, "id");
    let mut wrong = |field: Option<&str>, message: String| {
        problems.push(DefinitionProblem::node(id, field, message));
    };
    let (Some(own), Some(name)) = (id, text(node, "type")) else {
        let field = if id.is_none() { "id" } else { "type" };
        wrong(
            Some(field),
            format!("Node must have a text as its {field}."),
        );
        return;
    };
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else {
        return;
    };
    if filled(node, "name").is_none() {
        wrong(Some("data.name"), "Name is required.".to_owned());
    }
    if kind.has_prompt && filled(node, "prompt").is_none_or(|prompt| prompt.trim().is_empty()) {
        wrong(Some("data.prompt"), "Prompt is required.".to_owned());
    }
    for (direction, allowed, nodes) in [
        ("incoming", kind.incoming, &ends.targets),
        ("outgoing", kind.outgoing, &ends.sources),
    ] {
        let shown = kind.shown;
        match (allowed, nodes.contains(own)) {
            (Edges::None, true) => wrong(None, format!("{shown} must not have {direction} edges.")),
            (Edges::Some, false) => {
                wrong(
                    None,
                    format!("{shown} must have at least one {direction} edge."),
                );
            }
            _ => {}
        }
    }
    if name == "trigger" {
        problems.extend(path_problem(node));
    }
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

fn check_edges(definition: &Value, problems: &mut Vec<DefinitionProblem>) {
    let nodes: HashSet<_> = items(definition, "nodes")
        .filter_map(|node| text(node, "id"))
        .collect();
    let mut functions: HashMap<&str, HashSet<String>> = HashMap::new();
    for edge in items(definition, "edges") {
        let id = text(edge, "id");
        let mut wrong = |field: &str, message: String| {
            problems.push(DefinitionProblem::edge(id, Some(field), message));
        };
        if id.is_none() {
            wrong("id", "Edge must have a text as its id.".to_owned());
        }
        for (end, shown) in [("source", "Source"), ("target", "Target")] {
            if !text(edge, end).is_some_and(|id| nodes.contains(id)) {
                wrong(end, format!("{shown} node does not exist."));
            }
        }
        let label = filled(edge, "label");
        if label.is_none() {
            wrong("data.label", "Label is required.".to_owned());
        }
        if filled(edge, "condition").is_none() {
            wrong("data.condition", "Condition is required.".to_owned());
        }
        if let (Some(label), Some(source)) = (label, text(edge, "source")) {
            let function = function_name(label);
            if !functions.entry(source).or_default().insert(function) {
                let message = format!(
                    "Label '{label}' cannot be told from the label of another edge of the same node."
                );
                wrong("data.label", message);
            }
        }
    }
}

#[cfg(test)]
mod tests;
