//! What a trigger request is judged by, kept in memory while nothing of it changes. A kept snapshot
//! only ever lets a run begin, and the beginning's transaction checks that no other kind of write
//! came in between, of this process or of another; whatever would be refused is read anew.

use crate::Database;
use crate::problem::Outcome;
use crate::{api_keys, idempotency, telephony, triggers, workspaces};
use jiff::Timestamp;
use rusqlite::Connection;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use switchhook_core::api_key::{Asker, Caller};
use switchhook_core::ports::{Earlier, IdempotencyClaim, Judgement, Stored, TriggerSnapshot};
use switchhook_core::trigger::Target;

/// Most snapshots kept; a program that fires more triggers than this in turn reads them again.
const MAX_KEPT: usize = 256;

/// A snapshot and the count of changes at which it was read.
type Read = (u64, Arc<TriggerSnapshot>);

/// The snapshots in memory.
#[derive(Default)]
pub struct Kept(Mutex<HashMap<(Asker, Target), Read>>);

impl Kept {
    fn get(&self, asker: Asker, target: &Target, changes: u64) -> Option<Arc<TriggerSnapshot>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, snapshot) = kept.get(&(asker, target.clone()))?;
        (*read_at == changes).then(|| Arc::clone(snapshot))
    }

    fn keep(&self, asker: Asker, target: Target, changes: u64, snapshot: Arc<TriggerSnapshot>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert((asker, target), (changes, snapshot));
    }
}

pub async fn judge(
    database: &Database,
    asker: Asker,
    target: &Target,
    claim: Option<&IdempotencyClaim>,
    at: Timestamp,
    may_be_kept: bool,
) -> Stored<Option<Judgement>> {
    // Counted before it is read: a change in between makes it out of date at once.
    let changes = database.writer.changes().count();
    if may_be_kept
        && claim.is_none()
        && let Some(by) = database.kept.get(asker, target, changes)
        && by.caller.is_active(at)
    {
        return Ok(Some(Judgement {
            by,
            earlier: None,
            kept: Some(changes),
        }));
    }
    let (name, claim) = (target.clone(), claim.cloned());
    let read = database
        .readers
        .read(move |connection| snapshot(connection, asker, &name, claim.as_ref(), at))
        .await?;
    Ok(read.map(|(snapshot, earlier)| {
        let by = Arc::new(snapshot);
        database
            .kept
            .keep(asker, target.clone(), changes, Arc::clone(&by));
        Judgement {
            by,
            earlier,
            kept: None,
        }
    }))
}

fn snapshot(
    connection: &Connection,
    asker: Asker,
    target: &Target,
    claim: Option<&IdempotencyClaim>,
    at: Timestamp,
) -> Outcome<Option<(TriggerSnapshot, Option<Earlier>)>> {
    let caller = match asker {
        Asker::Person(workspace) => Caller::Person(workspace),
        Asker::Key(hash) => match api_keys::by_hash(connection, hash)? {
            Some(key) if key.is_active(at) => Caller::Key(key),
            _ => return Ok(None),
        },
    };
    let earlier = claim
        .map(|claim| idempotency::earlier(connection, caller.api_key_id(), claim, at))
        .transpose()?;
    let workspace = caller.workspace_id();
    let snapshot = TriggerSnapshot {
        caller,
        candidate: triggers::candidate(connection, target)?,
        configurations: telephony::all(connection, workspace)?,
        settings: workspaces::settings(connection, workspace)?,
    };
    Ok(Some((snapshot, earlier.flatten())))
}
