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
    let start = "workflow: Workflow must have at least one Start Call";
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
            "workflow: Workflow can have at most one Start Call",
        ),
        (
            "globalNode",
            "workflow: Workflow can have at most one Global Node",
        ),
        (
            "trigger",
            "workflow: Workflow can have at most one API Trigger",
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
            [format!("node {kind}: {shown} cannot have incoming edges")]
        );
    }
    let out_of = [
        ("endCall", "End Call"),
        ("globalNode", "Global Node"),
        ("webhook", "Webhook"),
        ("qa", "QA Analysis"),
    ];
    for (kind, shown) in out_of {
        let found = problems(|definition| {
            add(definition, "edges", edge("x", kind, "agentNode", "New"));
        });
        assert_eq!(
            found,
            [format!("node {kind}: {shown} cannot have outgoing edges")]
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
        ["node agentNode: Agent Node must have at least 1 incoming edge(s)"]
    );
    assert_eq!(
        problems(|definition| drop_edges(definition, "3")),
        ["node endCall: End Call must have at least 1 incoming edge(s)"]
    );
}

#[test]
fn every_known_node_has_a_name() {
    let rows = [
        (json!(""), "String should have at least 1 character"),
        (json!(null), "Input should be a valid string"),
        (json!(5), "Input should be a valid string"),
    ];
    for (index, kind) in NODE_KINDS.iter().enumerate() {
        for (wrong, told) in &rows {
            let found = problems(|definition| {
                definition["nodes"][index]["data"]["name"] = wrong.clone();
            });
            assert_eq!(found, [format!("node {} data.name: {told}", kind.name)]);
        }
    }
    let found = problems(|definition| definition["nodes"][6]["data"] = json!({}));
    assert_eq!(found, ["node qa data.name: Field required"]);
}

#[test]
fn what_speaks_has_a_prompt_that_is_not_blank() {
    let words = [
        Some("start"),
        Some("agent"),
        Some("end"),
        Some("global"),
        None,
        None,
        None,
    ];
    for (index, (kind, word)) in NODE_KINDS.iter().zip(words).enumerate() {
        for wrong in [json!(""), json!(" \n"), json!(null)] {
            let found = problems(|definition| {
                definition["nodes"][index]["data"]["prompt"] = wrong;
            });
            let name = kind.name;
            let told = |word| {
                format!("node {name} data.prompt: Value error, prompt is required for {word} nodes")
            };
            assert_eq!(found, word.map(told).into_iter().collect::<Vec<_>>());
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
            "edge x source: Edge references missing node",
            "edge x target: Edge references missing node"
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
            "edge 1 data.label: String should have at least 1 character",
            "edge 1 data.condition: String should have at least 1 character"
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
        add(definition, "nodes", json!({"type": "paygent"}));
        add(definition, "nodes", json!({"id": "x"}));
        definition["edges"][0]["id"] = json!(1);
    });
    assert_eq!(
        found,
        [
            "node id: Field required",
            "node x type: Field required",
            "edge id: Input should be a valid string",
        ]
    );
}

#[test]
fn nodes_and_edges_are_judged_before_how_they_hang_together() {
    let both = |definition: &mut Value| {
        add(definition, "nodes", node("second", "startCall"));
        drop_edges(definition, "3");
    };
    let whole = [
        "workflow: Workflow can have at most one Start Call",
        "node endCall: End Call must have at least 1 incoming edge(s)",
    ];
    assert_eq!(problems(both), whole);
    let found = problems(|definition| {
        both(definition);
        definition["edges"][0]["data"]["label"] = json!("");
        definition["nodes"][0]["data"]["name"] = json!("");
    });
    let told = "String should have at least 1 character";
    let single = [
        format!("node startCall data.name: {told}"),
        format!("edge 1 data.label: {told}"),
    ];
    assert_eq!(found, single);
}
