use proptest::prelude::*;
use serde_json::json;

use super::*;

fn now() -> Timestamp {
    "2026-03-05T23:30:45Z".parse().expect("a timestamp")
}

fn map(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        other => panic!("a context is an object, not {other}"),
    }
}

#[track_caller]
fn check(template: &str, context: Value, expected: &str) {
    let context = map(context);
    assert_eq!(
        render(template, &context, now()).as_deref(),
        Ok(expected),
        "{template}"
    );
    let joined: String = segments(template, &context, now())
        .expect("segments succeed where render does")
        .into_iter()
        .map(|segment| segment.text)
        .collect();
    assert_eq!(joined, expected, "segments of {template}");
}

#[test]
fn grammar_follows_the_regular_expression() {
    let context = json!({"x": "X", "{x": "brace", "a/b": "slash", "é": "accent", "a{{": "odd"});
    for (template, expected) in [
        ("{{x}} {{ x\t}}\n{{\u{a0}x\u{1f}}}", "X X\nX"),
        ("{{a/b}}{{é}}", "slashaccent"),
        ("{{a {{x}}", "{{a X"),
        ("{{a{{ x}}", "{{aX"),
        ("{{{{x}}", ""),
        ("{{{x}}", "brace"),
        ("{{a{{}}", "odd"),
        ("{{x", "{{x"),
        ("{{x}", "{{x}"),
        ("{{x} }", "{{x} }"),
        ("{{x |}}", "{{x |}}"),
        ("{{y | }}", ""),
        ("{{y | f:}}", "{{y | f:}}"),
        ("{{y | :t}}", ""),
        ("{{y|:t}}", "{{y|:t}}"),
        ("{{y | a} }}", "{{y | a} }}"),
        ("{{y | a{{x}}", "a{{x"),
        ("{{y | fallback : }}", ""),
        ("{{y\n|\n two\nlines }}", "two\nlines"),
        ("{{|x}} {{ | x}}", "{{|x}} {{ | x}}"),
        ("}}{{x}}{{", "}}X{{"),
        ("", ""),
    ] {
        check(template, context.clone(), expected);
    }
}

#[test]
fn fallback_applies_to_missing_and_empty_only() {
    let context = json!({"e": "", "n": null, "z": 0, "f": false, "l": [], "o": {}, "w": "   "});
    for (template, expected) in [
        ("{{e | t}}{{n | t}}{{m | t}}", "ttt"),
        (
            "{{z | t}}{{f | t}}{{l | t}}{{o | t}}[{{w | t}}]",
            "0False[]{}[   ]",
        ),
        ("{{t | 10:30}}", "10"),
        ("{{m |  a  b  }}", "a  b"),
        ("{{m | Fallback:x}}", "Fallback"),
    ] {
        check(template, context.clone(), expected);
    }
}

// Expected values are CPython 3.11's `str.title`.
#[test]
fn bare_fallback_is_title_case_of_the_written_name() {
    for (template, expected) in [
        ("{{user.nick_name | fallback}}", "User.Nick_Name"),
        (
            "{{initial_context.firstName | fallback}}",
            "Initial_Context.Firstname",
        ),
        ("{{they're3abc | fallback}}", "They'Re3Abc"),
        ("{{ﬁx-ŉa-ǆx-ßa | fallback}}", "Fix-ʼNa-ǅx-Ssa"),
        ("{{αΣ_ΑΣΣ | fallback}}", "Ας_Ασς"),
        ("{{აბ/ᾳx/ᾲx/İX | fallback}}", "აბ/ᾼx/Ὰ\u{345}x/İx"),
    ] {
        check(template, json!({}), expected);
    }
}

