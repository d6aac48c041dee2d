//! The system's clipboard, written only when a person presses a copy button. What lies there may be
//! anything, so it is read for one question alone: whether a secret that was copied from here lies
//! there still. It is answered and acted on in here; the page never learns what lies in the
//! clipboard.

use crate::failure::Failure;
use secrecy::{ExposeSecret, SecretString};
use std::time::Duration;
use tauri::AppHandle;
use tauri_plugin_clipboard_manager::ClipboardExt;

/// How long a copied secret may stay in the clipboard.
const KEPT: Duration = Duration::from_secs(30);

/// Copies a text.
///
/// # Errors
/// The system has no clipboard, or another program holds it.
#[tauri::command(async)]
pub fn copy_text(app: AppHandle, text: String) -> Result<(), Failure> {
    write(&app, &text)
}

/// Copies a secret, and takes it out again after 30 seconds, if it lies there still; says whether
/// that will happen. Where the clipboard cannot be read (some Wayland desktops let only the window
/// in front read it) nothing is taken out, since it could be anything.
///
/// # Errors
/// As [`copy_text`].
#[tauri::command(async)]
pub fn copy_secret(app: AppHandle, text: String) -> Result<bool, Failure> {
    let secret = SecretString::from(text);
    write(&app, secret.expose_secret())?;
    if !lies_there(&app, &secret) {
        return Ok(false);
    }
    tauri::async_runtime::spawn(async move {
        tokio::time::sleep(KEPT).await;
        // Another program may hold the clipboard for a while.
        let forgotten = tauri::async_runtime::spawn_blocking(move || forget(&app, &secret));
        let _ = forgotten.await;
    });
    Ok(true)
}

/// Takes a secret out of the clipboard, if it lies there still.
fn forget(app: &AppHandle, secret: &SecretString) {
    if lies_there(app, secret)
        && let Err(failure) = write(app, "")
    {
        tracing::warn!("a copied key stays in the clipboard: {}", failure.message);
    }
}

fn lies_there(app: &AppHandle, secret: &SecretString) -> bool {
    let lies = app.clipboard().read_text();
    lies.is_ok_and(|text| text == secret.expose_secret())
}

fn write(app: &AppHandle, text: &str) -> Result<(), Failure> {
    let problem = |error: tauri_plugin_clipboard_manager::Error| {
        Failure::new(
            "clipboard-unavailable",
            format!("the clipboard cannot be written: {error}"),
        )
    };
    app.clipboard().write_text(text).map_err(problem)
}
