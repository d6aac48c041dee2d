//! Where secrets rest: the operating system's keychain, or a sealed file with a passphrase on
//! machines without one. Opening never fails: without a usable store there is one whose every
//! call says the problem and the way out, and whatever needs no secret works on.

mod file;
mod keychain;
mod vault;

pub use vault::open_vault;

use secrecy::SecretString;
use std::path::Path;
use switchhook_core::ports::{Secrets, SecretsProblem};

/// Which store the person chose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretsKind {
    #[default]
    Keychain,
    File,
}

impl SecretsKind {
    /// Reads the word of `--secrets` and `SWITCHHOOK_SECRETS`; `None` for any other.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "keychain" => Some(Self::Keychain),
            "file" => Some(Self::File),
            _ => None,
        }
    }
}

/// The secret store of a data folder. Reaches for nothing yet: the keychain is asked, and the
/// file unsealed, on the first call.
#[must_use]
pub fn open_secrets(
    kind: SecretsKind,
    passphrase: Option<SecretString>,
    dir: &Path,
) -> Box<dyn Secrets> {
    match (kind, passphrase) {
        (SecretsKind::Keychain, _) => Box::new(keychain::Keychain::default()),
        (SecretsKind::File, Some(passphrase)) => Box::new(file::SealedFile::new(dir, passphrase)),
        (SecretsKind::File, None) => Box::new(NoSecrets(problem(
            "the sealed file of secrets needs a passphrase",
            "start again with SWITCHHOOK_PASSPHRASE set or with --passphrase-file",
        ))),
    }
}

fn problem(message: impl Into<String>, fix: &str) -> SecretsProblem {
    SecretsProblem {
        message: message.into(),
        fix: fix.to_owned(),
    }
}

/// The store of somebody who has none.
struct NoSecrets(SecretsProblem);

impl Secrets for NoSecrets {
    fn kind(&self) -> &'static str {
        "none"
    }

    fn check(&self) -> Result<(), SecretsProblem> {
        Err(self.0.clone())
    }

    fn get(&self, _name: &str) -> Result<Option<SecretString>, SecretsProblem> {
        Err(self.0.clone())
    }

    fn set(&self, _name: &str, _secret: &SecretString) -> Result<(), SecretsProblem> {
        Err(self.0.clone())
    }

    fn delete(&self, _name: &str) -> Result<(), SecretsProblem> {
        Err(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_passphrase_says_what_to_set() {
        let secrets = open_secrets(SecretsKind::File, None, Path::new("unused"));
        assert_eq!(secrets.kind(), "none");
        let problem = secrets
            .set("name", &SecretString::from("secret"))
            .expect_err("no store");
        assert_eq!(Err(problem.clone()), secrets.check());
        assert!(problem.fix.contains("SWITCHHOOK_PASSPHRASE"), "{problem}");
    }
}
