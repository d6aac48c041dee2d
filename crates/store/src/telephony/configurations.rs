//! Telephony configurations (contract §6.1): claiming the default demotes the old one, the first
//! one does not become the default by itself, and one that is deleted takes its numbers with it
//! but not its runs.

use super::{changed, phone_numbers, trunks};
use crate::problem::{Outcome, Problem};
use crate::rows::{json, json_text, micros, time, time_or_none};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use switchhook_core::ids::{TelephonyConfigurationId, WorkspaceId};
use switchhook_core::ports::{ConfigurationChange, NewConfiguration, NumberHolder, StoreError};
use switchhook_core::telephony::{Inactive, TelephonyConfiguration};

const COLUMNS: &str = "SELECT id, workspace_id, name, provider, is_default, inactive_since, inactive_reason, settings,
    created_at, updated_at, sealed_credentials FROM telephony_configurations";

fn read(row: &Row<'_>) -> rusqlite::Result<TelephonyConfiguration> {
    let since = time_or_none(row, 5)?;
    let reason = row.get::<_, Option<String>>(6)?.unwrap_or_default();
    Ok(TelephonyConfiguration {
        id: TelephonyConfigurationId(row.get(0)?),
        workspace_id: WorkspaceId(row.get(1)?),
        name: row.get(2)?,
        provider: row.get(3)?,
        is_default: row.get(4)?,
        inactive: since.map(|since| Inactive { since, reason }),
        settings: json(row, 7)?,
        created_at: time(row, 8)?,
        updated_at: time(row, 9)?,
        sealed_credentials: row.get(10)?,
        numbers: Vec::new(),
        trunks: Vec::new(),
    })
}

/// All configurations of a workspace with their numbers, by creation.
pub fn all(
    connection: &Connection,
    workspace: WorkspaceId,
) -> Outcome<Vec<TelephonyConfiguration>> {
    let mut statement =
        connection.prepare_cached(&format!("{COLUMNS} WHERE workspace_id = ?1 ORDER BY id"))?;
    let mut configurations = statement
        .query_map([workspace.0], read)?
        .collect::<Result<Vec<_>, _>>()?;
    for number in phone_numbers::of_workspace(connection, workspace)? {
        let owner = configurations
            .iter_mut()
            .find(|configuration| configuration.id == number.configuration_id);
        owner
            .expect("a number's configuration is in its workspace")
            .numbers
            .push(number);
    }
    Ok(configurations)
}

/// One configuration with its numbers and trunks.
pub fn by_id(
    connection: &Connection,
    workspace: WorkspaceId,
    id: TelephonyConfigurationId,
) -> Outcome<Option<TelephonyConfiguration>> {
    let mut statement =
        connection.prepare_cached(&format!("{COLUMNS} WHERE workspace_id = ?1 AND id = ?2"))?;
    let Some(mut configuration) = statement.query_row([workspace.0, id.0], read).optional()? else {
        return Ok(None);
    };
    configuration.numbers = phone_numbers::of_configuration(connection, id)?;
    configuration.trunks = trunks::of_configuration(connection, id)?;
    Ok(Some(configuration))
}

fn refuse_taken(
    connection: &Connection,
    workspace: WorkspaceId,
    id: i64,
    name: &str,
) -> Outcome<()> {
    let sql =
        "SELECT 1 FROM telephony_configurations WHERE workspace_id = ?1 AND name = ?2 AND id <> ?3";
    if connection
        .prepare_cached(sql)?
        .exists(params![workspace.0, name, id])?
    {
        return Err(Problem::Rule(StoreError::NameTaken));
    }
    Ok(())
}

fn demote(connection: &Connection, workspace: WorkspaceId, at: Timestamp) -> Outcome<()> {
    let sql = "UPDATE telephony_configurations SET is_default = 0, updated_at = ?2
        WHERE workspace_id = ?1 AND is_default";
    connection
        .prepare_cached(sql)?
        .execute([workspace.0, micros(at)])?;
    Ok(())
}

