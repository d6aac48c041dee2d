//! Configured phone numbers: what an address typed into a telephony configuration is stored and
//! looked up as (contract §6.4).
//!
//! This is bookkeeping, not validation: anything but an empty string has a canonical form, and
//! the country hint is applied by the reference's rough rules, so that both programs agree on
//! which stored number a webhook means. What may be *dialled* is decided in
//! [`crate::destination`], by stricter rules. Digits are the ASCII ones; an address in any other
//! script's digits is an extension.

use thiserror::Error;

use crate::template::text::is_space;

/// What kind of thing an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressKind {
    /// A number of 8 to 15 digits in the telephone network.
    Pstn,
    SipUri,
    /// Anything else: a short number, a user name, `PJSIP/…`.
    SipExtension,
}

impl AddressKind {
    /// The word on the wire and in the database (contract §6.3).
    pub fn as_str(self) -> &'static str {
        match self {
            AddressKind::Pstn => "pstn",
            AddressKind::SipUri => "sip_uri",
            AddressKind::SipExtension => "sip_extension",
        }
    }
}

/// A configured address in the form it is compared in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    pub canonical: String,
    pub kind: AddressKind,
    /// Upper-case ISO 3166 code: the hint, where the address is a telephone number and the
    /// country is one of the 21 known ones.
    pub country_code: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AddressError {
    #[error("address must not be empty")]
    Empty,
}

/// Dial codes by country, as the reference knows them; no other hint has an effect.
const DIAL_CODES: [(&str, &str); 21] = [
    ("US", "1"),
    ("CA", "1"),
    ("GB", "44"),
    ("IN", "91"),
    ("AU", "61"),
    ("DE", "49"),
    ("FR", "33"),
    ("BR", "55"),
    ("MX", "52"),
    ("IT", "39"),
    ("ES", "34"),
    ("NL", "31"),
    ("SE", "46"),
    ("NO", "47"),
    ("DK", "45"),
    ("FI", "358"),
    ("CH", "41"),
    ("AT", "43"),
    ("BE", "32"),
    ("LU", "352"),
    ("IE", "353"),
];

/// Tried when a webhook says nothing about countries: India, North America, the United Kingdom.
const USUAL_DIAL_CODES: [&str; 3] = ["91", "1", "44"];

/// Brings a configured address into its canonical form (contract §6.4). `country_hint` is an ISO
/// 3166 code in either case; it applies even to a number written with a plus.
///
/// # Errors
/// [`AddressError::Empty`] when nothing but white space is left.
pub fn normalize(raw: &str, country_hint: Option<&str>) -> Result<Address, AddressError> {
    let raw = raw.trim_matches(is_space);
    if raw.is_empty() {
        return Err(AddressError::Empty);
    }
    let lowered = raw.to_lowercase();
    if lowered.starts_with("sip:") || lowered.starts_with("sips:") {
        return Ok(Address {
            canonical: canonical_sip_uri(raw).unwrap_or(lowered),
            kind: AddressKind::SipUri,
            country_code: None,
        });
    }
    let bare: String = raw
        .chars()
        .filter(|&c| !is_space(c) && !matches!(c, '-' | '(' | ')'))
        .collect();
    let digits = bare.strip_prefix('+').unwrap_or(&bare);
    if !is_number_length(digits) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(Address {
            canonical: lowered,
            kind: AddressKind::SipExtension,
            country_code: None,
        });
    }
    let country = country_hint.and_then(find_country);
    let prefixed = country
        .filter(|(_, dial_code)| !digits.starts_with(dial_code))
        .map(|(_, dial_code)| format!("{dial_code}{}", digits.trim_start_matches('0')))
        .filter(|candidate| is_number_length(candidate));
    Ok(Address {
        canonical: format!("+{}", prefixed.as_deref().unwrap_or(digits)),
        kind: AddressKind::Pstn,
        country_code: country.map(|(code, _)| code),
    })
}

