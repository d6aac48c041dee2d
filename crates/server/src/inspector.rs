//! What came in lately: trigger requests of those who could be named, callbacks that were turned
//! away, and the number of hits by nobody. In memory and not in a table, because a row would cost
//! every trigger request a write that no phone rings for; a restart forgets. What is noted is said
//! by whoever answers a request, after the answer is made, and noting is a push under a lock that is
//! held for nothing else. No key, no header and no query ever comes in here; bodies only where the
//! workspace wants them.

use jiff::Timestamp;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use switchhook_core::ids::{ApiKeyId, RunId, WorkspaceId};
use switchhook_core::trigger::Mode;

/// Most trigger requests of a workspace that are kept.
pub const MAX_REQUESTS: usize = 500;
/// Most refused callbacks of a workspace. A bound of their own: whoever sends those needs no key.
const MAX_CALLBACKS: usize = 100;
/// Largest body that is kept, in bytes.
const MAX_BODY: usize = 16 * 1024;
/// Longest path that is kept, in bytes; those of the routes are far shorter.
const MAX_ROUTE: usize = 256;

/// What kind of request it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Trigger(Mode),
    /// A carrier's, or what posed as one.
    Callback,
}

/// What is known of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Off,
    TooLarge,
    Kept(Arc<str>),
}

impl Body {
    /// Keeps a body, if it is wanted and small enough.
    #[must_use]
    pub fn of(bytes: &[u8], wanted: bool) -> Self {
        match (wanted, bytes.len() <= MAX_BODY) {
            (false, _) => Self::Off,
            (true, false) => Self::TooLarge,
            (true, true) => Self::Kept(String::from_utf8_lossy(bytes).into()),
        }
    }
}

/// A request with what became of it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Given by [`Inspector::note`]; newer ones are larger.
    pub id: i64,
    pub at: Timestamp,
    pub kind: Kind,
    pub method: &'static str,
    pub route: String,
    pub status: u16,
    pub code: Option<String>,
    /// Why it was refused, in words.
    pub message: Option<String>,
    pub run_id: Option<RunId>,
    /// Whether the reply was an earlier request's.
    pub is_repeat: bool,
    pub took: Duration,
    /// The key's id and name; `None` for a person and for a carrier.
    pub api_key: Option<(ApiKeyId, String)>,
    pub body: Body,
    /// In bytes.
    pub body_size: usize,
}

/// Hits by nobody who can be named.
#[derive(Clone, Copy, Debug, Default)]
pub struct Strangers {
    pub requests: u64,
    pub callbacks: u64,
    pub last_at: Option<Timestamp>,
}

#[derive(Default)]
struct Lists {
    requests: VecDeque<Seen>,
    callbacks: VecDeque<Seen>,
}

impl Lists {
    fn all(&self) -> impl Iterator<Item = &Seen> {
        self.requests.iter().chain(&self.callbacks)
    }
}

/// See the module.
pub struct Inspector {
    since: Timestamp,
    next: AtomicI64,
    lists: Mutex<HashMap<WorkspaceId, Lists>>,
    strangers: Mutex<Strangers>,
}