/// Adds a configuration.
pub fn create(
    connection: &Connection,
    new: &NewConfiguration,
) -> Outcome<TelephonyConfigurationId> {
    refuse_taken(connection, new.workspace_id, 0, &new.name)?;
    if new.is_default {
        demote(connection, new.workspace_id, new.at)?;
    }
    let sql = "INSERT INTO telephony_configurations
            (workspace_id, name, provider, is_default, created_at, updated_at, settings, sealed_credentials,
                account_hash)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7, ?8)";
    connection.prepare_cached(sql)?.execute(params![
        new.workspace_id.0,
        new.name,
        new.provider,
        new.is_default,
        micros(new.at),
        json_text(&new.settings),
        new.sealed_credentials,
        new.account_hash,
    ])?;
    let id = TelephonyConfigurationId(connection.last_insert_rowid());
    changed(connection, new.workspace_id, id, new.at)?;
    Ok(id)
}

/// A number is with one account once: with another account, a configuration's numbers must not meet
/// themselves elsewhere.
fn refuse_shared_numbers(
    connection: &Connection,
    workspace: WorkspaceId,
    id: TelephonyConfigurationId,
) -> Outcome<()> {
    let sql = "SELECT mine.address_normalized, theirs.name, theirs.workspace_id
        FROM phone_numbers AS mine
        JOIN telephony_configurations AS ours ON ours.id = mine.configuration_id
        JOIN phone_numbers AS other ON other.address_normalized = mine.address_normalized
            AND other.configuration_id <> mine.configuration_id
        JOIN telephony_configurations AS theirs ON theirs.id = other.configuration_id
            AND theirs.provider = ours.provider AND theirs.account_hash = ours.account_hash
        WHERE mine.configuration_id = ?1 ORDER BY mine.id LIMIT 1";
    let read = |row: &Row<'_>| {
        let (number, name) = (row.get(0)?, row.get(1)?);
        let is_ours = WorkspaceId(row.get(2)?) == workspace;
        let holder = if is_ours {
            NumberHolder::Configuration(name)
        } else {
            NumberHolder::OtherWorkspace
        };
        Ok(StoreError::NumberTaken { number, holder })
    };
    let mut statement = connection.prepare_cached(sql)?;
    match statement.query_row([id.0], read).optional()? {
        Some(taken) => Err(Problem::Rule(taken)),
        None => Ok(()),
    }
}

/// Changes a configuration; nothing happens when there is none.
pub fn change(
    connection: &Connection,
    workspace: WorkspaceId,
    id: TelephonyConfigurationId,
    change: &ConfigurationChange,
    at: Timestamp,
) -> Outcome<()> {
    let found = "SELECT 1 FROM telephony_configurations WHERE workspace_id = ?1 AND id = ?2";
    if !connection
        .prepare_cached(found)?
        .exists([workspace.0, id.0])?
    {
        return Ok(());
    }
    if let Some(name) = &change.name {
        refuse_taken(connection, workspace, id.0, name)?;
    }
    if change.is_default == Some(true) {
        demote(connection, workspace, at)?;
    }
    let sql = "UPDATE telephony_configurations SET name = coalesce(?2, name), settings = coalesce(?3, settings),
            is_default = coalesce(?4, is_default), updated_at = ?5,
            inactive_since = CASE ?6 WHEN 0 THEN NULL WHEN 1 THEN coalesce(inactive_since, ?5)
                ELSE inactive_since END,
            inactive_reason = CASE ?6 WHEN 0 THEN NULL WHEN 1 THEN coalesce(inactive_reason, 'taken out of use')
                ELSE inactive_reason END,
            sealed_credentials = coalesce(?7, sealed_credentials),
            account_hash = CASE WHEN ?3 IS NULL THEN account_hash ELSE ?8 END
        WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        id.0,
        change.name,
        change.settings.as_ref().map(json_text),
        change.is_default,
        micros(at),
        change.inactive,
        change.sealed_credentials,
        change.account_hash,
    ])?;
    if change.settings.is_some() {
        refuse_shared_numbers(connection, workspace, id)?;
    }
    changed(connection, workspace, id, at)
}

/// Deletes a configuration and its numbers; `false` when there is none.
pub fn delete(
    connection: &Connection,
    workspace: WorkspaceId,
    id: TelephonyConfigurationId,
    at: Timestamp,
) -> Outcome<bool> {
    let sql = "DELETE FROM telephony_configurations WHERE workspace_id = ?1 AND id = ?2";
    let found = connection
        .prepare_cached(sql)?
        .execute([workspace.0, id.0])?
        > 0;
    if found {
        changed(connection, workspace, id, at)?;
    }
    Ok(found)
}
