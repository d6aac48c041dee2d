//! A running `switchhook serve` for a test: its own folder and home, free ports, ended by its
//! process id when the test lets go of it. Everything that a test knows about the server comes
//! through the command line and HTTP, as it does for anybody else; nothing of the server's own
//! code is imported here.

pub mod events;
pub mod http;

use http::{Base, Response};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Longer than anything here takes, except what is meant to take longer.
const PATIENCE: Duration = Duration::from_secs(20);

/// The program under test: `SWITCHHOOK_BIN`, else the one built into this target folder.
///
/// # Panics
/// When it was not built.
#[must_use]
pub fn program() -> PathBuf {
    let built = || {
        // target/debug/deps/api-… → target/debug/switchhook
        let test = std::env::current_exe().expect("a test has a path");
        let folder = test
            .ancestors()
            .nth(2)
            .expect("a test lies in target/debug/deps");
        folder.join(format!("switchhook{}", std::env::consts::EXE_SUFFIX))
    };
    let program = std::env::var_os("SWITCHHOOK_BIN").map_or_else(built, PathBuf::from);
    // nextest starts tests in their package's folder; the variable is meant from the workspace's.
    let program = if program.exists() {
        program
    } else {
        Path::new("..").join(program)
    };
    let program = program.canonicalize();
    program.expect("build the program first: cargo build --package switchhook-cli")
}

/// A folder of a test: the server's data, a home, the logs. Gone when the last user lets go of it.
#[derive(Clone)]
pub struct Folder(Arc<TempDir>);

impl Default for Folder {
    fn default() -> Self {
        Self(Arc::new(tempfile::tempdir().expect("a temporary folder")))
    }
}

impl Folder {
    /// Where `--data-dir` points; made by the program.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// What the server wrote to its standard error.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    fn log_path(&self) -> PathBuf {
        self.0.path().join("log")
    }

    /// The program with an environment of its own: no key ring, no settings of this machine.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.prepared(Command::new(program()));
        command.args(arguments);
        command
    }

    /// A command with the environment of [`Folder::command`].
    fn prepared(&self, mut command: Command) -> Command {
        let home = self.0.path().join("home");
        fs::create_dir_all(&home).expect("a home");
        command.env_clear();
        for name in ["PATH", "SystemRoot", "LLVM_PROFILE_FILE"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command
            .env("HOME", &home)
            .env("SWITCHHOOK_DATA_DIR", self.data())
            .stdin(Stdio::null());
        // A bus address that nothing answers: a test must not find the key ring of a person.
        command.env(
            "DBUS_SESSION_BUS_ADDRESS",
            format!("unix:path={}", home.join("no-bus").display()),
        );
        command
    }

    /// Runs the program to its end.
    ///
    /// # Panics
    /// When it cannot be started.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments)
            .output()
            .expect("the program starts")
    }

    /// Mints a key by the command line.
    ///
    /// # Panics
    /// When that fails.
    #[must_use]
    pub fn key(&self, scope: &str) -> String {
        let made = self.run(&["keys", "create", "test", "--scope", scope]);
        let problem = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "keys create failed: {problem}");
        String::from_utf8(made.stdout)
            .expect("a key is ASCII")
            .trim()
            .to_owned()
    }
}

/// What a server is started with besides free ports.
#[derive(Clone, Default)]
pub struct Options {
    pub folder: Folder,
    pub arguments: Vec<String>,
    pub environment: Vec<(String, String)>,
    /// Whether a file that may not grow is an error of writing, as on a full disk, and no signal.
    pub outlives_full_files: bool,
}

