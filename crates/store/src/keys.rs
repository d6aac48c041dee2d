//! Minting and hashing API keys (contract §2): `dgr_` and 32 random bytes in URL-safe base64.
//! Here and not in core because minting needs randomness.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use sha2::{Digest, Sha256};
use switchhook_core::api_key::KeyHash;

/// The hash that is stored of a raw key, and looked up when one is shown.
#[must_use]
pub fn hash_key(key: &str) -> KeyHash {
    KeyHash(Sha256::digest(key.as_bytes()).into())
}

/// Mints a key: the key itself, to be shown once, its hash, and its first eight characters.
///
/// # Panics
/// When the operating system has no randomness; then nothing here is safe to go on.
#[must_use]
pub fn mint_key() -> (SecretString, KeyHash, String) {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).expect("the operating system has randomness");
    let key = format!("dgr_{}", URL_SAFE_NO_PAD.encode(bytes));
    let (hash, prefix) = (hash_key(&key), key[..8].to_owned());
    (SecretString::from(key), hash, prefix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_minted_key_has_the_references_form_and_hashes_to_its_hash() {
        let (key, hash, prefix) = mint_key();
        let key = key.expose_secret();
        assert_eq!(key.len(), 47);
        assert!(key.starts_with("dgr_") && key.starts_with(&prefix) && prefix.len() == 8);
        assert!(
            key.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        );
        assert!(hash_key(key) == hash);
        assert!(mint_key().1 != hash);
    }
}
