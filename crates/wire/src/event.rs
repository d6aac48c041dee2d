//! Live events: hints that something changed. The reader fetches what it shows.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The `data:` of an event; its `id:` is the place in the log, its `event:` the kind.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Event {
    /// `run`, `desk-phone`, `agent`, `telephony`, `key` or `settings`.
    pub kind: String,
    pub id: Subject,
    pub run_id: Option<i64>,
}

/// What changed: an integer, or a text where ids are texts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Subject {
    Number(i64),
    Text(String),
}
