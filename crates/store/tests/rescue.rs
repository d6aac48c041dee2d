//! A damaged database at the start, and the backups that help: what is refused, what can still be
//! read, and what a copy holds.

mod common;

use common::{WORKSPACE, another, begin, begin_one, get, new_run, open, reopen};
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use switchhook_core::ports::{Agents, Instances, Runs, StoreError, Workspaces};
use switchhook_store::{BackupError, Database, OpenError};

fn data(dir: &Path) -> PathBuf {
    dir.join("data")
}

fn file(dir: &Path) -> PathBuf {
    data(dir).join("switchhook.db")
}

/// Overwrites the first page of a table.
fn damage(dir: &Path, table: &str) {
    overwrite_page(dir, page_of(dir, table));
}

fn page_of(dir: &Path, table: &str) -> u32 {
    let direct = rusqlite::Connection::open(file(dir)).expect("opens");
    let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?1";
    direct
        .query_row(sql, [table], |row| row.get(0))
        .expect("there")
}

fn overwrite_page(dir: &Path, page: u32) {
    let mut file = File::options().write(true).open(file(dir)).expect("opens");
    file.seek(SeekFrom::Start(u64::from(page - 1) * 4096))
        .and_then(|_| file.write_all(&[0xa5; 4096]))
        .expect("written");
}

/// The files as a process that never closes them leaves them.
fn crashed_copy(dir: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().expect("a folder");
    fs::create_dir(data(copy.path())).expect("created");
    for name in ["switchhook.db", "switchhook.db-wal"] {
        fs::copy(data(dir).join(name), data(copy.path()).join(name)).expect("copied");
    }
    copy
}

fn refused(dir: &Path) -> OpenError {
    Database::open(&data(dir)).err().expect("refused")
}

#[tokio::test]
async fn a_damaged_database_is_refused_unchanged_and_its_newest_backup_named() {
    let (dir, database) = open();
    begin_one(&database).await;
    Database::backup(&data(dir.path()), None).expect("copied");
    let newest = Database::backup(&data(dir.path()), None).expect("copied");
    drop(database);
    damage(dir.path(), "timeline");
    let before = fs::read(file(dir.path())).expect("read");
    let refused = refused(dir.path());
    let OpenError::Damaged {
        path,
        newest_backup,
    } = &refused
    else {
        panic!("another error: {refused}");
    };
    assert_eq!(*path, file(dir.path()));
    assert_eq!(newest_backup.as_ref(), Some(&newest));
    let newest = newest.display().to_string();
    assert!(refused.to_string().contains(&newest), "{refused}");
    assert_eq!(fs::read(file(dir.path())).expect("read"), before);
}

#[tokio::test]
async fn the_way_out_that_is_named_works() {
    let (dir, database) = open();
    let run = begin_one(&database).await;
    let backup = Database::backup(&data(dir.path()), None).expect("copied");
    drop(database);
    damage(dir.path(), "runs");
    assert!(matches!(refused(dir.path()), OpenError::Damaged { .. }));
    Database::prepare_restore(&data(dir.path()), &backup).expect("prepared");
    let now = jiff::Timestamp::now();
    assert!(Database::apply_restore(&data(dir.path()), now).expect("applied"));
    let database = reopen(dir.path());
    assert_eq!(get(&database, run).await.id, run);
    begin_one(&database).await;
}

#[test]
fn what_is_no_database_is_damaged_too() {
    let (dir, database) = open();
    drop(database);
    fs::write(file(dir.path()), "x".repeat(8192)).expect("written");
    assert!(matches!(refused(dir.path()), OpenError::Damaged { .. }));
    let rescue = Database::open_rescue(&data(dir.path()));
    assert!(matches!(rescue, Err(OpenError::Damaged { .. })));
}

#[test]
fn a_cut_file_is_damaged() {
    let (dir, database) = open();
    drop(database);
    let length = fs::metadata(file(dir.path())).expect("there").len();
    let cut = File::options().write(true).open(file(dir.path()));
    cut.expect("opens").set_len(length / 2).expect("cut");
    assert!(matches!(refused(dir.path()), OpenError::Damaged { .. }));
}

