//! Agents and their versions. A version's definition is kept as the JSON that was sent, so that
//! unknown keys and node types survive a round trip; [`Graph`] is a reading view of it. Triggers
//! are nodes of a definition. Whether a definition is complete enough to hold a conversation is
//! not judged here: a test call of a half-made draft is exactly what a builder wants.

use crate::ids::{AgentId, VersionId, WorkspaceId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// Whether an agent takes calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AgentStatus {
    Active,
    Archived,
}

impl AgentStatus {
    /// The word in storage and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Archived => "archived",
        }
    }

    /// Reads the word back; `None` for any other.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Archived]
            .into_iter()
            .find(|status| status.as_str() == word)
    }
}

/// An agent without its versions.
#[derive(Clone, Debug)]
pub struct Agent {
    pub id: AgentId,
    pub workspace_id: WorkspaceId,
    /// The agent's own UUID, the `workflow_uuid` of the trigger routes.
    pub uuid: Uuid,
    pub name: String,
    pub status: AgentStatus,
    pub created_at: Timestamp,
}

/// Where a version stands (contract §3.1): one draft at most, one published at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionStatus {
    Draft,
    Published,
    Archived,
}

impl VersionStatus {
    /// The word in storage and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }

    /// Reads the word back; `None` for any other.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Draft, Self::Published, Self::Archived]
            .into_iter()
            .find(|status| status.as_str() == word)
    }
}

/// One version of an agent, whole.
#[derive(Clone, Debug)]
pub struct Version {
    pub id: VersionId,
    pub agent_id: AgentId,
    /// Counts from 1 within the agent.
    pub number: i64,
    pub status: VersionStatus,
    pub created_at: Timestamp,
    pub published_at: Option<Timestamp>,
    /// `{nodes, edges, …}` as sent (contract §3.4).
    pub definition: Value,
    /// `workflow_configurations` as sent.
    pub configurations: Map<String, Value>,
    /// Defaults that test calls put under the caller's context (contract §1.9); `None` if never set.
    pub template_context_variables: Option<Map<String, Value>>,
}

/// Longest call a version allows, in seconds, when it does not say (contract §3.4).
pub const DEFAULT_MAX_CALL_SECONDS: u32 = 300;

/// `max_call_duration` of a version's configurations, 1 to 1200 s (contract §3.4).
#[must_use]
pub fn max_call_seconds(configurations: &Map<String, Value>) -> u32 {
    configurations
        .get("max_call_duration")
        .and_then(Value::as_f64)
        .map_or(DEFAULT_MAX_CALL_SECONDS, |seconds| {
            seconds.clamp(1.0, 1200.0) as u32
        })
}

/// A node of a definition.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: String,
    /// `startCall`, `agentNode`, `endCall`, … or a type this program does not know.
    pub kind: String,
    /// `data.name`, or the id where there is none.
    pub name: String,
    pub data: Map<String, Value>,
}

impl Node {
    /// A text field of the node's data; `None` when absent, not a text or blank.
    #[must_use]
    pub fn text(&self, field: &str) -> Option<&str> {
        self.data
            .get(field)
            .and_then(Value::as_str)
            .filter(|text| !text.trim().is_empty())
    }
}

/// An edge of a definition.
#[derive(Clone, Debug)]
pub struct Edge {
    pub id: String,
    pub source: String,
    pub target: String,
    pub label: String,
    pub condition: String,
    /// Spoken while the conversation moves along the edge.
    pub transition_speech: Option<String>,
}

/// A reading view of a definition. Lenient: what is not a well-formed node or edge is left out.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
}

fn text(object: &Value, field: &str) -> Option<String> {
    object.get(field)?.as_str().map(str::to_owned)
}

fn items<'a>(definition: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    definition
        .get(field)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

