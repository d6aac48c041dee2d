//! The recorded answers of the reference server, replayed against the running program. Every
//! recorded case is either answered equally, or stands in [`differences`] with the reason and,
//! where the difference is on purpose, with the answer that is given here instead; a case in
//! neither or in both fails. The reference called through Twilio and was set up with a login; here
//! the desk phone and a `manage` key stand for them.

mod carriers;
mod chapters;
mod compare;
mod differences;
mod raw;
mod recorded;
mod world;

use std::collections::HashSet;
use std::path::Path;

/// Every recorded case by name, in the order of the recording.
const NAMES: &str = include_str!("data/names.txt");

#[test]
fn every_recorded_case_is_replayed_or_explained() {
    let known: HashSet<_> = NAMES.lines().collect();
    let names = recorded::names();
    let replayed: HashSet<_> = names.iter().map(String::as_str).collect();
    let explained: HashSet<_> = differences::not_replayed().collect();
    for name in &known {
        let places = usize::from(replayed.contains(name) && !explained.contains(name))
            + usize::from(explained.contains(name));
        assert_eq!(places, 1, "{name} is neither replayed nor explained");
    }
    let explained = explained.into_iter().chain(differences::deliberate());
    for name in names
        .iter()
        .map(String::as_str)
        .chain(explained.map(|name| -> &str { name }))
    {
        assert!(known.contains(name), "{name} was never recorded");
    }
}

#[test]
fn a_case_is_explained_once() {
    let mut seen = HashSet::new();
    for name in differences::not_replayed().chain(differences::deliberate()) {
        assert!(seen.insert(name), "{name} is explained twice");
    }
}

#[test]
fn every_deliberate_difference_is_a_row_of_the_documents_table() {
    let document = include_str!("../../docs/api.md");
    let table = document.split("## Differences from Dograh").nth(1);
    let table = table
        .and_then(|table| table.split("\n## ").next())
        .expect("the table of differences");
    for row in differences::rows() {
        assert!(table.contains(&format!("\n| {row} |")), "{row}");
    }
}

/// Whether a test of this name is anywhere below a folder.
fn has_test(folder: &Path, name: &str) -> bool {
    let entries = std::fs::read_dir(folder).expect("a folder of the repository");
    entries
        .map(|entry| entry.expect("an entry").path())
        .any(|path| {
            if path.is_dir() {
                return path.file_name().is_some_and(|name| name != "target")
                    && has_test(&path, name);
            }
            let is_rust = path.extension().is_some_and(|ending| ending == "rs");
            is_rust
                && std::fs::read_to_string(&path)
                    .is_ok_and(|text| text.contains(&format!("fn {name}()")))
        })
}

#[test]
fn every_row_of_the_documents_table_has_a_test() {
    let document = include_str!("../../docs/api.md");
    let table = document.split("## Differences from Dograh").nth(1);
    let table = table.and_then(|table| table.split("\n## ").next());
    let lines = table.expect("the table of differences").lines();
    let rows = lines.filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let recorded: HashSet<_> = differences::rows().collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for row in rows.skip(1) {
        if recorded.contains(row) {
            continue;
        }
        let held = differences::HELD.iter().find(|(known, _)| *known == row);
        let (_, test) = held.unwrap_or_else(|| panic!("no test holds “{row}”"));
        let is_there = ["crates", "tests"]
            .iter()
            .any(|folder| has_test(&root.join(folder), test));
        assert!(is_there, "{test} is not there");
    }
}
