//! What the reader promises, one sentence each. Recorded answers are in `recorded.rs`, generated
//! bodies in `generated.rs`.

mod generated;
mod recorded;

use serde_json::{Map, Value, json};

use super::fields::{FieldError, Fields, Loc};
use super::rules::{Bool, Int, Integer, Rule, Text};
use super::trigger::TriggerRequest;
use super::{Body, BodyError, json as reader, read};

fn fields_of(error: BodyError) -> Vec<FieldError> {
    match error {
        BodyError::Fields(errors) => errors,
        other => panic!("expected a list of fields, got {other:?}"),
    }
}

fn trigger(body: &str) -> Result<TriggerRequest, BodyError> {
    TriggerRequest::parse(read(Some("application/json"), body.as_bytes())?)
}

#[test]
fn an_integer_of_any_length_is_judged_by_its_digits() {
    let ones = |count: usize| "1".repeat(count);
    let rows = [
        (ones(4300), None),
        (format!("-{}", ones(4300)), None),
        (format!("00{}", ones(4300)), None),
        (format!("{}.0", ones(4300)), None),
        (format!("{}1", "1_".repeat(4299)), None),
        (format!("{}1", "0".repeat(5000)), None),
        (format!("1.{}", "0".repeat(5000)), None),
        (format!("{}1", " ".repeat(5000)), None),
        (ones(4301), Some("int_parsing_size")),
        (format!("-{}", ones(4301)), Some("int_parsing_size")),
        (format!("{}x", ones(4301)), Some("int_parsing_size")),
        (format!("{}.5", ones(4301)), Some("int_parsing_size")),
        (format!("{}x", ones(4300)), Some("int_parsing")),
        (format!("+{}", ones(4301)), Some("int_parsing")),
        (format!("x{}", ones(4301)), Some("int_parsing")),
        (format!("{}1", "1_".repeat(4300)), Some("int_parsing")),
    ];
    for (text, expected) in rows {
        let found = Int::ANY.read(&Value::String(text.clone()));
        assert_eq!(found.err().map(|wrong| wrong.kind), expected, "{text}");
    }
}

#[test]
fn an_integer_literal_of_more_than_4300_digits_is_not_read() {
    let body = |digits: usize| format!(r#"{{"a": -{}}}"#, "9".repeat(digits));
    assert!(reader::decode(body(4300).as_bytes()).is_ok());
    assert_eq!(
        reader::decode(body(4301).as_bytes()),
        Err(BodyError::Unparseable)
    );
    assert!(reader::decode(format!("[0.{}]", "9".repeat(9000)).as_bytes()).is_ok());
}

#[test]
fn sixty_four_levels_are_read_and_one_more_is_refused() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(reader::decode(nested(64).as_bytes()).is_ok());
    assert_eq!(
        reader::decode(nested(65).as_bytes()),
        Err(BodyError::TooDeep)
    );
    let objects = r#"{"a":"#.repeat(100_000);
    assert_eq!(reader::decode(objects.as_bytes()), Err(BodyError::TooDeep));
}

#[test]
fn poison_is_refused_where_it_is() {
    let rows = [
        ("NaN", "finite_number", json!(["body"])),
        (
            r#"{"a": [0, -Infinity]}"#,
            "finite_number",
            json!(["body", "a", 1]),
        ),
        (
            r#"{"a": {"b": 1e999}}"#,
            "finite_number",
            json!(["body", "a", "b"]),
        ),
        (
            r#"[[], {"k": "x\udc00"}]"#,
            "string_unicode",
            json!(["body", 1, "k"]),
        ),
        (
            r#"{"a": {"\ud800": 1}}"#,
            "string_unicode",
            json!(["body", "a", "\u{FFFD}", "[key]"]),
        ),
        (
            r#"{"a": "\ud800", "b": NaN}"#,
            "string_unicode",
            json!(["body", "a"]),
        ),
        (
            r#"["\ud800\ud83d\ude00"]"#,
            "string_unicode",
            json!(["body", 0]),
        ),
    ];
    for (text, kind, loc) in rows {
        let errors = fields_of(reader::decode(text.as_bytes()).expect_err("refused"));
        assert_eq!((errors.len(), errors[0].kind), (1, kind), "{text}");
        assert_eq!(json!(errors[0].loc), loc, "{text}");
    }
}

#[test]
fn numbers_keep_their_spelling_and_a_repeated_key_its_first_place() {
    let text = r#"{"b":1.50,"a":-0,"b":123456789012345678901234567890,"c":1E+2}"#;
    let value = reader::decode(text.as_bytes()).expect("the text is JSON");
    assert_eq!(
        value.to_string(),
        r#"{"b":123456789012345678901234567890,"a":-0,"c":1e+2}"#
    );
}

