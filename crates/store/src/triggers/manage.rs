//! What a person does to an agent's trigger: add it, disable and enable it, give it another path, see
//! when it was used last.

use super::disabled;
use crate::problem::Outcome;
use crate::rows::{micros, time, word};
use crate::{Database, agents, versions};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;
use switchhook_core::agent::{VersionStatus, set_trigger_path, trigger_of, with_trigger};
use switchhook_core::ids::{AgentId, RunId, WorkspaceId};
use switchhook_core::ports::{
    AddedTrigger, AgentChange, LastUse, Stored, TriggerOf, TriggerStatus, Triggers,
};
use switchhook_core::trigger::{Disabled, Mode};

/// The version's status and its trigger, if it has one.
type Standing = (VersionStatus, Option<TriggerOf>);

fn standings(connection: &Connection, agent: AgentId) -> Outcome<Vec<Standing>> {
    let sql = "SELECT number, status, trigger_path, trigger_enabled FROM versions
        WHERE agent_id = ?1 AND (status = 'published' OR status = 'draft')";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([agent.0], |row| {
        let version_number = row.get(0)?;
        let version_status = word(row, 1, VersionStatus::parse)?;
        let path: Option<String> = row.get(2)?;
        let enabled = row.get(3)?;
        let trigger = path.map(|path| TriggerOf {
            version_number,
            version_status,
            path,
            enabled,
        });
        Ok((version_status, trigger))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn last_use(connection: &Connection, agent: AgentId, path: &str) -> Outcome<Option<LastUse>> {
    // The path may have been another agent's before.
    let sql = "SELECT id, created_at, mode FROM runs WHERE trigger_path = ?1 AND agent_id = ?2
        ORDER BY id DESC LIMIT 1";
    let read = |row: &rusqlite::Row<'_>| {
        Ok(LastUse {
            run_id: RunId(row.get(0)?),
            at: time(row, 1)?,
            mode: word(row, 2, Mode::parse)?,
        })
    };
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement
        .query_row(params![path, agent.0], read)
        .optional()?)
}

fn status(connection: &Connection, agent: AgentId) -> Outcome<TriggerStatus> {
    let standings = standings(connection, agent)?;
    let of = |status| standings.iter().find(|(is, _)| *is == status);
    let (published, draft) = (of(VersionStatus::Published), of(VersionStatus::Draft));
    let trigger = |of: Option<&Standing>| of.and_then(|(_, trigger)| trigger.clone());
    let (has_draft, published, draft) = (draft.is_some(), trigger(published), trigger(draft));
    let mut uses = Vec::new();
    for trigger in [&published, &draft].into_iter().flatten() {
        uses.extend(last_use(connection, agent, &trigger.path)?);
    }
    let switch = "SELECT disabled_at, reason FROM disabled_triggers WHERE agent_id = ?1";
    let disabled = connection
        .prepare_cached(switch)?
        .query_row([agent.0], |row| disabled(row, 0))
        .optional()?
        .flatten();
    Ok(TriggerStatus {
        published,
        draft,
        has_draft,
        disabled,
        last_use: uses.into_iter().max_by_key(|used| used.run_id),
    })
}

fn add(
    connection: &Connection,
    workspace: WorkspaceId,
    agent: AgentId,
    path: &str,
    at: Timestamp,
) -> Outcome<AddedTrigger> {
    let definition =
        versions::draft(connection, agent, at)?.map_or(Value::Null, |draft| draft.definition);
    if trigger_of(&definition).is_some() {
        return Ok(AddedTrigger::Exists);
    }
    let change = AgentChange {
        definition: Some(with_trigger(definition, path)),
        ..AgentChange::default()
    };
    agents::change(connection, workspace, agent, change, at)?;
    Ok(AddedTrigger::Added)
}

fn rotate(connection: &Connection, agent: AgentId, path: &str) -> Outcome<bool> {
    let mut has_trigger = false;
    for status in [VersionStatus::Published, VersionStatus::Draft] {
        let Some(mut version) = versions::by_status(connection, agent, status)? else {
            continue;
        };
        if trigger_of(&version.definition).is_some() {
            has_trigger = true;
            set_trigger_path(&mut version.definition, path);
            versions::rewrite(connection, version)?;
        }
    }
    Ok(has_trigger)
}

fn switch(connection: &Connection, agent: AgentId, disabled: Option<&Disabled>) -> Outcome<()> {
    match disabled {
        Some(disabled) => {
            let sql =
                "INSERT INTO disabled_triggers (agent_id, disabled_at, reason) VALUES (?1, ?2, ?3)
                ON CONFLICT (agent_id) DO UPDATE SET reason = excluded.reason";
            let row = params![agent.0, micros(disabled.at), disabled.reason];
            connection.prepare_cached(sql)?.execute(row)?;
        }
        None => {
            let sql = "DELETE FROM disabled_triggers WHERE agent_id = ?1";
            connection.prepare_cached(sql)?.execute([agent.0])?;
        }
    }
    Ok(())
}

#[async_trait]
impl Triggers for Database {
    async fn trigger_status(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
    ) -> Stored<Option<TriggerStatus>> {
        let read = move |connection: &Connection| {
            let agent = agents::by_id(connection, workspace, id)?;
            agent.map(|agent| status(connection, agent.id)).transpose()
        };
        self.readers.read(read).await
    }

    async fn add_trigger(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        path: String,
        at: Timestamp,
    ) -> Stored<Option<AddedTrigger>> {
        let write = move |connection: &Connection| {
            let agent = agents::by_id(connection, workspace, id)?;
            let add = |_| add(connection, workspace, id, &path, at);
            agent.map(add).transpose()
        };
        self.writer.write(write).await
    }

    async fn rotate_trigger(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        path: String,
        at: Timestamp,
    ) -> Stored<Option<bool>> {
        let write = move |connection: &Connection| {
            if agents::by_id(connection, workspace, id)?.is_none() {
                return Ok(None);
            }
            let has_trigger = rotate(connection, id, &path)?;
            agents::changed(connection, workspace, id, at)?;
            Ok(Some(has_trigger))
        };
        self.writer.write(write).await
    }

    async fn switch_trigger(
        &self,
        workspace: WorkspaceId,
        id: AgentId,
        disabled: Option<Disabled>,
        at: Timestamp,
    ) -> Stored<bool> {
        let write = move |connection: &Connection| {
            if agents::by_id(connection, workspace, id)?.is_none() {
                return Ok(false);
            }
            switch(connection, id, disabled.as_ref())?;
            agents::changed(connection, workspace, id, at)?;
            Ok(true)
        };
        self.writer.write(write).await
    }
}
