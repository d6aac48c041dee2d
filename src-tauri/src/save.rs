//! A file that a person saves from the page. The person names it in the system's own dialog, and the
//! shell writes it; the page hands over a text and learns whether it was saved, never where.

use crate::failure::{Failure, NOT_SAVED};
use crate::preferences::write_private;
use crate::words;
use std::path::PathBuf;
use tauri::AppHandle;

/// Longer than any export has a name, in characters.
const LONGEST_NAME: usize = 120;

/// Asks where, and writes. False when the person thought better of it.
///
/// # Errors
/// The file cannot be written, or the system has no dialog.
#[tauri::command]
pub async fn save_file(app: AppHandle, name: String, text: String) -> Result<bool, Failure> {
    let Some(file) = asked(&app, proposed(&name)).await? else {
        return Ok(false);
    };
    // Exports hold numbers and what people said: nobody else on this computer reads them.
    let written = tauri::async_runtime::spawn_blocking(move || {
        write_private(&file, &text).map_err(|error| format!("{}: {error}", file.display()))
    });
    written.await?.map_err(|problem| {
        Failure::new(NOT_SAVED, format!("the file cannot be written: {problem}"))
    })?;
    Ok(true)
}

/// A name and no path, whatever the page says.
fn proposed(name: &str) -> String {
    let safe = |character: char| match character {
        '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|' => '-',
        other if other.is_control() => '-',
        other => other,
    };
    let name: String = name.chars().map(safe).take(LONGEST_NAME).collect();
    match name.trim_start_matches('.').trim() {
        "" => "switchhook".to_owned(),
        name => name.to_owned(),
    }
}

/// The toolkit's dialog, on its own thread: a desktop's portal where there is one.
#[cfg(target_os = "linux")]
async fn asked(app: &AppHandle, name: String) -> Result<Option<PathBuf>, Failure> {
    use gtk::prelude::*;
    let (answer, answered) = tokio::sync::oneshot::channel();
    let handle = app.clone();
    app.run_on_main_thread(move || {
        let window = crate::window::main(&handle).and_then(|window| window.gtk_window().ok());
        let dialog = gtk::FileChooserNative::new(
            Some(words::SAVE_AS),
            window.as_ref(),
            gtk::FileChooserAction::Save,
            None,
            None,
        );
        dialog.set_current_name(&name);
        dialog.set_do_overwrite_confirmation(true);
        let answer = std::cell::Cell::new(Some(answer));
        // The dialog lives until it is answered.
        let kept = std::cell::RefCell::new(Some(dialog.clone()));
        dialog.connect_response(move |dialog, response| {
            let file = (response == gtk::ResponseType::Accept)
                .then(|| dialog.filename())
                .flatten();
            if let Some(answer) = answer.take() {
                // Nobody waits any more where the page was loaded again.
                let _ = answer.send(file);
            }
            kept.borrow_mut().take();
        });
        dialog.show();
    })?;
    answered
        .await
        .map_err(|_| Failure::new("internal", "the system's file dialog did not answer"))
}

/// Any other system's dialog, through its own library.
#[cfg(not(target_os = "linux"))]
async fn asked(_: &AppHandle, name: String) -> Result<Option<PathBuf>, Failure> {
    let dialog = rfd::AsyncFileDialog::new()
        .set_title(words::SAVE_AS)
        .set_file_name(name);
    Ok(dialog.save_file().await.map(|file| file.path().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::proposed;

    #[test]
    fn a_proposed_name_leads_nowhere_else() {
        assert_eq!(proposed("runs.csv"), "runs.csv");
        assert_eq!(proposed("../../etc/hosts"), "-..-etc-hosts");
        assert_eq!(proposed(".bashrc"), "bashrc");
        assert_eq!(proposed("C:\\x"), "C--x");
        assert_eq!(proposed("  "), "switchhook");
        assert_eq!(proposed(&"x".repeat(500)).len(), 120);
    }
}
