//! Counterparts that are too large for every test run: a real n8n. What is asked of it is in tests/n8n.

use crate::pages;
use crate::provision::{Need, provision};
use crate::step::{Done, cargo, program, step};

/// Installs n8n, fires from it, and writes docs/interop.md.
///
/// # Errors
/// It could not be installed or built, or it saw something else than it should.
pub fn interop() -> Done {
    provision(Need::Headless)?;
    pages::build()?;
    step("build", &mut cargo("build --package switchhook-cli"))?;
    let mut tests = cargo("test --package switchhook-tests --test n8n -- --ignored --nocapture");
    step(
        "n8n as a client",
        tests.env("SWITCHHOOK_BIN", program("switchhook")),
    )
}
