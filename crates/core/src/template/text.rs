//! Values as Python writes them (contract §4.4): `str`, `repr` of a float, `json.dumps`,
//! `str.title`, and what Python calls white space.
//!
//! Numbers are judged by their text, because serde_json keeps it: an integer of any size stays
//! itself, anything with a point or an exponent is a 64-bit float.

use std::borrow::Cow;
use std::fmt::Write;

use serde_json::{Number, Value};

/// What Python's `\s` and `str.strip` take for white space: Unicode's set and the four
/// information separators.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// A value as it appears in a rendered string.
pub(super) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::Bool(true) => Cow::Borrowed("True"),
        Value::Bool(false) => Cow::Borrowed("False"),
        Value::Number(number) => number_text(number, "inf"),
        Value::String(string) => Cow::Borrowed(string),
        Value::Array(_) | Value::Object(_) => {
            let mut dumped = String::new();
            dump(value, &mut dumped);
            Cow::Owned(dumped)
        }
    }
}

/// `json.dumps` with its defaults: `", "` and `": "`, everything outside printable ASCII escaped.
fn dump(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&number_text(number, "Infinity")),
        Value::String(string) => dump_string(string, out),
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                dump(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (index, (key, field)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                dump_string(key, out);
                out.push_str(": ");
                dump(field, out);
            }
            out.push('}');
        }
    }
}

fn dump_string(string: &str, out: &mut String) {
    out.push('"');
    for c in string.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}").expect("a string takes any text");
                }
            }
        }
    }
    out.push('"');
}

fn number_text<'a>(number: &'a Number, infinity: &str) -> Cow<'a, str> {
    let written = number.as_str();
    if written.contains(['.', 'e', 'E']) {
        // Rust reads the JSON grammar for numbers, beyond the range as infinity.
        let float = written.parse::<f64>().unwrap_or(f64::NAN);
        return Cow::Owned(float_repr(float, infinity));
    }
    // Python has one integer zero.
    Cow::Borrowed(if written == "-0" { "0" } else { written })
}

/// CPython's `repr(float)`: the shortest digits that read back the same, in positional form for
/// exponents from -4 to 15, else as `1e-07`.
fn float_repr(float: f64, infinity: &str) -> String {
    if !float.is_finite() {
        let sign = if float.is_sign_negative() { "-" } else { "" };
        return format!("{sign}{infinity}");
    }
    let scientific = shortest(float);
    let (mantissa, exponent) = scientific
        .split_once('e')
        .expect("the exponent format always writes an e");
    let exponent: i32 = exponent.parse().expect("the exponent is an integer");
    if !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits.replace('.', "")),
        None => ("", mantissa.replace('.', "")),
    };
    match usize::try_from(exponent) {
        Ok(exponent) => {
            let width = exponent + 1;
            let (whole, fraction) = digits.split_at(width.min(digits.len()));
            let fraction = if fraction.is_empty() { "0" } else { fraction };
            format!("{sign}{whole:0<width$}.{fraction}")
        }
        Err(_) => {
            let width = digits.len() + exponent.unsigned_abs() as usize - 1;
            format!("{sign}0.{digits:0>width$}")
        }
    }
}

/// The shortest digits that read back as `float`, in exponent form. Where two such numbers are
/// equally near, Python takes the even digit and Rust the larger one.
fn shortest(float: f64) -> String {
    let shortest = format!("{float:e}");
    let digits = shortest.bytes().take_while(|byte| *byte != b'e');
    let decimals = digits.filter(u8::is_ascii_digit).count() - 1;
    let nearest = format!("{float:.decimals$e}");
    if nearest.parse() == Ok(float) && nearest.len() == shortest.len() {
        nearest
    } else {
        shortest
    }
}

/// Python's `str.title`: the first letter after anything that is not a letter with case is
/// title case, the others lower case.
pub(super) fn title(string: &str) -> String {
    // Lowering the whole string applies the rule of the final sigma; its characters are then
    // taken along one by one.
    let lowered = string.to_lowercase();
    let mut lower = lowered.chars();
    let mut titled = String::with_capacity(string.len());
    let mut in_word = false;
    for c in string.chars() {
        let lower_form = lower.by_ref().take(c.to_lowercase().len());
        if in_word {
            titled.extend(lower_form);
        } else {
            lower_form.for_each(drop);
            push_title_case(c, &mut titled);
        }
        in_word = c.is_lowercase() || c.is_uppercase() || is_title_case_letter(c);
    }
    titled
}

fn is_title_case_letter(c: char) -> bool {
    matches!(c, 'ǅ' | 'ǈ' | 'ǋ' | 'ǲ' | '\u{1f88}'..='\u{1f8f}' | '\u{1f98}'..='\u{1f9f}'
        | '\u{1fa8}'..='\u{1faf}' | '\u{1fbc}' | '\u{1fcc}' | '\u{1ffc}')
}

/// Unicode's title case, which the standard library lacks: upper case, but one letter tall for
/// digraphs and ligatures, and unchanged for Georgian.
fn push_title_case(c: char, out: &mut String) {
    match c {
        'Ǆ'..='ǆ' => out.push('ǅ'),
        'Ǉ'..='ǉ' => out.push('ǈ'),
        'Ǌ'..='ǌ' => out.push('ǋ'),
        'Ǳ'..='ǳ' => out.push('ǲ'),
        'ŉ' => out.push_str("ʼN"),
        '\u{10d0}'..='\u{10ff}' => out.push(c),
        '\u{1f80}'..='\u{1faf}' => {
            out.push(char::from_u32(u32::from(c) | 8).expect("stays inside the Greek block"));
        }
        '\u{1fb3}' | '\u{1fbc}' => out.push('\u{1fbc}'),
        '\u{1fc3}' | '\u{1fcc}' => out.push('\u{1fcc}'),
        '\u{1ff3}' | '\u{1ffc}' => out.push('\u{1ffc}'),
        _ => {
            let mut upper = c.to_uppercase();
            out.extend(upper.next());
            for rest in upper {
                match rest {
                    // A subscript iota stays a subscript.
                    '\u{399}' => out.push('\u{345}'),
                    _ => out.extend(rest.to_lowercase()),
                }
            }
        }
    }
}
