//! What an agent would say first and what its texts need, before anything rings. The renderer and
//! the walk are the ones that a call uses; only the server's own facts are not known yet, so a
//! variable that the server will set counts as set.

use crate::app::App;
use crate::body::BodyError;
use crate::body::fields::Fields;
use crate::body::rules::{Choice, Object, Text};
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::HashSet;
use switchhook_core::agent::{Graph, Node};
use switchhook_core::context::{Facts, Merged, RESERVED, merge};
use switchhook_core::ids::TelephonyConfigurationId;
use switchhook_core::template::{self, SegmentState};
use switchhook_core::trigger::{Mode, Target};
use switchhook_core::walk::greeting_template;
use switchhook_wire::preview as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const MODE: Choice<Mode> =
    Choice::literal(&[("production", Mode::Production), ("test", Mode::Test)]);

/// Read by the server itself (contract §1.6), so it is never unused.
const GREETING_OVERRIDE: &str = "greeting_override";

struct Question {
    definition: Value,
    defaults: Option<Map<String, Value>>,
    context: Map<String, Value>,
    mode: Mode,
    phone_number: Option<String>,
    caller_number: Option<String>,
    provider: Option<String>,
}

fn read(object: &Map<String, Value>) -> Result<Question, BodyError> {
    let mut fields = Fields::body(object);
    let definition = fields.required("workflow_definition", &Object);
    let defaults = fields.nullable("template_context_variables", &Object);
    let context = fields.nullable("initial_context", &Object);
    let mode = fields.required("mode", &MODE);
    let phone_number = fields.nullable("phone_number", &Text::ANY);
    let caller_number = fields.nullable("caller_number", &Text::ANY);
    let provider = fields.nullable("provider", &Text::ANY);
    fields.finish(|| {
        Some(Question {
            definition: Value::Object(definition?),
            defaults: defaults?,
            context: context?.unwrap_or_default(),
            mode: mode?,
            phone_number: phone_number?,
            caller_number: caller_number?,
            provider: provider?,
        })
    })
}

impl Question {
    /// Whether the server's fact of this name is known before there is a run.
    fn is_known(&self, name: &str) -> bool {
        match name {
            "direction" | "trigger_mode" => true,
            "phone_number" | "called_number" => self.phone_number.is_some(),
            "caller_number" => self.caller_number.is_some(),
            "provider" => self.provider.is_some(),
            _ => false,
        }
    }

    /// The context by the rule of every call, without the facts that only a run has, and the names
    /// of the caller's that are dropped.
    fn merged(&self) -> Merged {
        let facts = Facts {
            provider: self.provider.as_deref().unwrap_or_default(),
            phone_number: self.phone_number.as_deref().unwrap_or_default(),
            caller_number: self.caller_number.as_deref(),
            mode: self.mode,
            telephony_configuration_id: TelephonyConfigurationId(0),
            target: &Target::AgentUuid(String::new()),
            workflow_uuid: uuid::Uuid::nil(),
            from_phone_number_id: None,
            api_key_id: None,
        };
        let mut merged = merge(&facts, self.defaults.as_ref(), Some(&self.context));
        let known = |(name, value): (String, Value)| {
            let is_known = !RESERVED.contains(&name.as_str()) || self.is_known(&name);
            is_known.then_some((name, value))
        };
        merged.context = merged.context.into_iter().filter_map(known).collect();
        merged
    }

    /// Every name at the top of the context with where its value comes from, the dropped ones last.
    fn told(&self, merged: &Merged) -> Vec<wire::ContextEntry> {
        let entry = |name: &str, value: &Value, source: &str| wire::ContextEntry {
            name: name.to_owned(),
            value: value.clone(),
            source: source.to_owned(),
        };
        let held = merged.context.iter().map(|(name, value)| {
            let source = if RESERVED.contains(&name.as_str()) {
                "server"
            } else if self.context.contains_key(name) {
                "request"
            } else {
                "agent"
            };
            entry(name, value, source)
        });
        let dropped = merged.dropped.iter();
        let dropped = dropped.map(|name| entry(name, &self.context[name], "dropped"));
        held.chain(dropped).collect()
    }
}

fn top_level(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn is_server_set(name: &str) -> bool {
    RESERVED.contains(&top_level(name))
}

const fn word(state: SegmentState) -> &'static str {
    match state {
        SegmentState::Plain => "plain",
        SegmentState::Set => "set",
        SegmentState::Fallback => "fallback",
        SegmentState::Missing => "missing",
    }
}

