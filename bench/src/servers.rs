//! The servers under load: Switchhook as its users run it, and the yardsticks.

use crate::load::Target;
use crate::{carrier, history};
use anyhow::{Context, bail, ensure};
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use std::fmt;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use switchhook_server::app::Listening;
use switchhook_server::{Options, start};
use switchhook_store::{
    AgentStatus, Agents, ApiKeys, Database, EventKind, Events, NewApiKey, Scope, SecretsKind,
    WorkspaceId, mint_key,
};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

/// A server to measure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Switchhook,
    /// Bare axum, two durable commits through the same writer for each request.
    TwoCommits,
    /// The same with one commit.
    OneCommit,
    /// Bare axum that answers at once.
    AtOnce,
    /// Switchhook with a Twilio configuration whose base URL is the double.
    SwitchhookCarrier,
    /// Bare axum: a durable commit, the same request to the double with the same client, a commit.
    CommitDialCommit,
    /// The carrier double.
    Double,
    /// Switchhook's control listener over a long history, in a folder that is given.
    History,
}

impl Kind {
    const ALL: [Self; 8] = [
        Self::Switchhook,
        Self::TwoCommits,
        Self::OneCommit,
        Self::AtOnce,
        Self::SwitchhookCarrier,
        Self::CommitDialCommit,
        Self::Double,
        Self::History,
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Switchhook => "switchhook",
            Self::TwoCommits => "two-commits",
            Self::OneCommit => "one-commit",
            Self::AtOnce => "at-once",
            Self::SwitchhookCarrier => "switchhook-carrier",
            Self::CommitDialCommit => "commit-dial-commit",
            Self::Double => "double",
            Self::History => "history",
        })
    }
}

impl FromStr for Kind {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.to_string() == text)
            .context("no such server")
    }
}

/// A server in a process of its own, on a data folder of its own.
pub struct Server {
    pub address: SocketAddr,
    pub path: String,
    pub key: String,
    child: Child,
    _folder: Option<tempfile::TempDir>,
}

impl Server {
    /// Starts the process and waits until it says where it listens.
    pub async fn start(kind: Kind, carrier: Option<SocketAddr>) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let mut server = Self::start_in(kind, carrier, folder.path()).await?;
        server._folder = Some(folder);
        Ok(server)
    }

    /// The same in a folder that is there already and stays.
    pub async fn start_in(
        kind: Kind,
        carrier: Option<SocketAddr>,
        folder: &Path,
    ) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(["--serve", &kind.to_string()])
            .env("SWITCHHOOK_DATA_DIR", folder)
            .env(
                "SWITCHHOOK_BENCH_CARRIER",
                carrier.map(|at| at.to_string()).unwrap_or_default(),
            )
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("stdout is piped")?)
            .read_line(&mut line)
            .await?;
        let [address, path, key] = line.split_whitespace().collect::<Vec<_>>()[..] else {
            bail!("the server said {line:?}");
        };
        let (address, path, key) = (address.parse()?, path.to_owned(), key.to_owned());
        Ok(Self {
            address,
            path,
            key,
            child,
            _folder: None,
        })
    }

    /// The production trigger, or what stands for it.
    pub fn trigger(&self) -> Target {
        Target {
            address: self.address,
            paths: [self.path.clone()].into(),
            key: self.key.clone(),
            fires: true,
        }
    }

    /// Memory in use, in bytes: what is resident, shared pages of files left out.
    pub fn memory(&self) -> anyhow::Result<u64> {
        let pid = self.child.id().context("the server runs")?;
        let status = std::fs::read_to_string(format!("/proc/{pid}/status"))?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("RssAnon:"));
        let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        Ok(kibibytes.context("Linux tells a process's memory")? * 1024)
    }

    /// CPU time used so far, user and system.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let pid = self.child.id().context("the server runs")?;
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // Fields 14 and 15, counted after the command's name, which may hold spaces; in ticks of
        // 1/100 s on every Linux that has this file.
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks: u64 = after_name
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|ticks| ticks.parse::<u64>().ok())
            .sum();
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Ends the process.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        if let Some(mut stdin) = self.child.stdin.take() {
            stdin.write_all(b"stop\n").await?;
        }
        ensure!(
            self.child.wait().await?.success(),
            "the server did not end well"
        );
        Ok(())
    }
}

