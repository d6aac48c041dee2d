//! The renderer against what the reference implementation answered (contract §4). The reference
//! has its own wording for errors; each vector that raises names the one variant it stands for.

use jiff::Timestamp;
use serde_json::{Map, Value};
use switchhook_core::template::{TemplateError, render_url, render_value};

/// The wall clock named in the file's `source`.
const NOW: &str = "2026-03-05T23:30:45Z";

#[test]
fn every_recorded_rendering_is_reproduced() {
    let file: Value =
        serde_json::from_str(include_str!("data/template_vectors.json")).expect("the vectors");
    let vectors = file["vectors"].as_array().expect("a list of vectors");
    assert_eq!(Some(vectors.len() as u64), file["count"].as_u64());
    let now: Timestamp = NOW.parse().expect("a timestamp");

    for (index, vector) in vectors.iter().enumerate() {
        let template = &vector["template"];
        let empty = Map::new();
        let context = vector["context"].as_object().unwrap_or(&empty);
        let rendered = match vector["function"].as_str() {
            Some("render_template") => render_value(template, context, now),
            Some("render_url_template") => {
                let url = template.as_str().expect("a URL template is a string");
                render_url(url, context, now).map(Value::from)
            }
            other => panic!("vector {index} names the unknown function {other:?}"),
        };
        let expected = match vector.get("raises") {
            None => Ok(&vector["expected"]),
            Some(_) => Err(vector["message"].as_str().expect("a message")),
        };
        let rendered = rendered.map_err(|error| reference_message(&error));
        assert_eq!(
            rendered.as_ref().map_err(String::as_str),
            expected,
            "vector {index}: {template}"
        );
        // Values compare without key order, which is part of the contract.
        if let (Ok(ours), Ok(theirs)) = (&rendered, &expected) {
            assert_eq!(ours.to_string(), theirs.to_string(), "vector {index}");
        }
    }
}

fn reference_message(error: &TemplateError) -> String {
    match error {
        TemplateError::UnknownZone(zone) => format!("'No time zone found with key {zone}'"),
        TemplateError::UnmatchedOpening => "Malformed URL template: unmatched '{{' found.".into(),
        TemplateError::UnmatchedClosing => "Malformed URL template: unmatched '}}' found.".into(),
        TemplateError::NestedOpening => "Malformed URL template: nested '{{' found.".into(),
        TemplateError::MalformedPlaceholder => {
            "Malformed URL template: invalid placeholder syntax.".into()
        }
        TemplateError::MissingValue(name) => {
            format!("URL template variable '{name}' has no value.")
        }
        TemplateError::EmptyValue(name) => {
            format!("URL template variable '{name}' resolved to an empty string.")
        }
        TemplateError::ListInUrl(_) => "Arrays cannot be rendered directly into a URL.".into(),
        TemplateError::ObjectInUrl(_) => "Objects cannot be rendered directly into a URL.".into(),
        TemplateError::SchemeChanged => {
            "URL placeholders cannot alter the scheme of the configured endpoint.".into()
        }
        TemplateError::MalformedHost => "URL template rendered an invalid hostname.".into(),
        TemplateError::NotHttp => "URL template must render to a valid HTTP or HTTPS URL.".into(),
    }
}
