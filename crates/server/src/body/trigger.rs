//! The body of the four trigger routes (contract §1.2). It stops at types: whether the number can
//! be dialled and the ids exist is decided later, in the order of INTERFACES.md.

use serde_json::{Map, Value};

use super::fields::Fields;
use super::rules::{Int, Integer, Object, Text};
use super::{Body, BodyError, object};

const KNOWN: [&str; 4] = [
    "phone_number",
    "initial_context",
    "telephony_configuration_id",
    "from_phone_number_id",
];

/// A trigger request whose fields have the right types.
#[derive(Debug, Clone, PartialEq)]
pub struct TriggerRequest {
    /// As sent; any text, empty too.
    pub phone_number: String,
    /// Any JSON within the body's bounds; absent and null are the same.
    pub initial_context: Option<Map<String, Value>>,
    pub telephony_configuration_id: Option<Integer>,
    pub from_phone_number_id: Option<Integer>,
    /// Names of the top-level fields that mean nothing here, as sent.
    pub unknown: Vec<String>,
}

impl TriggerRequest {
    /// # Errors
    /// [`BodyError::Fields`], in the order of the fields above.
    pub fn parse(body: Body) -> Result<Self, BodyError> {
        let object = object(body)?;
        let mut fields = Fields::body(&object);
        let phone_number = fields.required("phone_number", &Text::ANY);
        let initial_context = fields.nullable("initial_context", &Object);
        let telephony_configuration_id = fields.nullable("telephony_configuration_id", &Int::ANY);
        let from_phone_number_id = fields.nullable("from_phone_number_id", &Int::ANY);
        fields.finish(|| {
            Some(Self {
                phone_number: phone_number?,
                initial_context: initial_context?,
                telephony_configuration_id: telephony_configuration_id?,
                from_phone_number_id: from_phone_number_id?,
                unknown: object
                    .keys()
                    .filter(|name| !KNOWN.contains(&name.as_str()))
                    .cloned()
                    .collect(),
            })
        })
    }
}
