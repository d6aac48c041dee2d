//! Workspaces and their settings. There is one workspace until somebody needs two; every row of
//! every other table belongs to one already.

use crate::Database;
use crate::events;
use crate::problem::{Outcome, Problem};
use crate::rows::micros;
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use switchhook_core::ids::WorkspaceId;
use switchhook_core::ports::{EventKind, Settings, StoreError, Stored, Workspace, Workspaces};

/// Calls at once when nothing was set (contract §1.10).
const CONCURRENT_CALLS: u32 = 10;

/// A workspace's settings, the defaults where nothing was set.
pub fn settings(connection: &Connection, workspace: WorkspaceId) -> rusqlite::Result<Settings> {
    let sql = "SELECT concurrent_calls, requests_per_second, default_country, public_base_url
        FROM settings WHERE workspace_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let stored = statement.query_row([workspace.0], |row| {
        Ok(Settings {
            concurrent_calls: row.get(0)?,
            requests_per_second: row.get(1)?,
            default_country: row.get(2)?,
            public_base_url: row.get(3)?,
        })
    });
    Ok(stored.optional()?.unwrap_or(Settings {
        concurrent_calls: CONCURRENT_CALLS,
        requests_per_second: None,
        default_country: None,
        public_base_url: None,
    }))
}

fn put(
    connection: &Connection,
    workspace: WorkspaceId,
    settings: &Settings,
    at: Timestamp,
) -> Outcome<()> {
    let sql = "INSERT INTO settings
            (workspace_id, concurrent_calls, requests_per_second, default_country, public_base_url)
        VALUES (?1, ?2, ?3, ?4, ?5)
        ON CONFLICT (workspace_id) DO UPDATE SET concurrent_calls = ?2, requests_per_second = ?3,
            default_country = ?4, public_base_url = ?5";
    connection.prepare_cached(sql)?.execute(params![
        workspace.0,
        settings.concurrent_calls.max(1),
        settings.requests_per_second,
        settings.default_country,
        settings.public_base_url,
    ])?;
    events::append(
        connection,
        workspace,
        EventKind::Settings,
        &workspace.to_string(),
        None,
        at,
    )
}

fn create(connection: &Connection, name: String, at: Timestamp) -> Outcome<Workspace> {
    let taken = "SELECT 1 FROM workspaces WHERE name = ?1";
    if connection.prepare_cached(taken)?.exists([&name])? {
        return Err(Problem::Rule(StoreError::NameTaken));
    }
    let sql = "INSERT INTO workspaces (name, created_at) VALUES (?1, ?2)";
    connection
        .prepare_cached(sql)?
        .execute(params![name, micros(at)])?;
    let id = WorkspaceId(connection.last_insert_rowid());
    let subject = id.to_string();
    events::append(connection, id, EventKind::Settings, &subject, None, at)?;
    Ok(Workspace { id, name })
}

#[async_trait]
impl Workspaces for Database {
    async fn workspaces(&self) -> Stored<Vec<Workspace>> {
        let read = |connection: &Connection| {
            let mut statement =
                connection.prepare_cached("SELECT id, name FROM workspaces ORDER BY id")?;
            let rows = statement.query_map([], |row| {
                Ok(Workspace {
                    id: WorkspaceId(row.get(0)?),
                    name: row.get(1)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.readers.read(read).await
    }

    async fn create_workspace(&self, name: String, at: Timestamp) -> Stored<Workspace> {
        self.writer
            .write(move |connection| create(connection, name, at))
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
