//! What webhooks authenticate with, behind its port (contract §8.3): a name once per workspace. The
//! data is sealed before it comes here.

use crate::Database;
use crate::events;
use crate::problem::{Outcome, Problem};
use crate::rows::{micros, time, uuid, word};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use switchhook_core::ids::WorkspaceId;
use switchhook_core::ports::{
    CredentialKind, EventKind, NewWebhookCredential, StoreError, Stored, WebhookCredential,
    WebhookCredentialChange, WebhookCredentials,
};
use uuid::Uuid;

const COLUMNS: &str =
    "SELECT uuid, workspace_id, name, description, kind, created_at, updated_at, sealed
    FROM webhook_credentials";

fn read(row: &Row<'_>) -> rusqlite::Result<WebhookCredential> {
    Ok(WebhookCredential {
        uuid: uuid(row, 0)?,
        workspace_id: WorkspaceId(row.get(1)?),
        name: row.get(2)?,
        description: row.get(3)?,
        kind: word(row, 4, CredentialKind::parse)?,
        created_at: time(row, 5)?,
        updated_at: time(row, 6)?,
        sealed: row.get(7)?,
    })
}

fn by_uuid(
    connection: &Connection,
    workspace: WorkspaceId,
    uuid: Uuid,
) -> Outcome<Option<WebhookCredential>> {
    let mut statement =
        connection.prepare_cached(&format!("{COLUMNS} WHERE workspace_id = ?1 AND uuid = ?2"))?;
    let found = statement.query_row(params![workspace.0, uuid.to_string()], read);
    Ok(found.optional()?)
}

fn refuse_taken(
    connection: &Connection,
    workspace: WorkspaceId,
    uuid: Uuid,
    name: &str,
) -> Outcome<()> {
    let sql =
        "SELECT 1 FROM webhook_credentials WHERE workspace_id = ?1 AND name = ?2 AND uuid <> ?3";
    let mut statement = connection.prepare_cached(sql)?;
    if statement.exists(params![workspace.0, name, uuid.to_string()])? {
        return Err(Problem::Rule(StoreError::NameTaken));
    }
    Ok(())
}

/// Whoever watches fetches the settings again.
fn changed(connection: &Connection, workspace: WorkspaceId, at: Timestamp) -> Outcome<()> {
    let (kind, subject) = (EventKind::Settings, workspace.to_string());
    events::append(connection, workspace, kind, &subject, None, at)
}

fn create(connection: &Connection, new: &NewWebhookCredential) -> Outcome<WebhookCredential> {
    refuse_taken(connection, new.workspace_id, new.uuid, &new.name)?;
    let sql = "INSERT INTO webhook_credentials (uuid, workspace_id, name, description, kind, created_at, updated_at, sealed)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)";
    connection.prepare_cached(sql)?.execute(params![
        new.uuid.to_string(),
        new.workspace_id.0,
        new.name,
        new.description,
        new.kind.as_str(),
        micros(new.at),
        new.sealed,
    ])?;
    changed(connection, new.workspace_id, new.at)?;
    let created = by_uuid(connection, new.workspace_id, new.uuid)?;
    Ok(created.expect("created in this transaction"))
}

fn change(
    connection: &Connection,
    workspace: WorkspaceId,
    uuid: Uuid,
    change: &WebhookCredentialChange,
    at: Timestamp,
) -> Outcome<Option<WebhookCredential>> {
    if by_uuid(connection, workspace, uuid)?.is_none() {
        return Ok(None);
    }
    if let Some(name) = &change.name {
        refuse_taken(connection, workspace, uuid, name)?;
    }
    let sql = "UPDATE webhook_credentials SET name = coalesce(?2, name), description = coalesce(?3, description),
            kind = coalesce(?4, kind), sealed = CASE WHEN ?4 IS NULL THEN sealed ELSE ?5 END, updated_at = ?6
        WHERE uuid = ?1";
    let (kind, sealed) = change
        .data
        .as_ref()
        .map(|(kind, sealed)| (*kind, sealed))
        .unzip();
    connection.prepare_cached(sql)?.execute(params![
        uuid.to_string(),
        change.name,
        change.description,
        kind.map(CredentialKind::as_str),
        sealed.and_then(Option::as_ref),
        micros(at),
    ])?;
    changed(connection, workspace, at)?;
    by_uuid(connection, workspace, uuid)
}

#[async_trait]
impl WebhookCredentials for Database {
    async fn webhook_credentials(&self, workspace: WorkspaceId) -> Stored<Vec<WebhookCredential>> {
        let read_all = move |connection: &Connection| {
            let sql = format!("{COLUMNS} WHERE workspace_id = ?1 ORDER BY created_at, rowid");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([workspace.0], read)?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.readers.read(read_all).await
    }

    async fn webhook_credential(
        &self,
        workspace: WorkspaceId,
        uuid: Uuid,
    ) -> Stored<Option<WebhookCredential>> {
        self.readers
            .read(move |connection| by_uuid(connection, workspace, uuid))
            .await
    }

    async fn create_webhook_credential(
        &self,
        credential: NewWebhookCredential,
    ) -> Stored<WebhookCredential> {
        self.writer
            .write(move |connection| create(connection, &credential))
            .await
    }

    async fn change_webhook_credential(
        &self,
        workspace: WorkspaceId,
        uuid: Uuid,
        asked: WebhookCredentialChange,
        at: Timestamp,
    ) -> Stored<Option<WebhookCredential>> {
        self.writer
            .write(move |connection| change(connection, workspace, uuid, &asked, at))
            .await
    }

    async fn delete_webhook_credential(&self, workspace: WorkspaceId, uuid: Uuid) -> Stored<bool> {
        let write = move |connection: &Connection| {
            let sql = "DELETE FROM webhook_credentials WHERE workspace_id = ?1 AND uuid = ?2";
            let mut statement = connection.prepare_cached(sql)?;
            Ok(statement.execute(params![workspace.0, uuid.to_string()])? > 0)
        };
        self.writer.write(write).await
    }
}
