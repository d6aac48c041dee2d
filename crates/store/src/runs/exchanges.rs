//! What was exchanged with carriers about runs, for people who look for the reason of something.
//! It comes redacted; here it is bounded: what only repeats the one before it is counted, and of
//! many the first ones stay and the newest one.

use super::workspace_of;
use crate::pen::Pen;
use crate::problem::Outcome;
use crate::rows::{json, json_text, micros, time, uuid, word};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::time::Duration;
use switchhook_core::ids::{AttemptId, RunId};
use switchhook_core::ports::{Exchange, ExchangeKind, KeptExchange};

/// Most rows of an attempt.
const MOST: i64 = 40;

/// The newest row of an attempt.
struct Newest {
    seq: i64,
    times: i64,
    left_out: i64,
    rows: i64,
    is_alike: bool,
}

fn newest(connection: &Connection, exchange: &Exchange) -> Outcome<Option<Newest>> {
    let sql = "SELECT seq, times, left_out, (SELECT count(*) FROM exchanges WHERE run_id = ?1 AND attempt_id = ?2),
            kind = ?3 AND target = ?4 AND status IS ?5 AND note IS ?6 AND request = ?7 AND reply = ?8
        FROM exchanges WHERE run_id = ?1 AND attempt_id = ?2 ORDER BY seq DESC LIMIT 1";
    let mut statement = connection.prepare_cached(sql)?;
    let values = params![
        exchange.run_id.0,
        exchange.attempt_id.to_string(),
        exchange.kind.as_str(),
        exchange.target,
        exchange.status,
        exchange.note,
        json_text(&exchange.request),
        json_text(&exchange.reply),
    ];
    let found = statement.query_row(values, |row| {
        Ok(Newest {
            seq: row.get(0)?,
            times: row.get(1)?,
            left_out: row.get(2)?,
            rows: row.get(3)?,
            is_alike: row.get(4)?,
        })
    });
    Ok(found.optional()?)
}

fn took_ms(took: Option<Duration>) -> Option<i64> {
    took.map(|took| i64::try_from(took.as_millis()).unwrap_or(i64::MAX))
}

/// Keeps one.
pub fn record(connection: &Pen<'_>, exchange: &Exchange) -> Outcome<()> {
    if workspace_of(connection, exchange.run_id)?.is_none() {
        return Ok(());
    }
    let (seq, left_out) = match newest(connection, exchange)? {
        Some(newest) if newest.is_alike => {
            let sql = "UPDATE exchanges SET times = times + 1, last_at = ?3, took_ms = ?4
                WHERE run_id = ?1 AND seq = ?2";
            let (at, took) = (micros(exchange.at), took_ms(exchange.took));
            let values = params![exchange.run_id.0, newest.seq, at, took];
            connection.prepare_cached(sql)?.execute(values)?;
            return Ok(());
        }
        Some(newest) if newest.rows >= MOST => (newest.seq, newest.left_out + newest.times),
        _ => {
            let sql = "SELECT coalesce(max(seq), 0) + 1 FROM exchanges WHERE run_id = ?1";
            let mut next = connection.prepare_cached(sql)?;
            (next.query_row([exchange.run_id.0], |row| row.get(0))?, 0)
        }
    };
    write(connection, exchange, seq, left_out)
}

/// Keeps what was exchanged to dial, once. A callback may have come before the answer.
pub fn record_dial(pen: &Pen<'_>, dial: &Exchange) -> Outcome<()> {
    let sql = "SELECT coalesce(max(seq), 0) + 1, coalesce(max(kind = 'dial'), 0)
        FROM exchanges WHERE run_id = ?1";
    let next = pen.row(sql, [dial.run_id.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    match next {
        Some((seq, false)) => write(pen, dial, seq, 0),
        _ => Ok(()),
    }
}

fn write(pen: &Pen<'_>, exchange: &Exchange, seq: i64, left_out: i64) -> Outcome<()> {
    let sql = "INSERT OR REPLACE INTO exchanges (run_id, seq, attempt_id, kind, at, last_at, times, left_out,
            took_ms, status, target, note, request, reply)
        VALUES (?1, ?2, ?3, ?4, ?5, ?5, 1, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let values = params![
        exchange.run_id.0,
        seq,
        exchange.attempt_id.to_string(),
        exchange.kind.as_str(),
        micros(exchange.at),
        left_out,
        took_ms(exchange.took),
        exchange.status,
        exchange.target,
        exchange.note,
        json_text(&exchange.request),
        json_text(&exchange.reply),
    ];
    pen.execute(sql, values)?;
    Ok(())
}

fn read(run_id: RunId, row: &Row<'_>) -> rusqlite::Result<KeptExchange> {
    let took: Option<i64> = row.get(6)?;
    Ok(KeptExchange {
        last_at: time(row, 3)?,
        times: row.get(4)?,
        left_out: row.get(5)?,
        exchange: Exchange {
            run_id,
            attempt_id: AttemptId(uuid(row, 0)?),
            kind: word(row, 1, ExchangeKind::parse)?,
            at: time(row, 2)?,
            took: took.map(|ms| Duration::from_millis(ms.unsigned_abs())),
            status: row.get(7)?,
            target: row.get(8)?,
            note: row.get(9)?,
            request: json(row, 10)?,
            reply: json(row, 11)?,
        },
    })
}

/// Those of a run.
pub fn of(connection: &Connection, run: RunId) -> Outcome<Vec<KeptExchange>> {
    let sql = "SELECT attempt_id, kind, at, last_at, times, left_out, took_ms, status, target, note, request, reply
        FROM exchanges WHERE run_id = ?1 ORDER BY at, seq";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([run.0], |row| read(run, row))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
