//! The port to the place where secrets rest: the operating system's keychain, or a sealed file on
//! machines without one. Blocking: call it from a blocking thread, a locked keychain may ask its
//! owner for a password.

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
