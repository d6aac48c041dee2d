//! A run's log as the compatible API has it (contract §5.6): what was said, how the conversation
//! moved, why the dial failed, what the carrier told. Made from the transcript and the timeline on
//! every read, because it is the same knowledge in another shape.

use serde_json::{Map, Value, json};
use switchhook_core::agent::Graph;
use switchhook_core::ports::{Run, Speaker, TimelineEntry, TranscriptLine};
use switchhook_core::run::{RunState, Source};
use switchhook_core::walk::LineKind;
use switchhook_wire::time::Time;

/// `logs` of a run; empty where nothing was recorded.
pub fn logs(
    run: &Run,
    definition: &Value,
    transcript: &[TranscriptLine],
    timeline: &[TimelineEntry],
) -> Map<String, Value> {
    let mut feedback = Feedback {
        graph: Graph::read(definition),
        node_id: None,
        turn: 0,
        events: Vec::new(),
    };
    for line in transcript {
        feedback.hear(line);
    }
    feedback.events.extend(failure(run));
    let mut logs = Map::new();
    if !feedback.events.is_empty() {
        let events = Value::Array(feedback.events);
        logs.insert("realtime_feedback_events".to_owned(), events);
    }
    let told: Vec<_> = timeline
        .iter()
        .filter_map(|entry| told(run, entry))
        .collect();
    if !told.is_empty() {
        logs.insert("telephony_status_callbacks".to_owned(), told.into());
    }
    logs
}

/// What the carrier told, in the reference's words (contract §5.8) and without the carrier's own.
fn told(run: &Run, entry: &TimelineEntry) -> Option<Value> {
    let is_status =
        entry.state.is_final() || matches!(entry.state, RunState::Ringing | RunState::InProgress);
    if entry.source != Source::Carrier || !is_status {
        return None;
    }
    let end = run.end.filter(|_| entry.state.is_final());
    let answered = end.map(|end| run.answered_at.unwrap_or(end.at));
    let duration = end
        .zip(answered)
        .map(|(end, answered)| end.at.duration_since(answered).as_secs().max(0));
    Some(json!({
        "status": entry.state.as_str(),
        "timestamp": Time::from(entry.at),
        "call_id": run.gathered_context.get("call_id"),
        "duration": duration.map(|seconds| seconds.to_string()),
    }))
}

/// The dial that failed (contract §1.10).
fn failure(run: &Run) -> Option<Value> {
    let error = run.gathered_context.get("error")?.as_str()?;
    let at = run.end.map_or(run.created_at, |end| end.at);
    Some(json!({
        "type": "rtf-pipeline-error",
        "payload": { "error": error, "fatal": true, "processor": "call_start" },
        "timestamp": Time::in_milliseconds(at),
        "turn": 0,
    }))
}

struct Feedback {
    graph: Graph,
    node_id: Option<String>,
    /// Counts what the callee says.
    turn: u32,
    events: Vec<Value>,
}

impl Feedback {
    fn hear(&mut self, line: &TranscriptLine) {
        if line.node_id.is_some() && line.node_id != self.node_id {
            self.move_to(line);
        }
        let at = Time::in_milliseconds(line.at);
        match (line.speaker, line.kind) {
            (Speaker::Callee, _) => {
                self.turn += 1;
                let payload = json!({ "text": line.text, "final": true, "timestamp": at });
                self.push("rtf-user-transcription", payload, at);
            }
            (Speaker::Agent, LineKind::Greeting | LineKind::Speech) => {
                self.push("rtf-bot-text", json!({ "text": line.text }), at);
            }
            // Shown to a model, said to nobody.
            (Speaker::Agent, LineKind::Prompt) => {}
        }
    }

    fn move_to(&mut self, line: &TranscriptLine) {
        let previous_id = std::mem::replace(&mut self.node_id, line.node_id.clone());
        let node = line.node_id.as_deref().and_then(|id| self.graph.node(id));
        let interrupt = node.and_then(|node| node.data.get("allow_interrupt")?.as_bool());
        let payload = json!({
            "node_id": line.node_id,
            "node_name": self.name(line.node_id.as_deref()),
            "previous_node_id": previous_id,
            "previous_node_name": self.name(previous_id.as_deref()),
            "allow_interrupt": interrupt.unwrap_or(false),
        });
        self.push(
            "rtf-node-transition",
            payload,
            Time::in_milliseconds(line.at),
        );
    }

    fn name(&self, id: Option<&str>) -> Option<&str> {
        Some(&self.graph.node(id?)?.name)
    }

    fn push(&mut self, kind: &str, payload: Value, at: Time) {
        let node_id = self.node_id.as_deref();
        let event = json!({
            "type": kind,
            "payload": payload,
            "timestamp": at,
            "turn": self.turn,
            "node_id": node_id,
            "node_name": self.name(node_id),
        });
        self.events.push(event);
    }
}
