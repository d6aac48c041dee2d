//! Real counterparts against the running program: the official client libraries, which were written
//! for Dograh and know nothing of it, a machine that reads the served document, and a shell that runs the page's commands.

mod commands;
mod document;
mod sdks;

use std::path::PathBuf;

/// Below it lie the counterparts that are installed.
const TARGET: &str = env!("CARGO_TARGET_TMPDIR");

/// Where the scripts of these tests are.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("interop")
}
