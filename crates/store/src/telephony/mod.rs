//! Telephony configurations, phone numbers and trunks behind one port, a file each. Secrets of a provider
//! come and go sealed: the key to them rests in the secret store, and the settings column never
//! holds one.

mod configurations;
mod phone_numbers;
mod trunks;

pub use configurations::{all, create};
pub use phone_numbers::create as create_number;

use crate::Database;
use crate::events;
use crate::problem::Outcome;
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::Connection;
use switchhook_core::ids::{PhoneNumberId, TelephonyConfigurationId, TrunkId, WorkspaceId};
use switchhook_core::ports::{
    ConfigurationChange, EventKind, NewConfiguration, NewPhoneNumber, NewTrunk, PhoneNumberChange,
    Stored, Telephony, TrunkChange,
};
use switchhook_core::telephony::{PhoneNumber, TelephonyConfiguration, Trunk};

fn changed(
    connection: &Connection,
    workspace: WorkspaceId,
    id: TelephonyConfigurationId,
    at: Timestamp,
) -> Outcome<()> {
    events::append(
        connection,
        workspace,
        EventKind::Telephony,
        &id.to_string(),
        None,
        at,
    )
}

#[async_trait]
impl Telephony for Database {
    async fn configurations(&self, workspace: WorkspaceId) -> Stored<Vec<TelephonyConfiguration>> {
        self.readers
            .read(move |connection| configurations::all(connection, workspace))
            .await
    }

    async fn configuration(
        &self,
        workspace: WorkspaceId,
        id: TelephonyConfigurationId,
    ) -> Stored<Option<TelephonyConfiguration>> {
        self.readers
            .read(move |connection| configurations::by_id(connection, workspace, id))
            .await
    }

    async fn create_configuration(&self, new: NewConfiguration) -> Stored<TelephonyConfiguration> {
        let write = move |connection: &Connection| {
            let id = configurations::create(connection, &new)?;
            let created = configurations::by_id(connection, new.workspace_id, id)?;
            Ok(created.expect("created in this transaction"))
        };
        self.writer.write(write).await
    }

    async fn change_configuration(
        &self,
        workspace: WorkspaceId,
        id: TelephonyConfigurationId,
        change: ConfigurationChange,
        at: Timestamp,
    ) -> Stored<Option<TelephonyConfiguration>> {
        let write = move |connection: &Connection| {
            configurations::change(connection, workspace, id, &change, at)?;
            configurations::by_id(connection, workspace, id)
        };
        self.writer.write(write).await
    }

    async fn delete_configuration(
        &self,
        workspace: WorkspaceId,
        id: TelephonyConfigurationId,
        at: Timestamp,
    ) -> Stored<bool> {
        self.writer
            .write(move |connection| configurations::delete(connection, workspace, id, at))
            .await
    }

    async fn create_phone_number(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        number: NewPhoneNumber,
    ) -> Stored<Option<PhoneNumber>> {
        let write = move |connection: &Connection| match phone_numbers::create(
            connection,
            workspace,
            configuration,
            &number,
        )? {
            Some(id) => phone_numbers::by_id(connection, configuration, id),
            None => Ok(None),
        };
        self.writer.write(write).await
    }

    async fn change_phone_number(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        id: PhoneNumberId,
        change: PhoneNumberChange,
        at: Timestamp,
    ) -> Stored<Option<PhoneNumber>> {
        let write = move |connection: &Connection| match phone_numbers::change(
            connection,
            workspace,
            configuration,
            id,
            &change,
            at,
        )? {
            true => phone_numbers::by_id(connection, configuration, id),
            false => Ok(None),
        };
        self.writer.write(write).await
    }

    async fn delete_phone_number(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        id: PhoneNumberId,
        at: Timestamp,
    ) -> Stored<bool> {
        let write = move |connection: &Connection| {
            phone_numbers::delete(connection, workspace, configuration, id, at)
        };
        self.writer.write(write).await
    }

    async fn inbound_agents(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
    ) -> Stored<Vec<(PhoneNumberId, String)>> {
        self.readers
            .read(move |connection| {
                phone_numbers::inbound_agents(connection, workspace, configuration)
            })
            .await
    }

    async fn create_trunk(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        trunk: NewTrunk,
    ) -> Stored<Option<Trunk>> {
        let write = move |connection: &Connection| {
            trunks::create(connection, workspace, configuration, &trunk)
        };
        self.writer.write(write).await
    }

    async fn change_trunk(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        id: TrunkId,
        change: TrunkChange,
        at: Timestamp,
    ) -> Stored<Option<Trunk>> {
        let write = move |connection: &Connection| {
            trunks::change(connection, workspace, configuration, id, &change, at)
        };
        self.writer.write(write).await
    }

    async fn delete_trunk(
        &self,
        workspace: WorkspaceId,
        configuration: TelephonyConfigurationId,
        id: TrunkId,
        at: Timestamp,
    ) -> Stored<bool> {
        let write = move |connection: &Connection| {
            trunks::delete(connection, workspace, configuration, id, at)
        };
        self.writer.write(write).await
    }
}
