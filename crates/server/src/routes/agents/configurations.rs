//! The `workflow_configurations` of an agent as they are sent (contract §3.4): what the reference
//! knows by name is read, and kept, as it reads it; everything else is kept as it was sent. What a
//! setting means is not here.

use crate::body::fields::{FieldError, Fields, Loc};
use crate::body::rules::{Bool, Choice, Float, Int, Integer, List, Model, Rule, Text, Wrong};
use serde_json::{Map, Value, json};

const NAME: &str = "workflow_configurations";
/// Longest call, in seconds.
const LONGEST_CALL: i64 = 1200;
/// How long a text chat may be silent, in seconds.
const SILENCE: Int = Int::between(60, 10_500);
const STARTS: Choice<&str> = Choice::literal(&[
    ("default", "default"),
    ("min_words", "min_words"),
    ("provisional_vad", "provisional_vad"),
]);
const STOPS: Choice<&str> = Choice::literal(&[
    ("transcription", "transcription"),
    ("turn_analyzer", "turn_analyzer"),
]);
const MOST_MAPPINGS: usize = 100;
const MOST_HEADERS: usize = 50;

/// Reads them from a body, where they may be absent or null.
pub fn read(fields: &mut Fields<'_>) -> (Option<Option<Map<String, Value>>>, Vec<FieldError>) {
    match fields.nullable(NAME, &Model) {
        Some(Some(sent)) => {
            let (kept, wrong) = settings(&sent);
            let is_right = wrong.is_empty();
            (is_right.then_some(Some(kept)), wrong)
        }
        absent_or_wrong => (absent_or_wrong, Vec::new()),
    }
}

fn settings(sent: &Map<String, Value>) -> (Map<String, Value>, Vec<FieldError>) {
    // What is null is not set.
    let said = sent.iter().filter(|(_, value)| !value.is_null());
    let mut said: Map<_, _> = said
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if let Some(Value::Array(headers)) = said.get_mut("external_pbx_lead_headers") {
        *headers = once_each(headers);
    }
    let loc = ["body", NAME].map(Loc::from).to_vec();
    let mut at = Place::new(loc, &said);
    at.object("ambient_noise_configuration", |noise| {
        noise.take("enabled", &Bool, Value::from);
        noise.take("volume", &Float, Value::from);
    });
    at.take("max_call_duration", &Seconds, Value::from);
    at.take("max_user_idle_timeout", &Float, Value::from);
    at.take("smart_turn_stop_secs", &Float, Value::from);
    at.take("turn_start_strategy", &STARTS, Value::from);
    at.take("turn_start_min_words", &Whole(Int::ANY), Value::from);
    at.take("provisional_vad_pause_secs", &Float, Value::from);
    at.take("turn_stop_strategy", &STOPS, Value::from);
    at.take("dictionary", &Text::ANY, Value::from);
    at.take("context_compaction_enabled", &Bool, Value::from);
    at.take(
        "text_chat_inactivity_timeout_seconds",
        &Whole(SILENCE),
        Value::from,
    );
    at.list("external_pbx_field_mappings", MOST_MAPPINGS, mapping);
    at.list(
        "external_pbx_lead_headers",
        MOST_HEADERS,
        |loc, item| match FieldName.read(item) {
            Ok(header) => (header.into(), Vec::new()),
            Err(wrong) => (Value::Null, vec![FieldError::new(loc, wrong, item)]),
        },
    );
    (at.kept, at.wrong)
}

/// One object on its way from what was sent to what is kept.
struct Place<'v> {
    loc: Vec<Loc>,
    sent: &'v Map<String, Value>,
    kept: Map<String, Value>,
    wrong: Vec<FieldError>,
}

impl<'v> Place<'v> {
    fn new(loc: Vec<Loc>, sent: &'v Map<String, Value>) -> Self {
        let (kept, wrong) = (sent.clone(), Vec::new());
        Self {
            loc,
            sent,
            kept,
            wrong,
        }
    }

    fn below(&self, name: &str) -> Vec<Loc> {
        let mut loc = self.loc.clone();
        loc.push(Loc::from(name));
        loc
    }

    /// Reads a field that was sent.
    fn take<R: Rule>(&mut self, name: &str, rule: &R, kept: impl Fn(R::Value) -> Value) {
        let Some(value) = self.sent.get(name) else {
            return;
        };
        match rule.read(value) {
            Ok(read) => {
                self.kept.insert(name.to_owned(), kept(read));
            }
            Err(wrong) => self
                .wrong
                .push(FieldError::new(self.below(name), wrong, value)),
        }
    }

