//! `switchhook keys`: writes to the database directly, so that it works before the first `serve`
//! and while one runs.

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};
use secrecy::ExposeSecret;
use std::path::PathBuf;
use switchhook_store::{Database, NewApiKey, Scope, default_data_dir, mint_key};

#[derive(Subcommand)]
pub enum Command {
    /// Create a key and print it; it cannot be shown again
    Create(Create),
}

#[derive(Clone, Copy, ValueEnum)]
enum KeyScope {
    /// Fire triggers and read the runs it started
    Trigger,
    /// Everything in its workspace
    Manage,
}

#[derive(Args)]
pub struct Create {
    /// What the key is for, such as "n8n"
    name: String,
    #[arg(long, value_enum, default_value = "trigger")]
    scope: KeyScope,
    /// The workspace's number; the first without it
    #[arg(long)]
    workspace: Option<i64>,
    #[arg(long, env = "SWITCHHOOK_DATA_DIR")]
    data_dir: Option<PathBuf>,
}

pub fn run(command: Command) -> anyhow::Result<()> {
    let Command::Create(create) = command;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(create_key(create))
}

async fn create_key(create: Create) -> anyhow::Result<()> {
    use switchhook_store::{ApiKeys as _, Workspaces as _};
    let dir = create
        .data_dir
        .map_or_else(default_data_dir, Ok)
        .context("name a data folder with --data-dir")?;
    let database = Database::open(&dir)?;
    let workspaces = database.workspaces().await?;
    let workspace = match create.workspace {
        None => workspaces.first(),
        Some(id) => workspaces.iter().find(|workspace| workspace.id.0 == id),
    };
    let Some(workspace) = workspace else {
        let known: Vec<_> = workspaces
            .iter()
            .map(|workspace| format!("{} {}", workspace.id, workspace.name))
            .collect();
        bail!(
            "there is no such workspace; choose one of: {}",
            known.join(", ")
        );
    };
    let (key, hash, prefix) = mint_key();
    let scope = match create.scope {
        KeyScope::Trigger => Scope::Trigger,
        KeyScope::Manage => Scope::Manage,
    };
    database
        .create_api_key(NewApiKey {
            workspace_id: workspace.id,
            name: create.name,
            hash,
            prefix,
            scope,
            agents: Vec::new(),
            test_only: false,
            expires_at: None,
            at: switchhook_store::now(),
        })
        .await?;
    // The one place where the key is meant to be seen.
    #[allow(clippy::print_stdout)]
    {
        println!("{}", key.expose_secret());
    }
    Ok(())
}
