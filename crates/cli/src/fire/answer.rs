//! What a trigger's answer means for whoever asks whether a phone rang. Judged by status and code,
//! never by words; whatever is not certain counts as unknown.

use http::{StatusCode, header};
use serde_json::Value;
use switchhook_client::Answer;

/// Codes of a 503 that says for certain that nothing was dialled (docs/api.md, errors).
const NOT_DIALLED: [&str; 3] = [
    "shutting-down",
    "storage-unavailable",
    "secret-store-unavailable",
];

/// What an answer says.
#[derive(Debug, PartialEq)]
pub enum Judged {
    /// The call is on its way.
    Initiated { run: i64, reply: Value },
    /// The carrier, or what answered in the server's place, may have let the phone ring.
    Unknown { run: Option<i64>, words: String },
    /// Nothing rings.
    Refused { words: String },
}

/// See the module.
pub fn judge(answer: &Answer) -> Judged {
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let run = body["workflow_run_id"].as_i64();
    let status = answer.status;
    if status.is_success() {
        return match run {
            Some(run) => Judged::Initiated { run, reply: body },
            None => Judged::Unknown {
                run,
                words: format!("what answered there ({status}) is no trigger"),
            },
        };
    }
    let code = body["code"].as_str().unwrap_or_default();
    let words = words(answer, &body, code);
    let is_unknown = match status {
        StatusCode::SERVICE_UNAVAILABLE => !NOT_DIALLED.contains(&code),
        _ => status.is_server_error() || code == "outcome-unknown",
    };
    if is_unknown {
        Judged::Unknown { run, words }
    } else {
        Judged::Refused { words }
    }
}

fn words(answer: &Answer, body: &Value, code: &str) -> String {
    let header = |name| {
        let value = answer.headers.get(name)?;
        value.to_str().ok()
    };
    let detail = match &body["detail"] {
        Value::String(detail) => detail.clone(),
        Value::Array(wrong) => wrong.iter().map(field).collect::<Vec<_>>().join("; "),
        _ => "the server says nothing more".to_owned(),
    };
    let mut words = format!("{detail} ({}", answer.status.as_u16());
    if !code.is_empty() {
        words.push(' ');
        words.push_str(code);
    }
    words.push(')');
    if let Some(reason) = body["reason"].as_str() {
        words.push_str(&format!(": {reason}"));
    }
    if let Some(seconds) = header(header::RETRY_AFTER) {
        words.push_str(&format!("; it may be tried again after {seconds} s"));
    }
    if let Some(location) = header(header::LOCATION) {
        words.push_str(&format!(
            "; this address leads on to {location}, use that one"
        ));
    }
    words
}

/// `field: what is wrong`, of a list of wrong fields (contract §1.2).
fn field(wrong: &Value) -> String {
    let place = wrong["loc"].as_array().into_iter().flatten().skip(1);
    let place: Vec<String> = place
        .map(|part| {
            part.as_str()
                .map_or_else(|| part.to_string(), str::to_owned)
        })
        .collect();
    let message = wrong["msg"].as_str().unwrap_or("wrong");
    format!("{}: {message}", place.join("."))
}

#[cfg(test)]
mod tests {
    use super::{Judged, judge};
    use http::{HeaderMap, StatusCode};
    use switchhook_client::Answer;

    fn judged(status: u16, body: &str) -> &'static str {
        let answer = Answer {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::new(),
            body: body.to_owned().into(),
        };
        match judge(&answer) {
            Judged::Initiated { .. } => "initiated",
            Judged::Unknown { .. } => "unknown",
            Judged::Refused { .. } => "refused",
        }
    }

    #[test]
    fn only_what_certainly_rang_nothing_is_refused() {
        for (status, body, expected) in [
            (
                200,
                r#"{"status":"initiated","workflow_run_id":1}"#,
                "initiated",
            ),
            (200, "<html>", "unknown"),
            (400, r#"{"detail":"x","code":"carrier-refused"}"#, "refused"),
            (400, r#"{"detail":"x","code":"outcome-unknown"}"#, "unknown"),
            (302, "", "refused"),
            (401, r#"{"detail":"x"}"#, "refused"),
            (
                422,
                r#"{"detail":[{"loc":["body","phone_number"],"msg":"x"}]}"#,
                "refused",
            ),
            (500, r#"{"detail":"x","code":"internal"}"#, "unknown"),
            (502, "", "unknown"),
            (503, "", "unknown"),
            (503, r#"{"detail":"x","code":"shutting-down"}"#, "refused"),
            (
                503,
                r#"{"detail":"x","code":"storage-unavailable"}"#,
                "refused",
            ),
            (
                503,
                r#"{"detail":"x","code":"secret-store-unavailable"}"#,
                "refused",
            ),
        ] {
            assert_eq!(judged(status, body), expected, "{status} {body}");
        }
    }
}