/// A text in pieces. One that cannot be rendered is spoken as it is written (see core's `walk`).
fn pieces(text: &str, context: &Map<String, Value>, now: Timestamp) -> Vec<template::Segment> {
    let rendered = template::segments(text, context, now);
    let mut pieces = rendered.unwrap_or_else(|_| {
        vec![template::Segment {
            text: text.to_owned(),
            variable: None,
            state: SegmentState::Plain,
        }]
    });
    for piece in &mut pieces {
        let name = piece.variable.as_deref();
        if piece.state == SegmentState::Missing && name.is_some_and(is_server_set) {
            piece.state = SegmentState::Set;
        }
    }
    pieces
}

fn greeting(graph: &Graph, context: &Map<String, Value>, now: Timestamp) -> Option<wire::Greeting> {
    let node = graph.start()?;
    let template = greeting_template(node, context)?;
    let segments: Vec<_> = pieces(&template, context, now)
        .into_iter()
        .map(|piece| wire::Segment {
            text: piece.text,
            variable: piece.variable,
            state: word(piece.state).to_owned(),
        })
        .collect();
    Some(wire::Greeting {
        node_id: node.id.clone(),
        text: segments.iter().map(|piece| piece.text.as_str()).collect(),
        segments,
    })
}

/// Every text that is spoken or shown to the model, with the node that it belongs to: the walk's
/// nodes first, then those that no edge leads to (the global prompt).
fn spoken<'a>(graph: &'a Graph, context: &Map<String, Value>) -> Vec<(&'a Node, String)> {
    let mut nodes = graph.walking_order();
    let others = graph.nodes.iter().filter(|node| node.kind == "globalNode");
    nodes.extend(others);
    let mut texts = Vec::new();
    for node in nodes {
        let greeting = match node.kind.as_str() {
            "startCall" => greeting_template(node, context),
            _ => None,
        };
        let message = node.text("message").filter(|_| node.kind == "endCall");
        let own = [node.text("prompt"), message].into_iter().flatten();
        let edges = graph.edges_from(&node.id);
        let edges = edges.filter_map(|edge| edge.transition_speech.clone());
        let all = greeting
            .into_iter()
            .chain(own.map(str::to_owned))
            .chain(edges);
        texts.extend(all.map(|text| (node, text)));
    }
    texts
}

fn variables(
    texts: &[(&Node, String)],
    context: &Map<String, Value>,
    now: Timestamp,
) -> Vec<wire::Variable> {
    let mut found: Vec<wire::Variable> = Vec::new();
    for (node, text) in texts {
        let segments = pieces(text, context, now);
        for variable in template::variables(text) {
            // The same name can be filled by its fallback in one place and be missing in another;
            // the worst place counts.
            let states = segments
                .iter()
                .filter(|piece| piece.variable.as_ref() == Some(&variable.name));
            let state = states
                .map(|piece| piece.state)
                .max_by_key(|state| severity(word(*state)));
            let state = word(state.unwrap_or(SegmentState::Set));
            let index = found.iter().position(|known| known.name == variable.name);
            let entry = match index {
                Some(index) => &mut found[index],
                None => {
                    found.push(wire::Variable {
                        name: variable.name,
                        state: state.to_owned(),
                        fallback: None,
                        used_in: Vec::new(),
                    });
                    found.last_mut().expect("just added")
                }
            };
            if severity(state) > severity(&entry.state) {
                entry.state = state.to_owned();
            }
            entry.fallback = entry.fallback.take().or(variable.fallback);
            if !entry.used_in.contains(&node.name) {
                entry.used_in.push(node.name.clone());
            }
        }
    }
    found
}

fn severity(state: &str) -> u8 {
    match state {
        "missing" => 2,
        "fallback" => 1,
        _ => 0,
    }
}

