//! Secrets that clients write into definitions and configurations: a reviewer's or a model's API key.
//! They are told masked, and a mask that comes back stands for the stored secret (contract §3.3).
//! Which members are secret is known by their names alone, because integrations bring types of
//! their own.

use super::definition::{items, text};
use crate::telephony::mask;
use serde_json::{Map, Value};

fn is_secret(name: &str) -> bool {
    name == "api_key" || name.ends_with("_api_key") || name == "password"
}

/// Does something to the secrets below a value.
fn each_secret(value: &mut Value, act: fn(&mut Value)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if is_secret(name) {
                    act(member);
                } else {
                    each_secret(member, act);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_secret(item, act)),
        _ => {}
    }
}

fn mask_below(value: &mut Value) {
    each_secret(value, mask_texts);
}

/// A secret may be a list of keys.
fn mask_texts(value: &mut Value) {
    match value {
        Value::String(secret) => *secret = mask(secret),
        Value::Array(items) => items.iter_mut().for_each(mask_texts),
        _ => {}
    }
}

/// Puts the stored secret where its mask was sent.
fn restore_below(sent: &mut Value, stored: &Value) {
    match (sent, stored) {
        (Value::Object(sent), Value::Object(stored)) => restore_members(sent, stored),
        (Value::Array(sent), Value::Array(stored)) => {
            for (sent, stored) in sent.iter_mut().zip(stored) {
                restore_below(sent, stored);
            }
        }
        _ => {}
    }
}

fn restore_members(sent: &mut Map<String, Value>, stored: &Map<String, Value>) {
    for (name, sent) in sent {
        let Some(stored) = stored.get(name) else {
            continue;
        };
        let mut masked = stored.clone();
        mask_texts(&mut masked);
        if !is_secret(name) {
            restore_below(sent, stored);
        } else if *sent == masked {
            *sent = stored.clone();
        }
    }
}

fn node_data_mut(definition: &mut Value) -> impl Iterator<Item = (Option<String>, &mut Value)> {
    let nodes = definition.get_mut("nodes").and_then(Value::as_array_mut);
    nodes.into_iter().flatten().filter_map(|node| {
        let id = text(node, "id").map(str::to_owned);
        Some((id, node.get_mut("data")?))
    })
}

/// A definition as clients may see it.
#[must_use]
pub fn mask_definition(mut definition: Value) -> Value {
    for (_, data) in node_data_mut(&mut definition) {
        mask_below(data);
    }
    definition
}

/// Leaves nothing of the secrets in a definition or in configurations that go elsewhere: a mask
/// would be taken for a key there.
pub fn remove_secrets(value: &mut Value) {
    each_secret(value, |secret| *secret = Value::Null);
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

/// A definition that a client sent, with the secrets of the nodes that it was made from.
pub fn restore_definition(sent: &mut Value, stored: &Value) {
    for (id, data) in node_data_mut(sent) {
        let same =
            items(stored, "nodes").find(|node| id.is_some() && text(node, "id") == id.as_deref());
        if let Some(stored) = same.and_then(|node| node.get("data")) {
            restore_below(data, stored);
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
