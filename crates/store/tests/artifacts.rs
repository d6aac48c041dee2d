//! The files of runs: written, found again, interrupted, forgotten.

mod common;

use common::{WORKSPACE, at, begin_one, get, open, reopen, step};
use jiff::SignedDuration;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use switchhook_core::ids::RunId;
use switchhook_core::ports::{ArtifactError, ArtifactKind, Artifacts, Events, NewArtifact, Runs};
use switchhook_core::recording::head;
use switchhook_core::run::{EndCode, RunInput};
use switchhook_store::Database;

const KIND: ArtifactKind = ArtifactKind::Recording;

/// A second of two tracks.
fn wav() -> Vec<u8> {
    let mut file = head(2, 8000, 8000);
    file.extend((0..8000u32).flat_map(|frame| frame.to_le_bytes()));
    file
}

fn folder(dir: &Path) -> PathBuf {
    dir.join("data/artifacts")
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder(dir)).expect("the folder is there");
    let name = |entry: fs::DirEntry| entry.file_name().into_string().expect("text");
    entries.map(|entry| name(entry.expect("read"))).collect()
}

async fn begun(database: &Database, run: RunId) -> Box<dyn NewArtifact> {
    database.create(run, KIND).await.expect("begun")
}

/// From a thread that may wait, also while the database goes away.
async fn finish(file: Box<dyn NewArtifact>) -> Result<(), ArtifactError> {
    let finished = tokio::task::spawn_blocking(move || file.finish());
    finished.await.expect("no panic")
}

async fn recorded(database: &Database, run: RunId) {
    let mut file = begun(database, run).await;
    file.write_all(&wav()).expect("written");
    finish(file).await.expect("finished");
}

#[tokio::test]
async fn a_finished_recording_is_its_runs_and_is_read_in_parts() {
    let (dir, database) = open();
    let run = begin_one(&database).await;
    assert!(!get(&database, run).await.has_recording);
    let last = database.last_event().await.expect("read");
    recorded(&database, run).await;

    assert!(get(&database, run).await.has_recording);
    let events = database.events_after(last, 10).await.expect("read");
    assert_eq!(events.last().expect("told").run_id, Some(run));
    let found = database.of_run(run).await.expect("read");
    let [recording] = found.as_slice() else {
        panic!("one file, not {found:?}");
    };
    assert!(recording.is_there);
    assert_eq!(recording.bytes, 44 + 32_000);
    let whole = database.read(recording.id, 0, 100_000).await.expect("read");
    assert!(whole == wav(), "the same bytes");
    let part = database.read(recording.id, 40, 8).await.expect("read");
    assert_eq!(part, wav()[40..48]);
    let behind = database.read(recording.id, 44 + 32_000, 8).await;
    assert!(behind.expect("read").is_empty());
    assert_eq!(names(dir.path()).len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn files_are_their_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, database) = open();
    let run = begin_one(&database).await;
    recorded(&database, run).await;
    let mode = |path: &Path| {
        let about = fs::metadata(path).expect("there");
        about.permissions().mode() & 0o777
    };
    assert_eq!(mode(&folder(dir.path())), 0o700);
    let file = folder(dir.path()).join(&names(dir.path())[0]);
    assert_eq!(mode(&file), 0o600);
}

#[tokio::test]
async fn what_is_dropped_or_not_whole_leaves_nothing() {
    let (dir, database) = open();
    let run = begin_one(&database).await;
    let mut dropped = begun(&database, run).await;
    dropped.write_all(&wav()).expect("written");
    assert_eq!(names(dir.path()).len(), 1);
    drop(dropped);
    assert!(names(dir.path()).is_empty());

    let mut unfinished = begun(&database, run).await;
    // As a writer leaves it that did not come to its end.
    unfinished.write_all(&head(2, 8000, 0)).expect("written");
    unfinished.write_all(&[0; 400]).expect("written");
    assert_eq!(finish(unfinished).await, Err(ArtifactError::NotWhole));
    assert!(names(dir.path()).is_empty());
    assert!(!get(&database, run).await.has_recording);
}

#[tokio::test]
async fn the_first_recording_of_a_run_stays() {
    let (_dir, database) = open();
    let run = begin_one(&database).await;
    let mut late = begun(&database, run).await;
    recorded(&database, run).await;
    late.write_all(&wav()).expect("written");
    assert_eq!(finish(late).await, Err(ArtifactError::AlreadyThere));
    let another = database.create(run, KIND).await;
    assert_eq!(another.err(), Some(ArtifactError::AlreadyThere));
    let nobodys = database.create(RunId(4711), KIND).await;
    assert_eq!(nobodys.err(), Some(ArtifactError::NoSuchRun));
    assert!(database.of_run(run).await.expect("read")[0].is_there);
}

