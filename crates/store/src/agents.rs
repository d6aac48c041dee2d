//! Agents. Their versions and trigger paths have files of their own; here is what changes them
//! together, in one transaction.

use crate::Database;
use crate::problem::Outcome;
use crate::rows::{micros, time, uuid, word};
use crate::runs::Totals;
use crate::versions::{self, Content};
use crate::{events, triggers};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Map;
use switchhook_core::agent::{
    Agent, AgentStatus, Version, VersionStatus, set_trigger_path, trigger_of,
};
use switchhook_core::ids::{AgentId, VersionId, WorkspaceId};
use switchhook_core::ports::{
    AgentChange, AgentCopy, AgentDetail, AgentSummary, Agents, EventKind, NewAgent, Publishing,
    Stored,
};

fn read(row: &Row<'_>) -> rusqlite::Result<Agent> {
    Ok(Agent {
        id: AgentId(row.get(0)?),
        workspace_id: WorkspaceId(row.get(1)?),
        uuid: uuid(row, 2)?,
        name: row.get(3)?,
        status: word(row, 4, AgentStatus::parse)?,
        created_at: time(row, 5)?,
    })
}

/// One agent.
pub fn by_id(
    connection: &Connection,
    workspace: WorkspaceId,
    id: AgentId,
) -> Outcome<Option<Agent>> {
    let sql = "SELECT id, workspace_id, uuid, name, status, created_at FROM agents WHERE workspace_id = ?1 AND id = ?2";
    Ok(connection
        .prepare_cached(sql)?
        .query_row([workspace.0, id.0], read)
        .optional()?)
}

fn detail(
    connection: &Connection,
    workspace: WorkspaceId,
    id: AgentId,
) -> Outcome<Option<AgentDetail>> {
    let Some(agent) = by_id(connection, workspace, id)? else {
        return Ok(None);
    };
    let runs = "SELECT (SELECT count(*) FROM ended_runs WHERE agent_id = ?1)
        + (SELECT count(*) FROM runs WHERE ended_at IS NULL AND agent_id = ?1)";
    Ok(Some(AgentDetail {
        published: versions::by_status(connection, id, VersionStatus::Published)?,
        draft: versions::by_status(connection, id, VersionStatus::Draft)?,
        total_runs: connection
            .prepare_cached(runs)?
            .query_row([id.0], |row| row.get(0))?,
        agent,
    }))
}

fn list(
    connection: &Connection,
    totals: &Totals,
    workspace: WorkspaceId,
    statuses: &[AgentStatus],
) -> Outcome<Vec<AgentSummary>> {
    let ended = totals.by_agent(connection)?;
    let sql = "SELECT agents.id, agents.workspace_id, agents.uuid, agents.name, agents.status, agents.created_at,
            published.number, draft.number, coalesce(published.trigger_path, draft.trigger_path),
            (SELECT count(*) FROM runs WHERE runs.ended_at IS NULL AND runs.agent_id = agents.id)
        FROM agents
        LEFT JOIN versions AS published ON published.agent_id = agents.id AND published.status = 'published'
        LEFT JOIN versions AS draft ON draft.agent_id = agents.id AND draft.status = 'draft'
        WHERE agents.workspace_id = ?1 ORDER BY agents.id";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([workspace.0], |row| {
        let agent = read(row)?;
        let ended = ended.get(&agent.id).copied().unwrap_or(0);
        Ok(AgentSummary {
            agent,
            published_version_number: row.get(6)?,
            draft_version_number: row.get(7)?,
            trigger_path: row.get(8)?,
            total_runs: ended + row.get::<_, i64>(9)?,
        })
    })?;
    let mut agents = rows.collect::<Result<Vec<_>, _>>()?;
    agents.retain(|summary| statuses.contains(&summary.agent.status));
    Ok(agents)
}

/// Tells of a change, and brings the index of trigger paths in step with it.
pub fn changed(
    connection: &Connection,
    workspace: WorkspaceId,
    id: AgentId,
    at: Timestamp,
) -> Outcome<()> {
    triggers::sync(connection, id)?;
    events::append(
        connection,
        workspace,
        EventKind::Agent,
        &id.to_string(),
        None,
        at,
    )
}

