//! The catalogue of node types (contract §3.4, §10): what clients make definitions from. The words and
//! fields are data, in `node_types.json`; how nodes may hang together is core's, which judges by it.
//! Types of integrations that do nothing here are not in it.

use super::input::{Input, Refusals};
use crate::app::App;
use crate::problem::Problem;
use axum::Json;
use axum::http::StatusCode;
use std::sync::LazyLock;
use switchhook_core::ErrorCode;
use switchhook_core::agent::{NodeKind, node_kind};
use switchhook_wire::node_type::{GraphConstraints, NodeSpec, NodeTypes};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Of the catalogue's form, not of what stands in it.
const SPEC_VERSION: &str = "1.0.0";

static CATALOGUE: LazyLock<Vec<NodeSpec>> = LazyLock::new(|| {
    let mut types: Vec<NodeSpec> = serde_json::from_str(include_str!("node_types.json"))
        .expect("the catalogue is part of this program, and a test reads it");
    for spec in &mut types {
        spec.graph_constraints = node_kind(&spec.name).map(constraints);
    }
    types
});

fn constraints(kind: &NodeKind) -> GraphConstraints {
    let at_least = |least: Option<usize>, most: Option<usize>| least.or(most.map(|_| 0));
    GraphConstraints {
        min_incoming: at_least(kind.min_incoming, kind.max_incoming),
        max_incoming: kind.max_incoming,
        min_outgoing: at_least(None, kind.max_outgoing),
        max_outgoing: kind.max_outgoing,
    }
}

/// Every node type with its fields and their defaults.
#[utoipa::path(
    get, path = "/api/v1/node-types", tag = "agents",
    responses((status = 200, body = NodeTypes), Refusals)
)]
async fn list_node_types(_: Input) -> Json<NodeTypes> {
    Json(NodeTypes {
        spec_version: SPEC_VERSION.to_owned(),
        node_types: CATALOGUE.clone(),
    })
}

/// One node type.
#[utoipa::path(
    get, path = "/api/v1/node-types/{name}", tag = "agents",
    params(("name" = String, Path)),
    responses((status = 200, body = NodeSpec), Refusals)
)]
async fn get_node_type(input: Input) -> Result<Json<NodeSpec>, Problem> {
    let name = input.parameters.text("name");
    let found = CATALOGUE.iter().find(|spec| spec.name == name);
    found.cloned().map(Json).ok_or_else(|| {
        let detail = format!("Unknown node type: '{name}'");
        Problem::new(StatusCode::NOT_FOUND, ErrorCode::NotFound, detail)
    })
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list_node_types))
        .routes(routes!(get_node_type))
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchhook_core::agent::NODE_KINDS;

    #[test]
    fn the_catalogue_has_the_types_that_are_judged_under_the_same_names() {
        let shown: Vec<_> = CATALOGUE
            .iter()
            .map(|spec| (spec.name.as_str(), spec.display_name.as_str()))
            .collect();
        let judged: Vec<_> = NODE_KINDS
            .iter()
            .map(|kind| (kind.name, kind.display_name))
            .collect();
        assert_eq!(shown, judged);
    }

    #[test]
    fn what_is_judged_as_required_is_told_as_required() {
        for (spec, kind) in CATALOGUE.iter().zip(NODE_KINDS) {
            let required: Vec<_> = spec
                .properties
                .iter()
                .filter(|property| property.required)
                .map(|property| property.name.as_str())
                .collect();
            let mut expected = vec!["name"];
            expected.extend(kind.prompted.map(|_| "prompt"));
            assert_eq!(required, expected, "{}", kind.name);
        }
    }

    #[test]
    fn examples_keep_to_the_fields() {
        for spec in CATALOGUE.iter() {
            for name in spec.examples.iter().flat_map(|example| example.data.keys()) {
                let known = spec
                    .properties
                    .iter()
                    .any(|property| property.name == *name);
                assert!(known, "{} has no {name}", spec.name);
            }
        }
    }
}
