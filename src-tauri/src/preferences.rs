//! What this program does on this computer beyond its window: notifications, a key that raises the
//! window, how large it shows things, starting with the session. All but the last are a small file
//! beside the window's storage; the last is the system's own list, so that it can be changed there
//! too.

use crate::failure::{Failure, NOT_SAVED};
use crate::options::Options;
use crate::{autostart, raise, window};
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tauri::{AppHandle, State};

const FILE: &str = "window/preferences.json";

/// When a notification is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    Never,
    /// While the window is not in front.
    #[default]
    Away,
    Always,
}

/// How large things are shown, in percent.
const ZOOMS: [u16; 8] = [80, 90, 100, 110, 125, 150, 175, 200];
const WHOLE: u16 = 100;

/// How large things are to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Zoom {
    /// A step larger.
    In,
    /// A step smaller.
    Out,
    /// So many percent, or the step next to it.
    To(u16),
}

impl Zoom {
    fn from(self, percent: u16) -> u16 {
        let larger = ZOOMS.into_iter().find(|step| *step > percent);
        let smaller = ZOOMS.into_iter().rfind(|step| *step < percent);
        match self {
            Self::In => larger.unwrap_or(percent),
            Self::Out => smaller.unwrap_or(percent),
            Self::To(wanted) => ZOOMS
                .into_iter()
                .min_by_key(|step| step.abs_diff(wanted))
                .unwrap_or(WHOLE),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Chosen {
    pub notifications: Wanted,
    /// The keys that raise the window from anywhere, such as `Mod+Alt+S`.
    pub raise_keys: Option<String>,
    /// How large the window shows things, in percent.
    pub zoom: u16,
}

impl Default for Chosen {
    fn default() -> Self {
        Self {
            notifications: Wanted::default(),
            raise_keys: None,
            zoom: WHOLE,
        }
    }
}

/// See the module.
#[derive(Default)]
pub struct Preferences {
    file: Option<PathBuf>,
    chosen: Mutex<Chosen>,
}

impl Preferences {
    /// Those of a data folder; the ones that a new program has where there are none.
    pub fn read(options: Option<&Options>) -> Self {
        let Some(options) = options else {
            return Self::default();
        };
        let file = options.data_dir.join(FILE);
        let chosen = match fs::read_to_string(&file) {
            Ok(text) => serde_json::from_str(&text).unwrap_or_else(|error| {
                tracing::warn!(%error, "the preferences cannot be read");
                Chosen::default()
            }),
            Err(_) => Chosen::default(),
        };
        Self {
            file: Some(file),
            chosen: Mutex::new(chosen),
        }
    }

    fn locked(&self) -> MutexGuard<'_, Chosen> {
        self.chosen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn now(&self) -> Chosen {
        self.locked().clone()
    }

    /// How large things are shown: 1.0 is as they are.
    pub fn scale(&self) -> f64 {
        f64::from(Zoom::To(self.now().zoom).from(WHOLE)) / f64::from(WHOLE)
    }

    fn keep(&self, chosen: Chosen) -> Result<(), Failure> {
        if let Some(file) = &self.file {
            let text = serde_json::to_string(&chosen).unwrap_or_default();
            write_private(file, &text).map_err(|error| {
                let told = format!(
                    "the choice cannot be written to {}: {error}",
                    file.display()
                );
                Failure::new(NOT_SAVED, told)
            })?;
        }
        *self.locked() = chosen;
        Ok(())
    }
}

/// Writes a file that only its owner reads, whole or not at all.
pub fn write_private(file: &Path, text: &str) -> std::io::Result<()> {
    // A name that nobody has, so that neither another file nor what a link leads to is written over.
    let mut beside = file.as_os_str().to_owned();
    beside.push(format!(".{}.new", uuid::Uuid::new_v4().simple()));
    let beside = PathBuf::from(beside);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut written = options.open(&beside)?;
    let done = std::io::Write::write_all(&mut written, text.as_bytes())
        .and_then(|()| written.sync_all())
        .and_then(|()| fs::rename(&beside, file));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

/// What the page shows.
#[derive(Serialize)]
pub struct Shown {
    #[serde(flatten)]
    chosen: Chosen,
    /// Why the keys do not work, in words.
    raise_problem: Option<String>,
    starts_with_session: bool,
}

fn shown(preferences: &Preferences, raising: &raise::Raising) -> Shown {
    Shown {
        chosen: preferences.now(),
        raise_problem: raising.problem(),
        starts_with_session: autostart::is_on(),
    }
}

/// What is chosen now.
#[tauri::command(async)]
pub fn preferences(
    preferences: State<'_, Preferences>,
    raising: State<'_, raise::Raising>,
) -> Shown {
    shown(&preferences, &raising)
}

/// Chooses when notifications are shown.
///
/// # Errors
/// The choice cannot be kept.
#[tauri::command(async)]
pub fn choose_notifications(
    preferences: State<'_, Preferences>,
    raising: State<'_, raise::Raising>,
    wanted: Wanted,
) -> Result<Shown, Failure> {
    let chosen = Chosen {
        notifications: wanted,
        ..preferences.now()
    };
    preferences.keep(chosen)?;
    Ok(shown(&preferences, &raising))
}

/// Chooses the keys that raise the window, or none. Keys that the system refuses are not kept.
///
/// # Errors
/// The choice cannot be kept.
#[tauri::command(async)]
pub fn choose_raise_keys(
    app: AppHandle,
    preferences: State<'_, Preferences>,
    raising: State<'_, raise::Raising>,
    keys: Option<String>,
) -> Result<Shown, Failure> {
    let works = raising.use_keys(&app, keys.as_deref());
    let raise_keys = if works { keys } else { None };
    let chosen = Chosen {
        raise_keys,
        ..preferences.now()
    };
    preferences.keep(chosen)?;
    Ok(shown(&preferences, &raising))
}

/// Shows things larger or smaller, at once and at the next start.
///
/// # Errors
/// The choice cannot be kept.
#[tauri::command(async)]
pub fn zoom(
    app: AppHandle,
    preferences: State<'_, Preferences>,
    raising: State<'_, raise::Raising>,
    zoom: Zoom,
) -> Result<Shown, Failure> {
    let now = preferences.now();
    preferences.keep(Chosen {
        zoom: zoom.from(now.zoom),
        ..now
    })?;
    window::scale(&app, preferences.scale());
    Ok(shown(&preferences, &raising))
}

/// Starts with the session from now on, or no more.
///
/// # Errors
/// The system's list cannot be written.
#[tauri::command(async)]
pub fn start_with_session(
    preferences: State<'_, Preferences>,
    raising: State<'_, raise::Raising>,
    on: bool,
) -> Result<Shown, Failure> {
    autostart::set(on).map_err(|problem| Failure::new(NOT_SAVED, problem))?;
    Ok(shown(&preferences, &raising))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_goes_by_steps_and_stops_at_the_last() {
        assert_eq!((Zoom::In.from(100), Zoom::Out.from(100)), (110, 90));
        assert_eq!((Zoom::In.from(200), Zoom::Out.from(80)), (200, 80));
        assert_eq!((Zoom::To(0).from(100), Zoom::To(9999).from(100)), (80, 200));
    }

    #[test]
    fn a_choice_outlives_the_program_and_is_its_owners_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("window")).expect("a folder");
        let file = folder.path().join(FILE);
        let preferences = Preferences {
            file: Some(file.clone()),
            chosen: Mutex::default(),
        };
        let chosen = Chosen {
            notifications: Wanted::Never,
            raise_keys: Some("Mod+Alt+S".to_owned()),
            zoom: 125,
        };
        preferences.keep(chosen.clone()).expect("it is kept");
        let text = fs::read_to_string(&file).expect("a file");
        assert_eq!(serde_json::from_str::<Chosen>(&text).expect("JSON"), chosen);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(&file).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
