//! The runs that are over, as lists need them: which there are in a workspace or of an agent, in
//! which order, and how many. A row is written with the end and never changed, in the order of the
//! ends; what was counted up to one row therefore stays right, and the next count only adds what
//! came after it ([`Totals`]), until runs are forgotten.

use crate::pen::Pen;
use crate::problem::Outcome;
use rusqlite::{Connection, params};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use switchhook_core::ids::{AgentId, RunId, WorkspaceId};
use switchhook_core::ports::{RunFilter, RunTotals};

/// Most filters whose totals are remembered; a list that is asked for again and again is one.
const MAX_REMEMBERED: usize = 1024;
/// Up to so many ends are counted one by one, before an agent's own are counted anew.
const FEW: i64 = 5000;

/// What stands in a row, besides the run's disposition: times in microseconds.
pub struct Ended<'a> {
    pub run: RunId,
    pub workspace: WorkspaceId,
    pub agent: AgentId,
    pub created_at: i64,
    pub answered_at: Option<i64>,
    pub ended_at: i64,
    pub mode: &'a str,
    pub end_code: &'a str,
}

impl Ended<'_> {
    /// Of the talk, in milliseconds.
    fn duration(&self) -> i64 {
        let since = self.answered_at.unwrap_or(self.ended_at);
        ((self.ended_at - since + 500) / 1000).max(0)
    }
}

/// Adds a run that is given its end in the same transaction.
pub fn write(pen: &Pen<'_>, ended: &Ended<'_>, disposition: Option<&str>) -> Outcome<()> {
    let sql = "INSERT INTO ended_runs (run_id, workspace_id, agent_id, created_at, duration_ms, disposition, mode, end_code)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let values = params![
        ended.run.0,
        ended.workspace.0,
        ended.agent.0,
        ended.created_at,
        ended.duration(),
        disposition,
        ended.mode,
        ended.end_code,
    ];
    pen.execute(sql, values)?;
    Ok(())
}

/// Adds a run that stands in its table with its end.
pub fn add(connection: &Connection, run: RunId, disposition: Option<&str>) -> Outcome<()> {
    let sql = "INSERT INTO ended_runs (run_id, workspace_id, agent_id, created_at, duration_ms, disposition, mode, end_code)
        SELECT id, workspace_id, agent_id, created_at,
            max(0, (ended_at - coalesce(answered_at, ended_at) + 500) / 1000), ?2, mode, end_code
        FROM runs WHERE id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![run.0, disposition])?;
    Ok(())
}

/// The newest end.
pub fn newest(connection: &Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT coalesce(max(seq), 0) FROM ended_runs";
    connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))
}

/// How many runs were ever forgotten.
fn forgotten(connection: &Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT coalesce((SELECT runs FROM forgotten_runs), 0)";
    connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))
}

/// Says that runs were forgotten, in the transaction that forgets them.
pub fn count_forgotten(connection: &Connection, runs: u32) -> Outcome<()> {
    let sql = "INSERT INTO forgotten_runs (id, runs) VALUES (1, ?1)
        ON CONFLICT (id) DO UPDATE SET runs = runs + ?1";
    connection.prepare_cached(sql)?.execute([runs])?;
    Ok(())
}

/// What was counted, and up to which end.
#[derive(Clone, Copy, Default)]
pub struct Counted {
    pub upto: i64,
    pub totals: RunTotals,
}

#[derive(Default)]
struct Remembered {
    /// How many runs were forgotten when the rest was counted.
    forgotten: i64,
    lists: HashMap<(WorkspaceId, RunFilter), Counted>,
    agents: (i64, HashMap<AgentId, i64>),
}

/// Totals of earlier counts.
#[derive(Default)]
pub struct Totals(Mutex<Remembered>);

impl Totals {
    /// A panic while holding the lock cannot leave a count half changed.
    ///
    /// Counts of other times than that of this many forgotten runs are no longer, or not yet, right.
    fn at(&self, forgotten: i64) -> MutexGuard<'_, Remembered> {
        let mut remembered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.forgotten != forgotten {
            *remembered = Remembered {
                forgotten,
                ..Remembered::default()
            };
        }
        remembered
    }

    /// Counts what a filter has among the ended runs. `count` counts the rows after the first
    /// argument and up to the second; 0 stands for all from the beginning.
    pub fn of(
        &self,
        connection: &Connection,
        workspace: WorkspaceId,
        filter: &RunFilter,
        count: impl Fn(i64, i64) -> Outcome<RunTotals>,
    ) -> Outcome<RunTotals> {
        let key = (workspace, filter.without_page());
        let (newest, forgotten) = (newest(connection)?, forgotten(connection)?);
        let known = self.at(forgotten).lists.get(&key).copied();
        let known = known.filter(|known| {
            known.upto <= newest && (filter.agent_id.is_none() || newest - known.upto <= FEW)
        });
        let mut counted = known.unwrap_or_default();
        if counted.upto < newest {
            counted.totals += count(counted.upto, newest)?;
            counted.upto = newest;
            let mut remembered = self.at(forgotten);
            if remembered.lists.len() >= MAX_REMEMBERED {
                remembered.lists.clear();
            }
            remembered.lists.insert(key, counted);
        }
        Ok(counted.totals)
    }

    /// How many ended runs each agent has; agents without any are left out.
    pub fn by_agent(&self, connection: &Connection) -> Outcome<HashMap<AgentId, i64>> {
        let (newest, forgotten) = (newest(connection)?, forgotten(connection)?);
        let (upto, mut counts) = self.at(forgotten).agents.clone();
        let (upto, mut counts) = if upto <= newest {
            (upto, std::mem::take(&mut counts))
        } else {
            (0, HashMap::new())
        };
        if upto == newest {
            return Ok(counts);
        }
        let sql = if upto == 0 {
            "SELECT agent_id, count(*) FROM ended_runs INDEXED BY ended_runs_by_agent
                WHERE seq > ?1 AND seq <= ?2 GROUP BY agent_id"
        } else {
            "SELECT agent_id, count(*) FROM ended_runs NOT INDEXED
                WHERE seq > ?1 AND seq <= ?2 GROUP BY agent_id"
        };
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map([upto, newest], |row| {
            Ok((AgentId(row.get(0)?), row.get::<_, i64>(1)?))
        })?;
        for row in rows {
            let (agent, count) = row?;
            *counts.entry(agent).or_default() += count;
        }
        self.at(forgotten).agents = (newest, counts.clone());
        Ok(counts)
    }
}
