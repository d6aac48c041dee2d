//! A value the way Python writes it back. The error list repeats what was sent, and a number has
//! been through Python's `int` or `float` by then: `1e3` comes back as `1000.0`, `-0` as `0`.
//! Stored values keep the caller's spelling; this is for error lists only.

use serde_json::{Number, Value};

pub(super) fn as_python(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(number_as_python(number)),
        Value::Array(items) => items.iter().map(as_python).collect(),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| (key.clone(), as_python(value)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

fn number_as_python(number: &Number) -> Number {
    let text = number.as_str();
    if text == "-0" {
        return Number::from(0);
    }
    if !super::rules::is_float(number) {
        return number.clone();
    }
    match text.parse::<f64>() {
        Ok(float) => float_repr(float).parse().unwrap_or_else(|_| number.clone()),
        Err(_) => number.clone(),
    }
}

/// Python's `repr(float)`. Rust's shortest digits and its bounds for the exponent form are the
/// same; only the exponent is written differently (`1e16` and `1e+16`, `1e-5` and `1e-05`).
fn float_repr(float: f64) -> String {
    let text = format!("{float:?}");
    let Some((digits, exponent)) = text.split_once('e') else {
        return text;
    };
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{digits}e{sign}{exponent:0>2}")
}

/// A value as Python's `str` writes it: a text as it is, everything else as `repr` does.
pub fn python_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => repr(value),
    }
}

fn repr(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number_as_python(number).to_string(),
        Value::String(text) => text_repr(text),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(repr).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(members) => {
            let member =
                |(name, value): (&String, &Value)| format!("{}: {}", text_repr(name), repr(value));
            let members: Vec<_> = members.iter().map(member).collect();
            format!("{{{}}}", members.join(", "))
        }
    }
}

fn text_repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut repr = String::from(quote);
    for char in text.chars() {
        match char {
            '\\' => repr.push_str("\\\\"),
            '\n' => repr.push_str("\\n"),
            '\r' => repr.push_str("\\r"),
            '\t' => repr.push_str("\\t"),
            char if char == quote => repr.extend(['\\', char]),
            char if char.is_ascii_control() => {
                repr.push_str(&format!("\\x{:02x}", u32::from(char)))
            }
            char => repr.push(char),
        }
    }
    repr.push(quote);
    repr
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_value_reads_as_pythons_str_writes_it() {
        let said = |value: Value| python_text(&value);
        assert_eq!(said(json!("it's")), "it's");
        assert_eq!(said(Value::Null), "None");
        assert_eq!(said(json!([true, "it's", 1.5])), "[True, \"it's\", 1.5]");
        assert_eq!(said(json!({"a": {"b\n": false}})), "{'a': {'b\\n': False}}");
    }
}
