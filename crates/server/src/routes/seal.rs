//! Sealing what a request entrusts to this server, before it comes near the database.

use crate::app::App;
use crate::problem::Problem;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use secrecy::SecretString;
use serde_json::{Map, Value};
use switchhook_core::agent::{plain_secrets, sealed_secret};
use switchhook_core::ids::WorkspaceId;
use switchhook_core::ports::{SecretsProblem, Vault};

/// Seals secrets in a context; `None` where there are none. On a thread for it: the keychain may
/// ask its owner for a password.
///
/// # Errors
/// 503 when secrets cannot be kept now.
pub async fn seal(
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
    let sealed = sealed.await.map_err(|error| Problem::internal(&error))??;
    Ok(Some(sealed))
}

/// What the secrets in agents are sealed for. Not the agent: its duplicates keep them.
fn agents_of(workspace: WorkspaceId) -> String {
    format!("agents/{workspace}")
}

/// Seals every secret that stands in the clear in a definition or in configurations; where there is
/// none, the secret store is not asked.
///
/// # Errors
/// 503 when secrets cannot be kept now.
pub async fn seal_agent(
    app: &App,
    workspace: WorkspaceId,
    values: &mut [&mut Value],
) -> Result<(), Problem> {
    Ok(seal_texts(app.vault.clone(), workspace, values).await?)
}

/// The same for what was written before secrets were sealed.
///
/// # Errors
/// When secrets cannot be kept now.
pub async fn seal_texts(
    vault: std::sync::Arc<dyn Vault>,
    workspace: WorkspaceId,
    values: &mut [&mut Value],
) -> Result<(), SecretsProblem> {
    let texts: Vec<_> = values
        .iter_mut()
        .flat_map(|value| plain_secrets(value))
        .collect();
    if texts.is_empty() {
        return Ok(());
    }
    let plain = |text: &&mut Value| SecretString::from(text.as_str().unwrap_or_default());
    let plain: Vec<_> = texts.iter().map(plain).collect();
    let context = agents_of(workspace);
    let sealed = tokio::task::spawn_blocking(move || {
        let seal = |plain| vault.seal(&context, plain);
        plain.iter().map(seal).collect::<Result<Vec<_>, _>>()
    });
    let sealed = sealed.await.expect("the vault does not panic")?;
    for (text, sealed) in texts.into_iter().zip(sealed) {
        let secret = text.as_str().unwrap_or_default().to_owned();
        *text = sealed_secret(&STANDARD_NO_PAD.encode(sealed), &secret);
    }
    Ok(())
}
