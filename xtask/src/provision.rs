//! What has to be on the machine before anything builds: system packages and Node.js.
//!
//! On Debian and Ubuntu the missing packages are installed by apt-get; elsewhere their names are said and the work
//! goes on, since a build that then fails names the missing piece better than a guess here would. Node.js is never
//! installed: the distribution's own is often too old, and which version manager to use is the person's choice.

use std::path::Path;
use std::process::Command;

use crate::step::{Done, npm, step, tool};

/// How much of the machine a task needs.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// `switchhook serve`: a C compiler for SQLite and the TLS primitives.
    Headless,
    /// The window too: the system's web view.
    Desktop,
    /// The tests too: a screen, a keychain, a clipboard and two browsers to drive.
    Tests,
}

/// Debian package, the least task that needs it, and a program that makes the package needless where present
/// (Ubuntu has no `chromium` package that works outside its own store).
const PACKAGES: &[(&str, Need, Option<&str>)] = &[
    ("gcc", Need::Headless, Some("cc")),
    ("libc6-dev", Need::Headless, None),
    ("pkg-config", Need::Desktop, Some("pkg-config")),
    ("libwebkit2gtk-4.1-dev", Need::Desktop, None),
    ("webkit2gtk-driver", Need::Tests, Some("WebKitWebDriver")),
    ("chromium", Need::Tests, Some("chromium")),
    ("xvfb", Need::Tests, Some("Xvfb")),
    ("openbox", Need::Tests, Some("openbox")),
    ("imagemagick", Need::Tests, None),
    ("x11-utils", Need::Tests, None),
    ("httpie", Need::Tests, Some("http")),
    ("xclip", Need::Tests, Some("xclip")),
    ("dbus", Need::Tests, Some("dbus-run-session")),
    ("gnome-keyring", Need::Tests, Some("gnome-keyring-daemon")),
    // What agents speak with on lines that carry sound.
    ("espeak-ng", Need::Tests, Some("espeak-ng")),
    // Carriers' own SDKs are peers of the tests; each gets a folder of its own.
    ("python3-venv", Need::Tests, None),
    // The commands of docs/api.md are run as a person runs them.
    ("bash", Need::Tests, Some("bash")),
    ("curl", Need::Tests, Some("curl")),
];

/// The oldest Node.js that the pages' tools accept, as (major, minor).
const NODE: (u32, u32) = (20, 19);

/// Makes the machine ready for `need`.
///
/// # Errors
/// Node.js is absent or too old, or apt-get failed; the sentence says what to do.
pub fn provision(need: Need) -> Done {
    node()?;
    if cfg!(target_os = "linux") {
        linux(need)
    } else {
        elsewhere(need);
        Ok(())
    }
}

fn node() -> Done {
    let advice =
        "install it from https://nodejs.org or with your version manager, then run this again";
    let (major, minor) = NODE;
    let found = match tool("node").arg("--version").output() {
        Ok(output) => String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        Err(_) => {
            return Err(format!(
                "Node.js {major}.{minor} or newer is needed to build the pages: {advice}"
            ));
        }
    };
    if version(&found).is_none_or(|found| found < NODE) {
        return Err(format!(
            "Node.js {major}.{minor} or newer is needed to build the pages, found {found}: {advice}"
        ));
    }
    if npm("--version").output().is_err() {
        return Err(format!("npm is needed beside Node.js: {advice}"));
    }
    Ok(())
}

