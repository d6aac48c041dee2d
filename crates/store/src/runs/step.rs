//! The steps of a run: read its state, let core's reducer decide, write the verdicts and everything
//! that follows from them (timeline, attempt, gathered context, end, slot, reply, event). Steps
//! that come together share one look at the run and one change of its row.

use super::gathered::{self, Facts};
use super::{ended, exchanges, slots};
use crate::problem::Outcome;
use crate::rows::{json, json_text, micros, word};
use crate::{events, idempotency};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value};
use std::sync::Arc;
use switchhook_core::ids::{RunId, TelephonyConfigurationId, WorkspaceId};
use switchhook_core::ports::{Exchange, Step};
use switchhook_core::run::{EndCode, RunInput, RunState, Verdict, reduce};

/// A run as far as its steps need it, and as they change it.
struct Standing {
    id: RunId,
    workspace: WorkspaceId,
    configuration: TelephonyConfigurationId,
    state: RunState,
    answered_at: Option<i64>,
    is_completed: bool,
    end: Option<(EndCode, Timestamp)>,
    provider: String,
    by_key: bool,
    trigger_path: Option<String>,
    gathered: Map<String, Value>,
}

fn standing(connection: &Connection, run: RunId) -> Outcome<Option<Standing>> {
    let sql =
        "SELECT workspace_id, configuration_id, state, answered_at, ended_at IS NOT NULL, provider,
        api_key_id IS NOT NULL, trigger_path, gathered_context FROM runs WHERE id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let standing = statement.query_row([run.0], |row| {
        Ok(Standing {
            id: run,
            workspace: WorkspaceId(row.get(0)?),
            configuration: TelephonyConfigurationId(row.get(1)?),
            state: word(row, 2, RunState::parse)?,
            answered_at: row.get(3)?,
            is_completed: row.get(4)?,
            end: None,
            provider: row.get(5)?,
            by_key: row.get(6)?,
            trigger_path: row.get(7)?,
            gathered: json(row, 8)?,
        })
    });
    Ok(standing.optional()?)
}

/// Takes the steps of one run, in order, and keeps what was exchanged to dial with its answer. A run
/// that is not there ignores everything.
pub fn take(
    connection: &Connection,
    steps: &[Arc<Step>],
    dial: Option<&Exchange>,
) -> Outcome<Vec<Verdict>> {
    let Some(last) = steps.last() else {
        return Ok(Vec::new());
    };
    let Some(mut run) = standing(connection, last.run_id)? else {
        return Ok(vec![Verdict::Ignore; steps.len()]);
    };
    let lines = steps.iter().flat_map(|step| &step.lines);
    super::write_lines(connection, run.id, lines)?;
    let mut verdicts = Vec::with_capacity(steps.len());
    let mut entries = Vec::new();
    for step in steps {
        if let Some(reply) = &step.reply {
            // Kept whatever the verdict: the caller was told it.
            idempotency::keep_reply(connection, run.id, reply)?;
        }
        let verdict = reduce(run.state, run.is_completed, &step.input);
        verdicts.push(verdict);
        if verdict == Verdict::Ignore {
            continue;
        }
        if write_attempt(connection, step)?
            && let Some(dial) = dial
        {
            exchanges::record_dial(connection, dial)?;
        }
        run.follow(step, verdict);
        if let Some(note) = note_of(step, verdict) {
            entries.push((step, run.state, note));
        }
    }
    write_timeline(connection, run.id, &entries)?;
    if verdicts.iter().any(|verdict| *verdict != Verdict::Ignore) {
        write_run(connection, &run)?;
        events::append_run(connection, run.workspace, run.id, last.at)?;
    }
    Ok(verdicts)
}

impl Standing {
    /// Changes as a verdict says that is not to ignore the step.
    fn follow(&mut self, step: &Step, verdict: Verdict) {
        let mut end = None;
        if let Verdict::Move { to, end: code } = verdict {
            (self.state, end) = (to, code);
        }
        if self.state == RunState::InProgress {
            self.answered_at.get_or_insert(micros(step.at));
        }
        if let Some(code) = end {
            (self.is_completed, self.end) = (true, Some((code, step.at)));
        }
        let facts = Facts {
            provider: &self.provider,
            triggered_by: if self.by_key { "api" } else { "window" },
            trigger_path: self.trigger_path.as_deref(),
        };
        self.gathered.extend(step.gathered.clone());
        let additions = gathered::additions(&facts, &step.input, end, &self.gathered);
        self.gathered.extend(additions);
    }
}

/// `true` where the step is an answer of the dial.
fn write_attempt(connection: &Connection, step: &Step) -> Outcome<bool> {
    let (outcome, carrier_call_id) = match &step.input {
        RunInput::Accepted {
            carrier_call_id, ..
        } => ("accepted", carrier_call_id.as_deref()),
        RunInput::Refused { .. } => ("refused", None),
        RunInput::Unknown { .. } => ("unknown", None),
        RunInput::Dialing | RunInput::Ringing | RunInput::Answered | RunInput::Ended(_) => {
            return Ok(false);
        }
    };
    let sql = "UPDATE attempts SET outcome = ?2, carrier_call_id = coalesce(?3, carrier_call_id) WHERE run_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![step.run_id.0, outcome, carrier_call_id])?;
    Ok(true)
}

/// The words of the step's entry in the timeline: there is one for every move, and for what changes
/// no state only when there are words to keep.
fn note_of(step: &Step, verdict: Verdict) -> Option<Option<&str>> {
    let note = match &step.input {
        RunInput::Refused { message } | RunInput::Unknown { message, .. } => {
            step.note.as_deref().or(Some(message))
        }
        _ => step.note.as_deref(),
    };
    (verdict != Verdict::Keep || note.is_some()).then_some(note)
}

fn write_timeline(
    connection: &Connection,
    run: RunId,
    entries: &[(&Arc<Step>, RunState, Option<&str>)],
) -> Outcome<()> {
    let sql = "INSERT INTO timeline (run_id, seq, at, state, source, note)
        VALUES (?1, (SELECT coalesce(max(seq), 0) + 1 FROM timeline WHERE run_id = ?1), ?2, ?3, ?4, ?5)";
    for (step, state, note) in entries {
        let (state, source) = (state.as_str(), step.source.as_str());
        connection.prepare_cached(sql)?.execute(params![
            run.0,
            micros(step.at),
            state,
            source,
            note
        ])?;
    }
    Ok(())
}

fn write_run(connection: &Connection, run: &Standing) -> Outcome<()> {
    let sql = "UPDATE runs SET state = ?2, gathered_context = ?3, answered_at = ?4,
            ended_at = coalesce(?5, ended_at), end_code = coalesce(?6, end_code)
        WHERE id = ?1";
    connection.prepare_cached(sql)?.execute(params![
        run.id.0,
        run.state.as_str(),
        json_text(&run.gathered),
        run.answered_at,
        run.end.map(|(_, at)| micros(at)),
        run.end.map(|(code, _)| code.as_str()),
    ])?;
    if run.end.is_some() {
        slots::free(connection, run.id, run.workspace, run.configuration)?;
        let disposition = run.gathered.get("mapped_call_disposition");
        ended::add(connection, run.id, disposition.and_then(Value::as_str))?;
    }
    Ok(())
}
