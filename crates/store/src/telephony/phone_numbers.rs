//! Phone numbers (contract §6.3): a normalised address once per workspace and once per account at a
//! carrier, one default caller ID per configuration, and the first number is not the default by
//! itself.

use super::changed;
use crate::problem::{Outcome, Problem};
use crate::rows::{json, json_text, micros, time};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use switchhook_core::ids::{
    AgentId, PhoneNumberId, TelephonyConfigurationId, TrunkId, WorkspaceId,
};
use switchhook_core::ports::{NewPhoneNumber, NumberHolder, PhoneNumberChange, StoreError};
use switchhook_core::telephony::PhoneNumber;

const COLUMNS: &str =
    "SELECT id, configuration_id, address, address_normalized, address_type, country_code, label,
    is_active, is_default_caller_id, extra_metadata, created_at, updated_at, inbound_agent_id, trunk_id
    FROM phone_numbers";

fn read(row: &Row<'_>) -> rusqlite::Result<PhoneNumber> {
    Ok(PhoneNumber {
        id: PhoneNumberId(row.get(0)?),
        configuration_id: TelephonyConfigurationId(row.get(1)?),
        address: row.get(2)?,
        address_normalized: row.get(3)?,
        address_type: row.get(4)?,
        country_code: row.get(5)?,
        label: row.get(6)?,
        inbound_agent_id: row.get::<_, Option<i64>>(12)?.map(AgentId),
        trunk_id: row.get::<_, Option<i64>>(13)?.map(TrunkId),
        is_active: row.get(7)?,
        is_default_caller_id: row.get(8)?,
        extra_metadata: json(row, 9)?,
        created_at: time(row, 10)?,
        updated_at: time(row, 11)?,
    })
}

fn list(connection: &Connection, sql: &str, id: i64) -> Outcome<Vec<PhoneNumber>> {
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_map([id], read)?.collect::<Result<_, _>>()?)
}

/// All numbers of a workspace, oldest first.
pub fn of_workspace(connection: &Connection, workspace: WorkspaceId) -> Outcome<Vec<PhoneNumber>> {
    list(
        connection,
        &format!("{COLUMNS} WHERE workspace_id = ?1 ORDER BY id"),
        workspace.0,
    )
}

/// All numbers of a configuration, oldest first.
pub fn of_configuration(
    connection: &Connection,
    configuration: TelephonyConfigurationId,
) -> Outcome<Vec<PhoneNumber>> {
    list(
        connection,
        &format!("{COLUMNS} WHERE configuration_id = ?1 ORDER BY id"),
        configuration.0,
    )
}

/// One number of a configuration.
pub fn by_id(
    connection: &Connection,
    configuration: TelephonyConfigurationId,
    id: PhoneNumberId,
) -> Outcome<Option<PhoneNumber>> {
    let mut statement = connection.prepare_cached(&format!(
        "{COLUMNS} WHERE configuration_id = ?1 AND id = ?2"
    ))?;
    Ok(statement
        .query_row([configuration.0, id.0], read)
        .optional()?)
}

fn demote(
    connection: &Connection,
    configuration: TelephonyConfigurationId,
    at: Timestamp,
) -> Outcome<()> {
    let sql = "UPDATE phone_numbers SET is_default_caller_id = 0, updated_at = ?2
        WHERE configuration_id = ?1 AND is_default_caller_id";
    connection
        .prepare_cached(sql)?
        .execute([configuration.0, micros(at)])?;
    Ok(())
}

/// Who has a number already: the same account anywhere, else another account in the workspace.
/// Configurations of a provider without accounts share one within their workspace.
fn holder(
    connection: &Connection,
    workspace: WorkspaceId,
    configuration: TelephonyConfigurationId,
    number: &str,
) -> Outcome<Option<NumberHolder>> {
    let sql = "SELECT theirs.name, theirs.workspace_id = ?1,
            theirs.provider = ours.provider AND theirs.account_hash IS ours.account_hash AS same_account
        FROM phone_numbers
        JOIN telephony_configurations AS theirs ON theirs.id = phone_numbers.configuration_id
        JOIN telephony_configurations AS ours ON ours.id = ?2
        WHERE phone_numbers.address_normalized = ?3 AND (theirs.workspace_id = ?1
            OR (theirs.provider = ours.provider AND theirs.account_hash = ours.account_hash))
        ORDER BY same_account DESC, theirs.workspace_id = ?1 DESC LIMIT 1";
    let read = |row: &Row<'_>| {
        let (name, is_ours, same_account): (_, bool, bool) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        Ok(match (same_account, is_ours) {
            (true, true) => NumberHolder::Configuration(name),
            (true, false) => NumberHolder::OtherWorkspace,
            (false, _) => NumberHolder::Workspace,
        })
    };
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row(params![workspace.0, configuration.0, number], read);
    Ok(found.optional()?)
}

