//! What differs between two versions, for somebody who is about to publish one of them: what is said
//! and done, not how it is drawn. Positions and what else an editor keeps are left out.

use super::Version;
use super::definition::{items, text};
use crate::template;
use serde_json::{Map, Value, json};

/// Which side has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Added,
    Removed,
    Changed,
}

impl Change {
    /// The word on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Changed => "changed",
        }
    }
}

/// A member that differs; `None` where a side does not have it.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberDiff {
    pub name: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// A node that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct NodeDiff {
    pub id: String,
    /// Its type and name as they are after, or were before.
    pub kind: String,
    pub name: String,
    pub change: Change,
    /// Members of its data, and `type`.
    pub fields: Vec<MemberDiff>,
}

/// An edge that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeDiff {
    pub id: String,
    pub source: String,
    pub target: String,
    pub label: String,
    pub change: Change,
    /// Members of its data, `source` and `target`.
    pub fields: Vec<MemberDiff>,
}

/// Everything that differs between two versions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diff {
    pub nodes: Vec<NodeDiff>,
    pub edges: Vec<EdgeDiff>,
    /// Variables that texts use, by name; a side is `{"fallback": …}`.
    pub variables: Vec<MemberDiff>,
    /// `template_context_variables`.
    pub defaults: Vec<MemberDiff>,
    pub configurations: Vec<MemberDiff>,
}

impl Diff {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Compares two versions; what was sent in a definition need not be well-formed.
#[must_use]
pub fn diff(before: &Version, after: &Version) -> Diff {
    let (old, new) = (&before.definition, &after.definition);
    let none = Map::new();
    let defaults = |version: &Version| -> Map<String, Value> {
        let defaults = version.template_context_variables.as_ref();
        defaults.unwrap_or(&none).clone()
    };
    Diff {
        nodes: pairs(old, new, "nodes").filter_map(node).collect(),
        edges: pairs(old, new, "edges").filter_map(edge).collect(),
        variables: members(&variables(old), &variables(new)),
        defaults: members(&defaults(before), &defaults(after)),
        configurations: members(&before.configurations, &after.configurations),
    }
}

type Pair<'a> = (Option<&'a Value>, Option<&'a Value>);

/// What has one id on both sides, in the order of the newer one; then what was removed.
fn pairs<'a>(old: &'a Value, new: &'a Value, list: &'a str) -> impl Iterator<Item = Pair<'a>> {
    let with_id = |definition: &'a Value, id: Option<&str>| {
        items(definition, list).find(|item| text(item, "id") == id)
    };
    let kept = items(new, list).map(move |item| (with_id(old, text(item, "id")), Some(item)));
    let removed = items(old, list)
        .filter(move |item| with_id(new, text(item, "id")).is_none())
        .map(|item| (Some(item), None));
    kept.chain(removed)
}

fn change((before, after): Pair<'_>, fields: &[MemberDiff]) -> Option<Change> {
    match (before, after) {
        (None, _) => Some(Change::Added),
        (_, None) => Some(Change::Removed),
        _ => (!fields.is_empty()).then_some(Change::Changed),
    }
}

/// The data of a node or edge, with the members beside it that matter.
fn flat(item: Option<&Value>, beside: &[&str]) -> Map<String, Value> {
    let Some(item) = item else {
        return Map::new();
    };
    let own = beside
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), item.get(name)?.clone())));
    let data = item.get("data").and_then(Value::as_object);
    own.chain(data.cloned().unwrap_or_default()).collect()
}

fn words<const N: usize>(item: &Value, names: [&str; N]) -> [String; N] {
    names.map(|name| {
        let found = item.pointer(name).and_then(Value::as_str);
        found.unwrap_or_default().to_owned()
    })
}

fn node(pair: Pair<'_>) -> Option<NodeDiff> {
    let fields = members(&flat(pair.0, &["type"]), &flat(pair.1, &["type"]));
    let change = change(pair, &fields)?;
    let [id, kind, name] = words(pair.1.or(pair.0)?, ["/id", "/type", "/data/name"]);
    Some(NodeDiff {
        id,
        kind,
        name,
        change,
        fields,
    })
}

fn edge(pair: Pair<'_>) -> Option<EdgeDiff> {
    const ENDS: &[&str] = &["source", "target"];
    let fields = members(&flat(pair.0, ENDS), &flat(pair.1, ENDS));
    let change = change(pair, &fields)?;
    let names = ["/id", "/source", "/target", "/data/label"];
    let [id, source, target, label] = words(pair.1.or(pair.0)?, names);
    Some(EdgeDiff {
        id,
        source,
        target,
        label,
        change,
        fields,
    })
}

