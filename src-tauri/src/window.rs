//! The one window, made here and not in the configuration because it keeps its web storage in the
//! data folder, which is known only at the start. It shows this program's pages and nothing else.

use serde_json::Value;
use std::path::Path;
use std::time::Instant;
use tauri::webview::NewWindowResponse;
use tauri::{AppHandle, Manager, State, Url, WebviewUrl, WebviewWindowBuilder};

const LABEL: &str = "main";

/// When the program started.
pub struct Started(pub Instant);

/// Opens the window.
///
/// # Errors
/// When the system's web view cannot be made.
pub fn open(app: &AppHandle, data_dir: Option<&Path>) -> tauri::Result<()> {
    let mut window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Switchhook")
        .inner_size(1280.0, 800.0)
        .min_inner_size(960.0, 600.0)
        .center()
        .prevent_overflow()
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny);
    if let Some(folder) = data_dir.map(|dir| dir.join("window")) {
        match make_private(&folder) {
            Ok(()) => window = window.data_directory(folder),
            // The server will say what is wrong with the folder, in this window.
            Err(error) => {
                tracing::warn!(%error, "the window's own storage cannot be in the data folder")
            }
        }
    }
    window.build().map(drop)
}

/// Whether a window can be opened.
#[cfg(target_os = "linux")]
pub fn has_display() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// Whether a window can be opened: these systems always have a display.
#[cfg(not(target_os = "linux"))]
pub const fn has_display() -> bool {
    true
}

/// A folder that only its owner can look into, with its parents.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Whether a page is one of this program's: embedded, or the development server's.
fn is_ours(url: &Url) -> bool {
    match (url.scheme(), url.host_str()) {
        ("tauri", Some("localhost")) | ("http" | "https", Some("tauri.localhost")) => true,
        ("http", Some("127.0.0.1" | "localhost")) => cfg!(dev),
        ("about", _) => url.as_str() == "about:blank",
        _ => false,
    }
}

/// Brings the window to the front: what a second start does.
pub fn show(app: &AppHandle) {
    tracing::info!("started a second time; showing the window");
    let Some(window) = app.get_webview_window(LABEL) else {
        return;
    };
    for done in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = done {
            tracing::warn!(%error, "the window cannot be brought to the front");
        }
    }
}

/// Ends the program on SIGTERM and Ctrl+C as closing the window does.
pub fn close_on_signals(app: AppHandle) {
    tauri::async_runtime::spawn(async move {
        if let Err(error) = signalled().await {
            tracing::warn!(%error, "signals are not heard");
            return;
        }
        app.exit(0);
    });
}

#[cfg(unix)]
async fn signalled() -> std::io::Result<()> {
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        _ = terminated.recv() => Ok(()),
        interrupted = tokio::signal::ctrl_c() => interrupted,
    }
}

#[cfg(not(unix))]
async fn signalled() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// The page says, once, that a person can use it.
#[tauri::command]
pub fn ready(started: State<'_, Started>) -> Value {
    let ms = u64::try_from(started.0.elapsed().as_millis()).unwrap_or(u64::MAX);
    tracing::info!(ms, "the window can be used");
    ms.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_leaves_for_nowhere() {
        let url = |text: &str| Url::parse(text).expect("a URL");
        for ours in [
            "tauri://localhost/index.html",
            "http://tauri.localhost/",
            "about:blank",
        ] {
            assert!(is_ours(&url(ours)), "{ours}");
        }
        for foreign in [
            "https://example.com/",
            "tauri://example.com/",
            "file:///etc/hosts",
            "about:config",
            "data:text/html,x",
        ] {
            assert!(!is_ours(&url(foreign)), "{foreign}");
        }
    }
}
