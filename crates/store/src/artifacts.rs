//! The files that runs leave behind: one folder of them beside the database, one row for each that
//! was finished. A file is written under a name that says so, made durable, then becomes its run's
//! by a row, then gets its own name; whoever reads takes either name, so a crash in between costs
//! nothing. What has no row when the server starts was interrupted and goes, also its owner cannot
//! be asked to finish it any more. Copies of the database hold no files.

use crate::Database;
use crate::database::create_folder;
use crate::events;
use crate::pen::Pen;
use crate::problem::Outcome;
use crate::restore::sync;
use crate::rows::{micros, time, word};
use crate::runs;
use crate::writer::FarWriter;
use async_trait::async_trait;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use switchhook_core::ids::{ArtifactId, RunId};
use switchhook_core::ports::{
    Artifact, ArtifactError, ArtifactKind, Artifacts, NewArtifact, StoreError,
};
use switchhook_core::recording::{HEAD, Layout};
use uuid::Uuid;

/// In the data folder.
const FOLDER: &str = "artifacts";
/// What is added to the name of a file that is being written.
const PART: &str = ".part";
/// Read at a time, to hash a file.
const CHUNK: usize = 64 * 1024;

/// The folder of the files.
#[derive(Clone)]
pub struct Folder(PathBuf);

impl Folder {
    pub fn of(data_dir: &Path) -> Self {
        Self(data_dir.join(FOLDER))
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }

    fn part(&self, file: &str) -> PathBuf {
        self.0.join(format!("{file}{PART}"))
    }

    /// A finished file under either of its names.
    fn open(&self, file: &str) -> io::Result<File> {
        match File::open(self.path(file)) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                // Renamed in between: then it has its own name now.
                File::open(self.part(file)).or_else(|_| File::open(self.path(file)))
            }
            opened => opened,
        }
    }

    fn is_there(&self, file: &str, bytes: u64) -> bool {
        let about = self.open(file).and_then(|file| file.metadata());
        about.is_ok_and(|about| about.len() == bytes)
    }

    fn remove(&self, file: &str) -> io::Result<()> {
        for path in [self.path(file), self.part(file)] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    /// The files that are, or were, being written.
    fn parts(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let named = entries.filter_map(|entry| entry.file_name().into_string().ok());
        named
            .filter_map(|name| Some(name.strip_suffix(PART)?.to_owned()))
            .collect()
    }
}

fn broken(error: &io::Error) -> ArtifactError {
    ArtifactError::Unavailable(error.to_string())
}

fn unread(error: &StoreError) -> ArtifactError {
    ArtifactError::Unavailable(error.to_string())
}

/// A row with its file's name.
type Found = (Artifact, String);

const COLUMNS: &str = "SELECT id, run_id, kind, file, bytes, sha256, created_at FROM artifacts";

