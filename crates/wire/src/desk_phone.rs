//! The desk phone: calls that ring the person at the window.

use crate::time::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The calls that are going on, the one that rang first in front.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeskCalls {
    pub calls: Vec<DeskCall>,
}

/// A call.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeskCall {
    pub id: String,
    pub run_id: i64,
    /// `ringing` or `in-progress`.
    pub state: String,
    /// The caller ID, where one is shown.
    pub from: Option<String>,
    pub to: String,
    /// The agent's name.
    pub agent: String,
    pub rang_at: Time,
    /// Where the conversation stands.
    pub node: Option<DeskNode>,
    /// The ways on.
    pub edges: Vec<DeskEdge>,
}

/// A node of the conversation.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeskNode {
    pub id: String,
    pub name: String,
}

/// A way on.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DeskEdge {
    pub id: String,
    pub label: String,
    pub condition: String,
}

/// What the callee says.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Say {
    /// 1 to 2000 characters.
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
}

/// Which edge's condition is met.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct TakeEdge {
    pub edge_id: String,
}
