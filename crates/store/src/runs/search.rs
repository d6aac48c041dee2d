//! Full-text search over what was said, the contexts and the numbers of runs that are over. Indexed
//! in the background, in the order of the ends, a few runs a commit: a step of a run never waits for
//! it, and what a crash interrupts goes on at the mark that was committed with the last words.

use super::question::{self, Among, Question};
use super::{ended, read, remarks, words};
use crate::problem::Outcome;
use crate::rows::micros;
use rusqlite::{Connection, OptionalExtension, Rows, params};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use switchhook_core::ids::{RunId, WorkspaceId};
use switchhook_core::ports::{Run, RunFilter, RunSearch, RunsFound, TranscriptLine};
use switchhook_core::run::{EndCode, RunState};
use switchhook_core::trigger::Mode;
use switchhook_core::walk::LineKind;

/// Most rows that one page may look at besides the index: some 3 ms.
const MOST_ROWS: u32 = 2000;
/// Most shelves that one page may look through, half a millisecond each …
const MOST_SHELVES: u32 = 40;
/// … and for how many of them one counts on which a begun word is gathered.
const GATHERED: u32 = 8;
/// Most words that are asked for in the place of a begun one. Where more begin so they are gathered.
const MOST_WORDS: usize = 24;

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

pub fn mark(connection: &Connection) -> rusqlite::Result<i64> {
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

/// Takes one run out of what is found.
pub fn remove(connection: &Connection, run: RunId) -> Outcome<()> {
    for sql in [
        "DELETE FROM run_search WHERE rowid = ?1",
        "DELETE FROM remark_search WHERE rowid = ?1",
    ] {
        connection.prepare_cached(sql)?.execute([run.0])?;
    }
    Ok(())
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

/// The last runs of an index that have the words, and whether each is one that the filter means.
fn newest_of(index: &str) -> String {
    format!(
        "SELECT found.rowid, (?3 IS NULL OR runs.mode = ?3) AND (?4 IS NULL OR runs.state = ?4)
            AND (?5 IS NULL OR runs.end_code IS ?5) AND (?6 IS NULL OR runs.created_at >= ?6)
            AND (?7 IS NULL OR runs.created_at <= ?7) AND (?8 IS NULL OR (runs.ended_at IS NULL) = ?8)
            AND runs.workspace_id = ?9
        FROM {index} AS found CROSS JOIN runs ON runs.id = found.rowid
        WHERE {index} MATCH ?1 AND found.rowid < ?2 ORDER BY found.rowid DESC"
    )
}

/// The words that begin so; nothing where there are too many to ask for each.
fn words_that_begin(connection: &Connection, beginning: &str) -> Outcome<Option<Vec<String>>> {
    let sql = "SELECT term FROM search_words WHERE term >= ?1 AND term < ?2 LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let end = format!("{beginning}{}", char::MAX);
    let mut from = beginning.to_owned();
    let mut words = Vec::new();
    loop {
        let word = statement.query_row([&from, &end], |row| row.get::<_, String>(0));
        let Some(word) = word.optional()? else {
            return Ok(Some(words));
        };
        if words.len() == MOST_WORDS {
            return Ok(None);
        }
        // No word has a space in it, and nothing that a word has comes before it.
        from = format!("{word} ");
        words.push(word);
    }
}

/// What a begun word is in the index's language, gathered by the index.
fn gathered(beginning: &str) -> String {
    format!("{} *", question::exactly(beginning))
}

/// How a question is put to one shelf.
struct Put {
    /// For each index that may have an answer.
    asked: Vec<(&'static str, String)>,
    is_gathered: bool,
}

fn put(connection: &Connection, question: &Question, among: &Among) -> Outcome<Put> {
    let mut asked = Vec::new();
    let sql = "SELECT EXISTS (SELECT 1 FROM remarks WHERE run_id BETWEEN ?1 AND ?2)";
    let runs = words::runs_on(among.shelf);
    if connection
        .prepare_cached(sql)?
        .query_row([runs.start().0, runs.end().0], |row| row.get(0))?
    {
        let text = question.on(among, |beginning| Some(gathered(beginning)));
        asked.push(("remark_search", text));
    }
    let mut begun = HashMap::new();
    let rest = question.on(among, |beginning| {
        begun.insert(beginning.to_owned(), String::new());
        None
    });
    let mut is_gathered = false;
    for (beginning, text) in &mut begun {
        *text = match words_that_begin(connection, beginning)? {
            // Nothing begins so, and nothing is called so.
            Some(words) if words.is_empty() => question::exactly(beginning),
            Some(words) => {
                let words = words.iter().map(|word| question::exactly(word));
                format!("({})", Vec::from_iter(words).join(" OR "))
            }
            None => {
                is_gathered = true;
                gathered(beginning)
            }
        };
    }
    // Gathering is dear, and in vain where no run has the rest.
    let sql = "SELECT EXISTS (SELECT 1 FROM run_search WHERE run_search MATCH ?1)";
    let is_met = !is_gathered
        || rest.is_empty()
        || connection
            .prepare_cached(sql)?
            .query_row([rest], |row| row.get(0))?;
    if is_met {
        let text = question.on(among, |beginning| begun.get(beginning).cloned());
        asked.push(("run_search", text));
    }
    Ok(Put {
        asked,
        is_gathered: is_gathered && is_met,
    })
}

/// A page that is being filled.
struct Page<'a> {
    workspace: WorkspaceId,
    filter: &'a RunFilter,
    ids: Vec<RunId>,
    rows_left: u32,
    looked_until: Option<RunId>,
}

impl Page<'_> {
    fn is_done(&self) -> bool {
        self.ids.len() >= self.filter.limit as usize || self.looked_until.is_some()
    }

    /// Takes from one shelf what the filter means, the newest first.
    fn take(&mut self, connection: &Connection, asked: &[(&str, String)]) -> Outcome<()> {
        let filter = self.filter;
        let mut statements = Vec::new();
        for (index, text) in asked {
            statements.push((connection.prepare_cached(&newest_of(index))?, text));
        }
        let mut indexes = Vec::new();
        for (statement, text) in &mut statements {
            let mut rows = statement.query(params![
                &**text,
                filter.before.map_or(i64::MAX, |id| id.0),
                filter.mode.map(Mode::as_str),
                filter.state.map(RunState::as_str),
                filter.outcome.map(EndCode::as_str),
                filter.created_from.map(micros),
                filter.created_to.map(micros),
                (filter.open || filter.over).then_some(filter.open),
                self.workspace.0,
            ])?;
            indexes.push((next(&mut rows)?, rows));
        }
        while let Some((id, is_chosen)) = indexes.iter().filter_map(|(head, _)| *head).max() {
            for (head, rows) in &mut indexes {
                if head.is_some_and(|(other, _)| other == id) {
                    *head = next(rows)?;
                }
            }
            if is_chosen {
                self.ids.push(RunId(id));
            }
            self.rows_left -= 1;
            if self.rows_left == 0 && !self.is_done() {
                self.looked_until = Some(RunId(id));
            }
            if self.is_done() {
                break;
            }
        }
        Ok(())
    }
}

fn next(rows: &mut Rows<'_>) -> rusqlite::Result<Option<(i64, bool)>> {
    let row = rows.next()?;
    row.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
}

/// A page of what is found, the newest first. Words are met in the index; what else is asked of a
/// run stands in its row. After [`MOST_ROWS`] of those or [`MOST_SHELVES`] the page is given as it is.
pub fn find(
    connection: &Connection,
    workspace: WorkspaceId,
    search: &RunSearch,
) -> Outcome<RunsFound> {
    let question = Question::read(&search.words);
    let filter = &search.filter;
    let mut page = Page {
        workspace,
        filter,
        ids: Vec::new(),
        rows_left: MOST_ROWS,
        looked_until: None,
    };
    // No agent has such an id, and the index's language takes the sign for a gap between words.
    let is_nobodys = filter.agent_id.is_some_and(|agent| agent.0 < 0);
    if question.is_empty() || is_nobodys {
        return Ok(RunsFound {
            runs: Vec::new(),
            looked_until: None,
        });
    }
    let sql = "SELECT (SELECT coalesce(max(id), 0) FROM runs), (SELECT count(*) FROM workspaces), beginnings_from
        FROM search_mark";
    let (newest, workspaces, beginnings_from): (i64, i64, i64) = connection
        .prepare_cached(sql)?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let before = filter.before.map_or(i64::MAX, |id| id.0);
    let newest = RunId(newest.min(before.saturating_sub(1)));
    let mut shelves_left = MOST_SHELVES;
    for shelf in (0..=words::shelf(newest)).rev() {
        let among = Among {
            shelf,
            has_beginnings: shelf >= beginnings_from,
            workspace: (workspaces > 1).then_some(workspace),
            agent: filter.agent_id,
        };
        let put = put(connection, &question, &among)?;
        page.take(connection, &put.asked)?;
        shelves_left = shelves_left.saturating_sub(if put.is_gathered { GATHERED } else { 1 });
        if shelves_left == 0 && shelf > 0 && !page.is_done() {
            page.looked_until = Some(*words::runs_on(shelf).start());
        }
        if page.is_done() {
            break;
        }
    }
    Ok(RunsFound {
        runs: read::listed(connection, &page.ids)?,
        looked_until: page.looked_until,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Database;
    use serde_json::Map;
    use switchhook_core::ids::AgentId;

    /// As much of a run's row as a list shows.
    fn add_row(connection: &Connection, run: i64) {
        let sql = "INSERT INTO runs (id, workspace_id, agent_id, version_id, version_status, mode, draft_missing,
                destination, configuration_id, provider, max_call_seconds, state, created_at, gathered_context,
                initial_context)
            VALUES (?1, 1, 1, 1, 'published', 'production', 0, '', 1, 'desk_phone', 300, 'completed', 0, '{}', '{}')";
        connection.execute(sql, [run]).expect("written");
    }

    /// A run and its words in the index.
    fn add(connection: &Connection, run: i64, texts: &[&str]) {
        add_row(connection, run);
        let none = Map::new();
        let found = words::Found {
            run: RunId(run),
            workspace: WorkspaceId(1),
            agent: AgentId(1),
            numbers: Vec::new(),
            texts: texts.to_vec(),
            contexts: [&none, &none],
        };
        let sql = "INSERT INTO run_search (rowid, words) VALUES (?1, ?2)";
        let words = words::of_run(&found);
        connection
            .execute(sql, params![run, words])
            .expect("written");
    }

    fn opened() -> (tempfile::TempDir, Connection) {
        let dir = tempfile::tempdir().expect("a folder");
        drop(Database::open(dir.path()).expect("opened"));
        let path = dir.path().join(crate::database::FILE_NAME);
        let connection = crate::database::connect(&path).expect("opened");
        (dir, connection)
    }

    fn found(connection: &Connection, words: &str, before: Option<i64>) -> (Vec<i64>, Option<i64>) {
        let filter = RunFilter {
            before: before.map(RunId),
            limit: 10,
            ..RunFilter::default()
        };
        let asked = RunSearch {
            words: words.to_owned(),
            filter,
        };
        let found = find(connection, WorkspaceId(1), &asked);
        let Ok(found) = found else {
            panic!("{words} was not looked for");
        };
        let runs = found.runs.iter().map(|run| run.id.0).collect();
        (runs, found.looked_until.map(|run| run.0))
    }

    #[test]
    fn many_words_that_begin_alike_are_all_met_on_every_shelf() {
        let (_dir, connection) = opened();
        let words: Vec<_> = (0..2 * MOST_WORDS)
            .map(|number| format!("begun{number}"))
            .collect();
        let first: Vec<_> = words.iter().map(String::as_str).collect();
        add(&connection, 1, &first);
        add(&connection, 2, &["begun100", "hello"]);
        add(&connection, 70_000, &["begun1 hello"]);
        assert_eq!(found(&connection, "begun", None).0, [70_000, 2, 1]);
        assert_eq!(found(&connection, "hello begun", None).0, [70_000, 2]);
        assert!(found(&connection, "nobody begun", None).0.is_empty());
        assert_eq!(found(&connection, "hello begun100", None).0, [2]);
    }

    #[test]
    fn a_page_looks_through_so_many_shelves_and_says_where_it_stopped() {
        let (_dir, connection) = opened();
        let shelves = i64::from(MOST_SHELVES) + 1;
        add(&connection, 1, &["hello"]);
        add(&connection, shelves << 16, &["something"]);
        let (runs, until) = found(&connection, "hello", None);
        assert_eq!((runs, until), (Vec::new(), Some(2 << 16)));
        assert_eq!(found(&connection, "hello", until), (vec![1], None));
    }

    #[test]
    fn beginnings_are_kept_from_the_next_shelf_on_where_there_were_runs() {
        for (runs, from) in [(&[][..], 0), (&[1], 1), (&[1, 65_536], 2)] {
            let connection = Connection::open_in_memory().expect("opened");
            let tables = [
                include_str!("../../migrations/V1__first_tables.sql"),
                include_str!("../../migrations/V3__run_search.sql"),
            ];
            for sql in tables {
                connection.execute_batch(sql).expect("created");
            }
            connection
                .execute("PRAGMA foreign_keys = OFF", [])
                .expect("off");
            for run in runs {
                add_row(&connection, *run);
            }
            let sql = include_str!("../../migrations/V12__beginnings_of_words.sql");
            connection.execute_batch(sql).expect("brought up to date");
            let sql = "SELECT beginnings_from FROM search_mark";
            let is: i64 = connection
                .query_row(sql, [], |row| row.get(0))
                .expect("a row");
            assert_eq!(is, from, "{runs:?}");
        }
    }

    #[test]
    fn shelves_from_before_beginnings_were_kept_are_searched_as_well() {
        let (_dir, connection) = opened();
        add_row(&connection, 1);
        let sql = "INSERT INTO run_search (rowid, words) VALUES (1, '00000s1 00000whelp 00000n15')";
        connection.execute(sql, []).expect("written");
        add(&connection, 70_000, &["helm"]);
        assert_eq!(found(&connection, "he", None).0, [70_000]);
        let sql = "UPDATE search_mark SET beginnings_from = 1";
        connection.execute(sql, []).expect("written");
        assert_eq!(found(&connection, "he", None).0, [70_000, 1]);
        assert_eq!(found(&connection, "15", None).0, [1]);
    }
}
