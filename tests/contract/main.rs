//! The recorded answers of the reference server, replayed against the running program. Every
//! recorded case is either answered equally, or stands in [`differences`] with the reason and,
//! where the difference is on purpose, with the answer that is given here instead; a case in
//! neither or in both fails. The reference called through Twilio and was set up with a login; here
//! the desk phone and a `manage` key stand for them.

mod chapters;
mod compare;
mod differences;
mod raw;
mod recorded;
mod world;

use std::collections::HashSet;

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
