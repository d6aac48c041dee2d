//! Versions of agents (contract §3.1): one published, at most one draft, the rest archived. A
//! number is used up when a draft is created. What firing needs is lifted out of the definition
//! into columns whenever a version is written, here and nowhere else.

use crate::problem::Outcome;
use crate::rows::{json, json_text, micros, object_or_none, time, time_or_none, word};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value};
use switchhook_core::agent::{Version, VersionStatus, max_call_seconds, trigger_of};
use switchhook_core::ids::{AgentId, VersionId, WorkspaceId};
use switchhook_core::ports::AgentChange;

const COLUMNS: &str =
    "SELECT id, agent_id, number, status, created_at, published_at, definition, configurations,
    template_context_variables FROM versions";

fn read(row: &Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        id: VersionId(row.get(0)?),
        agent_id: AgentId(row.get(1)?),
        number: row.get(2)?,
        status: word(row, 3, VersionStatus::parse)?,
        created_at: time(row, 4)?,
        published_at: time_or_none(row, 5)?,
        definition: json(row, 6)?,
        configurations: json(row, 7)?,
        template_context_variables: object_or_none(row, 8)?,
    })
}

/// One version by its id.
pub fn by_id(connection: &Connection, id: VersionId) -> Outcome<Option<Version>> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
    Ok(statement.query_row([id.0], read).optional()?)
}

