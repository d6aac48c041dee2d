//! A way between the program and a far end that a test can cut: what goes through is passed on as it
//! is. Cut, it drops every connection and takes no new one until it is opened again.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

#[derive(Default)]
struct State {
    is_cut: bool,
    open: Vec<TcpStream>,
}

/// See the module. It stays until the test's process ends.
pub struct Gate {
    port: u16,
    state: Arc<Mutex<State>>,
}

impl Gate {
    /// A gate in front of an address of loopback.
    ///
    /// # Panics
    /// When no port is free.
    #[must_use]
    pub fn before(authority: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let state = Arc::<Mutex<State>>::default();
        let (theirs, authority) = (state.clone(), authority.to_owned());
        thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                let mut state = theirs.lock().unwrap_or_else(PoisonError::into_inner);
                let far = TcpStream::connect(&authority).ok();
                // Dropped, it is refused.
                if let Some(far) = far.filter(|_| !state.is_cut) {
                    lead(&mut state, stream, far);
                }
            }
        });
        Self { port, state }
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Cuts it.
    pub fn cut(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_cut = true;
        for stream in state.open.drain(..) {
            // It may be closed already.
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Opens it again.
    pub fn open(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.is_cut = false;
    }
}

fn lead(state: &mut State, near: TcpStream, far: TcpStream) {
    let (Ok(near_too), Ok(far_too)) = (near.try_clone(), far.try_clone()) else {
        return;
    };
    for stream in [&near, &far] {
        state.open.extend(stream.try_clone());
    }
    thread::spawn(move || pass(near, far));
    thread::spawn(move || pass(far_too, near_too));
}

fn pass(mut from: TcpStream, mut to: TcpStream) {
    let mut part = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut part) {
        if to.write_all(&part[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}