/// The names at the top of every placeholder anywhere in the definition, webhooks and tools too:
/// a key that any of them uses is not unused.
fn used(value: &Value, names: &mut HashSet<String>) {
    match value {
        Value::String(text) => {
            let variables = template::variables(text);
            names.extend(
                variables
                    .iter()
                    .map(|variable| top_level(&variable.name).to_owned()),
            );
        }
        Value::Array(items) => items.iter().for_each(|item| used(item, names)),
        Value::Object(fields) => fields.values().for_each(|field| used(field, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn preview(question: &Question, now: Timestamp) -> wire::Preview {
    let graph = Graph::read(&question.definition);
    let merged = question.merged();
    let context = &merged.context;
    let texts = spoken(&graph, context);
    let mut names = HashSet::from([GREETING_OVERRIDE.to_owned()]);
    used(&question.definition, &mut names);
    if let Some(text) = question.context.get(GREETING_OVERRIDE) {
        used(text, &mut names);
    }
    let is_reserved = |key: &&String| RESERVED.contains(&key.as_str());
    let keys = || question.context.keys();
    let unused = keys().filter(|key| !is_reserved(key) && !names.contains(*key));
    let nodes = graph.walking_order().into_iter();
    wire::Preview {
        greeting: greeting(&graph, context, now),
        variables: variables(&texts, context, now),
        unused: unused.cloned().collect(),
        reserved: keys().filter(is_reserved).cloned().collect(),
        context: question.told(&merged),
        nodes: nodes
            .map(|node| wire::PreviewNode {
                id: node.id.clone(),
                name: node.name.clone(),
                kind: node.kind.clone(),
            })
            .collect(),
    }
}

/// What a call would begin with; nothing is dialled and nothing is stored.
#[utoipa::path(
    post, path = "/api/switchhook/preview", tag = "switchhook",
    request_body = wire::PreviewQuestion,
    responses((status = 200, body = wire::Preview), Refusals)
)]
async fn preview_call(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Preview>, Problem> {
    let question = read(&input.object()?)?;
    Ok(Json(preview(&question, app.clock.now())))
}

/// The route.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(preview_call))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ask(mode: &str, context: Value) -> wire::Preview {
        let definition = json!({
            "nodes": [
                {"id": "s", "type": "startCall", "data": {"name": "Start", "greeting": "Hi {{customer_name | there}}, {{user.name}} {{called_number}}", "prompt": "{{plan}}"}},
                {"id": "e", "type": "endCall", "data": {"name": "End", "prompt": "{{initial_context.user.name}}"}},
                {"id": "w", "type": "webhook", "data": {"payload_template": {"x": "{{initial_context.order}}"}}},
            ],
            "edges": [{"id": "1", "source": "s", "target": "e", "data": {"transition_speech": "Bye {{plan | x}}"}}],
        });
        let body = json!({"workflow_definition": definition, "template_context_variables": {"plan": "gold"}, "initial_context": context, "mode": mode});
        let question = read(body.as_object().expect("an object")).expect("valid");
        preview(&question, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_greeting_marks_where_each_word_comes_from() {
        let greeting = ask("production", json!({"user": {"name": "Jane"}}))
            .greeting
            .expect("a greeting");
        assert_eq!(greeting.text, "Hi there, Jane ");
        let states: Vec<_> = greeting
            .segments
            .iter()
            .map(|piece| piece.state.as_str())
            .collect();
        assert_eq!(
            states,
            ["plain", "fallback", "plain", "set", "plain", "set"]
        );
    }

    #[test]
    fn a_variable_is_listed_once_with_its_worst_state_and_every_node() {
        let preview = ask("production", json!({}));
        let by_name = |name: &str| {
            let found = preview
                .variables
                .iter()
                .find(|variable| variable.name == name);
            let found = found.expect("listed");
            (
                found.state.as_str(),
                found.fallback.as_deref(),
                found.used_in.join(","),
            )
        };
        assert_eq!(
            by_name("user.name"),
            ("missing", None, "Start,End".to_owned())
        );
        assert_eq!(by_name("plan"), ("missing", Some("x"), "Start".to_owned()));
        assert_eq!(by_name("called_number").0, "set");
    }

    #[test]
    fn only_a_test_call_has_the_versions_defaults() {
        let state = |mode: &str| {
            let preview = ask(mode, json!({}));
            let plan = preview
                .variables
                .into_iter()
                .find(|variable| variable.name == "plan");
            plan.expect("listed").state
        };
        assert_eq!(state("test"), "set");
        assert_eq!(state("production"), "missing");
    }

    #[test]
    fn every_name_of_the_context_is_told_with_its_source() {
        let told = |mode: &str| -> Vec<String> {
            let preview = ask(mode, json!({"order": 1, "provider": "mine"}));
            let entries = preview.context.into_iter();
            entries
                .map(|entry| format!("{} {}", entry.source, entry.name))
                .collect()
        };
        let servers = ["server direction", "server trigger_mode"];
        let callers = ["request order", "dropped provider"];
        assert_eq!(told("production"), [servers, callers].concat());
        assert_eq!(told("test")[0], "agent plan");
        assert_eq!(told("test")[1..], [servers, callers].concat());
    }

    #[test]
    fn unused_and_reserved_keys_are_told_and_a_webhooks_key_is_used() {
        let preview = ask("test", json!({"order": 1, "extra": 2, "provider": "x"}));
        assert_eq!(preview.unused, ["extra"]);
        assert_eq!(preview.reserved, ["provider"]);
    }
}
