//! What came in lately, as the request inspector shows it.

use crate::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A page of requests, newest first.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct RequestPage {
    pub requests: Vec<SeenRequest>,
    /// What to send as `before` for the next page; null on the last one.
    pub next_before: Option<i64>,
    /// Nothing from before this moment is known: the list is in memory.
    pub since: Time,
    /// Most trigger requests that are kept; older ones are forgotten.
    pub most: u32,
    pub strangers: Strangers,
}

/// Hits that nobody can be named for. Of the whole server, since it started, and only counted.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Strangers {
    /// Trigger requests without a key or with a wrong one.
    pub requests: u64,
    /// Callbacks about runs that there are not.
    pub callbacks: u64,
    pub last_at: Option<Time>,
}

/// A trigger request of somebody with a key or of the person at the window, or a carrier's callback
/// that was turned away.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SeenRequest {
    pub id: i64,
    pub at: Time,
    /// `trigger` or `callback`.
    pub kind: String,
    pub method: String,
    /// The path, without the query.
    pub route: String,
    /// `production` or `test`; null for a callback.
    pub mode: Option<String>,
    /// Of the reply.
    pub status: u16,
    /// The error code of the reply.
    pub code: Option<String>,
    /// Why it was refused, in words.
    pub message: Option<String>,
    pub run_id: Option<i64>,
    /// Whether the reply was that of an earlier request with the same `Idempotency-Key`.
    pub is_repeat: bool,
    /// From the head's arrival to the reply.
    pub duration_ms: f64,
    /// Null for the person at the window and for a carrier.
    pub api_key: Option<SeenKey>,
    /// `kept`, `off` or `too-large`.
    pub body: String,
    /// In bytes.
    pub body_size: u64,
}

/// The key of a request, without the key.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SeenKey {
    pub id: i64,
    pub name: String,
}

/// A request with its body, where that was kept.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct SeenRequestDetail {
    #[serde(flatten)]
    pub request: SeenRequest,
    /// As it was sent; null where it was not kept.
    pub body_text: Option<String>,
}
