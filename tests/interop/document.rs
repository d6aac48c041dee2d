//! Schemathesis reads the served document and asks whatever the document allows, and what it does
//! not, one operation after the other and along its links: nothing is answered by 500, and nothing
//! that the document does not say. The desk phone is the only carrier there is.

use std::process::Command;
use switchhook_tests::peers;
use switchhook_tests::server::Desk;

/// Seconds; the parts that search at random use up what is left.
const TIME: &str = "75";

#[test]
fn every_answer_is_as_the_document_says() {
    let python = peers::python(super::TARGET, "schemathesis", "schemathesis==4.32.5");
    let desk = Desk::open();
    let keys = desk.get("/api/v1/user/api-keys").json();
    let keys = keys.as_array().expect("a list of keys");
    let ids: Vec<_> = keys.iter().map(|key| key["id"].to_string()).collect();
    let url = desk.server.ready["control"].as_str().expect("a URL");
    let output = Command::new(python.with_file_name("st"))
        .args(["--config-file", "schemathesis.toml", "run", "--no-color"])
        .args([
            "--checks",
            "all",
            "--max-time",
            TIME,
            "--continue-on-failure",
        ])
        .args(["--header", &format!("X-API-Key: {}", desk.manage)])
        .arg(format!("{url}/api/openapi.json"))
        .current_dir(super::folder())
        .env("SWITCHHOOK_OWN_KEYS", ids.join(","))
        .output()
        .expect("schemathesis starts");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        !desk.server.folder.log().contains("panicked"),
        "a task of the server panicked"
    );
}
