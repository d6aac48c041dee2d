//! A definition as a graph, for whoever walks it. Reading is lenient, so that a half-made draft can
//! be called; what is wrong with a definition is said by `validate`.

use super::definition::{items, text};
use serde_json::{Map, Value};

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

impl Graph {
    /// Reads a definition (contract §3.4).
    #[must_use]
    pub fn read(definition: &Value) -> Self {
        let nodes = items(definition, "nodes").filter_map(|node| {
            let id = text(node, "id")?.to_owned();
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
                kind: text(node, "type")?.to_owned(),
                id,
                name,
                data,
            })
        });
        let edges = items(definition, "edges").filter_map(|edge| {
            let data = edge.get("data").unwrap_or(&Value::Null);
            Some(Edge {
                id: text(edge, "id")?.to_owned(),
                source: text(edge, "source")?.to_owned(),
                target: text(edge, "target")?.to_owned(),
                label: text(data, "label").unwrap_or_default().to_owned(),
                condition: text(data, "condition").unwrap_or_default().to_owned(),
                transition_speech: text(data, "transition_speech")
                    .filter(|speech| !speech.trim().is_empty())
                    .map(str::to_owned),
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
