//! Copies of the database: before every migration, and whenever somebody asks, also while a server
//! writes. A copy is SQLite's own (`VACUUM INTO`): one consistent moment, without the log and the
//! gaps. Putting a copy back is a person's work; which is the newest is told where it helps.

use crate::Database;
use crate::database::{FILE_NAME, connect_read_only, create_folder, schema};
use crate::problem::Problem;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use switchhook_core::ports::StoreError;

/// How many copies stay in the data folder.
const KEPT: usize = 5;
/// A copy that takes longer is not under way any more.
const UNFINISHED: SignedDuration = SignedDuration::from_hours(24);

/// Why there is no copy.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("there is no database in {}; name the data folder with --data-dir", .0.display())]
    Missing(PathBuf),
    #[error("{} exists already; choose another name", .0.display())]
    Exists(PathBuf),
    #[error("the copy {} cannot be written: {cause}; check that its folder exists and has free space, or choose another", path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for BackupError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(Problem::Sql(error).into())
    }
}

impl Database {
    /// Copies the database of a data folder as it is at one moment, and says where the copy is: at
    /// `to`, which must not exist, or in the folder's `backups`, of which the newest five are
    /// kept. Works while a server runs, changes nothing, migrates nothing. Blocking: seconds for a
    /// large database.
    ///
    /// # Errors
    /// When there is no database, it is damaged, or the copy cannot be written.
    pub fn backup(dir: &Path, to: Option<&Path>) -> Result<PathBuf, BackupError> {
        let path = dir.join(FILE_NAME);
        if !path.exists() {
            return Err(BackupError::Missing(dir.to_owned()));
        }
        let connection = connect_read_only(&path)?;
        match to {
            Some(to) => copy(&connection, to).map(|()| to.to_owned()),
            None => copy_into_folder(&connection, dir, Timestamp::now()),
        }
    }
}

/// Adds a copy to the data folder's own, and removes the oldest of them.
pub fn copy_into_folder(
    connection: &Connection,
    dir: &Path,
    now: Timestamp,
) -> Result<PathBuf, BackupError> {
    let folder = dir.join("backups");
    create_folder(&folder).map_err(|cause| BackupError::File {
        path: folder.clone(),
        cause,
    })?;
    let schema = schema(connection)?.unwrap_or(0);
    // Microseconds, so that two in a row have two names.
    let time = now.strftime("%Y%m%dT%H%M%S%.6fZ");
    let to = folder.join(format!("switchhook-{schema}-{time}.db"));
    copy(connection, &to)?;
    for (_, old) in backups(dir).into_iter().rev().skip(KEPT) {
        if let Err(error) = fs::remove_file(&old) {
            tracing::warn!(%error, path = %old.display(), "an old backup cannot be removed");
        }
    }
    forget_unfinished(&folder, now);
    Ok(to)
}

/// Removes what copies of earlier days left behind that were never finished.
fn forget_unfinished(folder: &Path, now: Timestamp) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        let Ok(about) = fs::metadata(&path) else {
            continue;
        };
        let is_part = path
            .extension()
            .is_some_and(|extension| extension == "part");
        let written = about
            .modified()
            .ok()
            .and_then(|at| Timestamp::try_from(at).ok());
        let is_old = written.is_some_and(|at| now.duration_since(at) > UNFINISHED);
        if (is_part || about.len() == 0) && about.is_file() && is_old {
            // A file that nobody misses: the next copy tries again.
            let _ = fs::remove_file(path);
        }
    }
}

/// The newest copy in the data folder.
pub fn newest_backup(dir: &Path) -> Option<PathBuf> {
    backups(dir).pop().map(|(_, path)| path)
}

/// The data folder's copies with their times as their names tell them, oldest first.
fn backups(dir: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs::read_dir(dir.join("backups")) else {
        return Vec::new();
    };
    let backup = |entry: fs::DirEntry| {
        let name = entry.file_name();
        let (_, time) = name
            .to_str()?
            .strip_prefix("switchhook-")?
            .strip_suffix(".db")?
            .split_once('-')?;
        // An empty one is of a copy that was never finished.
        let is_finished = entry.metadata().ok()?.len() > 0;
        is_finished.then(|| (time.to_owned(), entry.path()))
    };
    let mut found: Vec<_> = entries.flatten().filter_map(backup).collect();
    found.sort();
    found
}

/// Copies to a file that must not exist; there is either a whole copy afterwards or none.
pub fn copy(connection: &Connection, to: &Path) -> Result<(), BackupError> {
    let failed = |cause: io::Error| BackupError::File {
        path: to.to_owned(),
        cause,
    };
    // Claims the name, so that nothing that is there is ever replaced.
    create_private(to).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
        _ => failed(error),
    })?;
    let mut part = OsString::from(to);
    part.push(".part");
    let part = PathBuf::from(part);
    let copied = copy_to_part(connection, &part, &failed)
        .and_then(|()| fs::rename(&part, to).map_err(failed));
    if copied.is_err() {
        // Both may be gone already, and the copy's own error is the one to tell.
        let _ = fs::remove_file(&part);
        let _ = fs::remove_file(to);
    }
    #[cfg(unix)]
    if copied.is_ok() {
        // The name, too, must outlive a power cut.
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))
            .and_then(|folder| folder.sync_all())
            .map_err(failed)?;
    }
    copied
}

fn copy_to_part(
    connection: &Connection,
    part: &Path,
    failed: &dyn Fn(io::Error) -> BackupError,
) -> Result<(), BackupError> {
    match fs::remove_file(part) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let file = create_private(part).map_err(failed)?;
    let name = part
        .to_str()
        .ok_or_else(|| failed(io::Error::other("the name is not UTF-8")))?;
    connection.execute("VACUUM INTO ?1", [name])?;
    file.sync_all().map_err(failed)
}

/// Creates a file for its owner alone, before anything is in it.
fn create_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
