//! What others made, installed once below the target folder and kept there: Twilio's Python
//! package from PyPI and Prism from npm, in the versions that the facts were recorded with. Python
//! with its `venv` module and npm have to be on the machine. Test processes that come at the same
//! time wait for the first one.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TWILIO: &str = "twilio==9.13.0";
const PRISM: &str = "@stoplight/prism-cli@5.14.2";

/// The Python that has Twilio's package.
pub fn python() -> PathBuf {
    let folder = peer("twilio-python", TWILIO, |folder| {
        run(Command::new("python3").args(["-m", "venv"]).arg(folder));
        run(Command::new(folder.join("bin/python"))
            .args([
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
            ])
            .arg(TWILIO));
    });
    folder.join("bin/python")
}

/// Prism's program, to be run by Node.js.
pub fn prism() -> PathBuf {
    let folder = peer("prism-cli", PRISM, |folder| {
        run(Command::new("npm")
            .args([
                "install",
                "--no-save",
                "--no-audit",
                "--no-fund",
                "--loglevel=error",
            ])
            .args(["--ignore-scripts", "--prefix"])
            .arg(folder)
            .arg(PRISM));
    });
    folder.join("node_modules/@stoplight/prism-cli/dist/index.js")
}

/// A folder that `install` filled. A file beside the folder says what is in it, and is written
/// last: what was left half-way is made again.
fn peer(name: &str, version: &str, install: impl FnOnce(&Path)) -> PathBuf {
    let peers = Path::new(env!("CARGO_TARGET_TMPDIR")).join("../peers");
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