#[test]
fn lookup_goes_through_objects_only() {
    let context = json!({
        "user": {"name": "J", "tags": ["a"], "none": null},
        "text": "t",
        "": {"": "empty key"},
        "initial_context": {"empty": "", "null": null, "nested": 1},
        "empty": "flat", "null": "flat", "nested": "flat",
    });
    for (template, expected) in [
        (
            "{{user.name}}{{user.name.x}}{{user.tags.0}}{{user.none.x}}{{text.x}}",
            "J",
        ),
        ("{{.}}{{..}}{{user.}}{{.user}}{{user..name}}", ""),
        ("[{{initial_context.}}]", "[]"),
        ("[{{initial_context.empty}}]", "[]"),
        ("[{{initial_context.null}}]", "[flat]"),
        ("[{{initial_context.nested}}]", "[1]"),
        ("[{{initial_context.user.name}}]", "[J]"),
        ("[{{initial_context.initial_context.nested}}]", "[1]"),
    ] {
        check(template, context.clone(), expected);
    }
}

// Expected values are CPython 3.11's `repr` and `json.dumps`.
#[test]
fn numbers_read_as_in_python() {
    for (written, expected) in [
        ("0", "0"),
        ("-0", "0"),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        ),
        ("-5", "-5"),
        ("0.0", "0.0"),
        ("-0.0", "-0.0"),
        ("3.0", "3.0"),
        ("3.10", "3.1"),
        ("1E5", "100000.0"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("0.00012345", "0.00012345"),
        ("1.25e-7", "1.25e-07"),
        ("1e15", "1000000000000000.0"),
        ("9999999999999998.0", "9999999999999998.0"),
        ("862737837826498.25", "862737837826498.2"),
        ("27386993210414.3125", "27386993210414.312"),
        ("9007199254740993.0", "9007199254740992.0"),
        ("1e16", "1e+16"),
        ("1e+22", "1e+22"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("5e-324", "5e-324"),
        ("0.1000000000000000055511151231257827", "0.1"),
    ] {
        let value: Value = serde_json::from_str(written).expect("a number");
        check(
            "{{n}} {{l}}",
            json!({"n": value, "l": [value]}),
            &format!("{expected} [{expected}]"),
        );
    }
    let huge: Value = serde_json::from_str("-1e400").expect("a number");
    check(
        "{{n}} {{l}}",
        json!({"n": huge, "l": [huge]}),
        "-inf [-Infinity]",
    );
}

#[test]
fn lists_and_objects_read_as_json_dumps() {
    let context = json!({"o": {
        "é": "😀\u{7f}\u{0}\"\\/\t\r\u{8}\u{c}",
        "a": [true, false, null, {}, [], "", 1.0],
    }});
    check(
        "{{o}}",
        context,
        "{\"\\u00e9\": \"\\ud83d\\ude00\\u007f\\u0000\\\"\\\\/\\t\\r\\b\\f\", \
         \"a\": [true, false, null, {}, [], \"\", 1.0]}",
    );
}

#[test]
fn backslash_n_becomes_a_line_break_across_pieces() {
    let context = json!({"n": "n", "slash": "a\\", "empty": "", "two": "\\\\n"});
    for (template, expected) in [
        ("a\\nb", "a\nb"),
        ("a\\{{n}}b", "a\nb"),
        ("{{slash}}nb", "a\nb"),
        ("{{slash}}{{empty}}{{n}}b", "a\nb"),
        ("{{slash}}{{slash}}{{n}}", "a\\a\n"),
        ("{{two}}", "\\\n"),
        ("{{slash}}x{{n}}", "a\\xn"),
    ] {
        check(template, context.clone(), expected);
    }
}

#[test]
fn zones_are_inherited_from_the_first_suffix_of_the_string() {
    for (template, expected) in [
        ("{{current_weekday}}", "Thursday"),
        (
            "{{current_time}} {{current_weekday_Asia/Tokyo}}",
            "2026-03-06 08:30:45 JST Friday",
        ),
        (
            "{{current_time}} {{ current_time_Asia/Tokyo",
            "2026-03-06 08:30:45 JST {{ current_time_Asia/Tokyo",
        ),
        (
            "{{current_time_America/New_York | x}}",
            "2026-03-05 18:30:45 EST",
        ),
        (
            "{{current_time_Asia/Kathmandu}}",
            "2026-03-06 05:15:45 +0545",
        ),
        ("{{current_time_asia/tokyo | wrong case}}", "wrong case"),
        ("{{current_time_ | x}} {{current_weekday}}", "x Thursday"),
        ("{{current_timely}}{{current_time.x}}", ""),
        (
            "{{current_time_Not/AZone}} {{current_time_Asia/Tokyo}}",
            " 2026-03-06 08:30:45 JST",
        ),
    ] {
        check(template, json!({}), expected);
    }
    for template in [
        "{{current_time_No/Zone}}{{current_weekday}}",
        "{{current_time}}{{{current_weekday_No/Zone",
    ] {
        let expected = TemplateError::UnknownZone("No/Zone".into());
        assert_eq!(render(template, &Map::new(), now()), Err(expected.clone()));
        assert_eq!(segments(template, &Map::new(), now()), Err(expected));
    }
}

#[test]
fn zone_inheritance_stops_at_the_string() {
    let template = json!(["{{current_time_No/Zone}}", {"{{current_weekday}}": "{{current_time}}"}]);
    assert_eq!(
        render_value(&template, &Map::new(), now()),
        Ok(json!(["", {"Thursday": "2026-03-05 23:30:45 UTC"}]))
    );
}

#[test]
fn keys_that_render_equal_keep_the_first_place_and_the_last_value() {
    let rendered = render_value(
        &json!({"{{a}}": 1, "x": 2, "{{b}}": 3}),
        &map(json!({"a": "k", "b": "k"})),
        now(),
    );
    let text = rendered.map(|value| value.to_string());
    assert_eq!(text.as_deref(), Ok("{\"k\":3,\"x\":2}"));
}

#[test]
fn segments_say_where_the_text_comes_from() {
    let context = map(json!({"name": "Asha", "empty": ""}));
    let found = segments(
        "Hi {{initial_context.name}}, {{empty | you}}{{gone}}{{empty}}!",
        &context,
        now(),
    )
    .expect("renders");
    let seen: Vec<_> = found
        .iter()
        .map(|segment| {
            (
                segment.text.as_str(),
                segment.variable.as_deref(),
                segment.state,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("Hi ", None, SegmentState::Plain),
            ("Asha", Some("name"), SegmentState::Set),
            (", ", None, SegmentState::Plain),
            ("you", Some("empty"), SegmentState::Fallback),
            ("", Some("gone"), SegmentState::Missing),
            ("", Some("empty"), SegmentState::Set),
            ("!", None, SegmentState::Plain),
        ]
    );
}

#[test]
fn variables_are_listed_without_built_ins() {
    let listed = variables(
        "{{current_time}}{{current_weekday_Asia/Tokyo}}{{current_time_Nowhere}}\
         {{initial_context.user.name | fallback:you}}{{plan|fallback}}{{initial_context}}{{a b}}{{plan}}",
    );
    let seen: Vec<_> = listed
        .iter()
        .map(|variable| (variable.name.as_str(), variable.fallback.as_deref()))
        .collect();
    assert_eq!(
        seen,
        [
            ("current_time_Nowhere", None),
            ("user.name", Some("you")),
            ("plan", Some("Plan")),
            ("initial_context", None),
            ("plan", None),
        ]
    );
}

#[track_caller]
fn url(template: &str) -> Result<String, TemplateError> {
    let context = map(json!({
        "s": "a b/é?&=", "t": true, "n": null, "e": "", "f": 1e22, "i": 7, "nl": "a\\nb",
        "host": "api.example.com", "ok": "-._~", "https": "https",
    }));
    render_url(template, &context, now())
}

#[test]
fn urls_are_percent_encoded() {
    for (template, expected) in [
        ("https://h/{{s}}", "https://h/a%20b%2F%C3%A9%3F%26%3D"),
        (
            "https://h/{{t}}/{{f}}/{{i}}/{{ok}}",
            "https://h/true/1e%2B22/7/-._~",
        ),
        ("https://h/{{nl}}\\n", "https://h/a%5Cnb\\n"),
        ("https://{{host}}:8080/", "https://api.example.com:8080/"),
        ("HTTP://u@[::1]/{{i}}", "HTTP://u@[::1]/7"),
        ("https://h/{{e | a/b}}{{n | }}", "https://h/a%2Fb"),
        ("https://h/{{e | }}", "https://h/"),
        (" https://h/{{i}}", " https://h/7"),
        ("https://h/{{current_weekday}}", "https://h/Thursday"),
        ("", ""),
        ("ftp://anything goes", "ftp://anything goes"),
    ] {
        assert_eq!(url(template).as_deref(), Ok(expected), "{template}");
    }
}

#[test]
fn urls_refuse_what_is_doubtful() {
    use TemplateError as E;
    for (template, expected) in [
        ("https://h/{{s", E::UnmatchedOpening),
        ("https://h/s}}", E::UnmatchedClosing),
        ("https://h/{{{{s}}}}", E::NestedOpening),
        ("https://h/{{a b}}", E::MalformedPlaceholder),
        ("https://h/{{}}", E::MalformedPlaceholder),
        ("https://h/}}{{", E::MalformedPlaceholder),
        ("https://h/{{n}}", E::MissingValue("n".into())),
        (
            "https://h/{{initial_context.x}}",
            E::MissingValue("initial_context.x".into()),
        ),
        ("{{https}}://h/", E::SchemeChanged),
        ("https{{i}}://h/", E::SchemeChanged),
        ("https://[{{i}}/", E::MalformedHost),
        ("https://[::1]{{i}}/", E::MalformedHost),
        ("https://[{{i}}]/", E::MalformedHost),
        ("ftp://h/{{i}}", E::NotHttp),
        ("https://\n/{{i}}", E::NotHttp),
        ("https:///{{i}}", E::NotHttp),
        ("https://:80/{{i}}", E::NotHttp),
        ("https:h/{{i}}", E::NotHttp),
        ("/{{i}}", E::NotHttp),
        ("https://{{e | }}/", E::NotHttp),
    ] {
        assert_eq!(url(template), Err(expected), "{template}");
    }
}

#[test]
fn hostile_templates_are_scanned_in_one_pass() {
    // Each of these takes a backtracking scanner time that grows with the square of the length.
    for piece in ["{{", "{{a|", "{{a ", "{{a|b:", "{{a{{ ", "{{ ", "\\"] {
        let template = piece.repeat(50_000);
        check(&template, json!({}), &template);
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        "[{}n\\\\ |x]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec(("[abn.]{0,2}", inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_template() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "\\PC{0,6}",
        "[{}|: \\\\nabé.]{0,12}",
        "\\{\\{ ?[abn.]{1,4} ?(\\| ?[abn:]{0,4})?\\}\\}",
        Just("{{current_time}}".to_owned()),
        Just("{{current_time_Asia/Tokyo}}".to_owned()),
        Just("{{initial_context.a}}".to_owned()),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn any_context() -> impl Strategy<Value = Map<String, Value>> {
    proptest::collection::vec(("[abn]{1,2}", any_json()), 0..5)
        .prop_map(|fields| fields.into_iter().collect())
}

proptest! {
    #[test]
    fn rendering_never_panics_and_segments_join_to_it(
        template in any_template(), context in any_context()
    ) {
        let rendered = render(&template, &context, now());
        let joined = segments(&template, &context, now())
            .map(|found| found.into_iter().map(|segment| segment.text).collect::<String>());
        prop_assert_eq!(rendered, joined);
        let _ = variables(&template);
        let _ = render_url(&template, &context, now());
        let _ = render_value(&Value::Object(context.clone()), &context, now());
    }

    #[test]
    fn a_value_is_never_rendered_again(value in any_template(), other in any_json()) {
        let context = map(json!({"a": value, "b": other, "n": "again"}));
        let rendered = render("<{{a}}>", &context, now()).expect("renders");
        prop_assert_eq!(rendered, format!("<{value}>").replace("\\n", "\n"));
    }
}