/// Whether the number a carrier reports is the configured one, written differently: with or
/// without plus, with the country's dial code or a leading zero in its place. Without any known
/// country the usual dial codes are tried. Either number empty: no.
pub fn numbers_match(
    incoming: &str,
    configured: &str,
    to_country: Option<&str>,
    from_country: Option<&str>,
) -> bool {
    if incoming.is_empty() || configured.is_empty() {
        return false;
    }
    let incoming = digits_after_plus(incoming);
    let configured = digits_after_plus(configured);
    if incoming == configured {
        return true;
    }
    let hints = [to_country, from_country].map(|hint| hint.filter(|code| !code.is_empty()));
    let differs_by = |dial_code: &str| {
        is_national_form(&incoming, &configured, dial_code)
            || is_national_form(&configured, &incoming, dial_code)
    };
    if hints == [None, None] {
        return USUAL_DIAL_CODES.into_iter().any(differs_by);
    }
    hints
        .into_iter()
        .flatten()
        .filter_map(find_country)
        .any(|(_, dial_code)| differs_by(dial_code))
}

fn find_country(hint: &str) -> Option<(&'static str, &'static str)> {
    DIAL_CODES
        .into_iter()
        .find(|(code, _)| code.eq_ignore_ascii_case(hint))
}

fn is_number_length(digits: &str) -> bool {
    (8..=15).contains(&digits.len())
}

fn digits_after_plus(number: &str) -> String {
    let bare: String = number.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    bare.trim_start_matches('+').to_owned()
}

fn is_national_form(national: &str, full: &str, dial_code: &str) -> bool {
    full.strip_prefix(dial_code)
        .is_some_and(|rest| rest == national || national.strip_prefix('0') == Some(rest))
}

/// `scheme:[user@]host[:port][;parameters][?headers]` with everything but the user lower-cased
/// and the scheme's default port dropped; `None` when it does not read that way.
fn canonical_sip_uri(raw: &str) -> Option<String> {
    let (scheme, rest) = raw.split_once(':')?;
    let scheme = scheme.to_ascii_lowercase();
    // A user part that leaves no proper host behind is read as part of the host instead.
    let (user, host_port, tail) = match rest.split_once('@') {
        Some((user, after)) if !user.is_empty() && !user.contains([';', '?']) => {
            match split_host(after) {
                Some((host_port, tail)) => (Some(user), host_port, tail),
                None => {
                    let (host_port, tail) = split_host(rest)?;
                    (None, host_port, tail)
                }
            }
        }
        _ => {
            let (host_port, tail) = split_host(rest)?;
            (None, host_port, tail)
        }
    };
    let (host, port) = host_port;
    let default_port = if scheme == "sip" { "5060" } else { "5061" };
    let mut canonical = format!("{scheme}:");
    if let Some(user) = user {
        canonical.push_str(user);
        canonical.push('@');
    }
    canonical.push_str(&host.to_lowercase());
    if let Some(port) = port.filter(|port| *port != default_port) {
        canonical.push(':');
        canonical.push_str(port);
    }
    canonical.push_str(&tail.to_lowercase());
    Some(canonical)
}

type HostPort<'a> = (&'a str, Option<&'a str>);

