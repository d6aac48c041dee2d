//! The far ends of telephony that the tests call: Asterisk, SIPp and baresip.
//!
//! None of them is part of the program, and each needs a package mirror. Where that cannot be reached the tests that
//! call them are left out, and the end of the run says so in one line: nothing else depends on them.
//!
//! Asterisk is in no release of Debian that a machine is likely to run, so it gets a folder of its own below the
//! target folder, with its own libraries, filled from the suite that has it. The machine's own package sources stay
//! as they are, and nothing is mounted.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::provision::{apt_get, find};
use crate::step::{Done, programs, step, tool};

/// Debian packages, each with the program that is looked for.
const PACKAGES: [(&str, &str); 3] = [
    ("sip-tester", "sipp"),
    ("baresip-core", "baresip"),
    ("mmdebstrap", "mmdebstrap"),
];
/// The Debian suite that has Asterisk.
const SUITE: &str = "forky";
/// What is in the folder; another text here makes it anew.
const RECIPE: &str = "forky 1";
/// Longest installation, in seconds: a mirror that never ends is one that cannot be reached.
const PATIENCE: &str = "900";

/// Installs what is missing. The sentence says why the tests with these peers are left out.
pub fn telephony() -> Option<String> {
    if !cfg!(target_os = "linux") {
        return Some("Asterisk and SIPp are installed on Linux only".to_owned());
    }
    packages().and_then(|()| asterisk()).err()
}

fn packages() -> Done {
    let missing = PACKAGES.iter().filter(|(_, program)| !find(program));
    let missing: Vec<_> = missing.map(|(package, _)| *package).collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !find("apt-get") {
        return Err(format!(
            "this system has no apt-get to install {}",
            missing.join(", ")
        ));
    }
    let install = || -> Done {
        let mut install = apt_get()?;
        let install = install.args(["install", "--yes", "--no-install-recommends"]);
        step("install the far ends of telephony", install.args(&missing))
    };
    // The package lists may be older than what the mirror has.
    install().or_else(|_| {
        step("update the package lists", apt_get()?.arg("update"))?;
        install()
    })
}

/// The folder where Asterisk is, whether it is there or not.
fn folder() -> PathBuf {
    programs().with_file_name("peers").join("asterisk")
}

fn asterisk() -> Done {
    let folder = folder();
    let mark = folder.with_extension("installed");
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == RECIPE) {
        return Ok(());
    }
    let mirror = mirror().ok_or("no Debian mirror is known here")?;
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let _ = fs::remove_file(&mark);
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(failed)?;
    }
    fs::create_dir_all(&folder).map_err(failed)?;
    step("install Asterisk", &mut install(&folder, &mirror))?;
    name_sounds(&folder)?;
    fs::write(&mark, RECIPE).map_err(failed)
}

/// The first mirror that apt is told of, but the one of security updates: that one has no new suites.
fn mirror() -> Option<String> {
    let listed = tool("apt-get")
        .args(["indextargets", "--format", "$(SITE)"])
        .output()
        .ok()?;
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    let mirror = listed.lines().find(|site| !site.contains("security"));
    mirror.map(str::to_owned)
}

/// Unpacks Asterisk and what it needs. Its maintainer scripts do not run: they would want a machine of their own.
fn install(folder: &Path, mirror: &str) -> Command {
    let mut command = tool("timeout");
    command
        .args([
            PATIENCE,
            "mmdebstrap",
            "--quiet",
            "--variant=extract",
            "--mode=auto",
        ])
        // Without the links from /lib to /usr/lib no program of the folder starts.
        .arg("--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr")
        .arg("--include=asterisk,asterisk-modules,asterisk-core-sounds-en-wav")
        // A suite in the making is not signed anew every week.
        .arg("--aptopt=Acquire::Check-Valid-Until \"false\"")
        .arg("--aptopt=APT::Install-Recommends \"false\"")
        .arg("--dpkgopt=path-exclude=/usr/share/doc/*")
        .arg("--dpkgopt=path-exclude=/usr/share/man/*")
        .arg(SUITE)
        .arg(folder)
        .arg(mirror);
    command
}

/// Gives the sounds the names that a maintainer script gives them. Without those a playback is silent and no error.
fn name_sounds(folder: &Path) -> Done {
    let sounds = folder.join("usr/share/asterisk/sounds");
    for (target, name) in [("en_US_f_Allison", "en_US"), ("en_US", "en")] {
        let link = sounds.join(name);
        if link.exists() {
            continue;
        }
        symlink(target, &link).map_err(|error| format!("{}: {error}", link.display()))?;
    }
    Ok(())
}

#[cfg(unix)]
fn symlink(target: &str, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_: &str, _: &Path) -> std::io::Result<()> {
    Ok(())
}
