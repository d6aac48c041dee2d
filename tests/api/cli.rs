//! `switchhook fire`: what it sends, what it prints, and what its exit status says.

use serde_json::{Value, json};
use std::fs;
use std::io::{BufReader, Read as _};
use std::net::TcpListener;
use std::process::{Command, Output};
use std::thread::JoinHandle;
use switchhook_tests::server::http::{Base, Response};
use switchhook_tests::server::{Desk, Folder, eventually};

const TALKS: &str = "+14155550101";

/// `switchhook fire …` with an API key in its environment.
fn command(desk: &Desk, arguments: &[&str]) -> Command {
    let mut command = desk.server.folder.command(&["fire"]);
    command.args(arguments).env("SWITCHHOOK_API_KEY", &desk.key);
    command
}

fn fire(desk: &Desk, arguments: &[&str]) -> Output {
    command(desk, arguments)
        .output()
        .expect("the program starts")
}

/// Exit status, standard output as lines of JSON, standard error.
#[track_caller]
fn said(output: &Output) -> (Option<i32>, Vec<Value>, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("text");
    let lines = text(&output.stdout);
    let lines = lines.lines().map(|line| {
        let json = serde_json::from_str(line);
        json.unwrap_or_else(|error| panic!("{error} in {line}"))
    });
    (output.status.code(), lines.collect(), text(&output.stderr))
}

/// The reply to a call that was placed.
#[track_caller]
fn placed(output: &Output) -> Value {
    let (code, mut lines, words) = said(output);
    assert_eq!((code, lines.len()), (Some(0), 1), "{words}");
    lines.remove(0)
}

/// The words of a command that ended so, with nothing on standard output.
#[track_caller]
fn stopped(output: &Output, exit: i32) -> String {
    let (code, lines, words) = said(output);
    assert_eq!((code, lines), (Some(exit), Vec::new()), "{words}");
    words
}

fn runs(desk: &Desk) -> usize {
    let runs = desk.get("/api/switchhook/runs").json();
    runs["runs"].as_array().map_or(0, Vec::len)
}

/// Stands before a server: hands one request on, whose answer never comes back. What it gives back
/// in the end is the request's head.
fn loses_the_answer(server: &Base) -> (String, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let server = server.clone();
    let stands = std::thread::spawn(move || {
        let (mut asked, _) = listener.accept().expect("somebody asks");
        let mut request = Vec::new();
        let mut part = [0; 4096];
        let whole = |request: &[u8]| {
            let text = String::from_utf8_lossy(request).into_owned();
            let (head, body) = text.split_once("\r\n\r\n")?;
            let length = head.to_ascii_lowercase();
            let length = length.split("content-length: ").nth(1)?;
            let length: usize = length.lines().next()?.parse().ok()?;
            (body.len() == length).then(|| head.to_owned())
        };
        let head = loop {
            let read = asked.read(&mut part).expect("a request");
            assert!(read > 0, "the request was not whole");
            request.extend_from_slice(&part[..read]);
            if let Some(head) = whole(&request) {
                break head;
            }
        };
        let mut stream = server.connect();
        std::io::Write::write_all(&mut stream, &request).expect("the server reads");
        let _ = Response::read(&mut BufReader::new(stream)).expect("the server answers");
        head
    });
    (url, stands)
}

/// The key that a command said its call was asked for under.
fn key_in(words: &str) -> &str {
    let key = words.split("Idempotency-Key: ").nth(1);
    let key = key.unwrap_or_else(|| panic!("no key in {words}"));
    key.lines().next().expect("a line")
}

#[test]
fn the_server_of_the_data_folder_places_the_call() {
    let desk = Desk::open();
    let context = r#"{"customer_name": "Jane", "big": 12345678901234567890123}"#;
    let reply = placed(&fire(&desk, &[&desk.path, TALKS, "--context", context]));
    assert_eq!(
        (&reply["status"], &reply["mode"]),
        (&json!("initiated"), &json!("production"))
    );
    let run = desk.ended(reply["workflow_run_id"].as_i64().expect("a run"));
    assert_eq!(run["destination"], TALKS);
    assert_eq!(run["initial_context"]["customer_name"], "Jane");
    assert_eq!(
        run["initial_context"]["big"].to_string(),
        "12345678901234567890123"
    );
}

