//! Asterisk as a PBX and as a trunk. It runs out of the folder that `cargo xtask peers` filled,
//! through that folder's own loader, with a state folder of the test.
//!
//! What it is set up with is in `conf/`: the ARI user of [`USER`] and [`PASSWORD`]; the endpoint
//! `trunk` for calls to far ends of the test; the context `itsp`, which any call from loopback
//! reaches and which does what a carrier may do; and the SIP account `account`, with digest
//! authentication, whose calls reach the same context.

use super::free_port;
use crate::server::http::{Base, Response};
use crate::server::{eventually, within};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::Value;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The user of the REST interface.
pub const USER: &str = "dialer";
/// Its password.
pub const PASSWORD: &str = "s3cret";
/// The SIP account, and its digest password.
pub const ACCOUNT: &str = "account";
/// See [`ACCOUNT`].
pub const ACCOUNT_PASSWORD: &str = "pa55word";

/// Longest start on a machine that is busy with other tests.
const START: Duration = Duration::from_secs(60);

/// What Asterisk is set up with, by file. `{…}` is filled in.
const FILES: &[(&str, &str)] = &[
    ("ari.conf", include_str!("conf/ari.conf")),
    ("asterisk.conf", include_str!("conf/asterisk.conf")),
    ("extensions.conf", include_str!("conf/extensions.conf")),
    ("http.conf", include_str!("conf/http.conf")),
    ("logger.conf", include_str!("conf/logger.conf")),
    ("modules.conf", include_str!("conf/modules.conf")),
    ("pjsip.conf", include_str!("conf/pjsip.conf")),
    ("rtp.conf", include_str!("conf/rtp.conf")),
];
/// Files that must be there and may be empty.
const EMPTY: &[&str] = &[
    "acl",
    "ccss",
    "cdr",
    "cel",
    "features",
    "pjproject",
    "sorcery",
    "stasis",
    "udptl",
    "chan_websocket",
    "websocket_client",
];
/// Files that are taken as they are delivered.
const SAMPLES: &[&str] = &["amd", "confbridge", "indications", "musiconhold"];

/// A running Asterisk.
pub struct Asterisk {
    /// Where its REST interface is.
    pub http: Base,
    /// The port of its SIP, both of UDP and of TCP.
    pub sip: u16,
    /// The port of its SIP over TLS.
    pub tls: u16,
    root: PathBuf,
    state: TempDir,
    child: Child,
}

impl Asterisk {
    /// Starts one; `target` is the test's `CARGO_TARGET_TMPDIR`. `None` where none is installed.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start(target: &str) -> Option<Self> {
        let root = Path::new(target).join("../peers/asterisk");
        if !root.with_extension("installed").exists() {
            eprintln!("LEFT OUT: no Asterisk is installed; cargo xtask peers says why");
            return None;
        }
        let root = root.canonicalize().expect("the folder is there");
        let state = tempfile::tempdir().expect("a temporary folder");
        let (http, sip, tls) = (free_port(), free_port(), free_port());
        configure(&root, state.path(), http, sip, tls);
        certify(&state.path().join("etc"));
        let child = spawn(&root, state.path());
        let http = Base::of(&format!("127.0.0.1:{http}"));
        let mut asterisk = Self {
            http,
            sip,
            tls,
            root,
            state,
            child,
        };
        asterisk.await_ready();
        Some(asterisk)
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.http.authority)
    }

    /// Asks the REST interface; `path` begins with `/ari/`.
    ///
    /// # Panics
    /// When it does not answer.
    #[must_use]
    pub fn ask(&self, method: &str, path: &str) -> Response {
        self.request(method, path).expect("Asterisk answers")
    }

    fn request(&self, method: &str, path: &str) -> Option<Response> {
        let credentials = STANDARD.encode(format!("{USER}:{PASSWORD}"));
        let request = self.http.request(method, path);
        let request = request.header("Authorization", &format!("Basic {credentials}"));
        request.try_send()
    }

    /// Its channels.
    ///
    /// # Panics
    /// When it does not answer.
    #[must_use]
    pub fn channels(&self) -> Vec<Value> {
        let channels = self.ask("GET", "/ari/channels").json();
        channels.as_array().expect("a list of channels").clone()
    }

    /// Waits until no channel is left.
    pub fn idle(&self) {
        eventually("Asterisk has no channel left", || {
            self.channels().is_empty().then_some(())
        });
    }

    /// The certificate of the authority that signed its own, in PEM.
    ///
    /// # Panics
    /// When it is not there.
    #[must_use]
    pub fn authority(&self) -> String {
        fs::read_to_string(self.state.path().join("etc/ca.pem")).expect("a file of the test")
    }

    /// What it wrote to its log.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.state.path().join("out")).unwrap_or_default()
    }

    /// Ends it without warning. [`Asterisk::restart`] brings it back at the same ports.
    ///
    /// # Panics
    /// When it cannot be ended.
    pub fn kill(&mut self) {
        self.child.kill().expect("its own child");
        self.child.wait().expect("its own child");
    }

    /// Stops it where it is, as a machine that is out of memory does, until [`Asterisk::resume`].
    ///
    /// # Panics
    /// When it cannot be stopped.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets it go on.
    ///
    /// # Panics
    /// When it is not there.
    pub fn resume(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status();
        assert!(sent.expect("kill exists").success());
    }

    /// Starts it again, having lost every call.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn restart(&mut self) {
        self.kill();
        self.child = spawn(&self.root, self.state.path());
        self.await_ready();
    }

    /// The REST interface answers before SIP is there, so it is asked for SIP itself.
    fn await_ready(&mut self) {
        within(START, "Asterisk is ready", || {
            if let Some(status) = self.child.try_wait().expect("its own child") {
                panic!("Asterisk ended with {status}: {}", self.log());
            }
            let module = self.request("GET", "/ari/asterisk/modules/chan_pjsip.so")?;
            let is_ready = module.status == 200 && module.json()["status"] == "Running";
            is_ready.then_some(())
        });
    }
}

