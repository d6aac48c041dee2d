//! A JSON scanner that says what CPython 3.13's `json` says: the same texts are accepted, and a
//! text that is not gets the same message at the same character offset, because those two end up
//! in the 422 that a caller reads (contract §1.3). serde_json has other messages, no NaN and a line
//! and column instead of an offset, hence a scanner of our own; its `Value` is kept.
//!
//! Deliberately stricter than the reference: more than [`MAX_DEPTH`] levels, numbers that are not
//! finite and lone surrogates are refused, since what holds them cannot be stored and read again.
//! Nothing here knows which fields a body should have.

use serde_json::{Map, Number, Value};

use super::encoding::{self, Text};
use super::fields::{FieldError, Loc};
use super::{BodyError, MAX_DEPTH};

/// CPython's limit on the digits of an integer; one more is a `ValueError`.
const MAX_INT_DIGITS: usize = 4300;

/// Reads a JSON document in any encoding that CPython recognises. Numbers keep their digits (only an
/// exponent is spelled serde_json's way, `e+5`), a repeated key its first place and its last value.
/// Time is linear in `bytes`.
///
/// # Errors
/// [`BodyError::Unparseable`] when the bytes are not text or an integer has more than 4300 digits;
/// [`BodyError::InvalidJson`] for the first syntax error; [`BodyError::TooDeep`];
/// [`BodyError::Fields`] naming the first non-finite number (`finite_number`) or lone surrogate
/// (`string_unicode`) of an otherwise correct document.
pub fn decode(bytes: &[u8]) -> Result<Value, BodyError> {
    let text = encoding::decode(bytes).map_err(|_| BodyError::Unparseable)?;
    let mut scanner = Scanner {
        text: &text.text,
        bytes: text.text.as_bytes(),
        surrogates: &text.surrogates,
        refused: None,
    };
    let value = scanner.document().map_err(|fault| fault.at(&text))?;
    match scanner.refused {
        None => Ok(value),
        Some(refused) => Err(BodyError::Fields(vec![refused.into_error()])),
    }
}

/// Why scanning stopped. Offsets are bytes here; only the one that is reported is counted in
/// characters.
enum Fault {
    Syntax(&'static str, usize),
    TooManyDigits,
    TooDeep,
}

impl Fault {
    fn at(self, text: &Text<'_>) -> BodyError {
        match self {
            Self::Syntax(message, at) => BodyError::InvalidJson {
                offset: text.text[..at].chars().count(),
                message,
            },
            Self::TooManyDigits => BodyError::Unparseable,
            Self::TooDeep => BodyError::TooDeep,
        }
    }
}

/// The first value that is JSON to CPython and poison to a store. The way to it is collected from
/// the inside out, while the scanner returns. Only the first: all of them, each with its way,
/// could be far more than the body.
struct Refused {
    kind: &'static str,
    message: &'static str,
    input: Value,
    way: Vec<Loc>,
}

impl Refused {
    fn not_finite() -> Self {
        Self {
            kind: "finite_number",
            message: "Input should be a finite number",
            input: Value::Null,
            way: Vec::new(),
        }
    }

    fn lone_surrogate(replaced: &str) -> Self {
        Self {
            kind: "string_unicode",
            message: "Input should be a valid string, unable to parse raw data as a unicode string",
            input: Value::String(replaced.to_owned()),
            way: Vec::new(),
        }
    }

    fn into_error(mut self) -> FieldError {
        self.way.push(Loc::from("body"));
        self.way.reverse();
        FieldError {
            kind: self.kind,
            loc: self.way,
            msg: self.message.to_owned(),
            input: self.input,
            ctx: None,
        }
    }
}

/// Every method takes the byte offset to read at and gives back the one after what it read.
struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    surrogates: &'t [usize],
    refused: Option<Refused>,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<Value, Fault> {
        let (value, end) = self.value(self.skip_space(0), 0)?;
        let end = self.skip_space(end);
        if end == self.bytes.len() {
            Ok(value)
        } else {
            Err(Fault::Syntax("Extra data", end))
        }
    }

