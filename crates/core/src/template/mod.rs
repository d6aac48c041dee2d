//! Turns `{{placeholders}}` into text, exactly as the reference renderer does (contract §4).
//!
//! Prompts, greetings, transition speech and webhook payloads share this one renderer, so that
//! what the window previews is what the agent will say. It looks like Jinja but is not: `| x` is
//! a fallback, not a filter, and values turn into text by Python's rules (`True`, `3.0`,
//! `json.dumps`). The scanner is written by hand and runs in linear time, because templates and
//! contexts come from strangers.
//!
//! Deliberately not here: the clock (the caller passes `now`), which context a template sees
//! (contract §4.7) and any bound on size or nesting; the edge that reads JSON bounds both.

mod builtin;
mod scan;
pub(crate) mod text;
mod url;

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::{Map, Value};
use thiserror::Error;

use builtin::Clock;
use scan::{Placeholder, Token};

pub use url::render_url;

const PREFIX: &str = "initial_context.";

/// Why a template could not be rendered. Plain strings fail only for [`TemplateError::UnknownZone`];
/// the rest belong to [`render_url`] (contract §4.6).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TemplateError {
    /// A bare `current_time` took over the zone of the string's first suffixed built-in, and
    /// there is no such zone (contract §4.2).
    #[error("there is no time zone {0:?}: write an IANA name such as Europe/Berlin")]
    UnknownZone(String),
    #[error("a {{{{ in the URL is never closed: write }}}} after the variable's name")]
    UnmatchedOpening,
    #[error("a }}}} in the URL was never opened: write {{{{ before the variable's name")]
    UnmatchedClosing,
    #[error("a {{{{ in the URL follows another one: write one pair of braces per variable")]
    NestedOpening,
    #[error("a placeholder in the URL is malformed: write {{{{name}}}} without spaces in the name")]
    MalformedPlaceholder,
    #[error("the URL needs {0:?}, which has no value: set it or give it a fallback")]
    MissingValue(String),
    #[error("the URL needs {0:?}, which is empty: set it or give it a fallback")]
    EmptyValue(String),
    #[error("the URL takes {0:?}, which is a list: name a single value")]
    ListInUrl(String),
    #[error("the URL takes {0:?}, which is an object: name one of its fields")]
    ObjectInUrl(String),
    #[error("a variable changes the URL's scheme: write http:// or https:// as plain text")]
    SchemeChanged,
    #[error("the rendered URL has a malformed host: check the brackets of the IPv6 address")]
    MalformedHost,
    #[error("the rendered URL is not an http or https address with a host: check its beginning")]
    NotHttp,
}

/// What became of one piece of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentState {
    /// Text of the template itself.
    Plain,
    /// A value from the context or a built-in; may be empty.
    Set,
    /// The fallback stands in for a missing or empty value.
    Fallback,
    /// No value and no fallback: nothing is said.
    Missing,
}

/// One piece of a rendered template. Joined, the texts are what [`render`] returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    pub text: String,
    /// The placeholder's name without a leading `initial_context.`; `None` for plain text.
    pub variable: Option<String>,
    pub state: SegmentState,
}

/// One use of a variable in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// As written, without a leading `initial_context.`.
    pub name: String,
    /// The text that stands in when there is no value.
    pub fallback: Option<String>,
}

/// Renders one string (contract §4.1–4.4).
///
/// # Errors
/// [`TemplateError::UnknownZone`] only.
pub fn render(
    template: &str,
    context: &Map<String, Value>,
    now: Timestamp,
) -> Result<String, TemplateError> {
    let clock = Clock::new(template, now);
    let mut rendered = String::with_capacity(template.len());
    for token in scan::tokens(template) {
        match token {
            Token::Text(plain) => rendered.push_str(plain),
            Token::Placeholder(placeholder) => {
                rendered.push_str(&resolve(&placeholder, context, &clock)?.0);
            }
        }
    }
    if rendered.contains("\\n") {
        rendered = rendered.replace("\\n", "\n");
    }
    Ok(rendered)
}

/// Renders every string inside `template`, object keys too; numbers, booleans and null pass
/// through (contract §4.5). A string always stays a string; of keys that render equal the last
/// value wins at the first one's place.
///
/// # Errors
/// As [`render`].
pub fn render_value(
    template: &Value,
    context: &Map<String, Value>,
    now: Timestamp,
) -> Result<Value, TemplateError> {
    Ok(match template {
        Value::String(string) => Value::String(render(string, context, now)?),
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| render_value(item, context, now))
                .collect::<Result<_, _>>()?,
        ),
        Value::Object(fields) => {
            let mut rendered = Map::with_capacity(fields.len());
            for (key, value) in fields {
                rendered.insert(
                    render(key, context, now)?,
                    render_value(value, context, now)?,
                );
            }
            Value::Object(rendered)
        }
        other => other.clone(),
    })
}

