//! URLs with placeholders (contract §4.6): the same lookup, but every value is percent-encoded
//! and anything doubtful is an error, because a half-filled URL reaches the wrong place.
//!
//! Stricter than the reference in one thing: text around a bracketed IPv6 address is refused, where
//! its parser drops it.
//!
//! Used for the URLs of HTTP tools only; those of webhooks and pre-call fetches are not rendered.

use std::borrow::Cow;
use std::fmt::Write;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::builtin::Clock;
use super::scan::{self, Placeholder, Token};
use super::{Found, TemplateError, fallback, find, text};

/// Renders the URL of an HTTP tool. One without `{{` comes back unchecked.
///
/// # Errors
/// Every variant of [`TemplateError`]; the first fault found, braces before values before the
/// shape of the result.
pub fn render_url(
    template: &str,
    context: &Map<String, Value>,
    now: Timestamp,
) -> Result<String, TemplateError> {
    let opened = template.matches("{{").count();
    let closed = template.matches("}}").count();
    if opened > closed {
        return Err(TemplateError::UnmatchedOpening);
    }
    if opened < closed {
        return Err(TemplateError::UnmatchedClosing);
    }
    if template.contains("{{{{") {
        return Err(TemplateError::NestedOpening);
    }
    if opened == 0 {
        return Ok(template.to_owned());
    }

    let clock = Clock::new(template, now);
    let mut rendered = String::with_capacity(template.len());
    for token in scan::tokens(template) {
        match token {
            Token::Text(plain) => rendered.push_str(plain),
            Token::Placeholder(placeholder) => {
                percent_encode(&value(&placeholder, context, &clock)?, &mut rendered);
            }
        }
    }
    check(template, &rendered)?;
    Ok(rendered)
}

fn value<'a>(
    placeholder: &Placeholder<'a>,
    context: &'a Map<String, Value>,
    clock: &Clock<'_>,
) -> Result<Cow<'a, str>, TemplateError> {
    let name = || placeholder.name.to_owned();
    match find(placeholder.name, context, clock)? {
        Found::Builtin(text) => Ok(Cow::Owned(text)),
        Found::Nothing => fallback(placeholder).ok_or_else(|| TemplateError::MissingValue(name())),
        Found::Context(Value::String(string)) if string.is_empty() => {
            fallback(placeholder).ok_or_else(|| TemplateError::EmptyValue(name()))
        }
        Found::Context(Value::Array(_)) => Err(TemplateError::ListInUrl(name())),
        Found::Context(Value::Object(_)) => Err(TemplateError::ObjectInUrl(name())),
        Found::Context(Value::Bool(true)) => Ok(Cow::Borrowed("true")),
        Found::Context(Value::Bool(false)) => Ok(Cow::Borrowed("false")),
        Found::Context(other) => Ok(text::text(other)),
    }
}

/// RFC 3986 unreserved characters stay, everything else is escaped byte by byte.
fn percent_encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            write!(out, "%{byte:02X}").expect("a string takes any text");
        }
    }
}

fn check(template: &str, rendered: &str) -> Result<(), TemplateError> {
    if rendered.contains("{{") || rendered.contains("}}") {
        return Err(TemplateError::MalformedPlaceholder);
    }
    let (template, rendered) = (as_parsed(template), as_parsed(rendered));
    let (configured, _) = split_scheme(&template);
    let (scheme, rest) = split_scheme(&rendered);
    if configured != scheme {
        return Err(TemplateError::SchemeChanged);
    }
    let authority = rest.strip_prefix("//").unwrap_or("");
    let authority = &authority[..authority.find(['/', '?', '#']).unwrap_or(authority.len())];
    let host_port = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host_port)| host_port);
    if authority.contains(['[', ']']) && !begins_with_ipv6(host_port) {
        return Err(TemplateError::MalformedHost);
    }
    let is_http = matches!(scheme.as_deref(), Some("http" | "https"));
    if !is_http || host_port.is_empty() || host_port.starts_with(':') {
        return Err(TemplateError::NotHttp);
    }
    Ok(())
}

/// A URL as parsers see it: without white space in front and line breaks and tabs inside.
fn as_parsed(url: &str) -> String {
    let mut parsed = url.trim_start_matches(|c| c <= ' ').to_owned();
    parsed.retain(|c| !matches!(c, '\t' | '\r' | '\n'));
    parsed
}

fn begins_with_ipv6(host_port: &str) -> bool {
    host_port
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .is_some_and(|(address, port)| {
            address.parse::<std::net::Ipv6Addr>().is_ok()
                && (port.is_empty() || port.starts_with(':'))
        })
}

/// The lower-cased scheme, if the URL has one, and what follows its colon.
fn split_scheme(url: &str) -> (Option<String>, &str) {
    let is_scheme = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphabetic())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    };
    match url.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (Some(scheme.to_ascii_lowercase()), rest),
        _ => (None, url),
    }
}