/// Adds an agent whose first version is published at once (contract §3.1).
pub fn create(connection: &Connection, new: NewAgent) -> Outcome<AgentId> {
    let sql = "INSERT INTO agents (workspace_id, uuid, name, status, created_at) VALUES (?1, ?2, ?3, 'active', ?4)";
    let (workspace, at) = (new.workspace_id, new.at);
    connection.prepare_cached(sql)?.execute(params![
        workspace.0,
        new.uuid.to_string(),
        new.name,
        micros(at)
    ])?;
    let id = AgentId(connection.last_insert_rowid());
    let content = Content {
        definition: new.definition,
        configurations: new.configurations,
        template_context_variables: new.template_context_variables,
    };
    versions::add(connection, id, VersionStatus::Published, &content, at)?;
    changed(connection, workspace, id, at)?;
    Ok(id)
}

/// Changes the name at once and everything else in the draft; `false` when there is no such agent.
pub fn change(
    connection: &Connection,
    workspace: WorkspaceId,
    id: AgentId,
    change: AgentChange,
    at: Timestamp,
) -> Outcome<bool> {
    if by_id(connection, workspace, id)?.is_none() {
        return Ok(false);
    }
    if let Some(name) = &change.name {
        connection
            .prepare_cached("UPDATE agents SET name = ?2 WHERE id = ?1")?
            .execute(params![id.0, name])?;
    }
    if change.definition.is_some()
        || change.configurations.is_some()
        || change.template_context_variables.is_some()
    {
        versions::change(connection, id, change, at)?;
    }
    changed(connection, workspace, id, at)?;
    Ok(true)
}

/// Duplicates an agent: what it would be tested with becomes the copy's published version. Variables
/// and configurations go into a draft on top, as in the reference (contract §3.3).
fn duplicate(
    connection: &Connection,
    source: AgentDetail,
    copy: AgentCopy,
) -> Outcome<Option<AgentId>> {
    let Some(mut latest) = source.draft.or(source.published) else {
        return Ok(None);
    };
    if trigger_of(&latest.definition).is_some() {
        set_trigger_path(&mut latest.definition, &copy.trigger_path);
    }
    let (workspace, at) = (source.agent.workspace_id, copy.at);
    let new = NewAgent {
        workspace_id: workspace,
        uuid: copy.uuid,
        name: format!("{} - Duplicate", source.agent.name),
        definition: latest.definition,
        configurations: Map::new(),
        template_context_variables: None,
        at,
    };
    let id = create(connection, new)?;
    let variables = latest.template_context_variables;
    let settings = AgentChange {
        configurations: Some(latest.configurations).filter(|settings| !settings.is_empty()),
        template_context_variables: variables.filter(|variables| !variables.is_empty()),
        ..AgentChange::default()
    };
    change(connection, workspace, id, settings, at)?;
    Ok(Some(id))
}

/// Makes a version the draft. The trigger keeps the path that it has now: an old one may have been
/// given up on purpose.
fn revert(
    connection: &Connection,
    detail: &AgentDetail,
    mut version: Version,
    at: Timestamp,
) -> Outcome<()> {
    let id = detail.agent.id;
    if version.status == VersionStatus::Draft {
        return Ok(());
    }
    let live = [&detail.published, &detail.draft].into_iter().flatten();
    let path = live
        .filter_map(|version| trigger_of(&version.definition))
        .map(|trigger| trigger.path)
        .next();
    if let Some(path) = path
        && trigger_of(&version.definition).is_some()
    {
        set_trigger_path(&mut version.definition, &path);
    }
    versions::discard(connection, id)?;
    versions::add(connection, id, VersionStatus::Draft, &version.into(), at)?;
    Ok(())
}

fn set_status(
    connection: &Connection,
    workspace: WorkspaceId,
    id: AgentId,
    status: AgentStatus,
    at: Timestamp,
) -> Outcome<()> {
    let sql = "UPDATE agents SET status = ?3 WHERE workspace_id = ?1 AND id = ?2";
    if connection
        .prepare_cached(sql)?
        .execute(params![workspace.0, id.0, status.as_str()])?
        > 0
    {
        changed(connection, workspace, id, at)?;
    }
    Ok(())
}

#[async_trait]
impl Agents for Database {
    async fn agents(
        &self,
        workspace: WorkspaceId,
        statuses: &[AgentStatus],
    ) -> Stored<Vec<AgentSummary>> {
        let statuses = statuses.to_vec();
        let totals = self.totals.clone();
        self.readers
            .read(move |connection| list(connection, &totals, workspace, &statuses))
            .await
    }

    async fn agent(&self, workspace: WorkspaceId, id: AgentId) -> Stored<Option<AgentDetail>> {
        self.readers
            .read(move |connection| detail(connection, workspace, id))
            .await
    }

