//! The port to the place where secrets rest: the operating system's keychain, or a sealed file on
//! machines without one; and the vault, which seals what is too much for a keychain (the carriers'
//! credentials) so that it can rest in the database. Blocking: call both from a blocking thread, a
//! locked keychain may ask its owner for a password.

use secrecy::SecretString;

/// Why secrets cannot be reached, with the way out; shown to people as it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}; {fix}")]
pub struct SecretsProblem {
    /// What is the matter, lower case, without any secret.
    pub message: String,
    /// What to do.
    pub fix: String,
}

/// Where secrets rest.
pub trait Secrets: Send + Sync {
    /// `keychain`, `file` or `none`.
    fn kind(&self) -> &'static str;

    /// Whether secrets can be stored now; asks the store, stores nothing.
    ///
    /// # Errors
    /// The problem and the way out.
    fn check(&self) -> Result<(), SecretsProblem>;

    /// A secret by name; `None` when there is none.
    ///
    /// # Errors
    /// When the store cannot be reached or is locked.
    fn get(&self, name: &str) -> Result<Option<SecretString>, SecretsProblem>;

    /// Stores or replaces a secret.
    ///
    /// # Errors
    /// When the store cannot be reached or is locked; nothing is stored then.
    fn set(&self, name: &str, secret: &SecretString) -> Result<(), SecretsProblem>;

    /// Forgets a secret; one that is not there is fine.
    ///
    /// # Errors
    /// When the store cannot be reached or is locked.
    fn delete(&self, name: &str) -> Result<(), SecretsProblem>;
}

/// Seals secrets under one key that [`Secrets`] holds, for rest in the database.
pub trait Vault: Send + Sync {
    /// Seals a text. `context` says what it belongs to, workspace and provider for one: only the
    /// same context opens it again, so that a sealed secret cannot be moved to another's row.
    ///
    /// # Errors
    /// When the key cannot be read or made.
    fn seal(&self, context: &str, plain: &SecretString) -> Result<Vec<u8>, SecretsProblem>;

    /// Opens what was sealed in the same context.
    ///
    /// # Errors
    /// When the key cannot be read, is gone or is another, or the bytes are damaged or another
    /// context's; says to enter the secret again where nothing else helps.
    fn open(&self, context: &str, sealed: &[u8]) -> Result<SecretString, SecretsProblem>;

    /// The same without ever waiting for the secret store; `None` where it has to be asked, or
    /// where the secret does not open.
    fn open_at_once(&self, context: &str, sealed: &[u8]) -> Option<SecretString> {
        let _ = (context, sealed);
        None
    }
}
