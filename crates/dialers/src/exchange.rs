//! What of a request to a carrier, or of its callback, is kept for people to look at. A field is
//! kept only when the carrier's own table names it, and whatever is kept has been searched for the
//! secrets that were at hand: two nets, because a table can be wrong and a carrier may repeat a
//! secret in any text. Headers are never kept, nor the query of an address: tokens live there.
//! Which fields a carrier has is in its own files.

use crate::http::{Answer, Lost};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Instant;
use switchhook_core::ids::{AttemptId, RunId};
use switchhook_core::ports::{CallRef, CallSink, Clock, DialRequest, Exchange, ExchangeKind};

/// Most fields of a side, and the longest value in characters.
const MOST_FIELDS: usize = 24;
const LONGEST_VALUE: usize = 300;
/// What stands for a secret.
const STARS: &str = "****";
/// Shorter ones would star half of every text and protect nothing.
const SHORTEST_SECRET: usize = 3;

/// Takes secrets out of texts.
pub(crate) struct Redaction(Vec<String>);

impl Redaction {
    /// These secrets, as they are and as an address spells them.
    pub fn of<'a>(secrets: impl IntoIterator<Item = &'a SecretString>) -> Self {
        let mut all = Vec::new();
        for secret in secrets {
            let secret = secret.expose_secret();
            if secret.chars().count() < SHORTEST_SECRET {
                continue;
            }
            let encoded = form_urlencoded::byte_serialize(secret.as_bytes());
            all.extend([secret.to_owned(), encoded.collect()]);
        }
        // A longer one may hold a shorter one.
        all.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        all.dedup();
        Self(all)
    }

    /// The text without secrets, whole.
    pub fn stars(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            // Looking is cheap beside replacing, and most texts are too short to hold a secret.
            if text.len() >= secret.len() && text.contains(secret.as_str()) {
                text = text.replace(secret.as_str(), STARS);
            }
        }
        text
    }

    /// A text without secrets, cut to what is kept; an address without its query.
    fn value(&self, text: &str) -> String {
        let is_address = text.starts_with("https://") || text.starts_with("http://");
        let text = match text.split_once('?') {
            Some((address, _)) if is_address => format!("{address}?…"),
            _ => text.to_owned(),
        };
        let mut text = self.stars(&text);
        if let Some((end, _)) = text.char_indices().nth(LONGEST_VALUE) {
            text.truncate(end);
            text.push('…');
        }
        text
    }

    /// The fields that may be kept, in the order they come in.
    pub fn fields<N: AsRef<str>, V: AsRef<str>>(
        &self,
        pairs: impl IntoIterator<Item = (N, V)>,
        kept: &[&str],
    ) -> Vec<(String, String)> {
        let pairs = pairs
            .into_iter()
            .filter(|(name, value)| kept.contains(&name.as_ref()) && !value.as_ref().is_empty());
        pairs
            .take(MOST_FIELDS)
            .map(|(name, value)| (name.as_ref().to_owned(), self.value(value.as_ref())))
            .collect()
    }

    /// The members of a JSON object that may be kept; of a list how long it is. `None` for what is
    /// no object.
    fn members(&self, body: &[u8], kept: &[&str]) -> Option<Vec<(String, String)>> {
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            return None;
        };
        let plain = |value: Value| match value {
            Value::String(text) => Some(text),
            Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
            Value::Array(items) => Some(items.len().to_string()),
            Value::Null | Value::Object(_) => None,
        };
        let pairs = members
            .into_iter()
            .filter_map(|(name, value)| Some((name, plain(value)?)));
        Some(self.fields(pairs, kept))
    }
}

/// Which call a request is about, and who is told of it.
pub(crate) struct About<'a> {
    pub sink: &'a dyn CallSink,
    pub clock: &'a dyn Clock,
    pub run_id: RunId,
    pub attempt_id: AttemptId,
    pub kind: ExchangeKind,
    /// Of the attempt's callbacks, where it is at hand.
    pub token: Option<&'a SecretString>,
}

impl<'a> About<'a> {
    pub fn dial(sink: &'a dyn CallSink, clock: &'a dyn Clock, request: &'a DialRequest) -> Self {
        Self {
            sink,
            clock,
            run_id: request.run_id,
            attempt_id: request.attempt_id,
            kind: ExchangeKind::Dial,
            token: request.callbacks.as_ref().map(|callbacks| &callbacks.token),
        }
    }

    pub fn call(
        sink: &'a dyn CallSink,
        clock: &'a dyn Clock,
        call: &CallRef,
        kind: ExchangeKind,
    ) -> Self {
        Self {
            sink,
            clock,
            run_id: call.run_id,
            attempt_id: call.attempt_id,
            kind,
            token: None,
        }
    }

