//! A desktop session of a test: X display, window manager, session bus, home. Everything in it is
//! ended by its process id when the test lets go of it, last started first.

use crate::screen::Screen;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use switchhook_tests::server::eventually;
use tempfile::TempDir;

/// The program under test: `SWITCHHOOK_DESKTOP_BIN`, else the one built into this target folder.
fn program() -> PathBuf {
    let built = || {
        let test = std::env::current_exe().expect("a test has a path");
        let folder = test
            .ancestors()
            .nth(2)
            .expect("a test lies in target/debug/deps");
        folder.join("switchhook-desktop")
    };
    let program = std::env::var_os("SWITCHHOOK_DESKTOP_BIN").map_or_else(built, PathBuf::from);
    // Tests start in their package's folder; the variable is meant from the workspace's.
    let program = if program.exists() {
        program
    } else {
        Path::new("..").join(program)
    };
    let program = program.canonicalize();
    program.expect("build the program first: cargo build --package switchhook-desktop")
}

/// See the module.
pub struct Session {
    home: TempDir,
    environment: Vec<(String, String)>,
    children: Vec<Child>,
}

impl Session {
    /// Starts a session. Without a keyring: [`crate::keyring::Keyring`] adds one.
    pub fn start() -> Self {
        let home = tempfile::tempdir().expect("a temporary folder");
        let path = |name: &str| home.path().join(name).display().to_string();
        let folders = [
            ("XDG_DATA_HOME", "data"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_RUNTIME_DIR", "run"),
        ];
        let mut environment = vec![("HOME".to_owned(), home.path().display().to_string())];
        for (name, folder) in folders {
            let mut builder = fs::DirBuilder::new();
            std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
            builder.create(home.path().join(folder)).expect("a folder");
            environment.push((name.to_owned(), path(folder)));
        }
        let fixed = [
            ("GDK_BACKEND", "x11"),
            ("NO_AT_BRIDGE", "1"),
            ("LANG", "C.UTF-8"),
            ("SWITCHHOOK_PUBLIC", "127.0.0.1:0"),
            ("TAURI_WEBVIEW_AUTOMATION", "true"),
        ];
        environment.extend(fixed.map(|(name, value)| (name.to_owned(), value.to_owned())));
        environment.push(("PATH".to_owned(), std::env::var("PATH").expect("a PATH")));
        let mut session = Self {
            home,
            environment,
            children: Vec::new(),
        };
        session.add_program();
        let display = session.start_and_read(
            "Xvfb",
            &[
                "-displayfd",
                "1",
                "-screen",
                "0",
                "1600x1000x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ],
        );
        session.set("DISPLAY", &format!(":{display}"));
        let bus = session.start_and_read(
            "dbus-daemon",
            &["--session", "--nofork", "--nopidfile", "--print-address"],
        );
        session.set("DBUS_SESSION_BUS_ADDRESS", &bus);
        let window_manager = session.command("openbox").spawn().expect("openbox starts");
        session.children.push(window_manager);
        // A window that is there before it would never come to the front by itself.
        Screen::of(&session).until_managed();
        session
    }

    /// Another variable for every program that is started from now on.
    pub fn set(&mut self, name: &str, value: &str) {
        self.environment.retain(|(other, _)| other != name);
        self.environment.push((name.to_owned(), value.to_owned()));
    }

    /// A variable of this session.
    pub fn variable(&self, name: &str) -> String {
        let found = self.environment.iter().find(|(other, _)| other == name);
        found.expect("a variable that was set").1.clone()
    }

    /// A program with this session's environment and no other.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment.iter().cloned());
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    /// Keeps a program until the session ends.
    pub fn keep(&mut self, child: Child) {
        self.children.push(child);
    }

    /// Starts a program that says on its first line that it is ready, and with what.
    fn start_and_read(&mut self, program: &str, arguments: &[&str]) -> String {
        let mut command = self.command(program);
        let mut child = command
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .expect(program);
        let mut line = String::new();
        let stdout = child.stdout.take().expect("stdout is a pipe");
        BufReader::new(stdout).read_line(&mut line).expect("a line");
        self.children.push(child);
        assert!(!line.is_empty(), "{program} did not start");
        line.trim().to_owned()
    }

    /// What WebDriver starts: the program with its log in a file, since the driver throws it away.
    fn add_program(&self) {
        let script = format!(
            "#!/bin/sh\necho $$ >>\"$HOME/app.pids\"\nexec '{}' \"$@\" >>\"$HOME/app.log\" 2>&1\n",
            program().display()
        );
        fs::write(self.program(), script).expect("a script");
        let mut permissions = fs::metadata(self.program())
            .expect("the script")
            .permissions();
        std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o700);
        fs::set_permissions(self.program(), permissions).expect("the script can be run");
    }

    /// Starts the program under test.
    pub fn program(&self) -> PathBuf {
        self.home().join("switchhook-desktop")
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The program's data folder, where it puts it by itself.
    pub fn data_dir(&self) -> PathBuf {
        self.home().join("data/switchhook")
    }

    /// Everything the program said so far.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home().join("app.log")).unwrap_or_default()
    }

    /// Waits for words in the program's log.
    pub fn logged(&self, words: &str) {
        eventually(words, || self.log().contains(words).then_some(()));
    }

    /// The ids of the processes that were started as the program, also those that ended.
    pub fn program_ids(&self) -> Vec<u32> {
        let ids = fs::read_to_string(self.home().join("app.pids")).unwrap_or_default();
        ids.lines()
            .map(|id| id.parse().expect("a process id"))
            .collect()
    }

    /// Starts the program once more, as a desktop does for a link, and waits until it is gone again.
    pub fn start_again(&self, arguments: &[&str]) {
        let program = self.program().display().to_string();
        let status = self.command(&program).args(arguments).status();
        assert!(status.expect("the program starts").success());
    }

    /// Asks the running program to end, and waits until its data folder is free.
    pub fn end_program(&self) {
        let id = *self.program_ids().last().expect("it was started");
        let asked = self
            .command("kill")
            .args(["-TERM", &id.to_string()])
            .status();
        assert!(asked.expect("kill exists").success());
        self.until_ended();
    }

    /// Waits until the program holds its data folder no more.
    pub fn until_ended(&self) {
        let lock = self.data_dir().join("server.lock");
        let lock = fs::File::open(lock).expect("the lock file");
        eventually("the lock was released", || lock.try_lock().ok());
    }

    /// The clipboard's text, read as any other program does.
    pub fn clipboard(&self) -> String {
        let mut xclip = self.command("xclip");
        let read = xclip
            .args(["-o", "-selection", "clipboard"])
            .stdout(Stdio::piped())
            .output()
            .expect("xclip starts");
        String::from_utf8(read.stdout).expect("text")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("--- the program's log\n{}", self.log());
        }
        // The driver's child is not ours to wait for, but it is ours to end.
        for id in self.program_ids() {
            if is_program(id) {
                let _ = Command::new("kill")
                    .args(["-KILL", &id.to_string()])
                    .stderr(Stdio::null())
                    .status();
            }
        }
        for mut child in self.children.drain(..).rev() {
            let _ = Command::new("kill")
                .args(["-TERM", &child.id().to_string()])
                .stderr(Stdio::null())
                .status();
            let _ = child.wait();
        }
    }
}

/// Whether a process is still the program under test: ids are used again.
fn is_program(id: u32) -> bool {
    let name = fs::read_to_string(format!("/proc/{id}/comm")).unwrap_or_default();
    // The system keeps fifteen bytes of a name.
    name.trim() == "switchhook-desk"
}
