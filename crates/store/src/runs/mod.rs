//! Runs behind one port: beginning one, stepping it, reading it back. The reducer is core's; what
//! is here makes its verdict durable together with everything that follows from it.

mod begin;
mod carried;
mod causes;
mod course;
mod ended;
mod exchanges;
mod gathered;
mod judgement;
mod list;
mod question;
mod read;
mod remarks;
mod retention;
mod search;
mod slots;
mod step;
mod waiting;
mod words;

pub use carried::{close_waiting, take_over as take_over_open};
pub use ended::Totals;
#[cfg(feature = "crowd")]
pub use ended::add as add_ended;
pub use judgement::Kept;
#[cfg(feature = "crowd")]
pub use search::{add_words, mark_indexed};
pub use slots::rebuild as rebuild_slots;
#[cfg(feature = "crowd")]
pub use words::Found as Ended;

use crate::Database;
use crate::events;
use crate::pen::Pen;
use crate::problem::Outcome;
use crate::rows::json_text;
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use switchhook_core::api_key::Asker;
use switchhook_core::cause::Cause;
use switchhook_core::ids::{AttemptId, RunId, WorkspaceId};
use switchhook_core::ports::{
    Begun, Exchange, IdempotencyClaim, Indexed, Judgement, KeptExchange, NewRun, RemarkChange, Run,
    RunFilter, RunSearch, RunTotals, Runs, RunsFound, StoreError, Stored, TestCall, TimelineEntry,
    TranscriptLine, Unwritten, WaitingRun,
};
use switchhook_core::run::Verdict;
use switchhook_core::trigger::Target;

pub fn workspace_of(connection: &Connection, run: RunId) -> Outcome<Option<WorkspaceId>> {
    let mut statement = connection.prepare_cached("SELECT workspace_id FROM runs WHERE id = ?1")?;
    Ok(statement
        .query_row([run.0], |row| row.get(0).map(WorkspaceId))
        .optional()?)
}

fn append_transcript(pen: &Pen<'_>, run: RunId, lines: &[TranscriptLine]) -> Outcome<()> {
    let (Some(workspace), Some(newest)) = (workspace_of(pen, run)?, lines.last()) else {
        return Ok(());
    };
    let last = "SELECT coalesce(max(seq), 0) FROM transcripts WHERE run_id = ?1";
    let last = pen.row(last, [run.0], |row| row.get(0))?;
    course::write_lines(pen, run, last.unwrap_or_default(), lines)?;
    events::append_run(pen, workspace, run, newest.at);
    Ok(())
}

fn download_key(connection: &Connection) -> Outcome<Option<[u8; 32]>> {
    let mut statement = connection.prepare_cached("SELECT key FROM download_key")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?)
}

impl Database {
    async fn begin(&self, run: NewRun, call: Option<TestCall>) -> Stored<Begun> {
        let changes = self.writer.changes();
        // Made here, because the writer is one thread for all.
        let context = json_text(run.initial_context.as_ref());
        self.writer
            .write_run(move |pen| {
                if run.kept.is_some_and(|kept| kept != changes.count()) {
                    return Ok(Begun::Outdated);
                }
                begin::begin(pen, &run, &context, call)
            })
            .await
    }
}

#[async_trait]
impl Runs for Database {
    async fn judgement(
        &self,
        asker: Asker,
        target: &Target,
        claim: Option<&IdempotencyClaim>,
        at: Timestamp,
        may_be_kept: bool,
    ) -> Stored<Option<Judgement>> {
        judgement::judge(self, asker, target, claim, at, may_be_kept).await
    }

    async fn begin_run(&self, run: NewRun) -> Stored<Begun> {
        self.begin(run, None).await
    }

    async fn begin_test_call(&self, run: NewRun, call: TestCall) -> Stored<Begun> {
        self.begin(run, Some(call)).await
    }

    async fn add_waiting_run(&self, run: WaitingRun) -> Stored<RunId> {
        self.writer
            .write_run(move |pen| waiting::add(pen, &run))
            .await
    }

    async fn step_run_through(&self, steps: Arc<Unwritten>) -> Stored<Vec<Verdict>> {
        self.writer
            .write_run(move |pen| step::take(pen, &steps.steps(), steps.dial()))
            .await
    }

    async fn callback_target(&self, run: RunId, token_hash: [u8; 32]) -> Stored<Option<AttemptId>> {
        self.readers
            .read(move |connection| read::callback_target(connection, run, token_hash))
            .await
    }

    async fn is_others_call(&self, run: RunId, carrier_call_id: String) -> Stored<bool> {
        self.readers
            .read(move |connection| read::is_others_call(connection, run, &carrier_call_id))
            .await
    }

