//! The sample workspace of a new data folder: an agent with a published version and a draft that
//! visibly differs, and the desk phone to call through, so that a first call needs no account.
//! Every variable has a fallback: the agent also makes sense with an empty context.

use crate::agents;
use crate::problem::Outcome;
use crate::rows::micros;
use crate::telephony;
use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior, params};
use serde_json::{Map, Value, json};
use switchhook_core::agent::VersionStatus;
use switchhook_core::ids::WorkspaceId;
use switchhook_core::ports::{AgentChange, NewAgent, NewConfiguration, NewPhoneNumber};
use uuid::Uuid;

const WORKSPACE_NAME: &str = "My workspace";
/// The sample agent's name.
pub const AGENT_NAME: &str = "Appointment reminder";
const NUMBER: &str = "+15550100199";

/// Fills a database that has no workspace yet; any other is left alone.
pub fn seed(connection: &mut Connection, at: Timestamp) -> Outcome<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    if !transaction
        .prepare("SELECT 1 FROM workspaces")?
        .exists([])?
    {
        fill(&transaction, at)?;
    }
    Ok(transaction.commit()?)
}

fn fill(connection: &Connection, at: Timestamp) -> Outcome<()> {
    let workspace = "INSERT INTO workspaces (name, created_at) VALUES (?1, ?2)";
    connection.execute(workspace, params![WORKSPACE_NAME, micros(at)])?;
    let workspace_id = WorkspaceId(connection.last_insert_rowid());
    let path = Uuid::new_v4();
    let agent = NewAgent {
        workspace_id,
        uuid: Uuid::new_v4(),
        name: AGENT_NAME.to_owned(),
        definition: definition(VersionStatus::Published, path),
        configurations: Map::new(),
        template_context_variables: None,
        at,
    };
    let agent = agents::create(connection, agent)?;
    let draft = AgentChange {
        definition: Some(definition(VersionStatus::Draft, path)),
        ..AgentChange::default()
    };
    agents::change(connection, workspace_id, agent, draft, at)?;
    let configuration = NewConfiguration {
        workspace_id,
        name: "Desk phone".to_owned(),
        provider: "desk_phone".to_owned(),
        is_default: true,
        settings: json!({}),
        sealed_credentials: None,
        account_hash: None,
        at,
    };
    let configuration = telephony::create(connection, &configuration)?;
    let number = NewPhoneNumber {
        address: NUMBER.to_owned(),
        address_normalized: NUMBER.to_owned(),
        address_type: "pstn".to_owned(),
        country_code: Some("US".to_owned()),
        label: None,
        inbound_agent_id: None,
        trunk_id: None,
        is_active: true,
        is_default_caller_id: true,
        extra_metadata: json!({}),
        at,
    };
    telephony::create_number(connection, workspace_id, configuration, &number)?;
    Ok(())
}

/// The sample agent's definition as version 1 or, for a draft, as version 2.
#[must_use]
pub fn definition(status: VersionStatus, trigger_path: Uuid) -> Value {
    let is_draft = status == VersionStatus::Draft;
    let greeting = if is_draft {
        "Hello {{customer_name | there}}, this is the assistant of Northside Clinic. I am calling about your appointment on \
         {{appointment_date | the agreed day}}. Does that still suit you?"
    } else {
        "Hello {{customer_name | there}}, this is Northside Clinic. You have an appointment on \
         {{appointment_date | the agreed day}}. Can you make it?"
    };
    let goodbye = if is_draft {
        "Thank you, and see you soon. Goodbye."
    } else {
        "Thank you. Goodbye."
    };
    let mut edges = vec![
        edge(
            "greeting",
            "confirm",
            "Date suits",
            "The callee can make the appointment.",
            "Lovely.",
        ),
        edge(
            "greeting",
            "offer",
            "Other date",
            "The callee cannot make it or wants another date.",
            "No problem.",
        ),
        edge(
            "confirm",
            "goodbye",
            "All confirmed",
            "The callee has no more questions.",
            "",
        ),
        edge(
            "offer",
            "goodbye",
            "Date agreed",
            "The callee has agreed to another date.",
            "I have noted it.",
        ),
    ];
    if is_draft {
        let directions = "We are at 12 Station Road, next to the post office.";
        edges.insert(
            2,
            edge(
                "confirm",
                "goodbye",
                "Needs directions",
                "The callee asks for the way.",
                directions,
            ),
        );
    }
    json!({
        "nodes": [
            node("greeting", "startCall", [0, 120], json!({
                "name": "Greeting",
                "greeting_type": "text",
                "greeting": greeting,
                "prompt": "Find out whether {{customer_name | the callee}} can make the appointment on \
                    {{appointment_date | the agreed day}}. If asked who booked it, say {{user.name | the front desk}} did.",
            })),
            node("confirm", "agentNode", [360, 0], json!({
                "name": "Confirm appointment",
                "prompt": "Confirm the appointment for {{customer_name | the callee}} and ask whether directions \
                    are needed.",
            })),
            node("offer", "agentNode", [360, 240], json!({
                "name": "Offer another date",
                "prompt": "Offer {{customer_name | the callee}} another date within two weeks of \
                    {{appointment_date | the agreed day}} and agree on one.",
            })),
            node("goodbye", "endCall", [720, 120], json!({
                "name": "Goodbye",
                "prompt": "Thank {{customer_name | the callee}} and say goodbye.",
                "message": goodbye,
            })),
            node("trigger", "trigger", [0, -120], json!({
                "name": "API trigger",
                "enabled": true,
                "trigger_path": trigger_path.to_string(),
            })),
        ],
        "edges": edges,
    })
}

fn node(id: &str, kind: &str, [x, y]: [i32; 2], data: Value) -> Value {
    json!({"id": id, "type": kind, "position": {"x": x, "y": y}, "data": data})
}

fn edge(
    source: &str,
    target: &str,
    label: &str,
    condition: &str,
    transition_speech: &str,
) -> Value {
    let id = format!(
        "{source}-{target}-{}",
        label.to_lowercase().replace(' ', "-")
    );
    let mut data = json!({"label": label, "condition": condition});
    if !transition_speech.is_empty() {
        data["transition_speech_type"] = "text".into();
        data["transition_speech"] = transition_speech.into();
    }
    json!({"id": id, "source": source, "target": target, "data": data})
}
