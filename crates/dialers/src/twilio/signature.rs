//! Whether a callback is Twilio's (its "Validating requests" and "Sign webhooks with shared keys").
//! Signed is the public URL with its query, followed by every parameter's name and value in order;
//! of a body that is no form, the URL's `bodySHA256` stands for it. Twilio is not consistent about
//! naming the port, so the URL is tried with and without it. Tampering, replays and whose call it
//! is are others' questions.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ring::{digest, hmac};
use secrecy::{ExposeSecret, SecretString};
use std::collections::BTreeSet;

pub(super) const SIGNATURE: &str = "x-twilio-signature";
/// Names key and algorithm where a shared key signs: `key=…,algorithm=HMAC_SHA256`.
pub(super) const SETTINGS: &str = "x-twilio-webhooks-signature-settings";

/// The secrets that may have signed.
pub(super) struct Keys<'a> {
    pub auth_token: &'a SecretString,
    pub shared_key: Option<&'a SecretString>,
}

/// The body as it was signed.
pub(super) enum Signed<'a> {
    Form(&'a [(String, String)]),
    /// By the hash in the URL.
    Hashed(&'a [u8]),
}

/// Whether `signature` is one of `keys`' over the request. `settings` is the header of that name.
pub(super) fn is_genuine(
    keys: &Keys<'_>,
    url: &str,
    signed: &Signed<'_>,
    signature: &str,
    settings: Option<&str>,
) -> bool {
    let Some(key) = key(keys, settings) else {
        return false;
    };
    // The standard form only, padded: one signature has one spelling.
    let Ok(signature) = BASE64_STANDARD.decode(signature) else {
        return false;
    };
    let tail = match signed {
        Signed::Form(parameters) => tail(parameters),
        Signed::Hashed(body) if is_hash_of(url, body) => String::new(),
        Signed::Hashed(_) => return false,
    };
    spellings(url)
        .iter()
        .any(|url| hmac::verify(&key, format!("{url}{tail}").as_bytes(), &signature).is_ok())
}

/// A request with the settings header is signed by the shared key, any other by the auth token.
fn key(keys: &Keys<'_>, settings: Option<&str>) -> Option<hmac::Key> {
    let named = |wanted: &str| {
        settings?
            .split(',')
            .filter_map(|part| part.split_once('='))
            .map(|(name, value)| (name.trim(), value.trim()))
            .find(|(name, value)| *name == wanted && !value.is_empty())
            .map(|(_, value)| value)
    };
    let algorithm = match named("algorithm").map(str::to_ascii_uppercase).as_deref() {
        None | Some("HMAC_SHA1") => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
        Some("HMAC_SHA256") => hmac::HMAC_SHA256,
        Some(_) => return None,
    };
    let is_shared = named("key").is_some() || named("algorithm").is_some();
    let secret = if is_shared {
        keys.shared_key?
    } else {
        keys.auth_token
    };
    Some(hmac::Key::new(algorithm, secret.expose_secret().as_bytes()))
}

/// Names and values in order; one that comes twice counts once.
fn tail(parameters: &[(String, String)]) -> String {
    let ordered: BTreeSet<_> = parameters.iter().collect();
    ordered
        .into_iter()
        .flat_map(|(name, value)| [name.as_str(), value.as_str()])
        .collect()
}

fn is_hash_of(url: &str, body: &[u8]) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let query = query.split('#').next().unwrap_or_default();
    let hash = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "bodySHA256");
    let actual: String = digest::digest(&digest::SHA256, body)
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    hash.is_some_and(|(_, hash)| hash == actual)
}

/// The URL without a port and with one: its own, else its scheme's.
fn spellings(url: &str) -> Vec<String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return vec![url.to_owned()];
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match authority.rsplit_once(':') {
        Some((host, port)) if is_port(port) => {
            vec![format!("{scheme}://{host}{path}"), url.to_owned()]
        }
        _ => {
            let port = if scheme == "https" { 443 } else { 80 };
            vec![
                url.to_owned(),
                format!("{scheme}://{authority}:{port}{path}"),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    /// Made with the carrier's own Python package.
    const VECTORS: &str = include_str!("../../tests/data/twilio-signatures.json");

    fn genuine(vector: &Value, url: &str, signed: &Signed<'_>) -> bool {
        let vectors: Value = serde_json::from_str(VECTORS).expect("the file is JSON");
        let token = SecretString::from(vectors["token"].as_str().expect("a token"));
        let keys = Keys {
            auth_token: &token,
            shared_key: None,
        };
        let signature = vector["signature"].as_str().expect("a signature");
        is_genuine(&keys, url, signed, signature, None)
    }

    #[test]
    fn the_known_signatures_are_believed_and_no_others() {
        let vectors: Value = serde_json::from_str(VECTORS).expect("the file is JSON");
        let url = vectors["url"].as_str().expect("a URL");
        let members = vectors["params"].as_object().expect("an object");
        let mut parameters: Vec<_> = members
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().expect("text").to_owned()))
            .collect();
        assert!(genuine(&vectors, url, &Signed::Form(&parameters)));
        let with_port = url.replace(".com/", ".com:443/");
        assert!(genuine(&vectors, &with_port, &Signed::Form(&parameters)));
        let elsewhere = url.replace("hooks", "hook");
        assert!(!genuine(&vectors, &elsewhere, &Signed::Form(&parameters)));
        parameters[0].1.push('0');
        assert!(!genuine(&vectors, url, &Signed::Form(&parameters)));
    }

    #[test]
    fn repeated_parameters_are_ordered_and_count_once() {
        let vectors: Value = serde_json::from_str(VECTORS).expect("the file is JSON");
        let multi = &vectors["multi"];
        let parameters = ["2", "1", "1"].map(|value| ("A".to_owned(), value.to_owned()));
        let url = multi["url"].as_str().expect("a URL");
        assert!(genuine(multi, url, &Signed::Form(&parameters)));
    }

    #[test]
    fn a_body_that_is_no_form_is_believed_by_its_hash() {
        let vectors: Value = serde_json::from_str(VECTORS).expect("the file is JSON");
        let json = &vectors["json"];
        let url = json["url"].as_str().expect("a URL");
        let body = json["body"].as_str().expect("text").as_bytes();
        assert!(genuine(json, url, &Signed::Hashed(body)));
        assert!(!genuine(json, url, &Signed::Hashed(b"{\"a\":2}")));
    }

    #[test]
    fn where_a_shared_key_signs_the_auth_token_does_not_count() {
        let (auth_token, shared_key) = (SecretString::from("t"), SecretString::from("s"));
        let keys = Keys {
            auth_token: &auth_token,
            shared_key: Some(&shared_key),
        };
        let url = "https://hooks.example.com/";
        let sign = |secret: &str| {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
            BASE64_STANDARD.encode(hmac::sign(&key, url.as_bytes()))
        };
        let settings = Some("key=webhooks_sharedkey_1, algorithm=hmac_sha256");
        let believed = |keys: &Keys<'_>, secret: &str, settings| {
            is_genuine(keys, url, &Signed::Form(&[]), &sign(secret), settings)
        };
        assert!(believed(&keys, "s", settings));
        assert!(!believed(&keys, "t", settings));
        assert!(!believed(&keys, "s", None));
        assert!(!believed(&keys, "s", Some("key=1,algorithm=HMAC_MD5")));
        let without = Keys {
            shared_key: None,
            ..keys
        };
        assert!(!believed(&without, "t", settings));
    }
}
