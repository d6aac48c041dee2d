//! Recorded answers as tables: every row of `testdata` was answered by something else than this
//! crate. `malformed.json` and `encodings.json` by CPython 3.13's `json`, `fields.json` by FastAPI
//! 0.135 with Pydantic 2, `captures.json` by the reference server.

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::fields::Fields;
use super::super::rules::{Bool, Choice, Int, Integer, List, Model, Object, Text};
use super::super::trigger::TriggerRequest;
use super::super::{Body, BodyError, json as reader, object, read};
use super::fields_of;

fn table<T: for<'de> Deserialize<'de>>(text: &str) -> Vec<T> {
    let rows: Vec<T> = serde_json::from_str(text).expect("the table is JSON");
    assert!(!rows.is_empty());
    rows
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("the table holds hex"))
        .collect()
}

#[test]
fn malformed_json_gets_cpythons_message_and_offset() {
    let rows: Vec<(String, String, usize)> = table(include_str!("../testdata/malformed.json"));
    for (text, message, offset) in rows {
        match reader::decode(text.as_bytes()) {
            Err(BodyError::InvalidJson {
                offset: at,
                message: said,
            }) => assert_eq!((said, at), (message.as_str(), offset), "{text:?}"),
            other => panic!("{text:?} gave {other:?}"),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Decoded {
    /// The value, as Python writes it.
    Value(String),
    Error(String, usize),
    Surrogate,
    Unparseable,
}

#[test]
fn the_encoding_is_found_as_cpython_finds_it() {
    let rows: Vec<(String, Decoded)> = table(include_str!("../testdata/encodings.json"));
    for (bytes, expected) in rows {
        let found = reader::decode(&hex(&bytes));
        match expected {
            Decoded::Value(text) => {
                let value: Value = serde_json::from_str(&text).expect("the table holds JSON");
                assert_eq!(found, Ok(value), "{bytes}");
            }
            Decoded::Error(message, offset) => match found {
                Err(BodyError::InvalidJson {
                    offset: at,
                    message: said,
                }) => assert_eq!((said, at), (message.as_str(), offset), "{bytes}"),
                other => panic!("{bytes} gave {other:?}"),
            },
            Decoded::Surrogate => {
                let errors = fields_of(found.expect_err("a lone surrogate is refused"));
                assert_eq!(errors[0].kind, "string_unicode", "{bytes}");
            }
            Decoded::Unparseable => assert_eq!(found, Err(BodyError::Unparseable), "{bytes}"),
        }
    }
}

#[derive(Deserialize)]
struct Capture {
    case: String,
    content_type: Option<String>,
    body: Option<String>,
    hex: Option<String>,
    /// Absent when the reference accepted the body.
    detail: Option<Value>,
}

#[test]
fn recorded_trigger_bodies_get_the_recorded_answer() {
    /// Accepted there, refused here (the differences table).
    const REFUSED_HERE: [(&str, &str); 3] = [
        ("ctx_nan", "finite_number"),
        ("ctx_infinity", "finite_number"),
        ("phone_lone_surrogate", "string_unicode"),
    ];
    let rows: Vec<Capture> = table(include_str!("../testdata/captures.json"));
    for row in rows {
        let bytes = match (&row.body, &row.hex) {
            (Some(text), _) => text.clone().into_bytes(),
            (None, Some(digits)) => hex(digits),
            (None, None) => panic!("{} has no body", row.case),
        };
        let found = read(row.content_type.as_deref(), &bytes).and_then(TriggerRequest::parse);
        if let Some((_, kind)) = REFUSED_HERE.iter().find(|(case, _)| *case == row.case) {
            let errors = fields_of(found.expect_err("refused here"));
            assert_eq!(errors[0].kind, *kind, "{}", row.case);
            continue;
        }
        match row.detail {
            // As text: the order of the members is part of the answer.
            Some(detail) => assert_eq!(
                found.map_err(|error| error.detail().to_string()),
                Err(detail.to_string()),
                "{}",
                row.case
            ),
            None => assert!(found.is_ok(), "{} gave {found:?}", row.case),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Judged {
    Ok(Value),
    /// The element of `detail`, as it was sent.
    Error(String),
}

#[test]
fn a_field_gets_pydantics_verdict() {
    let rows: Vec<(String, String, Judged)> = table(include_str!("../testdata/fields.json"));
    for (name, input, expected) in rows {
        let body = format!(r#"{{"{name}": {input}}}"#);
        let value = reader::decode(body.as_bytes()).expect("the table holds JSON");
        let object = object(Body::Json(value)).expect("the body is an object");
        let mut fields = Fields::body(&object);
        let found = judge(&mut fields, &name);
        match expected {
            Judged::Ok(value) => {
                let found = found.unwrap_or_else(|| panic!("{body} was refused"));
                assert!(found.is_null() || found == value, "{body} gave {found}");
            }
            Judged::Error(text) => {
                let errors = fields.into_errors();
                let said = serde_json::to_string(&errors[0]).expect("errors are JSON");
                assert_eq!(said, text, "{body}");
            }
        }
    }
}

/// Reads the field by the rule that the table's name stands for; null where only acceptance counts.
fn judge(fields: &mut Fields<'_>, name: &str) -> Option<Value> {
    const ABC: Choice<&str> = Choice::literal(&[("a", "a"), ("b", "b"), ("c", "c")]);
    let integer = |integer| match integer {
        Integer::Fits(number) => json!(number.to_string()),
        Integer::Beyond { .. } => Value::Null,
    };
    match name {
        "int_any" => fields.required(name, &Int::ANY).map(integer),
        "int_1_to_20" => fields.required(name, &Int::between(1, 20)).map(integer),
        "flag" => fields.required(name, &Bool).map(Value::from),
        "text_2_to_3" => fields.required(name, &Text::length(2, 3)).map(Value::from),
        "text_min_1" => fields.required(name, &Text::length(1, 64)).map(Value::from),
        "text_max_1" => fields.required(name, &Text::length(0, 1)).map(Value::from),
        "literal_abc" => fields.required(name, &ABC).map(Value::from),
        "literal_a" => fields
            .required(name, &Choice::literal(&[("a", "a")]))
            .map(Value::from),
        "enum_ab" => fields
            .required(name, &Choice::enumeration(&[("a", "a"), ("b", "b")]))
            .map(Value::from),
        "items" => fields.required(name, &List).map(|_| Value::Null),
        "mapping" => fields.required(name, &Object).map(|_| Value::Null),
        "nested" => fields.required(name, &Model).map(|_| Value::Null),
        other => panic!("no rule for {other}"),
    }
}
