//! How long each state of a run may last and how often a carrier is asked meanwhile. Numbers only;
//! what happens when they run out is the run's task's.

use serde_json::Value;
use std::time::Duration;
use switchhook_core::run::RunState;
use switchhook_core::telephony::{Polling, ProviderFacts};
use tokio::time::Instant;

/// Longest ringing that is believed.
const RINGING: Duration = Duration::from_secs(60);
/// How long the carrier is asked about a dial whose outcome is unknown (INTERFACES: 10 min).
const INDETERMINATE: Duration = Duration::from_mins(10);
/// First and longest pause between two questions.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// Pause between two questions about a call that goes well: what a person at the window waits.
const FOLLOW: Duration = Duration::from_secs(2);
/// Far enough away to mean never, near enough not to overflow.
const NEVER: Duration = Duration::from_secs(365 * 24 * 3600);

/// The deadlines of one call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    dialing: Duration,
    /// What `dialing` is where the configuration says nothing else.
    dialing_by_itself: Duration,
    ringing: Duration,
    max_call: Duration,
    indeterminate: Duration,
    can_look_up: bool,
    /// Nobody calls back, so the carrier is asked all along.
    follows: bool,
}

/// A whole number of seconds among a configuration's settings.
fn seconds(settings: &Value, name: &str, most: u64) -> Option<Duration> {
    let seconds = settings.get(name)?.as_u64()?;
    Some(Duration::from_secs(seconds.clamp(1, most)))
}

impl Patience {
    /// Deadlines of a call: the configuration's `dialing_timeout_seconds` (1 to 120) and
    /// `ringing_timeout_seconds` (1 to 300), else the carrier's own and 60 s; the agent's own longest call.
    pub fn new(
        facts: &ProviderFacts,
        settings: &Value,
        max_call: Duration,
        called_back: bool,
    ) -> Self {
        let patience = Self {
            dialing: Duration::from_secs(facts.dialing_seconds),
            dialing_by_itself: Duration::from_secs(facts.dialing_seconds),
            ringing: RINGING,
            max_call,
            indeterminate: INDETERMINATE,
            can_look_up: facts.can_look_up,
            follows: facts.can_look_up && facts.polling != Polling::None && !called_back,
        };
        patience.with(settings)
    }

    /// The same call through a configuration with these settings.
    pub fn with(&self, settings: &Value) -> Self {
        let own = |name, most, else_| seconds(settings, name, most).unwrap_or(else_);
        Self {
            dialing: own("dialing_timeout_seconds", 120, self.dialing_by_itself),
            ringing: own("ringing_timeout_seconds", 300, RINGING),
            ..*self
        }
    }

    /// How long the state may last.
    pub fn deadline(&self, state: RunState) -> Duration {
        match state {
            RunState::Ringing => self.ringing,
            RunState::InProgress => self.max_call,
            RunState::Indeterminate => self.indeterminate,
            _ => self.dialing,
        }
    }

    /// When the carrier is asked in the state.
    pub fn pace(&self, state: RunState) -> Pace {
        if state == RunState::Indeterminate && self.can_look_up {
            return Pace::growing();
        }
        let pause = self.follows.then_some((FOLLOW, 1));
        Pace {
            pause,
            at: Instant::now() + pause.map_or(NEVER, |(pause, _)| pause),
            is_in_line: false,
        }
    }
}

/// The times of the questions.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The pause and what it grows by.
    pause: Option<(Duration, u32)>,
    at: Instant,
    /// Whether `at` is a turn that was taken.
    is_in_line: bool,
}

/// Growing pauses between two tries, without end.
pub(super) fn pauses() -> impl Iterator<Item = Duration> {
    std::iter::successors(Some(PAUSES.0), |pause| Some((*pause * 2).min(PAUSES.1)))
}

impl Pace {
    /// Questions with growing pauses.
    pub fn growing() -> Self {
        Self {
            pause: Some((PAUSES.0, 2)),
            at: Instant::now() + PAUSES.0,
            is_in_line: false,
        }
    }

    /// When to ask next.
    pub fn next(&self) -> Instant {
        self.at
    }

    /// Whether the question may be put now; where its turn comes later it is put off until then.
    pub fn has_turn(&mut self, now: Instant, take: impl FnOnce() -> Instant) -> bool {
        if !self.is_in_line {
            (self.at, self.is_in_line) = (take(), true);
        }
        self.at <= now
    }

    /// The question was put; the next one comes after a pause.
    pub fn looked(&mut self) {
        self.is_in_line = false;
        if let Some((pause, growth)) = &mut self.pause {
            *pause = (*pause * *growth).min(PAUSES.1);
            self.at = Instant::now() + *pause;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn facts(can_look_up: bool, polling: Polling) -> ProviderFacts {
        ProviderFacts {
            can_look_up,
            polling,
            ..ProviderFacts::unserved("p", "P")
        }
    }

    fn patience(settings: &Value, called_back: bool) -> Patience {
        Patience::new(
            &facts(true, Polling::Full),
            settings,
            Duration::from_secs(300),
            called_back,
        )
    }

    #[test]
    fn a_configuration_sets_its_own_deadlines_within_bounds() {
        let own = patience(
            &json!({"dialing_timeout_seconds": 5, "ringing_timeout_seconds": 9999}),
            true,
        );
        assert_eq!(own.deadline(RunState::Dialing), Duration::from_secs(5));
        assert_eq!(own.deadline(RunState::Ringing), Duration::from_secs(300));
        assert_eq!(
            patience(&json!({}), true).deadline(RunState::Ringing),
            RINGING
        );
    }

    #[test]
    fn an_unknown_outcome_is_asked_about_with_growing_pauses() {
        let mut pace = patience(&json!({}), true).pace(RunState::Indeterminate);
        let mut pauses = Vec::new();
        for _ in 0..7 {
            pace.looked();
            pauses.push(pace.pause.expect("asks").0.as_secs());
        }
        assert_eq!(pauses, [2, 4, 8, 16, 30, 30, 30]);
    }

    #[test]
    fn a_question_waits_for_its_turn_once() {
        let mut pace = patience(&json!({}), false).pace(RunState::Ringing);
        let now = Instant::now();
        let turn = now + Duration::from_secs(1);
        assert!(!pace.has_turn(now, || turn));
        assert_eq!(pace.next(), turn);
        assert!(pace.has_turn(turn, || unreachable!("the turn was taken")));
        pace.looked();
        assert!(!pace.has_turn(turn, || turn + FOLLOW), "each has its own");
    }

    #[test]
    fn a_carrier_that_calls_back_is_not_asked_while_all_is_well() {
        assert!(
            patience(&json!({}), true)
                .pace(RunState::Ringing)
                .pause
                .is_none()
        );
        assert!(
            patience(&json!({}), false)
                .pace(RunState::Ringing)
                .pause
                .is_some()
        );
    }
}