#[test]
fn the_content_type_decides_what_a_body_is() {
    let rows = [
        (Some("application/json"), true),
        (Some("Application/JSON; charset=latin-1"), true),
        (Some(" application/json ;x"), true),
        (Some("application/problem+json"), true),
        (Some("application/+json"), true),
        (Some("application/json5"), false),
        (Some("application /json"), false),
        (Some("application/a/b+json"), false),
        (Some("application/"), false),
        (Some("application"), false),
        (Some("text/json"), false),
        (Some(""), false),
        (None, false),
    ];
    for (content_type, is_json) in rows {
        let body = read(content_type, b"{}").expect("the body is read");
        let expected = if is_json {
            Body::Json(json!({}))
        } else {
            Body::Text("{}".to_owned())
        };
        assert_eq!(body, expected, "{content_type:?}");
        assert_eq!(read(content_type, b""), Ok(Body::Absent));
    }
    assert_eq!(read(None, b"\xE9"), Err(BodyError::Unparseable));
}

#[test]
fn a_trigger_request_names_what_it_does_not_know() {
    let request = trigger(
        r#"{"name": "Asha", "phone_number": "+1", "telephony_configuration_id": " 1_0 ",
            "from_phone_number_id": 1e0, "initial_context": {"z": 1, "a": 2}, "to": 1}"#,
    )
    .expect("the request is good");
    assert_eq!(request.phone_number, "+1");
    assert_eq!(request.unknown, ["name", "to"]);
    assert_eq!(request.telephony_configuration_id, Some(Integer::Fits(10)));
    assert_eq!(request.from_phone_number_id, Some(Integer::Fits(1)));
    let context = request.initial_context.expect("the context was sent");
    assert_eq!(context.keys().collect::<Vec<_>>(), ["z", "a"]);
}

#[test]
fn an_id_beyond_sixty_four_bits_is_a_number_and_no_row() {
    let body = r#"{"phone_number": "", "telephony_configuration_id": 9223372036854775808}"#;
    let request = trigger(body).expect("the request is good");
    let id = request.telephony_configuration_id.expect("the id was sent");
    assert_eq!(id, Integer::Beyond { negative: false });
    assert_eq!(id.id(), None);
}

#[test]
fn all_wrong_fields_are_listed_in_the_order_of_declaration() {
    let errors = fields_of(
        trigger(r#"{"from_phone_number_id": [], "initial_context": 1, "telephony_configuration_id": "x"}"#)
            .expect_err("nothing is right"),
    );
    let kinds: Vec<_> = errors.iter().map(|error| error.kind).collect();
    assert_eq!(kinds, ["missing", "dict_type", "int_parsing", "int_type"]);
}

#[test]
fn parameters_are_read_like_fields_and_reported_before_the_body() {
    let mut path = Fields::path([("run_id", "abc")]);
    assert_eq!(path.required("run_id", &Int::ANY), None);
    let mut query =
        Fields::query([("page", "2"), ("page", "0"), ("limit", "1.0")]).after(path.into_errors());
    assert_eq!(query.or("page", &Int::at_least(1), Integer::Fits(1)), None);
    assert_eq!(
        query.or("limit", &Int::between(1, 100), Integer::Fits(50)),
        Some(Integer::Fits(1))
    );
    assert_eq!(query.required("status", &Text::ANY), None);
    let object = Map::new();
    let mut body = Fields::body(&object).after(query.into_errors());
    assert_eq!(body.required("name", &Text::ANY), None);
    let errors = fields_of(body.finish(|| Some(())).expect_err("nothing is right"));
    let found: Vec<_> = errors
        .iter()
        .map(|error| (error.kind, json!(error.loc), error.input.clone()))
        .collect();
    assert_eq!(
        found,
        [
            ("int_parsing", json!(["path", "run_id"]), json!("abc")),
            ("greater_than_equal", json!(["query", "page"]), json!("0")),
            ("missing", json!(["query", "status"]), Value::Null),
            ("missing", json!(["body", "name"]), json!({})),
        ]
    );
}

#[test]
fn null_counts_as_absent_only_where_it_may() {
    let object = json!({"a": null}).as_object().cloned().expect("an object");
    let mut fields = Fields::nested(vec![Loc::from("body"), Loc::from("config")], &object);
    assert_eq!(fields.nullable("a", &Bool), Some(None));
    assert_eq!(fields.nullable("b", &Bool), Some(None));
    assert_eq!((fields.has("a"), fields.has("b")), (true, false));
    assert_eq!(fields.or("b", &Bool, true), Some(true));
    assert_eq!(fields.or("a", &Bool, true), None);
    let errors = fields.into_errors();
    assert_eq!(json!(errors[0].loc), json!(["body", "config", "a"]));
}