#[tokio::test]
async fn a_recording_is_forgotten_with_its_run() {
    let (dir, database) = open();
    let run = begin_one(&database).await;
    step(&database, run, 1, RunInput::Answered).await;
    step(&database, run, 2, RunInput::Ended(EndCode::CalleeHungUp)).await;
    recorded(&database, run).await;
    let other = begin_one(&database).await;
    recorded(&database, other).await;
    database.index_runs(100).await.expect("indexed");
    let id = database.of_run(run).await.expect("read")[0].id;
    let later = at(0) + SignedDuration::from_hours(24);
    let forgotten = database.forget_runs(WORKSPACE, later, 10).await;
    assert_eq!(forgotten.expect("written"), 1);
    assert_eq!(names(dir.path()).len(), 1);
    assert_eq!(database.read(id, 0, 1).await, Err(ArtifactError::Gone));
    assert!(database.of_run(other).await.expect("read")[0].is_there);
}

#[tokio::test]
async fn a_recording_that_comes_after_its_run_was_forgotten_goes() {
    let (dir, database) = open();
    let run = begin_one(&database).await;
    let mut late = begun(&database, run).await;
    step(&database, run, 1, RunInput::Ended(EndCode::NoAnswer)).await;
    database.index_runs(100).await.expect("indexed");
    let later = at(0) + SignedDuration::from_hours(24);
    let forgotten = database.forget_runs(WORKSPACE, later, 10).await;
    assert_eq!(forgotten.expect("written"), 1);
    late.write_all(&wav()).expect("written");
    assert_eq!(finish(late).await, Err(ArtifactError::NoSuchRun));
    assert!(names(dir.path()).is_empty());
}

#[tokio::test]
async fn a_start_removes_what_was_interrupted_and_keeps_what_was_finished() {
    let (dir, database) = open();
    let finished = begin_one(&database).await;
    recorded(&database, finished).await;
    // As a crash between the row and the name leaves it …
    let name = names(dir.path()).remove(0);
    let (own, first) = (
        folder(dir.path()).join(&name),
        folder(dir.path()).join(format!("{name}.part")),
    );
    fs::rename(&own, first).expect("renamed");
    // … and one while a call goes on.
    fs::write(folder(dir.path()).join("recording-9-x.wav.part"), wav()).expect("written");
    assert!(database.of_run(finished).await.expect("read")[0].is_there);
    drop(database);

    let database = reopen(dir.path());
    assert_eq!(names(dir.path()).len(), 2, "only a server tidies up");
    database.tidy_artifacts().await.expect("tidied");
    assert_eq!(names(dir.path()), [name]);
    assert!(database.of_run(finished).await.expect("read")[0].is_there);
}

#[tokio::test]
async fn a_file_that_somebody_deleted_or_cut_is_said_to_be_gone() {
    let (dir, database) = open();
    for cut in [false, true] {
        let run = begin_one(&database).await;
        recorded(&database, run).await;
        let name = names(dir.path()).remove(0);
        let path = folder(dir.path()).join(name);
        if cut {
            let file = fs::File::options().write(true).open(&path);
            file.expect("opens").set_len(100).expect("cut");
        } else {
            fs::remove_file(&path).expect("removed");
        }
        let recording = database.of_run(run).await.expect("read").remove(0);
        assert!(!recording.is_there, "cut: {cut}");
        let read = database.read(recording.id, 0, 10).await;
        assert_eq!(read, Err(ArtifactError::Gone), "cut: {cut}");
    }
}

#[tokio::test]
async fn a_backup_that_is_put_back_finds_the_files_that_are_still_there() {
    let (dir, database) = open();
    let data = dir.path().join("data");
    let before = begin_one(&database).await;
    recorded(&database, before).await;
    let copy = Database::backup(&data, None).expect("copied");
    let since = begin_one(&database).await;
    recorded(&database, since).await;
    drop(database);
    Database::prepare_restore(&data, &copy).expect("prepared");
    Database::apply_restore(&data, at(100)).expect("applied");

    let database = reopen(dir.path());
    database.tidy_artifacts().await.expect("tidied");
    assert!(database.of_run(before).await.expect("read")[0].is_there);
    assert_eq!(database.of_run(since).await.expect("read"), []);
    // The replaced database, which is kept, still knows it.
    assert_eq!(names(dir.path()).len(), 2);
}

#[tokio::test]
async fn a_file_that_outlives_the_database_is_not_finished() {
    let (_dir, database) = open();
    let run = begin_one(&database).await;
    let mut file = begun(&database, run).await;
    file.write_all(&wav()).expect("written");
    drop(database);
    let finished = finish(file).await;
    assert!(
        matches!(finished, Err(ArtifactError::Unavailable(_))),
        "{finished:?}"
    );
}
