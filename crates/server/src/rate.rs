//! How many requests a second an API key may send to the trigger routes. Asked once the key is known
//! to be good, so a guess costs nothing that lasts, and in memory only: a restart forgives. The
//! setting comes with each question, so a change holds from the next request on. The person at the
//! window is not asked for here, and calls at a time are the engine's to limit.

use crate::problem::Problem;
use axum::http::StatusCode;
use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};
use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use switchhook_core::ErrorCode;
use switchhook_core::ids::{ApiKeyId, WorkspaceId};

/// So many keys are remembered before the first look for those that have been quiet.
const FEW: usize = 64;

type Keys<C> = RateLimiter<
    ApiKeyId,
    DefaultKeyedStateStore<ApiKeyId>,
    C,
    NoOpMiddleware<<C as Clock>::Instant>,
>;

/// The keys of one workspace under one setting.
struct Limiter<C: Clock> {
    per_second: NonZeroU32,
    keys: Keys<C>,
    /// So many keys are remembered before the next look for quiet ones.
    full: usize,
}

impl<C: Clock> Limiter<C> {
    fn new(per_second: NonZeroU32, clock: C) -> Self {
        let store = DefaultKeyedStateStore::default();
        Self {
            per_second,
            keys: RateLimiter::new(Quota::per_second(per_second), store, clock),
            full: FEW,
        }
    }

    /// Forgets keys that have been quiet so long that they are as good as new.
    fn evict(&mut self) {
        if self.keys.len() >= self.full {
            self.keys.retain_recent();
            self.keys.shrink_to_fit();
            self.full = FEW.max(2 * self.keys.len());
        }
    }
}

/// See the module.
#[derive(Default)]
pub struct Rate<C: Clock = DefaultClock> {
    clock: C,
    limiters: Mutex<HashMap<WorkspaceId, Limiter<C>>>,
}

impl<C: Clock + Clone> Rate<C> {
    /// Counts a request of a key. `per_second` is its workspace's setting; as many may come at
    /// once, `None` does not limit.
    ///
    /// # Errors
    /// 429 with the seconds until the key may try again.
    pub fn check(
        &self,
        workspace: WorkspaceId,
        key: ApiKeyId,
        per_second: Option<u32>,
    ) -> Result<(), Problem> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(per_second) = per_second.and_then(NonZeroU32::new) else {
            limiters.remove(&workspace);
            return Ok(());
        };
        let fresh = || Limiter::new(per_second, self.clock.clone());
        let limiter = limiters.entry(workspace).or_insert_with(fresh);
        if limiter.per_second != per_second {
            *limiter = fresh();
        }
        limiter.evict();
        limiter
            .keys
            .check_key(&key)
            .map_err(|until| refused(until.wait_time_from(self.clock.now())))
    }
}

fn refused(wait: Duration) -> Problem {
    let seconds = u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
    let detail = "Too many requests for this API key";
    Problem::new(
        StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::LimitReached,
        detail,
    )
    .retry_after(seconds.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use governor::clock::FakeRelativeClock;

    const HOME: WorkspaceId = WorkspaceId(1);

    fn rate() -> Rate<FakeRelativeClock> {
        Rate::default()
    }

    fn passes(rate: &Rate<FakeRelativeClock>, key: i64, per_second: Option<u32>) -> bool {
        rate.check(HOME, ApiKeyId(key), per_second).is_ok()
    }

    #[test]
    fn as_many_as_the_setting_pass_and_the_next_one_waits_its_part_of_a_second() {
        let rate = rate();
        assert!((0..4).all(|_| passes(&rate, 1, Some(4))));
        assert!(!passes(&rate, 1, Some(4)));
        rate.clock.advance(Duration::from_millis(249));
        assert!(!passes(&rate, 1, Some(4)));
        rate.clock.advance(Duration::from_millis(1));
        assert!(passes(&rate, 1, Some(4)));
        assert!(!passes(&rate, 1, Some(4)));
    }

    #[test]
    fn a_refusal_says_when_to_try_again_in_whole_seconds() {
        let rate = rate();
        assert!(passes(&rate, 1, Some(50)));
        let problem = (0..50).find_map(|_| rate.check(HOME, ApiKeyId(1), Some(50)).err());
        let problem = problem.expect("refused");
        assert_eq!(
            (problem.status.as_u16(), problem.retry_after),
            (429, Some(1))
        );
        assert_eq!(problem.detail, "Too many requests for this API key");
    }

    #[test]
    fn keys_and_workspaces_do_not_share() {
        let rate = rate();
        assert!(passes(&rate, 1, Some(1)));
        assert!(!passes(&rate, 1, Some(1)));
        assert!(passes(&rate, 2, Some(1)));
        assert!(rate.check(WorkspaceId(2), ApiKeyId(3), Some(2)).is_ok());
        assert!(
            !passes(&rate, 1, Some(1)),
            "the other workspace's setting is its own"
        );
    }

    #[test]
    fn a_changed_setting_holds_from_the_next_request_on() {
        let rate = rate();
        assert!(passes(&rate, 1, Some(1)));
        assert!(!passes(&rate, 1, Some(1)));
        assert!(passes(&rate, 1, Some(2)));
        assert!(passes(&rate, 1, None));
        assert!(passes(&rate, 1, Some(1)));
        assert!(!passes(&rate, 1, Some(1)));
    }

    #[test]
    fn quiet_keys_are_forgotten_and_busy_ones_are_not() {
        let rate = rate();
        for key in 0..1000 {
            assert!(passes(&rate, key, Some(1)));
            rate.clock.advance(Duration::from_millis(100));
        }
        assert!(!passes(&rate, 999, Some(1)));
        let limiters = rate.limiters.lock().expect("nobody panicked");
        assert!(limiters[&HOME].keys.len() <= FEW);
    }

    #[test]
    fn without_a_setting_nothing_is_kept() {
        let rate = rate();
        assert!(passes(&rate, 1, Some(1)));
        assert!(passes(&rate, 1, None));
        assert!(rate.limiters.lock().expect("nobody panicked").is_empty());
    }
}
