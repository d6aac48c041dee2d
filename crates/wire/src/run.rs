//! Runs in our own shape, with everything that is known about them.

use crate::time::Time;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// How a run ended.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct End {
    /// Stable; programs act on it.
    pub code: String,
    /// What the callee experienced.
    pub sentence: String,
    /// `callee`, `carrier`, `switchhook`, `caller` or `unknown`.
    pub side: String,
    /// What to do now.
    pub next: String,
}

/// A page of runs, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RunPage {
    pub runs: Vec<RunSummary>,
    /// What to send as `before` for the next page; null on the last one.
    pub next_before: Option<i64>,
}

/// A run in a list.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RunSummary {
    pub id: i64,
    pub name: String,
    pub agent_id: i64,
    pub agent_name: String,
    pub version_number: i64,
    /// What the version was when the run started.
    pub version_status: String,
    /// `production` or `test`.
    pub mode: String,
    pub state: String,
    pub is_completed: bool,
    pub created_at: Time,
    pub ended_at: Option<Time>,
    pub destination: String,
    pub caller_id: Option<String>,
    pub provider: String,
    pub end: Option<End>,
}

/// A run, whole.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Run {
    pub id: i64,
    pub name: String,
    pub agent_id: i64,
    pub agent_name: String,
    pub version_number: i64,
    /// What the version was when the run started.
    pub version_status: String,
    /// `production` or `test`.
    pub mode: String,
    /// A test call that ran the published version because there was no draft.
    pub draft_missing: bool,
    pub state: String,
    pub is_completed: bool,
    pub created_at: Time,
    pub ended_at: Option<Time>,
    pub destination: String,
    pub caller_id: Option<String>,
    pub telephony_configuration_id: i64,
    pub provider: String,
    pub end: Option<End>,
    /// Oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// In the order it was said.
    pub transcript: Vec<TranscriptLine>,
    #[schema(value_type = Object)]
    pub initial_context: Map<String, Value>,
    #[schema(value_type = Object)]
    pub gathered_context: Map<String, Value>,
    pub attempts: Vec<Attempt>,
}

/// An entry of a run's timeline.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TimelineEntry {
    pub at: Time,
    pub state: String,
    /// `switchhook`, `carrier` or `person`.
    pub source: String,
    /// The carrier's own words.
    pub note: Option<String>,
}

/// A line of a transcript.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TranscriptLine {
    pub at: Time,
    /// Since the run was created.
    pub offset_ms: i64,
    /// `agent` or `callee`.
    pub speaker: String,
    pub text: String,
    pub node_id: Option<String>,
    /// `greeting`, `prompt` (shown, never spoken) or `speech`.
    pub kind: String,
}

/// One dial of a run.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Attempt {
    pub id: String,
    pub carrier_call_id: Option<String>,
    /// `pending`, `accepted`, `refused` or `unknown`.
    pub outcome: String,
}
