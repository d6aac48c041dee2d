//! The program as a process: one per folder, its files, its end, its start after a crash.

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use switchhook_tests::server::{Desk, Folder, Options, Server, eventually};

fn again(folder: Folder) -> Server {
    Options {
        folder,
        ..Options::default()
    }
    .start()
}

#[test]
fn a_crash_with_an_open_call_ends_the_run_and_frees_its_place() {
    let desk = Desk::at(
        Options::default()
            .variable("SWITCHHOOK_CONCURRENT_CALLS", "1")
            .start(),
    );
    let id = desk.call("+14155550100");
    assert_eq!(
        desk.act(&desk.ringing(id), "answer", &json!({})).status,
        200
    );
    eventually("the call was answered", || {
        (desk.run(id)["state"] == "in-progress").then_some(())
    });
    let Desk {
        server,
        key,
        manage,
        path,
    } = desk;
    let options = Options {
        folder: server.crash(),
        ..Options::default()
    };
    let server = options.variable("SWITCHHOOK_CONCURRENT_CALLS", "1").start();
    let desk = Desk {
        server,
        key,
        manage,
        path,
    };
    let run = desk.ended(id);
    assert_eq!(
        (&run["end"]["code"], &run["end"]["side"]),
        (&json!("interrupted"), &json!("switchhook"))
    );
    assert!(run["end"]["sentence"].is_string() && run["ended_at"].is_string());
    assert_eq!(run["attempts"].as_array().map(Vec::len), Some(1));
    assert_eq!(
        desk.get("/api/switchhook/desk-phone/calls").json(),
        json!({"calls": []})
    );
    let _ = desk.call("+14155550101");
}

#[test]
fn a_crash_during_a_dial_never_dials_again() {
    let desk = Desk::open();
    let post = desk
        .server
        .public
        .post(&desk.production())
        .key(&desk.key)
        .header("Idempotency-Key", "once");
    let body = json!({"phone_number": "+14155550106"});
    let _open = post.json(&body).open();
    let id = eventually("the run was dialled", || {
        let runs = desk.get("/api/switchhook/runs?open=true").json();
        runs["runs"][0]["id"]
            .as_i64()
            .filter(|_| runs["runs"][0]["state"] == "dialing")
    });
    let Desk {
        server,
        key,
        manage,
        path,
    } = desk;
    let desk = Desk {
        server: again(server.crash()),
        key,
        manage,
        path,
    };
    let run = desk.ended(id);
    // The desk phone lives in the process: what it never answered, it never rang.
    assert_eq!(run["end"]["code"], "interrupted");
    assert_eq!(run["attempts"].as_array().map(Vec::len), Some(1));
    let post = desk
        .server
        .public
        .post(&desk.production())
        .key(&desk.key)
        .header("Idempotency-Key", "once");
    let answer = post.json(&body).send();
    assert_eq!(
        (answer.status, answer.code().as_str()),
        (400, "outcome-unknown")
    );
    assert_eq!(answer.json()["workflow_run_id"], id);
}

#[test]
fn a_second_server_on_the_folder_names_the_first() {
    let mut first = Server::start();
    let second = first.folder.run(&[
        "serve",
        "--public",
        "127.0.0.1:0",
        "--control",
        "127.0.0.1:0",
    ]);
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(
        (second.status.code(), second.stdout.is_empty()),
        (Some(3), true),
        "{said}"
    );
    for part in [
        first.id().to_string(),
        first.public.authority.clone(),
        first.control.authority.clone(),
    ] {
        assert!(said.contains(&part), "{part} in {said}");
    }
    assert!(first.is_running());
}

#[test]
fn a_folder_is_free_again_after_a_crash() {
    let folder = Server::start().crash();
    let _ = again(folder);
}

#[cfg(unix)]
#[test]
fn a_stop_is_clean_and_quick() {
    let mut server = Server::start();
    let asked = Instant::now();
    let (status, rest) = server.terminate();
    assert_eq!((status.code(), rest.as_str()), (Some(0), ""));
    assert!(asked.elapsed() < Duration::from_secs(5));
}

#[cfg(unix)]
#[test]
fn a_stop_does_not_wait_for_readers_of_events() {
    let desk = Desk::open();
    let _events =
        switchhook_tests::server::events::Events::open(&desk.server.control, &desk.manage, None);
    let asked = Instant::now();
    let mut server = desk.server;
    assert_eq!(server.terminate().0.code(), Some(0));
    assert!(asked.elapsed() < Duration::from_secs(5));
}

#[cfg(unix)]
#[test]
fn the_folder_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::open();
    let _ = desk.call("+14155550101");
    let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    let folder = desk.server.folder.data();
    assert_eq!(mode(&folder), 0o700);
    let files = every_file(&folder);
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
}