fn members(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<MemberDiff> {
    let removed = before.keys().filter(|name| !after.contains_key(*name));
    let names = after.keys().chain(removed);
    let differ = names.filter(|name| before.get(*name) != after.get(*name));
    let member = |name: &String| MemberDiff {
        name: name.clone(),
        before: before.get(name).cloned(),
        after: after.get(name).cloned(),
    };
    differ.map(member).collect()
}

/// The variables of every text of a definition. One that has no fallback in some place is needed.
fn variables(definition: &Value) -> Map<String, Value> {
    let mut found = Map::new();
    for list in ["nodes", "edges"] {
        for item in items(definition, list) {
            collect(item.get("data").unwrap_or(&Value::Null), &mut found);
        }
    }
    found
}

fn collect(value: &Value, found: &mut Map<String, Value>) {
    match value {
        Value::String(text) => {
            for variable in template::variables(text) {
                let entry = found.entry(variable.name);
                let side = entry.or_insert_with(|| json!({ "fallback": variable.fallback }));
                if variable.fallback.is_none() {
                    side["fallback"] = Value::Null;
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::VersionStatus;
    use super::*;
    use crate::ids::{AgentId, VersionId};
    use jiff::Timestamp;

    fn version(definition: Value) -> Version {
        Version {
            id: VersionId(1),
            agent_id: AgentId(1),
            number: 1,
            status: VersionStatus::Draft,
            created_at: Timestamp::UNIX_EPOCH,
            published_at: None,
            definition,
            configurations: Map::new(),
            template_context_variables: None,
        }
    }

    fn between(before: Value, after: Value) -> Diff {
        diff(&version(before), &version(after))
    }

    fn node(id: &str, x: i32, prompt: &str) -> Value {
        json!({"id": id, "type": "agentNode", "position": {"x": x}, "data": {"name": id, "prompt": prompt}})
    }

    #[test]
    fn a_node_that_was_only_moved_does_not_differ() {
        let at = |x| json!({"nodes": [node("a", x, "p")], "viewport": x});
        assert!(between(at(0), at(9)).is_empty());
    }

    #[test]
    fn a_changed_prompt_is_told_with_both_texts() {
        let with = |prompt| json!({"nodes": [node("a", 0, prompt)]});
        let found = between(with("Hi {{who}}"), with("Hi {{who | there}}"));
        let [changed] = &found.nodes[..] else {
            panic!("{found:?}")
        };
        assert_eq!(
            (changed.id.as_str(), changed.kind.as_str()),
            ("a", "agentNode")
        );
        assert_eq!(changed.change, Change::Changed);
        let prompt = MemberDiff {
            name: "prompt".to_owned(),
            before: Some(json!("Hi {{who}}")),
            after: Some(json!("Hi {{who | there}}")),
        };
        assert_eq!(changed.fields, [prompt]);
        let who = MemberDiff {
            name: "who".to_owned(),
            before: Some(json!({"fallback": null})),
            after: Some(json!({"fallback": "there"})),
        };
        assert_eq!(found.variables, [who]);
    }

    #[test]
    fn what_came_and_what_went_is_told() {
        let edge = |id: &str, target: &str| json!({"id": id, "source": "a", "target": target, "data": {"label": id}});
        let before = json!({"nodes": [node("a", 0, "p"), node("b", 0, "p")], "edges": [edge("x", "b"), edge("y", "b")]});
        let after =
            json!({"nodes": [node("c", 0, "p"), node("a", 0, "p")], "edges": [edge("x", "c")]});
        let found = between(before, after);
        let nodes: Vec<_> = found
            .nodes
            .iter()
            .map(|node| (node.id.as_str(), node.change))
            .collect();
        assert_eq!(nodes, [("c", Change::Added), ("b", Change::Removed)]);
        let edges: Vec<_> = found
            .edges
            .iter()
            .map(|edge| (edge.id.as_str(), edge.change))
            .collect();
        assert_eq!(edges, [("x", Change::Changed), ("y", Change::Removed)]);
        assert_eq!(found.edges[0].fields[0].name, "target");
    }

    #[test]
    fn settings_and_defaults_are_compared_by_name() {
        let mut after = version(json!({}));
        after
            .configurations
            .insert("max_call_duration".to_owned(), json!(60));
        after.template_context_variables = json!({"who": "Jane"}).as_object().cloned();
        let found = diff(&version(json!({})), &after);
        assert_eq!(found.configurations[0].after, Some(json!(60)));
        assert_eq!(
            (found.defaults[0].name.as_str(), &found.defaults[0].before),
            ("who", &None)
        );
    }
}
