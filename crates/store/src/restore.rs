//! Putting a copy of the database back. A copy is looked at first: it has to be a whole database of
//! this program, of no newer one, and is put beside the present database; the next start, which
//! holds the server's lock, changes the two. What must not be forgotten of the present one is written
//! into the copy before ([`crate::carry_over`]), and the present one is kept. Whatever a crash
//! interrupts goes on at the next start.

use crate::Database;
use crate::backups::{self, BackupError};
use crate::carry_over::{self, carry_over};
use crate::database::{FILE_NAME, connect_read_only, migrations, newest_known, schema};
use crate::problem::Problem;
use crate::rows::time;
use jiff::Timestamp;
use rusqlite::Connection;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use switchhook_core::ports::StoreError;

/// In the data folder, until the next start.
const PENDING: &str = "restore.db";
/// What a copy is called that needs only be moved, before the time.
const READY: &str = "restored-";
/// What a replaced database is called, before the time.
const REPLACED: &str = "replaced-";
/// How many replaced databases stay in the data folder.
const KEPT: usize = 2;
/// Tables that every version of the program has.
const OURS: [&str; 4] = ["workspaces", "agents", "runs", "api_keys"];

/// Why a copy is not put back.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    #[error("there is no file {}; choose another backup", .0.display())]
    Missing(PathBuf),
    #[error("{} is no database of Switchhook, or it is damaged; choose another backup", .0.display())]
    Foreign(PathBuf),
    #[error("{} was written by a newer Switchhook (schema {found}, this one knows {known}); install that version, or choose another backup", path.display())]
    Newer {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    #[error(transparent)]
    Copy(#[from] BackupError),
    #[error(
        "the backup that waits could not be put back: {0}; make room in the data folder, or give the backup up with `switchhook restore --cancel`"
    )]
    NotApplied(Box<dyn std::error::Error + Send + Sync>),
}

impl RestoreError {
    fn not_applied(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::NotApplied(cause.into())
    }
}

/// The restore of the database that is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastRestore {
    pub at: Timestamp,
    /// What the database from before is called in the data folder; `None` where there was none, or it
    /// is gone.
    pub replaced: Option<String>,
    /// Whether keys that were archived since the copy was made, the requests of the last day and the
    /// open runs were taken over from it.
    pub is_whole: bool,
}

/// A copy in the data folder's `backups`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupFile {
    /// Without its folder.
    pub name: String,
    /// When it was written last.
    pub at: Timestamp,
    /// In bytes.
    pub size: u64,
}

impl Database {
    /// The folder of the copies.
    #[must_use]
    pub fn backups_dir(dir: &Path) -> PathBuf {
        dir.join("backups")
    }

    /// The copies in a data folder, the newest first; also those that a person put there.
    #[must_use]
    pub fn backups(dir: &Path) -> Vec<BackupFile> {
        let Ok(entries) = fs::read_dir(Self::backups_dir(dir)) else {
            return Vec::new();
        };
        let file = |entry: fs::DirEntry| {
            let name = entry.file_name().into_string().ok()?;
            let about = entry.metadata().ok()?;
            // An empty one is of a copy that was never finished.
            let is_one = about.is_file() && about.len() > 0 && name.ends_with(".db");
            is_one.then_some(BackupFile {
                name,
                at: modified(&about)?,
                size: about.len(),
            })
        };
        let mut found: Vec<_> = entries.flatten().filter_map(file).collect();
        found.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.name.cmp(&a.name)));
        found
    }

    /// Has a copy put back at the next start, instead of any other. Blocking: seconds for a large
    /// one. The copy itself stays where it is; of the databases that were replaced so the newest two
    /// are kept.
    ///
    /// # Errors
    /// It is not there, is no whole database of this program, or is a newer one's.
    pub fn prepare_restore(dir: &Path, from: &Path) -> Result<(), RestoreError> {
        let connection = checked(from)?;
        Self::cancel_restore(dir).map_err(|cause| BackupError::File {
            path: dir.join(PENDING),
            cause,
        })?;
        backups::copy(&connection, &dir.join(PENDING))?;
        Ok(())
    }

    /// Since when a copy waits to be put back; `None` where none does.
    #[must_use]
    pub fn pending_restore(dir: &Path) -> Option<Timestamp> {
        let about = fs::metadata(dir.join(PENDING)).ok()?;
        (about.len() > 0).then(|| modified(&about)).flatten()
    }

    /// Puts nothing back after all.
    ///
    /// # Errors
    /// The copy cannot be removed.
    pub fn cancel_restore(dir: &Path) -> io::Result<()> {
        let pending = dir.join(PENDING);
        remove(&pending)?;
        // Of an attempt that was interrupted.
        remove(&beside(&pending, "-journal"))
    }

    /// Puts a copy that waits in the database's place; `true` where one did. For whoever holds the
    /// server's lock, before the database is opened. Blocking.
    ///
    /// # Errors
    /// `NotApplied`; the next call goes on.
    pub fn apply_restore(dir: &Path, now: Timestamp) -> Result<bool, RestoreError> {
        let ready = match files(dir, READY).pop() {
            Some(ready) => Some(ready),
            None if Self::pending_restore(dir).is_some() => Some(make_ready(dir, now)?),
            None => None,
        };
        let Some(ready) = ready else {
            return Ok(false);
        };
        put_in_place(dir, &ready).map_err(RestoreError::not_applied)?;
        for old in files(dir, REPLACED).into_iter().rev().skip(KEPT) {
            for file in [beside(&old, "-wal"), old] {
                if let Err(error) = remove(&file) {
                    tracing::warn!(%error, path = %file.display(), "a replaced database cannot be removed");
                }
            }
        }
        Ok(true)
    }

    /// The restore that the present database comes from; `None` where it does not, or cannot be read.
    #[must_use]
    pub fn last_restore(dir: &Path) -> Option<LastRestore> {
        let connection = connect_read_only(&dir.join(FILE_NAME)).ok()?;
        let sql = "SELECT at, replaced, is_whole FROM last_restore";
        let read = connection.query_row(sql, [], |row| {
            Ok(LastRestore {
                at: time(row, 0)?,
                replaced: row.get(1)?,
                is_whole: row.get(2)?,
            })
        });
        let mut last = read.ok()?;
        last.replaced = last.replaced.filter(|name| dir.join(name).exists());
        Some(last)
    }
}