fn every_file(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                every_file(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

#[test]
fn no_key_is_written_anywhere() {
    let desk = Desk::at(
        Options::default()
            .variable("SWITCHHOOK_LOG", "trace")
            .argument("--sign-in-link")
            .start(),
    );
    let made = desk
        .post(
            "/api/v1/user/api-keys",
            &json!({"name": "x", "scope": "manage"}),
        )
        .json();
    let over_http = made["api_key"].as_str().expect("a key").to_owned();
    let link = desk.server.ready["sign_in"]
        .as_str()
        .and_then(|link| link.split_once('='))
        .expect("a link")
        .1
        .to_owned();
    let _ = desk
        .server
        .control
        .post("/api/switchhook/sign-in")
        .json(&json!({"token": link}))
        .send();
    let _ = desk
        .server
        .public
        .post(&desk.production())
        .key("dgr_wrong_key_of_a_stranger")
        .json(&json!({"phone_number": "+14155550101"}))
        .send();
    let _ = desk
        .server
        .public
        .post(&format!("{}?x_api_key={}", desk.production(), desk.key))
        .send();
    let _ = desk.get("/api/v1/user/api-keys");
    let _ = desk.ended(desk.call("+14155550101"));
    let secrets = [
        desk.key.clone(),
        desk.manage.clone(),
        over_http,
        link,
        "dgr_wrong_key_of_a_stranger".to_owned(),
    ];
    let contains = |bytes: &[u8], secret: &str| {
        bytes
            .windows(secret.len())
            .any(|window| window == secret.as_bytes())
    };
    for file in every_file(&desk.server.folder.data()) {
        let bytes = fs::read(&file).unwrap_or_default();
        assert!(
            secrets.iter().all(|secret| !contains(&bytes, secret)),
            "a key in {}",
            file.display()
        );
    }
    let log = desk.server.folder.log();
    assert!(!log.is_empty());
    assert!(
        secrets.iter().all(|secret| !log.contains(secret.as_str())),
        "a key in the log"
    );
}

#[test]
fn a_database_of_a_newer_program_is_left_alone() {
    let folder = Folder::default();
    let newer = include_bytes!("data/newer.db");
    fs::create_dir_all(folder.data()).expect("a folder");
    let file = folder.data().join("switchhook.db");
    fs::write(&file, newer).expect("a database");
    for arguments in [
        vec!["serve", "--public", "127.0.0.1:0", "--control", "off"],
        vec!["keys", "create", "x"],
    ] {
        let refused = folder.run(&arguments);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(
            !refused.status.success() && refused.stdout.is_empty(),
            "{said}"
        );
        assert!(said.contains("newer"), "{said}");
    }
    assert_eq!(fs::read(&file).expect("a database"), newer);
}

#[test]
fn a_taken_port_is_said_with_the_way_out() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    for (option, other) in [("--public", "--control"), ("--control", "--public")] {
        let refused = Folder::default().run(&["serve", option, &address, other, "127.0.0.1:0"]);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(
            !refused.status.success() && refused.stdout.is_empty(),
            "{said}"
        );
        assert_ne!(refused.status.code(), Some(3));
        assert!(said.contains(&address) && said.contains(option), "{said}");
    }
}

#[test]
fn the_control_listener_can_be_off() {
    let folder = Folder::default();
    let mut child = folder.command(&["serve", "--public", "127.0.0.1:0", "--control", "off"]);
    let mut child = child
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    let stdout = child.stdout.take().expect("a pipe");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line).expect("a line");
    child.kill().expect("its own child");
    child.wait().expect("its own child");
    let ready: Value = serde_json::from_str(&line).expect("JSON");
    assert_eq!(
        (&ready["event"], &ready["control"]),
        (&json!("ready"), &Value::Null)
    );
    assert!(ready["public"].is_string());
}

#[test]
fn without_a_secret_store_the_first_call_works_and_the_way_out_is_said() {
    let desk = Desk::open();
    let _ = desk.ended(desk.call("+14155550101"));
    let server = desk.get("/api/switchhook/server").json();
    let problem = &server["secrets"]["problem"];
    assert!(
        problem["message"].is_string() && problem["fix"].is_string(),
        "{server}"
    );
}

#[test]
fn a_sealed_file_with_a_passphrase_needs_no_keychain() {
    let desk = Desk::at(
        Options::default()
            .variable("SWITCHHOOK_SECRETS", "file")
            .variable("SWITCHHOOK_PASSPHRASE", "correct horse")
            .start(),
    );
    let server = desk.get("/api/switchhook/server").json();
    assert_eq!(
        (&server["secrets"]["kind"], &server["secrets"]["problem"]),
        (&json!("file"), &Value::Null)
    );
}

#[test]
fn a_data_folder_that_cannot_be_made_is_said() {
    let folder = Folder::default();
    let file = tempfile::NamedTempFile::new().expect("a file");
    let inside = file.path().join("data").display().to_string();
    let refused = folder.run(&[
        "serve",
        "--data-dir",
        &inside,
        "--public",
        "127.0.0.1:0",
        "--control",
        "off",
    ]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("data folder"),
        "{said}"
    );
}

#[test]
fn a_damaged_database_is_open_for_reading_alone() {
    let mut desk = Desk::open();
    let run = desk.call("+14155550101");
    let _ = desk.ended(run);
    let (ended, _) = desk.server.terminate();
    assert!(ended.success());
    let folder = desk.server.folder.clone();
    let file = folder.data().join("switchhook.db");
    let mut bytes = fs::read(&file).expect("a database");
    let last_page = bytes.len() - 4096;
    bytes[last_page..].fill(0xff);
    fs::write(&file, &bytes).expect("a damaged database");
    let (key, manage, path) = (desk.key, desk.manage, desk.path);
    let server = Options {
        folder,
        ..Options::default()
    };
    let server = server.start();
    let desk = Desk {
        server,
        key,
        manage,
        path,
    };
    let said = desk.get("/api/switchhook/server").json();
    assert!(said["storage_problem"]["fix"].is_string(), "{said}");
    let refused = desk.fire(&json!({"phone_number": "+14155550101"}));
    assert_eq!(
        (refused.status, refused.code().as_str()),
        (503, "storage-unavailable")
    );
    assert_eq!(desk.run(run)["state"], "completed");
    assert_eq!(fs::read(&file).expect("a database"), bytes);
}