#[test]
fn a_trigger_is_taken_as_url_as_path_and_for_a_test() {
    let desk = Desk::open();
    let production = desk.server.public.authority.clone();
    let production = format!("http://{production}{}", desk.production());
    let server = format!("http://{}", desk.server.control.authority);
    for (arguments, mode) in [
        (vec![production.as_str(), TALKS], "production"),
        (vec![production.as_str(), TALKS, "--test"], "test"),
        (vec![&desk.test(), TALKS], "test"),
        (
            vec![desk.path.as_str(), TALKS, "--server", &server],
            "production",
        ),
    ] {
        let reply = placed(&fire(&desk, &arguments));
        assert_eq!(reply["mode"], mode, "{arguments:?}");
    }
}

#[test]
fn a_context_may_come_from_a_file() {
    let desk = Desk::open();
    let file = desk.server.folder.data().join("context.json");
    fs::write(&file, r#"{"customer_name": "Ada"}"#).expect("written");
    let file = file.display().to_string();
    let reply = placed(&fire(&desk, &[&desk.path, TALKS, "--context-file", &file]));
    let run = desk.run(reply["workflow_run_id"].as_i64().expect("a run"));
    assert_eq!(run["initial_context"]["customer_name"], "Ada");
}

#[test]
fn the_telephony_configuration_is_chosen() {
    let desk = Desk::open();
    let with = |id| fire(&desk, &[&desk.path, TALKS, "--telephony-configuration", id]);
    let _ = placed(&with("1"));
    let words = stopped(&with("4711"), 1);
    assert!(
        words.contains("telephony-configuration-not-found"),
        "{words}"
    );
}

#[test]
fn the_same_key_is_one_call_and_none_is_two() {
    let desk = Desk::open();
    let under = |key| fire(&desk, &[&desk.path, TALKS, "--idempotency-key", key]);
    let first = placed(&under("once"));
    assert_eq!((placed(&under("once")), runs(&desk)), (first, 1));
    for expected in [2, 3] {
        let _ = placed(&fire(&desk, &[&desk.path, TALKS]));
        assert_eq!(runs(&desk), expected);
    }
}

#[test]
fn after_a_lost_answer_the_printed_key_asks_for_the_same_call() {
    let desk = Desk::open();
    let (url, stands) = loses_the_answer(&desk.server.public);
    let lost = fire(&desk, &[&desk.path, TALKS, "--server", &url]);
    let words = stopped(&lost, 4);
    let key = key_in(&words);
    let head = stands.join().expect("one request").to_ascii_lowercase();
    assert!(head.contains(&format!("idempotency-key: {key}")), "{head}");
    assert!(
        words.contains(&format!("`--idempotency-key {key}`")),
        "{words}"
    );
    assert_eq!(runs(&desk), 1, "the call was placed");
    let reply = placed(&fire(&desk, &[&desk.path, TALKS, "--idempotency-key", key]));
    assert_eq!(runs(&desk), 1, "and no second one");
    let run = desk.run(reply["workflow_run_id"].as_i64().expect("a run"));
    assert_eq!(run["destination"], TALKS);
}

#[cfg(unix)]
#[test]
fn an_interruption_before_the_answer_says_the_key() {
    let desk = Desk::open();
    let mut child = command(&desk, &[&desk.path, "+14155550106"])
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    eventually("the carrier was asked", || (runs(&desk) == 1).then_some(()));
    let asked = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(asked.expect("kill exists").success());
    let mut words = String::new();
    let mut stderr = child.stderr.take().expect("a pipe");
    stderr.read_to_string(&mut words).expect("text");
    assert_eq!(child.wait().expect("its own child").code(), Some(4));
    assert!(!key_in(&words).is_empty());
}

#[test]
fn a_refusal_is_said_in_words() {
    let desk = Desk::open();
    for (trigger, number, code) in [
        (desk.path.as_str(), "nonsense", "invalid-destination"),
        ("no-such-trigger", TALKS, "trigger-not-found"),
        (&desk.path, "+14155550105", "carrier-refused"),
    ] {
        let words = stopped(&fire(&desk, &[trigger, number]), 1);
        assert!(words.contains(code), "{words}");
    }
    let wrong = command(&desk, &[&desk.path, TALKS])
        .env("SWITCHHOOK_API_KEY", "dgr_wrong")
        .output();
    let words = stopped(&wrong.expect("the program starts"), 1);
    assert!(
        words.contains("Invalid API key") && !words.contains("dgr_wrong"),
        "{words}"
    );
}

#[test]
fn an_outcome_that_nobody_knows_has_a_status_of_its_own() {
    let desk = Desk::open();
    let words = stopped(&fire(&desk, &[&desk.path, "+14155550106"]), 4);
    assert!(words.contains("outcome-unknown"), "{words}");
    let runs = desk.get("/api/switchhook/runs").json();
    let run = runs["runs"][0]["id"].as_i64().expect("a run");
    assert!(words.contains(&format!("run {run}")), "{words}");
}

#[test]
fn where_no_server_is_nothing_was_sent() {
    let desk = Desk::open();
    let (path, key) = (desk.path.clone(), desk.key.clone());
    // Its lock file still says where it listened.
    let folder = desk.server.crash();
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let nobody = format!("http://{}", free.local_addr().expect("an address"));
    drop(free);
    for arguments in [
        vec!["fire", &path, TALKS],
        vec!["fire", &path, TALKS, "--server", &nobody],
    ] {
        let output = folder
            .command(&arguments)
            .env("SWITCHHOOK_API_KEY", &key)
            .output();
        let words = stopped(&output.expect("the program starts"), 3);
        assert!(words.contains("nothing was sent"), "{words}");
    }
}

#[test]
fn a_wait_ends_with_the_run() {
    let desk = Desk::open();
    for (number, exit, state) in [(TALKS, 0, "completed"), ("+14155550103", 5, "no-answer")] {
        let (code, lines, words) = said(&fire(&desk, &[&desk.path, number, "--wait"]));
        assert_eq!((code, lines.len()), (Some(exit), 2), "{words}");
        let run = lines[0]["workflow_run_id"].as_i64().expect("a run");
        let end = &lines[1];
        assert_eq!(
            (&end["workflow_run_id"], &end["state"]),
            (&json!(run), &json!(state))
        );
        let ended = desk.run(run);
        assert_eq!(
            (&ended["is_completed"], &end["end"]),
            (&json!(true), &ended["end"])
        );
        let sentence = end["end"]["sentence"].as_str().expect("a sentence");
        assert!(words.contains(sentence), "{words}");
    }
}

#[test]
fn the_key_may_lie_in_a_file_that_nobody_else_reads() {
    let desk = Desk::open();
    let file = desk.server.folder.data().join("key");
    fs::write(&file, format!("{}\n", desk.key)).expect("written");
    let name = file.display().to_string();
    let with_file = || {
        let mut command = command(&desk, &[&desk.path, TALKS, "--key-file", &name]);
        let output = command.env_remove("SWITCHHOOK_API_KEY").output();
        output.expect("the program starts")
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |mode| fs::set_permissions(&file, fs::Permissions::from_mode(mode));
        mode(0o640).expect("its own file");
        let words = stopped(&with_file(), 2);
        assert!(words.contains("chmod 600"), "{words}");
        mode(0o600).expect("its own file");
    }
    let _ = placed(&with_file());
}

#[test]
fn a_wrong_command_sends_nothing() {
    let desk = Desk::open();
    let path = desk.path.as_str();
    for arguments in [
        vec![path],
        vec!["/api/v1/user/api-keys", TALKS],
        vec!["http://example.com/api/v1/public/agent/x", TALKS],
        vec![path, TALKS, "--context", "[1]"],
        vec![path, TALKS, "--context", "{"],
        vec![path, TALKS, "--idempotency-key", ""],
        vec![path, TALKS, "--idempotency-key", "two words"],
        vec![path, TALKS, "--key", "dgr_in_an_argument"],
    ] {
        let _ = stopped(&fire(&desk, &arguments), 2);
    }
    let keyless = command(&desk, &[path, TALKS])
        .env_remove("SWITCHHOOK_API_KEY")
        .output();
    let words = stopped(&keyless.expect("the program starts"), 2);
    assert!(words.contains("SWITCHHOOK_API_KEY"), "{words}");
    assert_eq!(runs(&desk), 0);
}

#[test]
fn every_exit_status_is_in_the_help() {
    let help = Folder::default().run(&["fire", "--help"]);
    let help = String::from_utf8(help.stdout).expect("text");
    for status in 0..=5 {
        assert!(
            help.contains(&format!("\n  {status}  ")),
            "{status}: {help}"
        );
    }
    assert!(help.contains("SWITCHHOOK_API_KEY"), "{help}");
}
