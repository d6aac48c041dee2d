//! Starting the program: a window where there is a display, else the server with its web page.
//!
//! On Unix this process turns into the program it starts, so that every signal reaches the program itself and
//! nothing is left behind whoever ends first. The words for the server's ready line then come from a second copy
//! of the task runner at the other end of the server's stdout.

use std::ffi::OsString;
use std::fs;
use std::io::BufRead;
use std::process::{Command, Stdio};

use crate::pages;
use crate::provision::{Need, provision};
use crate::ready::Ready;
use crate::step::{Done, cargo, npm, program, programs, step, tool};

/// Builds and starts the program; returns only when it could not.
///
/// # Errors
/// Something could not be installed, built or started.
pub fn run(headless: bool, args: Vec<OsString>) -> Done {
    if headless || !has_display() {
        provision(Need::Headless)?;
        pages::build()?;
        step(
            "build the server",
            &mut cargo("build --package switchhook-cli"),
        )?;
        let mut server = tool(program("switchhook"));
        server.args(["serve", "--sign-in-link"]).args(args);
        serve(server)
    } else {
        provision(Need::Desktop)?;
        pages::build()?;
        step(
            "build the program",
            &mut cargo("build --package switchhook-desktop"),
        )?;
        let mut desktop = tool(program("switchhook-desktop"));
        desktop.args(args);
        become_program(desktop)
    }
}

/// The window with hot reload: a changed page is replaced in place, changed Rust code restarts the program.
///
/// # Errors
/// Something could not be installed, or the development server failed.
pub fn dev() -> Done {
    if !has_display() {
        provision(Need::Headless)?;
        pages::install()?;
        println!(
            "No display: serving the page alone. Beside it, start: cargo xtask run --headless"
        );
        return step("page server", &mut npm("run dev"));
    }
    provision(Need::Desktop)?;
    pages::install()?;
    step("window with hot reload", &mut npm("run tauri -- dev"))
}

/// Runs the benchmark, optimised.
///
/// # Errors
/// It could not be built or failed.
pub fn bench(seed: Option<u64>, memory: Option<u64>, args: Vec<OsString>) -> Done {
    provision(Need::Headless)?;
    pages::build()?;
    let mut bench = cargo("run --profile server --package switchhook-bench --");
    if let Some(runs) = seed {
        bench.args(["--seed", &runs.to_string()]);
    }
    if let Some(minutes) = memory {
        bench.args(["--memory", &minutes.to_string()]);
    }
    step("benchmark", bench.args(args))
}

/// Builds both programs as users get them and says how large they are.
///
/// # Errors
/// One of them could not be built.
pub fn release() -> Done {
    provision(Need::Desktop)?;
    pages::build()?;
    for (profile, package, name) in [
        ("release", "switchhook-desktop", "switchhook-desktop"),
        ("server", "switchhook-cli", "switchhook"),
    ] {
        let mut build = cargo("build");
        step(
            "release build",
            build.args(["--profile", profile, "--package", package]),
        )?;
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        let built = programs().with_file_name(profile).join(name);
        let bytes = fs::metadata(&built)
            .map_err(|error| format!("{} is not there: {error}", built.display()))?
            .len();
        let megabytes = bytes as f64 / 1e6;
        println!("{}: {megabytes:.1} MB ({bytes} bytes)", built.display());
    }
    Ok(())
}

fn has_display() -> bool {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    cfg!(any(target_os = "macos", windows)) || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

#[cfg(unix)]
fn serve(mut server: Command) -> Done {
    let this = std::env::current_exe()
        .map_err(|error| format!("this program cannot be found: {error}"))?;
    let announcer = tool(this)
        .arg("announce")
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the announcer could not start: {error}"))?;
    server.stdout(announcer.stdin.expect("stdin was piped"));
    become_program(server)
}

#[cfg(not(unix))]
fn serve(mut server: Command) -> Done {
    let mut child = server
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| format!("the server could not start: {error}"))?;
    announce(std::io::BufReader::new(
        child.stdout.take().expect("stdout was piped"),
    ))?;
    ended(child.wait())
}

#[cfg(unix)]
fn become_program(mut command: Command) -> Done {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    Err(format!(
        "{} could not start: {error}",
        command.get_program().display()
    ))
}

#[cfg(not(unix))]
fn become_program(mut command: Command) -> Done {
    ended(command.status())
}

#[cfg(not(unix))]
fn ended(status: std::io::Result<std::process::ExitStatus>) -> Done {
    match status {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => Err(format!("the program could not start: {error}")),
    }
}

/// Says a server's ready line in words, then reads on until the server has ended, so that it never writes into a
/// closed pipe.
///
/// # Errors
/// The server's stdout cannot be read.
pub fn announce(stdout: impl BufRead) -> Done {
    for line in stdout.lines() {
        let line = line.map_err(|error| format!("the server's output cannot be read: {error}"))?;
        match Ready::parse(&line) {
            Some(ready) => println!("{}", words(&ready)),
            None => println!("{line}"),
        }
    }
    Ok(())
}

fn words(ready: &Ready) -> String {
    let mut text = String::from("\nSwitchhook is running. Stop it with Ctrl+C.\n");
    match (&ready.control, &ready.sign_in) {
        (Some(control), Some(link)) => {
            text += &format!(
                "\n  Open this link in a browser (it works once, within five minutes):\n    {link}\n"
            );
            text += &format!("  After that, the page is at:\n    {control}\n");
        }
        (Some(control), None) => text += &format!("\n  The page is at:\n    {control}\n"),
        (None, _) => text += "\n  The page is switched off.\n",
    }
    if let Some(public) = &ready.public {
        text += &format!("  Triggers are fired at:\n    {public}\n");
    }
    if let Some(folder) = &ready.data_dir {
        text += &format!("  Everything is kept in:\n    {folder}\n");
    }
    if let Some(port) = ready.control.as_deref().and_then(local_port) {
        text += "\n  These addresses reach this computer only. From another one, first open a tunnel to here:\n";
        text += &format!("    ssh -L {port}:127.0.0.1:{port} THIS-COMPUTER\n");
    }
    text
}

/// The port of an address that only this computer reaches.
fn local_port(address: &str) -> Option<&str> {
    address
        .strip_prefix("http://127.0.0.1:")
        .map(|port| port.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_in_link_and_the_addresses_are_said() {
        let ready = Ready {
            public: Some("http://127.0.0.1:4665".into()),
            control: Some("http://127.0.0.1:4666".into()),
            data_dir: Some("/data".into()),
            sign_in: Some("http://127.0.0.1:4666/#sign-in=abc".into()),
        };
        let said = words(&ready);
        for part in [
            "http://127.0.0.1:4665\n",
            "http://127.0.0.1:4666\n",
            "#sign-in=abc\n",
            "/data\n",
            "-L 4666:",
        ] {
            assert!(said.contains(part), "{part} is missing in {said}");
        }
    }

    #[test]
    fn a_page_that_is_switched_off_is_said_so() {
        let ready = Ready {
            public: Some("http://127.0.0.1:4665".into()),
            ..Ready::default()
        };
        assert!(words(&ready).contains("switched off"));
    }

    #[test]
    fn a_page_on_the_network_asks_for_no_tunnel() {
        let ready = Ready {
            control: Some("http://192.168.1.5:4666".into()),
            ..Ready::default()
        };
        assert!(!words(&ready).contains("ssh"));
    }
}
