//! The keys that raise the window from any other program. Off until a person chooses them; whether
//! they can be had is the system's to say, and a refusal is kept as a sentence for the settings.

use crate::window;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tauri::AppHandle;
use tauri_plugin_global_shortcut::{Builder, GlobalShortcutExt, Shortcut, ShortcutState};

/// See the module.
#[derive(Default)]
pub struct Raising(Mutex<Keys>);

#[derive(Default)]
struct Keys {
    /// The plugin takes hold of the keyboard; nobody who wants no keys has it.
    is_there: bool,
    used: Option<Shortcut>,
    problem: Option<String>,
}

impl Raising {
    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why the chosen keys do not work.
    pub fn problem(&self) -> Option<String> {
        self.keys().problem.clone()
    }

    /// Uses these keys from now on, or none. Says whether they work.
    pub fn use_keys(&self, app: &AppHandle, keys: Option<&str>) -> bool {
        let mut state = self.keys();
        if let Some(before) = state.used.take()
            && let Err(error) = app.global_shortcut().unregister(before)
        {
            tracing::warn!(%error, "keys are not given back");
        }
        state.problem = None;
        let Some(keys) = keys else {
            return true;
        };
        match take(app, keys, &mut state.is_there) {
            Ok(shortcut) => {
                state.used = Some(shortcut);
                true
            }
            Err(problem) => {
                tracing::warn!("the keys {keys} cannot be used: {problem}");
                state.problem = Some(problem);
                false
            }
        }
    }
}

fn take(app: &AppHandle, keys: &str, is_there: &mut bool) -> Result<Shortcut, String> {
    if is_wayland() {
        return Err(
            "on Wayland a program cannot take keys for itself; in the system's keyboard \
            settings, let these keys start Switchhook: a second start raises this window"
                .to_owned(),
        );
    }
    let shortcut: Shortcut = as_written(keys)
        .parse()
        .map_err(|_| format!("{keys} is nothing that the system knows; choose other keys"))?;
    if !*is_there {
        app.plugin(Builder::new().build())
            .map_err(|error| format!("the system gives no keys: {error}"))?;
        *is_there = true;
    }
    app.global_shortcut()
        .on_shortcut(shortcut, |app, _, event| {
            if event.state == ShortcutState::Pressed {
                window::show(app);
            }
        })
        .map_err(|_| format!("another program has {keys} already; choose other keys"))?;
    Ok(shortcut)
}

/// The page's word for the main modifier, as the library writes it.
fn as_written(keys: &str) -> String {
    keys.replace("Mod+", "CommandOrControl+")
}

#[cfg(target_os = "linux")]
fn is_wayland() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    is_set("WAYLAND_DISPLAY") || !is_set("DISPLAY")
}

#[cfg(not(target_os = "linux"))]
const fn is_wayland() -> bool {
    false
}
