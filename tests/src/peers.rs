//! Programs that others made, installed once below the target folder and kept there. Python with its
//! `venv` module and npm have to be on the machine. Test processes that come at the same time wait
//! for the first one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The Python that has a package of PyPI, written as `name==version`. `target` is the test's
/// `CARGO_TARGET_TMPDIR`.
///
/// # Panics
/// When it cannot be installed.
#[must_use]
pub fn python(target: &str, name: &str, package: &str) -> PathBuf {
    let folder = peer(target, name, package, |folder| {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder));
        let pip = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ];
        run(Command::new(folder.join("bin/python"))
            .args(pip)
            .arg(package));
    });
    folder.join("bin/python")
}

/// The folder that has a package of npm, written as `name@version`, in its `node_modules`.
///
/// # Panics
/// When it cannot be installed.
#[must_use]
pub fn node(target: &str, name: &str, package: &str) -> PathBuf {
    peer(target, name, package, |folder| {
        let install = [
            "install",
            "--no-save",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ];
        let mut npm = Command::new("npm");
        npm.args(install).args(["--ignore-scripts", "--prefix"]);
        run(npm.arg(folder).arg(package));
    })
}

/// The folder where npm installed what a `package.json` asks for, with the scripts of its packages.
///
/// # Panics
/// When it cannot be installed.
#[must_use]
pub fn npm(target: &str, name: &str, manifest: &str) -> PathBuf {
    peer(target, name, manifest, |folder| {
        fs::write(folder.join("package.json"), manifest).expect("the target folder can be written");
        let install = ["install", "--no-audit", "--no-fund", "--loglevel=error"];
        run(Command::new("npm").args(install).current_dir(folder));
    })
}

/// A folder that `install` filled. A file beside the folder says what is in it, and is written
/// last: what was left half-way is made again.
fn peer(target: &str, name: &str, version: &str, install: impl FnOnce(&Path)) -> PathBuf {
    let peers = Path::new(target).join("../peers");
    fs::create_dir_all(&peers).expect("the target folder can be written");
    let lock = File::create(peers.join(format!("{name}.lock"))).expect("a lock file");
    lock.lock().expect("the lock is free some time");
    let (folder, mark) = (peers.join(name), peers.join(format!("{name}.installed")));
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == version) {
        return folder;
    }
    let _ = fs::remove_file(&mark);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the target folder can be written");
    install(&folder);
    fs::write(&mark, version).expect("the target folder can be written");
    folder
}

fn run(command: &mut Command) {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{command:?} cannot be started: {error}"));
    assert!(
        output.status.success(),
        "{command:?} failed; on Debian it needs python3-venv, npm and the registries\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
