//! Times on the wire. The compatible API writes microseconds, always six digits here, and `Z`;
//! a few places of it write an offset instead, and clients that compare texts notice.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A moment in UTC, RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, format = DateTime, example = "2026-08-22T10:00:00.123456Z")]
#[serde(transparent)]
pub struct Time(String);

impl Time {
    /// With `+00:00` for `Z`, as the reply to publishing has it (contract §3.3, captured).
    #[must_use]
    pub fn with_offset(at: Timestamp) -> Self {
        Self(format!("{at:.6}").replace('Z', "+00:00"))
    }

    /// In milliseconds and with `+00:00`, as run logs have it (contract §1.10).
    #[must_use]
    pub fn in_milliseconds(at: Timestamp) -> Self {
        Self(format!("{at:.3}").replace('Z', "+00:00"))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<Timestamp> for Time {
    fn from(at: Timestamp) -> Self {
        Self(format!("{at:.6}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_the_references_digits() {
        let at: Timestamp = "2026-11-21T17:36:29.5005Z".parse().expect("a time");
        assert_eq!(Time::from(at).as_str(), "2026-11-21T17:36:29.500500Z");
        assert_eq!(
            Time::with_offset(at).as_str(),
            "2026-11-21T17:36:29.500500+00:00"
        );
        assert_eq!(
            Time::in_milliseconds(at).as_str(),
            "2026-11-21T17:36:29.500+00:00"
        );
    }
}
