//! Trunks (contract §6.5): a name once per configuration, and one that numbers call through stays.
//! Which providers have any is not known here.

use super::changed;
use crate::problem::{Outcome, Problem};
use crate::rows::{json, json_text, micros, time};
use jiff::Timestamp;
use rusqlite::{Connection, Row, params};
use switchhook_core::ids::{TelephonyConfigurationId, TrunkId, WorkspaceId};
use switchhook_core::ports::{NewTrunk, StoreError, TrunkChange};
use switchhook_core::telephony::Trunk;

const COLUMNS: &str = "SELECT id, name, is_enabled, settings, created_at, updated_at FROM trunks";

fn read(row: &Row<'_>) -> rusqlite::Result<Trunk> {
    Ok(Trunk {
        id: TrunkId(row.get(0)?),
        name: row.get(1)?,
        is_enabled: row.get(2)?,
        settings: json(row, 3)?,
        created_at: time(row, 4)?,
        updated_at: time(row, 5)?,
    })
}

/// All trunks of a configuration, oldest first.
pub fn of_configuration(
    connection: &Connection,
    configuration: TelephonyConfigurationId,
) -> Outcome<Vec<Trunk>> {
    let mut statement = connection.prepare_cached(&format!(
        "{COLUMNS} WHERE configuration_id = ?1 ORDER BY id"
    ))?;
    let trunks = statement.query_map([configuration.0], read)?;
    Ok(trunks.collect::<Result<_, _>>()?)
}

fn by_id(connection: &Connection, id: i64) -> Outcome<Trunk> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} WHERE id = ?1"))?;
    Ok(statement.query_row([id], read)?)
}

fn refuse_taken(
    connection: &Connection,
    configuration: TelephonyConfigurationId,
    id: i64,
    name: &str,
) -> Outcome<()> {
    let sql = "SELECT 1 FROM trunks WHERE configuration_id = ?1 AND name = ?2 AND id <> ?3";
    let mut statement = connection.prepare_cached(sql)?;
    if statement.exists(params![configuration.0, name, id])? {
        return Err(Problem::Rule(StoreError::NameTaken));
    }
    Ok(())
}

/// Adds a trunk; `None` when there is no such configuration.
pub fn create(
    connection: &Connection,
    workspace: WorkspaceId,
    configuration: TelephonyConfigurationId,
    new: &NewTrunk,
) -> Outcome<Option<Trunk>> {
    let found = "SELECT 1 FROM telephony_configurations WHERE workspace_id = ?1 AND id = ?2";
    let mut found = connection.prepare_cached(found)?;
    if !found.exists([workspace.0, configuration.0])? {
        return Ok(None);
    }
    refuse_taken(connection, configuration, 0, &new.name)?;
    let sql =
        "INSERT INTO trunks (configuration_id, name, is_enabled, settings, created_at, updated_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5)";
    connection.prepare_cached(sql)?.execute(params![
        configuration.0,
        new.name,
        new.is_enabled,
        json_text(&new.settings),
        micros(new.at),
    ])?;
    let id = connection.last_insert_rowid();
    changed(connection, workspace, configuration, new.at)?;
    by_id(connection, id).map(Some)
}

fn exists(
    connection: &Connection,
    workspace: WorkspaceId,
    configuration: TelephonyConfigurationId,
    id: TrunkId,
) -> Outcome<bool> {
    let sql = "SELECT 1 FROM trunks
        JOIN telephony_configurations ON telephony_configurations.id = trunks.configuration_id
        WHERE telephony_configurations.workspace_id = ?1 AND trunks.configuration_id = ?2 AND trunks.id = ?3";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.exists([workspace.0, configuration.0, id.0])?)
}

/// Changes a trunk; `None` when there is none.
pub fn change(
    connection: &Connection,
    workspace: WorkspaceId,
    configuration: TelephonyConfigurationId,
    id: TrunkId,
    change: &TrunkChange,
    at: Timestamp,
) -> Outcome<Option<Trunk>> {
    if !exists(connection, workspace, configuration, id)? {
        return Ok(None);
    }
    if let Some(name) = &change.name {
        refuse_taken(connection, configuration, id.0, name)?;
    }
    let sql = "UPDATE trunks SET name = coalesce(?2, name), is_enabled = coalesce(?3, is_enabled),
            settings = coalesce(?4, settings), updated_at = ?5
        WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        id.0,
        change.name,
        change.is_enabled,
        change.settings.as_ref().map(json_text),
        micros(at),
    ])?;
    changed(connection, workspace, configuration, at)?;
    by_id(connection, id.0).map(Some)
}

/// Removes a trunk; `false` when there is none.
pub fn delete(
    connection: &Connection,
    workspace: WorkspaceId,
    configuration: TelephonyConfigurationId,
    id: TrunkId,
    at: Timestamp,
) -> Outcome<bool> {
    if !exists(connection, workspace, configuration, id)? {
        return Ok(false);
    }
    let used = "SELECT 1 FROM phone_numbers WHERE trunk_id = ?1";
    if connection.prepare_cached(used)?.exists([id.0])? {
        return Err(Problem::Rule(StoreError::InUse));
    }
    let sql = "DELETE FROM trunks WHERE id = ?1";
    connection.prepare_cached(sql)?.execute([id.0])?;
    changed(connection, workspace, configuration, at)?;
    Ok(true)
}
