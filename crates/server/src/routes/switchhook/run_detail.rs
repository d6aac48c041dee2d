//! A run with everything that is known about it, as one reply: what was recorded, and what follows
//! from it together with the version that ran: the names of the nodes that were spoken from, and
//! where each value of the context came from. `offset_ms` counts from the run's creation, as the
//! timeline's times do, so that there is one axis.

use crate::app::App;
use crate::problem::Problem;
use crate::recordings::{self, Recording};
use crate::routes::runs::end_by;
use axum::Json;
use jiff::Timestamp;
use serde_json::{Map, Value};
use switchhook_core::agent::{Graph, Version};
use switchhook_core::context::RESERVED;
use switchhook_core::ports::{Attempt, KeptExchange, Run, TimelineEntry, TranscriptLine};
use switchhook_core::trigger::Mode;
use switchhook_wire::run as wire;
use switchhook_wire::time::Time;

fn timeline(entry: TimelineEntry) -> wire::TimelineEntry {
    wire::TimelineEntry {
        at: entry.at.into(),
        state: entry.state.as_str().to_owned(),
        source: entry.source.as_str().to_owned(),
        note: entry.note,
    }
}

fn offset_ms(at: Timestamp, created_at: Timestamp) -> i64 {
    let offset = at.duration_since(created_at).as_millis();
    i64::try_from(offset).unwrap_or(i64::MAX)
}

fn transcript(line: TranscriptLine, created_at: Timestamp) -> wire::TranscriptLine {
    wire::TranscriptLine {
        at: line.at.into(),
        offset_ms: offset_ms(line.at, created_at),
        speaker: line.speaker.as_str().to_owned(),
        text: line.text,
        node_id: line.node_id,
        kind: line.kind.as_str().to_owned(),
    }
}

fn attempt(attempt: Attempt) -> wire::Attempt {
    wire::Attempt {
        id: attempt.id.to_string(),
        carrier_call_id: attempt.carrier_call_id,
        outcome: attempt.outcome,
    }
}

fn exchange(kept: KeptExchange) -> wire::Exchange {
    let exchange = kept.exchange;
    let fields = |pairs: Vec<(String, String)>| {
        let pairs = pairs.into_iter();
        pairs
            .map(|(name, value)| wire::ExchangeField { name, value })
            .collect()
    };
    let took_ms = exchange.took.map(|took| took.as_millis());
    wire::Exchange {
        at: exchange.at.into(),
        last_at: kept.last_at.into(),
        times: kept.times,
        left_out: kept.left_out,
        attempt_id: exchange.attempt_id.to_string(),
        kind: exchange.kind.as_str().to_owned(),
        target: exchange.target,
        status: exchange.status,
        took_ms: took_ms.map(|took| i64::try_from(took).unwrap_or(i64::MAX)),
        note: exchange.note,
        request: fields(exchange.request),
        reply: fields(exchange.reply),
    }
}

/// The nodes in the order they were spoken from; a node that is left and entered again is there
/// twice.
fn path(lines: &[TranscriptLine], graph: &Graph, created_at: Timestamp) -> Vec<wire::PathStep> {
    let mut path: Vec<wire::PathStep> = Vec::new();
    for line in lines {
        let Some(node_id) = &line.node_id else {
            continue;
        };
        if path.last().is_some_and(|step| step.node_id == *node_id) {
            continue;
        }
        path.push(wire::PathStep {
            node_id: node_id.clone(),
            node_name: graph.node(node_id).map(|node| node.name.clone()),
            at: line.at.into(),
            offset_ms: offset_ms(line.at, created_at),
        });
    }
    path
}

/// Where each value of the initial context came from. A test call takes from the agent what the
/// request leaves out; that a request sent the very same value is not recorded.
fn sources(run: &Run, version: Option<&Version>) -> Map<String, Value> {
    let defaults = version.and_then(|version| version.template_context_variables.as_ref());
    let defaults = defaults.filter(|_| run.mode == Mode::Test);
    let source = |name: &str, value: &Value| {
        if RESERVED.contains(&name) {
            "server"
        } else if defaults.and_then(|defaults| defaults.get(name)) == Some(value) {
            "agent"
        } else {
            "caller"
        }
    };
    let context = run.initial_context.iter();
    context
        .map(|(name, value)| (name.clone(), source(name, value).into()))
        .collect()
}

/// What there is to hear.
async fn recording(app: &App, run: &Run) -> Result<Option<wire::Recording>, Problem> {
    if !run.has_recording {
        return Ok(None);
    }
    let found = recordings::of_run(&app.artifacts, run.id).await;
    let Some(found) = found.map_err(|error| recordings::problem(&error))? else {
        return Ok(None);
    };
    let (bytes, finished_at) = (found.bytes, found.created_at);
    // One that cannot be read is told as gone; whoever asks for it learns more.
    let opened = Recording::open(&app.artifacts, found).await.ok();
    let whole = |number| i64::try_from(number).unwrap_or(i64::MAX);
    Ok(Some(wire::Recording {
        // Lines record from the answer on.
        offset_ms: offset_ms(run.answered_at.unwrap_or(run.created_at), run.created_at),
        duration_ms: opened.as_ref().map(|opened| whole(opened.duration_ms())),
        bytes: whole(bytes),
        created_at: finished_at.into(),
        is_there: opened.is_some(),
    }))
}

/// The reply.
pub async fn whole(app: &App, run: Run) -> Result<Json<wire::Run>, Problem> {
    let entries = app.store.timeline(run.id).await?;
    let lines = app.store.transcript(run.id).await?;
    let exchanges = app.store.exchanges(run.id).await?;
    let cause = app.store.cause(run.id).await?;
    let version = app.store.version(run.version_id).await?;
    let recording = recording(app, &run).await?;
    let nothing = Value::Null;
    let definition = version.as_ref().map(|version| &version.definition);
    let graph = Graph::read(definition.unwrap_or(&nothing));
    let context_sources = sources(&run, version.as_ref());
    let created_at = run.created_at;
    let end = run.end.as_ref();
    let end = end.map(|end| end_by(end, cause.as_ref(), &run.provider));
    let path = path(&lines, &graph, created_at);
    let lines = lines.into_iter().map(|line| transcript(line, created_at));
    Ok(Json(wire::Run {
        id: run.id.0,
        name: run.name,
        agent_id: run.agent_id.0,
        agent_name: run.agent_name,
        version_number: run.version_number,
        version_status: run.version_status.as_str().to_owned(),
        mode: run.mode.as_str().to_owned(),
        draft_missing: run.draft_missing,
        state: run.state.as_str().to_owned(),
        is_completed: run.end.is_some(),
        created_at: created_at.into(),
        ended_at: run.end.map(|end| Time::from(end.at)),
        destination: run.destination,
        caller_id: run.caller_id,
        telephony_configuration_id: run.configuration_id.0,
        provider: run.provider,
        end,
        noted_outcome: run.remark.outcome,
        note: run.remark.note,
        timeline: entries.into_iter().map(timeline).collect(),
        transcript: lines.collect(),
        path,
        initial_context: run.initial_context,
        context_sources,
        gathered_context: run.gathered_context,
        attempts: run.attempts.into_iter().map(attempt).collect(),
        exchanges: exchanges.into_iter().map(exchange).collect(),
        recording,
    }))
}
