//! One step: an outside program, started from the repository's root, with its name, its time, and the line that
//! repeats it by hand.
//!
//! Every program is made by [`tool`], because this process was itself started by cargo and carries variables that
//! would make cargo's fingerprints differ from those of a build started by hand, and so compile things twice.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// The error is a sentence for the person at the terminal.
pub type Done = Result<(), String>;

/// The repository's root folder.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("xtask/ lies in the root")
        .to_path_buf()
}

/// The folder where cargo puts debug programs: the one this program was started from, whatever the settings say.
pub fn programs() -> PathBuf {
    std::env::current_exe()
        .ok()
        .and_then(|program| program.parent().map(Path::to_path_buf))
        .unwrap_or_else(|| root().join("target/debug"))
}

/// The path of a built program of this workspace.
pub fn program(name: &str) -> PathBuf {
    programs().join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The folder for programs that the lints need, kept between builds.
pub fn tools() -> PathBuf {
    programs().with_file_name("tools")
}

/// A program to be started in the root.
pub fn tool(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_set_by_cargo_run) {
            command.env_remove(name);
        }
    }
    command
}

fn is_set_by_cargo_run(name: &str) -> bool {
    const NAMES: [&str; 5] = [
        "CARGO",
        "CARGO_BIN_NAME",
        "CARGO_CRATE_NAME",
        "CARGO_PRIMARY_PACKAGE",
        "OUT_DIR",
    ];
    NAMES.contains(&name) || name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_")
}

/// The cargo that started this program, with `arguments` given as one line.
pub fn cargo(arguments: &str) -> Command {
    let mut command = tool(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments.split_whitespace());
    command
}

/// npm, working in the pages' folder, with `arguments` given as one line.
pub fn npm(arguments: &str) -> Command {
    let mut command = tool(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command
        .args(["--prefix", "ui"])
        .args(arguments.split_whitespace());
    command
}

/// Runs one step, its output going straight to the terminal.
///
/// # Errors
/// The program could not be started, or ended with anything but success.
pub fn step(name: &str, command: &mut Command) -> Done {
    let line = by_hand(command);
    println!("\n==> {name}: {line}");
    let started = Instant::now();
    let status = command
        .status()
        .map_err(|error| format!("{name} could not start: {error}; the command was: {line}"))?;
    let seconds = started.elapsed().as_secs_f64();
    if !status.success() {
        return Err(format!(
            "{name} failed after {seconds:.1} s ({status}). To run it alone: {line}"
        ));
    }
    println!("<== {name}: passed in {seconds:.1} s");
    Ok(())
}

/// The line that starts `command` from a shell in the root.
fn by_hand(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = match program.strip_prefix(root()) {
        Ok(inside) => inside.as_os_str(),
        Err(_) => program.file_name().unwrap_or(program.as_os_str()),
    };
    let set = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.display(), quoted(value?))));
    set.chain([quoted(name)])
        .chain(command.get_args().map(quoted))
        .collect::<Vec<_>>()
        .join(" ")
}

fn quoted(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,@+\\".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.into_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_names_the_line_that_repeats_it() {
        let mut command = Command::new("/somewhere/bin/cargo");
        command
            .args(["nextest", "run", "-E", "not binary(desktop)"])
            .env("SWITCHHOOK_BIN", "target/debug/switchhook")
            .env_remove("CARGO_PKG_NAME");
        assert_eq!(
            by_hand(&command),
            "SWITCHHOOK_BIN=target/debug/switchhook cargo nextest run -E 'not binary(desktop)'"
        );
    }

    #[test]
    fn a_quote_in_an_argument_survives_the_shell() {
        assert_eq!(quoted(OsStr::new("it's")), r"'it'\''s'");
    }

    #[test]
    fn a_failing_program_fails_its_step_and_says_how_to_repeat_it() {
        let mut command = cargo("no-such-command");
        command.stderr(std::process::Stdio::null());
        let failure = step("nothing", &mut command).expect_err("cargo has no such command");
        assert!(failure.contains("cargo no-such-command"), "{failure}");
    }

    #[test]
    fn settings_of_a_person_reach_cargo_and_those_of_cargo_run_do_not() {
        assert!(is_set_by_cargo_run("CARGO_PKG_NAME"));
        assert!(is_set_by_cargo_run("CARGO_MANIFEST_DIR"));
        assert!(!is_set_by_cargo_run("CARGO_TARGET_DIR"));
        assert!(!is_set_by_cargo_run("CARGO_HOME"));
    }
}
