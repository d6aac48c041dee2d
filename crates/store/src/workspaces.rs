//! Workspaces with their settings and preferences. There is one workspace until somebody needs two;
//! every row of every other table belongs to one already.

use crate::Database;
use crate::events;
use crate::problem::{Outcome, Problem};
use crate::rows::{micros, time};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use switchhook_core::ids::WorkspaceId;
use switchhook_core::ports::{
    EventKind, Preferences, Settings, StoreError, Stored, Workspace, Workspaces,
};

/// Calls at once when nothing was set (contract §1.10).
const CONCURRENT_CALLS: u32 = 10;

/// A workspace's settings, the defaults where nothing was set.
pub fn settings(connection: &Connection, workspace: WorkspaceId) -> rusqlite::Result<Settings> {
    let sql = "SELECT concurrent_calls, requests_per_second, default_country, public_base_url,
            record_request_bodies, keep_request_bodies_hours, keep_runs_days
        FROM settings WHERE workspace_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let stored = statement.query_row([workspace.0], |row| {
        Ok(Settings {
            concurrent_calls: row.get(0)?,
            requests_per_second: row.get(1)?,
            default_country: row.get(2)?,
            public_base_url: row.get(3)?,
            record_request_bodies: row.get(4)?,
            keep_request_bodies_hours: row.get(5)?,
            keep_runs_days: row.get(6)?,
        })
    });
    Ok(stored.optional()?.unwrap_or(Settings {
        concurrent_calls: CONCURRENT_CALLS,
        requests_per_second: None,
        default_country: None,
        public_base_url: None,
        record_request_bodies: false,
        keep_request_bodies_hours: None,
        keep_runs_days: None,
    }))
}

fn put(
    connection: &Connection,
    workspace: WorkspaceId,
    settings: &Settings,
    at: Timestamp,
) -> Outcome<()> {
    let sql = "INSERT INTO settings
            (workspace_id, concurrent_calls, requests_per_second, default_country, public_base_url,
                record_request_bodies, keep_request_bodies_hours, keep_runs_days)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT (workspace_id) DO UPDATE SET concurrent_calls = ?2, requests_per_second = ?3,
            default_country = ?4, public_base_url = ?5, record_request_bodies = ?6,
            keep_request_bodies_hours = ?7, keep_runs_days = ?8";
    connection.prepare_cached(sql)?.execute(params![
        workspace.0,
        settings.concurrent_calls.max(1),
        settings.requests_per_second,
        settings.default_country,
        settings.public_base_url,
        settings.record_request_bodies,
        settings.keep_request_bodies_hours,
        settings.keep_runs_days,
    ])?;
    changed(connection, workspace, at)
}

