//! What a single value may be: Pydantic's lax mode for the few types that the reference's requests
//! use, with its error types and sentences (contract §1.3). A rule looks at one value and knows
//! neither its name nor its place; `fields.rs` adds those.

use serde_json::{Map, Number, Value, json};

pub(super) const NOT_A_MODEL: (&str, &str) = (
    "model_attributes_type",
    "Input should be a valid dictionary or object to extract fields from",
);

/// Pydantic reads integers of at most this many digits from a string.
const MAX_INT_DIGITS: usize = 4300;

/// Turns a JSON value into the type a handler works with.
pub trait Rule {
    type Value;

    /// # Errors
    /// What Pydantic would say about the value.
    fn read(&self, input: &Value) -> Result<Self::Value, Wrong>;
}

/// A [`super::fields::FieldError`] without place and input.
#[derive(Debug, Clone, PartialEq)]
pub struct Wrong {
    pub kind: &'static str,
    pub msg: String,
    pub ctx: Option<Value>,
}

impl Wrong {
    pub fn new(kind: &'static str, msg: impl Into<String>) -> Self {
        Self {
            kind,
            msg: msg.into(),
            ctx: None,
        }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.ctx = Some(json!({ name: value.into() }));
        self
    }
}

/// A string; numbers are not made into one. Lengths count characters.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    min: usize,
    max: usize,
}

impl Text {
    pub const ANY: Self = Self::length(0, usize::MAX);

    pub const fn length(min: usize, max: usize) -> Self {
        Self { min, max }
    }
}

impl Rule for Text {
    type Value = String;

    fn read(&self, input: &Value) -> Result<String, Wrong> {
        let Value::String(text) = input else {
            return Err(Wrong::new("string_type", "Input should be a valid string"));
        };
        let characters = || text.chars().count();
        if self.min > 0 && characters() < self.min {
            let (min, plural) = (self.min, plural(self.min));
            let msg = format!("String should have at least {min} character{plural}");
            return Err(Wrong::new("string_too_short", msg).with("min_length", min));
        }
        // Bytes are never fewer than characters, so most texts need no count.
        if text.len() > self.max && characters() > self.max {
            let (max, plural) = (self.max, plural(self.max));
            let msg = format!("String should have at most {max} character{plural}");
            return Err(Wrong::new("string_too_long", msg).with("max_length", max));
        }
        Ok(text.clone())
    }
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// An integer of any size. Nothing here is counted beyond 64 bits, so a larger one is only known to
/// be larger: as an id it belongs to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Integer {
    Fits(i64),
    /// Outside of `i64`, above or below.
    Beyond {
        negative: bool,
    },
}

impl Integer {
    /// The number as a row id; `None` cannot be one.
    pub fn id(self) -> Option<i64> {
        match self {
            Self::Fits(number) => Some(number),
            Self::Beyond { .. } => None,
        }
    }

    /// Reads `-?[0-9]+`.
    fn from_digits(text: &str) -> Self {
        match text.parse() {
            Ok(number) => Self::Fits(number),
            Err(_) => Self::Beyond {
                negative: text.starts_with('-'),
            },
        }
    }

    /// An integer's digits as Python writes them again; other text as it is.
    pub fn spelled(text: &str) -> String {
        let text = text.trim();
        tidy(text).unwrap_or_else(|| text.to_owned())
    }

    fn is_below(self, bound: i64) -> bool {
        match self {
            Self::Fits(number) => number < bound,
            Self::Beyond { negative } => negative,
        }
    }

    fn is_above(self, bound: i64) -> bool {
        match self {
            Self::Fits(number) => number > bound,
            Self::Beyond { negative } => !negative,
        }
    }
}

/// A lax integer: an integer, a float without a fraction, a boolean, or a string of digits.
#[derive(Debug, Clone, Copy, Default)]
pub struct Int {
    at_least: Option<i64>,
    at_most: Option<i64>,
}

impl Int {
    pub const ANY: Self = Self {
        at_least: None,
        at_most: None,
    };

    pub const fn at_least(bound: i64) -> Self {
        Self {
            at_least: Some(bound),
            at_most: None,
        }
    }

    pub const fn between(least: i64, most: i64) -> Self {
        Self {
            at_least: Some(least),
            at_most: Some(most),
        }
    }
}

impl Rule for Int {
    type Value = Integer;

