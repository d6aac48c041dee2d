//! Full-text search over what was said, the contexts and the numbers of runs that are over. Indexed
//! in the background, in the order of the ends, a few runs a commit: a step of a run never waits for
//! it, and what a crash interrupts goes on at the mark that was committed with the last words.

use super::{ended, read, remarks, words};
use crate::problem::Outcome;
use crate::rows::micros;
use rusqlite::{Connection, params};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use switchhook_core::ids::{RunId, WorkspaceId};
use switchhook_core::ports::{Run, RunSearch, RunsFound, TranscriptLine};
use switchhook_core::run::{EndCode, RunState};
use switchhook_core::trigger::Mode;
use switchhook_core::walk::LineKind;

/// Most rows that one page may look at besides the index: some 20 ms.
const MOST_ROWS: i64 = 10_000;

/// The words of some runs, ready to be added.
pub struct Prepared {
    /// The mark that they follow.
    after: i64,
    /// The mark once they are added.
    upto: i64,
    runs: Vec<(RunId, String)>,
}

impl Prepared {
    /// How many runs.
    pub fn len(&self) -> usize {
        self.runs.len()
    }
}

fn mark(connection: &Connection) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("SELECT seq FROM search_mark")?
        .query_row([], |row| row.get(0))
}

/// Whether runs have ended that are not indexed.
pub fn is_behind(connection: &Connection) -> Outcome<bool> {
    Ok(mark(connection)? < ended::newest(connection)?)
}

/// What a run is found by, apart from what a person wrote about it.
pub fn entries(run: &Run, transcript: &[TranscriptLine]) -> String {
    let said = transcript
        .iter()
        .filter(|line| line.kind != LineKind::Prompt);
    let numbers = [Some(run.destination.as_str()), run.caller_id.as_deref()];
    words::of_run(&words::Found {
        run: run.id,
        workspace: run.workspace_id,
        agent: run.agent_id,
        numbers: numbers.into_iter().flatten().collect(),
        texts: said.map(|line| line.text.as_str()).collect(),
        contexts: [&run.initial_context, &run.gathered_context],
    })
}

/// Makes the words of the next runs. For a reader: it is the greater part of the work.
pub fn prepare(connection: &Connection, at_most: u32) -> Outcome<Prepared> {
    let after = mark(connection)?;
    let sql = "SELECT seq, run_id FROM ended_runs WHERE seq > ?1 ORDER BY seq LIMIT ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![after, at_most], |row| {
        Ok((row.get::<_, i64>(0)?, RunId(row.get(1)?)))
    })?;
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let upto = rows.last().map_or(after, |(seq, _)| *seq);
    let mut runs = Vec::with_capacity(rows.len());
    for (_, id) in rows {
        if let Some(run) = read::by_id(connection, None, id)? {
            runs.push((id, entries(&run, &read::transcript(connection, id)?)));
        }
    }
    Ok(Prepared { after, upto, runs })
}

/// Adds what was prepared, and says how long that took; nothing where somebody else was faster.
pub fn add(connection: &Connection, prepared: &Prepared) -> Outcome<Duration> {
    let began = Instant::now();
    if mark(connection)? != prepared.after {
        return Ok(Duration::ZERO);
    }
    let sql = "INSERT INTO run_search (rowid, words) VALUES (?1, ?2)";
    let mut statement = connection.prepare_cached(sql)?;
    for (run, entries) in &prepared.runs {
        statement.execute(params![run.0, entries])?;
        remarks::index_again(connection, *run, entries)?;
    }
    let sql = "UPDATE search_mark SET seq = ?1";
    connection.prepare_cached(sql)?.execute([prepared.upto])?;
    Ok(began.elapsed())
}

/// Adds the words of one run, past the mark.
#[cfg(feature = "crowd")]
pub fn add_words(connection: &Connection, found: &words::Found<'_>) -> Outcome<()> {
    let sql = "INSERT INTO run_search (rowid, words) VALUES (?1, ?2)";
    let entries = words::of_run(found);
    connection
        .prepare_cached(sql)?
        .execute(params![found.run.0, entries])?;
    Ok(())
}

