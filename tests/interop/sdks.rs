//! The official client libraries, every method that has a route here. Each script asserts what a
//! caller relies on and fails with a traceback.

use super::{TARGET, folder};
use std::process::Command;
use switchhook_tests::peers;
use switchhook_tests::server::Desk;

/// Runs a script with the two variables that both libraries read.
fn drive(command: &mut Command) {
    let desk = Desk::open();
    let output = command
        .env(
            "DOGRAH_API_URL",
            desk.server.ready["control"].as_str().expect("a URL"),
        )
        .env("DOGRAH_API_KEY", &desk.manage)
        .output()
        .expect("the interpreter starts");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_python_library_works_whole() {
    let python = peers::python(TARGET, "dograh-python", "dograh-sdk==0.1.8");
    drive(Command::new(python).arg(folder().join("library.py")));
}

#[test]
fn the_typescript_library_works_whole() {
    let library = peers::node(TARGET, "dograh-node", "@dograh/sdk@0.1.7");
    // A module is looked for beside the script that asks for it.
    let beside = library.join("library.mjs");
    std::fs::copy(folder().join("library.mjs"), &beside).expect("the target folder can be written");
    drive(Command::new("node").arg(beside));
}
