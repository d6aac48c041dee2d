//! API keys: hashes, never keys. The look-up by hash is on the way of every request, so the note
//! that a key was used is not: it is written with the next commit or within a second.

use crate::Database;
use crate::events;
use crate::problem::Outcome;
use crate::rows::{json, json_text, micros, time, time_or_none, word};
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::HashMap;
use switchhook_core::api_key::{ApiKey, KeyHash, Scope};
use switchhook_core::ids::{ApiKeyId, WorkspaceId};
use switchhook_core::ports::{ApiKeys, EventKind, NewApiKey, StoreError, Stored};

const COLUMNS: &str =
    "SELECT id, workspace_id, name, prefix, scope, agents, test_only, expires_at, created_at,
    last_used_at, archived_at, hash FROM api_keys";

fn read(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    Ok(ApiKey {
        id: ApiKeyId(row.get(0)?),
        workspace_id: WorkspaceId(row.get(1)?),
        name: row.get(2)?,
        prefix: row.get(3)?,
        scope: word(row, 4, Scope::parse)?,
        agents: json(row, 5)?,
        test_only: row.get(6)?,
        expires_at: time_or_none(row, 7)?,
        created_at: time(row, 8)?,
        last_used_at: time_or_none(row, 9)?,
        archived_at: time_or_none(row, 10)?,
    })
}

fn create(connection: &Connection, key: &NewApiKey) -> Outcome<ApiKey> {
    let sql = "INSERT INTO api_keys
            (workspace_id, name, hash, prefix, scope, agents, test_only, expires_at, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    connection.prepare_cached(sql)?.execute(params![
        key.workspace_id.0,
        key.name,
        key.hash.0,
        key.prefix,
        key.scope.as_str(),
        json_text(&key.agents),
        key.test_only,
        key.expires_at.map(micros),
        micros(key.at),
    ])?;
    let id = connection.last_insert_rowid();
    events::append(
        connection,
        key.workspace_id,
        EventKind::Key,
        &id.to_string(),
        None,
        key.at,
    )?;
    Ok(connection
        .prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?
        .query_row([id], read)?)
}

fn set_archived(
    connection: &Connection,
    workspace: WorkspaceId,
    id: ApiKeyId,
    archived: bool,
    at: Timestamp,
) -> Outcome<bool> {
    // Archiving twice keeps the first time.
    let sql = "UPDATE api_keys SET archived_at = CASE WHEN ?3 THEN coalesce(archived_at, ?4) END
        WHERE workspace_id = ?1 AND id = ?2";
    let found = connection.prepare_cached(sql)?.execute(params![
        workspace.0,
        id.0,
        archived,
        micros(at)
    ])? > 0;
    if found {
        events::append(
            connection,
            workspace,
            EventKind::Key,
            &id.to_string(),
            None,
            at,
        )?;
    }
    Ok(found)
}

/// Writes the noted uses; for the writer, inside its transaction.
pub fn write_touched(
    connection: &Connection,
    touched: &HashMap<ApiKeyId, i64>,
) -> Result<(), StoreError> {
    let write = || {
        let sql =
            "UPDATE api_keys SET last_used_at = max(coalesce(last_used_at, 0), ?2) WHERE id = ?1";
        let mut statement = connection.prepare_cached(sql)?;
        touched
            .iter()
            .try_for_each(|(id, micros)| statement.execute([id.0, *micros]).map(|_| ()))
    };
    write().map_err(|error: rusqlite::Error| StoreError::Unavailable(error.to_string()))
}

fn find() -> String {
    format!("{COLUMNS} WHERE hash = ?1")
}

/// The key with this hash, active or not. The index finds a row, the comparison decides: its time
/// is the same wherever the hashes differ.
pub fn by_hash(connection: &Connection, hash: KeyHash) -> Outcome<Option<ApiKey>> {
    let mut statement = connection.prepare_cached(&find())?;
    let found = statement.query_row([hash.0], |row| Ok((KeyHash(row.get(11)?), read(row)?)));
    let found = found.optional()?;
    Ok(found
        .filter(|(stored, _)| *stored == hash)
        .map(|(_, key)| key))
}

#[async_trait]
impl ApiKeys for Database {
    async fn api_key_by_hash(&self, hash: KeyHash) -> Stored<Option<ApiKey>> {
        self.readers
            .read(move |connection| by_hash(connection, hash))
            .await
    }

    async fn api_keys(
        &self,
        workspace: WorkspaceId,
        include_archived: bool,
    ) -> Stored<Vec<ApiKey>> {
        let read = move |connection: &Connection| {
            let sql = format!(
                "{COLUMNS} WHERE workspace_id = ?1 AND (?2 OR archived_at IS NULL) ORDER BY id"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![workspace.0, include_archived], read)?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.readers.read(read).await
    }

    async fn create_api_key(&self, key: NewApiKey) -> Stored<ApiKey> {
        self.writer
            .write(move |connection| create(connection, &key))
            .await
    }

    async fn set_api_key_archived(
        &self,
        workspace: WorkspaceId,
        id: ApiKeyId,
        archived: bool,
        at: Timestamp,
    ) -> Stored<bool> {
        self.writer
            .write(move |connection| set_archived(connection, workspace, id, archived, at))
            .await
    }

    fn touch_api_key(&self, id: ApiKeyId, at: Timestamp) {
        self.writer.touch(id, micros(at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wrong key is one search of the index, as a right one is: no row is read for it.
    #[test]
    fn a_key_is_found_by_one_search_of_the_index_of_hashes() {
        let dir = tempfile::tempdir().expect("a folder");
        drop(Database::open(dir.path()).expect("opens"));
        let path = dir.path().join(crate::database::FILE_NAME);
        let connection = Connection::open(path).expect("opens");
        let sql = format!("EXPLAIN QUERY PLAN {}", find());
        let mut statement = connection.prepare(&sql).expect("a plan");
        let plan = statement.query_map([[0u8; 32]], |row| row.get::<_, String>(3));
        let plan: Vec<_> = plan
            .expect("a plan")
            .map(|step| step.expect("a step"))
            .collect();
        assert_eq!(plan.len(), 1, "{plan:?}");
        assert!(
            plan[0].starts_with("SEARCH api_keys USING INDEX"),
            "{plan:?}"
        );
        assert!(plan[0].ends_with("(hash=?)"), "{plan:?}");
    }
}
