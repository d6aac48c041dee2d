//! Seals the secrets of agents that were written before there was a seal, once, after the start: not
//! in the migration, which knows no secret store. Where the store is locked they wait for the next
//! start; nothing else waits for them.

use crate::routes::seal::seal_texts;
use serde_json::Value;
use std::sync::Arc;
use switchhook_core::agent::Version;
use switchhook_core::ids::WorkspaceId;
use switchhook_core::ports::{SecretsProblem, Store, StoreError, Vault};
use tokio_util::sync::CancellationToken;

/// Seals what there is, unless the server stops.
pub async fn seal_earlier(store: Arc<dyn Store>, vault: Arc<dyn Vault>, stop: CancellationToken) {
    if let Some(Err(error)) = stop
        .run_until_cancelled(seal_all(store.as_ref(), vault))
        .await
    {
        tracing::warn!(%error, "secrets in earlier agents are not sealed yet; they are tried again at the next start");
    }
}

#[derive(Debug, thiserror::Error)]
enum Unsealed {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Secrets(#[from] SecretsProblem),
}

async fn seal_all(store: &dyn Store, vault: Arc<dyn Vault>) -> Result<(), Unsealed> {
    for (workspace, version) in store.versions_to_seal().await? {
        let Some(version) = store.version(version).await? else {
            continue;
        };
        let sealed = sealed(vault.clone(), workspace, version.clone()).await?;
        store.seal_version(version, sealed).await?;
    }
    Ok(())
}

async fn sealed(
    vault: Arc<dyn Vault>,
    workspace: WorkspaceId,
    mut version: Version,
) -> Result<Version, SecretsProblem> {
    let mut settings = Value::Object(std::mem::take(&mut version.configurations));
    seal_texts(
        vault,
        workspace,
        &mut [&mut version.definition, &mut settings],
    )
    .await?;
    if let Value::Object(settings) = settings {
        version.configurations = settings;
    }
    Ok(version)
}
