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
    /// The telephone network's own codes, `SIP 486, Q.850 17`, where it said why it did not put the
    /// call through; left out in lists.
    pub cause: Option<String>,
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
    /// What came of the call, in a person's own word.
    pub noted_outcome: Option<String>,
    /// What a person noted.
    pub note: Option<String>,
}

/// What a person writes about a run. What is absent stays; null or an empty text takes away.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RunUpdate {
    #[schema(max_length = 60)]
    pub noted_outcome: Option<String>,
    #[schema(max_length = 2000)]
    pub note: Option<String>,
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
    /// What came of the call, in a person's own word.
    pub noted_outcome: Option<String>,
    /// What a person noted.
    pub note: Option<String>,
    /// Oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// In the order it was said.
    pub transcript: Vec<TranscriptLine>,
    /// The nodes that were spoken from, in order.
    pub path: Vec<PathStep>,
    #[schema(value_type = Object)]
    pub initial_context: Map<String, Value>,
    /// Where each name of it came from: `caller`, `agent` (a default of the version, or the same
    /// value from the caller) or `server`.
    #[schema(value_type = Object)]
    pub context_sources: Map<String, Value>,
    #[schema(value_type = Object)]
    pub gathered_context: Map<String, Value>,
    pub attempts: Vec<Attempt>,
    /// What was sent to the carrier about the call and what came from it, without any secret. A
    /// few of each attempt are kept.
    pub exchanges: Vec<Exchange>,
    /// Null where the call was not recorded, or its recording is not finished yet.
    pub recording: Option<Recording>,
}

/// A recording: two tracks, of the callee and of the agent.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Recording {
    /// When it begins, in milliseconds after the run was created: with the answer.
    pub offset_ms: i64,
    /// Null where the file is gone.
    pub duration_ms: Option<i64>,
    pub bytes: i64,
    /// When it was finished.
    pub created_at: Time,
    /// False where somebody removed or changed the file in the data folder.
    pub is_there: bool,
}

/// How loud a recording is, for drawing it: its time in equal parts, and for each the greatest
/// distance from silence, 0 to 255.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RecordingPeaks {
    pub duration_ms: i64,
    pub callee: Vec<u8>,
    pub agent: Vec<u8>,
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

/// A node that the conversation came to.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PathStep {
    pub node_id: String,
    /// Null where the version that ran has no such node (any more).
    pub node_name: Option<String>,
    pub at: Time,
    /// Since the run was created.
    pub offset_ms: i64,
}

/// A request to a carrier with its answer, or a callback.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Exchange {
    pub at: Time,
    /// When it was repeated last, word for word, with nothing in between.
    pub last_at: Time,
    /// How often in all.
    pub times: i64,
    /// How many came before it that were not kept.
    pub left_out: i64,
    pub attempt_id: String,
    /// `dial`, `look-up`, `hang-up` or `callback`.
    pub kind: String,
    /// Method and path.
    pub target: String,
    /// HTTP's; null where no answer came.
    pub status: Option<u16>,
    /// Until the answer; null for a callback.
    pub took_ms: Option<i64>,
    /// Why there is no answer, or none that can be read.
    pub note: Option<String>,
    /// Fields that were sent, or that the callback brought.
    pub request: Vec<ExchangeField>,
    /// Fields of the answer.
    pub reply: Vec<ExchangeField>,
}

/// A field of an exchange; no secret is in it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ExchangeField {
    pub name: String,
    pub value: String,
}