    fn read(&self, input: &Value) -> Result<Integer, Wrong> {
        let integer = match input {
            Value::Bool(flag) => Integer::Fits(i64::from(*flag)),
            Value::Number(number) if is_float(number) => integer_from_float(number)?,
            Value::Number(number) => Integer::from_digits(number.as_str()),
            Value::String(text) => integer_from_text(text.trim())?,
            _ => return Err(Wrong::new("int_type", "Input should be a valid integer")),
        };
        if let Some(bound) = self.at_most.filter(|&bound| integer.is_above(bound)) {
            let msg = format!("Input should be less than or equal to {bound}");
            return Err(Wrong::new("less_than_equal", msg).with("le", bound));
        }
        if let Some(bound) = self.at_least.filter(|&bound| integer.is_below(bound)) {
            let msg = format!("Input should be greater than or equal to {bound}");
            return Err(Wrong::new("greater_than_equal", msg).with("ge", bound));
        }
        Ok(integer)
    }
}

/// Numbers keep their spelling, and the spelling makes the type, as in Python.
pub(super) fn is_float(number: &Number) -> bool {
    number.as_str().contains(['.', 'e', 'E'])
}

fn too_big() -> Wrong {
    Wrong::new(
        "int_parsing_size",
        "Unable to parse input string as an integer, exceeded maximum size",
    )
}

fn integer_from_float(number: &Number) -> Result<Integer, Wrong> {
    // The float next to either end of i64 that still fits.
    const END: f64 = 9_223_372_036_854_775_808.0;
    let float = number.as_f64().unwrap_or(f64::NAN);
    if float.fract() != 0.0 {
        return Err(Wrong::new(
            "int_from_float",
            "Input should be a valid integer, got a number with a fractional part",
        ));
    }
    if float.abs() >= END {
        return Err(too_big());
    }
    Ok(Integer::from_digits(&format!("{float:.0}")))
}

/// Pydantic's way from a trimmed string to an integer, oddities included: it first reads plain
/// digits, and only when that fails tidies the string up and tries again. Thus more than 4300 plain
/// digits at the start are a matter of size, whatever follows, and everything else of parsing.
fn integer_from_text(text: &str) -> Result<Integer, Wrong> {
    let digits = leading_integer(text);
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    if unsigned.len() > MAX_INT_DIGITS {
        return Err(too_big());
    }
    if !unsigned.is_empty() && digits.len() == text.len() {
        return Ok(Integer::from_digits(text));
    }
    tidy(text)
        .filter(|tidied| {
            let unsigned = tidied.strip_prefix('-').unwrap_or(tidied);
            (1..=MAX_INT_DIGITS).contains(&unsigned.len()) && leading_integer(tidied) == tidied
        })
        .map(|tidied| Integer::from_digits(&tidied))
        .ok_or_else(|| {
            Wrong::new(
                "int_parsing",
                "Input should be a valid integer, unable to parse string as an integer",
            )
        })
}

/// The longest start of `text` of the form `-?(0|[1-9][0-9]*)`; a lone sign counts.
fn leading_integer(text: &str) -> &str {
    let bytes = text.as_bytes();
    let first = usize::from(bytes.first() == Some(&b'-'));
    let digits = match bytes.get(first) {
        Some(b'0') => 1,
        _ => bytes[first..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count(),
    };
    &text[..first + digits]
}

/// Drops what may stand around and between digits: a plus sign, a fraction of zeros, leading zeros,
/// single underscores between digits.
fn tidy(text: &str) -> Option<String> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => ("-", text),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    if !text.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    let mut whole = match text.split_once('.') {
        Some((_, fraction)) if fraction.is_empty() || !fraction.trim_matches('0').is_empty() => {
            return None;
        }
        Some((whole, _)) => whole,
        None => text,
    };
    if whole.starts_with('0') {
        let rest = whole.trim_start_matches(['0', '_']);
        whole = match rest.chars().next() {
            None if whole.ends_with('_') => return None,
            None => "0",
            Some('-' | '1'..='9') => rest,
            Some(_) => return None,
        };
    }
    if whole.starts_with('_') || whole.ends_with('_') || whole.contains("__") {
        return None;
    }
    Some(format!("{sign}{}", whole.replace('_', "")))
}

/// A lax boolean: also 0 and 1 as numbers, and Pydantic's words in any case.
#[derive(Debug, Clone, Copy)]
pub struct Bool;

impl Rule for Bool {
    type Value = bool;

