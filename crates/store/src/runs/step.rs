//! The steps of a run: read its state, let core's reducer decide, write the verdicts and everything
//! that follows from them (timeline, attempt, gathered context, end, slot, reply, event). Steps
//! that come together share one look at the run and one change of its row.

use super::course::Entry;
use super::ended::Ended;
use super::gathered::{self, Facts};
use super::{causes, course, ended, exchanges};
use crate::pen::Pen;
use crate::problem::Outcome;
use crate::rows::{json, json_text, micros, word};
use crate::{events, idempotency};
use jiff::Timestamp;
use rusqlite::params;
use serde_json::{Map, Value};
use std::sync::Arc;
use switchhook_core::ids::{AgentId, RunId, WorkspaceId};
use switchhook_core::ports::{Exchange, Step};
use switchhook_core::run::{EndCode, RunInput, RunState, Verdict, reduce};
use switchhook_core::trigger::Mode;

/// A run as far as its steps need it, and as they change it.
struct Standing {
    id: RunId,
    workspace: WorkspaceId,
    agent: AgentId,
    mode: Mode,
    created_at: i64,
    state: RunState,
    answered_at: Option<i64>,
    is_completed: bool,
    end: Option<(EndCode, Timestamp)>,
    provider: String,
    by_key: bool,
    trigger_path: Option<String>,
    gathered: Map<String, Value>,
    /// How many lines its transcript has, and how many entries its timeline.
    lines: i64,
    entries: i64,
}

fn standing(pen: &Pen<'_>, run: RunId) -> Outcome<Option<Standing>> {
    let sql = "SELECT workspace_id, agent_id, state, answered_at, ended_at IS NOT NULL, provider,
            api_key_id IS NOT NULL, trigger_path, gathered_context, mode, created_at,
            (SELECT coalesce(max(seq), 0) FROM transcripts WHERE run_id = ?1),
            (SELECT coalesce(max(seq), 0) FROM timeline WHERE run_id = ?1)
        FROM runs WHERE id = ?1";
    let standing = pen.row(sql, [run.0], |row| {
        Ok(Standing {
            id: run,
            workspace: WorkspaceId(row.get(0)?),
            state: word(row, 2, RunState::parse)?,
            answered_at: row.get(3)?,
            is_completed: row.get(4)?,
            end: None,
            provider: row.get(5)?,
            by_key: row.get(6)?,
            trigger_path: row.get(7)?,
            gathered: json(row, 8)?,
            agent: AgentId(row.get(1)?),
            mode: word(row, 9, Mode::parse)?,
            created_at: row.get(10)?,
            lines: row.get(11)?,
            entries: row.get(12)?,
        })
    })?;
    Ok(standing)
}

/// Takes the steps of one run, in order, and keeps what was exchanged to dial with its answer. A run
/// that is not there ignores everything.
pub fn take(pen: &Pen<'_>, steps: &[Arc<Step>], dial: Option<&Exchange>) -> Outcome<Vec<Verdict>> {
    let Some(last) = steps.last() else {
        return Ok(Vec::new());
    };
    let Some(mut run) = standing(pen, last.run_id)? else {
        return Ok(vec![Verdict::Ignore; steps.len()]);
    };
    let lines: Vec<_> = steps.iter().flat_map(|step| &step.lines).collect();
    course::write_lines(pen, run.id, run.lines, &lines)?;
    let mut verdicts = Vec::with_capacity(steps.len());
    let mut entries = Vec::new();
    for step in steps {
        if let Some(reply) = &step.reply {
            // Kept whatever the verdict: the caller was told it.
            idempotency::keep_reply(pen, run.id, reply)?;
        }
        let verdict = reduce(run.state, run.is_completed, &step.input);
        verdicts.push(verdict);
        if verdict == Verdict::Ignore {
            continue;
        }
        if write_attempt(pen, step)?
            && let Some(dial) = dial
        {
            exchanges::record_dial(pen, dial)?;
        }
        run.follow(step, verdict);
        if let RunInput::EndedBy(cause) = &step.input
            && run.end.is_some_and(|(code, _)| code == cause.code())
        {
            causes::keep(pen, run.id, cause)?;
        }
        if let Some(note) = note_of(step, verdict) {
            entries.push(Entry {
                at: step.at,
                state: run.state,
                source: step.source,
                note,
            });
        }
    }
    course::write_entries(pen, run.id, run.entries, &entries)?;
    if verdicts.iter().any(|verdict| *verdict != Verdict::Ignore) {
        write_run(pen, &run)?;
        events::append_run(pen, run.workspace, run.id, last.at);
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
fn write_attempt(pen: &Pen<'_>, step: &Step) -> Outcome<bool> {
    let (outcome, carrier_call_id) = match &step.input {
        RunInput::Accepted {
            carrier_call_id, ..
        } => ("accepted", carrier_call_id.as_deref()),
        RunInput::Refused { .. } => ("refused", None),
        RunInput::Unknown { .. } => ("unknown", None),
        RunInput::Dialing
        | RunInput::Ringing
        | RunInput::Answered
        | RunInput::Ended(_)
        | RunInput::EndedBy(_) => return Ok(false),
    };
    let sql = "UPDATE attempts SET outcome = ?2, carrier_call_id = coalesce(?3, carrier_call_id) WHERE run_id = ?1";
    pen.execute(sql, params![step.run_id.0, outcome, carrier_call_id])?;
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

fn write_run(pen: &Pen<'_>, run: &Standing) -> Outcome<()> {
    let sql = "UPDATE runs SET state = ?2, gathered_context = ?3, answered_at = ?4,
            ended_at = coalesce(?5, ended_at), end_code = coalesce(?6, end_code)
        WHERE id = ?1";
    let values = params![
        run.id.0,
        run.state.as_str(),
        json_text(&run.gathered),
        run.answered_at,
        run.end.map(|(_, at)| micros(at)),
        run.end.map(|(code, _)| code.as_str()),
    ];
    pen.execute(sql, values)?;
    if let Some((code, at)) = run.end {
        let disposition = run.gathered.get("mapped_call_disposition");
        let ended = Ended {
            run: run.id,
            workspace: run.workspace,
            agent: run.agent,
            created_at: run.created_at,
            answered_at: run.answered_at,
            ended_at: micros(at),
            mode: run.mode.as_str(),
            end_code: code.as_str(),
        };
        ended::write(pen, &ended, disposition.and_then(Value::as_str))?;
    }
    Ok(())
}
