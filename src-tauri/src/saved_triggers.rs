//! Triggers of other instances, kept by their URL: for a key that may fire and not list agents.
//! Kept without their mode, which is chosen anew at every firing.

use crate::failure::Failure;
use crate::remotes::parse_id;
use crate::server::{Home, Server};
use serde::Serialize;
use std::sync::Arc;
use switchhook_client::Base;
use switchhook_store::{Instance, SavedTriggerId};
use tauri::State;

/// What every trigger's route begins with (contract §1.1).
const ROUTE: &str = "/api/v1/public/agent/";

/// A saved trigger as the page reads it.
#[derive(Serialize)]
pub struct Shown {
    id: i64,
    name: String,
    /// The production URL.
    url: String,
}

async fn stored(home: &Home, id: &str) -> Result<Instance, Failure> {
    let id = parse_id(id)?;
    let all = home.store.instances().await?;
    all.into_iter()
        .find(|instance| instance.id == id)
        .ok_or_else(Failure::no_instance)
}

/// The triggers kept for an instance.
///
/// # Errors
/// The store cannot be read, or there is no such instance.
#[tauri::command]
pub async fn saved_triggers(
    server: State<'_, Arc<Server>>,
    instance_id: String,
) -> Result<Vec<Shown>, Failure> {
    let home = server.home().await?;
    let instance = stored(&home, &instance_id).await?;
    let triggers = home.store.saved_triggers(instance.id).await?;
    let show = |trigger: switchhook_store::SavedTrigger| Shown {
        id: trigger.id.0,
        name: trigger.name,
        url: format!("{}{ROUTE}{}", instance.url, trigger.path),
    };
    Ok(triggers.into_iter().map(show).collect())
}

/// Keeps a trigger of an instance by its URL.
///
/// # Errors
/// The URL is no trigger's, or leads to another instance.
#[tauri::command]
pub async fn save_trigger(
    server: State<'_, Arc<Server>>,
    instance_id: String,
    url: String,
    name: String,
) -> Result<(), Failure> {
    let home = server.home().await?;
    let instance = stored(&home, &instance_id).await?;
    let (base, path) = take_apart(&url)?;
    if base.to_string() != instance.url {
        let message = format!(
            "this URL is at {base}, and the instance is at {}",
            instance.url
        );
        return Err(Failure::invalid(message));
    }
    let name = match name.trim() {
        "" => path.clone(),
        name => name.to_owned(),
    };
    home.store.save_trigger(instance.id, name, path).await?;
    Ok(())
}

/// Forgets a trigger.
///
/// # Errors
/// The store cannot be written.
#[tauri::command]
pub async fn remove_trigger(server: State<'_, Arc<Server>>, id: i64) -> Result<(), Failure> {
    server
        .home()
        .await?
        .store
        .remove_trigger(SavedTriggerId(id))
        .await?;
    Ok(())
}

/// The instance's address and the trigger's path without mode: the path of a trigger, or
/// `workflow/` and an agent's UUID. One segment is always a trigger's, also `test` (contract §1.1).
fn take_apart(url: &str) -> Result<(Base, String), Failure> {
    let no_trigger = || {
        Failure::invalid(
            "this is not a trigger's URL; it ends in /api/v1/public/agent/ and the trigger's path",
        )
    };
    let base = Base::parse(url).map_err(|error| Failure::invalid(error.to_string()))?;
    let (_, route) = url.trim().split_once(ROUTE).ok_or_else(no_trigger)?;
    let route = route
        .split(['?', '#'])
        .next()
        .unwrap_or_default()
        .trim_end_matches('/');
    let segments: Vec<&str> = route.split('/').collect();
    let path = match segments.as_slice() {
        [path] | ["test", path] => (*path).to_owned(),
        ["workflow", uuid] | ["test", "workflow", uuid] => format!("workflow/{uuid}"),
        _ => return Err(no_trigger()),
    };
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'/');
    if path.is_empty() || path.ends_with('/') || path.len() > 64 || !path.bytes().all(is_plain) {
        return Err(no_trigger());
    }
    Ok((base, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_and_its_mode_left_out() {
        let rows = [
            ("agent/a1-b_2", "a1-b_2"),
            ("agent/test/a1", "a1"),
            ("agent/test/a1/?x=1", "a1"),
            ("agent/test", "test"),
            ("agent/workflow/u1", "workflow/u1"),
            ("agent/test/workflow/u1", "workflow/u1"),
        ];
        for (route, path) in rows {
            let (base, found) =
                take_apart(&format!("https://host.example/api/v1/public/{route}")).expect(route);
            assert_eq!(
                (base.to_string().as_str(), found.as_str()),
                ("https://host.example", path)
            );
        }
    }

    #[test]
    fn other_urls_are_refused() {
        for url in [
            "https://host.example/",
            "https://host.example/api/v1/public/agent/",
            "https://host.example/api/v1/public/agent/a/b",
            "https://host.example/api/v1/public/agent/a%2fb",
            "http://host.example/api/v1/public/agent/a",
        ] {
            assert!(take_apart(url).is_err(), "{url}");
        }
    }
}
