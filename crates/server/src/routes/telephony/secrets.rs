//! The secrets in a configuration: sealed at once, kept where their mask comes back, and kept from
//! going to another address than the one they were entered for.

use super::form::Sent;
use crate::app::App;
use crate::body::BodyError;
use crate::body::fields::{FieldError, Loc};
use crate::engine::seal_context;
use crate::problem::Problem;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use switchhook_core::telephony::TelephonyConfiguration;

/// Seals secrets for a configuration; `None` where the provider has none. On a thread for it: the
/// keychain may ask its owner for a password.
pub(super) async fn seal(
    app: &App,
    context: String,
    secrets: Map<String, Value>,
) -> Result<Option<Vec<u8>>, Problem> {
    if secrets.is_empty() {
        return Ok(None);
    }
    let vault = app.vault.clone();
    let plain = SecretString::from(Value::Object(secrets).to_string());
    let sealed = tokio::task::spawn_blocking(move || vault.seal(&context, &plain));
    Ok(Some(
        sealed.await.map_err(|error| Problem::internal(&error))??,
    ))
}

/// The address that credentials are sent to; empty for the provider's own.
fn address(settings: &Value) -> &str {
    let address = settings.get("base_url").and_then(Value::as_str);
    address.unwrap_or_default().trim()
}

/// Whoever may change a configuration may not see its secrets, so they stay with the address that
/// they were entered for.
fn credentials_needed(provider: &str, sent: &Sent, masked: &[String]) -> Problem {
    let msg = "Value error, enter the credentials again: they belong to the address they were entered for";
    let error = |name: &String| FieldError {
        kind: "value_error",
        loc: ["body", "config", provider, name].map(Loc::from).to_vec(),
        msg: msg.to_owned(),
        input: sent.secrets.get(name).cloned().unwrap_or_default(),
        ctx: Some(json!({ "error": {} })),
    };
    BodyError::Fields(masked.iter().map(error).collect()).into()
}

/// Puts the stored secrets where exactly their mask was sent back (contract §6.1).
///
/// # Errors
/// 422 when the credentials would go to another address than before.
pub(super) async fn keep_masked(
    app: &App,
    current: &TelephonyConfiguration,
    sent: &mut Sent,
) -> Result<(), Problem> {
    let is_mask = |(name, value): &(&String, &Value)| {
        !value.as_str().unwrap_or_default().is_empty()
            && current.settings.get(name.as_str()) == Some(*value)
    };
    let kept: Vec<String> = sent
        .secrets
        .iter()
        .filter(is_mask)
        .map(|(name, _)| name.clone())
        .collect();
    let (false, Some(sealed)) = (kept.is_empty(), current.sealed_credentials.clone()) else {
        return Ok(());
    };
    if address(&sent.settings) != address(&current.settings) {
        return Err(credentials_needed(&current.provider, sent, &kept));
    }
    let (vault, context) = (app.vault.clone(), seal_context(current));
    let opened = tokio::task::spawn_blocking(move || vault.open(&context, &sealed));
    let opened = opened.await.map_err(|error| Problem::internal(&error))??;
    let stored: Map<String, Value> =
        serde_json::from_str(opened.expose_secret()).unwrap_or_default();
    for name in kept {
        if let Some(value) = stored.get(&name) {
            let shown = current.settings.get(&name).cloned().unwrap_or_default();
            sent.settings[name.as_str()] = shown;
            sent.secrets.insert(name, value.clone());
        }
    }
    Ok(())
}
