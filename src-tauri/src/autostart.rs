//! Starting with the session: an entry in the system's own list, written when a person asks for it
//! and at no other time.

#[cfg(not(target_os = "linux"))]
use elsewhere as system;
#[cfg(target_os = "linux")]
use linux as system;

/// Whether the program starts with the session.
pub fn is_on() -> bool {
    system::is_on()
}

/// Puts the program on the list or takes it off.
///
/// # Errors
/// A sentence about why that cannot be.
pub fn set(on: bool) -> Result<(), String> {
    system::set(on)
        .map_err(|problem| format!("the start with the session cannot be changed: {problem}"))
}

/// A file in the autostart folder (Desktop Application Autostart Specification).
#[cfg(target_os = "linux")]
mod linux {
    use std::env;
    use std::path::{Path, PathBuf};

    const FILE: &str = "autostart/dev.switchhook.desktop.desktop";

    fn file() -> Option<PathBuf> {
        let of = |name| {
            env::var_os(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let folder = of("XDG_CONFIG_HOME").or_else(|| Some(of("HOME")?.join(".config")))?;
        Some(folder.join(FILE))
    }

    pub fn is_on() -> bool {
        file().is_some_and(|file| file.is_file())
    }

    pub fn set(on: bool) -> Result<(), String> {
        let file = file().ok_or("this account has no home folder")?;
        let told = |error: std::io::Error| format!("{}: {error}", file.display());
        if !on {
            return match std::fs::remove_file(&file) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(told(error)),
                _ => Ok(()),
            };
        }
        // An AppImage runs from a folder that is gone afterwards; the variable names the file.
        let program = match env::var_os("APPIMAGE") {
            Some(image) => PathBuf::from(image),
            None => env::current_exe().map_err(told)?,
        };
        let folder = file.parent().unwrap_or(&file);
        std::fs::create_dir_all(folder).map_err(told)?;
        std::fs::write(&file, entry(&program)).map_err(told)
    }

    pub fn entry(program: &Path) -> String {
        format!(
            "[Desktop Entry]\nType=Application\nName=Switchhook\nExec={}\nTerminal=false\nStartupNotify=false\n",
            quoted(&program.to_string_lossy())
        )
    }

    /// As the Desktop Entry Specification quotes an argument of `Exec`, itself inside a value.
    fn quoted(argument: &str) -> String {
        let mut quoted = String::from('"');
        for character in argument.chars() {
            match character {
                '\\' => quoted.push_str("\\\\\\\\"),
                '"' | '`' | '$' => {
                    quoted.push_str("\\\\");
                    quoted.push(character);
                }
                '%' => quoted.push_str("%%"),
                other => quoted.push(other),
            }
        }
        quoted.push('"');
        quoted
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_program_in_an_odd_folder_is_one_argument() {
            let entry = entry(Path::new("/opt/My $tools/100%/switchhook"));
            assert!(
                entry.contains("Exec=\"/opt/My \\\\$tools/100%%/switchhook\"\n"),
                "{entry}"
            );
        }
    }
}

/// The list of any other system, through its own library.
#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use auto_launch::{AutoLaunch, AutoLaunchBuilder};

    fn entry() -> Result<AutoLaunch, String> {
        let program = std::env::current_exe().map_err(|error| error.to_string())?;
        AutoLaunchBuilder::new()
            .set_app_name("Switchhook")
            .set_app_path(&program.to_string_lossy())
            .build()
            .map_err(|error| error.to_string())
    }

    pub fn is_on() -> bool {
        entry().is_ok_and(|entry| entry.is_enabled().unwrap_or(false))
    }

    pub fn set(on: bool) -> Result<(), String> {
        let entry = entry()?;
        let done = if on { entry.enable() } else { entry.disable() };
        done.map_err(|error| error.to_string())
    }
}
