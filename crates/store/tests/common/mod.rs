//! What the store's tests share: a database in a folder of its own, definitions, runs to begin.
//! Each test opens a new folder; nothing is shared between them.
#![allow(
    dead_code,
    reason = "each test file is a crate of its own and uses a part of this"
)]

use jiff::{SignedDuration, Timestamp};
use serde_json::{Map, Value, json};
use std::path::Path;
use std::sync::Arc;
use switchhook_core::agent::{Version, VersionStatus};
use switchhook_core::ids::{AgentId, AttemptId, RunId, TelephonyConfigurationId, WorkspaceId};
use switchhook_core::ports::{
    Agents, Begun, NewAgent, NewRun, Publishing, Run, Runs, Step, WaitingRun,
};
use switchhook_core::run::{RunInput, Source, Verdict};
use switchhook_core::trigger::Mode;
use switchhook_store::Database;
use tempfile::TempDir;
use uuid::Uuid;

/// The sample workspace's ids.
pub const WORKSPACE: WorkspaceId = WorkspaceId(1);
pub const AGENT: AgentId = AgentId(1);
pub const CONFIGURATION: TelephonyConfigurationId = TelephonyConfigurationId(1);

/// A new data folder with the sample workspace. The folder goes when the handle is dropped.
pub fn open() -> (TempDir, Database) {
    let dir = tempfile::tempdir().expect("a folder");
    let database = reopen(dir.path());
    (dir, database)
}

pub fn reopen(dir: &Path) -> Database {
    Database::open(&dir.join("data")).expect("opens")
}

/// A time `seconds` after a fixed start.
pub fn at(seconds: i64) -> Timestamp {
    let start = Timestamp::from_second(1_790_000_000).expect("in range");
    start + SignedDuration::from_secs(seconds)
}

pub fn object(value: Value) -> Map<String, Value> {
    value.as_object().expect("an object").clone()
}

/// A definition with a trigger and a greeting.
pub fn definition(path: &str, greeting: &str) -> Value {
    json!({
        "nodes": [
            {"id": "t", "type": "trigger", "data": {"name": "T", "enabled": true, "trigger_path": path}},
            {"id": "s", "type": "startCall", "data": {"name": "S", "greeting": greeting}},
        ],
        "edges": [],
        "viewport": {"zoom": 1.50},
    })
}

pub fn new_agent(workspace: WorkspaceId, path: &str) -> NewAgent {
    NewAgent {
        workspace_id: workspace,
        uuid: Uuid::new_v4(),
        name: format!("Agent {path}"),
        definition: definition(path, "Hello"),
        configurations: Map::new(),
        template_context_variables: None,
        at: at(0),
    }
}

/// An agent's draft, which must be there.
pub async fn draft(database: &Database, id: AgentId) -> Version {
    let agent = database.agent(WORKSPACE, id).await.expect("read");
    agent.expect("there").draft.expect("a draft")
}

/// Publishes an agent's draft as it stands.
pub async fn publish(database: &Database, id: AgentId, seconds: i64) -> Version {
    let judged = draft(database, id).await;
    let published = database.publish_draft(WORKSPACE, judged, at(seconds)).await;
    match published.expect("written").expect("there") {
        Publishing::Published(version) => *version,
        Publishing::Changed => panic!("nobody changed it"),
    }
}

/// A run of the sample agent's published version.
pub async fn new_run(database: &Database) -> NewRun {
    let agent = database
        .agent(WORKSPACE, AGENT)
        .await
        .expect("read")
        .expect("there");
    NewRun {
        workspace_id: WORKSPACE,
        agent_id: AGENT,
        version_id: agent.published.expect("published").id,
        version_status: VersionStatus::Published,
        mode: Mode::Production,
        draft_missing: false,
        trigger_path: Some("a-path".to_owned()),
        api_key_id: None,
        destination: "+14155550100".to_owned(),
        caller_id: Some("+15550100199".to_owned()),
        configuration_id: CONFIGURATION,
        provider: "desk_phone".to_owned(),
        initial_context: Arc::new(object(json!({"customer_name": "Jane", "big": 12345678}))),
        attempt_id: AttemptId(Uuid::new_v4()),
        idempotency: None,
        max_call_seconds: 300,
        workspace_limit: 10,
        configuration_limit: None,
        callback_token_hash: None,
        kept: None,
        at: at(0),
    }
}

pub fn another(run: &NewRun) -> NewRun {
    NewRun {
        attempt_id: AttemptId(Uuid::new_v4()),
        ..run.clone()
    }
}

/// A run that waits for its call.
pub async fn waiting(database: &Database) -> RunId {
    let new = new_run(database).await;
    let run = WaitingRun {
        workspace_id: WORKSPACE,
        agent_id: AGENT,
        version_id: new.version_id,
        version_status: new.version_status,
        draft_missing: false,
        name: "W".to_owned(),
        provider: "desk_phone".to_owned(),
        initial_context: Map::new(),
        api_key_id: None,
        at: at(0),
    };
    database.add_waiting_run(run).await.expect("written")
}

/// Begins a run that must begin.
pub async fn begin(database: &Database, run: NewRun) -> RunId {
    match database.begin_run(run).await.expect("written") {
        Begun::Started { run_id, .. } => run_id,
        other => panic!("not started: {other:?}"),
    }
}

pub async fn begin_one(database: &Database) -> RunId {
    let run = new_run(database).await;
    begin(database, run).await
}

pub fn step_of(run_id: RunId, seconds: i64, input: RunInput) -> Step {
    Step {
        run_id,
        at: at(seconds),
        source: Source::Carrier,
        input,
        note: None,
        reply: None,
        gathered: Map::new(),
        lines: Vec::new(),
    }
}

pub async fn step(database: &Database, run_id: RunId, seconds: i64, input: RunInput) -> Verdict {
    database
        .step_run(step_of(run_id, seconds, input))
        .await
        .expect("written")
}

pub async fn get(database: &Database, run_id: RunId) -> Run {
    database
        .run(None, run_id)
        .await
        .expect("read")
        .expect("there")
}
