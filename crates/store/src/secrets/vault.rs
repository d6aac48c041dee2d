//! The vault: seals the carriers' credentials for rest in the database, under one random key that
//! the secret store holds. One key and not one keychain item per carrier, because keychains limit
//! the size of an item and a backup of the database should carry the credentials along, sealed.
//!
//! A sealed secret is a version byte, eight bytes that tell which key sealed it, a random nonce,
//! then AES-256-GCM's text and tag; the context and those first bytes are authenticated with it.

use super::problem;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::{Digest, Sha256};
use std::sync::{Arc, Mutex, PoisonError};
use switchhook_core::ports::{Secrets, SecretsProblem, Vault};

/// What the key is called in the secret store.
const KEY_NAME: &str = "credentials-key";
const VERSION: u8 = 1;
const MARK_LEN: usize = 8;
const HEAD_LEN: usize = 1 + MARK_LEN;
const REENTER: &str = "open the telephony configuration and enter the carrier's credentials again";

type Key = SecretBox<[u8; 32]>;

/// The vault over a secret store. Asks the store for nothing yet: the key is read, or made, on
/// the first call that needs it.
#[must_use]
pub fn open_vault(secrets: Arc<dyn Secrets>) -> Arc<dyn Vault> {
    Arc::new(KeyedVault {
        secrets,
        key: Mutex::new(None),
    })
}

struct KeyedVault {
    secrets: Arc<dyn Secrets>,
    /// Zeroized when it is replaced or dropped.
    key: Mutex<Option<Key>>,
}

impl KeyedVault {
    fn stored(&self) -> Result<Option<Key>, SecretsProblem> {
        let Some(text) = self.secrets.get(KEY_NAME)? else {
            return Ok(None);
        };
        let mut bytes = STANDARD_NO_PAD
            .decode(text.expose_secret())
            .unwrap_or_default();
        let key = <[u8; 32]>::try_from(bytes.as_slice()).map(|key| Key::new(Box::new(key)));
        bytes.zeroize();
        key.map(Some).map_err(|_| {
            let message = format!("what the secret store holds as {KEY_NAME} is no key");
            let fix = format!("remove {KEY_NAME} from the secret store, then {REENTER}");
            problem(message, &fix)
        })
    }

    /// The key as the store has it now; made where there is none.
    fn key_for_sealing(&self) -> Result<Key, SecretsProblem> {
        if let Some(key) = self.stored()? {
            return Ok(key);
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|_| no_randomness())?;
        let text = SecretString::from(STANDARD_NO_PAD.encode(bytes));
        bytes.zeroize();
        self.secrets.set(KEY_NAME, &text)?;
        // Read back: what another process may have stored at the same moment is the key, too.
        self.stored()?.ok_or_else(no_key)
    }
}

impl Vault for KeyedVault {
    fn seal(&self, context: &str, plain: &SecretString) -> Result<Vec<u8>, SecretsProblem> {
        let mut cached = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        // Sealing is rare, so the store is asked each time: nothing is ever sealed under a key
        // that is gone from it.
        let key = cached.insert(self.key_for_sealing()?);
        let mut sealed = vec![VERSION];
        sealed.extend(mark(key));
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce).map_err(|_| no_randomness())?;
        let mut text = plain.expose_secret().as_bytes().to_vec();
        // Room for the tag beforehand: growing would leave a copy of the plain text behind.
        text.reserve_exact(AES_256_GCM.tag_len());
        let aad = Aad::from(associated(&sealed, context));
        let done = cipher(key).seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            aad,
            &mut text,
        );
        if done.is_err() {
            text.zeroize();
            let message = "the secret is too long to be sealed";
            return Err(problem(message, "enter a shorter one"));
        }
        sealed.extend(nonce);
        sealed.extend(text);
        Ok(sealed)
    }

    fn open(&self, context: &str, sealed: &[u8]) -> Result<SecretString, SecretsProblem> {
        let parts = parts(sealed)?;
        let mut cached = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        let is_right = |key: &Key| mark(key) == parts.mark();
        if !cached.as_ref().is_some_and(is_right) {
            // Also when there is one already: another process may have replaced it.
            *cached = self.stored()?;
        }
        let key = cached.as_ref().ok_or_else(no_key)?;
        if !is_right(key) {
            let message = "the carrier's credentials were sealed under another key than the secret store holds";
            return Err(problem(message, REENTER));
        }
        parts.open(key, context)
    }

    fn open_at_once(&self, context: &str, sealed: &[u8]) -> Option<SecretString> {
        let parts = parts(sealed).ok()?;
        // Who holds it waits for the secret store.
        let cached = self.key.try_lock().ok()?;
        let key = cached.as_ref().filter(|key| mark(key) == parts.mark())?;
        parts.open(key, context).ok()
    }
}

fn cipher(key: &Key) -> LessSafeKey {
    let key = UnboundKey::new(&AES_256_GCM, key.expose_secret());
    LessSafeKey::new(key.expect("AES-256 takes 32 bytes"))
}

