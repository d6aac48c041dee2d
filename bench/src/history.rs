//! Lists, searches and single runs of a long history: a database with 1,000 agents and as many runs
//! as asked for is made, a server is started over it, and each kind of reading is measured by itself;
//! then the trigger over that history beside the trigger over none ([`steady`]).

use crate::load::{self, Target};
use crate::servers::{self, Kind, Server};
use crate::steady;
use anyhow::Context;
use std::net::SocketAddr;
use std::path::Path;
use std::time::{Duration, Instant};
use switchhook_server::{Options, start};
use switchhook_store::{Database, Scope, SecretsKind, crowd};

const AGENTS: u32 = 1000;
const CONCURRENCY: usize = 8;
const SECONDS: Duration = Duration::from_secs(5);
const WARM_UP: Duration = Duration::from_secs(1);
/// Of each kind of search by itself.
const SEARCH_SECONDS: Duration = Duration::from_secs(2);
/// Milliseconds that 99 of 100 answers may take.
const MARK: f64 = 50.0;
/// Seconds until the server listens.
const START_MARK: f64 = 1.0;

/// Makes the history and measures it.
pub async fn measure(runs: u64) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let began = Instant::now();
    let path = folder.path().to_owned();
    let filled = tokio::task::spawn_blocking(move || {
        crowd::fill(&path, AGENTS, runs, switchhook_store::now(), &mut |made| {
            if made % 100_000 == 0 {
                println!("{made} runs");
            }
        })
    });
    filled.await??;
    let size: u64 = std::fs::metadata(folder.path().join("switchhook.db"))?.len();
    println!(
        "{AGENTS} agents and {runs} runs in {:.0} s; the database has {:.0} MB",
        began.elapsed().as_secs_f64(),
        size as f64 / 1e6
    );
    let key = servers::mint(&Database::open(folder.path())?, Scope::Manage).await?;
    let began = Instant::now();
    let server = Server::start_in(Kind::History, None, folder.path())
        .await
        .context("starting the server")?;
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "started in {:.0} ms (mark: {:.0}): {}",
        seconds * 1000.0,
        START_MARK * 1000.0,
        verdict(seconds < START_MARK)
    );
    println!(
        "\n{:<26} {:>10} {:>9} {:>9}   mark {MARK} ms at {CONCURRENCY}",
        "reading", "requests/s", "p50 ms", "p99 ms"
    );
    let read = async |name: &str, paths: Vec<String>, seconds: Duration| {
        let target = Target {
            address: server.address,
            paths: paths.into(),
            key: key.clone(),
            fires: false,
        };
        load::run(&target, CONCURRENCY, WARM_UP).await?;
        let figures = load::run(&target, CONCURRENCY, seconds).await?;
        println!(
            "{name:<26} {:>10.0} {:>9.2} {:>9.2}   {}",
            figures.per_second,
            figures.p50_ms,
            figures.p99_ms,
            verdict(figures.p99_ms < MARK)
        );
        anyhow::Ok(())
    };
    for (name, paths) in readings(runs) {
        read(name, paths, SECONDS).await?;
    }
    for words in SEARCHES {
        read(&format!("  “{words}”"), vec![search(words)], SEARCH_SECONDS).await?;
    }
    server.stop().await?;
    steady::history(folder.path(), runs).await
}

fn verdict(is_reached: bool) -> &'static str {
    if is_reached { "reached" } else { "NOT reached" }
}

/// Percent-encoded as a query wants it.
fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// Frequent and rare words, begun and whole ones, parts of numbers, and words that no run has both of.
const SEARCHES: [&str; 12] = [
    "baba",
    "dobaba",
    "ba",
    "do fe",
    "zezeze",
    "kaluno rego",
    "41555",
    "555 01",
    "9876543",
    "nobody at all",
    "lulu kamino",
    "miba",
];

/// Words with what else may be asked: agents of many and of few runs, ends that many and few runs
/// with those words have, times.
const FILTERED: [(&str, &str); 8] = [
    ("ba", "agent_id=2"),
    ("ba", "agent_id=995"),
    ("baba", "agent_id=995"),
    ("41", "agent_id=995"),
    ("bababa", "outcome=busy"),
    ("bababa", "outcome=agent-ended"),
    ("busy", "created_before=2026-01-01T00:00:00Z"),
    ("hibaba", "mode=test"),
];

fn search(words: &str) -> String {
    format!("/api/switchhook/runs?q={}", encoded(words))
}

/// What is read, and by which paths: of large and small agents, frequent and rare words, first and
/// later pages.
fn readings(runs: u64) -> Vec<(&'static str, Vec<String>)> {
    let agents = || (0..40).map(|number| 2 + number * 24);
    let of_agents = |query: &str| -> Vec<String> {
        let path = |agent| format!("/api/v1/workflow/{agent}/runs?{query}");
        agents().map(path).collect()
    };
    let filters = |items: &str| format!("filters={}", encoded(items));
    let disposition =
        r#"[{"attribute":"dispositionCode","type":"multiSelect","value":{"codes":["busy"]}}]"#;
    let long = r#"[{"attribute":"duration","type":"numberRange","value":{"min":60,"max":90}}]"#;
    let usage = |query: &str| format!("/api/v1/organizations/usage/runs?{query}");
    let get = |number: u64| {
        format!(
            "/api/v1/workflow/1/runs/{}",
            1 + number * 7919 % runs.max(1)
        )
    };
    vec![
        ("an agent's list", of_agents("limit=50")),
        ("its third page", of_agents("limit=50&page=3")),
        ("our list", vec!["/api/switchhook/runs?limit=50".to_owned()]),
        (
            "the workspace's list",
            vec![usage("limit=50"), usage("limit=50&page=20")],
        ),
        (
            "an agent's, by disposition",
            of_agents(&filters(disposition)),
        ),
        (
            "an agent's, by duration",
            of_agents(&format!("{}&sort_by=duration", filters(long))),
        ),
        (
            "the workspace's, filtered",
            vec![
                usage(&filters(disposition)),
                usage(&filters(long)),
                usage("end_date=2026-10-01"),
            ],
        ),
        (
            "full-text search",
            SEARCHES.iter().map(|words| search(words)).collect(),
        ),
        (
            "search, filtered",
            FILTERED
                .iter()
                .map(|(words, filter)| format!("{}&{filter}", search(words)))
                .collect(),
        ),
        ("one run", (0..1000).map(get).collect()),
        (
            "one run, whole",
            (0..1000)
                .map(|number| format!("/api/switchhook/runs/{}", 1 + number * 7919 % runs.max(1)))
                .collect(),
        ),
        ("the agents", vec!["/api/v1/workflow/fetch".to_owned()]),
    ]
}

/// The child's side: the control listener over the folder's history.
pub async fn serve(folder: &Path) -> anyhow::Result<()> {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let running = start(Options {
        data_dir: folder.to_owned(),
        public: any,
        control: Some(any),
        control_switch: None,
        network_switch: false,
        allow_hosts: Vec::new(),
        secrets: SecretsKind::File,
        passphrase: None,
        concurrent_calls: None,
        web: None,
    })
    .await?;
    servers::announce(&running.control(), "/", "none")?;
    servers::wait_for_stop().await?;
    running.stop().await;
    Ok(())
}
