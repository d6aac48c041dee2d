//! Reading runs back: one, a page of them, all that are open; their timelines and transcripts.

use crate::problem::Outcome;
use crate::rows::{json, micros, time, time_or_none, uuid, word};
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use switchhook_core::agent::VersionStatus;
use switchhook_core::ids::{
    AgentId, ApiKeyId, AttemptId, RunId, TelephonyConfigurationId, VersionId, WorkspaceId,
};
use switchhook_core::ports::{
    Attempt, End, Run, RunFilter, Speaker, TimelineEntry, TranscriptLine,
};
use switchhook_core::run::{EndCode, RunState, Source};
use switchhook_core::trigger::Mode;
use switchhook_core::walk::LineKind;

const COLUMNS: &str = "SELECT runs.id, runs.workspace_id, runs.name, runs.agent_id, agents.name, runs.version_id,
    versions.number, runs.version_status, runs.mode, runs.draft_missing, runs.state, runs.end_code, runs.ended_at,
    runs.created_at, runs.answered_at, runs.destination, runs.caller_id, runs.configuration_id, runs.provider,
    runs.api_key_id, runs.initial_context, runs.gathered_context, runs.max_call_seconds
    FROM runs JOIN agents ON agents.id = runs.agent_id JOIN versions ON versions.id = runs.version_id";

fn read(row: &Row<'_>) -> rusqlite::Result<Run> {
    let end = match time_or_none(row, 12)? {
        Some(at) => Some(End {
            code: word(row, 11, EndCode::parse)?,
            at,
        }),
        None => None,
    };
    Ok(Run {
        id: RunId(row.get(0)?),
        workspace_id: WorkspaceId(row.get(1)?),
        name: row.get(2)?,
        agent_id: AgentId(row.get(3)?),
        agent_name: row.get(4)?,
        version_id: VersionId(row.get(5)?),
        version_number: row.get(6)?,
        version_status: word(row, 7, VersionStatus::parse)?,
        mode: word(row, 8, Mode::parse)?,
        draft_missing: row.get(9)?,
        state: word(row, 10, RunState::parse)?,
        end,
        created_at: time(row, 13)?,
        answered_at: time_or_none(row, 14)?,
        destination: row.get(15)?,
        caller_id: row.get(16)?,
        configuration_id: TelephonyConfigurationId(row.get(17)?),
        provider: row.get(18)?,
        api_key_id: row.get::<_, Option<i64>>(19)?.map(ApiKeyId),
        initial_context: json(row, 20)?,
        gathered_context: json(row, 21)?,
        max_call_seconds: row.get(22)?,
        attempts: Vec::new(),
    })
}

fn query(connection: &Connection, rest: &str, params: &[&dyn ToSql]) -> Outcome<Vec<Run>> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} {rest}"))?;
    let mut runs = statement
        .query_map(params, read)?
        .collect::<Result<Vec<_>, _>>()?;
    let sql =
        "SELECT id, carrier_call_id, outcome FROM attempts WHERE run_id = ?1 ORDER BY created_at";
    let mut statement = connection.prepare_cached(sql)?;
    for run in &mut runs {
        let attempts = statement.query_map([run.id.0], |row| {
            Ok(Attempt {
                id: AttemptId(uuid(row, 0)?),
                carrier_call_id: row.get(1)?,
                outcome: row.get(2)?,
            })
        })?;
        run.attempts = attempts.collect::<Result<_, _>>()?;
    }
    Ok(runs)
}

/// One run, of the workspace or of any.
pub fn by_id(
    connection: &Connection,
    workspace: Option<WorkspaceId>,
    id: RunId,
) -> Outcome<Option<Run>> {
    let workspace = workspace.map(|workspace| workspace.0);
    let rest = "WHERE runs.id = ?1 AND (?2 IS NULL OR runs.workspace_id = ?2)";
    Ok(query(connection, rest, &[&id.0, &workspace])?.pop())
}

/// The filter as SQL. Conditions that are not asked for are left out, so that the rest can use an
/// index; all values are parameters, numbered as in [`values`]. The `+` keep SQLite from looking
/// for the few open runs among all of a workspace or an agent: `open_runs` has just them.
fn conditions(filter: &RunFilter) -> String {
    let workspace = if filter.open {
        "WHERE +runs.workspace_id = ?1"
    } else {
        "WHERE runs.workspace_id = ?1"
    };
    let agent = if filter.open {
        " AND +runs.agent_id = ?2"
    } else {
        " AND runs.agent_id = ?2"
    };
    let mut sql = workspace.to_owned();
    let parts = [
        (filter.agent_id.is_some(), agent),
        (filter.before.is_some(), " AND runs.id < ?3"),
        (filter.created_from.is_some(), " AND runs.created_at >= ?4"),
        (filter.created_to.is_some(), " AND runs.created_at <= ?5"),
        (filter.open, " AND runs.ended_at IS NULL"),
        (filter.over, " AND runs.ended_at IS NOT NULL"),
    ];
    sql.extend(
        parts
            .iter()
            .filter(|(asked, _)| *asked)
            .map(|(_, part)| *part),
    );
    sql
}

fn values(workspace: WorkspaceId, filter: &RunFilter) -> [Option<i64>; 5] {
    [
        Some(workspace.0),
        filter.agent_id.map(|id| id.0),
        filter.before.map(|id| id.0),
        filter.created_from.map(micros),
        filter.created_to.map(micros),
    ]
}

fn page(filter: &RunFilter) -> String {
    let order = if filter.ascending { "ASC" } else { "DESC" };
    let conditions = conditions(filter);
    format!("{conditions} ORDER BY runs.id {order} LIMIT ?6 OFFSET ?7")
}