fn found(connection: &Connection, rest: &str, id: i64) -> Outcome<Vec<Found>> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} {rest}"))?;
    let rows = statement.query_map([id], |row| {
        let artifact = Artifact {
            id: ArtifactId(row.get(0)?),
            run_id: RunId(row.get(1)?),
            kind: word(row, 2, ArtifactKind::parse)?,
            bytes: row.get::<_, i64>(4)?.unsigned_abs(),
            sha256: row.get(5)?,
            created_at: time(row, 6)?,
            is_there: true,
        };
        Ok((artifact, row.get(3)?))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether the run is there, and whether it has a file of the kind.
fn standing(connection: &Connection, run: RunId, kind: ArtifactKind) -> Outcome<(bool, bool)> {
    let sql = "SELECT EXISTS (SELECT 1 FROM runs WHERE id = ?1),
        EXISTS (SELECT 1 FROM artifacts WHERE run_id = ?1 AND kind = ?2)";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![run.0, kind.as_str()], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?)
}

fn allowed((has_run, has_file): (bool, bool)) -> Result<(), ArtifactError> {
    match (has_run, has_file) {
        (false, _) => Err(ArtifactError::NoSuchRun),
        (true, true) => Err(ArtifactError::AlreadyThere),
        (true, false) => Ok(()),
    }
}

/// Makes a finished file its run's, with the run's event, where it may be.
fn add(pen: &Pen<'_>, artifact: &Artifact, file: &str) -> Outcome<(bool, bool)> {
    let (run, kind) = (artifact.run_id, artifact.kind);
    let standing = standing(pen, run, kind)?;
    let workspace = runs::workspace_of(pen, run)?;
    if let (Some(workspace), Ok(())) = (workspace, allowed(standing)) {
        let sql = "INSERT INTO artifacts (run_id, kind, file, bytes, sha256, created_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
        let at = artifact.created_at;
        pen.prepare_cached(sql)?.execute(params![
            run.0,
            kind.as_str(),
            file,
            i64::try_from(artifact.bytes).unwrap_or(i64::MAX),
            artifact.sha256,
            micros(at)
        ])?;
        events::append_run(pen, workspace, run, at);
    }
    Ok(standing)
}

/// Notes a run's files for removal; for use where the run is forgotten.
pub fn forget(connection: &Connection, run: RunId) -> Outcome<()> {
    let sql = "INSERT INTO forgotten_files (file) SELECT file FROM artifacts WHERE run_id = ?1";
    connection.prepare_cached(sql)?.execute([run.0])?;
    Ok(())
}

fn forgotten(connection: &Connection) -> Outcome<Vec<String>> {
    let mut statement = connection.prepare_cached("SELECT file FROM forgotten_files")?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// See [`NewArtifact`].
struct Writing {
    folder: Folder,
    writer: FarWriter,
    run_id: RunId,
    kind: ArtifactKind,
    /// Its own name, which it gets in the end.
    name: String,
    file: File,
    is_kept: bool,
}

impl Writing {
    /// What is known of the whole file.
    fn look(&mut self) -> Result<Artifact, ArtifactError> {
        let unreadable = |error: io::Error| broken(&error);
        self.file.sync_all().map_err(unreadable)?;
        let bytes = self.file.metadata().map_err(unreadable)?.len();
        self.file.rewind().map_err(unreadable)?;
        let (mut hash, mut head, mut chunk) = (Sha256::new(), Vec::new(), vec![0; CHUNK]);
        loop {
            let read = self.file.read(&mut chunk).map_err(unreadable)?;
            if read == 0 {
                break;
            }
            hash.update(&chunk[..read]);
            let missing = HEAD.saturating_sub(head.len()).min(read);
            head.extend_from_slice(&chunk[..missing]);
        }
        match self.kind {
            ArtifactKind::Recording => {
                Layout::read(&head, bytes).ok_or(ArtifactError::NotWhole)?;
            }
        }
        Ok(Artifact {
            id: ArtifactId(0),
            run_id: self.run_id,
            kind: self.kind,
            bytes,
            sha256: hash.finalize().into(),
            created_at: Timestamp::now(),
            is_there: true,
        })
    }
}

impl Write for Writing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Writing {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl NewArtifact for Writing {
    fn finish(mut self: Box<Self>) -> Result<(), ArtifactError> {
        let artifact = self.look()?;
        // The name must outlive a power cut before the row does.
        sync(&self.folder.0).map_err(|error| broken(&error))?;
        let name = self.name.clone();
        let added = self.writer.write_run(move |pen| add(pen, &artifact, &name));
        // Whether a lost answer was a yes shows at the next start; the file stays until then.
        self.is_kept = true;
        let standing = added.map_err(|error| unread(&error))?;
        if let Err(error) = allowed(standing) {
            self.is_kept = false;
            return Err(error);
        }
        let (part, path) = (self.folder.part(&self.name), self.folder.path(&self.name));
        if let Err(error) = fs::rename(part, path).and_then(|()| sync(&self.folder.0)) {
            tracing::warn!(%error, "a finished file keeps its first name until the next start");
        }
        Ok(())
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        if let Err(error) = fs::remove_file(self.folder.part(&self.name)) {
            tracing::warn!(%error, "an unfinished file stays until the next start");
        }
    }
}

fn begin(
    folder: Folder,
    writer: FarWriter,
    run_id: RunId,
    kind: ArtifactKind,
) -> io::Result<Writing> {
    create_folder(&folder.0)?;
    let name = format!("{}-{run_id}-{}.wav", kind.as_str(), Uuid::new_v4().simple());
    let mut options = File::options();
    options.read(true).write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(folder.part(&name))?;
    Ok(Writing {
        folder,
        writer,
        run_id,
        kind,
        name,
        file,
        is_kept: false,
    })
}

/// Runs what waits for the disk.
async fn waiting<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArtifactError> + Send + 'static,
) -> Result<T, ArtifactError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|error| Err(ArtifactError::Unavailable(error.to_string())))
}

#[async_trait]
impl Artifacts for Database {
    async fn create(
        &self,
        run_id: RunId,
        kind: ArtifactKind,
    ) -> Result<Box<dyn NewArtifact>, ArtifactError> {
        let read = move |connection: &Connection| standing(connection, run_id, kind);
        let standing = self
            .readers
            .read(read)
            .await
            .map_err(|error| unread(&error))?;
        allowed(standing)?;
        let (folder, writer) = (self.artifacts.clone(), self.writer.far());
        waiting(move || {
            let begun = begin(folder, writer, run_id, kind);
            Ok(Box::new(begun.map_err(|error| broken(&error))?) as Box<dyn NewArtifact>)
        })
        .await
    }

    async fn of_run(&self, run_id: RunId) -> Result<Vec<Artifact>, ArtifactError> {
        let read = move |connection: &Connection| {
            found(connection, "WHERE run_id = ?1 ORDER BY id", run_id.0)
        };
        let found = self
            .readers
            .read(read)
            .await
            .map_err(|error| unread(&error))?;
        if found.is_empty() {
            return Ok(Vec::new());
        }
        let folder = self.artifacts.clone();
        waiting(move || {
            let artifacts = found.into_iter().map(|(artifact, file)| Artifact {
                is_there: folder.is_there(&file, artifact.bytes),
                ..artifact
            });
            Ok(artifacts.collect())
        })
        .await
    }

    async fn read(
        &self,
        artifact: ArtifactId,
        from: u64,
        at_most: usize,
    ) -> Result<Vec<u8>, ArtifactError> {
        let read = move |connection: &Connection| found(connection, "WHERE id = ?1", artifact.0);
        let found = self
            .readers
            .read(read)
            .await
            .map_err(|error| unread(&error))?;
        let (about, name) = found.into_iter().next().ok_or(ArtifactError::Gone)?;
        let folder = self.artifacts.clone();
        waiting(move || {
            let mut file = match folder.open(&name) {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    return Err(ArtifactError::Gone);
                }
                opened => opened.map_err(|error| broken(&error))?,
            };
            let read = || -> io::Result<Option<Vec<u8>>> {
                if file.metadata()?.len() != about.bytes {
                    return Ok(None);
                }
                file.seek(SeekFrom::Start(from))?;
                let mut bytes = Vec::new();
                file.take(at_most as u64).read_to_end(&mut bytes)?;
                Ok(Some(bytes))
            };
            read()
                .map_err(|error| broken(&error))?
                .ok_or(ArtifactError::Gone)
        })
        .await
    }
}

