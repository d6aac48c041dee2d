//! `switchhook restore`: has a backup put back at the next start of the server, from any file. The
//! server itself may run meanwhile; nothing changes under it.

use anyhow::Context;
use clap::Args;
use std::path::PathBuf;
use switchhook_store::{Database, default_data_dir};

#[derive(Args)]
pub struct Arguments {
    /// The copy, as `switchhook backup` makes them
    #[arg(value_name = "FILE", required_unless_present = "cancel")]
    file: Option<PathBuf>,
    /// Put nothing back after all
    #[arg(long, conflicts_with = "file")]
    cancel: bool,
    #[arg(long, env = "SWITCHHOOK_DATA_DIR")]
    data_dir: Option<PathBuf>,
}

pub fn run(arguments: Arguments) -> anyhow::Result<()> {
    let dir = arguments
        .data_dir
        .map_or_else(default_data_dir, Ok)
        .context("name a data folder with --data-dir")?;
    let said = match arguments.file {
        Some(file) => {
            Database::prepare_restore(&dir, &file)?;
            "the next start puts it in the database's place and keeps the present one beside it\n\
            from the present one it takes over keys that were archived, requests of the last 24 hours and open runs; its log says so where it cannot"
        }
        None => {
            Database::cancel_restore(&dir).context("the waiting copy cannot be removed")?;
            "nothing is put back"
        }
    };
    #[allow(clippy::print_stdout)]
    {
        println!("{said}");
    }
    Ok(())
}
