//! How a number becomes what Asterisk calls: the configuration's dial string with the number filled
//! in. Which endpoints a PBX has is its keeper's to know; nothing here guesses a trunk.

/// The reference's: an endpoint by the name of the number (contract §7).
pub(super) const DEFAULT: &str = "PJSIP/{number}";

/// With the plus, and without.
const NUMBER: &str = "{number}";
const DIGITS: &str = "{digits}";

/// The dial string would call the same for every number.
#[derive(Debug, thiserror::Error)]
#[error(
    "the dial string has no place for the number: write {{number}}, or {{digits}} for a number without its plus, such as PJSIP/{{number}}@trunk"
)]
pub(super) struct NoNumber;

pub(super) fn check(dial_string: &str) -> Result<(), NoNumber> {
    let has_place = dial_string.contains(NUMBER) || dial_string.contains(DIGITS);
    has_place.then_some(()).ok_or(NoNumber)
}

/// What Asterisk is told to call. A destination that names its technology is taken as it is; a SIP
/// address goes out through the dial string's endpoint.
pub(super) fn endpoint(dial_string: &str, destination: &str) -> String {
    let begins = |prefix: &str| {
        let start = destination.get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    if begins("PJSIP/") || begins("SIP/") {
        return destination.to_owned();
    }
    if (begins("sip:") || begins("sips:"))
        && let Some(trunk) = trunk(dial_string)
    {
        return format!("PJSIP/{trunk}/{destination}");
    }
    let digits = destination.strip_prefix('+').unwrap_or(destination);
    dial_string
        .replace(NUMBER, destination)
        .replace(DIGITS, digits)
}

/// The endpoint behind `PJSIP/{number}@`, or in front of `/sip:`.
fn trunk(dial_string: &str) -> Option<&str> {
    let rest = dial_string.strip_prefix("PJSIP/")?;
    let named = [NUMBER, DIGITS].iter();
    let named = named.filter_map(|place| rest.strip_prefix(place)?.strip_prefix('@'));
    let mut named = named.chain(rest.split_once("/sip:").map(|(name, _)| name));
    named.find(|name| !name.contains(['/', '{', '@']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_filled_in_with_or_without_its_plus() {
        let cases = [
            (DEFAULT, "+14155550100", "PJSIP/+14155550100"),
            (
                "PJSIP/{number}@trunk",
                "+14155550100",
                "PJSIP/+14155550100@trunk",
            ),
            (
                "PJSIP/{digits}@trunk",
                "+14155550100",
                "PJSIP/14155550100@trunk",
            ),
            (
                "PJSIP/00{digits}@trunk",
                "+14155550100",
                "PJSIP/0014155550100@trunk",
            ),
            ("Local/{digits}@out", "101", "Local/101@out"),
            ("PJSIP/{digits}@trunk", "PJSIP/101", "PJSIP/101"),
            ("PJSIP/{digits}@trunk", "SIP/101", "SIP/101"),
            (
                "PJSIP/{number}@trunk",
                "sip:ann@example.com",
                "PJSIP/trunk/sip:ann@example.com",
            ),
            (
                "PJSIP/trunk/sip:{number}@10.0.0.1",
                "sip:ann@example.com",
                "PJSIP/trunk/sip:ann@example.com",
            ),
        ];
        for (dial_string, destination, expected) in cases {
            assert_eq!(
                endpoint(dial_string, destination),
                expected,
                "{dial_string}"
            );
        }
    }

    #[test]
    fn a_dial_string_must_have_a_place_for_the_number() {
        assert!(check("PJSIP/100").is_err());
        assert!(check("PJSIP/{digits}@trunk").is_ok());
    }
}