impl Database {
    /// Removes what interrupted calls left behind and the files of forgotten runs, and gives finished
    /// files their names. For whoever holds the server's lock, once, before files are written.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn tidy_artifacts(&self) -> Result<(), StoreError> {
        let parts = self.artifacts.parts();
        for name in parts {
            let file = name.clone();
            let read = move |connection: &Connection| {
                let sql = "SELECT 1 FROM artifacts WHERE file = ?1";
                let mut statement = connection.prepare_cached(sql)?;
                Ok(statement
                    .query_row([file], |_| Ok(()))
                    .optional()?
                    .is_some())
            };
            let (part, path) = (self.artifacts.part(&name), self.artifacts.path(&name));
            let is_finished = self.readers.read(read).await?;
            let tidied = if is_finished {
                fs::rename(part, path)
            } else {
                fs::remove_file(part)
            };
            if let Err(error) = tidied {
                tracing::warn!(%error, "an interrupted file was not tidied up");
            }
        }
        self.remove_forgotten().await
    }

    /// Removes the files of forgotten runs; one that cannot be removed is tried again next time.
    pub(crate) async fn remove_forgotten(&self) -> Result<(), StoreError> {
        let names = self.readers.read(forgotten).await?;
        for name in names {
            let (folder, file) = (self.artifacts.clone(), name.clone());
            let removed = waiting(move || folder.remove(&file).map_err(|error| broken(&error)));
            if let Err(error) = removed.await {
                tracing::warn!(%error, "the file of a forgotten run was not removed");
                continue;
            }
            let forget = move |connection: &Pen<'_>| {
                let sql = "DELETE FROM forgotten_files WHERE file = ?1";
                connection.prepare_cached(sql)?.execute([name])?;
                Ok(())
            };
            self.writer.write_run(forget).await?;
        }
        Ok(())
    }
}