    fn peek(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    fn skip_space(&self, mut at: usize) -> usize {
        while matches!(self.peek(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            at += 1;
        }
        at
    }

    /// `depth` is how many objects and arrays are open around the value; it bounds the recursion.
    fn value(&mut self, at: usize, depth: usize) -> Result<(Value, usize), Fault> {
        match self.peek(at) {
            Some(b'{' | b'[') if depth == MAX_DEPTH => Err(Fault::TooDeep),
            Some(b'{') => self.object(at + 1, depth + 1),
            Some(b'[') => self.array(at + 1, depth + 1),
            Some(b'"') => {
                let (string, end, whole) = self.string(at)?;
                if !whole {
                    self.refuse(Refused::lone_surrogate(&string));
                }
                Ok((Value::String(string), end))
            }
            _ => self.literal(at),
        }
    }

    fn literal(&mut self, at: usize) -> Result<(Value, usize), Fault> {
        const WORDS: [(&[u8], Option<Value>); 6] = [
            (b"null", Some(Value::Null)),
            (b"true", Some(Value::Bool(true))),
            (b"false", Some(Value::Bool(false))),
            (b"NaN", None),
            (b"Infinity", None),
            (b"-Infinity", None),
        ];
        for (word, value) in WORDS {
            if self.bytes[at..].starts_with(word) {
                let value = value.unwrap_or_else(|| {
                    self.refuse(Refused::not_finite());
                    Value::Null
                });
                return Ok((value, at + word.len()));
            }
        }
        self.number(at)
    }

    fn object(&mut self, at: usize, depth: usize) -> Result<(Value, usize), Fault> {
        let mut map = Map::new();
        let mut at = self.skip_space(at);
        if self.peek(at) == Some(b'}') {
            return Ok((Value::Object(map), at + 1));
        }
        loop {
            if self.peek(at) != Some(b'"') {
                return Err(Fault::Syntax(
                    "Expecting property name enclosed in double quotes",
                    at,
                ));
            }
            let clean = self.refused.is_none();
            let (key, end, whole) = self.string(at)?;
            if !whole {
                self.refuse(Refused::lone_surrogate(&key));
                self.lead(clean, || Loc::from("[key]"));
            }
            at = self.skip_space(end);
            if self.peek(at) != Some(b':') {
                return Err(Fault::Syntax("Expecting ':' delimiter", at));
            }
            let (value, end) = self.value(self.skip_space(at + 1), depth)?;
            self.lead(clean, || Loc::Name(key.clone()));
            map.insert(key, value);
            match self.after_item(end, b'}', "Illegal trailing comma before end of object")? {
                Next::Item(next) => at = next,
                Next::End(end) => return Ok((Value::Object(map), end)),
            }
        }
    }

    fn array(&mut self, at: usize, depth: usize) -> Result<(Value, usize), Fault> {
        let mut items = Vec::new();
        let mut at = self.skip_space(at);
        if self.peek(at) == Some(b']') {
            return Ok((Value::Array(items), at + 1));
        }
        loop {
            let clean = self.refused.is_none();
            let (value, end) = self.value(at, depth)?;
            self.lead(clean, || Loc::Index(items.len()));
            items.push(value);
            match self.after_item(end, b']', "Illegal trailing comma before end of array")? {
                Next::Item(next) => at = next,
                Next::End(end) => return Ok((Value::Array(items), end)),
            }
        }
    }

    fn after_item(&self, at: usize, close: u8, trailing: &'static str) -> Result<Next, Fault> {
        let comma = self.skip_space(at);
        match self.peek(comma) {
            Some(byte) if byte == close => return Ok(Next::End(comma + 1)),
            Some(b',') => {}
            _ => return Err(Fault::Syntax("Expecting ',' delimiter", comma)),
        }
        let next = self.skip_space(comma + 1);
        if self.peek(next) == Some(close) {
            return Err(Fault::Syntax(trailing, comma));
        }
        Ok(Next::Item(next))
    }

    /// Reads the string whose opening quote is at `open`. The flag is false when a lone surrogate
    /// was replaced by U+FFFD.
    fn string(&self, open: usize) -> Result<(String, usize, bool), Fault> {
        let mut built = String::new();
        let mut whole = true;
        let mut from = open + 1;
        loop {
            let stop = self.bytes[from..]
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F))
                .map(|length| from + length)
                .ok_or(Fault::Syntax("Unterminated string starting at", open))?;
            whole &= !self.has_surrogate(from, stop);
            let chunk = &self.text[from..stop];
            match self.bytes[stop] {
                b'"' if built.is_empty() => return Ok((chunk.to_owned(), stop + 1, whole)),
                b'"' => {
                    built.push_str(chunk);
                    return Ok((built, stop + 1, whole));
                }
                b'\\' => built.push_str(chunk),
                _ => return Err(Fault::Syntax("Invalid control character at", stop)),
            }
            let (character, end) = self.escape(stop, open)?;
            whole &= character.is_some();
            built.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
            from = end;
        }
    }

