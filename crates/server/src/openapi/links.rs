//! Which answer names what another operation asks for: OpenAPI's links, so that a machine can walk
//! from what it made to everything that can be done with it. A table, because a link belongs to two
//! operations and to neither handler.

use super::surroundings::operations;
use serde_json::{Value, json};

struct Links {
    from: &'static [&'static str],
    /// A parameter and where it is found.
    with: &'static [(&'static str, &'static str)],
    to: &'static [&'static str],
}

const ID: &str = "$response.body#/id";

const LINKS: &[Links] = &[
    Links {
        from: &["create_agent", "duplicate_agent"],
        with: &[("workflow_id", ID)],
        to: &[
            "get_agent",
            "update_agent",
            "validate_agent",
            "publish_agent",
            "create_draft",
            "duplicate_agent",
            "set_agent_status",
            "list_versions",
            "list_workflow_runs",
            "create_workflow_run",
            "download_workflow_report",
        ],
    },
    Links {
        from: &["create_agent", "duplicate_agent"],
        with: &[("agent_id", ID)],
        to: AGENT,
    },
    Links {
        from: &["import_agent"],
        with: &[("agent_id", "$response.body#/agent_id")],
        to: AGENT,
    },
    Links {
        from: &["create_agent", "duplicate_agent"],
        with: &[("workflow_uuid", "$response.body#/workflow_uuid")],
        to: &["fire_agent_production", "fire_agent_test"],
    },
    Links {
        from: &["add_trigger", "rotate_trigger", "get_trigger"],
        with: &[("trigger_path", "$response.body#/test/trigger_path")],
        to: &["fire_test"],
    },
    Links {
        from: &["rotate_trigger", "get_trigger"],
        with: &[("trigger_path", "$response.body#/production/trigger_path")],
        to: &["fire_production"],
    },
    Links {
        from: &[
            "fire_production",
            "fire_test",
            "fire_agent_production",
            "fire_agent_test",
            "initiate_call",
        ],
        with: &[("run_id", "$response.body#/workflow_run_id")],
        to: &[
            "get_run",
            "hang_up_run",
            "get_workflow_run",
            "get_recording",
            "get_recording_peaks",
        ],
    },
    Links {
        from: &["create_workflow_run"],
        with: &[("workflow_id", "$request.path.workflow_id"), ("run_id", ID)],
        to: &["get_workflow_run"],
    },
    Links {
        from: &["get_workflow_run"],
        with: &[("token", "$response.body#/public_access_token")],
        to: &["download_artifact"],
    },
    Links {
        from: &["list_desk_calls"],
        with: &[("call_id", "$response.body#/calls/0/id")],
        to: &[
            "answer_desk_call",
            "decline_desk_call",
            "hang_up_desk_call",
            "say_on_desk_call",
            "take_edge_on_desk_call",
        ],
    },
    Links {
        from: &["create_api_key"],
        with: &[("api_key_id", ID)],
        to: &["archive_api_key", "reactivate_api_key"],
    },
    Links {
        from: &["create_configuration"],
        with: &[("config_id", ID)],
        to: &[
            "get_configuration",
            "update_configuration",
            "delete_configuration",
            "set_default_configuration",
            "reactivate_configuration",
            "list_phone_numbers",
            "create_phone_number",
            "list_trunks",
            "create_trunk",
        ],
    },
    Links {
        from: &["create_phone_number"],
        with: &[
            ("config_id", "$request.path.config_id"),
            ("phone_number_id", ID),
        ],
        to: &[
            "get_phone_number",
            "update_phone_number",
            "set_default_caller_id",
            "delete_phone_number",
        ],
    },
    Links {
        from: &["create_trunk"],
        with: &[("config_id", "$request.path.config_id"), ("trunk_id", ID)],
        to: &["update_trunk", "delete_trunk"],
    },
    Links {
        from: &["create_credential"],
        with: &[("credential_uuid", "$response.body#/uuid")],
        to: &["get_credential", "update_credential", "delete_credential"],
    },
    Links {
        from: &["create_workspace"],
        with: &[("workspace_id", ID)],
        to: &["rename_workspace", "delete_workspace"],
    },
];

/// What can be done with an agent by our own routes.
const AGENT: &[&str] = &[
    "get_trigger",
    "add_trigger",
    "rotate_trigger",
    "disable_trigger",
    "enable_trigger",
    "export_agent",
    "diff_agent",
    "discard_draft",
];

/// Adds the links to the answers of success.
pub(super) fn add(document: &mut Value) {
    for operation in operations(document) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        let leaving: Vec<_> = LINKS
            .iter()
            .filter(|links| links.from.contains(&id))
            .collect();
        for links in leaving {
            let parameters: Value = links
                .with
                .iter()
                .map(|(name, found)| ((*name).to_owned(), Value::from(*found)))
                .collect();
            for to in links.to {
                operation["responses"]["200"]["links"][*to] =
                    json!({"operationId": to, "parameters": parameters});
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::document_json;
    use std::collections::HashMap;

    #[test]
    fn a_link_leaves_and_meets_operations_that_take_what_it_carries() {
        let mut document = serde_json::from_str(&document_json()).expect("JSON");
        let known: HashMap<_, _> = operations(&mut document)
            .map(|operation| {
                let parameters = operation.get("parameters").cloned().unwrap_or_default();
                (operation["operationId"].to_string(), parameters.to_string())
            })
            .collect();
        let of = |id: &str| known.get(&format!("\"{id}\""));
        for links in LINKS {
            for from in links.from {
                assert!(of(from).is_some(), "{from} is no operation");
            }
            for to in links.to {
                let parameters = of(to).unwrap_or_else(|| panic!("{to} is no operation"));
                for (name, _) in links.with {
                    let named = format!("\"name\":\"{name}\"");
                    assert!(parameters.contains(&named), "{to} takes no {name}");
                }
            }
        }
    }
}
