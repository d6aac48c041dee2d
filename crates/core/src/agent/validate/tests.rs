use super::*;
use serde_json::json;

fn node(id: &str, kind: &str) -> Value {
    json!({"id": id, "type": kind, "data": {"name": id, "prompt": "Speak."}})
}

fn edge(id: &str, source: &str, target: &str, label: &str) -> Value {
    json!({"id": id, "source": source, "target": target, "data": {"label": label, "condition": "always"}})
}

/// One node of every type, rightly connected.
fn valid() -> Value {
    let nodes = [
        "startCall",
        "agentNode",
        "endCall",
        "globalNode",
        "trigger",
        "webhook",
        "qa",
    ];
    let nodes: Vec<_> = nodes.iter().map(|kind| node(kind, kind)).collect();
    json!({"nodes": nodes, "edges": [
        edge("1", "startCall", "agentNode", "Go on"),
        edge("2", "agentNode", "agentNode", "Again"),
        edge("3", "agentNode", "endCall", "Done"),
    ]})
}

/// The valid definition after a change, as `kind id field: message`.
fn problems(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut definition = valid();
    change(&mut definition);
    let shown = |problem: DefinitionProblem| {
        let words = [
            Some(problem.kind),
            problem.id.as_deref(),
            problem.field.as_deref(),
        ];
        let place: Vec<_> = words.into_iter().flatten().collect();
        format!("{}: {}", place.join(" "), problem.message)
    };
    validate(&definition).into_iter().map(shown).collect()
}

fn add(definition: &mut Value, list: &str, item: Value) {
    definition[list].as_array_mut().expect("a list").push(item);
}

fn drop_edges(definition: &mut Value, unwanted: &str) {
    let edges = definition["edges"].as_array_mut().expect("a list");
    edges.retain(|edge| edge["id"] != unwanted);
}

#[test]
fn a_definition_that_keeps_every_rule_has_no_problem() {
    assert_eq!(problems(|_| {}), [""; 0]);
}

#[test]
fn an_empty_definition_lacks_its_start() {
    let start = "workflow: A workflow must have exactly one Start Call.";
    assert_eq!(problems(|definition| *definition = json!({})), [start]);
    assert_eq!(
        problems(|definition| *definition = json!({"nodes": 5, "edges": "x"})),
        [start]
    );
}

#[test]
fn the_types_that_may_stand_once_stand_once() {
    let rows = [
        (
            "startCall",
            "workflow: A workflow must have exactly one Start Call.",
        ),
        (
            "globalNode",
            "workflow: A workflow can have at most one Global Node.",
        ),
        (
            "trigger",
            "workflow: A workflow can have at most one API Trigger.",
        ),
    ];
    for (kind, told) in rows {
        assert_eq!(
            problems(|definition| add(definition, "nodes", node("second", kind))),
            [told]
        );
    }
    for kind in ["webhook", "qa"] {
        let twice = problems(|definition| add(definition, "nodes", node("second", kind)));
        assert_eq!(twice, [""; 0], "{kind}");
    }
}

#[test]
fn edges_stay_away_from_nodes_that_have_none() {
    let into = [
        ("startCall", "Start Call"),
        ("globalNode", "Global Node"),
        ("trigger", "API Trigger"),
        ("webhook", "Webhook"),
        ("qa", "QA Analysis"),
    ];
    for (kind, shown) in into {
        let found = problems(|definition| {
            add(definition, "edges", edge("x", "agentNode", kind, "New"));
        });
        assert_eq!(
            found,
            [format!(
                "node {kind}: {shown} must not have incoming edges."
            )]
        );
    }
    let out_of = [
        ("endCall", "End Call"),
        ("globalNode", "Global Node"),
        ("trigger", "API Trigger"),
        ("webhook", "Webhook"),
        ("qa", "QA Analysis"),
    ];
    for (kind, shown) in out_of {
        let found = problems(|definition| {
            add(definition, "edges", edge("x", kind, "agentNode", "New"));
        });
        assert_eq!(
            found,
            [format!(
                "node {kind}: {shown} must not have outgoing edges."
            )]
        );
    }
}

#[test]
fn something_leads_to_every_agent_node_and_end() {
    assert_eq!(
        problems(|definition| {
            drop_edges(definition, "1");
            drop_edges(definition, "2");
        }),
        ["node agentNode: Agent Node must have at least one incoming edge."]
    );
    assert_eq!(
        problems(|definition| drop_edges(definition, "3")),
        ["node endCall: End Call must have at least one incoming edge."]
    );
}