/// Writes what must not be forgotten into the copy that waits, and names it for its move. From then on
/// it is not changed any more, so that whatever is moved keeps its name.
fn make_ready(dir: &Path, now: Timestamp) -> Result<PathBuf, RestoreError> {
    let (present, pending) = (dir.join(FILE_NAME), dir.join(PENDING));
    let time = now.strftime("%Y%m%dT%H%M%S%.6fZ");
    let kept_as = format!("{REPLACED}{time}.db");
    let told = |problem: Problem| RestoreError::not_applied(StoreError::from(problem));
    let mut connection = carry_over::connect(&pending).map_err(|error| told(error.into()))?;
    migrations::migrations::runner()
        .run(&mut connection)
        .map_err(RestoreError::not_applied)?;
    let replaced = present.exists().then_some(present.as_path());
    carry_over(&mut connection, replaced, &kept_as, now).map_err(told)?;
    connection
        .close()
        .map_err(|(_, error)| told(error.into()))?;
    let ready = dir.join(format!("{READY}{time}.db"));
    fs::rename(&pending, &ready)
        .and_then(|()| sync(dir))
        .map_err(RestoreError::not_applied)?;
    Ok(ready)
}

/// Moves the present database away and the copy into its place; what is moved already stays so.
fn put_in_place(dir: &Path, ready: &Path) -> io::Result<()> {
    let present = dir.join(FILE_NAME);
    let name = ready.file_name().unwrap_or_default().to_string_lossy();
    let mut kept = dir.join(name.replacen(READY, REPLACED, 1));
    if kept.exists() && present.exists() {
        // Made by another program between a crash and now: kept, too.
        kept = dir.join(
            name.replacen(READY, REPLACED, 1)
                .replace(".db", "-later.db"),
        );
    }
    // The log before its database: it must never be found beside another one.
    move_away(&beside(&present, "-wal"), &beside(&kept, "-wal"))?;
    remove(&beside(&present, "-shm"))?;
    sync(dir)?;
    move_away(&present, &kept)?;
    fs::rename(ready, &present)?;
    sync(dir)
}

/// The name of a file of SQLite's that stands beside a database.
fn beside(path: &Path, what: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(what);
    PathBuf::from(name)
}

/// The databases in a data folder whose names begin so, the oldest first.
fn files(dir: &Path, begin: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let named = entries.filter(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with(begin) && name.ends_with(".db")
    });
    let mut found: Vec<_> = named.map(|entry| entry.path()).collect();
    found.sort();
    found
}

fn modified(about: &fs::Metadata) -> Option<Timestamp> {
    let modified = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
    Timestamp::try_from(modified).ok()
}

fn move_away(from: &Path, to: &Path) -> io::Result<()> {
    match fs::rename(from, to) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Names outlive a power cut once their folder is written.
pub fn sync(dir: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}

/// A connection to a whole database of this program.
fn checked(path: &Path) -> Result<Connection, RestoreError> {
    if !path.is_file() {
        return Err(RestoreError::Missing(path.to_owned()));
    }
    let foreign = || RestoreError::Foreign(path.to_owned());
    let look = || -> rusqlite::Result<(Connection, Option<i64>, bool)> {
        let connection = connect_read_only(path)?;
        let found = schema(&connection)?;
        let sql = "SELECT count(*) = 4 FROM sqlite_schema WHERE type = 'table' AND name IN (?1, ?2, ?3, ?4)";
        let has_ours: bool = connection.query_row(sql, OURS, |row| row.get(0))?;
        let health: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        let is_whole = has_ours && health == "ok";
        Ok((connection, found, is_whole))
    };
    let (connection, found, is_whole) = look().map_err(|_| foreign())?;
    let found = found.filter(|_| is_whole).ok_or_else(foreign)?;
    let known = newest_known(&migrations::migrations::runner());
    if found > known {
        let path = path.to_owned();
        return Err(RestoreError::Newer { path, found, known });
    }
    Ok(connection)
}