/// Says that every run that has ended is indexed.
#[cfg(feature = "crowd")]
pub fn mark_indexed(connection: &Connection) -> Outcome<()> {
    let newest = ended::newest(connection)?;
    let sql = "UPDATE search_mark SET seq = ?1";
    connection.prepare_cached(sql)?.execute([newest])?;
    Ok(())
}

/// What has the words on a shelf, and whether its row is one that the filter means.
const CHOSEN: &str =
    "SELECT found.id, (?4 IS NULL OR runs.mode = ?4) AND (?5 IS NULL OR runs.state = ?5)
        AND (?6 IS NULL OR runs.end_code IS ?6) AND (?7 IS NULL OR runs.created_at >= ?7)
        AND (?8 IS NULL OR runs.created_at <= ?8) AND (?9 IS NULL OR (runs.ended_at IS NULL) = ?9)
    FROM (
        SELECT rowid AS id FROM run_search WHERE run_search MATCH ?1 AND rowid < ?2
        UNION SELECT rowid FROM remark_search WHERE remark_search MATCH ?1 AND rowid < ?2
    ) AS found CROSS JOIN runs ON runs.id = found.id
    ORDER BY found.id DESC LIMIT ?3";

/// A page of what is found, the newest first. Words are met in the index; what else is asked of a
/// run stands in its row, and after [`MOST_ROWS`] of those the page is given as it is.
pub fn find(
    connection: &Connection,
    workspace: WorkspaceId,
    search: &RunSearch,
) -> Outcome<RunsFound> {
    let question = words::Question::read(&search.words);
    let filter = &search.filter;
    let limit = filter.limit as usize;
    let mut ids = Vec::new();
    let mut looked_until = None;
    // No agent has such an id, and the index's language takes the sign for a gap between words.
    let is_nobodys = filter.agent_id.is_some_and(|agent| agent.0 < 0);
    if question.is_empty() || is_nobodys {
        let runs = Vec::new();
        return Ok(RunsFound { runs, looked_until });
    }
    let newest = "SELECT coalesce(max(id), 0) FROM runs";
    let newest: i64 = connection
        .prepare_cached(newest)?
        .query_row([], |row| row.get(0))?;
    let before = filter.before.map_or(i64::MAX, |id| id.0);
    let is_chosen = filter.mode.is_some()
        || filter.state.is_some()
        || filter.outcome.is_some()
        || filter.created_from.is_some()
        || filter.created_to.is_some()
        || filter.open
        || filter.over;
    let mut shelf = words::shelf(RunId(newest.min(before.saturating_sub(1))));
    let mut rows_left = MOST_ROWS;
    while shelf >= 0 && ids.len() < limit && looked_until.is_none() {
        let asked = question.on(shelf, workspace, filter.agent_id);
        let missing = i64::try_from(limit - ids.len()).unwrap_or(i64::MAX);
        if is_chosen {
            let mut statement = connection.prepare_cached(CHOSEN)?;
            let mut rows = statement.query(params![
                asked,
                before,
                rows_left,
                filter.mode.map(Mode::as_str),
                filter.state.map(RunState::as_str),
                filter.outcome.map(EndCode::as_str),
                filter.created_from.map(micros),
                filter.created_to.map(micros),
                (filter.open || filter.over).then_some(filter.open),
            ])?;
            while let Some(row) = rows.next()?.filter(|_| ids.len() < limit) {
                let id = RunId(row.get(0)?);
                if row.get(1)? {
                    ids.push(id);
                }
                rows_left -= 1;
                if rows_left == 0 && ids.len() < limit {
                    looked_until = Some(id);
                }
            }
            shelf -= 1;
            continue;
        }
        let mut found = BTreeSet::new();
        for index in ["run_search", "remark_search"] {
            let sql = format!(
                "SELECT rowid FROM {index} WHERE {index} MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC LIMIT ?3"
            );
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![asked, before, missing], |row| row.get(0))?;
            for id in rows {
                found.insert(id?);
            }
        }
        ids.extend(found.into_iter().rev().map(RunId));
        ids.truncate(limit);
        shelf -= 1;
    }
    let mut runs = read::listed(connection, &ids)?;
    runs.retain(|run| run.workspace_id == workspace);
    Ok(RunsFound { runs, looked_until })
}
