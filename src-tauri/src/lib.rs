//! The shell: a window, the clipboard, the keychain, and the bridge from the page to instances. It
//! starts a server in this process and asks it through its control routes, without a port. No
//! domain code: what an agent is or how a call ends is the server's to know and the page's to show.
//! The page reaches nothing but the commands listed in [`run`]; it never sees an API key and never
//! opens a socket.

mod clipboard;
mod events;
mod failure;
mod instances;
mod options;
mod remotes;
mod request;
mod saved_triggers;
mod server;
mod window;

use events::Subscriptions;
use remotes::Remotes;
use server::Server;
use std::sync::Arc;
use std::time::Instant;
use tauri::{Manager, RunEvent};
use tracing_subscriber::EnvFilter;

/// Runs the desktop program until its window is closed. Where another server holds the data folder
/// the window says so for as long as that is so, and closing it then ends the program with status 3.
///
/// # Panics
/// When the system has no display or no web view: there is nobody to tell and nothing to show.
pub fn run() {
    let started = window::Started(Instant::now());
    let log = EnvFilter::try_from_env("SWITCHHOOK_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(log)
        .with_writer(std::io::stderr)
        .init();
    if !window::has_display()
        && let Ok(options) = options::read()
    {
        server::end_unseen(&options);
    }
    let app = tauri::Builder::default()
        // First, so that a second start ends before it touches the data folder.
        .plugin(tauri_plugin_single_instance::init(|app, _, _| {
            window::show(app)
        }))
        .plugin(tauri_plugin_clipboard_manager::init())
        .manage(started)
        .manage(Remotes::default())
        .manage(Subscriptions::default())
        .setup(|app| {
            let options = options::read();
            let server = Arc::new(Server::new(options.clone()));
            app.manage(server.clone());
            // The server starts while the web view does; whoever asks first waits for it.
            tauri::async_runtime::spawn(async move { server.home().await.map(drop) });
            window::open(
                app.handle(),
                options.ok().map(|options| options.data_dir).as_deref(),
            )?;
            window::close_on_signals(app.handle().clone());
            Ok(())
        })
        .invoke_handler(tauri::generate_handler![
            clipboard::copy_secret,
            clipboard::copy_text,
            events::subscribe,
            events::unsubscribe,
            instances::instances,
            instances::remove_instance,
            instances::save_instance,
            instances::test_instance,
            request::request,
            saved_triggers::remove_trigger,
            saved_triggers::save_trigger,
            saved_triggers::saved_triggers,
            window::ready,
        ])
        .build(tauri::generate_context!())
        .expect("the system has a display and a web view");
    app.run(|app, event| {
        if let RunEvent::ExitRequested { api, .. } = event {
            let server = app.state::<Arc<Server>>().inner().clone();
            if server.has_stopped() {
                return;
            }
            // Replies and dials under way get their answer before the process ends.
            api.prevent_exit();
            let app = app.clone();
            tauri::async_runtime::spawn(async move {
                let status = server.stop().await;
                app.exit(status);
            });
        }
    });
}
