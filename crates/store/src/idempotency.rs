//! Idempotency keys: the row is written with the run, so that of two equal requests only one can
//! begin a run; the reply is added when it is known. A row counts for 24 h.

use crate::problem::Outcome;
use crate::rows::micros;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};
use switchhook_core::ids::{ApiKeyId, RunId};
use switchhook_core::ports::{Earlier, IdempotencyClaim, StoredReply};

const KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The person at the window has no key; no key has the id 0.
fn owner(api_key: Option<ApiKeyId>) -> i64 {
    api_key.map_or(0, |id| id.0)
}

/// The earlier request with this key, if any within 24 h before `at`.
pub fn earlier(
    connection: &Connection,
    api_key: Option<ApiKeyId>,
    claim: &IdempotencyClaim,
    at: Timestamp,
) -> Outcome<Option<Earlier>> {
    let sql = "SELECT body_hash, run_id, reply_status, reply_body FROM idempotency
        WHERE api_key_id = ?1 AND route = ?2 AND key = ?3 AND created_at > ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let oldest = micros(at - KEPT);
    let found = statement.query_row(
        params![owner(api_key), claim.route, claim.key, oldest],
        |row| {
            let reply = match (row.get(2)?, row.get(3)?) {
                (Some(status), Some(body)) => Some(StoredReply { status, body }),
                _ => None,
            };
            Ok(Earlier {
                same_body: row.get::<_, [u8; 32]>(0)? == claim.body_hash,
                run_id: RunId(row.get(1)?),
                reply,
            })
        },
    );
    Ok(found.optional()?)
}

/// Claims a key for a run; the caller has seen that no row counts any more.
pub fn claim(
    connection: &Connection,
    api_key: Option<ApiKeyId>,
    claim: &IdempotencyClaim,
    run: RunId,
    at: Timestamp,
) -> Outcome<()> {
    purge(connection, at)?;
    let sql = "INSERT INTO idempotency (api_key_id, route, key, body_hash, run_id, created_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    connection.prepare_cached(sql)?.execute(params![
        owner(api_key),
        claim.route,
        claim.key,
        claim.body_hash,
        run.0,
        micros(at)
    ])?;
    Ok(())
}

/// Keeps the reply of a run, if it was fired with a key.
pub fn keep_reply(connection: &Connection, run: RunId, reply: &StoredReply) -> Outcome<()> {
    let sql = "UPDATE idempotency SET reply_status = ?2, reply_body = ?3 WHERE run_id = ?1";
    connection
        .prepare_cached(sql)?
        .execute(params![run.0, reply.status, reply.body])?;
    Ok(())
}

/// Takes over the keys that the replaced database knows (attached as `replaced`), of callers that are
/// known here too.
pub fn take_over(connection: &Connection) -> Outcome<bool> {
    let sql = "INSERT OR REPLACE INTO main.idempotency
            (api_key_id, route, key, body_hash, run_id, created_at, reply_status, reply_body)
        SELECT api_key_id, route, key, body_hash, run_id, created_at, reply_status, reply_body
        FROM replaced.idempotency AS theirs
        WHERE api_key_id = 0 OR EXISTS (SELECT 1 FROM main.api_keys WHERE id = theirs.api_key_id)";
    connection.execute(sql, [])?;
    Ok(true)
}

/// Removes rows that do not count any more.
pub fn purge(connection: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    let sql = "DELETE FROM idempotency WHERE created_at <= ?1";
    connection
        .prepare_cached(sql)?
        .execute([micros(now - KEPT)])?;
    Ok(())
}
