//! Secrets in the operating system's keychain: on Linux the Secret Service over D-Bus. The
//! connection is made anew after every failure, so that "unlock it, then try again" works without
//! a restart.

use super::problem;
use keyring_core::{CredentialStore, Entry, Error};
use secrecy::{ExposeSecret, SecretString};
use std::sync::{Arc, Mutex, PoisonError};
use switchhook_core::ports::{Secrets, SecretsProblem};

/// The name our items stand under in the keychain.
const SERVICE: &str = "switchhook";
/// Looked up by [`Secrets::check`]; never stored.
const PROBE: &str = "switchhook-check";

/// The keychain of whoever runs the program.
#[derive(Default)]
pub struct Keychain {
    store: Mutex<Option<Arc<CredentialStore>>>,
}

impl Keychain {
    /// Runs a call on an item. Waits when the keychain asks its owner for a password.
    fn with<T>(
        &self,
        name: &str,
        call: impl FnOnce(&Entry) -> Result<T, Error>,
    ) -> Result<Option<T>, SecretsProblem> {
        let mut store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let connected = match store.as_ref() {
            Some(connected) => Arc::clone(connected),
            None => Arc::clone(store.insert(connect()?)),
        };
        match connected
            .build(SERVICE, name, None)
            .and_then(|entry| call(&entry))
        {
            Ok(value) => Ok(Some(value)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => {
                *store = None;
                Err(told(&error))
            }
        }
    }
}

#[cfg(target_os = "linux")]
fn connect() -> Result<Arc<CredentialStore>, SecretsProblem> {
    let store = zbus_secret_service_keyring_store::Store::new().map_err(|error| {
        tracing::info!(%error, "no keychain");
        problem(
            "this machine's keychain (Secret Service) cannot be reached",
            "start a keychain such as gnome-keyring and try again, or start Switchhook with --secrets file and a passphrase",
        )
    })?;
    Ok(store)
}

#[cfg(not(target_os = "linux"))]
fn connect() -> Result<Arc<CredentialStore>, SecretsProblem> {
    Err(problem(
        "this build knows no keychain for this operating system",
        "start Switchhook with --secrets file and a passphrase",
    ))
}

/// The problem as people are told it; the cause goes to the log. No error here holds a secret
/// except `BadEncoding` and `BadDataFormat`, whose texts leave the bytes out.
fn told(error: &Error) -> SecretsProblem {
    tracing::warn!(%error, "the keychain refused a call");
    match error {
        Error::NoStorageAccess(_) => problem(
            "the keychain is locked or has no keyring yet",
            "unlock it in your desktop's password settings and try again",
        ),
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::Ambiguous(_) => problem(
            "the keychain's item for Switchhook cannot be read",
            "remove the items named switchhook in your desktop's password settings and enter the secret again",
        ),
        Error::TooLong(..) => problem(
            "the secret is too long for the keychain",
            "use a shorter one, or start Switchhook with --secrets file",
        ),
        _ => problem(
            "the keychain does not answer as it should",
            "check that it runs and try again, or start Switchhook with --secrets file and a passphrase",
        ),
    }
}

impl Secrets for Keychain {
    fn kind(&self) -> &'static str {
        "keychain"
    }

    fn check(&self) -> Result<(), SecretsProblem> {
        self.with(PROBE, Entry::get_password).map(|_| ())
    }

    fn get(&self, name: &str) -> Result<Option<SecretString>, SecretsProblem> {
        self.with(name, |entry| entry.get_password().map(SecretString::from))
    }

    fn set(&self, name: &str, secret: &SecretString) -> Result<(), SecretsProblem> {
        self.with(name, |entry| entry.set_password(secret.expose_secret()))
            .map(|_| ())
    }

    fn delete(&self, name: &str) -> Result<(), SecretsProblem> {
        self.with(name, Entry::delete_credential).map(|_| ())
    }
}
