//! The walk through an agent's nodes: what is spoken, what is shown to the model, which edges lead
//! on. Pure and driven from outside: today a person at the desk phone picks the edge whose
//! condition is met, later a language model does; the walk does not know the difference.

use crate::agent::{Edge, Graph, Node};
use crate::template;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::sync::Arc;

/// What kind of line stands in a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineKind {
    /// The first spoken words.
    Greeting,
    /// An instruction to the model: shown, never spoken.
    Prompt,
    /// Anything else that was said.
    Speech,
}

impl LineKind {
    /// The word in storage and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Greeting => "greeting",
            Self::Prompt => "prompt",
            Self::Speech => "speech",
        }
    }

    /// Reads the word back; `None` for any other.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Greeting, Self::Prompt, Self::Speech]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// One thing the agent does on arriving somewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    pub kind: LineKind,
    pub text: String,
    pub node_id: String,
}

/// A conversation that has begun.
#[derive(Clone, Debug)]
pub struct Walk {
    graph: Arc<Graph>,
    context: Arc<Map<String, Value>>,
    node_id: Option<String>,
}

impl Walk {
    /// Begins at the start node. An agent without one says nothing and can only be hung up on.
    #[must_use]
    pub fn begin(
        graph: Arc<Graph>,
        context: Arc<Map<String, Value>>,
        now: Timestamp,
    ) -> (Self, Vec<Beat>) {
        let walk = Self {
            node_id: graph.start().map(|node| node.id.clone()),
            graph,
            context,
        };
        let mut beats = Vec::new();
        if let Some(node) = walk.graph.start() {
            if let Some(text) = greeting(&walk.graph, &walk.context, now) {
                beats.push(Beat {
                    kind: LineKind::Greeting,
                    text,
                    node_id: node.id.clone(),
                });
            }
            walk.arrive(node, now, &mut beats);
        }
        (walk, beats)
    }

    /// Where the conversation stands.
    #[must_use]
    pub fn node(&self) -> Option<&Node> {
        self.graph.node(self.node_id.as_deref()?)
    }

    /// The ways on.
    #[must_use]
    pub fn edges(&self) -> Vec<&Edge> {
        self.node()
            .map(|node| self.graph.edges_from(&node.id).collect())
            .unwrap_or_default()
    }

    /// Whether the conversation has come to its end.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.node().is_some_and(|node| node.kind == "endCall")
    }

    /// Moves along an edge that leaves the current node; `None` when there is no such edge.
    pub fn take(&mut self, edge_id: &str, now: Timestamp) -> Option<Vec<Beat>> {
        let graph = self.graph.clone();
        let from = self.node_id.as_deref()?;
        let edge = graph.edges_from(from).find(|edge| edge.id == edge_id)?;
        let target = graph.node(&edge.target)?;
        let mut beats = Vec::new();
        if let Some(text) = edge
            .transition_speech
            .as_deref()
            .and_then(|text| render(text, &self.context, now))
        {
            beats.push(Beat {
                kind: LineKind::Speech,
                text,
                node_id: edge.source.clone(),
            });
        }
        self.node_id = Some(target.id.clone());
        self.arrive(target, now, &mut beats);
        Some(beats)
    }

    fn arrive(&self, node: &Node, now: Timestamp, beats: &mut Vec<Beat>) {
        let render = |text| render(text, &self.context, now);
        if let Some(text) = node.text("prompt").and_then(render) {
            beats.push(Beat {
                kind: LineKind::Prompt,
                text,
                node_id: node.id.clone(),
            });
        }
        if node.kind == "endCall"
            && let Some(text) = node.text("message").and_then(render)
        {
            beats.push(Beat {
                kind: LineKind::Speech,
                text,
                node_id: node.id.clone(),
            });
        }
    }
}

/// A template that cannot be rendered (contract §4.2: a wrong time zone) is spoken as written:
/// a call that is already up must go on.
fn render(text: &str, context: &Map<String, Value>, now: Timestamp) -> Option<String> {
    let rendered = template::render(text, context, now).unwrap_or_else(|_| text.to_owned());
    (!rendered.trim().is_empty()).then_some(rendered)
}

/// The first words of a conversation, rendered; `None` where the agent does not begin.
#[must_use]
pub fn greeting(graph: &Graph, context: &Map<String, Value>, now: Timestamp) -> Option<String> {
    let template = greeting_template(graph.start()?, context)?;
    render(&template, context, now)
}

/// The greeting's template: the caller's `greeting_override` when it is a valid text (contract
/// §1.6), else the start node's own.
#[must_use]
pub fn greeting_template(start: &Node, context: &Map<String, Value>) -> Option<String> {
    let own = || {
        start
            .text("greeting")
            .filter(|_| start.text("greeting_type") != Some("audio"))
    };
    let replaced = context.get("greeting_override").and_then(|value| {
        let text = value.get("text")?.as_str()?;
        (value.get("type")?.as_str() == Some("text") && !text.trim().is_empty()).then_some(text)
    });
    replaced.or_else(own).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn graph() -> Arc<Graph> {
        Arc::new(Graph::read(&json!({
            "nodes": [
                {"id": "s", "type": "startCall", "data": {"name": "Greeting", "greeting": "Hello {{name}}", "prompt": "Ask {{name}}."}},
                {"id": "e", "type": "endCall", "data": {"name": "Bye", "prompt": "Say goodbye."}},
            ],
            "edges": [{"id": "s-e", "source": "s", "target": "e", "data": {"label": "done", "condition": "all said", "transition_speech": "Thanks, {{name}}."}}],
        })))
    }

    fn context(value: Value) -> Arc<Map<String, Value>> {
        Arc::new(value.as_object().expect("an object").clone())
    }

    #[test]
    fn a_walk_greets_prompts_speaks_the_transition_and_ends() {
        let now = Timestamp::UNIX_EPOCH;
        let (mut walk, beats) = Walk::begin(graph(), context(json!({"name": "Jane"})), now);
        let texts: Vec<_> = beats
            .iter()
            .map(|beat| (beat.kind, beat.text.as_str()))
            .collect();
        assert_eq!(
            texts,
            [
                (LineKind::Greeting, "Hello Jane"),
                (LineKind::Prompt, "Ask Jane.")
            ]
        );
        assert!(!walk.is_over());
        assert!(walk.take("nope", now).is_none());
        let beats = walk.take("s-e", now).expect("moves");
        let texts: Vec<_> = beats
            .iter()
            .map(|beat| (beat.kind, beat.text.as_str()))
            .collect();
        assert_eq!(
            texts,
            [
                (LineKind::Speech, "Thanks, Jane."),
                (LineKind::Prompt, "Say goodbye.")
            ]
        );
        assert!(walk.is_over());
    }

    #[test]
    fn only_a_valid_greeting_override_replaces_the_greeting() {
        let now = Timestamp::UNIX_EPOCH;
        let spoken = |value: Value| {
            let context = context(json!({"name": "Jane", "greeting_override": value}));
            Walk::begin(graph(), context, now).1[0].text.clone()
        };
        assert_eq!(
            spoken(json!({"type": "text", "text": "Hi {{name}}"})),
            "Hi Jane"
        );
        assert_eq!(spoken(json!({"type": "video", "text": "Hi"})), "Hello Jane");
        assert_eq!(spoken(json!("Hi")), "Hello Jane");
    }
}
