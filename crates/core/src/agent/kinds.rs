//! What the node types are held to, a row a type (contract §3.4). Saving looks at how often a type may
//! stand in a definition, publishing at everything, and the node catalogue tells clients the same.
//! A type without a row is an integration's: it is kept and not judged.

/// The rules of a node type. A bound that is `None` does not hold.
#[derive(Debug)]
pub struct NodeKind {
    pub name: &'static str,
    /// As people read it.
    pub display_name: &'static str,
    pub min_incoming: Option<usize>,
    pub max_incoming: Option<usize>,
    pub max_outgoing: Option<usize>,
    pub min_instances: Option<usize>,
    pub max_instances: Option<usize>,
    /// The word in the message about a missing prompt; `None` for what has no prompt.
    pub prompted: Option<&'static str>,
}

const FREE: NodeKind = NodeKind {
    name: "",
    display_name: "",
    min_incoming: None,
    max_incoming: None,
    max_outgoing: None,
    min_instances: None,
    max_instances: None,
    prompted: None,
};

/// Stands beside the conversation: no edge touches it.
const ASIDE: NodeKind = NodeKind {
    max_incoming: Some(0),
    max_outgoing: Some(0),
    ..FREE
};

/// Every type that is known here.
pub const NODE_KINDS: &[NodeKind] = &[
    NodeKind {
        name: "startCall",
        display_name: "Start Call",
        max_incoming: Some(0),
        min_instances: Some(1),
        max_instances: Some(1),
        prompted: Some("start"),
        ..FREE
    },
    NodeKind {
        name: "agentNode",
        display_name: "Agent Node",
        min_incoming: Some(1),
        prompted: Some("agent"),
        ..FREE
    },
    NodeKind {
        name: "endCall",
        display_name: "End Call",
        min_incoming: Some(1),
        max_outgoing: Some(0),
        prompted: Some("end"),
        ..FREE
    },
    NodeKind {
        name: "globalNode",
        display_name: "Global Node",
        max_instances: Some(1),
        prompted: Some("global"),
        ..ASIDE
    },
    NodeKind {
        name: "trigger",
        display_name: "API Trigger",
        max_incoming: Some(0),
        max_instances: Some(1),
        ..FREE
    },
    NodeKind {
        name: "webhook",
        display_name: "Webhook",
        ..ASIDE
    },
    NodeKind {
        name: "qa",
        display_name: "QA Analysis",
        ..ASIDE
    },
];

/// The rules of a type.
#[must_use]
pub fn node_kind(name: &str) -> Option<&'static NodeKind> {
    NODE_KINDS.iter().find(|kind| kind.name == name)
}
