//! Whether a database file can be trusted, asked before anything is written to it. The check is
//! SQLite's own and reads the whole file: for 100,000 runs (185 MB) under a second from memory,
//! many times that from a cold disk. It is therefore given a time: a short one after a clean end, a
//! longer one after a crash. What lies beyond is noticed when it is read, and answered as
//! unavailable. Nothing is repaired here.

use crate::backups::newest_backup;
use crate::database::{FILE_NAME, connect_read_only};
use crate::problem::{Outcome, is_damage};
use rusqlite::{Connection, ErrorCode};
use std::fs;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// For a file that its last user closed: all of a small database, the beginning of a large one.
const AFTER_CLEAN_END: Duration = Duration::from_millis(250);
/// For a file whose last user crashed or still runs, which leaves the write-ahead log behind.
const AFTER_CRASH: Duration = Duration::from_secs(2);
/// How soon an interruption that came too early is repeated.
const AGAIN: Duration = Duration::from_millis(10);

/// Whether a data folder's database is damaged, as far as the time allowed shows. A missing one
/// is not; an empty one is when there are backups of a fuller one.
pub fn is_damaged(dir: &Path) -> Outcome<bool> {
    let path = dir.join(FILE_NAME);
    let length = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    if length(&path) == 0 {
        return Ok(path.exists() && newest_backup(dir).is_some());
    }
    let was_left = length(&dir.join(format!("{FILE_NAME}-wal"))) > 0;
    let limit = if was_left {
        AFTER_CRASH
    } else {
        AFTER_CLEAN_END
    };
    // Read-only: closing another connection would write the log into a file that is damaged.
    let checked = connect_read_only(&path).and_then(|connection| is_sound(&connection, limit));
    match checked {
        Ok(sound) => Ok(!sound),
        Err(error) if is_damage(&error) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

fn is_sound(connection: &Connection, limit: Duration) -> rusqlite::Result<bool> {
    let handle = connection.get_interrupt_handle();
    let (done, ended) = channel::<()>();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut wait = limit;
            while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                handle.interrupt();
                wait = AGAIN;
            }
        });
        let found = connection.query_row("PRAGMA quick_check(1)", [], |row| {
            Ok(row.get_ref(0)?.as_str()? == "ok")
        });
        drop(done);
        match found {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {
                tracing::debug!("the database is too large to be checked whole at the start");
                Ok(true)
            }
            found => found,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_takes_too_long_is_ended_and_finds_nothing() {
        let connection = Connection::open_in_memory().expect("opens");
        let many = "CREATE TABLE numbers (number INTEGER PRIMARY KEY, text TEXT);
            WITH RECURSIVE counted (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < 300000)
            INSERT INTO numbers SELECT n, 'abcdefghij' FROM counted";
        connection.execute_batch(many).expect("filled");
        assert!(is_sound(&connection, Duration::ZERO).expect("ended"));
        assert!(is_sound(&connection, Duration::from_secs(60)).expect("checked"));
    }
}
