//! The recorded cases as data, a file a chapter, each in the order of the recording.

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// A recorded exchange.
#[derive(Clone, Debug, Deserialize)]
pub struct Exchange {
    pub method: String,
    pub path: String,
    pub headers: BTreeMap<String, String>,
    body: Option<String>,
    bytes: Option<Vec<u8>>,
    rule: Option<String>,
    pub status: u16,
    pub response_headers: BTreeMap<String, String>,
    pub response: String,
}

/// What a case is.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Kind {
    Exchange(Box<Exchange>),
    /// Bytes of a connection.
    Raw {
        raw_request: String,
        raw_response: String,
    },
    /// What stood in the reference's database afterwards.
    Fact {
        fact: Value,
    },
}

/// A recorded case.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    pub case: String,
    #[serde(flatten)]
    pub kind: Kind,
}

const CHAPTERS: &[(&str, &str)] = &[
    ("edges", include_str!("data/edges.jsonl")),
    ("keys", include_str!("data/keys.jsonl")),
    ("telephony", include_str!("data/telephony.jsonl")),
    ("providers", include_str!("data/providers.jsonl")),
    ("triggers", include_str!("data/triggers.jsonl")),
    ("concurrency", include_str!("data/concurrency.jsonl")),
    ("callbacks", include_str!("data/callbacks.jsonl")),
    ("agents", include_str!("data/agents.jsonl")),
    ("runs", include_str!("data/runs.jsonl")),
    ("carrier", include_str!("data/carrier.jsonl")),
    ("rest", include_str!("data/rest.jsonl")),
    ("raw", include_str!("data/raw.jsonl")),
];

/// The cases of a chapter.
pub fn chapter(name: &str) -> Vec<Case> {
    let (_, lines) = CHAPTERS
        .iter()
        .find(|(chapter, _)| *chapter == name)
        .expect("a chapter of the table");
    lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a case is JSON"))
        .collect()
}

/// The names of all cases in the files.
pub fn names() -> Vec<String> {
    CHAPTERS
        .iter()
        .flat_map(|(name, _)| chapter(name))
        .map(|case| case.case)
        .collect()
}

impl Exchange {
    /// The body as it was sent; those that were too long to record are made again by their rule.
    pub fn body(&self) -> Option<Vec<u8>> {
        if let Some(rule) = &self.rule {
            return Some(by_rule(rule).into_bytes());
        }
        self.bytes
            .clone()
            .or_else(|| self.body.clone().map(String::into_bytes))
    }

    /// The recorded answer, where it is JSON.
    pub fn json(&self) -> Option<Value> {
        serde_json::from_str(&self.response).ok()
    }
}

fn by_rule(rule: &str) -> String {
    let nested = |depth: usize| {
        with_context(&format!(
            "{}1{}",
            "{\"a\":".repeat(depth),
            "}".repeat(depth)
        ))
    };
    match rule {
        "phone_long10k" => format!(r#"{{"phone_number": "+{}"}}"#, "1".repeat(10_000)),
        "ctx_deep_2000" => nested(2_000),
        "ctx_deep_100k" => nested(100_000),
        "ctx_10mb" => with_context(&format!(
            r#"{{"blob": "{}"}}"#,
            "x".repeat(10 * 1024 * 1024)
        )),
        "ctx_100k_keys" => {
            let pairs: Vec<_> = (0..100_000).map(|n| format!(r#""k{n}": {n}"#)).collect();
            with_context(&format!("{{{}}}", pairs.join(", ")))
        }
        _ => panic!("no rule makes {rule}"),
    }
}

fn with_context(context: &str) -> String {
    format!(r#"{{"phone_number": "+14155550100", "initial_context": {context}}}"#)
}
