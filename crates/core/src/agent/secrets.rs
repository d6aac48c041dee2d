//! Secrets that clients write into definitions and configurations: a reviewer's or a model's API key,
//! the value of a webhook's `Authorization`. They rest sealed, are told masked, and a mask that comes
//! back stands for the stored secret (contract §3.3). Which members are secret is known by their
//! names alone, because integrations bring types of their own. Sealing itself is the vault's.

use super::definition::{items, text};
use crate::telephony::mask;
use serde_json::{Map, Value, json};

/// The members of what stands in a secret's place where it rests: the sealed bytes as text, and what
/// clients are shown of it.
const SEALED: &str = "sealed_secret";
const SHOWN: &str = "shown";

/// Parts of the names of headers that carry secrets (contract §8.2).
const SECRET_HEADERS: [&str; 11] = [
    "authorization",
    "auth",
    "token",
    "secret",
    "password",
    "passwd",
    "cookie",
    "credential",
    "api-key",
    "api_key",
    "access-key",
];

fn is_secret(name: &str) -> bool {
    let endings = ["_api_key", "_password", "_secret"];
    matches!(
        name,
        "api_key" | "password" | "secret" | "auth_token" | "access_token" | "bearer_token"
    ) || endings.iter().any(|ending| name.ends_with(ending))
}

/// The name of a header `{"key", "value"}` whose value is secret.
fn secret_header(pair: &Map<String, Value>) -> Option<&str> {
    let name = pair.get("key")?.as_str()?;
    let folded = name.to_ascii_lowercase();
    let is_secret =
        folded.contains("apikey") || SECRET_HEADERS.iter().any(|part| folded.contains(part));
    (is_secret && pair.contains_key("value")).then_some(name)
}

/// What is shown of a sealed secret; `None` for anything else.
fn shown(value: &Value) -> Option<&str> {
    let members = value.as_object()?;
    let is_sealed = members.len() == 2 && members.get(SEALED).is_some_and(Value::is_string);
    members.get(SHOWN)?.as_str().filter(|_| is_sealed)
}

/// What rests in a secret's place: its sealed bytes, as text.
#[must_use]
pub fn sealed_secret(sealed: &str, secret: &str) -> Value {
    json!({ SEALED: sealed, SHOWN: mask(secret) })
}

/// Does something to the secrets below a value.
fn each_secret<'v>(value: &'v mut Value, act: &mut impl FnMut(&'v mut Value)) {
    match value {
        Value::Object(members) => {
            let is_header = secret_header(members).is_some();
            for (name, member) in members {
                if is_secret(name) || (is_header && name == "value") {
                    act(member);
                } else {
                    each_secret(member, act);
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                each_secret(item, act);
            }
        }
        _ => {}
    }
}

fn mask_below(value: &mut Value) {
    each_secret(value, &mut mask_texts);
}

/// A secret may be several texts: a list of keys, or an object.
fn mask_texts(value: &mut Value) {
    if let Some(shown) = shown(value) {
        *value = shown.into();
        return;
    }
    match value {
        Value::String(secret) => *secret = mask(secret),
        Value::Array(items) => items.iter_mut().for_each(mask_texts),
        Value::Object(members) => members.values_mut().for_each(mask_texts),
        _ => {}
    }
}

fn masked(secret: &Value) -> Value {
    let mut masked = secret.clone();
    mask_texts(&mut masked);
    masked
}

/// The texts of secrets that are not sealed yet, for sealing.
#[must_use]
pub fn plain_secrets(value: &mut Value) -> Vec<&mut Value> {
    let mut found = Vec::new();
    each_secret(value, &mut |secret| plain_texts(secret, &mut found));
    found
}

fn plain_texts<'v>(value: &'v mut Value, found: &mut Vec<&'v mut Value>) {
    if shown(value).is_some() {
        return;
    }
    match value {
        Value::String(text) if text.is_empty() => {}
        Value::String(_) => found.push(value),
        Value::Array(items) => items.iter_mut().for_each(|item| plain_texts(item, found)),
        Value::Object(members) => members
            .values_mut()
            .for_each(|member| plain_texts(member, found)),
        _ => {}
    }
}

/// Takes out what a client made up to look like a sealed secret: only this server makes them.
pub fn drop_foreign_seals(value: &mut Value) {
    each_secret(value, &mut drop_seals);
}

fn drop_seals(value: &mut Value) {
    if shown(value).is_some() {
        *value = Value::Null;
        return;
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(drop_seals),
        Value::Object(members) => members.values_mut().for_each(drop_seals),
        _ => {}
    }
}

/// Puts the stored secret where its mask was sent.
fn restore_below(sent: &mut Value, stored: &Value) {
    match (sent, stored) {
        (Value::Object(sent), Value::Object(stored)) => restore_members(sent, stored),
        (Value::Array(sent), Value::Array(stored)) => {
            for (at, sent) in sent.iter_mut().enumerate() {
                if !restore_header(sent, stored)
                    && let Some(stored) = stored.get(at)
                {
                    restore_below(sent, stored);
                }
            }
        }
        _ => {}
    }
}

/// Headers are known by their names, wherever they stand in their list. Says whether it was one.
fn restore_header(sent: &mut Value, stored: &[Value]) -> bool {
    let Value::Object(pair) = sent else {
        return false;
    };
    let Some(name) = secret_header(pair) else {
        return false;
    };
    let mut same = stored.iter().filter_map(Value::as_object);
    let same = same.find(|stored| {
        secret_header(stored) == Some(name)
            && stored.get("value").map(masked).as_ref() == pair.get("value")
    });
    if let Some(value) = same.and_then(|stored| stored.get("value")) {
        pair.insert("value".to_owned(), value.clone());
    }
    true
}

