//! Lists of runs: the filter as SQL, a page of runs that it has, and how many there are. What is
//! over is looked for in `ended_runs`, what is open among the few open runs; the two halves are one
//! statement, so that a run that ends meanwhile is in exactly one of them.

use super::ended::Totals;
use super::read;
use crate::problem::Outcome;
use crate::rows::{json_text, micros};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, params_from_iter};
use switchhook_core::ids::{RunId, WorkspaceId};
use switchhook_core::ports::{Run, RunFilter, RunTotals};

/// Conditions of one half with their values.
struct Half {
    from: &'static str,
    conditions: Vec<&'static str>,
    values: Vec<Value>,
}

impl Half {
    fn and(&mut self, condition: &'static str, value: impl Into<Value>) {
        self.conditions.push(condition);
        self.values.push(value.into());
    }

    fn and_maybe(&mut self, condition: &'static str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.and(condition, value);
        }
    }

    fn sql(&self, columns: &str) -> String {
        let conditions = self.conditions.join(" AND ");
        format!("SELECT {columns} FROM {} WHERE {conditions}", self.from)
    }
}

/// A moment and a run: where a page begins.
type Cursor = (i64, i64);

/// The place of a run in the order of creation, whether or not there is one with this very id.
fn cursor(connection: &Connection, before: RunId) -> Outcome<Cursor> {
    let sql = "SELECT created_at FROM runs WHERE id <= ?1 ORDER BY id DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let created_at = statement
        .query_row([before.0], |row| row.get(0))
        .optional()?;
    Ok((created_at.unwrap_or(i64::MIN), before.0))
}

fn created_at(connection: &Connection, run: RunId) -> Outcome<i64> {
    let sql = "SELECT created_at FROM runs WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row([run.0], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or(i64::MIN))
}

/// The runs that are over.
fn ended(
    connection: &Connection,
    workspace: WorkspaceId,
    filter: &RunFilter,
) -> Outcome<Option<Half>> {
    if filter.open || filter.is_empty {
        return Ok(None);
    }
    let with_numbers = filter.caller_number.is_some() || filter.called_number.is_some();
    // The planner cannot know which of the two is the smaller; here it is known.
    let from = match (filter.agent_id.is_some(), with_numbers) {
        (true, false) => "ended_runs AS e INDEXED BY ended_runs_by_agent",
        (false, false) => "ended_runs AS e INDEXED BY ended_runs_by_workspace",
        (true, true) => {
            "ended_runs AS e INDEXED BY ended_runs_by_agent CROSS JOIN runs ON runs.id = e.run_id"
        }
        (false, true) => {
            "ended_runs AS e INDEXED BY ended_runs_by_workspace CROSS JOIN runs ON runs.id = e.run_id"
        }
    };
    let mut half = Half {
        from,
        conditions: Vec::new(),
        values: Vec::new(),
    };
    half.and("e.workspace_id = ?", workspace.0);
    half.and_maybe("e.agent_id = ?", filter.agent_id.map(|id| id.0));
    if let Some(run) = filter.run_id {
        half.and("e.created_at = ?", created_at(connection, run)?);
        half.and("e.run_id = ?", run.0);
    }
    half.and_maybe("e.created_at >= ?", filter.created_from.map(micros));
    half.and_maybe("e.created_at <= ?", filter.created_to.map(micros));
    if let Some(before) = filter.before {
        let (created_at, id) = cursor(connection, before)?;
        half.and("(e.created_at, e.run_id) < (?, ?)", created_at);
        half.values.push(id.into());
    }
    half.and_maybe("e.duration_ms >= ?", filter.min_duration_ms);
    half.and_maybe("e.duration_ms <= ?", filter.max_duration_ms);
    if !filter.dispositions.is_empty() {
        let codes = json_text(&filter.dispositions);
        half.and("e.disposition IN (SELECT value FROM json_each(?))", codes);
    }
    half.and_maybe("instr(runs.caller_id, ?) > 0", filter.caller_number.clone());
    half.and_maybe(
        "instr(runs.destination, ?) > 0",
        filter.called_number.clone(),
    );
    Ok(Some(half))
}