/// The same rendering, piece by piece, for a preview that marks where each word comes from.
///
/// # Errors
/// As [`render`].
pub fn segments(
    template: &str,
    context: &Map<String, Value>,
    now: Timestamp,
) -> Result<Vec<Segment>, TemplateError> {
    let clock = Clock::new(template, now);
    let mut pieces: Vec<Segment> = Vec::new();
    for token in scan::tokens(template) {
        pieces.push(match token {
            Token::Text(plain) => Segment {
                text: plain.to_owned(),
                variable: None,
                state: SegmentState::Plain,
            },
            Token::Placeholder(placeholder) => {
                let (text, state) = resolve(&placeholder, context, &clock)?;
                Segment {
                    text: text.into_owned(),
                    variable: Some(shown_name(placeholder.name).to_owned()),
                    state,
                }
            }
        });
    }
    unescape_newlines(&mut pieces);
    pieces.retain(|piece| piece.state != SegmentState::Plain || !piece.text.is_empty());
    Ok(pieces)
}

/// Every use of a variable in `template`, in order, repeats included. Built-ins are left out; a
/// `current_time_` with an unknown zone is an ordinary name (contract §4.2) and is listed.
pub fn variables(template: &str) -> Vec<Variable> {
    scan::tokens(template)
        .filter_map(|token| match token {
            Token::Placeholder(placeholder) if !builtin::is_builtin(placeholder.name) => {
                Some(Variable {
                    name: shown_name(placeholder.name).to_owned(),
                    fallback: fallback(&placeholder).map(Cow::into_owned),
                })
            }
            _ => None,
        })
        .collect()
}

fn shown_name(name: &str) -> &str {
    match name.strip_prefix(PREFIX) {
        Some(rest) if !rest.is_empty() => rest,
        _ => name,
    }
}

/// What stands behind a name before it becomes text.
enum Found<'a> {
    Builtin(String),
    Context(&'a Value),
    Nothing,
}

fn find<'a>(
    name: &str,
    context: &'a Map<String, Value>,
    clock: &Clock<'_>,
) -> Result<Found<'a>, TemplateError> {
    if let Some(text) = clock.resolve(name)? {
        return Ok(Found::Builtin(text));
    }
    let value = walk(context, name).or_else(|| {
        name.strip_prefix(PREFIX)
            .and_then(|rest| walk(context, rest))
    });
    Ok(value.map_or(Found::Nothing, Found::Context))
}

/// Follows a dot path through objects. Null counts as missing, and so does an empty segment even
/// where the object has a key `""` (contract §4.2).
fn walk<'a>(context: &'a Map<String, Value>, path: &str) -> Option<&'a Value> {
    let mut fields = Some(context);
    let mut value = None;
    for segment in path.split('.') {
        if segment.is_empty() {
            return None;
        }
        let next = fields?.get(segment)?;
        fields = next.as_object();
        value = Some(next);
    }
    value.filter(|found| !found.is_null())
}

/// The fallback's text (contract §4.3): `fallback:text` is the old spelling, a bare `fallback`
/// means the name in title case, and any other word is itself the text.
fn fallback<'a>(placeholder: &Placeholder<'a>) -> Option<Cow<'a, str>> {
    let filter = placeholder.filter.as_ref()?;
    Some(match (filter.word, filter.rest) {
        ("fallback", Some(text)) => Cow::Borrowed(text),
        ("fallback", None) => Cow::Owned(text::title(placeholder.name)),
        (word, _) => Cow::Borrowed(word),
    })
}

fn resolve<'a>(
    placeholder: &Placeholder<'a>,
    context: &'a Map<String, Value>,
    clock: &Clock<'_>,
) -> Result<(Cow<'a, str>, SegmentState), TemplateError> {
    let found = find(placeholder.name, context, clock)?;
    let lacking = match &found {
        Found::Builtin(_) => false,
        Found::Context(value) => value.as_str() == Some(""),
        Found::Nothing => true,
    };
    if lacking && let Some(text) = fallback(placeholder) {
        return Ok((text, SegmentState::Fallback));
    }
    Ok(match found {
        Found::Builtin(text) => (Cow::Owned(text), SegmentState::Set),
        Found::Context(value) => (text::text(value), SegmentState::Set),
        Found::Nothing => (Cow::Borrowed(""), SegmentState::Missing),
    })
}

/// Turns backslash-n into a line break, also where the backslash ends one piece and the `n`
/// begins a later one: the reference replaces in the joined text (contract §4.4).
fn unescape_newlines(pieces: &mut [Segment]) {
    let mut ends_with_backslash: Option<usize> = None;
    for index in 0..pieces.len() {
        if let Some(owner) = ends_with_backslash
            && pieces[index].text.starts_with('n')
        {
            pieces[owner].text.pop();
            pieces[owner].text.push('\n');
            pieces[index].text.remove(0);
            ends_with_backslash = None;
        }
        let piece = &mut pieces[index];
        if piece.text.contains("\\n") {
            piece.text = piece.text.replace("\\n", "\n");
        }
        if !piece.text.is_empty() {
            ends_with_backslash = piece.text.ends_with('\\').then_some(index);
        }
    }
}

#[cfg(test)]
mod tests;
