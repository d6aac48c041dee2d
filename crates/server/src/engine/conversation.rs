//! The conversation of one answered call: walks the agent's nodes, speaks on the line, writes the
//! transcript. Until an engine with a language model exists, the far end decides which edge is
//! taken; that engine will replace the decision, not the walk. A line on which nobody can decide has
//! a conversation that is over soon ([`super::parting`]).

use super::Engine;
use serde_json::{Map, Value};
use std::sync::Arc;
use switchhook_core::ids::{RunId, VersionId};
use switchhook_core::ports::{Heard, Line, LineError, Scene, Speaker, TranscriptLine};
use switchhook_core::run::EndCode;
use switchhook_core::walk::{Beat, LineKind, Walk};
use tokio::sync::mpsc;

/// Where a conversation's lines go: the run's task writes them, with its next step where it can.
pub(super) type Said = mpsc::UnboundedSender<Vec<TranscriptLine>>;

/// What is left of a conversation.
#[derive(Default)]
pub(super) struct Held {
    /// What the run gathers from it.
    pub gathered: Map<String, Value>,
    /// How the agent ended it, where there is more to say than that it hung up.
    pub end: Option<EndCode>,
    /// What went wrong in it, for the record.
    pub note: Option<String>,
}

/// Talks until the walk ends or the far end hangs up.
pub(super) async fn hold(
    engine: &Arc<Engine>,
    run_id: RunId,
    version_id: VersionId,
    context: Arc<Map<String, Value>>,
    line: Arc<dyn Line>,
    said: Said,
) -> Held {
    let graph = match engine.graph(version_id).await {
        Ok(graph) => graph,
        Err(error) => {
            tracing::error!(%run_id, %error, "the agent's version could not be read; hanging up");
            line.hang_up().await;
            return Held::default();
        }
    };
    let (walk, beats) = Walk::begin(graph, context, engine.clock.now());
    let mut talk = Talk {
        engine,
        said,
        line,
        walk,
        visited: Vec::new(),
    };
    talk.visit();
    let mut held = Held::default();
    let is_up = if talk.line.hears_words() || talk.walk.is_over() {
        talk.speak(beats).await && talk.listen().await
    } else {
        talk.part(beats, &mut held).await
    };
    held.gathered = talk.gathered();
    if is_up {
        talk.line.hang_up().await;
    }
    held
}

pub(super) struct Talk<'a> {
    pub(super) engine: &'a Arc<Engine>,
    said: Said,
    pub(super) line: Arc<dyn Line>,
    pub(super) walk: Walk,
    visited: Vec<String>,
}

impl Talk<'_> {
    /// `true` when the walk came to its end with the line still up.
    async fn listen(&mut self) -> bool {
        while !self.walk.is_over() {
            self.line.show(self.scene());
            match self.line.hear().await {
                Heard::Speech(text) | Heard::Dtmf(text) => {
                    let node_id = self.walk.node().map(|node| node.id.clone());
                    self.write(vec![(Speaker::Callee, text, node_id, LineKind::Speech)]);
                }
                Heard::Edge(edge_id) => {
                    if let Some(beats) = self.walk.take(&edge_id, self.engine.clock.now()) {
                        self.visit();
                        if !self.speak(beats).await {
                            return false;
                        }
                    }
                }
                Heard::HungUp => return false,
            }
        }
        true
    }

    /// `false` when the far end is gone.
    async fn speak(&self, beats: Vec<Beat>) -> bool {
        let mut is_up = true;
        let mut said = Vec::new();
        for beat in beats {
            match self.line.speak(&beat).await {
                Ok(()) => {}
                // Not said, and nothing is lost with it but the words.
                Err(LineError::NoVoice | LineError::NotOffered) => continue,
                Err(LineError::Gone) => {
                    is_up = false;
                    break;
                }
            }
            said.push((Speaker::Agent, beat.text, Some(beat.node_id), beat.kind));
        }
        self.write(said);
        is_up
    }

    fn write(&self, lines: Vec<(Speaker, String, Option<String>, LineKind)>) {
        let at = self.engine.clock.now();
        let lines = lines
            .into_iter()
            .map(|(speaker, text, node_id, kind)| TranscriptLine {
                at,
                speaker,
                text,
                node_id,
                kind,
            })
            .collect();
        self.tell(lines);
    }

    pub(super) fn tell(&self, lines: Vec<TranscriptLine>) {
        if !lines.is_empty() {
            // The run's task outlives its conversation, except where the program ends.
            let _ = self.said.send(lines);
        }
    }

    fn visit(&mut self) {
        if let Some(node) = self.walk.node() {
            self.visited.push(node.name.clone());
        }
    }

    /// What the run gathers from the walk (contract §5.5).
    fn gathered(&self) -> Map<String, Value> {
        let visited = self.visited.iter().cloned().map(Value::String).collect();
        Map::from_iter([("nodes_visited".to_owned(), Value::Array(visited))])
    }

    fn scene(&self) -> Scene {
        let edges = self.walk.edges().into_iter();
        Scene {
            node: self
                .walk
                .node()
                .map(|node| (node.id.clone(), node.name.clone())),
            edges: edges
                .map(|edge| (edge.id.clone(), edge.label.clone(), edge.condition.clone()))
                .collect(),
        }
    }
}
