//! Secrets in the operating system's keychain: the Secret Service over D-Bus on Linux, the login
//! keychain on macOS, the Credential Manager on Windows. The connection is made anew after every
//! failure, so that "unlock it, then try again" works without a restart.

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

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
#[cfg(target_os = "windows")]
use windows_native_keyring_store::Store;
#[cfg(target_os = "linux")]
use zbus_secret_service_keyring_store::Store;

fn connect() -> Result<Arc<CredentialStore>, SecretsProblem> {
    let store = Store::new().map_err(|error| {
        tracing::info!(%error, "no keychain");
        unreachable_keychain()
    })?;
    Ok(store)
}

fn unreachable_keychain() -> SecretsProblem {
    problem(
        "this machine's keychain cannot be reached",
        "start one, such as gnome-keyring, and try again, or start Switchhook with --secrets file and a passphrase",
    )
}

fn locked_keychain() -> SecretsProblem {
    problem(
        "the keychain is locked or has no keyring yet",
        "unlock it in your desktop's password settings and try again, or start Switchhook with --secrets file and a \
         passphrase",
    )
}

/// Whether the keyring that new items go to exists and is open. Asked by itself, because looking
/// an item up in a keyring that is locked or missing finds, quite truthfully, nothing.
#[cfg(target_os = "linux")]
fn check_default_keyring() -> Result<(), SecretsProblem> {
    use secret_service::{EncryptionType, Error, blocking::SecretService};
    let is_locked = || {
        // Nothing secret is asked for, so nothing needs to be encrypted on the bus.
        let service = SecretService::connect(EncryptionType::Plain)?;
        service.get_default_collection()?.is_locked()
    };
    match is_locked() {
        Ok(false) => Ok(()),
        Ok(true) | Err(Error::Locked | Error::NoResult | Error::Prompt) => Err(locked_keychain()),
        Err(error) => {
            tracing::info!(%error, "no keychain");
            Err(unreachable_keychain())
        }
    }
}

/// The problem as people are told it; the cause goes to the log. No error here holds a secret
/// except `BadEncoding` and `BadDataFormat`, whose texts leave the bytes out.
fn told(error: &Error) -> SecretsProblem {
    tracing::warn!(%error, "the keychain refused a call");
    match error {
        Error::NoStorageAccess(_) => locked_keychain(),
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
        #[cfg(target_os = "linux")]
        check_default_keyring()?;
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
