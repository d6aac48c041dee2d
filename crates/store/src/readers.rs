//! The few threads that read, each with a connection and statement cache of its own. Threads of
//! our own rather than the runtime's blocking pool: a connection stays with its thread, so
//! nothing is checked out and back, and a burst of reads cannot start hundreds of threads.

use crate::problem::Outcome;
use rusqlite::Connection;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use switchhook_core::ports::{StoreError, Stored};
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce(&Connection) + Send>;

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    ready: Condvar,
}

impl Shared {
    /// A panic while holding the lock cannot leave the queue half changed.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self) -> Option<Job> {
        let mut queue = self.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            if queue.closed {
                return None;
            }
            queue = self
                .ready
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// The handle on the reader threads. Dropping it ends them.
pub struct Readers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts one thread per connection.
    pub fn start(connections: Vec<Connection>) -> std::io::Result<Self> {
        let mut readers = Self {
            shared: Arc::default(),
            threads: Vec::new(),
        };
        for (number, connection) in connections.into_iter().enumerate() {
            let shared = Arc::clone(&readers.shared);
            let thread = std::thread::Builder::new().name(format!("store-reader-{number}"));
            readers.threads.push(thread.spawn(move || {
                while let Some(job) = shared.next() {
                    // A job that panics costs its caller the answer, not everybody the thread.
                    let _ = catch_unwind(AssertUnwindSafe(|| job(&connection)));
                }
            })?);
        }
        Ok(readers)
    }

    /// Runs a job on one snapshot of the database.
    pub async fn read<T, F>(&self, job: F) -> Stored<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Outcome<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let _ = answer.send(snapshot(connection, job).map_err(StoreError::from));
        });
        self.shared.lock().jobs.push_back(job);
        self.shared.ready.notify_one();
        answered.await.unwrap_or_else(|_| {
            Err(StoreError::Unavailable(
                "the readers have stopped".to_owned(),
            ))
        })
    }
}

fn snapshot<T>(connection: &Connection, job: impl FnOnce(&Connection) -> Outcome<T>) -> Outcome<T> {
    /// Ends the read transaction on every way out, a panic included.
    struct Snapshot<'a>(&'a Connection);
    impl Drop for Snapshot<'_> {
        fn drop(&mut self) {
            // Ending a read writes nothing, so there is nothing that could be lost.
            let _ = self
                .0
                .prepare_cached("COMMIT")
                .and_then(|mut statement| statement.execute([]));
        }
    }
    connection.prepare_cached("BEGIN")?.execute([])?;
    let _snapshot = Snapshot(connection);
    job(connection)
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.ready.notify_all();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
