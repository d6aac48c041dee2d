//! Opening the data folder: permissions, a look at the file's health, a backup before migrations,
//! migrations, the first workspace, then the threads. Two processes may open one folder at the
//! same time (`keys create` beside a running server), so everything up to the first use happens
//! under a file lock. A damaged database opens for reading alone, by a call of its own.

use crate::artifacts::Folder;
use crate::backups::{self, BackupError, newest_backup};
use crate::problem::{Problem, is_damage};
use crate::readers::Readers;
use crate::runs::Kept;
use crate::writer::Writer;
use crate::{events, health, idempotency, runs, sample};
use jiff::Timestamp;
use refinery::Runner;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;
use switchhook_core::ports::StoreError;

pub mod migrations {
    refinery::embed_migrations!("migrations");
}

/// The database's file in the data folder.
pub const FILE_NAME: &str = "switchhook.db";
/// How long a statement waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Reader threads: enough that one slow list does not hold up a trigger request.
const READERS: usize = 3;
/// Statements that each connection keeps prepared; above their number in this crate.
const STATEMENTS: usize = 160;

/// Pages that the write-ahead log may hold before they are moved into the database: 16 MiB.
const WAL_PAGES: u32 = 4096;

/// Why the data folder could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the data folder {} cannot be used: {cause}; check its owner and free space, or choose another data folder", path.display())]
    Folder { path: PathBuf, cause: io::Error },
    /// [`Database::open_rescue`] may still read it. Nothing was written.
    #[error("the database {} is damaged: {}", path.display(), way_out(newest_backup.as_deref()))]
    Damaged {
        path: PathBuf,
        newest_backup: Option<PathBuf>,
    },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "the database was not brought up to date, because no copy of it could be made first: {0}"
    )]
    Backup(BackupError),
    #[error("the database could not be brought up to date: {0}")]
    Migration(refinery::Error),
}

impl OpenError {
    fn told(dir: &Path, problem: Problem) -> Self {
        match problem {
            Problem::Sql(error) if is_damage(&error) => Self::damaged(dir),
            other => Self::Store(other.into()),
        }
    }

    fn damaged(dir: &Path) -> Self {
        Self::Damaged {
            path: dir.join(FILE_NAME),
            newest_backup: newest_backup(dir),
        }
    }
}

/// What a person does about a damaged database.
fn way_out(newest_backup: Option<&Path>) -> String {
    match newest_backup {
        Some(backup) => format!(
            "restore the newest backup, under Settings or with `switchhook restore {}`, and start Switchhook again",
            backup.display()
        ),
        None => "end Switchhook and move switchhook.db, switchhook.db-wal and switchhook.db-shm to another folder; there is no backup, so the next start makes a new database".to_owned(),
    }
}

/// The database of one data folder. Dropping it commits what waits and ends its threads.
pub struct Database {
    /// Dropped before the writer: whoever closes the file last empties its write-ahead log, and
    /// when several close at once none may.
    pub(crate) readers: Readers,
    pub(crate) writer: Writer,
    /// What lists of runs were counted before.
    pub(crate) totals: Arc<runs::Totals>,
    /// How many commits there were when runs were indexed last.
    pub(crate) commits_at_index: AtomicU64,
    /// What requests were judged by.
    pub(crate) kept: Kept,
    /// Where runs' files are.
    pub(crate) artifacts: Folder,
}

impl Database {
    /// Opens a data folder; creates it, with the sample workspace, where there is none. Blocking.
    ///
    /// # Errors
    /// When the folder cannot be used, or its database is damaged or a newer program's (then
    /// nothing was written).
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let folder = |cause| OpenError::Folder {
            path: dir.to_owned(),
            cause,
        };
        let told = |problem| OpenError::told(dir, problem);
        let sql = |error| told(Problem::Sql(error));
        create_folder(dir).map_err(folder)?;
        let guard = private_file(&dir.join("open.lock")).map_err(folder)?;
        guard.lock().map_err(folder)?;
        if health::is_damaged(dir).map_err(told)? {
            return Err(OpenError::damaged(dir));
        }
        let path = dir.join(FILE_NAME);
        private_file(&path).map_err(folder)?;
        let mut connection = connect(&path).map_err(sql)?;
        let now = Timestamp::now();
        let runner = migrations::migrations::runner();
        bring_up_to_date(&mut connection, dir, &runner, now)?;
        sample::seed(&mut connection, now).map_err(told)?;
        rebuild_slots(&mut connection).map_err(sql)?;
        forget_the_old(&connection, now);
        drop(guard);
        let readers: Result<Vec<_>, _> = (0..READERS).map(|_| connect_to_read(&path)).collect();
        let readers = Readers::start(readers.map_err(sql)?).map_err(folder)?;
        Ok(Self {
            writer: Writer::start(connection).map_err(folder)?,
            readers,
            totals: Arc::default(),
            commits_at_index: AtomicU64::default(),
            kept: Kept::default(),
            artifacts: Folder::of(dir),
        })
    }

    /// Opens a damaged database for looking at what can still be read: no migration, no writer.
    /// Whatever would write answers `Unavailable` with the way out, and so does a read that meets
    /// the damage. For a server after [`OpenError::Damaged`]: it shows the window with the error's
    /// text and takes no triggers. Changes nothing in the file. Blocking.
    ///
    /// # Errors
    /// `Damaged` when nothing can be read at all.
    pub fn open_rescue(dir: &Path) -> Result<Self, OpenError> {
        let path = dir.join(FILE_NAME);
        let open = || -> rusqlite::Result<Vec<_>> {
            (0..READERS).map(|_| connect_for_rescue(&path)).collect()
        };
        let readers = open().map_err(|error| OpenError::told(dir, Problem::Sql(error)))?;
        let reason = format!(
            "the database is damaged and open in rescue mode, which only reads: {}",
            way_out(newest_backup(dir).as_deref())
        );
        Ok(Self {
            writer: Writer::refusing(StoreError::Unavailable(reason)),
            totals: Arc::default(),
            commits_at_index: AtomicU64::default(),
            kept: Kept::default(),
            artifacts: Folder::of(dir),
            readers: Readers::start(readers).map_err(|cause| OpenError::Folder {
                path: dir.to_owned(),
                cause,
            })?,
        })
    }

    /// Whether this is a damaged database, open for reading alone.
    #[must_use]
    pub fn is_rescue(&self) -> bool {
        self.writer.is_refusing()
    }

    /// How many commits there have been since the start: fewer than writes when writes wait
    /// together.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.writer.commits()
    }
}

