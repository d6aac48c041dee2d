//! From the bytes of a request to values that cannot be wrong. FastAPI with Pydantic decides on the
//! reference server what a body is and which words refuse it (contract §1.2–1.4); this module gives
//! the same verdicts in the same words, and the handlers only see parsed values.
//!
//! The seam is here because the rules are CPython's and Pydantic's, not ours, and because they can
//! be tested without a port: bytes in, value or [`BodyError`] out. Deliberately not here: headers
//! other than the content type, statuses and the error document (`problem.rs`), and every rule that
//! needs to know an agent, a carrier or the store.

mod echo;
mod encoding;
pub mod fields;
pub mod json;
pub mod rules;
pub mod trigger;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

pub use echo::python_text;
use fields::{FieldError, Loc};

/// How many objects and arrays may be open inside each other, the outermost one included.
pub const MAX_DEPTH: usize = 64;

/// A body as FastAPI hands it to validation.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// No bytes at all, or the literal `null`: both count as not sent.
    Absent,
    Json(Value),
    /// The content type does not say JSON, so the bytes were not looked into.
    Text(String),
}

/// Why a body is refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BodyError {
    /// 422. `offset` counts characters of the decoded text; `message` is CPython's.
    #[error("the body is not JSON at character {offset}: {message}")]
    InvalidJson {
        offset: usize,
        message: &'static str,
    },
    /// 400: the bytes are not text, or hold an integer that CPython refuses to read.
    #[error("the body is not text that can be read")]
    Unparseable,
    /// 400: more than [`MAX_DEPTH`] levels.
    #[error("the body has more than {MAX_DEPTH} levels; flatten it")]
    TooDeep,
    /// 422, in FastAPI's order.
    #[error("{} of the request's fields are wrong", .0.len())]
    Fields(Vec<FieldError>),
}

impl BodyError {
    /// What stands under `detail` in the reply: FastAPI's list for a 422, a sentence for a 400.
    pub fn detail(&self) -> Value {
        match self {
            Self::InvalidJson { offset, message } => json!([FieldError {
                kind: "json_invalid",
                loc: vec![Loc::from("body"), Loc::Index(*offset)],
                msg: "JSON decode error".to_owned(),
                input: json!({}),
                ctx: Some(json!({ "error": message })),
            }]),
            Self::Unparseable => json!("There was an error parsing the body"),
            Self::TooDeep => json!(format!(
                "The body is nested more than {MAX_DEPTH} levels deep"
            )),
            Self::Fields(errors) => json!(errors),
        }
    }
}

/// Reads a body by its content type: `application/json` and `application/*+json` in any case and
/// with any parameters are JSON, everything else, no type included, is text.
///
/// # Errors
/// [`json::decode`]'s for JSON. Text that is not UTF-8 is [`BodyError::Unparseable`], where the
/// reference answers 500.
pub fn read(content_type: Option<&str>, bytes: &[u8]) -> Result<Body, BodyError> {
    if bytes.is_empty() {
        return Ok(Body::Absent);
    }
    if !content_type.is_some_and(is_json) {
        let text = std::str::from_utf8(bytes).map_err(|_| BodyError::Unparseable)?;
        return Ok(Body::Text(text.to_owned()));
    }
    Ok(match json::decode(bytes)? {
        Value::Null => Body::Absent,
        value => Body::Json(value),
    })
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    // A second slash makes Python's parser fall back to text/plain.
    matches!(essence.split_once('/'), Some(("application", subtype))
        if (subtype == "json" || subtype.ends_with("+json")) && !subtype.contains('/'))
}

/// The object that every JSON route of the reference expects.
///
/// # Errors
/// [`BodyError::Fields`]: `missing` when there is no body, `model_attributes_type` with the body as
/// input when it is anything but an object.
pub fn object(body: Body) -> Result<Map<String, Value>, BodyError> {
    let (kind, msg, input) = match body {
        Body::Json(Value::Object(map)) => return Ok(map),
        Body::Absent => ("missing", fields::MISSING, Value::Null),
        Body::Json(value) => (rules::NOT_A_MODEL.0, rules::NOT_A_MODEL.1, value),
        Body::Text(text) => (
            rules::NOT_A_MODEL.0,
            rules::NOT_A_MODEL.1,
            Value::String(text),
        ),
    };
    Err(BodyError::Fields(vec![FieldError {
        kind,
        loc: vec![Loc::from("body")],
        msg: msg.to_owned(),
        input: echo::as_python(&input),
        ctx: None,
    }]))
}
