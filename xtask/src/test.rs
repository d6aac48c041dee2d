//! The tests: the workspace's, the pages', and the two end-to-end suites against the built programs.
//!
//! Everything of Rust is built for the whole workspace at once. Selecting single packages would resolve other
//! features for the crates they share, and compile those a second time.

use std::process::Command;

use crate::provision::{Need, find, provision};
use crate::step::{Done, cargo, npm, program, root, step};
use crate::{check, pages, peers};

/// The lints, then every test.
///
/// # Errors
/// The first step that fails.
pub fn test(fast: bool) -> Done {
    let started = std::time::Instant::now();
    provision(Need::Tests)?;
    let absent = peers::telephony();
    pages::build()?;
    check::lints()?;
    build()?;
    workspace()?;
    step("page unit tests", &mut npm("run test:unit"))?;
    if fast {
        println!("\nLeft out: the end-to-end tests (cargo xtask e2e).");
    } else {
        browser(None)?;
        // Without nextest that test cannot be left out of the others, and has run with them.
        if has_nextest() {
            window(None)?;
        }
    }
    if let Some(why) = absent {
        println!("\nLEFT OUT: every test with Asterisk and SIPp. {why}");
    }
    println!(
        "\nEvery step passed, in {:.0} s.",
        started.elapsed().as_secs_f64()
    );
    Ok(())
}

/// Both end-to-end suites, or those of their tests whose name contains `filter`.
///
/// # Errors
/// The first step that fails.
pub fn e2e(filter: Option<&str>) -> Done {
    provision(Need::Tests)?;
    pages::build()?;
    build()?;
    browser(filter)?;
    window(filter)
}

/// This program is left out because some systems cannot replace a program while it runs.
fn build() -> Done {
    step(
        "build",
        &mut cargo("build --workspace --exclude xtask --bins --tests"),
    )
}

/// Every test of the workspace but the one of the real window, which belongs to the end-to-end tests.
fn workspace() -> Done {
    let mut tests = if has_nextest() {
        let mut nextest = cargo("nextest run --workspace --no-fail-fast");
        if has_window_test() {
            nextest.args(["-E", "not (package(switchhook-tests) and binary(desktop))"]);
        }
        nextest
    } else {
        cargo("test --workspace --lib --bins --tests --no-fail-fast")
    };
    step("tests", with_programs(&mut tests))
}

fn has_nextest() -> bool {
    find(&format!("cargo-nextest{}", std::env::consts::EXE_SUFFIX))
}

/// nextest refuses a filter that names no test, and cargo a test that is not there.
fn has_window_test() -> bool {
    let folder = root().join("tests");
    folder.join("tests/desktop.rs").is_file() || folder.join("desktop").is_dir()
}

/// The pages in Chromium, against `switchhook serve`.
fn browser(filter: Option<&str>) -> Done {
    let mut playwright = npm("run e2e --");
    if let Some(filter) = filter {
        playwright.args(["--grep", filter, "--pass-with-no-tests"]);
    }
    step(
        "end-to-end tests in a browser",
        with_programs(&mut playwright),
    )
}

/// The real window, driven over WebDriver.
fn window(filter: Option<&str>) -> Done {
    if !cfg!(target_os = "linux") {
        println!("\nLeft out: the test of the real window, which needs Linux.");
        return Ok(());
    }
    if !has_window_test() {
        println!("\nLeft out: tests/ holds no test of the real window.");
        return Ok(());
    }
    let mut desktop = cargo("test --workspace --test desktop --");
    step(
        "end-to-end tests in the real window",
        with_programs(desktop.args(filter)),
    )
}

/// Tells a suite where the programs under test are.
fn with_programs(command: &mut Command) -> &mut Command {
    command
        .env("SWITCHHOOK_BIN", program("switchhook"))
        .env("SWITCHHOOK_DESKTOP_BIN", program("switchhook-desktop"))
}
