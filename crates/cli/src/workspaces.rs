//! `switchhook workspaces`: writes to the database directly, as `switchhook keys` does.

use anyhow::{Context, bail};
use clap::{Args, Subcommand};
use std::path::PathBuf;
use switchhook_store::{Database, StoreError, Workspace, Workspaces as _, default_data_dir};

#[derive(Subcommand)]
pub enum Command {
    /// Create an empty workspace; prints its number and name
    Create(Create),
    /// List all workspaces, oldest first
    List(List),
}

#[derive(Args)]
pub struct Create {
    name: String,
    #[arg(long, env = "SWITCHHOOK_DATA_DIR")]
    data_dir: Option<PathBuf>,
}

#[derive(Args)]
pub struct List {
    #[arg(long, env = "SWITCHHOOK_DATA_DIR")]
    data_dir: Option<PathBuf>,
}

pub fn run(command: Command) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    match command {
        Command::Create(create) => runtime.block_on(create_workspace(create)),
        Command::List(list) => runtime.block_on(list_workspaces(list)),
    }
}

fn open(data_dir: Option<PathBuf>) -> anyhow::Result<Database> {
    let dir = data_dir
        .map_or_else(default_data_dir, Ok)
        .context("name a data folder with --data-dir")?;
    Ok(Database::open(&dir)?)
}

async fn create_workspace(create: Create) -> anyhow::Result<()> {
    let name = create.name.trim();
    if name.is_empty() {
        bail!("a workspace needs a name");
    }
    let database = open(create.data_dir)?;
    let created = database.create_workspace(name.to_owned(), switchhook_store::now());
    match created.await {
        Ok(workspace) => print(&[workspace]),
        Err(StoreError::NameTaken) => bail!("there is a workspace {name} already"),
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

async fn list_workspaces(list: List) -> anyhow::Result<()> {
    print(&open(list.data_dir)?.workspaces().await?);
    Ok(())
}

/// A line each: number, tab, name.
#[allow(clippy::print_stdout)]
fn print(workspaces: &[Workspace]) {
    for workspace in workspaces {
        println!("{}\t{}", workspace.id, workspace.name);
    }
}
