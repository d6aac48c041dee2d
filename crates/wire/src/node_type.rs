//! The catalogue of node types in the compatible API's shapes (contract §3.4). A client of this API
//! refuses fields that it does not know here, and here alone (contract §10): nothing is added.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// Every node type.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct NodeTypes {
    pub spec_version: String,
    pub node_types: Vec<NodeSpec>,
}

/// A node type: what it is for and what stands in its data.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeSpec {
    /// The `type` of a node.
    pub name: String,
    pub display_name: String,
    pub description: String,
    /// For a model that writes definitions.
    pub llm_hint: Option<String>,
    /// `call_node`, `global_node`, `trigger` or `integration`.
    pub category: String,
    /// A Lucide icon's name.
    pub icon: String,
    #[serde(default = "first_version")]
    pub version: String,
    pub properties: Vec<PropertySpec>,
    #[serde(default)]
    pub examples: Vec<NodeExample>,
    pub graph_constraints: Option<GraphConstraints>,
}

fn first_version() -> String {
    "1.0.0".to_owned()
}

/// A member of a node's data.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PropertySpec {
    pub name: String,
    /// `string`, `number`, `boolean`, `options`, `fixed_collection`, `json`, `tool_refs`,
    /// `document_refs`, `recording_ref`, `credential_ref`, `mention_textarea` or `url`.
    #[serde(rename = "type")]
    pub kind: String,
    pub display_name: String,
    pub description: String,
    pub llm_hint: Option<String>,
    /// What holds where the member is absent.
    pub default: Option<Value>,
    #[serde(default)]
    pub required: bool,
    pub placeholder: Option<String>,
    pub display_options: Option<DisplayOptions>,
    pub options: Option<Vec<PropertyOption>>,
    /// The members of a row of a `fixed_collection`.
    #[schema(no_recursion)]
    pub properties: Option<Vec<PropertySpec>>,
    #[schema(value_type = Option<f64>)]
    pub min_value: Option<serde_json::Number>,
    #[schema(value_type = Option<f64>)]
    pub max_value: Option<serde_json::Number>,
    pub min_length: Option<u32>,
    pub max_length: Option<u32>,
    pub pattern: Option<String>,
    /// `textarea` for long texts.
    pub editor: Option<String>,
}

/// A choice of a property.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PropertyOption {
    pub value: Value,
    pub label: String,
    pub description: Option<String>,
}

/// When a property is shown: every member of `show` has one of its values, none of `hide` has.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisplayOptions {
    #[schema(value_type = Option<Object>)]
    pub show: Option<Map<String, Value>>,
    #[schema(value_type = Option<Object>)]
    pub hide: Option<Map<String, Value>>,
}

/// How many edges a node of a type may have.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GraphConstraints {
    pub min_incoming: Option<usize>,
    pub max_incoming: Option<usize>,
    pub min_outgoing: Option<usize>,
    pub max_outgoing: Option<usize>,
}

/// A node's data as an example.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NodeExample {
    pub name: String,
    pub description: Option<String>,
    #[schema(value_type = Object)]
    pub data: Map<String, Value>,
}
