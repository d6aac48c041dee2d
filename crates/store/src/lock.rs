//! One server per data folder: an OS lock on `server.lock`, which says who holds it. The lock is
//! the operating system's, so a crash releases it; the text in the file is only for people.

use crate::database::create_folder;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;

/// In the data folder.
const FILE: &str = "server.lock";

/// Who holds the lock, as far as its file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The process; 0 when the file could not be read.
    pub pid: u32,
    /// Address of the public listener, with scheme.
    pub public: Option<String>,
    /// Address of the control listener, with scheme; `None` when it is off.
    pub control: Option<String>,
}

impl fmt::Display for Held {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "another Switchhook (process {}) already serves this data folder",
            self.pid
        )?;
        for (name, address) in [("public", &self.public), ("control", &self.control)] {
            if let Some(address) = address {
                write!(f, ", {name} {address}")?;
            }
        }
        write!(f, ": use it, end it first, or choose another data folder")
    }
}

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error("{0}")]
    Held(Held),
    #[error(
        "the lock of the data folder cannot be used: {0}; check that the folder can be written to"
    )]
    Io(#[from] io::Error),
}

/// The lock; dropping it, or the end of the process, releases it.
#[derive(Debug)]
pub struct ServerLock {
    file: File,
}

impl ServerLock {
    /// Says where the server listens, once it does.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set_addresses(&mut self, public: Option<&str>, control: Option<&str>) -> io::Result<()> {
        let held = Held {
            pid: std::process::id(),
            public: public.map(str::to_owned),
            control: control.map(str::to_owned),
        };
        let text = serde_json::to_string(&held)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(text.as_bytes())?;
        self.file.set_len(text.len() as u64)?;
        self.file.flush()
    }
}

/// Takes the lock of a data folder, which is created where there is none: a server locks before it
/// opens anything.
///
/// # Errors
/// `Held` with what the holder wrote, or the file cannot be used.
pub fn lock_server(
    dir: &Path,
    public: Option<&str>,
    control: Option<&str>,
) -> Result<ServerLock, LockError> {
    create_folder(dir)?;
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(dir.join(FILE))?;
    match file.try_lock() {
        Ok(()) => {
            let mut lock = ServerLock { file };
            lock.set_addresses(public, control)?;
            Ok(lock)
        }
        Err(TryLockError::WouldBlock) => Err(LockError::Held(read(&mut file))),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Who serves a data folder right now; `None` where nobody does, whatever an earlier server left in
/// the file.
///
/// # Errors
/// The file is there and cannot be used.
pub fn running_server(dir: &Path) -> io::Result<Option<Held>> {
    let mut file = match File::open(dir.join(FILE)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    // Shared: two who look do not take each other for a server. Let go of with the file.
    match file.try_lock_shared() {
        Ok(()) => Ok(None),
        Err(TryLockError::WouldBlock) => Ok(Some(read(&mut file))),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// The text is a courtesy: when it is unreadable, the lock is held all the same.
fn read(file: &mut File) -> Held {
    let mut text = String::new();
    let read = file.read_to_string(&mut text).ok();
    read.and_then(|_| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}
