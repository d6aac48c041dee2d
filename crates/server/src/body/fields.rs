//! Reading named fields out of an object, a query or a path, with FastAPI's error list as the only
//! way to fail. A handler asks for its fields in declaration order and then finishes once:
//!
//! ```ignore
//! let object = body::object(body::read(content_type, &bytes)?)?;
//! let mut fields = Fields::body(&object);
//! let name = fields.required("name", &Text::length(1, 64));
//! let active = fields.or("is_active", &Bool, true);
//! let request = fields.finish(|| Some(Create { name: name?, active: active? }))?;
//! ```
//!
//! Every reader gives `None` after it has recorded an error, so the value can only be built when
//! all fields are right, and all that are wrong are reported together. What a single value may be
//! is in `rules.rs`.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::rules::{Rule, Wrong};
use super::{BodyError, echo};

pub(super) const MISSING: &str = "Field required";

/// One entry of FastAPI's `detail` list, members in its order (contract §1.3).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldError {
    #[serde(rename = "type")]
    pub kind: &'static str,
    pub loc: Vec<Loc>,
    pub msg: String,
    /// What was sent, as Python writes it back; the whole object for `missing`.
    pub input: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ctx: Option<Value>,
}

impl FieldError {
    /// A rule's error about a value at a place.
    pub fn new(loc: Vec<Loc>, wrong: Wrong, input: &Value) -> Self {
        Self {
            kind: wrong.kind,
            loc,
            msg: wrong.msg,
            input: echo::as_python(input),
            ctx: wrong.ctx,
        }
    }
}

/// One step of a `loc`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Loc {
    Name(String),
    /// An array index, or a character offset in `json_invalid`.
    Index(usize),
}

impl From<&str> for Loc {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

/// The fields of one place of a request and the errors found in them so far.
#[must_use = "errors are only reported by `finish`"]
pub struct Fields<'v> {
    loc: Vec<Loc>,
    values: Cow<'v, Map<String, Value>>,
    /// FastAPI shows the whole object for a missing body field, and null for a missing parameter.
    shows_whole: bool,
    errors: Vec<FieldError>,
}

impl<'v> Fields<'v> {
    /// The top level of a JSON body.
    pub fn body(object: &'v Map<String, Value>) -> Self {
        Self::nested(vec![Loc::from("body")], object)
    }

    /// An object inside the body, at `loc` (which starts with `body`).
    pub fn nested(loc: Vec<Loc>, object: &'v Map<String, Value>) -> Self {
        Self {
            loc,
            values: Cow::Borrowed(object),
            shows_whole: true,
            errors: Vec::new(),
        }
    }

    /// Decoded path parameters by name.
    pub fn path<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self::parameters("path", pairs)
    }

    /// Decoded query parameters; of a repeated one the last counts.
    pub fn query<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        Self::parameters("query", pairs)
    }

    fn parameters<N: AsRef<str>, V: AsRef<str>>(
        place: &str,
        pairs: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let values = pairs
            .into_iter()
            .map(|(name, value)| (name.as_ref().to_owned(), Value::from(value.as_ref())))
            .collect();
        Self {
            loc: vec![Loc::from(place)],
            values: Cow::Owned(values),
            shows_whole: false,
            errors: Vec::new(),
        }
    }

    /// A field that must be there; null is a value like any other and up to the rule.
    pub fn required<R: Rule>(&mut self, name: &str, rule: &R) -> Option<R::Value> {
        if self.values.contains_key(name) {
            return self.present(name, rule);
        }
        let input = if self.shows_whole {
            Value::Object(self.values.as_ref().clone())
        } else {
            Value::Null
        };
        self.record(name, Wrong::new("missing", MISSING), &input);
        None
    }

    /// A field that may be absent or null (`T | None = None`).
    pub fn nullable<R: Rule>(&mut self, name: &str, rule: &R) -> Option<Option<R::Value>> {
        match self.values.get(name) {
            None | Some(Value::Null) => Some(None),
            Some(_) => self.present(name, rule).map(Some),
        }
    }

    /// A field that may be absent but not null (`T = default`).
    pub fn or<R: Rule>(&mut self, name: &str, rule: &R, default: R::Value) -> Option<R::Value> {
        if self.values.contains_key(name) {
            self.present(name, rule)
        } else {
            Some(default)
        }
    }

    /// Whether the field was sent, null included: a partial update leaves the others alone.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// Adds an error of a rule that only the handler knows (`value_error` and the like).
    pub fn refuse(&mut self, name: &str, wrong: Wrong) {
        let input = self.values.get(name).cloned().unwrap_or(Value::Null);
        self.record(name, wrong, &input);
    }

    /// Puts what was found elsewhere in front: FastAPI lists path, query, header, body.
    pub fn after(mut self, mut earlier: Vec<FieldError>) -> Self {
        earlier.append(&mut self.errors);
        self.errors = earlier;
        self
    }

    /// The errors found so far, for [`Fields::after`].
    pub fn into_errors(self) -> Vec<FieldError> {
        self.errors
    }

    /// Builds the value when no field was wrong.
    ///
    /// # Errors
    /// [`BodyError::Fields`] with every error, in the order in which the fields were read.
    ///
    /// # Panics
    /// When `build` gives `None` for a reason that was not recorded.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, BodyError> {
        if self.errors.is_empty() {
            Ok(build().expect("a field is None only after its error was recorded"))
        } else {
            Err(BodyError::Fields(self.errors))
        }
    }

    fn present<R: Rule>(&mut self, name: &str, rule: &R) -> Option<R::Value> {
        let value = self.values.get(name)?;
        match rule.read(value) {
            Ok(read) => Some(read),
            Err(wrong) => {
                let input = value.clone();
                self.record(name, wrong, &input);
                None
            }
        }
    }

    fn record(&mut self, name: &str, wrong: Wrong, input: &Value) {
        let mut loc = self.loc.clone();
        loc.push(Loc::from(name));
        self.errors.push(FieldError::new(loc, wrong, input));
    }
}