    async fn create_agent(&self, agent: NewAgent) -> Stored<AgentDetail> {
        let write = move |connection: &Connection| {
            let workspace = agent.workspace_id;
            let id = create(connection, agent)?;
            Ok(detail(connection, workspace, id)?.expect("created in this transaction"))
        };
        self.writer.write(write).await
    }

    async fn change_agent(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        what: AgentChange,
        at: Timestamp,
    ) -> Stored<Option<AgentDetail>> {
        let write = move |connection: &Connection| {
            change(connection, workspace, id, what, at)?;
            detail(connection, workspace, id)
        };
        self.writer.write(write).await
    }

    async fn publish_draft(
        &self,
        workspace: WorkspaceId,
        judged: Version,
        at: Timestamp,
    ) -> Stored<Option<Publishing>> {
        let write = move |connection: &Connection| {
            if by_id(connection, workspace, judged.agent_id)?.is_none() {
                return Ok(None);
            }
            let published = versions::publish(connection, &judged, at)?;
            if published.is_some() {
                changed(connection, workspace, judged.agent_id, at)?;
            }
            Ok(Some(published.map_or(Publishing::Changed, |version| {
                Publishing::Published(Box::new(version))
            })))
        };
        self.writer.write(write).await
    }

    async fn create_draft(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        at: Timestamp,
    ) -> Stored<Option<Version>> {
        let write = move |connection: &Connection| {
            if by_id(connection, workspace, id)?.is_none() {
                return Ok(None);
            }
            let draft = versions::draft(connection, id, at)?;
            changed(connection, workspace, id, at)?;
            Ok(draft)
        };
        self.writer.write(write).await
    }

    async fn duplicate_agent(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        copy: AgentCopy,
    ) -> Stored<Option<AgentDetail>> {
        let write = move |connection: &Connection| {
            let Some(source) = detail(connection, workspace, id)? else {
                return Ok(None);
            };
            match duplicate(connection, source, copy)? {
                Some(id) => detail(connection, workspace, id),
                None => Ok(None),
            }
        };
        self.writer.write(write).await
    }

    async fn discard_draft(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        at: Timestamp,
    ) -> Stored<Option<Option<Version>>> {
        let write = move |connection: &Connection| {
            if by_id(connection, workspace, id)?.is_none() {
                return Ok(None);
            }
            let draft = versions::by_status(connection, id, VersionStatus::Draft)?;
            let Some(draft) = draft else {
                return Ok(Some(None));
            };
            versions::discard(connection, id)?;
            changed(connection, workspace, id, at)?;
            versions::by_id(connection, draft.id).map(Some)
        };
        self.writer.write(write).await
    }

    async fn revert_agent(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        number: i64,
        at: Timestamp,
    ) -> Stored<Option<Option<Version>>> {
        let write = move |connection: &Connection| {
            let Some(detail) = detail(connection, workspace, id)? else {
                return Ok(None);
            };
            let Some(version) = versions::by_number(connection, id, number)? else {
                return Ok(Some(None));
            };
            revert(connection, &detail, version, at)?;
            changed(connection, workspace, id, at)?;
            versions::by_status(connection, id, VersionStatus::Draft).map(Some)
        };
        self.writer.write(write).await
    }

    async fn numbered_version(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        number: i64,
    ) -> Stored<Option<Option<Version>>> {
        let read = move |connection: &Connection| match by_id(connection, workspace, id)? {
            Some(_) => versions::by_number(connection, id, number).map(Some),
            None => Ok(None),
        };
        self.readers.read(read).await
    }

    async fn versions(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        limit: u32,
        offset: u32,
    ) -> Stored<Option<Vec<Version>>> {
        let read = move |connection: &Connection| match by_id(connection, workspace, id)? {
            Some(_) => versions::list(connection, id, limit, offset).map(Some),
            None => Ok(None),
        };
        self.readers.read(read).await
    }

    async fn version(&self, id: VersionId) -> Stored<Option<Version>> {
        self.readers
            .read(move |connection| versions::by_id(connection, id))
            .await
    }

    async fn versions_to_seal(&self) -> Stored<Vec<(WorkspaceId, VersionId)>> {
        self.readers.read(versions::to_seal).await
    }

    async fn seal_version(&self, before: Version, sealed: Version) -> Stored<()> {
        let write = move |connection: &Connection| versions::seal(connection, &before, sealed);
        self.writer.write(write).await
    }

    async fn set_agent_status(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        status: AgentStatus,
        at: Timestamp,
    ) -> Stored<Option<AgentDetail>> {
        let write = move |connection: &Connection| {
            set_status(connection, workspace, id, status, at)?;
            detail(connection, workspace, id)
        };
        self.writer.write(write).await
    }
}