    fn has_surrogate(&self, from: usize, to: usize) -> bool {
        let first = self.surrogates.partition_point(|&at| at < from);
        self.surrogates.get(first).is_some_and(|&at| at < to)
    }

    /// Reads the escape whose backslash is at `at`; no character means a lone surrogate.
    fn escape(&self, at: usize, open: usize) -> Result<(Option<char>, usize), Fault> {
        let character = match self.peek(at + 1) {
            None => return Err(Fault::Syntax("Unterminated string starting at", open)),
            Some(b'u') => return self.unicode_escape(at + 1),
            Some(quoted @ (b'"' | b'\\' | b'/')) => char::from(quoted),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{C}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(_) => return Err(Fault::Syntax("Invalid \\escape", at)),
        };
        Ok((Some(character), at + 2))
    }

    /// `at` is the offset of the `u`, where CPython puts the error too.
    fn unicode_escape(&self, at: usize) -> Result<(Option<char>, usize), Fault> {
        let code = self
            .hex4(at + 1)
            .ok_or(Fault::Syntax("Invalid \\uXXXX escape", at))?;
        let end = at + 5;
        if (0xD800..0xDC00).contains(&code)
            && self.bytes[end..].starts_with(b"\\u")
            && let Some(low @ 0xDC00..0xE000) = self.hex4(end + 2)
        {
            let pair = 0x1_0000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            return Ok((char::from_u32(pair), end + 6));
        }
        Ok((char::from_u32(code), end))
    }

    /// Four hex digits that are not the last thing in the text: CPython wants one more character.
    fn hex4(&self, at: usize) -> Option<u32> {
        let digits = self.bytes.get(at..at + 4)?;
        self.peek(at + 4)?;
        digits.iter().try_fold(0, |code, &digit| {
            Some(code * 16 + char::from(digit).to_digit(16)?)
        })
    }

    fn number(&mut self, at: usize) -> Result<(Value, usize), Fault> {
        let first = at + usize::from(self.peek(at) == Some(b'-'));
        let whole = match self.peek(first) {
            Some(b'0') => first + 1,
            Some(b'1'..=b'9') => self.skip_digits(first + 1),
            _ => return Err(Fault::Syntax("Expecting value", at)),
        };
        let mut end = whole;
        if self.peek(end) == Some(b'.') && self.skip_digits(end + 1) > end + 1 {
            end = self.skip_digits(end + 1);
        }
        if matches!(self.peek(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.peek(end + 1), Some(b'+' | b'-')));
            let digits = end + 1 + sign;
            if self.skip_digits(digits) > digits {
                end = self.skip_digits(digits);
            }
        }
        let text = &self.text[at..end];
        if end == whole {
            if whole - first > MAX_INT_DIGITS {
                return Err(Fault::TooManyDigits);
            }
        } else if !text.parse::<f64>().is_ok_and(f64::is_finite) {
            self.refuse(Refused::not_finite());
            return Ok((Value::Null, end));
        }
        let number: Number = text.parse().expect("the scanner takes JSON numbers only");
        Ok((Value::Number(number), end))
    }

    fn skip_digits(&self, mut at: usize) -> usize {
        while matches!(self.peek(at), Some(b'0'..=b'9')) {
            at += 1;
        }
        at
    }

    fn refuse(&mut self, refused: Refused) {
        self.refused.get_or_insert(refused);
    }

    /// Adds one step to the way of a refusal that happened since `clean` was true.
    fn lead(&mut self, clean: bool, step: impl FnOnce() -> Loc) {
        if clean && let Some(refused) = &mut self.refused {
            refused.way.push(step());
        }
    }
}

enum Next {
    Item(usize),
    End(usize),
}
