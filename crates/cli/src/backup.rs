//! `switchhook backup`: copies the database past the server, so that it works while one runs and
//! while none does.

use anyhow::Context;
use clap::Args;
use std::path::PathBuf;
use switchhook_store::{Database, default_data_dir};

#[derive(Args)]
pub struct Arguments {
    /// Where to put the copy; in the data folder's "backups" without it, which keeps the newest five
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    #[arg(long, env = "SWITCHHOOK_DATA_DIR")]
    data_dir: Option<PathBuf>,
}

pub fn run(arguments: Arguments) -> anyhow::Result<()> {
    let dir = arguments
        .data_dir
        .map_or_else(default_data_dir, Ok)
        .context("name a data folder with --data-dir")?;
    let copy = Database::backup(&dir, arguments.to.as_deref())?;
    #[allow(clippy::print_stdout)]
    {
        println!("{}", copy.display());
    }
    Ok(())
}
