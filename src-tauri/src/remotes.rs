//! The instances that were asked before, ready to be asked again: their connections, and what was
//! learned about them since the start. Their API keys go from the secret store straight into the
//! client; nothing here can give one out.

use crate::failure::Failure;
use crate::server::Home;
use secrecy::SecretString;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use switchhook_client::connection::Product;
use switchhook_client::{Base, Instance, Remote};
use switchhook_store::{InstanceId, Secrets};
use tauri::async_runtime::spawn_blocking;

/// This computer, among the page's instance ids.
pub const LOCAL: &str = "local";

/// See the module.
#[derive(Default)]
pub struct Remotes(Mutex<HashMap<i64, Known>>);

#[derive(Clone, Default)]
struct Known {
    instance: Option<Instance>,
    product: Option<Product>,
    has_key: Option<bool>,
}

/// The secret that is an instance's API key.
pub fn secret_name(id: InstanceId) -> String {
    format!("instance/{}", id.0)
}

/// Reads an instance's id as the page writes it.
pub fn parse_id(text: &str) -> Result<InstanceId, Failure> {
    text.parse()
        .map(InstanceId)
        .map_err(|_| Failure::no_instance())
}

/// Works with the secret store on a thread that may wait: a locked one asks its owner first.
pub async fn with_secrets<T: Send + 'static>(
    secrets: &Arc<dyn Secrets>,
    work: impl FnOnce(&dyn Secrets) -> T + Send + 'static,
) -> Result<T, Failure> {
    let secrets = secrets.clone();
    Ok(spawn_blocking(move || work(&*secrets)).await?)
}

impl Remotes {
    fn known(&self) -> MutexGuard<'_, HashMap<i64, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The instance with this id.
    ///
    /// # Errors
    /// There is none, or its key cannot be read.
    pub async fn instance(&self, home: &Home, id: &str) -> Result<Instance, Failure> {
        if id == LOCAL {
            return Ok(home.local.clone());
        }
        let id = parse_id(id)?;
        if let Some(instance) = self
            .known()
            .get(&id.0)
            .and_then(|known| known.instance.clone())
        {
            return Ok(instance);
        }
        let all = home.store.instances().await?;
        let stored = all
            .into_iter()
            .find(|instance| instance.id == id)
            .ok_or_else(Failure::no_instance)?;
        let base = Base::parse(&stored.url).map_err(|error| Failure::invalid(error.to_string()))?;
        let name = secret_name(id);
        let key = with_secrets(&home.secrets, move |secrets| secrets.get(&name)).await??;
        let has_key = key.is_some();
        let instance = reach(base, key).await?;
        let mut known = self.known();
        let known = known.entry(id.0).or_default();
        known.has_key = Some(has_key);
        known.instance = Some(instance.clone());
        Ok(instance)
    }

    /// Forgets the connections and what answered: the address or the key is another now.
    pub fn forget(&self, id: InstanceId) {
        self.known().remove(&id.0);
    }

    /// Notes what answers at an instance.
    pub fn learn(&self, id: &str, product: Product) {
        if let Ok(id) = id.parse() {
            self.known().entry(id).or_default().product = Some(product);
        }
    }

    /// What answers there, if anything did since the start.
    pub fn product(&self, id: InstanceId) -> Option<Product> {
        self.known().get(&id.0).and_then(|known| known.product)
    }

    /// Notes whether the secret store holds a key for an instance.
    pub fn learn_key(&self, id: InstanceId, has_key: bool) {
        self.known().entry(id.0).or_default().has_key = Some(has_key);
    }

    /// Whether there is a key, if that is known.
    pub fn has_key(&self, id: InstanceId) -> Option<bool> {
        self.known().get(&id.0).and_then(|known| known.has_key)
    }
}

/// A client for an address; made on a thread that may wait, since the system's certificates are
/// read for it.
pub async fn reach(base: Base, key: Option<SecretString>) -> Result<Instance, Failure> {
    let made = spawn_blocking(move || Remote::new(base, key.as_ref()));
    Ok(Instance::Remote(made.await??))
}
