//! Forgets what a workspace does not want to keep: runs that are over, and the bodies of requests. Off
//! until a setting says otherwise. A task of its own that takes a few runs a commit and rests between
//! them, so that no trigger request waits for more than one such commit; after a change of settings
//! it looks at once.

use crate::app::App;
use jiff::SignedDuration;
use std::time::{Duration, Instant};
use switchhook_core::ports::StoreError;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Between two looks.
const EVERY: Duration = Duration::from_secs(600);
/// Runs of one commit.
const BATCH: u32 = 32;
/// Of the writer's time, at most.
const SHARE: u32 = 20;

/// Tells the task that settings have changed.
#[derive(Default)]
pub struct Retention(Notify);

impl Retention {
    /// Has the task look at once.
    pub fn look(&self) {
        self.0.notify_one();
    }
}

/// Forgets until it is told to stop.
pub async fn keep_up(app: App, stop: CancellationToken) {
    let work = async {
        loop {
            if let Err(error) = forget(&app).await {
                tracing::warn!(%error, "old runs were not forgotten; they are tried again");
            }
            // A time that is over and a change of settings are the same to it.
            let _ = tokio::time::timeout(EVERY, app.retention.0.notified()).await;
        }
    };
    let _: Option<()> = stop.run_until_cancelled(work).await;
}

async fn forget(app: &App) -> Result<(), StoreError> {
    for workspace in app.store.workspaces().await? {
        let settings = app.store.settings(workspace.id).await?;
        let now = app.clock.now();
        if let Some(hours) = settings.keep_request_bodies_hours {
            let before = now - SignedDuration::from_hours(hours.into());
            app.inspector.forget_bodies_before(workspace.id, before);
        }
        let Some(days) = settings.keep_runs_days else {
            continue;
        };
        let before = now - SignedDuration::from_hours(24 * i64::from(days));
        loop {
            let began = Instant::now();
            let runs = app.store.forget_runs(workspace.id, before, BATCH).await?;
            if runs == 0 {
                break;
            }
            tokio::time::sleep(began.elapsed() * SHARE).await;
        }
    }
    Ok(())
}
