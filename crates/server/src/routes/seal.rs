//! Sealing what a request entrusts to this server, before it comes near the database.

use crate::app::App;
use crate::problem::Problem;
use secrecy::SecretString;
use serde_json::{Map, Value};

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
