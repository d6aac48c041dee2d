//! The one thread that writes. Jobs that wait are committed together: each runs under a savepoint
//! of its own, so that a failing one leaves its neighbours alone, then one COMMIT makes all of
//! them durable and everybody is answered. With `synchronous=FULL` a commit costs a disk flush;
//! sharing it is what makes many runs a second possible without lying about durability.
//!
//! The queue has no bound of its own: every job has a caller that waits for its answer, and the
//! number of callers is bounded where requests come in.

use crate::pen::Pen;
use crate::problem::{Outcome, Problem};
use jiff::Timestamp;
use rusqlite::Connection;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel, sync_channel};
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use switchhook_core::ids::ApiKeyId;
use switchhook_core::ports::{StoreError, Stored};
use tokio::sync::{oneshot, watch};

/// Most jobs in one commit: keeps the first of them from waiting for too many others.
const BATCH: usize = 256;
/// How long noted uses of keys may wait for company.
const TOUCH_DELAY: Duration = Duration::from_secs(1);

/// How often old events are forgotten while there is something to write.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);

/// Tells the caller, after the commit, what became of a job; the argument is the commit's error.
type Answer = Box<dyn FnOnce(Option<StoreError>) + Send>;
/// Does the work, or is told why there will be none; says why it is not to be kept, if so, and how
/// to answer.
type Job = Box<dyn FnOnce(Result<&Pen<'_>, StoreError>) -> (Option<StoreError>, Answer) + Send>;

/// Counts every write but those of runs, of this process and of others: whatever is kept in memory
/// of the database is true while the count stays. It grows before a write begins and again when it
/// is durable.
#[derive(Clone, Default)]
pub struct Changes(Arc<AtomicU64>);

impl Changes {
    /// The count.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    fn add(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

enum Message {
    Job(Job),
    Touch(ApiKeyId, i64),
}

/// A job as the thread takes it. `answer` is called once it is durable or has failed; a job that is
/// dropped answers nobody.
fn job_of<T, F, A>(job: F, answer: A) -> Job
where
    T: Send + 'static,
    F: FnOnce(&Pen<'_>) -> Outcome<T> + Send + 'static,
    A: FnOnce(Stored<T>) + Send + 'static,
{
    Box::new(move |pen| {
        let outcome = pen.and_then(|pen| Ok(job(pen)?));
        let unkept = outcome.as_ref().err().cloned();
        let answer: Answer = Box::new(move |failure| {
            answer(match failure {
                Some(error) => outcome.and(Err(error)),
                None => outcome,
            });
        });
        (unkept, answer)
    })
}

fn not_carried_out() -> StoreError {
    StoreError::Unavailable("the write was not carried out".to_owned())
}

/// The writer for threads that wait and may outlive it.
#[derive(Clone)]
pub struct FarWriter(Weak<Sender<Message>>);

impl FarWriter {
    /// As [`Writer::write_run`]. Blocking.
    pub fn write_run<T, F>(&self, job: F) -> Stored<T>
    where
        T: Send + 'static,
        F: FnOnce(&Pen<'_>) -> Outcome<T> + Send + 'static,
    {
        let (answer, answered) = sync_channel(1);
        let job = job_of(job, move |outcome| {
            let _ = answer.send(outcome);
        });
        let queue = self.0.upgrade().ok_or_else(not_carried_out)?;
        let sent = queue.send(Message::Job(job));
        // The thread ends only when nobody holds its queue.
        drop(queue);
        sent.map_err(|_| not_carried_out())?;
        answered.recv().unwrap_or_else(|_| Err(not_carried_out()))
    }
}

/// The handle on the writer thread. Dropping it commits what waits and ends the thread.
pub struct Writer {
    queue: Option<Arc<Sender<Message>>>,
    thread: Option<JoinHandle<()>>,
    commits: Arc<AtomicU64>,
    changes: Changes,
    committed: watch::Receiver<u64>,
    /// Of a writer that refuses everything: why, and the signal that will never change.
    refusal: Option<(StoreError, watch::Sender<u64>)>,
}

impl Writer {
    /// Starts the thread on a connection of its own.
    pub fn start(connection: Connection) -> std::io::Result<Self> {
        let (queue, messages) = channel();
        let commits = Arc::new(AtomicU64::new(0));
        let changes = Changes::default();
        let (signal, committed) = watch::channel(0);
        // Where it cannot be read, the first commit notices a change too many.
        let data_version = connection.query_row("PRAGMA data_version", [], |row| row.get(0));
        let (counted, noticed) = (Arc::clone(&commits), changes.clone());
        let work = move || {
            let mut desk = Desk {
                pen: Pen::new(&connection),
                commits: counted,
                changes: noticed,
                data_version: data_version.unwrap_or_default(),
                signal,
                touched: HashMap::new(),
                since: None,
                prune_at: Instant::now() + PRUNE_EVERY,
            };
            desk.work(&messages);
        };
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(work)?;
        Ok(Self {
            queue: Some(Arc::new(queue)),
            thread: Some(thread),
            commits,
            changes,
            committed,
            refusal: None,
        })
    }

    /// A writer without a thread that refuses every job.
    pub fn refusing(reason: StoreError) -> Self {
        let (signal, committed) = watch::channel(0);
        Self {
            queue: None,
            thread: None,
            commits: Arc::default(),
            changes: Changes::default(),
            committed,
            refusal: Some((reason, signal)),
        }
    }

    /// Whether this one refuses every job.
    pub fn is_refusing(&self) -> bool {
        self.refusal.is_some()
    }

    /// Runs a job in the next commit and answers when it is durable.
    pub async fn write<T, F>(&self, job: F) -> Stored<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        let (before, after) = (self.changes.clone(), self.changes.clone());
        let job = move |pen: &Pen<'_>| {
            before.add();
            job(pen)
        };
        self.queue(job, move || after.add()).await
    }

    /// The same for a run and its events, which nothing that is kept depends on.
    pub async fn write_run<T, F>(&self, job: F) -> Stored<T>
    where
        T: Send + 'static,
        F: FnOnce(&Pen<'_>) -> Outcome<T> + Send + 'static,
    {
        self.queue(job, || {}).await
    }

    async fn queue<T, F, D>(&self, job: F, done: D) -> Stored<T>
    where
        T: Send + 'static,
        F: FnOnce(&Pen<'_>) -> Outcome<T> + Send + 'static,
        D: FnOnce() + Send + 'static,
    {
        if let Some((reason, _)) = &self.refusal {
            return Err(reason.clone());
        }
        let (answer, answered) = oneshot::channel();
        self.send(Message::Job(job_of(job, move |outcome| {
            done();
            // Nobody waits any more when the caller's future was dropped.
            let _ = answer.send(outcome);
        })));
        answered.await.unwrap_or_else(|_| Err(not_carried_out()))
    }

    /// The same writer for a thread that waits; it refuses once this one is dropped.
    pub fn far(&self) -> FarWriter {
        FarWriter(self.queue.as_ref().map(Arc::downgrade).unwrap_or_default())
    }

    /// Notes the use of a key, to be written within a second or with the next commit.
    pub fn touch(&self, id: ApiKeyId, micros: i64) {
        self.send(Message::Touch(id, micros));
    }

    fn send(&self, message: Message) {
        if let Some(queue) = &self.queue {
            // A stopped writer drops the job, which answers its caller.
            let _ = queue.send(message);
        }
    }

    /// The count of changes.
    pub fn changes(&self) -> Changes {
        self.changes.clone()
    }

    /// How many commits there have been.
    pub fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Changes with every commit.
    pub fn committed(&self) -> watch::Receiver<u64> {
        self.committed.clone()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// What the thread owns.
struct Desk<'c> {
    pen: Pen<'c>,
    commits: Arc<AtomicU64>,
    changes: Changes,
    /// SQLite's count of other processes' commits, as it was last seen.
    data_version: i64,
    signal: watch::Sender<u64>,
    touched: HashMap<ApiKeyId, i64>,
    /// When the first of `touched` came, or when writing them failed last.
    since: Option<Instant>,
    /// When old events are forgotten next.
    prune_at: Instant,
}

impl Desk<'_> {
    fn work(&mut self, messages: &Receiver<Message>) {
        loop {
            let first = match self.since {
                None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(since) => messages.recv_timeout(TOUCH_DELAY.saturating_sub(since.elapsed())),
            };
            let mut jobs = Vec::new();
            match first {
                Ok(message) => self.take(message, &mut jobs),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            while jobs.len() < BATCH
                && let Ok(message) = messages.try_recv()
            {
                self.take(message, &mut jobs);
            }
            let due = self
                .since
                .is_some_and(|since| since.elapsed() >= TOUCH_DELAY);
            if due || !jobs.is_empty() {
                self.commit(jobs, due);
            }
        }
        if self.since.is_some() {
            self.commit(Vec::new(), true);
        }
    }

    fn take(&mut self, message: Message, jobs: &mut Vec<Job>) {
        match message {
            Message::Job(job) => jobs.push(job),
            Message::Touch(id, micros) => {
                self.touched.insert(id, micros);
                self.since.get_or_insert_with(Instant::now);
            }
        }
    }

    fn commit(&mut self, jobs: Vec<Job>, with_touched: bool) {
        let mut answers = Vec::with_capacity(jobs.len());
        self.pen.changed.borrow_mut().clear();
        let begun = self.statement("BEGIN IMMEDIATE");
        let mut failure = begun.and_then(|()| self.notice_others()).err();
        for job in jobs {
            answers.extend(match &failure {
                None => self.run(job, &mut failure),
                Some(error) => Some(job(Err(error.clone())).1),
            });
        }
        if failure.is_none() {
            failure = self.finish(with_touched).err();
        }
        if let Some(error) = &failure {
            tracing::error!(%error, "a commit failed");
            if !self.pen.is_autocommit() {
                let _ = self.statement("ROLLBACK");
            }
            if !self.touched.is_empty() {
                // Noted uses are tried again, but not at once: what is broken stays so for a while.
                self.since = Some(Instant::now());
            }
        } else {
            if with_touched {
                self.touched.clear();
                self.since = None;
            }
            let commits = self.commits.fetch_add(1, Ordering::Relaxed) + 1;
            self.signal.send_replace(commits);
        }
        for answer in answers {
            answer(failure.clone());
        }
        if failure.is_none() && self.prune_at <= Instant::now() {
            self.prune();
        }
    }

    /// From here to the commit no other process can write; what one wrote before is noticed now.
    fn notice_others(&mut self) -> Result<(), StoreError> {
        let found = self
            .pen
            .row("PRAGMA data_version", [], |row| row.get(0))
            .map_err(Problem::Sql)?;
        let found = found.unwrap_or_default();
        if std::mem::replace(&mut self.data_version, found) != found {
            self.changes.add();
        }
        Ok(())
    }

    /// Forgets old events, after everybody was answered and in a commit of its own, so that nobody's
    /// write fails or waits for it. While there are any, the next commit goes on with it.
    fn prune(&mut self) {
        let pruned = crate::events::prune_some(&self.pen, Timestamp::now());
        let is_more = pruned.unwrap_or_else(|error| {
            tracing::warn!(%error, "old events stay for another hour");
            false
        });
        if !is_more {
            self.prune_at = Instant::now() + PRUNE_EVERY;
        }
    }

    /// Runs a job under a savepoint. No answer when the job panicked; a failure of all when SQLite
    /// gave up the whole transaction (a full disk, say).
    fn run(&self, job: Job, failure: &mut Option<StoreError>) -> Option<Answer> {
        if let Err(error) = self.statement("SAVEPOINT job") {
            *failure = Some(error.clone());
            return Some(job(Err(error)).1);
        }
        let told = self.pen.changed.borrow().len();
        let done = catch_unwind(AssertUnwindSafe(|| job(Ok(&self.pen))));
        let (unkept, answer) = match done {
            Ok((unkept, answer)) => (unkept, Some(answer)),
            Err(_) => {
                let message = "a write of the same commit panicked".to_owned();
                (Some(StoreError::Unavailable(message)), None)
            }
        };
        let ended = if self.pen.is_autocommit() {
            let message = "the transaction was given up".to_owned();
            Err(unkept.unwrap_or(StoreError::Unavailable(message)))
        } else {
            let undone = match unkept {
                Some(_) => {
                    self.pen.changed.borrow_mut().truncate(told);
                    self.statement("ROLLBACK TO job")
                }
                None => Ok(()),
            };
            undone.and_then(|()| self.statement("RELEASE job"))
        };
        *failure = ended.err();
        answer
    }

    fn finish(&self, with_touched: bool) -> Result<(), StoreError> {
        if with_touched {
            crate::api_keys::write_touched(&self.pen, &self.touched)?;
        }
        crate::events::tell_changed(&self.pen)?;
        self.statement("COMMIT")
    }

    fn statement(&self, sql: &'static str) -> Result<(), StoreError> {
        match self.pen.execute(sql, []) {
            Ok(_) => Ok(()),
            Err(error) => Err(Problem::Sql(error).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(connection: &Connection) -> Desk<'_> {
        Desk {
            pen: Pen::new(connection),
            commits: Arc::default(),
            changes: Changes::default(),
            data_version: 0,
            signal: watch::channel(0).0,
            touched: HashMap::new(),
            since: None,
            prune_at: Instant::now() + PRUNE_EVERY,
        }
    }

    #[test]
    fn uses_that_cannot_be_written_are_kept_and_wait() {
        let connection = Connection::open_in_memory().expect("opens");
        let mut desk = desk(&connection);
        desk.take(Message::Touch(ApiKeyId(1), 7), &mut Vec::new());
        let first = desk.since.expect("noted");
        desk.commit(Vec::new(), true);
        assert!(desk.since.expect("waits again") > first);
        assert_eq!(desk.touched.len(), 1);
        let table = "CREATE TABLE api_keys (id INTEGER PRIMARY KEY, last_used_at INTEGER)";
        connection.execute_batch(table).expect("created");
        desk.commit(Vec::new(), true);
        assert!(desk.since.is_none() && desk.touched.is_empty());
    }

    #[test]
    fn old_events_are_forgotten_after_a_commit_once_an_hour() {
        let connection = Connection::open_in_memory().expect("opens");
        let mut desk = desk(&connection);
        let tables = "CREATE TABLE events (id INTEGER PRIMARY KEY, at INTEGER);
            INSERT INTO events VALUES (1, 0)";
        connection.execute_batch(tables).expect("created");
        let left = || {
            let sql = "SELECT count(*) FROM events";
            let count = connection.query_row(sql, [], |row| row.get(0));
            count.unwrap_or(-1)
        };
        desk.commit(Vec::new(), false);
        assert_eq!(left(), 1);
        desk.prune_at = Instant::now();
        desk.commit(Vec::new(), false);
        assert_eq!(left(), 0);
        desk.commit(Vec::new(), false);
        assert!(desk.prune_at > Instant::now());
    }
}
