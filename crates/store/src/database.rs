//! Opening the data folder: permissions, migrations, the first workspace, then the threads. Two
//! processes may open one folder at the same time (`keys create` beside a running server), so
//! everything up to the first use happens under a file lock.

use crate::readers::Readers;
use crate::writer::Writer;
use crate::{events, idempotency, runs, sample};
use jiff::Timestamp;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::fs::{self, DirBuilder, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;
use switchhook_core::ports::StoreError;

mod migrations {
    refinery::embed_migrations!("migrations");
}

/// How long a statement waits for another process's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Reader threads: enough that one slow list does not hold up a trigger request.
const READERS: usize = 3;
/// Statements that each connection keeps prepared; above their number in this crate.
const STATEMENTS: usize = 160;

/// Why the data folder could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("the data folder {} cannot be used: {cause}; check its owner and free space, or choose another data folder", path.display())]
    Folder { path: PathBuf, cause: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the database could not be brought up to date: {0}")]
    Migration(#[from] refinery::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(StoreError::Unavailable(error.to_string()))
    }
}

/// The database of one data folder. Dropping it commits what waits and ends its threads.
pub struct Database {
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
}

impl Database {
    /// Opens a data folder; creates it, with the sample workspace, where there is none. Blocking.
    ///
    /// # Errors
    /// When the folder cannot be used, or its database is a newer program's (then nothing was
    /// written).
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        let folder = |cause| OpenError::Folder {
            path: dir.to_owned(),
            cause,
        };
        create_folder(dir).map_err(folder)?;
        let guard = private_file(&dir.join("open.lock")).map_err(folder)?;
        guard.lock().map_err(folder)?;
        let path = dir.join("switchhook.db");
        private_file(&path).map_err(folder)?;
        let mut connection = connect(&path)?;
        refuse_newer(&connection)?;
        // WAL first: migrations, too, are written while other processes may read.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        migrations::migrations::runner().run(&mut connection)?;
        let now = Timestamp::now();
        sample::seed(&mut connection, now).map_err(StoreError::from)?;
        events::prune(&connection, now)?;
        idempotency::purge(&connection, now)?;
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        runs::rebuild_slots(&transaction)?;
        transaction.commit()?;
        drop(guard);
        let readers: Result<Vec<_>, _> = (0..READERS).map(|_| connect(&path)).collect();
        let readers = Readers::start(readers?).map_err(folder)?;
        Ok(Self {
            writer: Writer::start(connection).map_err(folder)?,
            readers,
        })
    }

    /// How many commits there have been since the start: fewer than writes when writes wait
    /// together.
    #[must_use]
    pub fn commits(&self) -> u64 {
        self.writer.commits()
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

fn connect(path: &Path) -> Result<Connection, rusqlite::Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

fn refuse_newer(connection: &Connection) -> Result<(), OpenError> {
    let runner = migrations::migrations::runner();
    let known = runner
        .get_migrations()
        .iter()
        .map(|migration| i64::from(migration.version()))
        .max()
        .unwrap_or(0);
    let history = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'refinery_schema_history'";
    if connection.query_row(history, [], |row| row.get::<_, i64>(0))? == 0 {
        return Ok(());
    }
    let newest = "SELECT coalesce(max(version), 0) FROM refinery_schema_history";
    let found = connection.query_row(newest, [], |row| row.get(0))?;
    if found > known {
        Err(StoreError::Newer { found, known }.into())
    } else {
        Ok(())
    }
}