#[test]
fn every_known_node_has_a_name() {
    for (index, kind) in KINDS.iter().enumerate() {
        for wrong in [json!(""), json!(null), json!(5)] {
            let found = problems(|definition| {
                definition["nodes"][index]["data"]["name"] = wrong;
            });
            assert_eq!(
                found,
                [format!("node {} data.name: Name is required.", kind.name)]
            );
        }
    }
}

#[test]
fn what_speaks_has_a_prompt_that_is_not_blank() {
    for (index, kind) in KINDS.iter().enumerate() {
        for wrong in [json!(""), json!(" \n"), json!(null)] {
            let found = problems(|definition| {
                definition["nodes"][index]["data"]["prompt"] = wrong;
            });
            let told = format!("node {} data.prompt: Prompt is required.", kind.name);
            let speaks = ["startCall", "agentNode", "endCall", "globalNode"];
            let told: Vec<_> = speaks
                .contains(&kind.name)
                .then_some(told)
                .into_iter()
                .collect();
            assert_eq!(found, told);
        }
    }
}

#[test]
fn a_triggers_path_keeps_its_rules() {
    let with =
        |path: Value| problems(|definition| definition["nodes"][4]["data"]["trigger_path"] = path);
    let place = "node trigger data.trigger_path: Trigger path must be";
    assert_eq!(with(json!(5)), [format!("{place} a string.")]);
    assert_eq!(
        with(json!("x".repeat(37))),
        [format!("{place} 36 characters or fewer.")]
    );
    assert_eq!(with(json!("a/b")).len(), 1);
    for fine in [json!("a-B_9"), json!(""), json!(null)] {
        assert_eq!(with(fine), [""; 0]);
    }
}

#[test]
fn an_edge_joins_two_nodes_that_exist() {
    assert_eq!(
        problems(|definition| add(definition, "edges", edge("x", "nobody", "nowhere", "New"))),
        [
            "edge x source: Source node does not exist.",
            "edge x target: Target node does not exist."
        ]
    );
}

#[test]
fn an_edge_has_a_label_and_a_condition() {
    assert_eq!(
        problems(
            |definition| definition["edges"][0]["data"] = json!({"label": "", "condition": ""})
        ),
        [
            "edge 1 data.label: Label is required.",
            "edge 1 data.condition: Condition is required."
        ]
    );
}

#[test]
fn labels_of_one_node_differ_by_more_than_case_and_signs() {
    let told = "edge x data.label: Label 'DONE' cannot be told from the label of another edge of the same node.";
    assert_eq!(
        problems(|definition| add(
            definition,
            "edges",
            edge("x", "agentNode", "endCall", "DONE")
        )),
        [told]
    );
    assert_eq!(function_name("Go on! É2"), "go_on___2");
    let elsewhere = edge("x", "startCall", "endCall", "DONE");
    assert_eq!(
        problems(|definition| add(definition, "edges", elsewhere)),
        [""; 0]
    );
}

#[test]
fn unknown_types_are_not_judged() {
    let unknown = json!({"id": "p", "type": "paygent"});
    assert_eq!(
        problems(|definition| add(definition, "nodes", unknown)),
        [""; 0]
    );
}

#[test]
fn what_a_conversation_would_pass_over_in_silence_is_told() {
    let found = problems(|definition| {
        add(definition, "nodes", json!({"type": "agentNode"}));
        add(definition, "nodes", json!({"id": "x"}));
        definition["edges"][0]["id"] = json!(1);
    });
    assert_eq!(
        found,
        [
            "node id: Node must have a text as its id.",
            "node x type: Node must have a text as its type.",
            "edge id: Edge must have a text as its id.",
        ]
    );
}

#[test]
fn nodes_come_before_edges_and_edges_before_the_whole() {
    let found = problems(|definition| {
        add(definition, "nodes", node("second", "startCall"));
        definition["edges"][0]["data"]["label"] = json!("");
        definition["nodes"][0]["data"]["name"] = json!("");
    });
    let kinds: Vec<_> = found
        .iter()
        .filter_map(|problem| problem.split(' ').next())
        .collect();
    assert_eq!(kinds, ["node", "edge", "workflow:"]);
}
