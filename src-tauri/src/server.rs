//! This computer's server, in this process. It starts once, with the window; when it could not
//! start, whoever asks later lets it try again, so that "end the other program, then try again"
//! works without a restart.

use crate::failure::Failure;
use crate::options::Options;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use switchhook_client::Instance;
use switchhook_server::{Running, StartError, start};
use switchhook_store::{LockError, Secrets, Store, lock_server};
use tokio::sync::Mutex;

/// The code of a server that has ended with its program.
pub const SHUTTING_DOWN: &str = "shutting-down";

/// The code of a server whose data folder another one holds.
const IN_USE: &str = "data-folder-in-use";
/// The status that the program ends with where it never served for that reason (INTERFACES).
const IN_USE_STATUS: i32 = 3;

/// What the shell needs of a running server.
#[derive(Clone)]
pub struct Home {
    pub local: Instance,
    pub store: Arc<dyn Store>,
    pub secrets: Arc<dyn Secrets>,
}

enum State {
    NotYet,
    Running(Box<Running>, Home),
    Failed(Failure, Instant),
    /// With the status that the program ends with.
    Stopped(i32),
}

/// See the module.
pub struct Server {
    options: Result<Options, String>,
    state: Mutex<State>,
    has_stopped: AtomicBool,
}

impl Server {
    pub fn new(options: Result<Options, String>) -> Self {
        Self {
            options,
            state: Mutex::new(State::NotYet),
            has_stopped: AtomicBool::new(false),
        }
    }

    /// The running server, started now if it is not running yet.
    ///
    /// # Errors
    /// Why it cannot start, with the way out.
    pub async fn home(&self) -> Result<Home, Failure> {
        let asked = Instant::now();
        let mut state = self.state.lock().await;
        let before = match &*state {
            State::Running(_, home) => return Ok(home.clone()),
            State::Stopped(_) => return Err(Failure::new(SHUTTING_DOWN, "Switchhook is closing")),
            // A page asks many things at once; those that waited share one attempt.
            State::Failed(failure, at) if *at >= asked => return Err(failure.clone()),
            State::Failed(failure, _) => Some(failure.message.clone()),
            State::NotYet => None,
        };
        match self.start().await {
            Ok(running) => {
                let (store, secrets) = running.store();
                let local = Instance::Local(running.local());
                let home = Home {
                    local,
                    store,
                    secrets,
                };
                *state = State::Running(Box::new(running), home.clone());
                Ok(home)
            }
            Err(failure) => {
                if before.as_ref() != Some(&failure.message) {
                    tracing::error!("the server cannot start: {}", failure.message);
                }
                *state = State::Failed(failure.clone(), Instant::now());
                Err(failure)
            }
        }
    }

    async fn start(&self) -> Result<Running, Failure> {
        let options = self
            .options
            .clone()
            .map_err(|message| Failure::new("invalid-setting", message))?;
        let running = start(switchhook_server::Options {
            data_dir: options.data_dir,
            public: options.public,
            control: options.control,
            control_switch: options.control_switch,
            network_switch: options.network_switch,
            allow_hosts: Vec::new(),
            secrets: options.secrets,
            passphrase: options.passphrase,
            concurrent_calls: options.concurrent_calls,
            web: None,
        });
        let running = running.await.map_err(|error| {
            let is_held = matches!(error, StartError::Lock(LockError::Held(_)));
            Failure::new(
                if is_held {
                    IN_USE
                } else {
                    "storage-unavailable"
                },
                error.to_string(),
            )
        })?;
        let (public, control) = (running.public(), running.control());
        for (name, listening) in [("public", &public), ("control", &control)] {
            match listening {
                Some(Ok(address)) => tracing::info!("the {name} listener is at http://{address}"),
                Some(Err(problem)) => {
                    tracing::error!("the {name} listener does not listen: {problem}")
                }
                None => {}
            }
        }
        Ok(running)
    }

    /// Ends the server; later questions are refused. Returns the status to end the program with.
    pub async fn stop(&self) -> i32 {
        let mut state = self.state.lock().await;
        let status = match &*state {
            State::Failed(failure, _) if failure.code == IN_USE => IN_USE_STATUS,
            State::Stopped(status) => *status,
            State::NotYet | State::Running(..) | State::Failed(..) => 0,
        };
        let before = std::mem::replace(&mut *state, State::Stopped(status));
        drop(state);
        if let State::Running(running, home) = before {
            drop(home);
            running.stop().await;
        }
        self.has_stopped.store(true, Ordering::Release);
        status
    }

    pub fn has_stopped(&self) -> bool {
        self.has_stopped.load(Ordering::Acquire)
    }
}

/// Ends the program where another server holds the data folder and there is no display to say so
/// in a window.
pub fn end_unseen(options: &Options) {
    if let Err(error @ LockError::Held(_)) = lock_server(&options.data_dir, None, None) {
        tracing::error!("the server cannot start: {error}");
        std::process::exit(IN_USE_STATUS);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchhook_store::SecretsKind;

    #[tokio::test]
    async fn a_data_folder_in_use_ends_the_program_with_status_3_until_it_is_free() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = Options {
            data_dir: folder.path().to_owned(),
            public: "127.0.0.1:0".parse().expect("an address"),
            control: None,
            control_switch: None,
            network_switch: false,
            secrets: SecretsKind::File,
            passphrase: None,
            concurrent_calls: None,
        };
        let lock = lock_server(folder.path(), None, None).expect("it is free");
        let server = Server::new(Ok(options.clone()));
        let failure = server.home().await.err().expect("a failure");
        assert_eq!(failure.code, IN_USE);
        assert_eq!((server.stop().await, server.stop().await), (3, 3));
        let server = Server::new(Ok(options));
        assert!(server.home().await.is_err());
        drop(lock);
        assert!(server.home().await.is_ok());
        assert_eq!(server.stop().await, 0);
    }
}