/// The runs that are not over. `+` keeps SQLite from looking for them by other ways than their own
/// index, which has just them.
fn open(
    connection: &Connection,
    workspace: WorkspaceId,
    filter: &RunFilter,
) -> Outcome<Option<Half>> {
    let by_duration = filter.min_duration_ms.is_some() || filter.max_duration_ms.is_some();
    if filter.over || filter.is_empty || by_duration {
        return Ok(None);
    }
    let mut half = Half {
        from: "runs INDEXED BY open_runs",
        conditions: vec!["runs.ended_at IS NULL"],
        values: Vec::new(),
    };
    half.and("+runs.workspace_id = ?", workspace.0);
    half.and_maybe("+runs.agent_id = ?", filter.agent_id.map(|id| id.0));
    half.and_maybe("runs.id = ?", filter.run_id.map(|id| id.0));
    half.and_maybe("runs.created_at >= ?", filter.created_from.map(micros));
    half.and_maybe("runs.created_at <= ?", filter.created_to.map(micros));
    if let Some(before) = filter.before {
        let (created_at, id) = cursor(connection, before)?;
        half.and("(runs.created_at, runs.id) < (?, ?)", created_at);
        half.values.push(id.into());
    }
    if !filter.dispositions.is_empty() {
        let codes = json_text(&filter.dispositions);
        half.and("runs.gathered_context ->> '$.mapped_call_disposition' IN (SELECT value FROM json_each(?))", codes);
    }
    half.and_maybe("instr(runs.caller_id, ?) > 0", filter.caller_number.clone());
    half.and_maybe(
        "instr(runs.destination, ?) > 0",
        filter.called_number.clone(),
    );
    Ok(Some(half))
}

/// The ids of a page, as SQL with its values; nothing where no run can be meant.
fn page(
    connection: &Connection,
    workspace: WorkspaceId,
    filter: &RunFilter,
) -> Outcome<Option<(String, Vec<Value>)>> {
    let ended = ended(connection, workspace, filter)?;
    let open = open(connection, workspace, filter)?;
    let mut parts = Vec::new();
    let mut values = Vec::new();
    if let Some(half) = ended {
        parts.push(
            half.sql(
                "e.created_at AS created_at, e.run_id AS run_id, e.duration_ms AS duration_ms",
            ),
        );
        values.extend(half.values);
    }
    if let Some(half) = open {
        parts.push(
            half.sql("runs.created_at AS created_at, runs.id AS run_id, NULL AS duration_ms"),
        );
        values.extend(half.values);
    }
    if parts.is_empty() {
        return Ok(None);
    }
    let order = match (filter.by_duration, filter.ascending) {
        (false, false) => "created_at DESC, run_id DESC",
        (false, true) => "created_at, run_id",
        (true, false) => "duration_ms DESC NULLS LAST, run_id DESC",
        (true, true) => "duration_ms NULLS LAST, run_id",
    };
    let union = parts.join(" UNION ALL ");
    values.push(filter.limit.into());
    values.push(filter.offset.into());
    Ok(Some((
        format!("{union} ORDER BY {order} LIMIT ? OFFSET ?"),
        values,
    )))
}

/// A page of a workspace's runs.
pub fn list(
    connection: &Connection,
    workspace: WorkspaceId,
    filter: &RunFilter,
) -> Outcome<Vec<Run>> {
    let Some((sql, values)) = page(connection, workspace, filter)? else {
        return Ok(Vec::new());
    };
    let mut statement = connection.prepare_cached(&sql)?;
    let ids = statement
        .query_map(params_from_iter(values), |row| row.get(1).map(RunId))?
        .collect::<Result<Vec<_>, _>>()?;
    read::listed(connection, &ids)
}

fn sum(connection: &Connection, half: &Half, columns: &str) -> Outcome<RunTotals> {
    let mut statement = connection.prepare_cached(&half.sql(columns))?;
    Ok(
        statement.query_row(params_from_iter(half.values.iter()), |row| {
            Ok(RunTotals {
                runs: row.get(0)?,
                duration_ms: row.get(1)?,
            })
        })?,
    )
}