    async fn others_calls(&self, run: RunId) -> Stored<Vec<String>> {
        self.readers
            .read(move |connection| read::others_calls(connection, run))
            .await
    }

    async fn change_remark(&self, run: RunId, change: RemarkChange, at: Timestamp) -> Stored<()> {
        let entries = self
            .readers
            .read(move |connection| remarks::prepare(connection, run))
            .await?;
        self.writer
            .write_run(move |pen| remarks::change(pen, run, change, &entries, at))
            .await
    }

    async fn append_transcript(&self, run: RunId, lines: Vec<TranscriptLine>) -> Stored<()> {
        self.writer
            .write_run(move |pen| append_transcript(pen, run, &lines))
            .await
    }

    async fn run(&self, workspace: Option<WorkspaceId>, id: RunId) -> Stored<Option<Run>> {
        self.readers
            .read(move |connection| read::by_id(connection, workspace, id))
            .await
    }

    async fn runs(&self, workspace: WorkspaceId, filter: RunFilter) -> Stored<Vec<Run>> {
        self.readers
            .read(move |connection| list::list(connection, workspace, &filter))
            .await
    }

    async fn total_runs(&self, workspace: WorkspaceId, filter: RunFilter) -> Stored<RunTotals> {
        let totals = self.totals.clone();
        self.readers
            .read(move |connection| list::total(connection, &totals, workspace, &filter))
            .await
    }

    async fn search_runs(&self, workspace: WorkspaceId, search: RunSearch) -> Stored<RunsFound> {
        self.readers
            .read(move |connection| search::find(connection, workspace, &search))
            .await
    }

    async fn wait_for_runs_to_index(&self) -> Stored<()> {
        let mut committed = self.writer.committed();
        loop {
            // Marked as seen before looking: a commit in between wakes the wait below.
            committed.mark_unchanged();
            if self.readers.read(search::is_behind).await? {
                return Ok(());
            }
            if committed.changed().await.is_err() {
                let message = "the writer has stopped".to_owned();
                return Err(StoreError::Unavailable(message));
            }
        }
    }

    async fn forget_runs(
        &self,
        workspace: WorkspaceId,
        before: Timestamp,
        at_most: u32,
    ) -> Stored<u32> {
        let forget =
            move |connection: &Pen<'_>| retention::forget(connection, workspace, before, at_most);
        let forgotten = self.writer.write_run(forget).await?;
        if forgotten > 0 {
            self.remove_forgotten().await?;
        }
        Ok(forgotten)
    }

    async fn index_runs(&self, at_most: u32) -> Stored<Indexed> {
        let prepared = self
            .readers
            .read(move |connection| search::prepare(connection, at_most))
            .await?;
        let runs = prepared.len();
        let commits = self.commits();
        let before = self.commits_at_index.swap(commits + 1, Ordering::Relaxed);
        let took = self
            .writer
            .write_run(move |connection| search::add(connection, &prepared))
            .await?;
        Ok(Indexed {
            runs,
            took,
            other_commits: commits.saturating_sub(before),
        })
    }

    async fn open_runs(&self) -> Stored<Vec<Run>> {
        self.readers.read(read::open).await
    }

    async fn timeline(&self, run: RunId) -> Stored<Vec<TimelineEntry>> {
        self.readers
            .read(move |connection| read::timeline(connection, run))
            .await
    }

    async fn cause(&self, run: RunId) -> Stored<Option<Cause>> {
        self.readers
            .read(move |connection| causes::of(connection, run))
            .await
    }

    async fn record_exchange(&self, exchange: Exchange) -> Stored<()> {
        self.writer
            .write_run(move |connection| exchanges::record(connection, &exchange))
            .await
    }

    async fn exchanges(&self, run: RunId) -> Stored<Vec<KeptExchange>> {
        self.readers
            .read(move |connection| exchanges::of(connection, run))
            .await
    }

    async fn transcript(&self, run: RunId) -> Stored<Vec<TranscriptLine>> {
        self.readers
            .read(move |connection| read::transcript(connection, run))
            .await
    }

    async fn download_key(&self, fresh: [u8; 32]) -> Stored<[u8; 32]> {
        let known = self.readers.read(download_key).await?;
        if let Some(key) = known {
            return Ok(key);
        }
        let write = move |connection: &Connection| {
            let sql = "INSERT INTO download_key (id, key) VALUES (1, ?1) ON CONFLICT DO NOTHING";
            connection.prepare_cached(sql)?.execute([fresh])?;
            Ok(download_key(connection)?.unwrap_or(fresh))
        };
        self.writer.write(write).await
    }
}
