//! Secrets in a file that a passphrase seals: one age message (scrypt) holding a JSON object, so
//! that its owner can open it with the age program too. Deriving the key is slow on purpose; the
//! opened content is therefore kept in memory until the file changes. Every change replaces the
//! file whole, under a lock that other processes honour.

use super::problem;
use age::scrypt::{Identity, Recipient};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use switchhook_core::ports::{Secrets, SecretsProblem};

/// Base-2 logarithm of scrypt's N: about a tenth of a second and 32 MiB.
const WORK_FACTOR: u8 = 15;
/// What is refused of a file that somebody else may have put there.
const MAX_WORK_FACTOR: u8 = 20;

type Content = BTreeMap<String, SecretString>;
/// Tells one state of the file from another.
type Stamp = Option<(SystemTime, u64)>;

/// The sealed file of one data folder.
pub struct SealedFile {
    path: PathBuf,
    passphrase: SecretString,
    work_factor: u8,
    opened: Mutex<Option<(Stamp, Content)>>,
}

impl SealedFile {
    /// The file `secrets.age` of a data folder; it need not exist.
    pub fn new(dir: &Path, passphrase: SecretString) -> Self {
        Self {
            path: dir.join("secrets.age"),
            passphrase,
            work_factor: WORK_FACTOR,
            opened: Mutex::new(None),
        }
    }

