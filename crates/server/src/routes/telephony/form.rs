//! What a request says in a provider's form: read by the provider's row of the dialers' table, with
//! the limits that any configuration may set for itself.

use crate::body::fields::{Fields, Loc};
use crate::body::rules::{Bool, Int, Integer, Model, Rule, Text, Wrong};
use serde_json::{Map, Value, json};
use switchhook_core::telephony::{ProviderFacts, mask};

/// What any configuration may say besides its provider's fields, and the most it may say: its own
/// deadlines in seconds and its own limit of calls at a time.
pub(super) const LIMITS: [(&str, i64); 3] = [
    ("dialing_timeout_seconds", 120),
    ("ringing_timeout_seconds", 300),
    ("concurrent_calls", 100_000),
];

/// `config`: an object whose `provider` says which fields it has.
pub(super) struct Config;

/// What [`Config`] read.
pub(super) struct Configured {
    pub provider: &'static ProviderFacts,
    object: Map<String, Value>,
}

impl Rule for Config {
    type Value = Configured;

    fn read(&self, input: &Value) -> Result<Configured, Wrong> {
        let object = Model.read(input)?;
        let context = |mut wrong: Wrong, members: Value| {
            wrong.ctx = Some(members);
            wrong
        };
        let Some(tag) = object.get("provider") else {
            let msg = "Unable to extract tag using discriminator 'provider'";
            let members = json!({ "discriminator": "'provider'" });
            return Err(context(Wrong::new("union_tag_not_found", msg), members));
        };
        let tag = tag.as_str().map_or_else(|| tag.to_string(), str::to_owned);
        if let Some(provider) = switchhook_dialers::facts(&tag) {
            return Ok(Configured { provider, object });
        }
        let mut tags: Vec<_> = switchhook_dialers::providers()
            .iter()
            .map(|facts| format!("'{}'", facts.id))
            .collect();
        tags.sort();
        let tags = tags.join(", ");
        let msg = format!(
            "Input tag '{tag}' found using 'provider' does not match any of the expected tags: {tags}"
        );
        let members = json!({ "discriminator": "'provider'", "tag": tag, "expected_tags": tags });
        Err(context(Wrong::new("union_tag_invalid", msg), members))
    }
}

/// What a request says about a provider's fields.
pub(super) struct Sent {
    /// As they are stored and shown, secrets masked.
    pub settings: Value,
    /// The sensitive ones as they were sent.
    pub secrets: Map<String, Value>,
}

impl Configured {
    /// The provider's fields; errors are added to `fields`' own.
    pub fn sent(&self) -> (Sent, Fields<'_>) {
        let loc = ["body", "config", self.provider.id].map(Loc::from).to_vec();
        let mut fields = Fields::nested(loc, &self.object);
        let (mut settings, mut secrets) = (Map::new(), Map::new());
        for field in self.provider.fields {
            let value = match (field.kind, field.required) {
                ("checkbox", _) => fields.or(field.name, &Bool, false).map(Value::Bool),
                (_, true) => fields.required(field.name, &Text::ANY).map(Value::String),
                (_, false) => {
                    let text = fields.nullable(field.name, &Text::ANY).flatten();
                    text.map(Value::String)
                }
            };
            let Some(value) = value else {
                continue;
            };
            let name = field.name.to_owned();
            match value.as_str().filter(|_| field.sensitive) {
                Some(secret) => {
                    settings.insert(name.clone(), mask(secret).into());
                    secrets.insert(name, value);
                }
                None => {
                    settings.insert(name, value);
                }
            }
        }
        for (name, most) in LIMITS {
            let value = fields.nullable(name, &Int::between(1, most)).flatten();
            let value = value.and_then(Integer::id);
            settings.extend(value.map(|value| (name.to_owned(), value.into())));
        }
        let settings = Value::Object(settings);
        (Sent { settings, secrets }, fields)
    }
}
