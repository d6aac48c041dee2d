//! The tokens of public downloads. A token is a UUID of version 8 that says which run and until
//! which day, signed with a key of this database: nothing is stored for a token, reading a run
//! writes nothing, and the same run has the same token all day. Which file a token opens is not in
//! it, as in the reference.

use jiff::{SignedDuration, Timestamp};
use ring::hmac;
use switchhook_core::ids::RunId;
use uuid::Uuid;

/// How long a token opens, from the day it was handed out on.
const DAYS: i64 = 7;
/// A UUID has room for twelve bits of days; which round they are of, the present tells.
const ROUND: i64 = 4096;
/// 62 bits of the signature fit.
const SIGNATURE: u64 = (1 << 62) - 1;

/// Makes tokens and reads them.
pub struct Downloads(hmac::Key);

fn day(at: Timestamp) -> i64 {
    at.duration_since(Timestamp::UNIX_EPOCH).as_hours() / 24
}

impl Downloads {
    /// With the database's key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, key))
    }

    fn sign(&self, run: u64, last_day: i64) -> u64 {
        let text = format!("download/{run}/{last_day}");
        let tag = hmac::sign(&self.0, text.as_bytes());
        let first = tag.as_ref()[..8].try_into().expect("a tag has 32 bytes");
        u64::from_be_bytes(first) & SIGNATURE
    }

    /// The token of a run, and the end of its time.
    #[must_use]
    pub fn token(&self, run: RunId, now: Timestamp) -> (Uuid, Timestamp) {
        let last_day = day(now) + DAYS;
        let run = run.0.unsigned_abs();
        let head = (run & 0xffff_ffff_ffff) << 16
            | 0x8000
            | u64::try_from(last_day.rem_euclid(ROUND)).unwrap_or_default();
        let tail = 0b10 << 62 | self.sign(run, last_day);
        let end = SignedDuration::from_hours(24 * (last_day + 1));
        let ends_at = Timestamp::UNIX_EPOCH.checked_add(end).unwrap_or(now);
        (Uuid::from_u64_pair(head, tail), ends_at)
    }

    /// The run that a token opens; `None` for one that is made up, of another database or too old.
    #[must_use]
    pub fn run(&self, token: &str, now: Timestamp) -> Option<RunId> {
        let (head, tail) = Uuid::try_parse(token).ok()?.as_u64_pair();
        let run = head >> 16;
        let today = day(now);
        let ahead = (i64::try_from(head & 0xfff).ok()? - today).rem_euclid(ROUND);
        let is_ours =
            head & 0xf000 == 0x8000 && tail == (0b10 << 62 | self.sign(run, today + ahead));
        (is_ours && ahead <= DAYS).then_some(RunId(i64::try_from(run).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * day + 3)
    }

    #[test]
    fn a_token_opens_its_run_for_a_week() {
        let downloads = Downloads::new(&[7; 32]);
        // The second is a day whose number has just begun a new round of twelve bits.
        for today in [20_777, 20_480] {
            let (token, ends_at) = downloads.token(RunId(1_234_567), at(today));
            assert_eq!(token.get_version_num(), 8);
            let token = token.to_string();
            for later in 0..=DAYS {
                let run = downloads.run(&token, at(today + later));
                assert_eq!(run, Some(RunId(1_234_567)), "{later}");
            }
            assert_eq!(downloads.run(&token, ends_at), None);
            assert_eq!(downloads.run(&token, at(today + DAYS + 1)), None);
            assert_eq!(downloads.run(&token, at(today + ROUND)), None);
        }
    }

    #[test]
    fn a_changed_token_opens_nothing() {
        let downloads = Downloads::new(&[7; 32]);
        let (token, _) = downloads.token(RunId(1), at(20_777));
        for bit in 0..128 {
            let changed = Uuid::from_u128(token.as_u128() ^ (1 << bit)).to_string();
            assert_eq!(downloads.run(&changed, at(20_777)), None, "{bit}");
        }
        let others = Downloads::new(&[8; 32]);
        assert_eq!(others.run(&token.to_string(), at(20_777)), None);
        assert_eq!(downloads.run("nope", at(20_777)), None);
    }
}
