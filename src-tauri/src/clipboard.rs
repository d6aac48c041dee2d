//! The system's clipboard, written only when a person presses a copy button. Never read: what lies
//! there may be anything.

use crate::failure::Failure;
use tauri::AppHandle;
use tauri_plugin_clipboard_manager::ClipboardExt;

/// Copies a text.
///
/// # Errors
/// The system has no clipboard, or another program holds it.
#[tauri::command(async)]
pub fn copy_text(app: AppHandle, text: String) -> Result<(), Failure> {
    let problem = |error: tauri_plugin_clipboard_manager::Error| {
        Failure::new(
            "clipboard-unavailable",
            format!("the clipboard cannot be written: {error}"),
        )
    };
    app.clipboard().write_text(text).map_err(problem)
}
