//! Other instances: where they are is in the store, their API keys are in the secret store, and the
//! page only learns whether there is a key. A stored key goes to the address it was entered for and
//! to no other: with a new address it has to be entered again.

use crate::failure::Failure;
use crate::remotes::{LOCAL, Remotes, parse_id, reach, secret_name, with_secrets};
use crate::server::{Home, Server};
use secrecy::SecretString;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use switchhook_client::Base;
use switchhook_client::connection::{Outcome, Tested, test};
use switchhook_store::{Instance, InstanceId};
use tauri::State;
use tokio::time::timeout;

/// How long the list waits for the secret store, which may be asking its owner for a password.
const KEYS_PATIENCE: Duration = Duration::from_millis(500);
const LONGEST_NAME: usize = 80;

/// An instance as the page reads it.
#[derive(Serialize)]
pub struct Shown {
    id: String,
    name: String,
    url: Option<String>,
    colour: String,
    kind: Option<&'static str>,
    has_key: bool,
}

/// The connection test's result as the page reads it.
#[derive(Serialize)]
pub struct TestResult {
    outcome: &'static str,
    product: Option<&'static str>,
    version: Option<String>,
    message: String,
}

impl From<Tested> for TestResult {
    fn from(tested: Tested) -> Self {
        Self {
            outcome: tested.outcome.as_str(),
            product: tested.product.map(|product| product.as_str()),
            version: tested.version,
            message: tested.message,
        }
    }
}

fn show(remotes: &Remotes, instance: Instance) -> Shown {
    Shown {
        id: instance.id.0.to_string(),
        kind: remotes.product(instance.id).map(|product| product.as_str()),
        // Not known means that the secret store did not answer; keys are kept rather than asked for.
        has_key: remotes.has_key(instance.id).unwrap_or(true),
        name: instance.name,
        url: Some(instance.url),
        colour: instance.colour,
    }
}

fn this_computer() -> Shown {
    Shown {
        id: LOCAL.to_owned(),
        name: "This computer".to_owned(),
        url: None,
        colour: "moss".to_owned(),
        kind: Some(LOCAL),
        has_key: false,
    }
}

/// This computer and all other instances.
///
/// # Errors
/// The store cannot be read.
#[tauri::command]
pub async fn instances(
    server: State<'_, Arc<Server>>,
    remotes: State<'_, Remotes>,
) -> Result<Vec<Shown>, Failure> {
    let mut shown = vec![this_computer()];
    // Without a server there is still this computer, where the page reads why.
    let Ok(home) = server.home().await else {
        return Ok(shown);
    };
    let stored = home.store.instances().await?;
    look_for_keys(&home, &remotes, &stored).await;
    shown.extend(stored.into_iter().map(|instance| show(&remotes, instance)));
    Ok(shown)
}

async fn look_for_keys(home: &Home, remotes: &Remotes, stored: &[Instance]) {
    let unknown: Vec<InstanceId> = stored
        .iter()
        .map(|instance| instance.id)
        .filter(|id| remotes.has_key(*id).is_none())
        .collect();
    if unknown.is_empty() {
        return;
    }
    let look = with_secrets(&home.secrets, move |secrets| {
        let has_key = |id: &InstanceId| {
            secrets
                .get(&secret_name(*id))
                .map(|key| (*id, key.is_some()))
        };
        unknown.iter().map(has_key).collect::<Result<Vec<_>, _>>()
    });
    match timeout(KEYS_PATIENCE, look).await {
        Ok(Ok(Ok(found))) => found
            .into_iter()
            .for_each(|(id, has_key)| remotes.learn_key(id, has_key)),
        Ok(Ok(Err(problem))) => {
            tracing::warn!(%problem, "the keys of other instances cannot be read")
        }
        Ok(Err(failure)) => tracing::warn!(
            failure.message,
            "the keys of other instances cannot be read"
        ),
        Err(_) => tracing::warn!("the secret store does not answer yet"),
    }
}

fn given(key: Option<String>) -> Option<SecretString> {
    key.map(|key| key.trim().to_owned())
        .filter(|key| !key.is_empty())
        .map(SecretString::from)
}

