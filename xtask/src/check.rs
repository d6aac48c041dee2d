//! The lints, cheapest first, each under its own name.
//!
//! The import walls between the crates and the licences are cargo-deny's (deny.toml); it is not part of Rust's own
//! tools, so the one pinned version is built once into target/tools.

use crate::pages;
use crate::provision::{Need, provision};
use crate::step::{Done, cargo, npm, step, tool, tools};

const CARGO_DENY: &str = "0.20.2";

/// Every lint.
///
/// # Errors
/// The first lint that fails.
pub fn check() -> Done {
    provision(Need::Desktop)?;
    // clippy compiles the programs, and they carry the pages.
    pages::build()?;
    lints()
}

/// The lints alone, for a machine that is ready and pages that are built.
///
/// # Errors
/// The first lint that fails.
pub fn lints() -> Done {
    step("rustfmt", &mut cargo("fmt --all --check"))?;
    step("prettier", &mut npm("run format:check"))?;
    step("oxlint", &mut npm("run lint"))?;
    step("svelte-check", &mut npm("run check"))?;
    deny()?;
    step(
        "clippy",
        &mut cargo("clippy --workspace --all-targets --quiet -- -D warnings"),
    )
}

/// Import walls, licences and sources. Without `--workspace` only the root package's own tree would be looked at.
/// A wrapper that does not use what it may have is no mistake.
fn deny() -> Done {
    let program = tools()
        .join("bin")
        .join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    let present = tool(&program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.stdout.trim_ascii().ends_with(CARGO_DENY.as_bytes()));
    if !present {
        // Unoptimised: it then takes five seconds a run instead of one, and far less time to build.
        step(
            "install cargo-deny",
            cargo("install cargo-deny --locked --debug --force --version")
                .arg(format!("={CARGO_DENY}"))
                .arg("--root")
                .arg(tools())
                .env("CARGO_PROFILE_DEV_DEBUG", "0"),
        )?;
    }
    step(
        "cargo-deny",
        tool(program).args([
            "--workspace",
            "check",
            "--allow",
            "unused-wrapper",
            "bans",
            "licenses",
            "sources",
        ]),
    )
}

/// Formats everything that `check` looks at.
///
/// # Errors
/// A formatter failed, as it does on a file that it cannot parse.
pub fn format() -> Done {
    provision(Need::Headless)?;
    pages::install()?;
    step("rustfmt", &mut cargo("fmt --all"))?;
    step("prettier", &mut npm("run format"))
}