fn changed(connection: &Connection, workspace: WorkspaceId, at: Timestamp) -> Outcome<()> {
    let (kind, subject) = (EventKind::Settings, workspace.to_string());
    events::append(connection, workspace, kind, &subject, None, at)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Workspace> {
    Ok(Workspace {
        id: WorkspaceId(row.get(0)?),
        name: row.get(1)?,
        created_at: time(row, 2)?,
    })
}

fn refuse_taken(connection: &Connection, id: i64, name: &str) -> Outcome<()> {
    let taken = "SELECT 1 FROM workspaces WHERE name = ?1 AND id <> ?2";
    if connection
        .prepare_cached(taken)?
        .exists(params![name, id])?
    {
        return Err(Problem::Rule(StoreError::NameTaken));
    }
    Ok(())
}

fn create(connection: &Connection, name: String, at: Timestamp) -> Outcome<Workspace> {
    refuse_taken(connection, 0, &name)?;
    let sql = "INSERT INTO workspaces (name, created_at) VALUES (?1, ?2)";
    connection
        .prepare_cached(sql)?
        .execute(params![name, micros(at)])?;
    let id = WorkspaceId(connection.last_insert_rowid());
    changed(connection, id, at)?;
    let created_at = at;
    Ok(Workspace {
        id,
        name,
        created_at,
    })
}

fn rename(
    connection: &Connection,
    id: WorkspaceId,
    name: &str,
    at: Timestamp,
) -> Outcome<Option<Workspace>> {
    refuse_taken(connection, id.0, name)?;
    let sql = "UPDATE workspaces SET name = ?2 WHERE id = ?1";
    if connection
        .prepare_cached(sql)?
        .execute(params![id.0, name])?
        == 0
    {
        return Ok(None);
    }
    changed(connection, id, at)?;
    let sql = "SELECT id, name, created_at FROM workspaces WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(Some(statement.query_row([id.0], read)?))
}

/// Runs are what happened: a workspace that has any stays, and so does the first, which is where
/// the person at the window is.
fn delete(connection: &Connection, id: WorkspaceId) -> Outcome<bool> {
    let kept = "SELECT ?1 = (SELECT min(id) FROM workspaces) OR EXISTS (SELECT 1 FROM runs WHERE workspace_id = ?1)";
    let is_kept: bool = connection
        .prepare_cached(kept)?
        .query_row([id.0], |row| row.get(0))?;
    if is_kept {
        return Err(Problem::Rule(StoreError::InUse));
    }
    let sql = "DELETE FROM workspaces WHERE id = ?1";
    Ok(connection.prepare_cached(sql)?.execute([id.0])? > 0)
}

fn preferences(connection: &Connection, workspace: WorkspaceId) -> Outcome<Preferences> {
    let sql = "SELECT test_phone_number, timezone, external_pbx_integrations FROM preferences
        WHERE workspace_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let stored = statement.query_row([workspace.0], |row| {
        Ok(Preferences {
            test_phone_number: row.get(0)?,
            timezone: row.get(1)?,
            external_pbx_integrations: row.get(2)?,
        })
    });
    Ok(stored.optional()?.unwrap_or_default())
}

fn put_preferences(
    connection: &Connection,
    workspace: WorkspaceId,
    preferences: &Preferences,
    at: Timestamp,
) -> Outcome<()> {
    let sql = "INSERT INTO preferences (workspace_id, test_phone_number, timezone, external_pbx_integrations)
        VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (workspace_id) DO UPDATE SET test_phone_number = ?2, timezone = ?3,
            external_pbx_integrations = ?4";
    connection.prepare_cached(sql)?.execute(params![
        workspace.0,
        preferences.test_phone_number,
        preferences.timezone,
        preferences.external_pbx_integrations,
    ])?;
    changed(connection, workspace, at)
}

#[async_trait]
impl Workspaces for Database {
    async fn workspaces(&self) -> Stored<Vec<Workspace>> {
        let read_all = |connection: &Connection| {
            let sql = "SELECT id, name, created_at FROM workspaces ORDER BY id";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([], read)?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.readers.read(read_all).await
    }

    async fn create_workspace(&self, name: String, at: Timestamp) -> Stored<Workspace> {
        self.writer
            .write(move |connection| create(connection, name, at))
            .await
    }

    async fn rename_workspace(
        &self,
        id: WorkspaceId,
        name: String,
        at: Timestamp,
    ) -> Stored<Option<Workspace>> {
        self.writer
            .write(move |connection| rename(connection, id, &name, at))
            .await
    }

    async fn delete_workspace(&self, id: WorkspaceId) -> Stored<bool> {
        self.writer
            .write(move |connection| delete(connection, id))
            .await
    }

    async fn preferences(&self, workspace: WorkspaceId) -> Stored<Preferences> {
        self.readers
            .read(move |connection| preferences(connection, workspace))
            .await
    }

    async fn put_preferences(
        &self,
        workspace: WorkspaceId,
        new: Preferences,
        at: Timestamp,
    ) -> Stored<()> {
        self.writer
            .write(move |connection| put_preferences(connection, workspace, &new, at))
            .await
    }

    async fn settings(&self, workspace: WorkspaceId) -> Stored<Settings> {
        self.readers
            .read(move |connection| Ok(settings(connection, workspace)?))
            .await
    }

    async fn put_settings(
        &self,
        workspace: WorkspaceId,
        settings: Settings,
        at: Timestamp,
    ) -> Stored<()> {
        self.writer
            .write(move |connection| put(connection, workspace, &settings, at))
            .await
    }
}