#[test]
fn an_emptied_file_is_damaged_when_there_is_a_backup_and_a_missing_one_begins_anew() {
    let (dir, database) = open();
    drop(database);
    Database::backup(&data(dir.path()), None).expect("copied");
    File::create(file(dir.path())).expect("emptied");
    assert!(matches!(refused(dir.path()), OpenError::Damaged { .. }));
    fs::remove_file(file(dir.path())).expect("removed");
    reopen(dir.path());
}

/// What a crash leaves, with a page damaged on top: the last run is in the write-ahead log alone.
#[tokio::test]
async fn rescue_reads_what_is_whole_and_refuses_every_write_with_the_way_out() {
    let (dir, database) = open();
    drop(database);
    let database = reopen(dir.path());
    let run = begin_one(&database).await;
    let new = new_run(&database).await;
    let copy = crashed_copy(dir.path());
    // Looked up in the original: opening the copy would write its log into it.
    overwrite_page(copy.path(), page_of(dir.path(), "instances"));
    let before = fs::read(file(copy.path())).expect("read");
    assert!(matches!(refused(copy.path()), OpenError::Damaged { .. }));
    let rescue = Database::open_rescue(&data(copy.path())).expect("opens");
    assert!(rescue.is_rescue() && !database.is_rescue());
    assert_eq!(get(&rescue, run).await.id, run);
    let agents = rescue.agent(WORKSPACE, common::AGENT).await.expect("read");
    assert!(agents.is_some());
    let damaged = rescue.instances().await;
    assert!(matches!(damaged, Err(StoreError::Unavailable(_))));
    let Err(StoreError::Unavailable(message)) = rescue.begin_run(new).await else {
        panic!("a write in rescue mode");
    };
    assert!(message.contains("rescue mode"), "{message}");
    assert!(message.contains("switchhook.db-wal"), "{message}");
    drop(rescue);
    assert_eq!(fs::read(file(copy.path())).expect("read"), before);
}

#[tokio::test]
async fn a_backup_of_a_running_server_is_whole_and_its_owners_alone() {
    let (dir, database) = open();
    let run = begin_one(&database).await;
    let to = dir.path().join("copy.db");
    let told = Database::backup(&data(dir.path()), Some(&to)).expect("copied");
    assert_eq!(told, to);
    begin_one(&database).await;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&to).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let other = tempfile::tempdir().expect("a folder");
    fs::create_dir(data(other.path())).expect("created");
    fs::rename(&to, file(other.path())).expect("moved");
    let copy = reopen(other.path());
    let open_runs = copy.open_runs().await.expect("read");
    assert_eq!(
        open_runs.iter().map(|one| one.id).collect::<Vec<_>>(),
        [run]
    );
}

#[test]
fn a_backup_replaces_nothing_and_makes_no_database() {
    let (dir, database) = open();
    drop(database);
    let to = dir.path().join("mine.txt");
    fs::write(&to, "mine").expect("written");
    let refused = Database::backup(&data(dir.path()), Some(&to));
    assert!(matches!(refused, Err(BackupError::Exists(path)) if path == to));
    assert_eq!(fs::read_to_string(&to).expect("read"), "mine");
    let nowhere = dir.path().join("no-folder/copy.db");
    let refused = Database::backup(&data(dir.path()), Some(&nowhere));
    assert!(matches!(refused, Err(BackupError::File { .. })));
    let missing = dir.path().join("other");
    let refused = Database::backup(&missing, None);
    assert!(matches!(refused, Err(BackupError::Missing(_))));
    assert!(!missing.exists());
}

#[test]
fn a_backup_that_fails_leaves_no_file() {
    let (dir, database) = open();
    drop(database);
    damage(dir.path(), "agents");
    let to = dir.path().join("copy.db");
    assert!(Database::backup(&data(dir.path()), Some(&to)).is_err());
    let names: Vec<_> = fs::read_dir(dir.path())
        .expect("listed")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(names, ["data"]);
}