    fn read(&self, input: &Value) -> Result<bool, Wrong> {
        let readable = match input {
            Value::Bool(flag) => return Ok(*flag),
            Value::String(text) => match text.to_ascii_lowercase().as_str() {
                "1" | "on" | "t" | "true" | "y" | "yes" => return Ok(true),
                "0" | "off" | "f" | "false" | "n" | "no" => return Ok(false),
                _ => true,
            },
            Value::Number(number) => match number.as_f64() {
                Some(1.0) => return Ok(true),
                Some(0.0) => return Ok(false),
                _ => number.as_str().parse::<i64>().is_ok(),
            },
            _ => false,
        };
        Err(if readable {
            Wrong::new(
                "bool_parsing",
                "Input should be a valid boolean, unable to interpret input",
            )
        } else {
            Wrong::new("bool_type", "Input should be a valid boolean")
        })
    }
}

/// A lax number: also a boolean, and a string that Python would read as a finite one.
#[derive(Debug, Clone, Copy)]
pub struct Float;

impl Rule for Float {
    type Value = f64;

    fn read(&self, input: &Value) -> Result<f64, Wrong> {
        let unreadable = || {
            let msg = "Input should be a valid number, unable to parse string as a number";
            Wrong::new("float_parsing", msg)
        };
        match input {
            Value::Bool(flag) => Ok(f64::from(u8::from(*flag))),
            Value::Number(number) => number.as_f64().ok_or_else(unreadable),
            Value::String(text) => {
                let read = text
                    .trim()
                    .parse()
                    .ok()
                    .filter(|read: &f64| read.is_finite());
                read.ok_or_else(unreadable)
            }
            _ => Err(Wrong::new("float_type", "Input should be a valid number")),
        }
    }
}

/// Any object (`dict` in the reference).
#[derive(Debug, Clone, Copy)]
pub struct Object;

impl Rule for Object {
    type Value = Map<String, Value>;

    fn read(&self, input: &Value) -> Result<Self::Value, Wrong> {
        match input {
            Value::Object(map) => Ok(map.clone()),
            _ => Err(Wrong::new(
                "dict_type",
                "Input should be a valid dictionary",
            )),
        }
    }
}

/// An object with fields of its own, to be read with [`super::fields::Fields::nested`].
#[derive(Debug, Clone, Copy)]
pub struct Model;

impl Rule for Model {
    type Value = Map<String, Value>;

    fn read(&self, input: &Value) -> Result<Self::Value, Wrong> {
        match input {
            Value::Object(map) => Ok(map.clone()),
            _ => Err(Wrong::new(NOT_A_MODEL.0, NOT_A_MODEL.1)),
        }
    }
}

/// Any array.
#[derive(Debug, Clone, Copy)]
pub struct List;

impl Rule for List {
    type Value = Vec<Value>;

    fn read(&self, input: &Value) -> Result<Self::Value, Wrong> {
        match input {
            Value::Array(items) => Ok(items.clone()),
            _ => Err(Wrong::new("list_type", "Input should be a valid list")),
        }
    }
}

/// One of a few words, each standing for a value.
#[derive(Debug, Clone, Copy)]
pub struct Choice<T: 'static> {
    kind: &'static str,
    words: &'static [(&'static str, T)],
}

impl<T: Copy> Choice<T> {
    /// Python's `Literal`.
    pub const fn literal(words: &'static [(&'static str, T)]) -> Self {
        let kind = "literal_error";
        Self { kind, words }
    }

    /// Python's `Enum` of strings.
    pub const fn enumeration(words: &'static [(&'static str, T)]) -> Self {
        Self {
            kind: "enum",
            words,
        }
    }

    /// `'a', 'b' or 'c'`.
    fn expected(&self) -> String {
        let quoted: Vec<String> = self
            .words
            .iter()
            .map(|(word, _)| format!("'{word}'"))
            .collect();
        match quoted.split_last() {
            Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
            _ => quoted.concat(),
        }
    }
}

impl<T: Copy> Rule for Choice<T> {
    type Value = T;

    fn read(&self, input: &Value) -> Result<T, Wrong> {
        let found = self.words.iter().find(|(word, _)| input == word);
        found.map(|&(_, value)| value).ok_or_else(|| {
            let expected = self.expected();
            Wrong::new(self.kind, format!("Input should be {expected}")).with("expected", expected)
        })
    }
}