/// One version of an agent by its number.
pub fn by_number(connection: &Connection, agent: AgentId, number: i64) -> Outcome<Option<Version>> {
    let sql = format!("{COLUMNS} WHERE agent_id = ?1 AND number = ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row([agent.0, number], read).optional()?)
}

/// The agent's draft or published version.
pub fn by_status(
    connection: &Connection,
    agent: AgentId,
    status: VersionStatus,
) -> Outcome<Option<Version>> {
    // The word stands in the statement, so that the partial index of the status can be used.
    let sql = format!(
        "{COLUMNS} WHERE agent_id = ?1 AND status = '{}'",
        status.as_str()
    );
    Ok(connection
        .prepare_cached(&sql)?
        .query_row([agent.0], read)
        .optional()?)
}

/// Versions, newest first.
pub fn list(
    connection: &Connection,
    agent: AgentId,
    limit: u32,
    offset: u32,
) -> Outcome<Vec<Version>> {
    let sql = format!("{COLUMNS} WHERE agent_id = ?1 ORDER BY number DESC LIMIT ?2 OFFSET ?3");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map(params![agent.0, limit, offset], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// What stands in a version.
pub struct Content {
    pub definition: Value,
    pub configurations: Map<String, Value>,
    pub template_context_variables: Option<Map<String, Value>>,
}

impl From<Version> for Content {
    fn from(version: Version) -> Self {
        Self {
            definition: version.definition,
            configurations: version.configurations,
            template_context_variables: version.template_context_variables,
        }
    }
}

/// Adds a version with the agent's next number.
pub fn add(
    connection: &Connection,
    agent: AgentId,
    status: VersionStatus,
    content: &Content,
    at: Timestamp,
) -> Outcome<VersionId> {
    let sql = "INSERT INTO versions (agent_id, number, status, created_at, published_at, trigger_path,
            trigger_enabled, max_call_seconds, template_context_variables, configurations, definition)
        VALUES (?1, (SELECT coalesce(max(number), 0) + 1 FROM versions WHERE agent_id = ?1), ?2, ?3, ?4, NULL,
            0, 0, NULL, '{}', 'null')";
    let published_at = (status == VersionStatus::Published).then(|| micros(at));
    connection.prepare_cached(sql)?.execute(params![
        agent.0,
        status.as_str(),
        micros(at),
        published_at
    ])?;
    let id = VersionId(connection.last_insert_rowid());
    write(connection, id, content)?;
    // A copy of what is not sealed yet is not sealed either.
    let also =
        "INSERT INTO versions_to_seal SELECT ?1 WHERE EXISTS (SELECT 1 FROM versions_to_seal)";
    connection.prepare_cached(also)?.execute([id.0])?;
    Ok(id)
}

fn write(connection: &Connection, id: VersionId, content: &Content) -> Outcome<()> {
    let sql = "UPDATE versions SET trigger_path = ?2, trigger_enabled = ?3, max_call_seconds = ?4,
            template_context_variables = ?5, configurations = ?6, definition = ?7
        WHERE id = ?1";
    let trigger = trigger_of(&content.definition);
    connection.prepare_cached(sql)?.execute(params![
        id.0,
        trigger.as_ref().map(|trigger| &trigger.path),
        trigger.as_ref().is_some_and(|trigger| trigger.enabled),
        max_call_seconds(&content.configurations),
        content.template_context_variables.as_ref().map(json_text),
        json_text(&content.configurations),
        json_text(&content.definition),
    ])?;
    Ok(())
}

/// The agent's draft, made from the published version when there is none; `None` for an agent
/// with neither.
pub fn draft(connection: &Connection, agent: AgentId, at: Timestamp) -> Outcome<Option<Version>> {
    if let Some(draft) = by_status(connection, agent, VersionStatus::Draft)? {
        return Ok(Some(draft));
    }
    let Some(published) = by_status(connection, agent, VersionStatus::Published)? else {
        return Ok(None);
    };
    let content = published.into();
    let id = add(connection, agent, VersionStatus::Draft, &content, at)?;
    by_id(connection, id)
}

/// Puts a change into the draft.
pub fn change(
    connection: &Connection,
    agent: AgentId,
    change: AgentChange,
    at: Timestamp,
) -> Outcome<()> {
    if let Some(draft) = draft(connection, agent, at)? {
        let content = Content {
            definition: change.definition.unwrap_or(draft.definition),
            configurations: change.configurations.unwrap_or(draft.configurations),
            template_context_variables: change
                .template_context_variables
                .or(draft.template_context_variables),
        };
        write(connection, draft.id, &content)?;
    }
    Ok(())
}

/// Writes a version's content again; only for what is no part of what it says or does, its path.
pub fn rewrite(connection: &Connection, version: Version) -> Outcome<()> {
    let id = version.id;
    write(connection, id, &version.into())
}

/// Versions from before secrets were sealed.
pub fn to_seal(connection: &Connection) -> Outcome<Vec<(WorkspaceId, VersionId)>> {
    let sql = "SELECT workspace_id, version_id FROM versions_to_seal
        JOIN versions ON versions.id = version_id JOIN agents ON agents.id = agent_id";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        Ok((WorkspaceId(row.get(0)?), VersionId(row.get(1)?)))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Writes a version with its secrets sealed. One that was changed since waits for the next time.
pub fn seal(connection: &Connection, before: &Version, sealed: Version) -> Outcome<()> {
    let id = before.id;
    let now = by_id(connection, id)?;
    let is_same = now.is_some_and(|now| {
        now.definition == before.definition && now.configurations == before.configurations
    });
    if is_same {
        // Nor is what stood there left in what the file has free.
        connection.pragma_update(None, "secure_delete", true)?;
        let written = write(connection, id, &sealed.into());
        connection.pragma_update(None, "secure_delete", false)?;
        written?;
        let sql = "DELETE FROM versions_to_seal WHERE version_id = ?1";
        connection.execute(sql, [id.0])?;
    }
    Ok(())
}

/// Puts the draft away among the archived versions, if there is one. Runs may name it, so it is not
/// deleted.
pub fn discard(connection: &Connection, agent: AgentId) -> Outcome<()> {
    let archive =
        "UPDATE versions SET status = 'archived' WHERE agent_id = ?1 AND status = 'draft'";
    connection.prepare_cached(archive)?.execute([agent.0])?;
    Ok(())
}

/// Publishes the draft and archives the version it replaces; `None` where the draft is not just as
/// it was judged.
pub fn publish(
    connection: &Connection,
    judged: &Version,
    at: Timestamp,
) -> Outcome<Option<Version>> {
    let agent = judged.agent_id;
    let is_judged = |draft: &Version| {
        draft.id == judged.id
            && draft.definition == judged.definition
            && draft.configurations == judged.configurations
            && draft.template_context_variables == judged.template_context_variables
    };
    let draft = by_status(connection, agent, VersionStatus::Draft)?;
    let Some(draft) = draft.filter(is_judged) else {
        return Ok(None);
    };
    let archive =
        "UPDATE versions SET status = 'archived' WHERE agent_id = ?1 AND status = 'published'";
    connection.prepare_cached(archive)?.execute([agent.0])?;
    let publish = "UPDATE versions SET status = 'published', published_at = ?2 WHERE id = ?1";
    connection
        .prepare_cached(publish)?
        .execute(params![draft.id.0, micros(at)])?;
    by_id(connection, draft.id)
}