fn counted(filter: &RunFilter) -> String {
    format!("SELECT count(*) FROM runs {}", conditions(filter))
}

/// A page of a workspace's runs.
pub fn list(
    connection: &Connection,
    workspace: WorkspaceId,
    filter: &RunFilter,
) -> Outcome<Vec<Run>> {
    let rest = page(filter);
    let [workspace, agent, before, from, to] = values(workspace, filter);
    query(
        connection,
        &rest,
        &[
            &workspace,
            &agent,
            &before,
            &from,
            &to,
            &filter.limit,
            &filter.offset,
        ],
    )
}

/// How many runs the filter has.
pub fn count(connection: &Connection, workspace: WorkspaceId, filter: &RunFilter) -> Outcome<i64> {
    let mut statement = connection.prepare_cached(&counted(filter))?;
    let used = statement.parameter_count();
    let values = values(workspace, filter).into_iter().take(used);
    Ok(statement.query_row(rusqlite::params_from_iter(values), |row| row.get(0))?)
}

/// Every open run.
pub fn open(connection: &Connection) -> Outcome<Vec<Run>> {
    query(
        connection,
        "WHERE runs.ended_at IS NULL ORDER BY runs.id",
        &[],
    )
}

/// The attempt of a run whose callback URLs carry the token with this hash.
pub fn callback_target(
    connection: &Connection,
    run: RunId,
    token_hash: [u8; 32],
) -> Outcome<Option<AttemptId>> {
    let sql = "SELECT id FROM attempts WHERE run_id = ?1 AND callback_token_hash = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row(params![run.0, token_hash], |row| {
        Ok(AttemptId(uuid(row, 0)?))
    });
    Ok(found.optional()?)
}

/// Whether a carrier's call may be another run's than this. Run ids grow with time, so only the
/// runs of ten minutes before and after are walked through.
pub fn is_others_call(connection: &Connection, run: RunId, carrier_call_id: &str) -> Outcome<bool> {
    let sql = "WITH this AS (SELECT * FROM runs WHERE id = ?1),
        first AS (SELECT coalesce(max(id), 0) AS id FROM (SELECT runs.id FROM runs, this
            WHERE runs.id < ?1 AND runs.created_at < this.created_at - 600000000 ORDER BY runs.id DESC LIMIT 1)),
        last AS (SELECT coalesce(min(id), 9223372036854775807) AS id FROM (SELECT runs.id FROM runs, this
            WHERE runs.id > ?1 AND runs.created_at > this.created_at + 600000000 ORDER BY runs.id LIMIT 1))
        SELECT EXISTS (SELECT 1 FROM runs AS other, this, attempts
            WHERE other.id > (SELECT id FROM first) AND other.id < (SELECT id FROM last) AND other.id <> ?1
                AND attempts.run_id = other.id
                AND (attempts.carrier_call_id = ?2
                    OR attempts.carrier_call_id IS NULL AND attempts.outcome IN ('pending', 'unknown')
                        AND other.destination = this.destination
                        AND other.configuration_id = this.configuration_id
                        AND other.end_code IS NOT 'never-placed'))";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row(params![run.0, carrier_call_id], |row| row.get(0))?)
}

/// A run's timeline, oldest first.
pub fn timeline(connection: &Connection, run: RunId) -> Outcome<Vec<TimelineEntry>> {
    let sql = "SELECT at, state, source, note FROM timeline WHERE run_id = ?1 ORDER BY seq";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([run.0], |row| {
        Ok(TimelineEntry {
            at: time(row, 0)?,
            state: word(row, 1, RunState::parse)?,
            source: word(row, 2, Source::parse)?,
            note: row.get(3)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A run's transcript, in the order it was written.
pub fn transcript(connection: &Connection, run: RunId) -> Outcome<Vec<TranscriptLine>> {
    let speaker = |word: &str| {
        [Speaker::Agent, Speaker::Callee]
            .into_iter()
            .find(|one| one.as_str() == word)
    };
    let sql =
        "SELECT at, speaker, node_id, kind, text FROM transcripts WHERE run_id = ?1 ORDER BY seq";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([run.0], |row| {
        Ok(TranscriptLine {
            at: time(row, 0)?,
            speaker: word(row, 1, speaker)?,
            node_id: row.get(2)?,
            kind: word(row, 3, LineKind::parse)?,
            text: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How SQLite looks for the runs, in its own words.
    fn plan(sql: &str) -> String {
        let connection = Connection::open_in_memory().expect("opens");
        let tables = include_str!("../../migrations/V1__first_tables.sql");
        connection.execute_batch(tables).expect("created");
        let mut statement = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
            .expect("prepared");
        let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3));
        let steps: Result<Vec<_>, _> = steps.collect();
        steps.expect("told").join("\n")
    }

    #[test]
    fn open_runs_are_found_without_the_ended_ones() {
        for agent_id in [None, Some(AgentId(1))] {
            let filter = RunFilter {
                agent_id,
                open: true,
                ..RunFilter::default()
            };
            for sql in [format!("{COLUMNS} {}", page(&filter)), counted(&filter)] {
                let plan = plan(&sql);
                assert!(plan.contains("runs USING INDEX open_runs"), "{sql}: {plan}");
                assert!(!plan.contains("TEMP B-TREE"), "{sql}: {plan}");
            }
        }
    }

    #[test]
    fn the_runs_of_an_agent_are_counted_in_an_index_alone() {
        let filter = RunFilter {
            agent_id: Some(AgentId(1)),
            ..RunFilter::default()
        };
        let plan = plan(&counted(&filter));
        assert!(plan.contains("COVERING INDEX runs_by_agent"), "{plan}");
    }
}
