//! The one window, made here and not in the configuration because it keeps its web storage in the
//! data folder, which is known only at the start. It shows this program's pages and nothing else.

use crate::frame::{self, Kept, SMALLEST};
use crate::preferences::Preferences;
use crate::quit;
use serde_json::Value;
use std::path::Path;
use std::time::Instant;
use tauri::webview::NewWindowResponse;
use tauri::{
    AppHandle, Manager, State, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
};

const LABEL: &str = "main";
/// How large the window is the first time, in logical pixels.
const FIRST_SIZE: (f64, f64) = (1280.0, 800.0);

/// When the program started.
pub struct Started(pub Instant);

/// Opens the window.
///
/// # Errors
/// When the system's web view cannot be made.
pub fn open(app: &AppHandle, data_dir: Option<&Path>) -> tauri::Result<()> {
    let mut window = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::default())
        .title("Switchhook")
        .min_inner_size(SMALLEST.0, SMALLEST.1)
        .prevent_overflow()
        // A file that is dropped on the window is the page's: it reads it and asks what to do with it.
        .disable_drag_drop_handler()
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
    let before = app.state::<Kept>().read();
    window = match before {
        Some(frame) => window
            .inner_size(frame.width, frame.height)
            .maximized(frame.maximized),
        None => window.inner_size(FIRST_SIZE.0, FIRST_SIZE.1),
    };
    let screens = app.available_monitors().unwrap_or_default();
    window = match before {
        Some(frame) if frame::is_seen(&frame, &screens) => window.position(frame.x, frame.y),
        _ => window.center(),
    };
    let window = window.build()?;
    scale(app, app.state::<Preferences>().scale());
    let app = app.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            if quit::may_go(&app) {
                keep_frame(&app);
            } else {
                api.prevent_close();
            }
        }
    });
    Ok(())
}

/// The window, while it is there.
pub fn main(app: &AppHandle) -> Option<WebviewWindow> {
    app.get_webview_window(LABEL)
}

/// Shows everything in the window so much larger.
pub fn scale(app: &AppHandle, factor: f64) {
    if let Some(Err(error)) = main(app).map(|window| window.set_zoom(factor)) {
        tracing::warn!(%error, "the window cannot be zoomed");
    }
}

/// Keeps the window's place for the next start.
pub fn keep_frame(app: &AppHandle) {
    frame::keep(app, LABEL);
}

/// Whether a person looks at the window rather than at something else.
pub fn is_in_front(app: &AppHandle) -> bool {
    main(app).is_some_and(|window| {
        window.is_focused().unwrap_or(false) && !window.is_minimized().unwrap_or(false)
    })
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

/// Brings the window to the front.
pub fn show(app: &AppHandle) {
    let Some(window) = main(app) else {
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