/// Tells one key from another; says nothing about a random key.
fn mark(key: &Key) -> [u8; MARK_LEN] {
    let hash = Sha256::digest(key.expose_secret());
    let mut mark = [0; MARK_LEN];
    mark.copy_from_slice(&hash[..MARK_LEN]);
    mark
}

fn associated(head: &[u8], context: &str) -> Vec<u8> {
    [head, context.as_bytes()].concat()
}

struct Parts<'a> {
    head: &'a [u8],
    nonce: [u8; NONCE_LEN],
    /// With the tag.
    text: &'a [u8],
}

impl Parts<'_> {
    fn mark(&self) -> &[u8] {
        &self.head[1..]
    }

    fn open(&self, key: &Key, context: &str) -> Result<SecretString, SecretsProblem> {
        let aad = Aad::from(associated(self.head, context));
        let mut text = self.text.to_vec();
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        let plain = cipher(key)
            .open_in_place(nonce, aad, &mut text)
            .map_err(|_| damaged())?;
        let plain = std::str::from_utf8(plain)
            .map(SecretString::from)
            .map_err(|_| damaged());
        text.zeroize();
        plain
    }
}

fn parts(sealed: &[u8]) -> Result<Parts<'_>, SecretsProblem> {
    match sealed.first() {
        Some(&VERSION) => {}
        None | Some(0) => return Err(damaged()),
        Some(_) => {
            let message = "the carrier's credentials were sealed by a newer Switchhook";
            let fix = format!("install that version again, or {REENTER}");
            return Err(problem(message, &fix));
        }
    }
    let (head, rest) = sealed.split_at_checked(HEAD_LEN).ok_or_else(damaged)?;
    let (&nonce, text) = rest.split_first_chunk().ok_or_else(damaged)?;
    Ok(Parts { head, nonce, text })
}

fn damaged() -> SecretsProblem {
    let message = "the carrier's sealed credentials are damaged or belong to another configuration";
    problem(message, REENTER)
}

fn no_key() -> SecretsProblem {
    let message =
        format!("the key to the carrier's credentials ({KEY_NAME}) is gone from the secret store");
    problem(message, REENTER)
}

