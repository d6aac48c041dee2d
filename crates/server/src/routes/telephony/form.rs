//! What a request says in a provider's form: read by the provider's row of the dialers' table, with
//! the limits that any configuration may set for itself.

use crate::body::fields::{FieldError, Fields, Loc};
use crate::body::python_text;
use crate::body::rules::{Bool, Choice, Int, Integer, Model, Rule, Text, Wrong};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use switchhook_core::telephony::{Entry, ProviderFacts, ProviderField, mask};

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
    pub object: Map<String, Value>,
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
        let tag = python_text(tag);
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
#[derive(Default)]
pub(super) struct Sent {
    /// As they are stored and shown, secrets masked.
    pub settings: Map<String, Value>,
    /// The sensitive ones as they were sent, by their dotted names.
    pub secrets: Map<String, Value>,
}

impl Sent {
    /// The account's id, hashed with its provider; `None` without an account.
    pub fn account_hash(&self, facts: &ProviderFacts) -> Option<[u8; 32]> {
        let name = facts.account_field?;
        let value = self.secrets.get(name).or_else(|| self.settings.get(name));
        let account = value.and_then(Value::as_str).map(str::trim);
        let account = account.filter(|account| !account.is_empty())?;
        let hash = Sha256::new_with_prefix(facts.id)
            .chain_update([0])
            .chain_update(account);
        Some(hash.finalize().into())
    }
}

impl Configured {
    /// What the request says, and what is wrong about it.
    pub fn sent(&self) -> (Sent, Vec<FieldError>) {
        let loc = ["body", "config", self.provider.id].map(Loc::from).to_vec();
        let mut sent = Sent::default();
        let (mut settings, errors) = group(self.provider, "", loc.clone(), &self.object, &mut sent);
        let mut fields = Fields::nested(loc, &self.object).after(errors);
        for (name, most) in LIMITS {
            let value = fields.nullable(name, &Int::between(1, most)).flatten();
            let value = value.and_then(Integer::id);
            settings.extend(value.map(|value| (name.to_owned(), value.into())));
        }
        sent.settings = settings;
        (sent, fields.into_errors())
    }
}

/// Reads the fields of one group, and of those in it. What is wrong is reported in their order.
fn group(
    provider: &ProviderFacts,
    name: &str,
    loc: Vec<Loc>,
    object: &Map<String, Value>,
    sent: &mut Sent,
) -> (Map<String, Value>, Vec<FieldError>) {
    let mut settings = Map::new();
    let mut fields = Fields::nested(loc.clone(), object);
    for field in provider.fields {
        if field.group_name() != name {
            continue;
        }
        let own = field.own_name();
        let value = match field.entry {
            Entry::Group { required } => {
                let inner = if required {
                    fields.required(own, &Model)
                } else {
                    fields.nullable(own, &Model).flatten()
                };
                inner.map_or(Some(Value::Null), |inner| {
                    let mut inside = loc.clone();
                    inside.push(Loc::from(own));
                    let (value, errors) = group(provider, field.name, inside, &inner, sent);
                    let earlier =
                        std::mem::replace(&mut fields, Fields::nested(loc.clone(), object));
                    fields = Fields::nested(loc.clone(), object)
                        .after(errors)
                        .after(earlier.into_errors());
                    Some(Value::Object(value))
                })
            }
            entry => read(&mut fields, own, entry),
        };
        let Some(value) = value else {
            continue;
        };
        let shown = match value.as_str().filter(|_| field.sensitive) {
            Some(secret) => {
                let shown = mask(secret).into();
                sent.secrets.insert(field.name.to_owned(), value);
                shown
            }
            None => value,
        };
        settings.insert(own.to_owned(), shown);
    }
    (settings, fields.into_errors())
}

/// One value by its rule; `None` when it is wrong or never read.
fn read(fields: &mut Fields<'_>, name: &str, entry: Entry) -> Option<Value> {
    match entry {
        Entry::Required => fields.required(name, &Text::ANY).map(Value::String),
        Entry::Filled => {
            let filled = Text::length(1, usize::MAX);
            fields.required(name, &filled).map(Value::String)
        }
        Entry::Optional => fields.nullable(name, &Text::ANY).map(Value::from),
        Entry::Or(usual) => {
            let text = fields.or(name, &Text::ANY, usual.to_owned());
            text.map(Value::String)
        }
        Entry::Host(ending) => fields.required(name, &Text::ANY).map(|host| {
            let host = host.trim();
            let is_short = !host.is_empty() && !host.contains('.');
            format!("{host}{}", if is_short { ending } else { "" }).into()
        }),
        Entry::Flag => fields.or(name, &Bool, false).map(Value::Bool),
        Entry::FlagUnlessNot => fields.or(name, &Bool, true).map(Value::Bool),
        Entry::Words(words) => {
            let usual = words.first().map_or("", |(word, _)| word);
            let word = fields.or(name, &Choice::literal(words), usual);
            word.map(Value::from)
        }
        Entry::Whole(least, most, usual) => {
            let usual = Integer::Fits(usual);
            let number = fields.or(name, &Int::between(least, most), usual);
            number.and_then(Integer::id).map(Value::from)
        }
        Entry::Group { .. } | Entry::Minted(_) | Entry::Shown => None,
    }
}

/// Names that are made once: those that there are stay.
pub(super) fn mint(
    fields: &[ProviderField],
    earlier: Option<&Value>,
    settings: &mut Map<String, Value>,
) {
    for field in fields {
        let Entry::Minted(start) = field.entry else {
            continue;
        };
        let kept = earlier.and_then(|earlier| earlier.get(field.name).cloned());
        let made = || {
            let digits = uuid::Uuid::new_v4().simple().to_string();
            Value::String(format!("{start}{}", &digits[..12]))
        };
        settings.insert(field.name.to_owned(), kept.unwrap_or_else(made));
    }
}
