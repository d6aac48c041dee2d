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
