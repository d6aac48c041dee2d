//! What a trigger request costs, beside two yardsticks in the same run: a bare axum that commits
//! twice through the same writer, and one that answers at once. Each server is a process of its
//! own, so that the CPU counted is the server's and not the load's. Figures are for comparing
//! within one run; absolute times are the machine's.
//!
//! Run by `cargo xtask bench`; with `--seed` it measures lists and searches of a long history instead.
#![allow(clippy::print_stdout)]

mod carrier;
mod history;
mod load;
mod servers;

use anyhow::{Context, bail};
use load::{Figures, Target};
use servers::Kind;
use std::net::SocketAddr;
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
        ["--seed", runs] => runtime.block_on(history::measure(runs.parse()?)),
        [] => runtime.block_on(measure()),
        _ => bail!("no arguments are known"),
    }
}

async fn measure() -> anyhow::Result<()> {
    println!("commits with synchronous=FULL; call limit raised to 100000");
    println!("\nproduction trigger, desk phone, +14155550101");
    let desk_phone = compare(&[Kind::Switchhook, Kind::TwoCommits, Kind::AtOnce], None).await?;
    let ratio = desk_phone[0] / desk_phone[1];
    println!("switchhook / two commits at 32: {ratio:.2} (first mark: 0.33)");
    println!("\nproduction trigger through Twilio's dialer, carrier double on loopback");
    let double = servers::Server::start(Kind::Double, None).await?;
    let through = [Kind::SwitchhookCarrier, Kind::CommitDialCommit];
    let carrier = compare(&through, Some(double.address)).await?;
    double.stop().await?;
    let ratio = carrier[0] / carrier[1];
    println!("switchhook / commit, dial, commit at 32: {ratio:.2} (mark: 0.60)");
    Ok(())
}

/// Measures each server at each concurrency and returns its requests a second at the highest.
async fn compare(kinds: &[Kind], carrier: Option<SocketAddr>) -> anyhow::Result<Vec<f64>> {
    println!(
        "{:<19} {:>4} {:>10} {:>9} {:>9} {:>12}",
        "server", "at", "requests/s", "p50 ms", "p99 ms", "CPU ms/req"
    );
    let mut rates = Vec::new();
    for concurrency in CONCURRENCY {
        rates.clear();
        for kind in kinds {
            let figures = measure_one(*kind, concurrency, carrier).await?;
            print_row(*kind, concurrency, &figures);
            rates.push(figures.per_second);
        }
    }
    Ok(rates)
}

async fn measure_one(
    kind: Kind,
    concurrency: usize,
    carrier: Option<SocketAddr>,
) -> anyhow::Result<Figures> {
    let server = servers::Server::start(kind, carrier)
        .await
        .with_context(|| format!("starting {kind}"))?;
    let target = Target {
        address: server.address,
        paths: [server.path.clone()].into(),
        key: server.key.clone(),
        fires: true,
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
        "{:<19} {concurrency:>4} {per_second:>10.0} {p50_ms:>9.2} {p99_ms:>9.2} {cpu_ms:>12.3}",
        kind.to_string()
    );
}
