//! Comparing with the reference's recorded answers.

use crate::world::Answer;
use serde_json::Value;

fn case(name: &str) -> Value {
    let cases: Value = serde_json::from_str(include_str!("recorded.json")).expect("JSON");
    let case = cases.get(name).cloned();
    case.unwrap_or_else(|| panic!("no recorded case {name}"))
}

/// Status and, for a refusal, `detail` are exactly as recorded.
pub fn assert_refused_as(answer: &Answer, name: &str) {
    let case = case(name);
    assert_eq!(answer.status, case["status"], "{name}: {}", answer.body);
    assert_eq!(answer.body["detail"], case["body"]["detail"], "{name}");
}

/// The body is exactly as recorded, our own fields aside.
pub fn assert_answers(answer: &Answer, name: &str) {
    let case = case(name);
    assert_eq!(answer.status, case["status"], "{name}: {}", answer.body);
    assert_eq!(answer.body, case["body"], "{name}");
}

/// Every recorded field is there, in the recorded order, with a value of the recorded type; what
/// varies is the value. `free` names the fields whose inside is the caller's own.
pub fn assert_shaped_as(answer: &Answer, name: &str, free: &[&str]) {
    let case = case(name);
    assert_eq!(answer.status, case["status"], "{name}: {}", answer.body);
    compare(&case["body"], &answer.body, name, free);
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn compare(expected: &Value, is: &Value, place: &str, free: &[&str]) {
    assert_eq!(kind(expected), kind(is), "{place}: {is}");
    match (expected, is) {
        (Value::Object(expected), Value::Object(is)) => {
            let known = is.keys().filter(|key| expected.contains_key(*key));
            let known: Vec<_> = known.collect();
            assert_eq!(known, expected.keys().collect::<Vec<_>>(), "{place}");
            for (key, value) in expected {
                if !free.contains(&key.as_str()) {
                    compare(value, &is[key], &format!("{place}.{key}"), free);
                }
            }
        }
        (Value::Array(expected), Value::Array(is)) => {
            for (index, (expected, is)) in expected.iter().zip(is).enumerate() {
                compare(expected, is, &format!("{place}[{index}]"), free);
            }
        }
        (Value::String(expected), Value::String(is)) => {
            // Times keep their precision and their way to write the zone.
            let is_time = |text: &str| text.starts_with("20") && text.contains('T');
            if is_time(expected) {
                assert_eq!(expected.len(), is.len(), "{place}: {is}");
                assert_eq!(expected.ends_with('Z'), is.ends_with('Z'), "{place}: {is}");
            }
        }
        _ => {}
    }
}
