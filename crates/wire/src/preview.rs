//! What a call would be, before it is one: the destination and the first words.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// A number as it is being typed.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct DestinationQuestion {
    pub phone_number: String,
    /// The provider it would be dialled through; absent means telephone numbers only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

/// What is known about a number.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Destination {
    /// `phone`, `sip-uri`, `extension` or `invalid`.
    pub kind: String,
    /// Whether it would be dialled.
    pub possible: bool,
    /// Whether it lies in a known range.
    pub valid: bool,
    pub e164: Option<String>,
    /// For reading.
    pub formatted: Option<String>,
    pub country_code: Option<String>,
    /// `mobile`, `fixed-line`, `fixed-line-or-mobile`, `toll-free`, `premium-rate`, `voip` or
    /// `other`.
    pub line_type: Option<String>,
    /// Why it is refused or warned about.
    pub message: Option<String>,
}

/// A call as it is being prepared.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PreviewQuestion {
    #[schema(value_type = Object)]
    pub workflow_definition: Map<String, Value>,
    /// The version's defaults; only a test call has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub template_context_variables: Option<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub initial_context: Option<Map<String, Value>>,
    /// `test` or `production`.
    #[schema(pattern = "^(test|production)$")]
    pub mode: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// What the server will know of the call, where it is decided already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller_number: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

/// The call as it would begin.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Preview {
    pub greeting: Option<Greeting>,
    /// In the order of their first use.
    pub variables: Vec<Variable>,
    /// Top-level keys of the context that no template uses.
    pub unused: Vec<String>,
    /// Top-level keys of the context that the server sets itself.
    pub reserved: Vec<String>,
    /// The context as the run would hold it, without the facts that only a run has.
    pub context: Vec<ContextEntry>,
    /// In walking order.
    pub nodes: Vec<PreviewNode>,
}

/// A name at the top of the context.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct ContextEntry {
    pub name: String,
    pub value: Value,
    /// `request`, `agent` (its test values), `server`, or `dropped` where the request's value gives
    /// way to the server's.
    pub source: String,
}

/// The first spoken words.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Greeting {
    pub node_id: String,
    pub text: String,
    /// Joined, they are the text.
    pub segments: Vec<Segment>,
}

/// A piece of a rendered text.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Segment {
    pub text: String,
    pub variable: Option<String>,
    /// `plain`, `set`, `fallback` or `missing`.
    pub state: String,
}

/// A variable of the agent's texts.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Variable {
    /// Without a leading `initial_context.`.
    pub name: String,
    /// `set`, `fallback` or `missing`.
    pub state: String,
    pub fallback: Option<String>,
    /// Names of the nodes that use it.
    pub used_in: Vec<String>,
}

/// A node of the conversation.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct PreviewNode {
    pub id: String,
    pub name: String,
    #[serde(rename = "type")]
    pub kind: String,
}
