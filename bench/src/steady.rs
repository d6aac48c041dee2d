//! Whether the server stays as it is while it works: the trigger over a long history beside the
//! trigger over none, and the memory over minutes of load.

use crate::load;
use crate::servers::{Kind, Server};
use std::path::Path;
use std::time::{Duration, Instant};

/// Requests in flight over a history …
const CONCURRENCY: usize = 32;
const SECONDS: Duration = Duration::from_secs(5);
const WARM_UP: Duration = Duration::from_secs(1);
/// … and while the memory is watched.
const LOAD: usize = 8;
/// How often the memory is read.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// The trigger over the history in a folder and over none, in turn, twice each.
pub async fn history(folder: &Path, runs: u64) -> anyhow::Result<()> {
    println!("\nproduction trigger, desk phone, at {CONCURRENCY}, over a history");
    let mut best = [0.0_f64; 2];
    for _ in 0..2 {
        let fresh = Server::start(Kind::Switchhook, None).await?;
        best[0] = best[0].max(measure(fresh, 0).await?);
        let old = Server::start_in(Kind::Switchhook, None, folder).await?;
        best[1] = best[1].max(measure(old, runs).await?);
    }
    println!("over {runs} runs / over none: {:.2}", best[1] / best[0]);
    Ok(())
}

/// Requests a second.
async fn measure(server: Server, runs: u64) -> anyhow::Result<f64> {
    let target = server.trigger();
    load::run(&target, CONCURRENCY, WARM_UP).await?;
    let figures = load::run(&target, CONCURRENCY, SECONDS).await?;
    server.stop().await?;
    println!(
        "{runs:>9} runs: {:>6.0} requests/s, p99 {:.2} ms",
        figures.per_second, figures.p99_ms
    );
    Ok(figures.per_second)
}

/// The server's memory while it is under load for so many minutes.
pub async fn memory(minutes: u64) -> anyhow::Result<()> {
    let server = Server::start(Kind::Switchhook, None).await?;
    let target = server.trigger();
    let began = Instant::now();
    let end = began + Duration::from_secs(minutes * 60);
    println!("production trigger, desk phone, at {LOAD}, for {minutes} min");
    let mut requests = 0;
    while Instant::now() < end {
        let figures = load::run(&target, LOAD, LOOK_EVERY).await?;
        requests += figures.requests;
        println!(
            "{:>4} s {requests:>9} requests {:>6.1} MB",
            began.elapsed().as_secs(),
            server.memory()? as f64 / 1e6
        );
    }
    server.stop().await
}