    /// Reads an object that was sent.
    fn object(&mut self, name: &str, read: impl Fn(&mut Place<'_>)) {
        let Some(value) = self.sent.get(name) else {
            return;
        };
        let loc = self.below(name);
        match Model.read(value) {
            Ok(sent) => {
                let mut inner = Place::new(loc, &sent);
                read(&mut inner);
                let Place {
                    kept, mut wrong, ..
                } = inner;
                self.wrong.append(&mut wrong);
                self.kept.insert(name.to_owned(), Value::Object(kept));
            }
            Err(wrong) => self.wrong.push(FieldError::new(loc, wrong, value)),
        }
    }

    /// Reads a list that was sent, of at most so many items.
    fn list(
        &mut self,
        name: &str,
        most: usize,
        read: impl Fn(Vec<Loc>, &Value) -> (Value, Vec<FieldError>),
    ) {
        let Some(value) = self.sent.get(name) else {
            return;
        };
        let loc = self.below(name);
        let items = match List.read(value) {
            Ok(items) => items,
            Err(wrong) => return self.wrong.push(FieldError::new(loc, wrong, value)),
        };
        if items.len() > most {
            let wrong = too_long(most, items.len());
            return self.wrong.push(FieldError::new(loc, wrong, value));
        }
        let mut kept = Vec::with_capacity(items.len());
        for (at, item) in items.iter().enumerate() {
            let mut loc = loc.clone();
            loc.push(Loc::Index(at));
            let (item, mut wrong) = read(loc, item);
            self.wrong.append(&mut wrong);
            kept.push(item);
        }
        self.kept.insert(name.to_owned(), Value::Array(kept));
    }
}

/// A value of the conversation that an external PBX gets as a field; whatever else is in it is left
/// out.
fn mapping(loc: Vec<Loc>, item: &Value) -> (Value, Vec<FieldError>) {
    let object = match Model.read(item) {
        Ok(object) => object,
        Err(wrong) => return (Value::Null, vec![FieldError::new(loc, wrong, item)]),
    };
    let trimmed = object
        .iter()
        .map(|(name, value)| (name.clone(), trim(value)));
    let trimmed = trimmed.collect();
    let mut fields = Fields::nested(loc, &trimmed);
    let path = fields.required("context_path", &Text::length(1, 255));
    let field = fields.required("destination_field", &FieldName);
    (
        json!({ "context_path": path, "destination_field": field }),
        fields.into_errors(),
    )
}

fn trim(value: &Value) -> Value {
    match value {
        Value::String(text) => text.trim().into(),
        other => other.clone(),
    }
}

/// Without spaces around them, and without what is there already or says nothing.
fn once_each(headers: &[Value]) -> Vec<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for header in headers.iter().map(trim) {
        if !says_nothing(&header) && !kept.contains(&header) {
            kept.push(header);
        }
    }
    kept
}

/// As Python sees it.
fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
    }
}

fn too_long(most: usize, there: usize) -> Wrong {
    let msg = format!("List should have at most {most} items after validation, not {there}");
    let ctx = json!({ "field_type": "List", "max_length": most, "actual_length": there });
    Wrong {
        kind: "too_long",
        msg,
        ctx: Some(ctx),
    }
}

/// An integer as it is kept.
struct Whole(Int);

impl Rule for Whole {
    type Value = Value;

    fn read(&self, input: &Value) -> Result<Value, Wrong> {
        let whole = self.0.read(input)?;
        Ok(match whole {
            Integer::Fits(number) => number.into(),
            // Nothing here counts so far; it stays as it was written.
            Integer::Beyond { .. } => input.clone(),
        })
    }
}

/// How long a call may last.
struct Seconds;

impl Rule for Seconds {
    type Value = Value;

    fn read(&self, input: &Value) -> Result<Value, Wrong> {
        let seconds = Whole(Int::between(i64::MIN, LONGEST_CALL)).read(input)?;
        if seconds.as_i64().is_some_and(|seconds| seconds > 0) {
            return Ok(seconds);
        }
        let mut wrong = Wrong::new("greater_than", "Input should be greater than 0");
        wrong.ctx = Some(json!({ "gt": 0 }));
        Err(wrong)
    }
}

/// The name of a field in an external PBX.
struct FieldName;

impl Rule for FieldName {
    type Value = String;

    fn read(&self, input: &Value) -> Result<String, Wrong> {
        const PATTERN: &str = "^[A-Za-z][A-Za-z0-9_]{0,63}$";
        let name = Text::ANY.read(input)?;
        let is_letter = |letter: &u8| letter.is_ascii_alphanumeric() || *letter == b'_';
        let first = name.bytes().next();
        let is_name = first.is_some_and(|letter| letter.is_ascii_alphabetic())
            && name.len() <= 64
            && name.as_bytes().iter().all(is_letter);
        if is_name {
            return Ok(name);
        }
        let msg = format!("String should match pattern '{PATTERN}'");
        let ctx = Some(json!({ "pattern": PATTERN }));
        Err(Wrong {
            kind: "string_pattern_mismatch",
            msg,
            ctx,
        })
    }
}
