//! Reading runs back: one, those of a list, all that are open; their timelines and transcripts.

use crate::problem::Outcome;
use crate::rows::{json, time, time_or_none, uuid, word};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, ToSql, params};
use switchhook_core::agent::VersionStatus;
use switchhook_core::ids::{
    AgentId, ApiKeyId, AttemptId, RunId, TelephonyConfigurationId, VersionId, WorkspaceId,
};
use switchhook_core::ports::{Attempt, End, Remark, Run, Speaker, TimelineEntry, TranscriptLine};
use switchhook_core::run::{EndCode, RunState, Source};
use switchhook_core::trigger::Mode;
use switchhook_core::walk::LineKind;

const COLUMNS: &str = "SELECT runs.id, runs.workspace_id, coalesce(run_names.name, runs.name), runs.agent_id, agents.name, runs.version_id,
    versions.number, runs.version_status, runs.mode, runs.draft_missing, runs.state, runs.end_code, runs.ended_at,
    runs.created_at, runs.answered_at, runs.destination, runs.caller_id, runs.configuration_id, runs.provider,
    runs.api_key_id, runs.initial_context, runs.gathered_context, runs.max_call_seconds,
    EXISTS (SELECT 1 FROM transcripts WHERE transcripts.run_id = runs.id AND transcripts.kind <> 'prompt'),
    remarks.outcome, remarks.note,
    EXISTS (SELECT 1 FROM artifacts WHERE artifacts.run_id = runs.id AND artifacts.kind = 'recording')
    FROM runs JOIN agents ON agents.id = runs.agent_id JOIN versions ON versions.id = runs.version_id
    LEFT JOIN run_names ON run_names.run_id = runs.id LEFT JOIN remarks ON remarks.run_id = runs.id";

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
        has_transcript: row.get(23)?,
        has_recording: row.get(26)?,
        remark: Remark {
            outcome: row.get(24)?,
            note: row.get(25)?,
        },
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

/// The runs with these ids, in this order, without their attempts.
pub fn listed(connection: &Connection, ids: &[RunId]) -> Outcome<Vec<Run>> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} WHERE runs.id = ?1"))?;
    let mut runs = Vec::with_capacity(ids.len());
    for id in ids {
        runs.extend(statement.query_row([id.0], read).optional()?);
    }
    Ok(runs)
}

/// Every open run that somebody was or is called for; one that waits for its call is nobody's yet.
pub fn open(connection: &Connection) -> Outcome<Vec<Run>> {
    query(
        connection,
        "WHERE runs.ended_at IS NULL AND runs.state <> 'queued' ORDER BY runs.id",
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

/// The attempts of the runs around this one. Run ids grow with time, so only the runs of ten
/// minutes before and after are walked through.
const AROUND: &str = "WITH this AS (SELECT * FROM runs WHERE id = ?1),
    first AS (SELECT coalesce(max(id), 0) AS id FROM (SELECT runs.id FROM runs, this
        WHERE runs.id < ?1 AND runs.created_at < this.created_at - 600000000 ORDER BY runs.id DESC LIMIT 1)),
    last AS (SELECT coalesce(min(id), 9223372036854775807) AS id FROM (SELECT runs.id FROM runs, this
        WHERE runs.id > ?1 AND runs.created_at > this.created_at + 600000000 ORDER BY runs.id LIMIT 1)),
    around AS (SELECT attempts.carrier_call_id, attempts.outcome, other.end_code,
            other.destination IS this.destination AND (other.caller_id IS this.caller_id
                OR other.caller_id IS NULL OR this.caller_id IS NULL) AS is_alike
        FROM runs AS other, this, attempts
        WHERE other.id > (SELECT id FROM first) AND other.id < (SELECT id FROM last) AND other.id <> ?1
            AND other.provider = this.provider AND attempts.run_id = other.id)";

/// Whether a carrier's call may be another run's than this. Two configurations may lead to one
/// account, so the numbers tell which calls are alike and not the configuration.
pub fn is_others_call(connection: &Connection, run: RunId, carrier_call_id: &str) -> Outcome<bool> {
    let sql = format!(
        "{AROUND} SELECT EXISTS (SELECT 1 FROM around WHERE carrier_call_id = ?2
            OR carrier_call_id IS NULL AND outcome IN ('pending', 'unknown') AND is_alike
                AND end_code IS NOT 'never-placed')"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    Ok(statement.query_row(params![run.0, carrier_call_id], |row| row.get(0))?)
}

/// The carrier's ids of the calls of other runs around this one.
pub fn others_calls(connection: &Connection, run: RunId) -> Outcome<Vec<String>> {
    let sql =
        format!("{AROUND} SELECT carrier_call_id FROM around WHERE carrier_call_id IS NOT NULL");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([run.0], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// A run's timeline, oldest first. That it was queued and then dialled follows from its row and its
/// attempt; only what came afterwards was written.
pub fn timeline(connection: &Connection, run: RunId) -> Outcome<Vec<TimelineEntry>> {
    let begun = "SELECT created_at, EXISTS (SELECT 1 FROM attempts WHERE run_id = ?1) FROM runs WHERE id = ?1";
    let mut statement = connection.prepare_cached(begun)?;
    let begun = statement.query_row([run.0], |row| Ok((time(row, 0)?, row.get(1)?)));
    let Some((at, is_dialled)): Option<(Timestamp, bool)> = begun.optional()? else {
        return Ok(Vec::new());
    };
    let entry = |state| TimelineEntry {
        at,
        state,
        source: Source::Switchhook,
        note: None,
    };
    let mut entries = vec![entry(RunState::Queued)];
    entries.extend(is_dialled.then(|| entry(RunState::Dialing)));
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
    for row in rows {
        entries.push(row?);
    }
    Ok(entries)
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
