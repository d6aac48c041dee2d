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
/// How long others have the writer after each commit of this, in its times: while they want it much …
const MUCH: u32 = 50;
/// … and while they want it at all. Without that a disk that is slow for a moment would leave them
/// one commit for each of these, which is too few to look busy, until all that waits is indexed.
const SOME: u32 = 4;
/// After an error.
const PATIENCE: Duration = Duration::from_secs(5);

/// Indexes until it is told to stop.
pub async fn keep_up(store: Arc<dyn Store>, stop: CancellationToken) {
    let _ = stop.run_until_cancelled(index(store.as_ref())).await;
}

/// In times of its last commit, how long the search leaves the writer to others, by how many commits
/// they made in some time.
fn share(commits: u64, time: Duration) -> u32 {
    match commits {
        0 => 0,
        _ if commits as f64 > BUSY * time.as_secs_f64() => MUCH,
        _ => SOME,
    }
}

async fn index(store: &dyn Store) {
    let mut since = Instant::now();
    loop {
        let indexed = async {
            store.wait_for_runs_to_index().await?;
            tokio::time::sleep(GATHER).await;
            loop {
                let indexed = store.index_runs(BATCH).await?;
                let share = share(indexed.other_commits, since.elapsed());
                since = Instant::now();
                tokio::time::sleep(indexed.took * share).await;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_search_makes_room_for_whoever_writes_and_none_for_nobody() {
        let second = Duration::from_secs(1);
        assert_eq!(share(0, second), 0);
        assert_eq!(share(101, second), MUCH);
        // Slow commits of this one are not taken for quiet.
        assert_eq!(share(1, Duration::from_millis(100)), SOME);
    }
}
