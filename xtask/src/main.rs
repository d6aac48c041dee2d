//! The task runner: one word for each thing a person does in this repository.
//!
//! It knows only the standard library and clap, so that it is there seconds after a fresh clone, before
//! anything else is built. It starts other programs and says what it starts; it holds no logic of Switchhook.
#![expect(
    clippy::print_stdout,
    reason = "talking to the terminal is what a task runner is for"
)]

mod check;
mod interop;
mod pages;
mod peers;
mod provision;
mod ready;
mod run;
mod soak;
mod step;
mod test;
mod window;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use step::Done;

/// Build, run and test Switchhook.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Install what is missing, build, and start the program: a window, or a local web page without a display
    Run {
        /// Serve the web page even where a window could open
        #[arg(long)]
        headless: bool,
        /// Handed to the program as they are
        #[arg(last = true)]
        args: Vec<OsString>,
    },
    /// Everything that must hold before a change lands: lints, tests, end-to-end tests
    Test {
        /// Leave the end-to-end tests out
        #[arg(long)]
        fast: bool,
    },
    /// Every lint: formatting, import walls, licences, the pages' linters, clippy
    Check,
    /// Format everything
    Fmt,
    /// Start the window with hot reload
    Dev,
    /// The end-to-end tests: the pages in a browser, then the real window
    E2e {
        /// Only tests whose name contains this
        filter: Option<String>,
    },
    /// Install the far ends of telephony that the tests call: Asterisk, SIPp, baresip
    Peers,
    /// Take the pictures in docs/screens: every screen in both themes
    Screens,
    /// Measure the trigger beside its yardsticks (an optimised build)
    Bench {
        /// Make a database with so many runs and measure lists, searches and the trigger over it instead
        #[arg(long, value_name = "RUNS", num_args = 0..=1, default_missing_value = "1000000")]
        seed: Option<u64>,
        /// Watch the memory under load for so many minutes instead
        #[arg(long, value_name = "MINUTES", num_args = 0..=1, default_missing_value = "10", conflicts_with = "seed")]
        memory: Option<u64>,
        /// Measure the window instead: opening, typing, a long list, its size in memory and on the wire
        #[arg(long, conflicts_with_all = ["seed", "memory", "args"])]
        window: bool,
        /// Handed to the benchmark as they are
        #[arg(last = true)]
        args: Vec<OsString>,
    },
    /// Break things at random for minutes, then check that everything adds up
    Soak {
        /// How long requests are fired
        #[arg(long, default_value_t = 5)]
        minutes: u64,
        /// Repeats an earlier soak; the time where it is left out
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Install a real n8n (2.5 GB), fire triggers from it and write down what it saw
    Interop,
    /// Build both programs for release and say how large they are
    Build,
    /// Read a server's ready line from stdin and say it in words
    #[command(hide = true)]
    Announce,
}

fn main() -> ExitCode {
    match perform(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nerror: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Done {
    match task {
        Task::Run { headless, args } => run::run(headless, args),
        Task::Test { fast } => test::test(fast),
        Task::Check => check::check(),
        Task::Fmt => check::format(),
        Task::Dev => run::dev(),
        Task::E2e { filter } => test::e2e(filter.as_deref()),
        Task::Peers => peers::telephony().map_or(Ok(()), Err),
        Task::Screens => window::screens(),
        Task::Bench { window: true, .. } => window::bench(),
        Task::Bench {
            seed, memory, args, ..
        } => run::bench(seed, memory, args),
        Task::Soak { minutes, seed } => soak::soak(minutes, seed),
        Task::Interop => interop::interop(),
        Task::Build => run::release(),
        Task::Announce => run::announce(std::io::stdin().lock()),
    }
}
