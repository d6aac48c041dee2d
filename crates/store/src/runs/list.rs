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
use switchhook_core::run::{EndCode, codes_of};
use switchhook_core::trigger::Mode;

/// Conditions of one half with their values.
struct Half {
    from: String,
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

/// How an ended run may have ended, and in which mode it may have run.
type Way = (EndCode, Mode);

/// The ways that a filter means, or `None` where it means all of them.
fn ways(filter: &RunFilter) -> Option<Vec<Way>> {
    if filter.mode.is_none() && filter.state.is_none() && filter.outcome.is_none() {
        return None;
    }
    let codes: Vec<EndCode> = match filter.state {
        Some(state) => codes_of(state).collect(),
        None => EndCode::ALL.to_vec(),
    };
    let codes = codes
        .into_iter()
        .filter(|code| filter.outcome.is_none_or(|outcome| outcome == *code));
    let modes = match &filter.mode {
        Some(mode) => std::slice::from_ref(mode),
        None => &[Mode::Production, Mode::Test],
    };
    let of_code = |code| modes.iter().map(move |mode| (code, *mode));
    Some(codes.flat_map(of_code).collect())
}

/// The runs that are over: one part, or one for each way in which they may have ended, since each
/// stands in the order of creation by itself.
fn ended(
    connection: &Connection,
    workspace: WorkspaceId,
    filter: &RunFilter,
) -> Outcome<Vec<Half>> {
    if filter.open || filter.is_empty {
        return Ok(Vec::new());
    }
    let Some(ways) = ways(filter) else {
        return Ok(vec![ended_in(connection, workspace, filter, None)?]);
    };
    ways.into_iter()
        .map(|way| ended_in(connection, workspace, filter, Some(way)))
        .collect()
}

fn looks_at_numbers(filter: &RunFilter) -> bool {
    filter.caller_number.is_some() || filter.called_number.is_some()
}

/// `how` they are looked for, with their numbers where the filter asks for some.
fn ended_table(filter: &RunFilter, how: &str) -> String {
    let numbers = if looks_at_numbers(filter) {
        " CROSS JOIN runs ON runs.id = e.run_id"
    } else {
        ""
    };
    format!("ended_runs AS e {how}{numbers}")
}

fn ended_in(
    connection: &Connection,
    workspace: WorkspaceId,
    filter: &RunFilter,
    way: Option<Way>,
) -> Outcome<Half> {
    // The planner cannot know which of them is the smallest; here it is known.
    let how = match (filter.agent_id.is_some(), way.is_some()) {
        (true, false) => "INDEXED BY ended_runs_by_agent",
        (false, false) => "INDEXED BY ended_runs_by_workspace",
        (true, true) => "INDEXED BY ended_runs_by_outcome_of_agent",
        (false, true) => "INDEXED BY ended_runs_by_outcome",
    };
    let mut half = Half {
        from: ended_table(filter, how),
        conditions: Vec::new(),
        values: Vec::new(),
    };
    if let Some((code, mode)) = way {
        half.and("e.end_code = ?", code.as_str().to_owned());
        half.and("e.mode = ?", mode.as_str().to_owned());
    }
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
    Ok(half)
}

/// The runs that are not over. `+` keeps SQLite from looking for them by other ways than their own
/// index, which has just them.
fn open(
    connection: &Connection,
    workspace: WorkspaceId,
    filter: &RunFilter,
) -> Outcome<Option<Half>> {
    let by_duration = filter.min_duration_ms.is_some() || filter.max_duration_ms.is_some();
    if filter.over || filter.is_empty || by_duration || filter.outcome.is_some() {
        return Ok(None);
    }
    let mut half = Half {
        from: "runs INDEXED BY open_runs".to_owned(),
        conditions: vec!["runs.ended_at IS NULL"],
        values: Vec::new(),
    };
    half.and("+runs.workspace_id = ?", workspace.0);
    half.and_maybe("+runs.agent_id = ?", filter.agent_id.map(|id| id.0));
    half.and_maybe("runs.id = ?", filter.run_id.map(|id| id.0));
    let mode = filter.mode.map(|mode| mode.as_str().to_owned());
    half.and_maybe("runs.mode = ?", mode);
    let state = filter.state.map(|state| state.as_str().to_owned());
    half.and_maybe("runs.state = ?", state);
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
    for half in ended {
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
    if !ended(connection, workspace, filter)?.is_empty() {
        all += totals.of(connection, workspace, filter, |after, upto| {
            let mut all = RunTotals::default();
            for mut half in ended(connection, workspace, filter)? {
                if after > 0 {
                    // The few newest, by their own key.
                    half.from = ended_table(filter, "NOT INDEXED");
                    half.and("e.seq > ?", after);
                }
                half.and("e.seq <= ?", upto);
                let columns = "count(*), coalesce(sum(e.duration_ms), 0)";
                all += sum(connection, &half, columns)?;
            }
            Ok(all)
        })?;
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use switchhook_core::ids::AgentId;
    use switchhook_core::run::RunState;

    fn tables() -> Connection {
        let connection = Connection::open_in_memory().expect("opens");
        for tables in [
            include_str!("../../migrations/V1__first_tables.sql"),
            include_str!("../../migrations/V3__run_search.sql"),
            include_str!("../../migrations/V8__inspector_retention_and_listeners.sql"),
            include_str!("../../migrations/V9__run_outcomes_and_sealed_agents.sql"),
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
    fn a_page_of_a_choice_is_read_from_the_stretches_that_it_means() {
        for (agent, index) in [(None, "by_outcome"), (Some(1), "by_outcome_of_agent")] {
            let choices: [fn(RunFilter) -> RunFilter; 4] = [
                |of| RunFilter {
                    mode: Some(Mode::Test),
                    ..of
                },
                |of| RunFilter {
                    state: Some(RunState::Failed),
                    ..of
                },
                |of| RunFilter {
                    outcome: Some(EndCode::Busy),
                    ..of
                },
                |of| RunFilter {
                    mode: Some(Mode::Production),
                    state: Some(RunState::Completed),
                    created_from: Some(Timestamp::UNIX_EPOCH),
                    created_to: Some(Timestamp::UNIX_EPOCH),
                    before: Some(RunId(9)),
                    ..of
                },
            ];
            for choice in choices {
                let plan = plan(&choice(RunFilter {
                    over: true,
                    ..of_agent(agent)
                }));
                let reads = plan.lines().filter(|step| step.contains("SEARCH e"));
                let column = if agent.is_some() {
                    "agent_id"
                } else {
                    "workspace_id"
                };
                let stretch = format!(
                    "SEARCH e USING COVERING INDEX ended_runs_{index} ({column}=? AND end_code=? AND mode=?"
                );
                for step in reads {
                    assert!(step.contains(&stretch), "{plan}");
                }
                assert!(plan.contains(&stretch), "{plan}");
                assert!(!plan.contains("TEMP B-TREE"), "{plan}");
                assert!(!plan.contains("SCAN e"), "{plan}");
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
