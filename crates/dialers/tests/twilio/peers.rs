//! What others made: Twilio's Python package from PyPI and Prism from npm, in the versions that the
//! facts were recorded with.

use std::path::PathBuf;
use switchhook_tests::peers;

const TARGET: &str = env!("CARGO_TARGET_TMPDIR");

/// The Python that has Twilio's package.
pub fn python() -> PathBuf {
    peers::python(TARGET, "twilio-python", "twilio==9.13.0")
}

/// Prism's program, to be run by Node.js.
pub fn prism() -> PathBuf {
    let folder = peers::node(TARGET, "prism-cli", "@stoplight/prism-cli@5.14.2");
    folder.join("node_modules/@stoplight/prism-cli/dist/index.js")
}
