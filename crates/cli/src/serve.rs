//! `switchhook serve`.

use anyhow::Context;
use clap::{Args, ValueEnum};
use secrecy::SecretString;
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::str::FromStr;
use switchhook_server::{Options, Running, StartError, start};
use switchhook_store::{LockError, SecretsKind, default_data_dir};

/// Exit status when another server holds the data folder (INTERFACES).
const IN_USE: u8 = 3;

#[derive(Args)]
pub struct Arguments {
    /// Where everything is kept
    #[arg(long, env = "SWITCHHOOK_DATA_DIR")]
    data_dir: Option<PathBuf>,
    /// Address of the public listener: triggers and carrier callbacks
    #[arg(long, env = "SWITCHHOOK_PUBLIC", default_value = "127.0.0.1:4665")]
    public: SocketAddr,
    /// Address of the control listener, or off
    #[arg(long, env = "SWITCHHOOK_CONTROL", default_value = "127.0.0.1:4666")]
    control: Control,
    /// A name besides loopback that the control listener answers to
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Where secrets rest
    #[arg(
        long,
        env = "SWITCHHOOK_SECRETS",
        value_enum,
        default_value = "keychain"
    )]
    secrets: Secrets,
    /// A file whose first line opens the sealed file
    #[arg(long, value_name = "F")]
    passphrase_file: Option<PathBuf>,
    /// Print a link that signs a browser in, once
    #[arg(long)]
    sign_in_link: bool,
    /// Most calls at a time; wins over the setting
    #[arg(long, env = "SWITCHHOOK_CONCURRENT_CALLS", hide = true, value_parser = clap::value_parser!(u32).range(1..))]
    concurrent_calls: Option<u32>,
}

#[derive(Clone)]
enum Control {
    Off,
    On(SocketAddr),
}

impl FromStr for Control {
    type Err = std::net::AddrParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "off" {
            Ok(Self::Off)
        } else {
            text.parse().map(Self::On)
        }
    }
}

#[derive(Clone, Copy, ValueEnum)]
enum Secrets {
    Keychain,
    File,
}

pub fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve(arguments))
}

async fn serve(arguments: Arguments) -> anyhow::Result<ExitCode> {
    // Caught from the first moment, so that a stop during the start is clean too.
    let stop = stop_signal()?;
    let data_dir = arguments
        .data_dir
        .map_or_else(default_data_dir, Ok)
        .context("name a data folder with --data-dir")?;
    let passphrase = passphrase(arguments.passphrase_file.as_deref())?;
    let options = Options {
        data_dir: data_dir.clone(),
        public: arguments.public,
        control: match arguments.control {
            Control::Off => None,
            Control::On(address) => Some(address),
        },
        control_switch: None,
        network_switch: false,
        allow_hosts: arguments.allow_host,
        secrets: match arguments.secrets {
            Secrets::Keychain => SecretsKind::Keychain,
            Secrets::File => SecretsKind::File,
        },
        passphrase,
        concurrent_calls: arguments.concurrent_calls,
        web: Some(Box::new(crate::pages::Built)),
    };
    let running = match start(options).await {
        Ok(running) => running,
        Err(StartError::Lock(LockError::Held(held))) => {
            eprintln!("switchhook: {held}");
            return Ok(ExitCode::from(IN_USE));
        }
        Err(error) => return Err(error.into()),
    };
    let listening = ready_line(&running, &data_dir, arguments.sign_in_link);
    match listening {
        Ok(line) => {
            #[allow(clippy::print_stdout)]
            {
                println!("{line}");
            }
            stop.await;
            running.stop().await;
            Ok(ExitCode::SUCCESS)
        }
        Err(problem) => {
            running.stop().await;
            Err(problem)
        }
    }
}

/// The one line on stdout.
fn ready_line(running: &Running, data_dir: &Path, sign_in: bool) -> anyhow::Result<String> {
    let url = |address: &SocketAddr| format!("http://{address}");
    let public = match running.public() {
        Some(Ok(address)) => Some(url(&address)),
        Some(Err(problem)) => return Err(problem.into()),
        None => None,
    };
    let control = match running.control() {
        Some(Ok(address)) => Some(url(&address)),
        Some(Err(problem)) => return Err(problem.into()),
        None => None,
    };
    let mut line = json!({"event": "ready", "public": public, "control": control, "data_dir": data_dir.display().to_string()});
    if let Some(link) = running.sign_in_link().filter(|_| sign_in) {
        line["sign_in"] = link.into();
    }
    Ok(line.to_string())
}

fn passphrase(file: Option<&Path>) -> anyhow::Result<Option<SecretString>> {
    if let Some(file) = file {
        let text = std::fs::read_to_string(file)
            .with_context(|| format!("cannot read {}", file.display()))?;
        return Ok(Some(text.lines().next().unwrap_or_default().into()));
    }
    Ok(std::env::var("SWITCHHOOK_PASSPHRASE")
        .ok()
        .filter(|text| !text.is_empty())
        .map(Into::into))
}

/// Resolves at SIGTERM or SIGINT.
fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (mut terminate, mut interrupt) = (
            signal(SignalKind::terminate())?,
            signal(SignalKind::interrupt())?,
        );
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        // An error here means that there is no console to press Ctrl+C in.
        let _ = tokio::signal::ctrl_c().await;
    })
}