impl Graph {
    /// Reads a definition (contract §3.4).
    #[must_use]
    pub fn read(definition: &Value) -> Self {
        let nodes = items(definition, "nodes").filter_map(|node| {
            let id = text(node, "id")?;
            let data = node
                .get("data")
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default();
            let name = data
                .get("name")
                .and_then(Value::as_str)
                .filter(|name| !name.is_empty());
            let name = name.map_or_else(|| id.clone(), str::to_owned);
            Some(Node {
                kind: text(node, "type")?,
                id,
                name,
                data,
            })
        });
        let edges = items(definition, "edges").filter_map(|edge| {
            let data = edge.get("data").cloned().unwrap_or(Value::Null);
            Some(Edge {
                id: text(edge, "id")?,
                source: text(edge, "source")?,
                target: text(edge, "target")?,
                label: text(&data, "label").unwrap_or_default(),
                condition: text(&data, "condition").unwrap_or_default(),
                transition_speech: text(&data, "transition_speech")
                    .filter(|speech| !speech.trim().is_empty()),
            })
        });
        Self {
            nodes: nodes.collect(),
            edges: edges.collect(),
        }
    }

    /// The node a conversation begins at.
    #[must_use]
    pub fn start(&self) -> Option<&Node> {
        self.nodes.iter().find(|node| node.kind == "startCall")
    }

    /// A node by its id.
    #[must_use]
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.id == id)
    }

    /// The edges that leave a node, in the definition's order.
    pub fn edges_from<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Edge> {
        self.edges.iter().filter(move |edge| edge.source == id)
    }

    /// The conversation's nodes in walking order: breadth first from the start, then those that
    /// nothing leads to.
    #[must_use]
    pub fn walking_order(&self) -> Vec<&Node> {
        let spoken =
            |node: &&Node| matches!(node.kind.as_str(), "startCall" | "agentNode" | "endCall");
        let mut order: Vec<&Node> = self.start().into_iter().collect();
        let mut next = 0;
        while let Some(node) = order.get(next).copied() {
            next += 1;
            for target in self
                .edges_from(&node.id)
                .filter_map(|edge| self.node(&edge.target))
            {
                if !order.iter().any(|seen| seen.id == target.id) {
                    order.push(target);
                }
            }
        }
        for node in &self.nodes {
            if !order.iter().any(|seen| seen.id == node.id) {
                order.push(node);
            }
        }
        order.retain(spoken);
        order
    }
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
        .find(|node| node.get("type").and_then(Value::as_str) == Some("trigger"))
        .and_then(|node| {
            let data = node.get("data")?;
            Some(TriggerNode {
                node_id: text(node, "id").unwrap_or_default(),
                path: text(data, "trigger_path").filter(|path| !path.is_empty())?,
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

/// Longest trigger path in characters (contract §3.2).
pub const MAX_TRIGGER_PATH: usize = 36;

fn path_problem(path: &Value) -> Option<&'static str> {
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
        if node.get("type").and_then(Value::as_str) != Some("trigger") {
            continue;
        }
        triggers += 1;
        let id = text(node, "id");
        let Some(data) = node.get_mut("data").and_then(Value::as_object_mut) else {
            continue;
        };
        let path = data.get("trigger_path").cloned().unwrap_or(Value::Null);
        if path.is_null() || path.as_str() == Some("") {
            data.insert("trigger_path".to_owned(), mint().to_string().into());
        } else if let Some(message) = path_problem(&path) {
            let field = Some("data.trigger_path".to_owned());
            problems.push(DefinitionProblem {
                kind: "node",
                id,
                field,
                message: message.to_owned(),
            });
        }
    }
    if triggers > 1 {
        let message = "A workflow can have at most one API Trigger.".to_owned();
        problems.push(DefinitionProblem {
            kind: "workflow",
            id: None,
            field: None,
            message,
        });
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

    #[test]
    fn the_walking_order_starts_at_the_start_and_leaves_out_what_is_not_spoken() {
        let definition = json!({
            "nodes": [
                {"id": "e", "type": "endCall", "data": {"name": "End"}},
                {"id": "t", "type": "trigger", "data": {}},
                {"id": "s", "type": "startCall", "data": {"name": "Start"}},
                {"id": "a", "type": "agentNode", "data": {}},
            ],
            "edges": [{"id": "1", "source": "s", "target": "a"}, {"id": "2", "source": "a", "target": "e"}],
        });
        let graph = Graph::read(&definition);
        let order: Vec<_> = graph
            .walking_order()
            .iter()
            .map(|node| node.name.as_str())
            .collect();
        assert_eq!(order, ["Start", "a", "End"]);
    }
}
