//! A database that has been in use for months: many agents, a history of runs with contexts, calls
//! and transcripts, indexed as in a running server. For measurements only, so it is left out of the
//! programs. Everything follows from a count: the same crowd is made every time.

use crate::database::{Database, FILE_NAME, OpenError, connect};
use crate::problem::{Outcome, Problem};
use crate::rows::{json_text, micros};
use crate::runs::{self, Ended};
use crate::{agents, sample};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use serde_json::{Map, Value, json};
use std::path::Path;
use switchhook_core::agent::VersionStatus;
use switchhook_core::ids::{AgentId, RunId, WorkspaceId};
use switchhook_core::ports::{NewAgent, StoreError};
use switchhook_core::run::{EndCode, end_words};
use uuid::Uuid;

const WORKSPACE: WorkspaceId = WorkspaceId(1);
/// Runs of one transaction.
const AT_ONCE: u64 = 10_000;
/// How far back the history goes.
const DAYS: i64 = 90;
/// How the calls of a history end, in hundredths.
const ENDS: [(u64, EndCode); 7] = [
    (40, EndCode::CalleeHungUp),
    (70, EndCode::AgentEnded),
    (80, EndCode::NoAnswer),
    (90, EndCode::Busy),
    (95, EndCode::CarrierRefused),
    (98, EndCode::Declined),
    (100, EndCode::DurationReached),
];
/// What words are made of: a vocabulary that speaks no language and names nobody.
const SYLLABLES: [&str; 16] = [
    "ba", "do", "fe", "ga", "hi", "jo", "ka", "lu", "mi", "no", "pa", "re", "su", "ti", "vo", "ze",
];

/// Numbers that follow from one another.
struct Dice(u64);

impl Dice {
    /// Steele, Lea and Flood's SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// One of `count`, the first ones more often, as some words and agents are.
    fn skewed(&mut self, count: u64) -> u64 {
        let even = self.below(1 << 20) as f64 / f64::from(1 << 20);
        (even * even * count as f64) as u64
    }

    fn word(&mut self, letters: u32, words: u64) -> String {
        let mut number = self.skewed(words);
        let mut word = String::new();
        for _ in 0..letters {
            word.push_str(SYLLABLES[(number % 16) as usize]);
            number /= 16;
        }
        word
    }

    fn sentence(&mut self) -> String {
        let words = 5 + self.below(10);
        let words: Vec<_> = (0..words).map(|_| self.word(3, 4000)).collect();
        words.join(" ")
    }
}

/// Fills a data folder that has no runs yet. `told` hears now and then how many runs there are.
///
/// # Errors
/// When the folder cannot be used or written.
pub fn fill(
    dir: &Path,
    agents: u32,
    runs: u64,
    now: Timestamp,
    told: &mut dyn FnMut(u64),
) -> Result<(), OpenError> {
    drop(Database::open(dir)?);
    let mut filled = || -> Outcome<()> {
        let mut connection = connect(&dir.join(FILE_NAME))?;
        // Nothing is lost that could not be made again.
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.pragma_update(None, "foreign_keys", false)?;
        let transaction = connection.transaction()?;
        let versions = add_agents(&transaction, agents, now)?;
        transaction.commit()?;
        let mut history = History {
            dice: Dice(1),
            versions,
            now,
            of: runs,
        };
        let mut made = 0;
        while made < runs {
            let transaction = connection.transaction()?;
            let upto = runs.min(made + AT_ONCE);
            for number in made..upto {
                history.add_run(&transaction, number)?;
            }
            runs::mark_indexed(&transaction)?;
            transaction.commit()?;
            made = upto;
            told(made);
        }
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        Ok(())
    };
    filled().map_err(|problem: Problem| OpenError::Store(StoreError::from(problem)))
}

/// Agents and the versions of them that are published.
fn add_agents(
    connection: &Connection,
    agents: u32,
    now: Timestamp,
) -> Outcome<Vec<(AgentId, i64)>> {
    let mut versions = Vec::new();
    for number in 0..agents {
        let path = Uuid::from_u64_pair(0x4000, 0x8000_0000_0000_0000 | u64::from(number));
        let agent = NewAgent {
            workspace_id: WORKSPACE,
            uuid: Uuid::new_v4(),
            name: format!("Agent {number}"),
            definition: sample::definition(VersionStatus::Published, path),
            configurations: Map::new(),
            template_context_variables: None,
            at: now - SignedDuration::from_hours(24 * DAYS),
        };
        let id = agents::create(connection, agent)?;
        let sql = "SELECT id FROM versions WHERE agent_id = ?1 AND status = 'published'";
        let version = connection
            .prepare_cached(sql)?
            .query_row([id.0], |row| row.get(0))?;
        versions.push((id, version));
    }
    Ok(versions)
}

struct History {
    dice: Dice,
    versions: Vec<(AgentId, i64)>,
    now: Timestamp,
    of: u64,
}

