//! The window, looked at and measured: its pictures for the documents, and what it costs to open and to use.
//!
//! Both are Playwright files that are no tests: nothing in them may fail because a machine is slow.

use crate::pages;
use crate::provision::{Need, provision};
use crate::step::{Done, cargo, npm, program, programs, step};

/// Takes the pictures in docs/screens anew.
///
/// # Errors
/// Something could not be built, or a screen did not come up.
pub fn screens() -> Done {
    provision(Need::Tests)?;
    pages::build()?;
    step(
        "build the server",
        &mut cargo("build --package switchhook-cli"),
    )?;
    let mut take = npm("run screens");
    step(
        "take the pictures",
        take.env("SWITCHHOOK_BIN", program("switchhook")),
    )
}

/// Measures the pages in a browser and the real window, both as users get them.
///
/// # Errors
/// Something could not be built or did not come up.
pub fn bench() -> Done {
    provision(Need::Tests)?;
    pages::build()?;
    for (profile, package) in [
        ("server", "switchhook-cli"),
        ("release", "switchhook-desktop"),
    ] {
        let mut build = cargo("build");
        step(
            "optimised build",
            build.args(["--profile", profile, "--package", package]),
        )?;
    }
    let built = |profile: &str, name: &str| {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        programs().with_file_name(profile).join(name)
    };
    let mut measure = npm("run measure");
    measure
        .env("SWITCHHOOK_BIN", built("server", "switchhook"))
        .env(
            "SWITCHHOOK_DESKTOP_BIN",
            built("release", "switchhook-desktop"),
        );
    step("measure the window", &mut measure)
}
