//! What a PBX takes besides telephone numbers: SIP addresses and extensions.
//!
//! Narrower than RFC 3261 on purpose: one address, nothing that a dial plan, a header or a log
//! could take for something else.

use super::DestinationError;

pub(super) fn extension(text: &str, has_technology: bool) -> Result<&str, DestinationError> {
    // Behind `PJSIP/` a trunk or an address may follow: `PJSIP/101@trunk`, `PJSIP/trunk/sip:…`.
    let unexpected = text.chars().find(|&c| {
        !(c.is_ascii_alphanumeric() || "_.-+*#".contains(c) || has_technology && "/:@".contains(c))
    });
    match (unexpected, text.is_empty()) {
        (Some(c), _) => Err(DestinationError::MalformedExtension(c)),
        (None, true) => Err(DestinationError::MalformedExtension('/')),
        (None, false) => Ok(text),
    }
}

pub(super) fn strip_prefix_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// What follows `sip:` or `sips:`.
pub(super) fn sip_rest(text: &str) -> Option<&str> {
    strip_prefix_ignoring_case(text, "sip:").or_else(|| strip_prefix_ignoring_case(text, "sips:"))
}

/// `[user@]host[:port][;parameter[=value]]…` of RFC 3261 §19.1, without password, headers,
/// escaped control characters and the characters that separate addresses.
pub(super) fn is_sip_address(text: &str) -> bool {
    let (user, rest) = match text.split_once('@') {
        Some((user, rest)) => (Some(user), rest),
        None => (None, text),
    };
    let (host_port, parameters) = rest
        .split_once(';')
        .map_or((rest, None), |(host, tail)| (host, Some(tail)));
    user.is_none_or(|user| !user.is_empty() && is_plain(user, "-_.!~*'()=+$/%"))
        && is_host_port(host_port)
        && parameters.is_none_or(|tail| is_plain(tail, "-_.!~*'()=+$/%;[]:"))
}

fn is_plain(text: &str, also: &str) -> bool {
    text.chars()
        .all(|c| c.is_ascii_alphanumeric() || also.contains(c))
        && text.split('%').skip(1).all(|after| {
            let escaped = after
                .get(..2)
                .filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
                .and_then(|hex| u8::from_str_radix(hex, 16).ok());
            escaped.is_some_and(|byte| !byte.is_ascii_control() && !b",& ".contains(&byte))
        })
}

fn is_host_port(text: &str) -> bool {
    let (host_is_good, rest) = match text.strip_prefix('[') {
        Some(bracketed) => match bracketed.split_once(']') {
            Some((host, rest)) => (host.parse::<std::net::Ipv6Addr>().is_ok(), rest),
            None => return false,
        },
        None => {
            let (host, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
            let good = host.starts_with(|c: char| c.is_ascii_alphanumeric())
                && host
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
            (good, rest)
        }
    };
    let port_is_good = match rest.strip_prefix(':') {
        Some(port) => {
            port.bytes().all(|byte| byte.is_ascii_digit())
                && port.parse::<u16>().is_ok_and(|port| port > 0)
        }
        None => rest.is_empty(),
    };
    host_is_good && port_is_good
}