    fn opened(&self) -> Result<MutexGuard<'_, Option<(Stamp, Content)>>, SecretsProblem> {
        // After a panic elsewhere the content is read anew.
        let mut opened = self.opened.lock().unwrap_or_else(|poisoned| {
            let mut guard = PoisonError::into_inner(poisoned);
            *guard = None;
            guard
        });
        let stamp = self.stamp().map_err(|error| self.unusable(&error))?;
        if opened.as_ref().is_none_or(|(seen, _)| *seen != stamp) {
            *opened = Some((stamp, self.unseal()?));
        }
        Ok(opened)
    }

    fn stamp(&self) -> io::Result<Stamp> {
        match fs::metadata(&self.path) {
            Ok(metadata) => Ok(Some((metadata.modified()?, identity(&metadata)))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn unseal(&self) -> Result<Content, SecretsProblem> {
        let sealed = match fs::read(&self.path) {
            Ok(sealed) => sealed,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Content::new()),
            Err(error) => return Err(self.unusable(&error)),
        };
        let mut identity = Identity::new(self.passphrase.clone());
        identity.set_max_work_factor(MAX_WORK_FACTOR);
        let plain = age::decrypt(&identity, &sealed).map_err(|error| match error {
            age::DecryptError::DecryptionFailed
            | age::DecryptError::NoMatchingKeys
            | age::DecryptError::KeyDecryptionFailed => problem(
                "the passphrase does not open the sealed file of secrets",
                "start again with the passphrase it was sealed with, or move secrets.age away and enter the secrets anew",
            ),
            _ => self.damaged(),
        })?;
        let plain: BTreeMap<String, String> =
            serde_json::from_slice(&plain).map_err(|_| self.damaged())?;
        Ok(plain
            .into_iter()
            .map(|(name, secret)| (name, SecretString::from(secret)))
            .collect())
    }

    /// Reads, changes and replaces the file while no other process does.
    fn change(&self, change: impl FnOnce(&mut Content)) -> Result<(), SecretsProblem> {
        let unusable = |error: io::Error| self.unusable(&error);
        let lock = private(&self.path.with_extension("lock")).map_err(unusable)?;
        lock.lock().map_err(unusable)?;
        let mut opened = self.opened()?;
        let mut content = opened
            .take()
            .map(|(_, content)| content)
            .unwrap_or_default();
        change(&mut content);
        self.replace(&content).map_err(unusable)?;
        let stamp = self.stamp().map_err(unusable)?;
        *opened = Some((stamp, content));
        Ok(())
    }

    fn replace(&self, content: &Content) -> io::Result<()> {
        let plain: BTreeMap<_, _> = content
            .iter()
            .map(|(name, secret)| (name, secret.expose_secret()))
            .collect();
        let plain = SecretString::from(serde_json::to_string(&plain)?);
        let mut recipient = Recipient::new(self.passphrase.clone());
        recipient.set_work_factor(self.work_factor);
        let sealed =
            age::encrypt(&recipient, plain.expose_secret().as_bytes()).map_err(io::Error::other)?;
        let next = self.path.with_extension("age.new");
        let mut file = private(&next)?;
        file.set_len(0)?;
        file.write_all(&sealed)?;
        file.sync_all()?;
        fs::rename(&next, &self.path)?;
        #[cfg(unix)]
        if let Some(dir) = self.path.parent() {
            // The new name, too, must outlive a power cut.
            File::open(dir)?.sync_all()?;
        }
        Ok(())
    }

    fn unusable(&self, error: &io::Error) -> SecretsProblem {
        let message = format!(
            "the sealed file of secrets {} cannot be used: {error}",
            self.path.display()
        );
        problem(
            message,
            "check the owner and the free space of the data folder",
        )
    }

    fn damaged(&self) -> SecretsProblem {
        let message = format!(
            "the sealed file of secrets {} is damaged",
            self.path.display()
        );
        problem(
            message,
            "put a backup of it back, or move it away and enter the secrets anew",
        )
    }
}

/// The inode where there is one, else the length.
fn identity(metadata: &Metadata) -> u64 {
    #[cfg(unix)]
    return std::os::unix::fs::MetadataExt::ino(metadata);
    #[cfg(not(unix))]
    metadata.len()
}

fn private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl Secrets for SealedFile {
    fn kind(&self) -> &'static str {
        "file"
    }

    fn check(&self) -> Result<(), SecretsProblem> {
        self.opened().map(|_| ())
    }

    fn get(&self, name: &str) -> Result<Option<SecretString>, SecretsProblem> {
        Ok(self
            .opened()?
            .as_ref()
            .and_then(|(_, content)| content.get(name).cloned()))
    }

    fn set(&self, name: &str, secret: &SecretString) -> Result<(), SecretsProblem> {
        self.change(|content| {
            content.insert(name.to_owned(), secret.clone());
        })
    }

    fn delete(&self, name: &str) -> Result<(), SecretsProblem> {
        if self.get(name)?.is_none() {
            return Ok(());
        }
        self.change(|content| {
            content.remove(name);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(dir: &Path, passphrase: &str) -> SealedFile {
        // A low work factor: what is tested is not how slow it is.
        SealedFile {
            work_factor: 4,
            ..SealedFile::new(dir, SecretString::from(passphrase))
        }
    }

    fn text(secrets: &SealedFile, name: &str) -> Option<String> {
        secrets
            .get(name)
            .expect("opens")
            .map(|secret| secret.expose_secret().to_owned())
    }

    #[test]
    fn what_is_set_can_be_read_again_by_another_process_and_deleted() {
        let dir = tempfile::tempdir().expect("a folder");
        let one = sealed(dir.path(), "open sesame");
        assert_eq!(text(&one, "twilio"), None);
        one.set("twilio", &SecretString::from("tøken"))
            .expect("set");
        one.set("telnyx", &SecretString::from("key")).expect("set");
        let other = sealed(dir.path(), "open sesame");
        assert_eq!(text(&other, "twilio").as_deref(), Some("tøken"));
        other.delete("twilio").expect("delete");
        other.delete("twilio").expect("deleting again is fine");
        assert_eq!(text(&one, "twilio"), None);
        assert_eq!(text(&one, "telnyx").as_deref(), Some("key"));
    }

    #[test]
    fn a_wrong_passphrase_says_the_way_out_and_changes_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        sealed(dir.path(), "right")
            .set("name", &SecretString::from("secret"))
            .expect("set");
        let wrong = sealed(dir.path(), "wrong");
        let problem = wrong.check().expect_err("does not open");
        assert!(
            problem.message.contains("passphrase") && problem.fix.contains("secrets.age"),
            "{problem}"
        );
        assert!(wrong.set("name", &SecretString::from("other")).is_err());
        assert_eq!(
            text(&sealed(dir.path(), "right"), "name").as_deref(),
            Some("secret")
        );
    }

    #[test]
    fn a_damaged_file_is_called_damaged() {
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("secrets.age"), "no age message").expect("written");
        let problem = sealed(dir.path(), "any").check().expect_err("damaged");
        assert!(problem.message.contains("damaged"), "{problem}");
    }

    #[test]
    fn the_file_shows_neither_names_nor_secrets() {
        let dir = tempfile::tempdir().expect("a folder");
        sealed(dir.path(), "pass")
            .set("account", &SecretString::from("hidden-token"))
            .expect("set");
        let bytes = fs::read(dir.path().join("secrets.age")).expect("read");
        let shown = String::from_utf8_lossy(&bytes);
        assert!(!shown.contains("hidden-token") && !shown.contains("account"));
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_its_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().expect("a folder");
        sealed(dir.path(), "pass")
            .set("name", &SecretString::from("secret"))
            .expect("set");
        let mode = fs::metadata(dir.path().join("secrets.age"))
            .expect("there")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
