//! Trigger paths and what firing needs to know about a target. A path belongs to one agent across
//! all workspaces; it is taken while the agent's published version or its draft has it. Which of
//! them a request runs is core's question (`trigger::select`). What a person does to a trigger is
//! in `manage`.

mod manage;

use crate::problem::{Outcome, Problem};
use crate::rows::{object_or_none, time, time_or_none, uuid, word};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use switchhook_core::agent::{Agent, AgentStatus, Holder, VersionStatus};
use switchhook_core::ids::{AgentId, VersionId, WorkspaceId};
use switchhook_core::ports::StoreError;
use switchhook_core::trigger::{Candidate, Disabled, Target, TriggerState, VersionFacts};

/// Brings the index in step with the agent's versions; for use after they were written.
pub fn sync(connection: &Connection, agent: AgentId) -> Outcome<()> {
    let live = "SELECT trigger_path FROM versions
        WHERE agent_id = ?1 AND (status = 'published' OR status = 'draft') AND trigger_path IS NOT NULL";
    let drop_old = format!("DELETE FROM triggers WHERE agent_id = ?1 AND path NOT IN ({live})");
    connection.prepare_cached(&drop_old)?.execute([agent.0])?;
    if let Some(taken) = taken(connection, agent, live)? {
        return Err(Problem::Rule(taken));
    }
    // `WHERE true` tells the upsert's ON from a join's.
    let add = format!(
        "INSERT INTO triggers (path, agent_id) SELECT DISTINCT trigger_path, agent_id FROM ({}) WHERE true
         ON CONFLICT (path) DO NOTHING",
        live.replace("SELECT trigger_path", "SELECT trigger_path, agent_id")
    );
    connection.prepare_cached(&add)?.execute([agent.0])?;
    Ok(())
}

/// The first of an agent's paths that is another's.
fn taken(connection: &Connection, agent: AgentId, live: &str) -> Outcome<Option<StoreError>> {
    let sql = format!(
        "SELECT triggers.path, agents.id, agents.name,
            agents.workspace_id = (SELECT workspace_id FROM agents WHERE id = ?1)
        FROM triggers JOIN agents ON agents.id = triggers.agent_id
        WHERE triggers.path IN ({live}) AND triggers.agent_id <> ?1"
    );
    let read = |row: &Row<'_>| {
        let holder = Holder {
            id: AgentId(row.get(1)?),
            name: row.get(2)?,
        };
        let is_ours: bool = row.get(3)?;
        Ok(StoreError::PathTaken {
            path: row.get(0)?,
            holder: is_ours.then_some(holder),
        })
    };
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row([agent.0], read).optional()?)
}

/// A target's agent with the version that is published and the draft. No definition is read.
pub fn candidate(connection: &Connection, target: &Target) -> Outcome<Option<Candidate>> {
    const COLUMNS: &str =
        "SELECT agents.id, agents.workspace_id, agents.uuid, agents.name, agents.status,
        agents.created_at, versions.id, versions.number, versions.status, versions.trigger_path,
        versions.trigger_enabled, versions.template_context_variables, versions.max_call_seconds,
        disabled_triggers.disabled_at, disabled_triggers.reason";
    // Written with OR so that each half uses its partial index: archived versions are never walked.
    const VERSIONS: &str = "LEFT JOIN versions ON versions.agent_id = agents.id AND (versions.status = 'published' OR versions.status = 'draft')
        LEFT JOIN disabled_triggers ON disabled_triggers.agent_id = agents.id";
    let (sql, name, path) = match target {
        Target::Path(path) => {
            let from = "FROM triggers JOIN agents ON agents.id = triggers.agent_id";
            (
                format!("{COLUMNS} {from} {VERSIONS} WHERE triggers.path = ?1"),
                path,
                Some(path.as_str()),
            )
        }
        Target::AgentUuid(uuid) => (
            format!("{COLUMNS} FROM agents {VERSIONS} WHERE agents.uuid = ?1"),
            uuid,
            None,
        ),
    };
    let mut statement = connection.prepare_cached(&sql)?;
    let mut rows = statement.query(params![name])?;
    let mut candidate = None;
    while let Some(row) = rows.next()? {
        let version = version_facts(row, path)?;
        let candidate = match &mut candidate {
            Some(candidate) => candidate,
            None => candidate.insert(Candidate {
                agent: agent(row)?,
                disabled: disabled(row, 13)?,
                published: None,
                draft: None,
            }),
        };
        match version {
            Some(version) if version.status == VersionStatus::Draft => {
                candidate.draft = Some(version)
            }
            version => candidate.published = version.or(candidate.published.take()),
        }
    }
    Ok(candidate)
}

fn agent(row: &Row<'_>) -> rusqlite::Result<Agent> {
    Ok(Agent {
        id: AgentId(row.get(0)?),
        workspace_id: WorkspaceId(row.get(1)?),
        uuid: uuid(row, 2)?,
        name: row.get(3)?,
        status: word(row, 4, AgentStatus::parse)?,
        created_at: time(row, 5)?,
    })
}

/// The switch, in the column and the one after it.
fn disabled(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Disabled>> {
    let at: Option<Timestamp> = time_or_none(row, column)?;
    at.map(|at| {
        Ok(Disabled {
            at,
            reason: row.get(column + 1)?,
        })
    })
    .transpose()
}

fn version_facts(row: &Row<'_>, asked: Option<&str>) -> rusqlite::Result<Option<VersionFacts>> {
    let Some(id) = row.get::<_, Option<i64>>(6)? else {
        return Ok(None);
    };
    let own = row.get_ref(9)?.as_str_or_null()?;
    let enabled = row.get::<_, bool>(10)? && row.get::<_, Option<i64>>(13)?.is_none();
    let trigger = match asked {
        None => TriggerState::Enabled,
        Some(_) if own != asked => TriggerState::Missing,
        Some(_) if enabled => TriggerState::Enabled,
        Some(_) => TriggerState::Disabled,
    };
    Ok(Some(VersionFacts {
        id: VersionId(id),
        number: row.get(7)?,
        status: word(row, 8, VersionStatus::parse)?,
        trigger,
        template_context_variables: object_or_none(row, 11)?,
        max_call_seconds: row.get(12)?,
    }))
}