fn no_randomness() -> SecretsProblem {
    let message = "the operating system has no randomness";
    problem(message, "restart the computer, then try again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::{SecretsKind, open_secrets};
    use std::collections::HashMap;
    use std::path::Path;

    /// A secret store in memory that counts how often it is read.
    #[derive(Default)]
    struct Memory {
        secrets: Mutex<HashMap<String, String>>,
        reads: Mutex<u32>,
    }

    impl Secrets for Memory {
        fn kind(&self) -> &'static str {
            "file"
        }

        fn check(&self) -> Result<(), SecretsProblem> {
            Ok(())
        }

        fn get(&self, name: &str) -> Result<Option<SecretString>, SecretsProblem> {
            *self.reads.lock().expect("unpoisoned") += 1;
            let secrets = self.secrets.lock().expect("unpoisoned");
            Ok(secrets.get(name).map(|text| text.as_str().into()))
        }

        fn set(&self, name: &str, secret: &SecretString) -> Result<(), SecretsProblem> {
            let text = secret.expose_secret().to_owned();
            let mut secrets = self.secrets.lock().expect("unpoisoned");
            secrets.insert(name.to_owned(), text);
            Ok(())
        }

        fn delete(&self, name: &str) -> Result<(), SecretsProblem> {
            self.secrets.lock().expect("unpoisoned").remove(name);
            Ok(())
        }
    }

    const CONTEXT: &str = "telephony/1/twilio";
    const TOKEN: &str = r#"{"auth_token":"tøken"}"#;

    fn sealed(secrets: &Arc<Memory>) -> Vec<u8> {
        open_vault(secrets.clone())
            .seal(CONTEXT, &TOKEN.into())
            .expect("sealed")
    }

    #[test]
    fn what_was_sealed_opens_after_a_restart_and_shows_nothing() {
        let secrets = Arc::new(Memory::default());
        let sealed = sealed(&secrets);
        assert!(!String::from_utf8_lossy(&sealed).contains("auth_token"));
        let opened = open_vault(secrets).open(CONTEXT, &sealed).expect("opens");
        assert_eq!(opened.expose_secret(), TOKEN);
    }

    #[test]
    fn the_same_secret_is_never_sealed_to_the_same_bytes() {
        let secrets = Arc::new(Memory::default());
        assert_ne!(sealed(&secrets)[HEAD_LEN..], sealed(&secrets)[HEAD_LEN..]);
    }

    #[test]
    fn the_store_is_read_once_however_often_a_secret_is_opened() {
        let secrets = Arc::new(Memory::default());
        let sealed = sealed(&secrets);
        *secrets.reads.lock().expect("unpoisoned") = 0;
        let vault = open_vault(secrets.clone());
        for _ in 0..3 {
            vault.open(CONTEXT, &sealed).expect("opens");
        }
        assert_eq!(*secrets.reads.lock().expect("unpoisoned"), 1);
    }

    #[test]
    fn a_secret_opens_at_once_when_the_key_was_read_and_waits_for_nobody() {
        let secrets = Arc::new(Memory::default());
        let sealed = sealed(&secrets);
        let vault = KeyedVault {
            secrets,
            key: Mutex::default(),
        };
        let opened = |context| vault.open_at_once(context, &sealed).is_some();
        assert!(!opened(CONTEXT), "the key was not read yet");
        vault.open(CONTEXT, &sealed).expect("opens");
        assert!(opened(CONTEXT));
        assert!(!opened("telephony/2/twilio"), "another context");
        let _held = vault.key.lock().expect("unpoisoned");
        assert!(!opened(CONTEXT), "somebody asks the store");
    }

    #[test]
    fn only_its_own_context_opens_a_secret_and_a_changed_byte_does_not() {
        let secrets = Arc::new(Memory::default());
        let sealed = sealed(&secrets);
        let vault = open_vault(secrets);
        let other = vault.open("telephony/2/twilio", &sealed);
        assert_eq!(other.expect_err("another context"), damaged());
        for position in HEAD_LEN..sealed.len() {
            let mut changed = sealed.clone();
            changed[position] ^= 1;
            let refused = vault.open(CONTEXT, &changed).expect_err("changed");
            assert_eq!(refused, damaged(), "byte {position}");
        }
    }

    #[test]
    fn a_cut_or_newer_secret_is_refused_with_the_way_out() {
        let secrets = Arc::new(Memory::default());
        let mut sealed = sealed(&secrets);
        let vault = open_vault(secrets);
        for length in 0..sealed.len() {
            let refused = vault.open(CONTEXT, &sealed[..length]).expect_err("cut");
            assert_eq!(refused, damaged(), "{length} bytes");
        }
        sealed[0] = VERSION + 1;
        let refused = vault.open(CONTEXT, &sealed).expect_err("newer");
        assert!(refused.message.contains("newer"), "{refused}");
        assert!(refused.fix.contains("credentials again"), "{refused}");
    }

    #[test]
    fn a_key_that_is_gone_is_named_with_the_way_out() {
        let secrets = Arc::new(Memory::default());
        let sealed = sealed(&secrets);
        secrets.delete(KEY_NAME).expect("deleted");
        let refused = open_vault(secrets).open(CONTEXT, &sealed);
        let refused = refused.expect_err("no key");
        assert!(refused.message.contains("gone"), "{refused}");
        assert!(refused.fix.contains("credentials again"), "{refused}");
    }

    #[test]
    fn another_key_is_told_from_damage_and_entering_again_helps() {
        let secrets = Arc::new(Memory::default());
        let old = sealed(&secrets);
        secrets.delete(KEY_NAME).expect("deleted");
        let vault = open_vault(secrets);
        let new = vault.seal(CONTEXT, &TOKEN.into()).expect("sealed anew");
        let refused = vault.open(CONTEXT, &old).expect_err("another key");
        assert!(refused.message.contains("another key"), "{refused}");
        let opened = vault.open(CONTEXT, &new).expect("opens");
        assert_eq!(opened.expose_secret(), TOKEN);
    }

    #[test]
    fn a_key_that_another_process_replaced_is_read_again() {
        let secrets = Arc::new(Memory::default());
        let vault = open_vault(secrets.clone());
        vault.seal(CONTEXT, &TOKEN.into()).expect("sealed");
        secrets.delete(KEY_NAME).expect("deleted");
        let theirs = sealed(&secrets);
        assert!(vault.open(CONTEXT, &theirs).is_ok());
        let ours = vault.seal(CONTEXT, &TOKEN.into()).expect("sealed");
        assert!(open_vault(secrets).open(CONTEXT, &ours).is_ok());
    }

    #[test]
    fn what_is_no_key_is_refused_and_left_alone() {
        let secrets = Arc::new(Memory::default());
        secrets.set(KEY_NAME, &"too short".into()).expect("set");
        let vault = open_vault(secrets.clone());
        let refused = vault.seal(CONTEXT, &TOKEN.into()).expect_err("no key");
        assert!(refused.fix.contains(KEY_NAME), "{refused}");
        let left = secrets.get(KEY_NAME).expect("read").expect("there");
        assert_eq!(left.expose_secret(), "too short");
    }

    #[test]
    fn without_a_secret_store_its_own_problem_is_told() {
        let secrets = open_secrets(SecretsKind::File, None, Path::new("unused"));
        let expected = secrets.check();
        let vault = open_vault(secrets.into());
        let refused = vault.seal(CONTEXT, &TOKEN.into()).map(|_| ());
        assert_eq!(refused, expected);
    }
}
