//! The course of a run: the lines of its transcript, the entries of its timeline. What comes together
//! is written with one statement, because a statement costs more than a row. Which rows there are is
//! decided elsewhere.

use crate::pen::Pen;
use crate::problem::Outcome;
use crate::rows::micros;
use jiff::Timestamp;
use rusqlite::{Statement, ToSql};
use std::borrow::Borrow;
use std::sync::LazyLock;
use switchhook_core::ids::RunId;
use switchhook_core::ports::TranscriptLine;
use switchhook_core::run::{RunState, Source};

/// Most rows of one statement; what a call brings at once is seldom more.
const TOGETHER: usize = 8;

/// A statement for every number of rows up to [`TOGETHER`].
type Statements = LazyLock<Vec<String>>;

static LINES: Statements = LazyLock::new(|| {
    statements(
        "INSERT INTO transcripts (run_id, seq, at, speaker, node_id, kind, text) VALUES",
        7,
    )
});
static ENTRIES: Statements = LazyLock::new(|| {
    statements(
        "INSERT INTO timeline (run_id, seq, at, state, source, note) VALUES",
        6,
    )
});

fn statements(insert: &str, columns: usize) -> Vec<String> {
    let row = format!("({})", vec!["?"; columns].join(", "));
    let rows = (1..=TOGETHER).map(|rows| vec![row.as_str(); rows].join(", "));
    rows.map(|rows| format!("{insert} {rows}")).collect()
}

/// Binds the values of a row after those of the rows before it.
fn bind(statement: &mut Statement<'_>, row: usize, values: &[&dyn ToSql]) -> rusqlite::Result<()> {
    let first = row * values.len() + 1;
    for (at, value) in (first..).zip(values) {
        statement.raw_bind_parameter(at, value)?;
    }
    Ok(())
}

/// Adds lines to a transcript that has `last` of them. The run is there.
pub fn write_lines(
    pen: &Pen<'_>,
    run: RunId,
    last: i64,
    lines: &[impl Borrow<TranscriptLine>],
) -> Outcome<()> {
    let mut seq = last;
    for together in lines.chunks(TOGETHER) {
        pen.with(&LINES[together.len() - 1], |statement| {
            for (row, line) in together.iter().enumerate() {
                seq += 1;
                let line: &TranscriptLine = line.borrow();
                let (at, speaker, kind) =
                    (micros(line.at), line.speaker.as_str(), line.kind.as_str());
                bind(
                    statement,
                    row,
                    &[
                        &run.0,
                        &seq,
                        &at,
                        &speaker,
                        &line.node_id,
                        &kind,
                        &line.text,
                    ],
                )?;
            }
            statement.raw_execute()
        })?;
    }
    Ok(())
}

/// An entry of a timeline.
pub struct Entry<'a> {
    pub at: Timestamp,
    pub state: RunState,
    pub source: Source,
    pub note: Option<&'a str>,
}

/// Adds entries to a timeline that has `last` of them. The run is there.
pub fn write_entries(pen: &Pen<'_>, run: RunId, last: i64, entries: &[Entry<'_>]) -> Outcome<()> {
    let mut seq = last;
    for together in entries.chunks(TOGETHER) {
        pen.with(&ENTRIES[together.len() - 1], |statement| {
            for (row, entry) in together.iter().enumerate() {
                seq += 1;
                let (at, state, source) = (
                    micros(entry.at),
                    entry.state.as_str(),
                    entry.source.as_str(),
                );
                bind(
                    statement,
                    row,
                    &[&run.0, &seq, &at, &state, &source, &entry.note],
                )?;
            }
            statement.raw_execute()
        })?;
    }
    Ok(())
}