/// Major and minor of what `node --version` prints, such as `v20.20.2`.
fn version(printed: &str) -> Option<(u32, u32)> {
    let mut parts = printed.strip_prefix('v')?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn linux(need: Need) -> Done {
    let wanted = wanted(need, find);
    if !find("apt-get") || !find("dpkg-query") {
        println!(
            "This system has no apt-get. Where the build misses something, install what Debian calls: {}",
            wanted.join(" ")
        );
        return Ok(());
    }
    let listed = tool("dpkg-query")
        .args(["--show", "--showformat", "${db:Status-Status} ${Package}\n"])
        .args(&wanted)
        .output()
        .map_err(|error| format!("dpkg-query could not start: {error}"))?;
    let missing = missing(&wanted, &String::from_utf8_lossy(&listed.stdout));
    if missing.is_empty() {
        return Ok(());
    }
    println!("Installing system packages: {}", missing.join(" "));
    step("update the package lists", apt_get()?.arg("update"))?;
    step(
        "install system packages",
        apt_get()?
            .args(["install", "--yes", "--no-install-recommends"])
            .args(missing),
    )
}

/// The packages that `need` asks for and that no program already stands in for.
fn wanted(need: Need, present: impl Fn(&str) -> bool) -> Vec<&'static str> {
    PACKAGES
        .iter()
        .filter(|(_, least, _)| *least <= need)
        .filter(|(_, _, program)| !program.is_some_and(&present))
        .map(|(package, _, _)| *package)
        .collect()
}

/// Those of `wanted` that dpkg-query did not list as installed.
fn missing<'a>(wanted: &[&'a str], listed: &str) -> Vec<&'a str> {
    let installed = |package: &str| {
        listed
            .lines()
            .any(|line| line.split_once(' ') == Some(("installed", package)))
    };
    wanted
        .iter()
        .copied()
        .filter(|package| !installed(package))
        .collect()
}

/// apt-get as root, without questions, waiting for another apt to finish (15 minutes) instead of failing at once.
pub fn apt_get() -> Result<Command, String> {
    let id = tool("id")
        .arg("-u")
        .output()
        .map_err(|error| format!("id could not start: {error}"))?;
    let mut command = if id.stdout.trim_ascii() == b"0" {
        tool("env")
    } else if find("sudo") {
        let mut sudo = tool("sudo");
        sudo.arg("env");
        sudo
    } else {
        return Err(
            "system packages have to be installed: run this as root, or install sudo".to_owned(),
        );
    };
    command.args([
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-o",
        "DPkg::Lock::Timeout=900",
    ]);
    Ok(command)
}

/// Whether a program of this name lies on the search path.
pub fn find(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| Path::new(&folder).join(program).is_file())
}

fn elsewhere(need: Need) {
    if cfg!(target_os = "macos") {
        println!("Needed on macOS: the command line tools (xcode-select --install).");
    } else if cfg!(windows) {
        println!(
            "Needed on Windows: Visual Studio's C++ build tools, and WebView2 (part of Windows 11)."
        );
    }
    if need == Need::Tests {
        println!(
            "The test of the real window runs on Linux only; the rest of the tests need Chromium or Chrome."
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serving_without_a_display_asks_for_no_web_view() {
        assert_eq!(wanted(Need::Headless, |_| false), ["gcc", "libc6-dev"]);
    }

    #[test]
    fn the_tests_need_what_the_window_needs_too() {
        assert!(wanted(Need::Tests, |_| false).contains(&"libwebkit2gtk-4.1-dev"));
    }

    #[test]
    fn a_program_on_the_path_stands_in_for_its_package() {
        let wanted = wanted(Need::Tests, |program| program == "chromium");
        assert!(!wanted.contains(&"chromium"));
        assert!(wanted.contains(&"xvfb"));
    }

    #[test]
    fn only_installed_packages_count_as_present() {
        let listed = "installed gcc\nconfig-files xclip\nnot-installed xvfb\n";
        assert_eq!(
            missing(&["gcc", "xclip", "xvfb", "dbus"], listed),
            ["xclip", "xvfb", "dbus"]
        );
    }

    #[test]
    fn node_versions_are_compared_as_numbers() {
        assert_eq!(version("v20.20.2"), Some((20, 20)));
        assert!(version("v20.9.0").expect("a version") < NODE);
        assert!(version("v24.1.0").expect("a version") > NODE);
        assert_eq!(version("node: not found"), None);
    }
}
