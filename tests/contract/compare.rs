//! Whether an answer equals the recorded one. Our answers may say more, never less: every recorded
//! member must be there with the recorded value. What two servers cannot have in common (ids,
//! times, keys, a carrier's own words) is compared by its form.

use crate::recorded::Exchange;
use serde_json::Value;
use switchhook_tests::server::http::Response;

/// How a member is compared that is not compared by its value.
enum Form {
    /// Both null or both of one JSON type.
    Kind,
    Time,
    /// A run's name but for the number.
    RunName,
    /// The provider's id: the reference's was Twilio.
    Provider,
    /// As `Kind`, or something where the reference had nothing yet.
    More,
    /// Null or a time: whether a key's use is written already is a matter of moments.
    LastUse,
    /// Ours is left out or differs by nature.
    Ignored,
}

const FORMS: &[(&[&str], Form)] = &[
    (
        &[
            "id",
            "workflow_id",
            "definition_id",
            "current_definition_id",
            "workflow_run_id",
            "telephony_configuration_id",
            "inbound_workflow_id",
            "api_key_id",
            "total_runs",
            "total_count",
            "total_pages",
            "version_number",
            "workflow_uuid",
            "key_prefix",
            "api_key",
            "call_id",
            "version",
            "backend_api_endpoint",
            "signup_enabled",
            "logs",
            "trigger_path",
            "from_phone_number_id",
            "stasis_app_name",
        ],
        Form::Kind,
    ),
    (
        &[
            "cost_info",
            "usage_info",
            "transcript_url",
            "transcript_public_url",
            "recording_public_url",
            "public_access_token",
        ],
        Form::More,
    ),
    (&["last_used_at"], Form::LastUse),
    (
        &["created_at", "updated_at", "archived_at", "published_at"],
        Form::Time,
    ),
    (&["workflow_run_name"], Form::RunName),
    (&["provider", "mode"], Form::Provider),
    // Each leads to pages of its own.
    (&["docs_url"], Form::Ignored),
    // Keys have no owner here, and nobody bills.
    (&["api_key_created_by", "mps_correlation_id"], Form::Ignored),
];

/// Everything in which an answer differs from the recorded one.
pub fn answers(recorded: &Exchange, ours: &Response) -> Vec<String> {
    let mut problems = Vec::new();
    if recorded.status != ours.status {
        problems.push(format!(
            "status {} instead of {}: {:.300}",
            ours.status,
            recorded.status,
            ours.text()
        ));
        return problems;
    }
    headers(recorded, ours, &mut problems);
    match recorded.json() {
        Some(expected) => match serde_json::from_slice(&ours.body) {
            Ok(body) => value("", "", &expected, &body, &mut problems),
            Err(_) => problems.push(format!("the body is no JSON: {:.200}", ours.text())),
        },
        None if recorded.response != ours.text() => {
            problems.push(format!(
                "the body is {:.200?} instead of {:?}",
                ours.text(),
                recorded.response
            ));
        }
        None => {}
    }
    problems
}

fn headers(recorded: &Exchange, ours: &Response, problems: &mut Vec<String>) {
    for (name, expected) in &recorded.response_headers {
        // A management key is no cookie: those routes answer no foreign page.
        let is_control = !recorded.path.starts_with("/api/v1/public/") && name == "vary";
        let is = ours.header(name).unwrap_or_default();
        let same = match name.as_str() {
            "location" => host_free(is) == host_free(expected),
            "allow" => words(is) == words(expected),
            "content-type" => is.eq_ignore_ascii_case(expected),
            _ => is_control || is == expected,
        };
        if !same {
            problems.push(format!("{name}: {is:?} instead of {expected:?}"));
        }
    }
}

fn host_free(url: &str) -> &str {
    url.split_once("://")
        .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]))
        .unwrap_or(url)
}

fn words(list: &str) -> Vec<&str> {
    let mut words: Vec<_> = list.split(',').map(str::trim).collect();
    words.sort_unstable();
    words
}

/// Compares two values; `name` is the member they belong to.
pub fn value(path: &str, name: &str, expected: &Value, is: &Value, problems: &mut Vec<String>) {
    let form = FORMS
        .iter()
        .find(|(names, _)| names.contains(&name))
        .map(|(_, form)| form);
    let same = match form {
        _ if failure(expected).is_some() && failure(is).is_some() => true,
        // `detail` repeats what was sent: always by value.
        Some(_) if path.starts_with("/detail") => expected == is,
        // Which configuration a run names is what callbacks would read credentials by.
        _ if path == "initial_context/telephony_configuration_id" => expected == is,
        Some(Form::Ignored) => true,
        Some(Form::More) => expected.is_null() || kind(expected) == kind(is),
        Some(Form::LastUse) => is.is_null() || time(is) == "a time",
        Some(Form::Kind) => kind(expected) == kind(is),
        Some(Form::Time) => time(expected) == time(is),
        Some(Form::RunName) => run_name(expected) == run_name(is),
        Some(Form::Provider) => is == "desk_phone" || expected == is,
        None if name == "name" && run_name(expected).is_some() => {
            run_name(expected) == run_name(is)
        }
        None => return members(path, expected, is, problems),
    };
    if !same {
        problems.push(format!("{path}: {is} instead of {expected}"));
    }
}

fn members(path: &str, expected: &Value, is: &Value, problems: &mut Vec<String>) {
    match (expected, is) {
        (Value::Object(expected), Value::Object(is)) => {
            for (name, expected) in expected {
                let path = format!("{path}/{name}");
                match is.get(name) {
                    Some(is) => value(&path, name, expected, is, problems),
                    None if FORMS.iter().any(|(names, form)| {
                        matches!(form, Form::Ignored) && names.contains(&&**name)
                    }) => {}
                    None => problems.push(format!("{path} is missing")),
                }
            }
        }
        (Value::Array(expected), Value::Array(is)) if expected.len() == is.len() => {
            for (at, (expected, is)) in expected.iter().zip(is).enumerate() {
                value(&format!("{path}/{at}"), "", expected, is, problems);
            }
        }
        _ if expected == is => {}
        _ => problems.push(format!("{path}: {is:.300} instead of {expected:.300}")),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Null, a time, or something else.
fn time(value: &Value) -> &'static str {
    let Some(text) = value.as_str() else {
        return kind(value);
    };
    let mask: String = text
        .chars()
        .map(|char| if char.is_ascii_digit() { '0' } else { char })
        .collect();
    let is_time = mask.starts_with("0000-00-00T00:00:00")
        && (mask.ends_with('Z') || mask.ends_with("+00:00"));
    if is_time { "a time" } else { "a text" }
}

/// A carrier's own words behind the recorded beginning.
fn failure(value: &Value) -> Option<&str> {
    value.as_str()?.strip_prefix("Failed to initiate call: ")
}

/// `WR-API` or `WR-TEST` of `WR-API-4711`.
fn run_name(value: &Value) -> Option<&str> {
    let (kind, number) = value.as_str()?.rsplit_once('-')?;
    (kind.starts_with("WR-") && number.parse::<u64>().is_ok()).then_some(kind)
}
