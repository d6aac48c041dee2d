//! Bodies that nobody wrote by hand: no panic, no quadratic time, and agreement with `serde_json`
//! wherever both accept a text.

use proptest::prelude::*;
use serde_json::Value;

use super::super::rules::{Int, Rule};
use super::super::trigger::TriggerRequest;
use super::super::{json as reader, read};

/// Quadratic time would be minutes for each of them, which the runner's limit on a test ends.
#[test]
fn a_megabyte_of_anything_takes_linear_time() {
    const SIZE: usize = 1 << 20;
    let shapes = [
        r#""\ud800"#,
        r#"\ud800"#,
        "[NaN,",
        "NaN,",
        r#"{"a":"#,
        "1.0,",
        r#""a","#,
        "\u{FFFD}",
        r#"{"a":1},"#,
        "1",
        "0.",
        "1e",
        "-",
        " ",
        "{",
        "\"",
        "\\",
        "\u{1F600}",
    ];
    for shape in shapes {
        for open in ["", "[", "\"", "{\"a\":["] {
            let text = format!("{open}{}", shape.repeat(SIZE / shape.len()));
            let _ = reader::decode(text.as_bytes());
        }
    }
    let surrogates = b"\xED\xA0\x80".repeat(SIZE / 3);
    let _ = reader::decode(&[b"[\"", surrogates.as_slice(), b"\"]"].concat());
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".*".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
            prop::collection::vec((".*", inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = reader::decode(&bytes);
        let _ = read(Some("application/json"), &bytes).and_then(TriggerRequest::parse);
    }

    #[test]
    fn no_almost_json_makes_it_panic(text in r#"[\[\]{}",:\\u0-9a-fdDeE.+\-nN \u{e9}\u{1F600}]{0,48}"#) {
        let _ = reader::decode(text.as_bytes());
    }

    #[test]
    fn what_serde_json_writes_is_read_back(value in any_json()) {
        let text = value.to_string();
        prop_assert_eq!(reader::decode(text.as_bytes()), Ok(value.clone()));
        let pretty = serde_json::to_vec_pretty(&value).expect("a value is JSON");
        prop_assert_eq!(reader::decode(&pretty), Ok(value));
    }

    #[test]
    fn what_is_read_can_be_read_again_by_serde_json(text in r#"[\[\]{}",:0-9eE.+\- ]{0,24}"#) {
        if let Ok(value) = reader::decode(text.as_bytes()) {
            let again: Value = serde_json::from_str(&value.to_string()).expect("a value is JSON");
            prop_assert_eq!(again, value);
        }
    }

    #[test]
    fn no_text_makes_an_integer_panic(text in r#"[ +\-_.0-9x\u{e9}]{0,24}"#) {
        let _ = Int::ANY.read(&Value::String(text));
    }
}