impl Options {
    /// One more argument of `serve`.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// One more environment variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Starts a server.
    ///
    /// # Panics
    /// When it does not say that it is ready.
    #[must_use]
    pub fn start(self) -> Server {
        let mut arguments = vec!["serve", "--control", "127.0.0.1:0"];
        let says_where = |argument: &String| argument.starts_with("--public");
        if !self.arguments.iter().any(says_where) {
            arguments.extend(["--public", "127.0.0.1:0"]);
        }
        arguments.extend(self.arguments.iter().map(String::as_str));
        let mut command = if self.outlives_full_files {
            let mut shell = self.folder.prepared(Command::new("sh"));
            let script = r#"trap '' XFSZ; exec "$0" "$@""#;
            shell.args(["-c", script]).arg(program()).args(arguments);
            shell
        } else {
            self.folder.command(&arguments)
        };
        command
            .envs(self.environment.iter().cloned())
            .stdout(Stdio::piped());
        let log = File::options()
            .create(true)
            .append(true)
            .open(self.folder.log_path())
            .expect("a log");
        let mut child = command.stderr(log).spawn().expect("the program starts");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is a pipe"));
        stdout.read_line(&mut line).expect("stdout is text");
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|error| {
            let _ = child.kill();
            panic!(
                "no ready line but {line:?} ({error}); the log says: {}",
                self.folder.log()
            )
        });
        Server {
            public: Base::of(ready["public"].as_str().unwrap_or_default()),
            control: Base::of(ready["control"].as_str().unwrap_or_default()),
            folder: self.folder,
            child,
            stdout,
            ready,
        }
    }
}

/// A running server.
pub struct Server {
    pub public: Base,
    pub control: Base,
    pub folder: Folder,
    /// The ready line.
    pub ready: Value,
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
}

impl Server {
    /// A server with the sample workspace and nothing else.
    #[must_use]
    pub fn start() -> Self {
        Options::default().start()
    }

    /// A key of the first workspace.
    #[must_use]
    pub fn key(&self, scope: &str) -> String {
        self.folder.key(scope)
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    ///
    /// # Panics
    /// When the system does not tell.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("its own child").is_none()
    }

    /// Ends it without warning, as a crash does, and gives back its folder.
    ///
    /// # Panics
    /// When it cannot be ended.
    #[must_use]
    pub fn crash(mut self) -> Folder {
        self.child.kill().expect("its own child");
        self.child.wait().expect("its own child");
        self.folder.clone()
    }

    /// Asks it to end, as a service manager does, and says how it ended and what else it printed.
    ///
    /// # Panics
    /// When it does not end.
    pub fn terminate(&mut self) -> (ExitStatus, String) {
        let id = self.child.id().to_string();
        let asked = Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .expect("kill exists");
        assert!(asked.success(), "the server was not there any more");
        let status = eventually("the server ended", || {
            self.child.try_wait().expect("its own child")
        });
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut self.stdout, &mut rest).expect("stdout is text");
        (status, rest)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- the server's log\n{}", self.folder.log());
        }
    }
}

/// A desk, and the person at a browser that is signed in to it.
pub struct Person {
    pub desk: Desk,
    cookie: String,
}

impl Person {
    /// At a server that was started with `--sign-in-link`.
    ///
    /// # Panics
    /// When the sign-in is refused.
    #[must_use]
    pub fn at(server: Server) -> Self {
        let desk = Desk::at(server);
        let link = desk.server.ready["sign_in"].as_str().expect("a link");
        let (_, token) = link.split_once("#sign-in=").expect("a token");
        let sign_in = desk.server.control.post("/api/switchhook/sign-in");
        let answer = sign_in.json(&json!({ "token": token })).send();
        let cookie = answer.header("set-cookie").expect("a cookie");
        let cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        Self { desk, cookie }
    }

    /// At a fresh server.
    #[must_use]
    pub fn open() -> Self {
        Self::at(Options::default().argument("--sign-in-link").start())
    }

    /// Asks as the window does; without a body where it is null.
    #[must_use]
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> Response {
        let request = self.desk.server.control.request(method, path);
        let request = request
            .header("Cookie", &self.cookie)
            .header("X-Switchhook", "window");
        if body.is_null() {
            request.send()
        } else {
            request.json(body).send()
        }
    }
}

/// A server with a key of each scope and the sample agent's trigger: what most tests need.
pub struct Desk {
    pub server: Server,
    /// Scope `trigger`.
    pub key: String,
    /// Scope `manage`.
    pub manage: String,
    /// The sample agent's trigger path.
    pub path: String,
}

impl Desk {
    /// A desk over a fresh server.
    #[must_use]
    pub fn open() -> Self {
        Self::at(Options::default().start())
    }

    /// A desk over a fresh server that can keep secrets.
    #[must_use]
    pub fn with_secrets() -> Self {
        let options = Options::default()
            .variable("SWITCHHOOK_SECRETS", "file")
            .variable("SWITCHHOOK_PASSPHRASE", "correct horse");
        Self::at(options.start())
    }

