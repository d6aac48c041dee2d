//! Putting a copy of the database back. A copy is looked at first: it has to be a whole database of
//! this program, of no newer one, and is put beside the present database; the next start, which
//! holds the server's lock, changes the two. The present one is kept, and whatever a crash
//! interrupts goes on at the next start. What happened after the copy was made is not in it, the
//! idempotency keys of those requests neither.

use crate::Database;
use crate::backups::{self, BackupError};
use crate::database::{FILE_NAME, connect_read_only, migrations, newest_known, schema};
use jiff::Timestamp;
use rusqlite::Connection;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// In the data folder, until the next start.
const PENDING: &str = "restore.db";
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
    /// one. The copy itself stays where it is.
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
        match fs::remove_file(dir.join(PENDING)) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Puts a copy that waits in the database's place, and says where the present one is kept. For
    /// whoever holds the server's lock, before the database is opened.
    ///
    /// # Errors
    /// A file cannot be moved; the next call goes on.
    pub fn apply_restore(dir: &Path) -> io::Result<Option<PathBuf>> {
        let Some(at) = Self::pending_restore(dir) else {
            return Ok(None);
        };
        let (present, pending) = (dir.join(FILE_NAME), dir.join(PENDING));
        // Of the copy's own time, so that a second attempt takes up the same name.
        let kept = dir.join(format!("replaced-{}.db", at.strftime("%Y%m%dT%H%M%SZ")));
        // The log before its database: it must never be found beside another one.
        let beside = |path: &Path, what: &str| {
            let mut name = path.as_os_str().to_owned();
            name.push(what);
            PathBuf::from(name)
        };
        move_away(&beside(&present, "-wal"), &beside(&kept, "-wal"))?;
        remove(&beside(&present, "-shm"))?;
        sync(dir)?;
        move_away(&present, &kept)?;
        fs::rename(&pending, &present)?;
        sync(dir)?;
        Ok(Some(kept))
    }
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
fn sync(dir: &Path) -> io::Result<()> {
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
