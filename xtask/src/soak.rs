//! The long form of the fault tests: random requests, misbehaviour and kills, then a hundred crashes
//! under load. The short forms are tests like any other; what is checked is in tests/faults.

use crate::pages;
use crate::provision::{Need, provision};
use crate::step::{Done, cargo, program, step};

/// Soaks for so many minutes.
///
/// # Errors
/// It could not be built, or something did not add up.
pub fn soak(minutes: u64, seed: Option<u64>) -> Done {
    provision(Need::Headless)?;
    pages::build()?;
    step("build", &mut cargo("build --package switchhook-cli"))?;
    let mut tests = cargo("test --package switchhook-tests --test faults -- --ignored --nocapture");
    tests
        .args(["--test-threads", "1"])
        .env("SWITCHHOOK_BIN", program("switchhook"))
        .env("SWITCHHOOK_SOAK_MINUTES", minutes.to_string());
    if let Some(seed) = seed {
        tests.env("SWITCHHOOK_SOAK_SEED", seed.to_string());
    }
    step("soak", &mut tests)
}