/// Adds an instance, or changes the one with this id.
///
/// # Errors
/// The address is none, the name is taken, or the key cannot be stored; nothing is changed then.
#[tauri::command(rename_all = "snake_case")]
pub async fn save_instance(
    server: State<'_, Arc<Server>>,
    remotes: State<'_, Remotes>,
    id: Option<String>,
    name: String,
    url: String,
    colour: String,
    api_key: Option<String>,
) -> Result<Shown, Failure> {
    let key = given(api_key);
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST_NAME {
        return Err(Failure::invalid(format!(
            "the name needs 1 to {LONGEST_NAME} characters"
        )));
    }
    let base = Base::parse(&url).map_err(|error| Failure::invalid(error.to_string()))?;
    let home = server.home().await?;
    let id = id.as_deref().map(parse_id).transpose()?;
    let before = home
        .store
        .instances()
        .await?
        .into_iter()
        .find(|instance| Some(instance.id) == id);
    if id.is_some() && before.is_none() {
        return Err(Failure::no_instance());
    }
    if before
        .as_ref()
        .is_some_and(|before| before.url != base.to_string())
        && key.is_none()
    {
        return Err(Failure::invalid(
            "the stored API key belongs to the old address; enter the key for the new one",
        ));
    }
    let saved = home
        .store
        .save_instance(id, name, base.to_string(), colour)
        .await?;
    remotes.forget(saved.id);
    if let Some(key) = key {
        let secret = secret_name(saved.id);
        let set = with_secrets(&home.secrets, move |secrets| secrets.set(&secret, &key)).await;
        if let Err(failure) = set.and_then(|done| done.map_err(Failure::from)) {
            put_back(&home, saved.id, before).await;
            return Err(failure);
        }
        remotes.learn_key(saved.id, true);
    } else if before.is_none() {
        remotes.learn_key(saved.id, false);
    }
    look_for_keys(&home, &remotes, std::slice::from_ref(&saved)).await;
    Ok(show(&remotes, saved))
}

/// Undoes a saving whose key could not be stored.
async fn put_back(home: &Home, id: InstanceId, before: Option<Instance>) {
    let undone = match before {
        Some(before) => home
            .store
            .save_instance(Some(id), before.name, before.url, before.colour)
            .await
            .map(drop),
        None => home.store.remove_instance(id).await,
    };
    if let Err(error) = undone {
        tracing::error!(%error, "an instance whose key was not stored is still listed");
    }
}

/// Removes an instance, its key and its saved triggers.
///
/// # Errors
/// The key cannot be removed; then the instance stays as well.
#[tauri::command]
pub async fn remove_instance(
    server: State<'_, Arc<Server>>,
    remotes: State<'_, Remotes>,
    id: String,
) -> Result<(), Failure> {
    let home = server.home().await?;
    let id = parse_id(&id)?;
    let secret = secret_name(id);
    with_secrets(&home.secrets, move |secrets| secrets.delete(&secret)).await??;
    home.store.remove_instance(id).await?;
    remotes.forget(id);
    Ok(())
}

/// Tests the connection to an instance, or to an address with a key before they are saved.
///
/// # Errors
/// There is no such instance.
#[tauri::command(rename_all = "snake_case")]
pub async fn test_instance(
    server: State<'_, Arc<Server>>,
    remotes: State<'_, Remotes>,
    id: Option<String>,
    url: Option<String>,
    api_key: Option<String>,
) -> Result<TestResult, Failure> {
    let home = server.home().await?;
    let instance = match (&id, url) {
        (Some(id), _) => remotes.instance(&home, id).await,
        (None, Some(url)) => match Base::parse(&url) {
            Ok(base) => reach(base, given(api_key)).await,
            Err(error) => return Ok(Tested::failed(Outcome::WrongUrl, error.to_string()).into()),
        },
        (None, None) => return Err(Failure::invalid("there is nothing to test")),
    };
    let instance = match instance {
        Ok(instance) => instance,
        Err(failure) if failure.code == "secret-store-unavailable" => {
            return Ok(TestResult {
                outcome: failure.code,
                product: None,
                version: None,
                message: failure.message,
            });
        }
        Err(failure) => return Err(failure),
    };
    let tested = test(&instance).await;
    if let (Some(id), Some(product)) = (&id, tested.product) {
        remotes.learn(id, product);
    }
    Ok(tested.into())
}