#[test]
fn the_newest_five_backups_are_kept() {
    let (dir, database) = open();
    drop(database);
    let all: Vec<_> = (0..7)
        .map(|_| Database::backup(&data(dir.path()), None).expect("copied"))
        .collect();
    let mut kept: Vec<_> = fs::read_dir(data(dir.path()).join("backups"))
        .expect("listed")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    kept.sort();
    assert_eq!(kept, all[2..]);
}

#[test]
fn what_an_interrupted_copy_left_is_removed_with_a_later_one() {
    let (dir, database) = open();
    drop(database);
    let folder = data(dir.path()).join("backups");
    fs::create_dir(&folder).expect("made");
    let left = ["switchhook-13-20260101T000000.000000Z.db.part", "empty.db"];
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(90_000);
    for name in left.into_iter().chain(["young.db.part"]) {
        let file = File::create(folder.join(name)).expect("made");
        if name != "young.db.part" {
            file.set_modified(long_ago).expect("set");
        }
    }
    Database::backup(&data(dir.path()), None).expect("copied");
    assert!(!left.iter().any(|name| folder.join(name).exists()));
    assert!(folder.join("young.db.part").exists(), "it may be under way");
}

/// A limit on the size of files stands for a disk that is full: the write-ahead log cannot grow.
/// The limit holds for a whole process, so the writes are made in one of their own.
#[cfg(unix)]
#[tokio::test]
async fn when_a_file_cannot_grow_exactly_the_answered_runs_are_there() {
    let (dir, database) = open();
    drop(database);
    let program = std::env::current_exe().expect("named");
    // 600 blocks of 512 bytes; the signal of a file too large would end the process.
    let script = r#"trap '' XFSZ; ulimit -f 600; exec "$0" --ignored --exact --nocapture inside_a_full_disk"#;
    let output = std::process::Command::new("sh")
        .args(["-c", script])
        .arg(program)
        .env("FULL_DISK_FOLDER", dir.path())
        .output()
        .expect("started");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}");
    let answered: usize = told
        .lines()
        .find_map(|line| line.strip_prefix("answered "))
        .and_then(|number| number.parse().ok())
        .expect("told");
    assert!(answered > 0);
    let database = reopen(dir.path());
    let open_runs = database.open_runs().await.expect("read");
    assert_eq!(open_runs.len(), answered);
    assert_eq!(database.workspaces().await.expect("read").len(), 1);
}

#[cfg(unix)]
#[tokio::test]
#[ignore = "started on a full disk by the test above"]
#[allow(clippy::print_stdout)]
async fn inside_a_full_disk() {
    let dir = PathBuf::from(std::env::var_os("FULL_DISK_FOLDER").expect("set"));
    let database = reopen(&dir);
    let mut new = new_run(&database).await;
    new.workspace_limit = 100_000;
    let text = "x".repeat(20_000);
    Arc::make_mut(&mut new.initial_context).insert("text".to_owned(), text.into());
    let mut answered = 0;
    let refused = loop {
        match database.begin_run(another(&new)).await {
            Ok(_) => answered += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
    assert_eq!(database.open_runs().await.expect("read").len(), answered);
    println!("answered {answered}");
}

#[tokio::test]
async fn a_database_that_was_left_by_a_crash_is_not_called_damaged() {
    let (dir, database) = open();
    let new = new_run(&database).await;
    for _ in 0..5 {
        begin(&database, another(&new)).await;
    }
    let copy = crashed_copy(dir.path());
    // Cut in the middle of the last write, as a crash of the machine may leave it.
    let log = data(copy.path()).join("switchhook.db-wal");
    let length = fs::metadata(&log).expect("there").len();
    let cut = File::options().write(true).open(&log).expect("opens");
    cut.set_len(length - 100).expect("cut");
    let after = reopen(copy.path());
    assert_eq!(after.open_runs().await.expect("read").len(), 4);
}
