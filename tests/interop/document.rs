//! Schemathesis reads the served document and asks whatever the document allows, and what it does
//! not, one operation after the other and along its links: nothing is answered by 500, and nothing
//! that the document does not say. The desk phone is the only carrier there is.

use std::process::Command;
use switchhook_tests::peers;
use switchhook_tests::server::Desk;

/// Off: bodies and parameters are read as the reference does, "42" is an integer and 0 is false
/// (contract §1.2), and a document that said so would be useless to whoever makes a client from it.
const WITHOUT: &str = "negative_data_rejection";

/// Asks whatever the phases ask, for so many seconds, and gives back what schemathesis printed.
fn ask(phases: &str, seconds: u32) -> String {
    let python = peers::python(super::TARGET, "schemathesis", "schemathesis==4.32.5");
    let desk = Desk::open();
    let keys = desk.get("/api/v1/user/api-keys").json();
    let keys = keys.as_array().expect("a list of keys");
    let ids: Vec<_> = keys.iter().map(|key| key["id"].to_string()).collect();
    let url = desk.server.ready["control"].as_str().expect("a URL");
    // It keeps notes where it stands.
    let notes = tempfile::tempdir().expect("a temporary folder");
    let output = Command::new(python.with_file_name("st"))
        .arg("--config-file")
        .arg(super::folder().join("schemathesis.toml"))
        .args(["run", "--no-color"])
        .args(["--checks", "all", "--exclude-checks", WITHOUT])
        .arg("--continue-on-failure")
        .args(["--phases", phases, "--max-time", &seconds.to_string()])
        .args(["--header", &format!("X-API-Key: {}", desk.manage)])
        .arg(format!("{url}/api/openapi.json"))
        .current_dir(notes.path())
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", super::folder())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("SWITCHHOOK_OWN_KEYS", ids.join(","))
        .output()
        .expect("schemathesis starts");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let problem = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}{problem}");
    let log = desk.server.folder.log();
    assert!(!log.contains("panicked"), "{log}");
    printed
}

#[test]
fn every_operation_answers_as_the_document_says() {
    let printed = ask("examples,coverage,fuzzing", 80);
    assert!(printed.contains("Tested: "), "{printed}");
}

#[test]
fn every_link_answers_as_the_document_says() {
    let printed = ask("stateful", 70);
    let covered = printed.split("API Links:").nth(1);
    let covered = covered.and_then(|rest| rest.split_whitespace().next());
    let covered = covered.and_then(|count| count.parse::<u32>().ok());
    assert!(covered.is_some_and(|count| count > 0), "{printed}");
}
