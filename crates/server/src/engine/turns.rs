//! Whose turn it is to be asked about. Calls of one account are asked about one after the other, at
//! a pace that carriers put up with: a thousand calls at once are followed more slowly instead of
//! being refused by the carrier all together. A deadline that has passed waits for no turn.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use switchhook_core::ids::TelephonyConfigurationId;
use tokio::time::Instant;

/// Between two questions about calls of one account.
const BETWEEN: Duration = Duration::from_millis(20);

/// When the next question to each account may be put.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<TelephonyConfigurationId, Instant>>);

impl Turns {
    /// The next free turn of an account, which is now where nobody else waits. It is taken.
    pub fn take(&self, account: TelephonyConfigurationId, now: Instant) -> Instant {
        let mut turns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let free = turns.entry(account).or_insert(now);
        let turn = now.max(*free);
        *free = turn + BETWEEN;
        turn
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_one_account_are_asked_about_one_after_the_other() {
        let (turns, now) = (Turns::default(), Instant::now());
        let account = TelephonyConfigurationId(1);
        let taken: Vec<_> = (0..3).map(|_| turns.take(account, now) - now).collect();
        assert_eq!(taken, [Duration::ZERO, BETWEEN, BETWEEN * 2]);
        let other = turns.take(TelephonyConfigurationId(2), now);
        assert_eq!(other, now, "another account has turns of its own");
        let later = now + Duration::from_secs(1);
        assert_eq!(turns.take(account, later), later, "turns are not saved up");
    }
}
