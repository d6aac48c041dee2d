//! Other instances and the triggers kept for them: what this computer's window reaches. They
//! belong to no workspace and make no events; their API keys are in the secret store.

use crate::Database;
use crate::problem::{Outcome, Problem};
use async_trait::async_trait;
use rusqlite::{Connection, params};
use switchhook_core::ids::{InstanceId, SavedTriggerId};
use switchhook_core::ports::{Instance, Instances, SavedTrigger, StoreError, Stored};

fn save(connection: &Connection, instance: Instance) -> Outcome<Instance> {
    let taken = "SELECT 1 FROM instances WHERE name = ?1 AND id <> ?2";
    let Instance {
        id,
        name,
        url,
        colour,
    } = instance;
    if connection
        .prepare_cached(taken)?
        .exists(params![name, id.0])?
    {
        return Err(Problem::Rule(StoreError::NameTaken));
    }
    let new_id = (id.0 > 0).then_some(id.0);
    let sql = "INSERT INTO instances (id, name, url, colour) VALUES (?1, ?2, ?3, ?4)
        ON CONFLICT (id) DO UPDATE SET name = ?2, url = ?3, colour = ?4 RETURNING id";
    let id = connection
        .prepare_cached(sql)?
        .query_row(params![new_id, name, url, colour], |row| row.get(0))?;
    Ok(Instance {
        id: InstanceId(id),
        name,
        url,
        colour,
    })
}

fn save_trigger(
    connection: &Connection,
    instance: InstanceId,
    name: String,
    path: String,
) -> Outcome<SavedTrigger> {
    let sql = "INSERT INTO saved_triggers (instance_id, name, path) VALUES (?1, ?2, ?3)
        ON CONFLICT (instance_id, path) DO UPDATE SET name = ?2 RETURNING id";
    let id = connection
        .prepare_cached(sql)?
        .query_row(params![instance.0, name, path], |row| row.get(0))?;
    Ok(SavedTrigger {
        id: SavedTriggerId(id),
        instance_id: instance,
        name,
        path,
    })
}

#[async_trait]
impl Instances for Database {
    async fn instances(&self) -> Stored<Vec<Instance>> {
        let read = |connection: &Connection| {
            let mut statement = connection
                .prepare_cached("SELECT id, name, url, colour FROM instances ORDER BY id")?;
            let rows = statement.query_map([], |row| {
                Ok(Instance {
                    id: InstanceId(row.get(0)?),
                    name: row.get(1)?,
                    url: row.get(2)?,
                    colour: row.get(3)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.readers.read(read).await
    }

    async fn save_instance(
        &self,
        id: Option<InstanceId>,
        name: String,
        url: String,
        colour: String,
    ) -> Stored<Instance> {
        let instance = Instance {
            id: id.unwrap_or(InstanceId(0)),
            name,
            url,
            colour,
        };
        self.writer
            .write(move |connection| save(connection, instance))
            .await
    }

    async fn remove_instance(&self, id: InstanceId) -> Stored<()> {
        let write = move |connection: &Connection| {
            connection
                .prepare_cached("DELETE FROM instances WHERE id = ?1")?
                .execute([id.0])?;
            Ok(())
        };
        self.writer.write(write).await
    }

    async fn saved_triggers(&self, instance: InstanceId) -> Stored<Vec<SavedTrigger>> {
        let read = move |connection: &Connection| {
            let sql =
                "SELECT id, name, path FROM saved_triggers WHERE instance_id = ?1 ORDER BY id";
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([instance.0], |row| {
                let id = SavedTriggerId(row.get(0)?);
                Ok(SavedTrigger {
                    id,
                    instance_id: instance,
                    name: row.get(1)?,
                    path: row.get(2)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        };
        self.readers.read(read).await
    }

    async fn save_trigger(
        &self,
        instance: InstanceId,
        name: String,
        path: String,
    ) -> Stored<SavedTrigger> {
        self.writer
            .write(move |connection| save_trigger(connection, instance, name, path))
            .await
    }

    async fn is_control_listener_on(&self) -> Stored<bool> {
        let read = |connection: &Connection| {
            let sql = "SELECT coalesce((SELECT control_listener FROM server_choices), 0)";
            let mut statement = connection.prepare_cached(sql)?;
            Ok(statement.query_row([], |row| row.get(0))?)
        };
        self.readers.read(read).await
    }

    async fn switch_control_listener(&self, is_on: bool) -> Stored<()> {
        let write = move |connection: &Connection| {
            let sql = "INSERT INTO server_choices (id, control_listener) VALUES (1, ?1)
                ON CONFLICT (id) DO UPDATE SET control_listener = ?1";
            connection.prepare_cached(sql)?.execute([is_on])?;
            Ok(())
        };
        self.writer.write(write).await
    }

    async fn is_public_on_network(&self) -> Stored<bool> {
        let read = |connection: &Connection| {
            let sql = "SELECT coalesce((SELECT public_network FROM server_choices), 0)";
            let mut statement = connection.prepare_cached(sql)?;
            Ok(statement.query_row([], |row| row.get(0))?)
        };
        self.readers.read(read).await
    }

    async fn put_public_on_network(&self, is_on: bool) -> Stored<()> {
        let write = move |connection: &Connection| {
            let sql = "INSERT INTO server_choices (id, control_listener, public_network) VALUES (1, 0, ?1)
                ON CONFLICT (id) DO UPDATE SET public_network = ?1";
            connection.prepare_cached(sql)?.execute([is_on])?;
            Ok(())
        };
        self.writer.write(write).await
    }

    async fn remove_trigger(&self, id: SavedTriggerId) -> Stored<()> {
        let write = move |connection: &Connection| {
            connection
                .prepare_cached("DELETE FROM saved_triggers WHERE id = ?1")?
                .execute([id.0])?;
            Ok(())
        };
        self.writer.write(write).await
    }
}