impl Drop for Asterisk {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- Asterisk's log\n{}", self.log());
        }
    }
}

/// The folder of the machine's libraries, and the loader, below the root.
fn libraries() -> (&'static str, &'static str) {
    if cfg!(target_arch = "aarch64") {
        ("usr/lib/aarch64-linux-gnu", "lib/ld-linux-aarch64.so.1")
    } else {
        ("usr/lib/x86_64-linux-gnu", "lib64/ld-linux-x86-64.so.2")
    }
}

fn configure(root: &Path, state: &Path, http: u16, sip: u16, tls: u16) {
    for folder in ["etc", "db", "run", "log", "spool/recording", "spool/tmp"] {
        fs::create_dir_all(state.join(folder)).expect("a folder of the test");
    }
    let etc = state.join("etc");
    let (root_text, state_text) = (root.display().to_string(), state.display().to_string());
    let (http, sip, tls) = (http.to_string(), sip.to_string(), tls.to_string());
    let values = [
        ("{root}", root_text.as_str()),
        ("{libraries}", libraries().0),
        ("{state}", &state_text),
        ("{user}", USER),
        ("{password}", PASSWORD),
        ("{http}", &http),
        ("{sip}", &sip),
        ("{tls}", &tls),
        ("{account}", ACCOUNT),
        ("{account_password}", ACCOUNT_PASSWORD),
    ];
    for (name, text) in FILES {
        let fill = |text: String, (name, value): &(&str, &str)| text.replace(name, value);
        let text = values.iter().fold((*text).to_owned(), fill);
        fs::write(etc.join(name), text).expect("a file of the test");
    }
    for name in EMPTY {
        fs::write(etc.join(format!("{name}.conf")), "[general]\n").expect("a file of the test");
    }
    for name in SAMPLES {
        let name = format!("{name}.conf");
        fs::copy(root.join("etc/asterisk").join(&name), etc.join(&name)).expect("a sample");
    }
}

/// Gives it a certificate for this computer by an authority of its own.
fn certify(etc: &Path) {
    let authority = KeyPair::generate().expect("a key");
    let mut parameters = CertificateParams::new(Vec::new()).expect("no names");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = parameters.self_signed(&authority).expect("a certificate");
    let issuer = Issuer::new(parameters, authority);
    let key = KeyPair::generate().expect("a key");
    let names = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
    let own = CertificateParams::new(names).expect("two names");
    let own = own.signed_by(&key, &issuer).expect("a certificate");
    for (name, text) in [
        ("ca.pem", certificate.pem()),
        ("cert.pem", own.pem()),
        ("key.pem", key.serialize_pem()),
    ] {
        fs::write(etc.join(name), text).expect("a file of the test");
    }
}

fn spawn(root: &Path, state: &Path) -> Child {
    let (libraries, loader) = libraries();
    let out = File::options()
        .create(true)
        .append(true)
        .open(state.join("out"));
    let out = out.expect("a file of the test");
    Command::new(root.join(loader))
        .arg("--library-path")
        .arg(root.join(libraries))
        .arg(root.join("usr/sbin/asterisk"))
        .args(["-f", "-n", "-vv", "-C"])
        .arg(state.join("etc/asterisk.conf"))
        .env("HOME", state)
        .stdin(Stdio::null())
        .stdout(out.try_clone().expect("a second handle"))
        .stderr(out)
        .spawn()
        .expect("Asterisk starts")
}
