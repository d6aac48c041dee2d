//! The shell: a window, the clipboard, the keychain, and the bridge from the page to instances. It
//! starts a server in this process and asks it through its control routes, without a port. No
//! domain code: what an agent is or how a call ends is the server's to know and the page's to show.
//! The page reaches nothing but the commands listed in [`run`]; it never sees an API key and never
//! opens a socket.

mod autostart;
mod calls;
mod clipboard;
mod events;
mod failure;
mod frame;
mod instances;
mod links;
mod notifications;
mod options;
mod page;
mod preferences;
mod quit;
mod raise;
mod remotes;
mod request;
mod save;
mod saved_triggers;
mod server;
mod tray;
mod window;
mod words;

use calls::Calls;
use events::Subscriptions;
use frame::Kept;
use page::{Message, Page};
use preferences::Preferences;
use quit::Quit;
use raise::Raising;
use remotes::Remotes;
use server::Server;
use std::sync::Arc;
use std::time::Instant;
use tauri::{AppHandle, Manager, RunEvent};
use tracing_subscriber::EnvFilter;

/// Runs the desktop program until its window is closed. Where another server holds the data folder
/// the window says so for as long as that is so, and closing it then ends the program with status 3.
///
/// # Panics
/// When the system has no display or no web view: there is nobody to tell and nothing to show.
pub fn run() {
    let started = window::Started(Instant::now());
    let log = EnvFilter::try_from_env("SWITCHHOOK_LOG")
        .unwrap_or_else(|_| EnvFilter::new("info,rsipstack=error"));
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
        .plugin(tauri_plugin_single_instance::init(|app, line, _| {
            tracing::info!("started a second time; showing the window");
            take_link(app, &line);
            window::show(app);
        }))
        .plugin(tauri_plugin_clipboard_manager::init())
        .manage(started)
        .manage(Remotes::default())
        .manage(Subscriptions::default())
        .manage(Calls::default())
        .manage(Page::default())
        .manage(Quit::default())
        .manage(Raising::default())
        .setup(|app| {
            let options = options::read();
            app.manage(Preferences::read(options.as_ref().ok()));
            let data_dir = options
                .as_ref()
                .ok()
                .map(|options| options.data_dir.clone());
            app.manage(Kept::of(data_dir.as_deref()));
            let server = Arc::new(Server::new(options.clone()));
            app.manage(server.clone());
            // The server starts while the web view does; whoever asks first waits for it.
            tauri::async_runtime::spawn(async move { server.home().await.map(drop) });
            window::open(app.handle(), data_dir.as_deref())?;
            window::close_on_signals(app.handle().clone());
            let line: Vec<String> = std::env::args_os()
                .map(|argument| argument.to_string_lossy().into_owned())
                .collect();
            take_link(app.handle(), &line);
            let app = app.handle().clone();
            tauri::async_runtime::spawn_blocking({
                let app = app.clone();
                move || take_keys(&app)
            });
            tauri::async_runtime::spawn(calls::watch(app));
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
            page::listen,
            preferences::choose_notifications,
            preferences::choose_raise_keys,
            preferences::preferences,
            preferences::start_with_session,
            preferences::zoom,
            quit::answer_quit,
            request::request,
            save::save_file,
            saved_triggers::remove_trigger,
            saved_triggers::save_trigger,
            saved_triggers::saved_triggers,
            window::ready,
        ])
        .build(tauri::generate_context!())
        .expect("the system has a display and a web view");
    app.run(|app, event| match event {
        RunEvent::ExitRequested { api, .. } => {
            let server = app.state::<Arc<Server>>().inner().clone();
            if server.has_stopped() {
                return;
            }
            window::keep_frame(app);
            // Replies and dials under way get their answer before the process ends.
            api.prevent_exit();
            let app = app.clone();
            tauri::async_runtime::spawn(async move {
                let status = server.stop().await;
                app.exit(status);
            });
        }
        #[cfg(target_os = "macos")]
        RunEvent::Opened { urls } => {
            let links: Vec<String> = urls.iter().map(ToString::to_string).collect();
            take_link(app, &links);
            window::show(app);
        }
        _ => {}
    });
}

/// Puts the number of a link on the form, if a command line holds one.
fn take_link(app: &AppHandle, line: &[String]) {
    if let Some(number) = links::number_in(line) {
        app.state::<Page>().tell(Message::Prefill { number });
    }
}

/// Takes the keys that raise the window, where a person chose some.
fn take_keys(app: &AppHandle) {
    if let Some(keys) = app.state::<Preferences>().now().raise_keys {
        app.state::<Raising>().use_keys(app, Some(&keys));
    }
}
