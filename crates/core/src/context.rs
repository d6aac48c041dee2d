//! What a run knows when it starts: the caller's `initial_context` under the facts of the server.
//! The facts win, always, and the names that were dropped are told back: a caller that could
//! overwrite `telephony_configuration_id` could make callbacks read another account's credentials
//! (contract §1.6, rule 2).

use crate::ids::{ApiKeyId, PhoneNumberId, TelephonyConfigurationId};
use crate::trigger::{Mode, Target};
use serde_json::{Map, Value};

/// Names that only the server writes (contract §1.6 and INTERFACES, "Reserved context names").
pub const RESERVED: &[&str] = &[
    "provider",
    "direction",
    "phone_number",
    "trigger_mode",
    "telephony_configuration_id",
    "agent_identifier",
    "agent_identifier_type",
    "workflow_uuid",
    "from_phone_number_id",
    "agent_uuid",
    "api_key_id",
    "api_key_created_by",
    "called_number",
    "caller_number",
    "runtime_configuration",
    "mps_correlation_id",
];

/// The server's facts about one call.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    pub provider: &'a str,
    /// As the caller wrote it; `called_number` repeats it (contract §1.6, rule 3) and the parsed
    /// form is the run's destination.
    pub phone_number: &'a str,
    pub caller_number: Option<&'a str>,
    pub mode: Mode,
    pub telephony_configuration_id: TelephonyConfigurationId,
    pub target: &'a Target,
    pub workflow_uuid: uuid::Uuid,
    /// Only when the caller asked for one.
    pub from_phone_number_id: Option<PhoneNumberId>,
    /// None when a person fired from the window.
    pub api_key_id: Option<ApiKeyId>,
}

/// The stored context and the caller's names that did not make it.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    pub context: Map<String, Value>,
    pub dropped: Vec<String>,
}

/// Merges, in the reference's key order: template defaults (test mode only), the server's base,
/// then the caller's own keys, `called_number` and `caller_number` last (contract §1.6, §1.9).
#[must_use]
pub fn merge(
    facts: &Facts<'_>,
    defaults: Option<&Map<String, Value>>,
    callers: Option<&Map<String, Value>>,
) -> Merged {
    let mut context = Map::new();
    let open = |(name, _): &(&String, &Value)| !RESERVED.contains(&name.as_str());
    if facts.mode == Mode::Test {
        for (name, value) in defaults.into_iter().flatten().filter(open) {
            context.insert(name.clone(), value.clone());
        }
    }
    for (name, value) in base(facts) {
        context.insert(name.to_owned(), value);
    }
    let mut dropped = Vec::new();
    for (name, value) in callers.into_iter().flatten() {
        if RESERVED.contains(&name.as_str()) {
            dropped.push(name.clone());
        } else {
            context.insert(name.clone(), value.clone());
        }
    }
    context.insert("called_number".to_owned(), facts.phone_number.into());
    if let Some(number) = facts.caller_number {
        context.insert("caller_number".to_owned(), number.into());
    }
    Merged { context, dropped }
}

fn base(facts: &Facts<'_>) -> Vec<(&'static str, Value)> {
    let (identifier, identifier_type) = match facts.target {
        Target::Path(path) => (path.as_str(), "trigger_path"),
        Target::AgentUuid(uuid) => (uuid.as_str(), "workflow_uuid"),
    };
    let mut base = vec![
        ("provider", facts.provider.into()),
        ("direction", "outbound".into()),
        ("phone_number", facts.phone_number.into()),
        ("trigger_mode", facts.mode.as_str().into()),
        (
            "telephony_configuration_id",
            facts.telephony_configuration_id.0.into(),
        ),
        ("agent_identifier", identifier.into()),
        ("agent_identifier_type", identifier_type.into()),
        ("workflow_uuid", facts.workflow_uuid.to_string().into()),
    ];
    if let Some(id) = facts.from_phone_number_id {
        base.push(("from_phone_number_id", id.0.into()));
    }
    if let Target::Path(path) = facts.target {
        base.push(("agent_uuid", path.as_str().into()));
    }
    if let Some(id) = facts.api_key_id {
        base.push(("api_key_id", id.0.into()));
    }
    base
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn facts(target: &Target, mode: Mode) -> Facts<'_> {
        Facts {
            provider: "desk_phone",
            phone_number: "+1 415 555 0100",
            caller_number: Some("+15550100199"),
            mode,
            telephony_configuration_id: TelephonyConfigurationId(1),
            target,
            workflow_uuid: uuid::Uuid::nil(),
            from_phone_number_id: None,
            api_key_id: Some(ApiKeyId(7)),
        }
    }

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().expect("an object").clone()
    }

    #[test]
    fn the_servers_facts_win_and_the_dropped_names_are_told() {
        let target = Target::Path("p".to_owned());
        let callers = object(
            json!({"telephony_configuration_id": 42, "customer_name": "Jane", "called_number": "x"}),
        );
        let merged = merge(&facts(&target, Mode::Production), None, Some(&callers));
        assert_eq!(merged.context["telephony_configuration_id"], json!(1));
        assert_eq!(merged.context["called_number"], json!("+1 415 555 0100"));
        assert_eq!(merged.context["customer_name"], json!("Jane"));
        assert_eq!(
            merged.dropped,
            ["telephony_configuration_id", "called_number"]
        );
    }

    #[test]
    fn template_defaults_lie_under_the_request_and_only_in_test_mode() {
        let target = Target::Path("p".to_owned());
        let defaults = object(json!({"plan": "basic", "tone": "warm", "provider": "evil"}));
        let callers = object(json!({"plan": "premium"}));
        let test = merge(&facts(&target, Mode::Test), Some(&defaults), Some(&callers)).context;
        assert_eq!(
            (&test["plan"], &test["tone"]),
            (&json!("premium"), &json!("warm"))
        );
        assert_eq!(test["provider"], json!("desk_phone"));
        let production = merge(
            &facts(&target, Mode::Production),
            Some(&defaults),
            Some(&callers),
        )
        .context;
        assert!(!production.contains_key("tone"));
    }

    #[test]
    fn the_key_order_is_the_references() {
        let target = Target::Path("p".to_owned());
        let callers = object(json!({"z": 1}));
        let merged = merge(&facts(&target, Mode::Production), None, Some(&callers));
        let names: Vec<_> = merged.context.keys().map(String::as_str).collect();
        let wanted = "provider direction phone_number trigger_mode telephony_configuration_id agent_identifier \
            agent_identifier_type workflow_uuid agent_uuid api_key_id z called_number caller_number";
        assert_eq!(names, wanted.split_whitespace().collect::<Vec<_>>());
    }
}