/// Refuses a newer program's database, before anything is written; else copies an older one and
/// migrates it.
pub fn bring_up_to_date(
    connection: &mut Connection,
    dir: &Path,
    runner: &Runner,
    now: Timestamp,
) -> Result<(), OpenError> {
    let known = newest_known(runner);
    let found = schema(connection).map_err(|error| OpenError::told(dir, Problem::Sql(error)))?;
    match found {
        Some(found) if found > known => return Err(StoreError::Newer { found, known }.into()),
        Some(found) if found < known => {
            let copy =
                backups::copy_into_folder(connection, dir, now).map_err(OpenError::Backup)?;
            tracing::info!(copy = %copy.display(), "the database was copied before it is brought up to date");
        }
        Some(_) | None => {}
    }
    // WAL first: migrations, too, are written while other processes may read.
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .map_err(|error| OpenError::told(dir, Problem::Sql(error)))?;
    runner.run(connection).map_err(OpenError::Migration)?;
    Ok(())
}

/// The newest migration of this program.
pub fn newest_known(runner: &Runner) -> i64 {
    let versions = runner.get_migrations().iter();
    let versions = versions.map(|migration| i64::from(migration.version()));
    versions.max().unwrap_or(0)
}

/// The newest migration of a database; `None` for one that has no tables yet.
pub fn schema(connection: &Connection) -> rusqlite::Result<Option<i64>> {
    let history = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'refinery_schema_history'";
    if connection.query_row(history, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(None);
    }
    let newest = "SELECT coalesce(max(version), 0) FROM refinery_schema_history";
    connection.query_row(newest, [], |row| row.get(0).map(Some))
}

fn rebuild_slots(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    runs::rebuild_slots(&transaction)?;
    transaction.commit()
}

/// Housekeeping that can wait until the next start: a full disk must not keep a window from
/// showing what is there.
fn forget_the_old(connection: &Connection, now: Timestamp) {
    let forgotten =
        events::prune(connection, now).and_then(|()| idempotency::purge(connection, now));
    if let Err(error) = forgotten {
        tracing::warn!(%error, "old events and idempotency keys stay until the next start");
    }
}

/// Creates the data folder for its owner alone; one that is there keeps its permissions.
pub fn create_folder(dir: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(dir)
}

/// Creates the file for its owner alone, before anything else could create it wider. SQLite gives
/// `-wal` and `-shm` the mode of the database.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(file)
}

pub fn connect(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Plans that depend on bound values would be made anew with every other value.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // Larger than SQLite's default, so that under load a commit seldom pays for a checkpoint.
    connection.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
    Ok(connection)
}

/// A connection of a reader. What it sorts stays in memory: it is of calls, and no file of ours.
fn connect_to_read(path: &Path) -> Result<Connection, rusqlite::Error> {
    let connection = connect(path)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// A connection that writes nothing, not even when it is closed; it sees what the write-ahead log
/// holds.
pub fn connect_read_only(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// With the write-ahead log where it can be used, else the file as it stands, as if on a disk that
/// never changes.
fn connect_for_rescue(path: &Path) -> rusqlite::Result<Connection> {
    let readable = |connection: Connection| {
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(connection)
    };
    connect_read_only(path).and_then(readable).or_else(|_| {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        Connection::open_with_flags(uri(path, "immutable=1"), flags).and_then(readable)
    })
}

/// A file as SQLite takes it with options. Sqlite.org, "Uniform Resource Identifiers": `?`, `#` and `%` are escaped, a drive letter gets a
/// slash before it.
pub fn uri(path: &Path, query: &str) -> String {
    let mut text = path.to_string_lossy().into_owned();
    if cfg!(windows) {
        text = format!("/{}", text.replace('\\', "/"));
    }
    let escaped = text
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    format!("file:{escaped}?{query}")
}