impl History {
    fn add_run(&mut self, connection: &Connection, number: u64) -> Outcome<()> {
        let dice = &mut self.dice;
        let (agent, version) = self.versions[dice.skewed(self.versions.len() as u64) as usize];
        let share = number as f64 / self.of as f64;
        let ago = (DAYS * 24 * 3600) as f64 * (1.0 - share) + 600.0;
        let at = self.now - SignedDuration::from_secs(ago as i64);
        let picked = dice.below(100);
        let end = ENDS.iter().find(|(upto, _)| picked < *upto);
        let words = end_words(end.expect("the last row is 100").1);
        let is_answered = words.state.as_str() == "completed";
        let answered_at = is_answered.then(|| at + SignedDuration::from_secs(8));
        let took = SignedDuration::from_millis(dice.below(180_000) as i64);
        let ended_at = at + SignedDuration::from_secs(8) + took;
        let called = format!("+1415{:07}", dice.below(10_000_000));
        let caller = format!("+155501{:05}", dice.below(5));
        let name = format!("{} {}", dice.word(2, 256), dice.word(3, 4096));
        let initial = json!({
            "provider": "desk_phone", "direction": "outbound", "phone_number": called,
            "trigger_mode": "production", "telephony_configuration_id": 1,
            "agent_identifier_type": "trigger_path", "customer_name": name,
            "order": {"id": number, "item": dice.word(3, 4096)}, "called_number": called, "caller_number": caller,
        });
        let gathered = json!({
            "provider": "desk_phone", "triggered_by": "api", "call_id": format!("call-{number}"),
            "nodes_visited": ["Greeting", "Appointment"], "call_disposition": words.disposition,
            "mapped_call_disposition": words.disposition,
        });
        let sql = "INSERT INTO runs (workspace_id, agent_id, version_id, version_status, mode, draft_missing,
                destination, caller_id, configuration_id, provider, max_call_seconds, state, created_at,
                answered_at, ended_at, end_code, gathered_context, initial_context)
            VALUES (1, ?1, ?2, 'published', 'production', 0, ?3, ?4, 1, 'desk_phone', 300, ?5, ?6, ?7, ?8, ?9,
                ?10, ?11)";
        connection.prepare_cached(sql)?.execute(params![
            agent.0,
            version,
            called,
            caller,
            words.state.as_str(),
            micros(at),
            answered_at.map(micros),
            micros(ended_at),
            words.code.as_str(),
            json_text(&gathered),
            json_text(&initial),
        ])?;
        let run = RunId(connection.last_insert_rowid());
        let sql = "INSERT INTO attempts (run_id, id, carrier_call_id, outcome, created_at)
            VALUES (?1, ?2, ?3, 'accepted', ?4)";
        let attempt = Uuid::from_u64_pair(dice.next(), dice.next()).to_string();
        let call = format!("call-{number}");
        connection
            .prepare_cached(sql)?
            .execute(params![run.0, attempt, call, micros(at)])?;
        let said: Vec<String> = if is_answered {
            let lines = 4 + dice.below(5);
            (0..lines).map(|_| dice.sentence()).collect()
        } else {
            Vec::new()
        };
        write_course(connection, run, at, ended_at, words.state.as_str(), &said)?;
        runs::add_ended(connection, run, Some(words.disposition))?;
        let object = |value: Value| value.as_object().cloned().unwrap_or_default();
        let contexts: [&Map<String, Value>; 2] = [&object(initial), &object(gathered)];
        runs::add_words(
            connection,
            &Ended {
                run,
                workspace: WORKSPACE,
                agent,
                numbers: vec![&called, &caller],
                texts: said.iter().map(String::as_str).collect(),
                contexts,
            },
        )
    }
}

/// The timeline and the transcript.
fn write_course(
    connection: &Connection,
    run: RunId,
    at: Timestamp,
    ended_at: Timestamp,
    end: &str,
    said: &[String],
) -> Outcome<()> {
    let sql =
        "INSERT INTO timeline (run_id, seq, at, state, source) VALUES (?1, ?2, ?3, ?4, 'carrier')";
    let mut statement = connection.prepare_cached(sql)?;
    let moves = [("ringing", at), (end, ended_at)];
    for (seq, (state, at)) in (1..).zip(moves) {
        statement.execute(params![run.0, seq, micros(at), state])?;
    }
    let sql = "INSERT INTO transcripts (run_id, seq, at, speaker, node_id, kind, text)
        VALUES (?1, ?2, ?3, ?4, 'greeting', 'speech', ?5)";
    let mut statement = connection.prepare_cached(sql)?;
    for (seq, text) in (1..).zip(said) {
        let speaker = if seq % 2 == 1 { "agent" } else { "callee" };
        statement.execute(params![run.0, seq, micros(at), speaker, text])?;
    }
    Ok(())
}
