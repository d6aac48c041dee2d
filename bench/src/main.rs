//! What a trigger request costs, beside two yardsticks in the same run: a bare axum that commits
//! twice through the same writer, and one that answers at once. Each server is a process of its
//! own, so that the CPU counted is the server's and not the load's. Figures are for comparing
//! within one run; absolute times are the machine's.
//!
//! Run by `cargo xtask bench`.
#![allow(clippy::print_stdout)]

mod load;
mod servers;

use anyhow::{Context, bail};
use load::{Figures, Target};
use servers::Kind;
use std::time::Duration;

/// As in the programs that are measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Requests in flight at a time.
const CONCURRENCY: [usize; 3] = [1, 8, 32];
/// How long each server is measured at each concurrency.
const SECONDS: Duration = Duration::from_secs(5);
/// Before it, so that connections stand and pages are in memory.
const WARM_UP: Duration = Duration::from_secs(1);

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["--serve", kind] => runtime.block_on(servers::serve(kind.parse()?)),
        [] => runtime.block_on(measure()),
        _ => bail!("no arguments are known"),
    }
}

async fn measure() -> anyhow::Result<()> {
    println!(
        "production trigger, desk phone, +14155550101; commits with synchronous=FULL; call limit raised to 100000"
    );
    println!(
        "{:<14} {:>4} {:>10} {:>9} {:>9} {:>12}",
        "server", "at", "requests/s", "p50 ms", "p99 ms", "CPU ms/req"
    );
    let mut at_32 = Vec::new();
    for concurrency in CONCURRENCY {
        for kind in Kind::ALL {
            let figures = measure_one(kind, concurrency).await?;
            print_row(kind, concurrency, &figures);
            if concurrency == 32 {
                at_32.push((kind, figures.per_second));
            }
        }
    }
    let per_second = |wanted: Kind| {
        at_32
            .iter()
            .find(|(kind, _)| *kind == wanted)
            .map_or(0.0, |(_, rate)| *rate)
    };
    let ratio = per_second(Kind::Switchhook) / per_second(Kind::TwoCommits);
    println!("switchhook / two commits at 32: {ratio:.2} (first mark: 0.33)");
    Ok(())
}

async fn measure_one(kind: Kind, concurrency: usize) -> anyhow::Result<Figures> {
    let server = servers::Server::start(kind)
        .await
        .with_context(|| format!("starting {kind}"))?;
    let target = Target {
        address: server.address,
        path: server.path.clone(),
        key: server.key.clone(),
    };
    load::run(&target, concurrency, WARM_UP).await?;
    let before = server.cpu()?;
    let mut figures = load::run(&target, concurrency, SECONDS).await?;
    figures.cpu_ms = (server.cpu()? - before).as_secs_f64() * 1000.0 / figures.requests as f64;
    server.stop().await?;
    Ok(figures)
}

fn print_row(kind: Kind, concurrency: usize, figures: &Figures) {
    let Figures {
        per_second,
        p50_ms,
        p99_ms,
        cpu_ms,
        ..
    } = figures;
    println!(
        "{:<14} {concurrency:>4} {per_second:>10.0} {p50_ms:>9.2} {p99_ms:>9.2} {cpu_ms:>12.3}",
        kind.to_string()
    );
}
