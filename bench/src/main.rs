//! What a trigger request costs, beside two yardsticks in the same run: a bare axum that commits
//! twice through the same writer, and one that answers at once. Each server is a process of its
//! own, so that the CPU counted is the server's and not the load's. Figures are for comparing
//! within one run; absolute times are the machine's.
//!
//! Run by `cargo xtask bench`; with `--seed` it measures a server with a long history instead, with
//! `--memory` one that is under load for long.
#![allow(clippy::print_stdout)]

mod carrier;
mod history;
mod load;
mod servers;
mod steady;

use anyhow::{Context, bail};
use load::Figures;
use servers::Kind;
use std::net::SocketAddr;
use std::time::Duration;

/// As in the programs that are measured.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Requests in flight at a time.
const CONCURRENCY: [usize; 3] = [1, 8, 32];
/// How long each server is measured at each concurrency …
const SECONDS: Duration = Duration::from_secs(3);
/// … and how often, in turn with the others: the middle one counts, because a disk that others use
/// too is slow at times.
const ROUNDS: usize = 3;
/// Before it, so that connections stand and pages are in memory.
const WARM_UP: Duration = Duration::from_secs(1);
/// Milliseconds that a trigger may add to the carrier's own answer, for 99 of 100 at 8.
const ADDED_MARK: f64 = 10.0;

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
        ["--memory", minutes] => runtime.block_on(steady::memory(minutes.parse()?)),
        [] => runtime.block_on(measure()),
        _ => bail!("no arguments are known"),
    }
}

async fn measure() -> anyhow::Result<()> {
    println!("commits with synchronous=FULL; call limit raised to 100000");
    println!("\nproduction trigger, desk phone, +14155550101");
    let desk_phone = [
        Kind::Switchhook,
        Kind::TwoCommits,
        Kind::OneCommit,
        Kind::AtOnce,
    ];
    let measured = compare(&desk_phone, None).await?;
    let [.., at_most] = &measured;
    let ratio = at_most[0].per_second / at_most[1].per_second;
    println!("switchhook / two commits at 32: {ratio:.2} (first mark: 0.33)");
    println!("\nproduction trigger through Twilio's dialer, carrier double on loopback");
    let double = servers::Server::start(Kind::Double, None).await?;
    let through = [
        Kind::SwitchhookCarrier,
        Kind::CommitDialCommit,
        Kind::Double,
    ];
    let measured = compare(&through, Some(double.address)).await?;
    double.stop().await?;
    let [_, at_8, at_most] = &measured;
    let added = at_8[0].p99_ms - at_8[2].p99_ms;
    println!("added to the double's own p99 at 8: {added:.2} ms (mark: {ADDED_MARK})");
    let ratio = at_most[0].per_second / at_most[1].per_second;
    println!("switchhook / commit, dial, commit at 32: {ratio:.2} (mark: 0.60)");
    Ok(())
}

/// Measures each server at each concurrency.
async fn compare(
    kinds: &[Kind],
    carrier: Option<SocketAddr>,
) -> anyhow::Result<[Vec<Figures>; CONCURRENCY.len()]> {
    println!(
        "{:<19} {:>4} {:>10} {:>9} {:>9} {:>12}",
        "server", "at", "requests/s", "p50 ms", "p99 ms", "CPU ms/req"
    );
    let mut measured = CONCURRENCY.map(|_| Vec::new());
    for (concurrency, row) in CONCURRENCY.into_iter().zip(&mut measured) {
        let mut rounds = vec![Vec::new(); kinds.len()];
        for _ in 0..ROUNDS {
            for (kind, rounds) in kinds.iter().zip(&mut rounds) {
                rounds.push(measure_one(*kind, concurrency, carrier).await?);
            }
        }
        for (kind, mut rounds) in kinds.iter().zip(rounds) {
            rounds.sort_by(|a, b| a.per_second.total_cmp(&b.per_second));
            let figures = rounds.swap_remove(ROUNDS / 2);
            print_row(*kind, concurrency, &figures);
            row.push(figures);
        }
    }
    Ok(measured)
}

async fn measure_one(
    kind: Kind,
    concurrency: usize,
    carrier: Option<SocketAddr>,
) -> anyhow::Result<Figures> {
    let server = servers::Server::start(kind, carrier)
        .await
        .with_context(|| format!("starting {kind}"))?;
    let target = server.trigger();
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
