//! The secrets in a configuration: kept where their mask comes back, and kept from going to another
//! address than the one they were entered for.

use super::form::Sent;
use crate::app::App;
use crate::body::BodyError;
use crate::body::fields::{FieldError, Loc};
use crate::engine::seal_context;
use crate::problem::Problem;
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use switchhook_core::telephony::{ProviderFacts, ProviderField, TelephonyConfiguration};

/// The addresses that a provider's credentials are sent to; empty for the provider's own.
fn addresses(facts: &ProviderFacts, settings: &Value) -> Vec<String> {
    let fields = facts.fields.iter().filter(|field| field.is_address);
    let address = |field: &ProviderField| {
        let address = settings.pointer(&field.pointer()).and_then(Value::as_str);
        address.unwrap_or_default().trim().to_owned()
    };
    fields.map(address).collect()
}

/// Whoever may change a configuration may not see its secrets, so they stay with the address that
/// they were entered for.
fn credentials_needed(provider: &str, sent: &Sent, masked: &[&ProviderField]) -> Problem {
    let msg = "Value error, enter the credentials again: they belong to the address they were entered for";
    let error = |field: &&ProviderField| FieldError {
        kind: "value_error",
        loc: ["body", "config", provider]
            .into_iter()
            .chain(field.name.split('.'))
            .map(Loc::from)
            .collect(),
        msg: msg.to_owned(),
        input: sent.secrets.get(field.name).cloned().unwrap_or_default(),
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
    facts: &ProviderFacts,
    current: &TelephonyConfiguration,
    sent: &mut Sent,
) -> Result<(), Problem> {
    let is_mask = |field: &&ProviderField| {
        let value = sent.secrets.get(field.name).and_then(Value::as_str);
        let shown = current.settings.pointer(&field.pointer());
        value.is_some_and(|value| !value.is_empty() && shown.is_some_and(|shown| shown == value))
    };
    let kept: Vec<&ProviderField> = facts.fields.iter().filter(is_mask).collect();
    let (false, Some(sealed)) = (kept.is_empty(), current.sealed_credentials.clone()) else {
        return Ok(());
    };
    let settings = Value::Object(std::mem::take(&mut sent.settings));
    if addresses(facts, &settings) != addresses(facts, &current.settings) {
        return Err(credentials_needed(facts.id, sent, &kept));
    }
    let (vault, context) = (app.vault.clone(), seal_context(current));
    let opened = tokio::task::spawn_blocking(move || vault.open(&context, &sealed));
    let opened = opened.await.map_err(|error| Problem::internal(&error))??;
    let stored: Map<String, Value> =
        serde_json::from_str(opened.expose_secret()).unwrap_or_default();
    let mut settings = settings;
    for field in kept {
        let Some(value) = stored.get(field.name) else {
            continue;
        };
        let shown = current.settings.pointer(&field.pointer()).cloned();
        if let (Some(place), Some(shown)) = (settings.pointer_mut(&field.pointer()), shown) {
            *place = shown;
            sent.secrets.insert(field.name.to_owned(), value.clone());
        }
    }
    if let Value::Object(settings) = settings {
        sent.settings = settings;
    }
    Ok(())
}