fn restore_members(sent: &mut Map<String, Value>, stored: &Map<String, Value>) {
    for (name, sent) in sent {
        restore_member(name, sent, stored);
    }
}

fn restore_member(name: &str, sent: &mut Value, stored: &Map<String, Value>) {
    let Some(stored) = stored.get(name) else {
        return;
    };
    if !is_secret(name) {
        restore_below(sent, stored);
    } else if *sent == masked(stored) {
        *sent = stored.clone();
    }
}

/// A definition as clients may see it.
#[must_use]
pub fn mask_definition(mut definition: Value) -> Value {
    mask_below(&mut definition);
    definition
}

/// Leaves nothing of the secrets in a definition or in configurations that go elsewhere: a mask
/// would be taken for a key there.
pub fn remove_secrets(value: &mut Value) {
    each_secret(value, &mut |secret| *secret = Value::Null);
}

/// Configurations as clients may see them.
#[must_use]
pub fn mask_configurations(configurations: Map<String, Value>) -> Map<String, Value> {
    let mut value = Value::Object(configurations);
    mask_below(&mut value);
    match value {
        Value::Object(configurations) => configurations,
        _ => unreachable!("an object stays an object"),
    }
}

/// A definition that a client sent, with the secrets of what it was made from. Nodes are known by
/// their ids, wherever they stand.
pub fn restore_definition(sent: &mut Value, stored: &Value) {
    let (Value::Object(members), Value::Object(others)) = (sent, stored) else {
        return;
    };
    for (name, member) in members {
        match member {
            Value::Array(nodes) if name == "nodes" => restore_nodes(nodes, stored),
            member => restore_member(name, member, others),
        }
    }
}

fn restore_nodes(sent: &mut [Value], stored: &Value) {
    for node in sent {
        let id = text(node, "id").map(str::to_owned);
        let same =
            items(stored, "nodes").find(|node| id.is_some() && text(node, "id") == id.as_deref());
        if let Some(stored) = same {
            restore_below(node, stored);
        }
    }
}

/// Configurations that a client sent, with the secrets of those they were made from.
pub fn restore_configurations(sent: &mut Map<String, Value>, stored: &Map<String, Value>) {
    restore_members(sent, stored);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn definition(key: &str) -> Value {
        json!({"nodes": [{"id": "q", "type": "qa", "data": {"qa_api_key": key, "qa_model": "m-123456"}}]})
    }

    #[test]
    fn a_nodes_key_is_masked_and_its_mask_stands_for_it() {
        let stored = definition("sk-secret-1234");
        let masked = mask_definition(stored.clone());
        assert_eq!(masked, definition("**********1234"));
        let mut sent = masked;
        restore_definition(&mut sent, &stored);
        assert_eq!(sent, stored);
    }

    #[test]
    fn another_key_replaces_the_stored_one() {
        let mut sent = definition("sk-other-9999");
        restore_definition(&mut sent, &definition("sk-secret-1234"));
        assert_eq!(sent, definition("sk-other-9999"));
    }

    fn with_header(name: &str, value: &Value) -> Value {
        json!({"nodes": [{"id": "w", "type": "webhook", "data": {"custom_headers": [
            {"key": "X-Trace", "value": "1234567"},
            {"key": name, "value": value},
        ]}}]})
    }

    #[test]
    fn a_header_that_carries_a_secret_is_masked_and_known_by_its_name() {
        let stored = with_header("Authorization", &json!("Bearer 1234567"));
        let mut sent = mask_definition(stored.clone());
        assert_eq!(sent, with_header("Authorization", &json!("**********4567")));
        let headers = sent["nodes"][0]["data"]["custom_headers"].as_array_mut();
        headers.expect("a list").reverse();
        restore_definition(&mut sent, &stored);
        let headers = &sent["nodes"][0]["data"]["custom_headers"];
        assert_eq!(headers[0]["value"], "Bearer 1234567");
    }

    /// Stands for the vault.
    fn seal(value: &mut Value) -> usize {
        let texts = plain_secrets(value);
        let count = texts.len();
        for text in texts {
            let secret = text.as_str().expect("a text").to_owned();
            *text = sealed_secret("c2VhbGVk", &secret);
        }
        count
    }

    #[test]
    fn a_sealed_secret_is_shown_as_its_mask_kept_by_it_and_not_sealed_again() {
        let mut stored = definition("sk-secret-1234");
        assert_eq!(seal(&mut stored), 1);
        assert!(!stored.to_string().contains("sk-secret"));
        let mut sent = mask_definition(stored.clone());
        assert_eq!(sent, definition("**********1234"));
        restore_definition(&mut sent, &stored);
        assert_eq!(sent, stored);
        assert_eq!(seal(&mut sent), 0);
        remove_secrets(&mut sent);
        assert!(!sent.to_string().contains(SEALED));
    }

    #[test]
    fn what_a_client_makes_up_as_sealed_is_dropped() {
        let mut sent = json!({"nodes": [{"id": "q", "data": {"qa_api_key": sealed_secret("x", "sk-other-9999")}}]});
        drop_foreign_seals(&mut sent);
        assert_eq!(sent["nodes"][0]["data"]["qa_api_key"], Value::Null);
    }

    #[test]
    fn keys_of_models_are_masked_wherever_they_stand() {
        let stored =
            json!({"model_overrides": {"llm": {"api_key": ["sk-12345678", "k"], "model": "m"}}});
        let stored = stored.as_object().expect("an object").clone();
        let mut masked = mask_configurations(stored.clone());
        let keys = &masked["model_overrides"]["llm"]["api_key"];
        assert_eq!(keys, &json!(["*******5678", "*"]));
        restore_configurations(&mut masked, &stored);
        assert_eq!(masked, stored);
    }
}
