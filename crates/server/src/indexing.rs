//! Keeps the search up with the runs that end. A task of its own, so that no step of a run waits for
//! it: while others write much it takes a fiftieth of the writer's time and catches up afterwards,
//! else a run is found within about a second of its end.

use std::sync::Arc;
use std::time::{Duration, Instant};
use switchhook_core::ports::Store;
use tokio_util::sync::CancellationToken;

/// Runs of one commit.
const BATCH: u32 = 64;
/// Runs that end close together share a commit.
const GATHER: Duration = Duration::from_millis(200);
/// Others that commit more often than this, a second, come first.
const BUSY: f64 = 100.0;
/// Of the writer's time, while others want it.
const SHARE: u32 = 50;
/// After an error.
const PATIENCE: Duration = Duration::from_secs(5);

/// Indexes until it is told to stop.
pub async fn keep_up(store: Arc<dyn Store>, stop: CancellationToken) {
    let _ = stop.run_until_cancelled(index(store.as_ref())).await;
}

async fn index(store: &dyn Store) {
    let mut since = Instant::now();
    loop {
        let indexed = async {
            store.wait_for_runs_to_index().await?;
            tokio::time::sleep(GATHER).await;
            loop {
                let indexed = store.index_runs(BATCH).await?;
                let others = indexed.other_commits as f64 / since.elapsed().as_secs_f64();
                since = Instant::now();
                if others > BUSY {
                    tokio::time::sleep(indexed.took * SHARE).await;
                }
                if indexed.runs < BATCH as usize {
                    return Ok::<_, switchhook_core::ports::StoreError>(());
                }
            }
        };
        if let Err(error) = indexed.await {
            tracing::warn!(%error, "runs that ended were not indexed; they are tried again");
            tokio::time::sleep(PATIENCE).await;
        }
    }
}