/// A panic while holding a lock in here cannot leave anything half changed.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inspector {
    /// Ids begin with the time, so that those of an earlier process name nothing of this one.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self {
            since: now,
            next: AtomicI64::new(now.as_millisecond()),
            lists: Mutex::default(),
            strangers: Mutex::default(),
        }
    }

    /// From when on requests are known.
    #[must_use]
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// Notes a request of a workspace; the oldest one makes room for it.
    pub fn note(&self, workspace: WorkspaceId, mut seen: Seen) {
        seen.id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut end = seen.route.len().min(MAX_ROUTE);
        while !seen.route.is_char_boundary(end) {
            end -= 1;
        }
        seen.route.truncate(end);
        // Cut or not, it would keep the room of what came in, which the sender chose.
        seen.route.shrink_to_fit();
        let mut lists = lock(&self.lists);
        let lists_of = lists.entry(workspace).or_default();
        let (list, most) = match seen.kind {
            Kind::Trigger(_) => (&mut lists_of.requests, MAX_REQUESTS),
            Kind::Callback => (&mut lists_of.callbacks, MAX_CALLBACKS),
        };
        let oldest = (list.len() >= most).then(|| list.pop_front());
        list.push_back(seen);
        drop(lists);
        drop(oldest);
    }

    /// Counts a hit by nobody.
    pub fn count_stranger(&self, is_callback: bool, at: Timestamp) {
        let mut strangers = lock(&self.strangers);
        if is_callback {
            strangers.callbacks += 1;
        } else {
            strangers.requests += 1;
        }
        strangers.last_at = Some(at);
    }

    /// Hits by nobody since the start.
    #[must_use]
    pub fn strangers(&self) -> Strangers {
        *lock(&self.strangers)
    }

    /// A workspace's requests, newest first: those before an id, up to `limit`.
    #[must_use]
    pub fn list(&self, workspace: WorkspaceId, before: Option<i64>, limit: usize) -> Vec<Seen> {
        let lists = lock(&self.lists);
        let all = lists.get(&workspace).into_iter().flat_map(Lists::all);
        let mut found: Vec<&Seen> = all
            .filter(|seen| before.is_none_or(|before| seen.id < before))
            .collect();
        found.sort_unstable_by_key(|seen| std::cmp::Reverse(seen.id));
        found.into_iter().take(limit).cloned().collect()
    }

    /// One of a workspace's requests.
    #[must_use]
    pub fn one(&self, workspace: WorkspaceId, id: i64) -> Option<Seen> {
        let lists = lock(&self.lists);
        let mut all = lists.get(&workspace)?.all();
        all.find(|seen| seen.id == id).cloned()
    }

    /// Forgets a workspace's requests.
    pub fn forget(&self, workspace: WorkspaceId) {
        let forgotten = lock(&self.lists).remove(&workspace);
        drop(forgotten);
    }

    /// Forgets the bodies of a workspace's requests.
    pub fn forget_bodies(&self, workspace: WorkspaceId) {
        self.forget_bodies_before(workspace, Timestamp::MAX);
    }

    /// Forgets the bodies of a workspace's requests that came before a moment.
    pub fn forget_bodies_before(&self, workspace: WorkspaceId, before: Timestamp) {
        if let Some(lists) = lock(&self.lists).get_mut(&workspace) {
            for seen in lists.requests.iter_mut().filter(|seen| seen.at < before) {
                seen.body = Body::Off;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOME: WorkspaceId = WorkspaceId(1);

    fn seen(kind: Kind) -> Seen {
        Seen {
            id: 0,
            at: Timestamp::UNIX_EPOCH,
            kind,
            method: "POST",
            route: "/api".to_owned(),
            status: 200,
            code: None,
            message: None,
            run_id: None,
            is_repeat: false,
            took: Duration::ZERO,
            api_key: None,
            body: Body::of(b"{}", true),
            body_size: 2,
        }
    }

    #[test]
    fn the_newest_are_kept_and_callbacks_push_no_request_out() {
        let inspector = Inspector::new(Timestamp::UNIX_EPOCH);
        for _ in 0..MAX_REQUESTS + 3 {
            inspector.note(HOME, seen(Kind::Trigger(Mode::Test)));
        }
        for _ in 0..MAX_CALLBACKS + 3 {
            inspector.note(HOME, seen(Kind::Callback));
        }
        let all = inspector.list(HOME, None, usize::MAX);
        assert!(all.is_sorted_by(|newer, older| newer.id > older.id));
        let callbacks = all.iter().filter(|seen| seen.kind == Kind::Callback);
        assert_eq!(callbacks.count(), MAX_CALLBACKS);
        assert_eq!(all.len(), MAX_REQUESTS + MAX_CALLBACKS);
        assert_eq!(all.last().map(|seen| seen.id), Some(3));
    }

    #[test]
    fn a_page_follows_the_one_before() {
        let inspector = Inspector::new(Timestamp::UNIX_EPOCH);
        for _ in 0..5 {
            inspector.note(HOME, seen(Kind::Trigger(Mode::Test)));
        }
        let ids = |before| {
            let page = inspector.list(HOME, before, 2);
            Vec::from_iter(page.iter().map(|seen| seen.id))
        };
        assert_eq!(ids(None), [4, 3]);
        assert_eq!(ids(Some(3)), [2, 1]);
        assert_eq!(ids(Some(1)), [0]);
        assert!(inspector.list(WorkspaceId(2), None, 2).is_empty());
    }

    #[test]
    fn a_body_is_kept_where_it_is_wanted_and_small() {
        assert_eq!(Body::of(b"{}", false), Body::Off);
        assert_eq!(Body::of(&[b'x'; MAX_BODY + 1], true), Body::TooLarge);
        assert_eq!(Body::of(b"{}", true), Body::Kept("{}".into()));
        let inspector = Inspector::new(Timestamp::UNIX_EPOCH);
        inspector.note(HOME, seen(Kind::Trigger(Mode::Test)));
        let kept = || inspector.list(HOME, None, 1)[0].body != Body::Off;
        inspector.forget_bodies_before(HOME, Timestamp::UNIX_EPOCH);
        assert!(kept());
        inspector.forget_bodies(HOME);
        assert!(!kept());
    }

    #[test]
    fn a_long_path_is_cut_between_letters() {
        let inspector = Inspector::new(Timestamp::UNIX_EPOCH);
        let mut long = seen(Kind::Trigger(Mode::Test));
        long.route = "é".repeat(MAX_ROUTE);
        long.route.insert(0, '/');
        inspector.note(HOME, long);
        let lists = lock(&inspector.lists);
        let kept = &lists[&HOME].requests[0].route;
        assert_eq!(
            (kept.len(), kept.capacity()),
            (MAX_ROUTE - 1, MAX_ROUTE - 1)
        );
    }
}