/// How many runs the filter has, without its page, and how long their calls were.
pub fn total(
    connection: &Connection,
    totals: &Totals,
    workspace: WorkspaceId,
    filter: &RunFilter,
) -> Outcome<RunTotals> {
    let filter = &filter.without_page();
    let mut all = RunTotals::default();
    if let Some(half) = open(connection, workspace, filter)? {
        all += sum(connection, &half, "count(*), 0")?;
    }
    if ended(connection, workspace, filter)?.is_some() {
        all += totals.of(connection, workspace, filter, |after, upto| {
            let Some(mut half) = ended(connection, workspace, filter)? else {
                return Ok(RunTotals::default());
            };
            if after > 0 {
                // The few newest, by their own key.
                let with_numbers = half.from.contains("runs.id");
                half.from = if with_numbers {
                    "ended_runs AS e NOT INDEXED CROSS JOIN runs ON runs.id = e.run_id"
                } else {
                    "ended_runs AS e NOT INDEXED"
                };
                half.and("e.seq > ?", after);
            }
            half.and("e.seq <= ?", upto);
            sum(
                connection,
                &half,
                "count(*), coalesce(sum(e.duration_ms), 0)",
            )
        })?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use switchhook_core::ids::AgentId;

    fn tables() -> Connection {
        let connection = Connection::open_in_memory().expect("opens");
        for tables in [
            include_str!("../../migrations/V1__first_tables.sql"),
            include_str!("../../migrations/V3__run_search.sql"),
        ] {
            connection.execute_batch(tables).expect("created");
        }
        connection
    }

    /// How SQLite looks for a page, in its own words.
    fn plan(filter: &RunFilter) -> String {
        let connection = tables();
        let page = page(&connection, WorkspaceId(1), filter).ok().flatten();
        let (sql, values) = page.expect("some can be meant");
        let explained = format!("EXPLAIN QUERY PLAN {sql}");
        let mut statement = connection.prepare(&explained).expect("prepared");
        let steps = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(3));
        let steps: Result<Vec<_>, _> = steps.expect("asked").collect();
        steps.expect("told").join("\n")
    }

    fn of_agent(agent: Option<i64>) -> RunFilter {
        RunFilter {
            agent_id: agent.map(AgentId),
            limit: 50,
            ..RunFilter::default()
        }
    }

    /// The part of a plan that speaks of the ended runs.
    fn ended_part(plan: &str) -> &str {
        plan.split("RIGHT").next().unwrap_or(plan)
    }

    #[test]
    fn a_page_is_read_in_its_order_from_one_index() {
        for (agent, index) in [(None, "by_workspace"), (Some(1), "by_agent")] {
            let with_dates = RunFilter {
                created_from: Some(Timestamp::UNIX_EPOCH),
                created_to: Some(Timestamp::UNIX_EPOCH),
                dispositions: vec!["busy".to_owned()],
                min_duration_ms: Some(1),
                before: Some(RunId(9)),
                over: true,
                ..of_agent(agent)
            };
            for filter in [of_agent(agent), with_dates] {
                let plan = plan(&filter);
                let ended = ended_part(&plan);
                let covering = format!("e USING COVERING INDEX ended_runs_{index}");
                assert!(ended.contains(&covering), "{plan}");
                assert!(!ended.contains("TEMP B-TREE"), "{plan}");
            }
        }
    }

    #[test]
    fn open_runs_are_found_without_the_ended_ones() {
        for agent in [None, Some(1)] {
            let filter = RunFilter {
                open: true,
                ..of_agent(agent)
            };
            let plan = plan(&filter);
            assert!(plan.contains("runs USING INDEX open_runs"), "{plan}");
            assert!(!plan.contains("ended_runs"), "{plan}");
        }
    }

    fn end(connection: &Connection, agent: i64, disposition: &str) {
        let sql = "INSERT INTO ended_runs (run_id, workspace_id, agent_id, created_at, duration_ms, disposition)
            VALUES (1, 1, ?1, 0, 500, ?2)";
        connection
            .execute(sql, rusqlite::params![agent, disposition])
            .expect("added");
    }

    #[test]
    fn a_total_counts_what_came_after_the_last_one() {
        let connection = tables();
        let totals = Totals::default();
        let busy = RunFilter {
            dispositions: vec!["busy".to_owned()],
            ..RunFilter::default()
        };
        for round in 1..=3 {
            end(&connection, 1, "busy");
            end(&connection, 1, "failed");
            let counted = total(&connection, &totals, WorkspaceId(1), &busy);
            let expected = RunTotals {
                runs: round,
                duration_ms: round * 500,
            };
            assert_eq!(counted.ok().expect("counted"), expected);
            let by_agent = totals.by_agent(&connection).ok().expect("counted");
            assert_eq!(by_agent[&AgentId(1)], round * 2);
        }
    }
}
