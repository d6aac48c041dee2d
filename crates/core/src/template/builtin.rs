//! The names that need no context: `current_time` and `current_weekday` (contract §4.2).
//!
//! Zones come from the database compiled into the program, so that a machine without one
//! renders the same text. Names are matched exactly, as the reference's are.

use std::sync::LazyLock;

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::TemplateError;
use super::scan::{find_opening, name_end, skip_space};

static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

#[derive(Clone, Copy)]
enum Kind {
    Time,
    Weekday,
}

const KINDS: [(&str, Kind); 2] = [
    ("current_time", Kind::Time),
    ("current_weekday", Kind::Weekday),
];

/// The moment, and the zone that bare names take in this one string.
pub(super) struct Clock<'a> {
    now: Timestamp,
    inherited: Option<&'a str>,
}

impl<'a> Clock<'a> {
    pub(super) fn new(template: &'a str, now: Timestamp) -> Self {
        Self {
            now,
            inherited: first_suffix(template),
        }
    }

    /// The built-in's text; `None` when `name` is not one, or names an unknown zone.
    ///
    /// # Errors
    /// A bare name whose inherited zone does not exist.
    pub(super) fn resolve(&self, name: &str) -> Result<Option<String>, TemplateError> {
        let Some((kind, suffix)) = split(name) else {
            return Ok(None);
        };
        let (zone, bare) = match suffix {
            Some(zone) => (zone, false),
            None => (self.inherited.unwrap_or("UTC"), true),
        };
        match find_zone(zone) {
            Some(found) => Ok(Some(self.format(kind, &found))),
            None if bare => Err(TemplateError::UnknownZone(zone.to_owned())),
            None => Ok(None),
        }
    }

    fn format(&self, kind: Kind, zone: &TimeZone) -> String {
        let local = zone.to_datetime(self.now);
        match kind {
            Kind::Time => {
                let offset = zone.to_offset_info(self.now);
                let stamp = local.strftime("%Y-%m-%d %H:%M:%S");
                format!("{stamp} {}", offset.abbreviation())
            }
            Kind::Weekday => local.strftime("%A").to_string(),
        }
    }
}

pub(super) fn is_builtin(name: &str) -> bool {
    split(name).is_some_and(|(_, suffix)| suffix.is_none_or(|zone| find_zone(zone).is_some()))
}

fn split(name: &str) -> Option<(Kind, Option<&str>)> {
    KINDS.iter().find_map(|(word, kind)| {
        let rest = name.strip_prefix(word)?;
        match rest.strip_prefix('_') {
            Some(zone) => Some((*kind, Some(zone))),
            None => rest.is_empty().then_some((*kind, None)),
        }
    })
}

fn find_zone(name: &str) -> Option<TimeZone> {
    let zone = ZONES.get(name).ok()?;
    (zone.iana_name() == Some(name) && !zone.is_unknown()).then_some(zone)
}

/// The zone of the first `{{ current_…_ZONE` in the string, whether or not it is ever closed:
/// the reference looks for the beginning only.
fn first_suffix(template: &str) -> Option<&str> {
    let mut from = 0;
    while let Some(open) = find_opening(template, from) {
        let start = skip_space(template, open + 2);
        for (word, _) in KINDS {
            let zone = template[start..]
                .strip_prefix(word)
                .and_then(|rest| rest.strip_prefix('_'))
                .map(|rest| &rest[..name_end(rest, 0)])
                .filter(|zone| !zone.is_empty());
            if zone.is_some() {
                return zone;
            }
        }
        from = open + 1;
    }
    None
}