/// Splits `host[:port][;…|?…]`; `None` when the host is empty, the port is not a number or the
/// tail spans lines.
fn split_host(text: &str) -> Option<(HostPort<'_>, &str)> {
    let (host, rest) = text.split_at(text.find([':', ';', '?']).unwrap_or(text.len()));
    let (port, tail) = match rest.strip_prefix(':') {
        None => (None, rest),
        Some(rest) => {
            let end = rest
                .find(|c: char| !c.is_ascii_digit())
                .unwrap_or(rest.len());
            let (port, tail) = rest.split_at(end);
            (Some(port), tail)
        }
    };
    let tail_begins_well = tail.is_empty() || tail.starts_with([';', '?']);
    (!host.is_empty() && port != Some("") && tail_begins_well && !tail.contains('\n'))
        .then_some(((host, port), tail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(raw: &str, hint: Option<&str>) -> (String, AddressKind, Option<&'static str>) {
        let address = normalize(raw, hint).expect("not empty");
        (address.canonical, address.kind, address.country_code)
    }

    #[test]
    fn sip_uris_keep_only_the_case_of_the_user() {
        for (raw, expected) in [
            ("SIP:Alice@EXAMPLE.com:5060", "sip:Alice@example.com"),
            ("sips:Bob@H.com:5060", "sips:Bob@h.com:5060"),
            (
                "sip:Bob@H:5061;Transport=TCP",
                "sip:Bob@h:5061;transport=tcp",
            ),
            ("sip:A:pw@H?Subject=X", "sip:A:pw@h?subject=x"),
            ("sip:H.com:5060", "sip:h.com"),
            ("  Sip:A@B  ", "sip:A@b"),
            // Malformed: lower-cased as a whole.
            ("sip:Alice@Host:port", "sip:alice@host:port"),
            ("SIP:", "sip:"),
            ("sip:A@H:", "sip:a@h:"),
            // No host behind the user: the user is the host.
            ("sip:A@;X", "sip:a@;x"),
            ("sip:@H", "sip:@h"),
            ("sip:A@B@C", "sip:A@b@c"),
        ] {
            assert_eq!(
                canonical(raw, Some("US")),
                (expected.into(), AddressKind::SipUri, None),
                "{raw}"
            );
        }
    }

    #[test]
    fn numbers_lose_their_punctuation() {
        for raw in [
            "+1\t(415) 555-0100",
            "1-415-555-0100",
            "\u{a0}14155550100\n",
            "1(415)5550100",
        ] {
            assert_eq!(
                canonical(raw, None),
                ("+14155550100".into(), AddressKind::Pstn, None),
                "{raw}"
            );
        }
    }

    #[test]
    fn what_is_no_number_is_an_extension() {
        for raw in [
            "1234567",
            "1234567890123456",
            "++14155550100",
            "415.555.0100",
            "PJSIP/101",
            "Tel:+14155550100",
            "٠١٢٣٤٥٦٧٨",
        ] {
            assert_eq!(
                canonical(raw, Some("US")),
                (raw.to_lowercase(), AddressKind::SipExtension, None),
                "{raw}"
            );
        }
    }

    #[test]
    fn the_country_hint_is_applied_by_the_rough_rules() {
        for (raw, hint, expected, country) in [
            ("+918043071383", "US", "+1918043071383", Some("US")),
            ("0415 555 0100", "us", "+14155550100", Some("US")),
            // A national number that happens to begin with the dial code.
            ("9123456789", "IN", "+9123456789", Some("IN")),
            // The prefixed form would be too long.
            ("123456789012345", "GB", "+123456789012345", Some("GB")),
            ("00000000", "LU", "+00000000", Some("LU")),
            ("4155550100", "ZZ", "+4155550100", None),
            ("4155550100", "", "+4155550100", None),
        ] {
            assert_eq!(
                canonical(raw, Some(hint)),
                (expected.into(), AddressKind::Pstn, country),
                "{raw} {hint}"
            );
        }
    }

    #[test]
    fn matching_tries_the_countries_in_question_only() {
        for (incoming, configured, to, from, expected) in [
            ("0804-307 1383", "+918043071383", Some("in"), None, true),
            ("+918043071383", "08043071383", Some("IN"), None, true),
            ("8043071383", "918043071383", Some("US"), Some("IN"), true),
            ("8043071383", "918043071383", Some("US"), None, false),
            ("8043071383", "918043071383", Some("ZZ"), None, false),
            ("8043071383", "918043071383", Some(""), Some(""), true),
            ("0301234567", "+49301234567", None, None, false),
            ("++1415", "1415", None, None, true),
            ("101", "102", None, None, false),
            ("Alice", "alice", None, None, false),
        ] {
            assert_eq!(
                numbers_match(incoming, configured, to, from),
                expected,
                "{incoming} {configured}"
            );
        }
    }
}