    /// Nothing but whom it is about.
    fn blank(&self, target: String) -> Exchange {
        Exchange {
            run_id: self.run_id,
            attempt_id: self.attempt_id,
            kind: self.kind,
            at: self.clock.now(),
            took: None,
            target,
            status: None,
            note: None,
            request: Vec::new(),
            reply: Vec::new(),
        }
    }

    /// A callback that was believed.
    pub fn called_back(
        &self,
        redaction: &Redaction,
        url: &str,
        parameters: &[(String, String)],
        kept: &[&str],
        status: u16,
    ) {
        let path = Url::parse(url).map_or_else(|_| String::new(), |url| url.path().to_owned());
        let pairs = parameters.iter().map(|(name, value)| (name, value));
        self.sink.exchange(Exchange {
            status: Some(status),
            request: redaction.fields(pairs, kept),
            ..self.blank(redaction.value(&format!("POST {path}")))
        });
    }
}

/// A request that is under way. It is told of when it is answered, or when it is given up: whoever
/// bounds a dial's time drops it.
pub(crate) struct UnderWay<'a> {
    sink: &'a dyn CallSink,
    redaction: Redaction,
    kept: &'static [&'static str],
    began: Instant,
    exchange: Option<Exchange>,
}

impl<'a> UnderWay<'a> {
    /// `form` is what is sent besides the address's query.
    pub fn begin(
        about: &About<'a>,
        redaction: Redaction,
        method: &Method,
        url: &Url,
        form: Option<&str>,
        sent: &[&str],
        kept: &'static [&'static str],
    ) -> Self {
        let query = url.query_pairs();
        let form = form_urlencoded::parse(form.unwrap_or_default().as_bytes());
        let exchange = Exchange {
            request: redaction.fields(query.chain(form), sent),
            ..about.blank(redaction.value(&format!("{method} {}", url.path())))
        };
        Self {
            sink: about.sink,
            redaction,
            kept,
            began: Instant::now(),
            exchange: Some(exchange),
        }
    }

    /// It is asked again: that is what the record is to tell.
    pub fn forget(mut self) {
        self.exchange = None;
    }

    pub fn end(mut self, outcome: &Result<Answer, Lost>) {
        let Some(mut exchange) = self.exchange.take() else {
            return;
        };
        exchange.took = Some(self.began.elapsed());
        match outcome {
            Ok(answer) => {
                exchange.status = Some(answer.status);
                match self.redaction.members(&answer.body, self.kept) {
                    Some(members) => exchange.reply = members,
                    None if answer.body.is_empty() => {}
                    None => exchange.note = Some("the answer is not JSON".to_owned()),
                }
            }
            Err(Lost::Unsent(words) | Lost::Unanswered(words)) => {
                exchange.note = Some(self.redaction.value(words));
            }
        }
        self.sink.exchange(exchange);
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        if let Some(exchange) = self.exchange.take() {
            self.sink.exchange(Exchange {
                took: Some(self.began.elapsed()),
                note: Some("given up before the carrier answered".to_owned()),
                ..exchange
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redaction(secrets: &[&str]) -> Redaction {
        let secrets: Vec<SecretString> = secrets.iter().map(|text| (*text).into()).collect();
        Redaction::of(&secrets)
    }

    #[test]
    fn only_named_fields_are_kept_and_no_secret_in_them() {
        let redaction = redaction(&["an auth token", "AC123"]);
        let body = br#"{"message": "AC123 may not, says an auth token or an+auth+token",
            "uri": "/Accounts/AC123", "code": 20003, "calls": [1, 2], "more": {"a": 1}}"#;
        let members = redaction.members(body, &["message", "code", "calls", "more"]);
        let expected = [
            ("message", "**** may not, says **** or ****"),
            ("code", "20003"),
            ("calls", "2"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(members.as_deref(), Some(expected.as_slice()));
    }

    #[test]
    fn an_address_is_kept_without_its_query() {
        let redaction = redaction(&[]);
        assert_eq!(
            redaction.value("https://a.example/x/1?attempt=2&token=3"),
            "https://a.example/x/1?…"
        );
        assert_eq!(redaction.value("Really? Yes"), "Really? Yes");
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let redaction = redaction(&[]);
        let long = "ä".repeat(LONGEST_VALUE + 1);
        let pairs = (0..MOST_FIELDS + 1).map(|_| ("a", long.as_str()));
        let fields = redaction.fields(pairs, &["a"]);
        assert_eq!(fields.len(), MOST_FIELDS);
        assert_eq!(fields[0].1.chars().count(), LONGEST_VALUE + 1);
        assert!(fields[0].1.ends_with('…'));
    }

    #[test]
    fn a_secret_that_would_be_cut_in_two_is_starred_first() {
        let redaction = redaction(&["0123456789"]);
        let text = format!("{}0123456789", "a".repeat(LONGEST_VALUE - 5));
        assert!(!redaction.value(&text).contains("01234"));
    }
}