    /// A desk over a server.
    ///
    /// # Panics
    /// When the sample agent is not there.
    #[must_use]
    pub fn at(server: Server) -> Self {
        let (key, manage) = (server.key("trigger"), server.key("manage"));
        let agents = server
            .control
            .get("/api/v1/workflow/fetch")
            .key(&manage)
            .send()
            .json();
        let path = agents[0]["trigger_path"]
            .as_str()
            .expect("the sample agent has a trigger")
            .to_owned();
        Self {
            server,
            key,
            manage,
            path,
        }
    }

    /// The production URL's path.
    #[must_use]
    pub fn production(&self) -> String {
        format!("/api/v1/public/agent/{}", self.path)
    }

    /// The test URL's path.
    #[must_use]
    pub fn test(&self) -> String {
        format!("/api/v1/public/agent/test/{}", self.path)
    }

    /// Fires the production trigger with a whole body.
    #[must_use]
    pub fn fire(&self, body: &Value) -> Response {
        self.server
            .public
            .post(&self.production())
            .key(&self.key)
            .json(body)
            .send()
    }

    /// Fires at a number and gives back the run's id.
    ///
    /// # Panics
    /// When it is refused.
    #[must_use]
    pub fn call(&self, number: &str) -> i64 {
        let reply = self.fire(&json!({"phone_number": number}));
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()["workflow_run_id"].as_i64().expect("a run id")
    }

    /// Asks the control listener with the manage key.
    #[must_use]
    pub fn get(&self, path: &str) -> Response {
        self.server.control.get(path).key(&self.manage).send()
    }

    /// Posts to the control listener with the manage key.
    #[must_use]
    pub fn post(&self, path: &str, body: &Value) -> Response {
        self.server
            .control
            .post(path)
            .key(&self.manage)
            .json(body)
            .send()
    }

    /// Puts to the control listener with the manage key.
    #[must_use]
    pub fn put(&self, path: &str, body: &Value) -> Response {
        self.server
            .control
            .put(path)
            .key(&self.manage)
            .json(body)
            .send()
    }

    /// Deletes on the control listener with the manage key.
    #[must_use]
    pub fn delete(&self, path: &str) -> Response {
        self.server
            .control
            .request("DELETE", path)
            .key(&self.manage)
            .send()
    }

    /// A run as our own route tells it.
    ///
    /// # Panics
    /// When it cannot be read.
    #[must_use]
    pub fn run(&self, id: i64) -> Value {
        let run = self.get(&format!("/api/switchhook/runs/{id}"));
        assert_eq!(run.status, 200, "{}", run.text());
        run.json()
    }

    /// Waits for a run's end and gives it back.
    #[must_use]
    pub fn ended(&self, id: i64) -> Value {
        eventually("the run ended", || {
            Some(self.run(id)).filter(|run| run["is_completed"] == true)
        })
    }

    /// Waits for a run's call at the desk phone.
    #[must_use]
    pub fn ringing(&self, run_id: i64) -> Value {
        eventually("the desk phone rang", || self.desk_call(run_id))
    }

    /// A run's call at the desk phone, while there is one.
    ///
    /// # Panics
    /// When the desk phone cannot be read.
    #[must_use]
    pub fn desk_call(&self, run_id: i64) -> Option<Value> {
        let calls = self.get("/api/switchhook/desk-phone/calls").json();
        let calls = calls["calls"].as_array().expect("a list of calls").clone();
        calls.into_iter().find(|call| call["run_id"] == run_id)
    }

    /// Does something at the desk phone: `answer`, `say`, …
    #[must_use]
    pub fn act(&self, call: &Value, what: &str, body: &Value) -> Response {
        let id = call["id"].as_str().expect("a call has an id");
        self.post(
            &format!("/api/switchhook/desk-phone/calls/{id}/{what}"),
            body,
        )
    }
}

/// Looks until there is something to see. The one place where time passes between two looks.
///
/// # Panics
/// When it does not come in 20 seconds.
pub fn eventually<T>(what: &str, look: impl FnMut() -> Option<T>) -> T {
    within(PATIENCE, what, look)
}

/// [`eventually`] with another deadline, for what is meant to take long.
///
/// # Panics
/// When it does not come in time.
pub fn within<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + patience;
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(Instant::now() < deadline, "{what}: not within {patience:?}");
        std::thread::park_timeout(Duration::from_millis(5));
    }
}
