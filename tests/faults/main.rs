//! What is promised when things break: no phone rings twice for one request, no run stays open, no
//! slot is lost. The real program against a carrier that misbehaves and counts the phones it rang;
//! docs/reliability.md names the test of each promise.

mod callbacks;
mod dials;
mod exchanges;
mod restarts;
mod restores;
mod soak;
mod world;

use std::collections::HashSet;
use std::path::Path;

/// The tests that docs/reliability.md names, each as its file and its name.
fn named() -> Vec<(&'static str, &'static str)> {
    let document = include_str!("../../docs/reliability.md");
    let quoted = document.split('`').skip(1).step_by(2);
    quoted.filter_map(|words| words.split_once("::")).collect()
}

#[test]
fn every_promise_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let named = named();
    assert!(named.len() > 30, "the table of promises");
    for (file, name) in named {
        let text = std::fs::read_to_string(root.join(file));
        let text = text.unwrap_or_else(|error| panic!("{file}: {error}"));
        assert!(
            text.contains(&format!("fn {name}(")),
            "{file} has no {name}"
        );
    }
}

#[test]
fn every_test_of_a_promise_is_named() {
    let named: HashSet<_> = named().into_iter().map(|(_, name)| name).collect();
    let files = [
        include_str!("callbacks.rs"),
        include_str!("dials.rs"),
        include_str!("restarts.rs"),
        include_str!("restores.rs"),
        include_str!("soak.rs"),
    ];
    for file in files {
        for test in file.split("#[test]\n").skip(1) {
            let name = test
                .split_once("fn ")
                .and_then(|(_, rest)| rest.split_once('('));
            let (name, _) = name.expect("a test is a function");
            assert!(
                named.contains(name),
                "docs/reliability.md does not name {name}"
            );
        }
    }
}