/// The child's side: serves until a line comes on stdin.
pub async fn serve(kind: Kind) -> anyhow::Result<()> {
    let folder = std::env::var_os("SWITCHHOOK_DATA_DIR")
        .context("the folder is passed by the environment")?;
    let folder = Path::new(&folder);
    match kind {
        Kind::Switchhook => {
            let (path, key) = prepare(folder).await?;
            let running = start(Options {
                data_dir: folder.to_owned(),
                public: SocketAddr::from(([127, 0, 0, 1], 0)),
                control: None,
                control_switch: None,
                network_switch: false,
                allow_hosts: Vec::new(),
                secrets: SecretsKind::File,
                passphrase: None,
                concurrent_calls: Some(100_000),
                web: None,
            })
            .await?;
            announce(&running.public(), &path, &key)?;
            wait_for_stop().await?;
            running.stop().await;
        }
        Kind::TwoCommits => commits(folder, 2).await?,
        Kind::OneCommit => commits(folder, 1).await?,
        Kind::AtOnce => bare(Router::new().route("/", post(async |_body: String| REPLY))).await?,
        Kind::SwitchhookCarrier => carrier::switchhook(folder).await?,
        Kind::CommitDialCommit => carrier::commit_dial_commit(folder).await?,
        Kind::Double => serve_at(carrier::double(), carrier::CALLS).await?,
        Kind::History => history::serve(folder).await?,
    }
    Ok(())
}

/// What the yardsticks answer.
pub const REPLY: &str =
    r#"{"status":"initiated","workflow_run_id":1,"workflow_run_name":"WR-API-1"}"#;

/// The same writer and the same durability as a trigger request's commits, a small row each.
async fn commits(folder: &Path, number: u8) -> anyhow::Result<()> {
    let database = Arc::new(Database::open(folder)?);
    let commit = async move |State(database): State<Arc<Database>>, _body: String| {
        for _ in 0..number {
            let written = database
                .announce(WorkspaceId(1), EventKind::Settings, "1".to_owned(), None)
                .await;
            written.expect("a fresh folder can be written");
        }
        REPLY
    };
    bare(Router::new().route("/", post(commit)).with_state(database)).await
}

/// Tells the parent where Switchhook listens and what to send.
pub fn announce(listener: &Listening, path: &str, key: &str) -> anyhow::Result<()> {
    let Some(Ok(address)) = listener else {
        bail!("the listener does not listen")
    };
    println!("{address} {path} {key}");
    Ok(())
}

/// Serves a yardstick on a free port.
pub async fn bare(router: Router) -> anyhow::Result<()> {
    serve_at(router, "/").await
}

/// The same with its work at another path.
async fn serve_at(router: Router, path: &str) -> anyhow::Result<()> {
    let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("{} {path} none", socket.local_addr()?);
    let server = tokio::spawn(async move {
        use hyper_util::{rt::TokioIo, service::TowerToHyperService};
        while let Ok((stream, _)) = socket.accept().await {
            let _ = stream.set_nodelay(true);
            let service = TowerToHyperService::new(router.clone());
            tokio::spawn(
                hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service),
            );
        }
    });
    wait_for_stop().await?;
    server.abort();
    Ok(())
}

/// Waits for the parent's word.
pub async fn wait_for_stop() -> anyhow::Result<()> {
    let mut line = String::new();
    BufReader::new(tokio::io::stdin())
        .read_line(&mut line)
        .await?;
    Ok(())
}

/// The sample agent's production trigger and a key for it.
pub async fn prepare(folder: &Path) -> anyhow::Result<(String, String)> {
    let database = Database::open(folder)?;
    let agents = database
        .agents(WorkspaceId(1), &[AgentStatus::Active])
        .await?;
    let path = agents
        .first()
        .and_then(|agent| agent.trigger_path.clone())
        .context("the sample agent has a trigger")?;
    let key = mint(&database, Scope::Trigger).await?;
    Ok((format!("/api/v1/public/agent/{path}"), key))
}

/// A key of the first workspace.
pub async fn mint(database: &Database, scope: Scope) -> anyhow::Result<String> {
    use secrecy::ExposeSecret as _;
    let (key, hash, prefix) = mint_key();
    database
        .create_api_key(NewApiKey {
            workspace_id: WorkspaceId(1),
            name: "bench".to_owned(),
            hash,
            prefix,
            scope,
            agents: Vec::new(),
            test_only: false,
            expires_at: None,
            at: switchhook_store::now(),
        })
        .await?;
    Ok(key.expose_secret().to_owned())
}
