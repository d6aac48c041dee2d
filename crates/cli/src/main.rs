//! The `switchhook` command: the server without a window, the keys that open it, workspaces,
//! backups, and a call from the command line. The same
//! server, store and engine as the desktop's. What other programs read from it is pinned
//! (INTERFACES): one ready line on stdout, exit status 3 when the data folder is in use.

mod backup;
mod fire;
mod keys;
mod pages;
mod restore;
mod serve;
mod workspaces;

use clap::{Parser, Subcommand};
use std::io::IsTerminal;
use std::process::ExitCode;

/// Many small allocations a request: this allocator spends a tenth less of the server's time on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Parser)]
#[command(version, about = "Manages and fires the API triggers of voice agents")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve triggers, control routes and the web window until stopped
    Serve(serve::Arguments),
    /// API keys for programs that fire triggers or manage this server
    Keys {
        #[command(subcommand)]
        command: keys::Command,
    },
    /// Workspaces: each has its own agents, keys, telephony and runs
    Workspaces {
        #[command(subcommand)]
        command: workspaces::Command,
    },
    /// Copy the database, also while a server runs; secrets stay in their own store
    Backup(backup::Arguments),
    /// Put a backup in the database's place at the next start of the server
    Restore(restore::Arguments),
    /// Place one call through a trigger; asked again with the same --idempotency-key, still one
    Fire(fire::Arguments),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let log = tracing_subscriber::EnvFilter::try_from_env("SWITCHHOOK_LOG");
    let log = log.unwrap_or_else(|_| {
        tracing_subscriber::EnvFilter::new("info,refinery_core=warn,rsipstack=error")
    });
    tracing_subscriber::fmt()
        .with_env_filter(log)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    let ended = match arguments.command {
        Command::Serve(arguments) => serve::run(arguments),
        Command::Keys { command } => keys::run(command).map(|()| ExitCode::SUCCESS),
        Command::Workspaces { command } => workspaces::run(command).map(|()| ExitCode::SUCCESS),
        Command::Backup(arguments) => backup::run(arguments).map(|()| ExitCode::SUCCESS),
        Command::Restore(arguments) => restore::run(arguments).map(|()| ExitCode::SUCCESS),
        Command::Fire(arguments) => fire::run(arguments),
    };
    ended.unwrap_or_else(|error| {
        eprintln!("switchhook: {error:#}");
        ExitCode::FAILURE
    })
}
