//! Where everything is kept when nobody says otherwise. Here because the command and the desktop
//! must agree, and both already know the store.

use std::env;
use std::path::PathBuf;

/// The system names no folder for a program's data.
#[derive(Debug, thiserror::Error)]
#[error("this account has no home folder to keep data in; set SWITCHHOOK_DATA_DIR")]
pub struct NoDataDir;

/// `switchhook` in the folder that the system has for programs' data: `$XDG_DATA_HOME` or
/// `~/.local/share`, `~/Library/Application Support` on macOS, `%APPDATA%` on Windows. Not created.
///
/// # Errors
/// The environment names no such folder.
pub fn default_data_dir() -> Result<PathBuf, NoDataDir> {
    // The XDG base directory specification has relative paths ignored.
    let folder = |name| {
        env::var_os(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let parent = if cfg!(windows) {
        folder("APPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Application Support"))
    } else {
        folder("XDG_DATA_HOME").or_else(|| folder("HOME").map(|home| home.join(".local/share")))
    };
    parent
        .map(|parent| parent.join("switchhook"))
        .ok_or(NoDataDir)
}