/// The names of the agents that are to answer calls to a configuration's numbers.
pub fn inbound_agents(
    connection: &Connection,
    workspace: WorkspaceId,
    configuration: TelephonyConfigurationId,
) -> Outcome<Vec<(PhoneNumberId, String)>> {
    let sql = "SELECT phone_numbers.id, agents.name FROM phone_numbers
        JOIN agents ON agents.id = phone_numbers.inbound_agent_id
        WHERE phone_numbers.configuration_id = ?2 AND phone_numbers.workspace_id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let read = |row: &Row<'_>| Ok((PhoneNumberId(row.get(0)?), row.get(1)?));
    let found = statement.query_map([workspace.0, configuration.0], read)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Adds a number; `None` when there is no such configuration.
pub fn create(
    connection: &Connection,
    workspace: WorkspaceId,
    configuration: TelephonyConfigurationId,
    new: &NewPhoneNumber,
) -> Outcome<Option<PhoneNumberId>> {
    let found = "SELECT 1 FROM telephony_configurations WHERE workspace_id = ?1 AND id = ?2";
    if !connection
        .prepare_cached(found)?
        .exists([workspace.0, configuration.0])?
    {
        return Ok(None);
    }
    if let Some(holder) = holder(
        connection,
        workspace,
        configuration,
        &new.address_normalized,
    )? {
        let number = new.address_normalized.clone();
        return Err(Problem::Rule(StoreError::NumberTaken { number, holder }));
    }
    if new.is_default_caller_id {
        demote(connection, configuration, new.at)?;
    }
    let sql = "INSERT INTO phone_numbers (workspace_id, configuration_id, address, address_normalized, address_type,
            country_code, label, is_active, is_default_caller_id, extra_metadata, created_at, updated_at,
            inbound_agent_id, trunk_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12, ?13)";
    connection.prepare_cached(sql)?.execute(params![
        workspace.0,
        configuration.0,
        new.address,
        new.address_normalized,
        new.address_type,
        new.country_code,
        new.label,
        new.is_active,
        new.is_default_caller_id,
        json_text(&new.extra_metadata),
        micros(new.at),
        new.inbound_agent_id.map(|id| id.0),
        new.trunk_id.map(|id| id.0),
    ])?;
    let id = PhoneNumberId(connection.last_insert_rowid());
    changed(connection, workspace, configuration, new.at)?;
    Ok(Some(id))
}

/// Changes a number; `false` when there is none.
pub fn change(
    connection: &Connection,
    workspace: WorkspaceId,
    configuration: TelephonyConfigurationId,
    id: PhoneNumberId,
    change: &PhoneNumberChange,
    at: Timestamp,
) -> Outcome<bool> {
    let found =
        "SELECT 1 FROM phone_numbers WHERE workspace_id = ?1 AND configuration_id = ?2 AND id = ?3";
    if !connection
        .prepare_cached(found)?
        .exists([workspace.0, configuration.0, id.0])?
    {
        return Ok(false);
    }
    if change.is_default_caller_id == Some(true) {
        demote(connection, configuration, at)?;
    }
    let sql = "UPDATE phone_numbers SET label = coalesce(?2, label), country_code = coalesce(?3, country_code),
            is_active = coalesce(?4, is_active), extra_metadata = coalesce(?5, extra_metadata),
            is_default_caller_id = coalesce(?6, is_default_caller_id), updated_at = ?7,
            inbound_agent_id = CASE WHEN ?8 THEN ?9 ELSE inbound_agent_id END,
            trunk_id = CASE WHEN ?10 THEN ?11 ELSE trunk_id END
        WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        id.0,
        change.label,
        change.country_code,
        change.is_active,
        change.extra_metadata.as_ref().map(json_text),
        change.is_default_caller_id,
        micros(at),
        change.inbound_agent_id.is_some(),
        change.inbound_agent_id.flatten().map(|id| id.0),
        change.trunk_id.is_some(),
        change.trunk_id.flatten().map(|id| id.0),
    ])?;
    changed(connection, workspace, configuration, at)?;
    Ok(true)
}

/// Removes a number; `false` when there is none.
pub fn delete(
    connection: &Connection,
    workspace: WorkspaceId,
    configuration: TelephonyConfigurationId,
    id: PhoneNumberId,
    at: Timestamp,
) -> Outcome<bool> {
    let sql =
        "DELETE FROM phone_numbers WHERE workspace_id = ?1 AND configuration_id = ?2 AND id = ?3";
    let found = connection
        .prepare_cached(sql)?
        .execute([workspace.0, configuration.0, id.0])?
        > 0;
    if found {
        changed(connection, workspace, configuration, at)?;
    }
    Ok(found)
}
