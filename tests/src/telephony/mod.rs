//! Real far ends of telephony: an Asterisk of its own for each test, and SIP phones that do one
//! thing with every call. Everything is on loopback with ports of its own, and is ended by its
//! process id when the test lets go of it.
//!
//! `cargo xtask peers` installs them. Where that was not possible [`Asterisk::start`] says so in one
//! line and gives nothing; the test then ends without having looked at anything, and the end of
//! `cargo xtask test` names it once more.

mod asterisk;
mod callee;
mod gate;

pub use asterisk::{ACCOUNT, ACCOUNT_PASSWORD, Asterisk, PASSWORD, USER};
pub use callee::{Callee, Manner, header};
pub use gate::Gate;

use std::collections::HashSet;
use std::fs;
use std::net::{TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU16, Ordering};

/// Ports that nothing is given by chance: above those of services, below those that the system
/// hands out. Asterisk's RTP has the ones in front of them.
const FIRST_PORT: u16 = 12_000;
const PORTS: u16 = 20_000;

/// A port of loopback that is free for both UDP and TCP, and the next one, too.
///
/// # Panics
/// When there is none.
#[must_use]
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    // Tests are processes of their own: each begins elsewhere.
    let start = std::process::id().wrapping_mul(38) % u32::from(PORTS);
    let start = u16::try_from(start).expect("it is less than the number of ports");
    for _ in 0..PORTS / 2 {
        let place = NEXT.fetch_add(2, Ordering::Relaxed);
        let port = FIRST_PORT + (start + place % PORTS) % PORTS;
        let is_free = |port: u16| {
            UdpSocket::bind(("127.0.0.1", port)).is_ok()
                && TcpListener::bind(("127.0.0.1", port)).is_ok()
        };
        if is_free(port) && is_free(port + 1) {
            return port;
        }
    }
    panic!("no port is free");
}

/// The UDP ports that somebody listens on.
fn udp_ports() -> HashSet<u16> {
    let table = fs::read_to_string("/proc/net/udp").unwrap_or_default();
    let ports = table.lines().skip(1).filter_map(|line| {
        let (_, port) = line.split_whitespace().nth(1)?.rsplit_once(':')?;
        u16::from_str_radix(port, 16).ok()
    });
    ports.collect()
}
