//! What an answer shows of a configuration. Secrets stand masked among the settings already, so
//! showing one opens no secret.

use super::form::LIMITS;
use axum::Json;
use serde_json::{Map, Value};
use switchhook_core::telephony::{ProviderFacts, TelephonyConfiguration, blocked_reason};
use switchhook_wire::telephony as wire;
use switchhook_wire::time::Time;

fn connectivity(facts: Option<&ProviderFacts>) -> String {
    facts.map_or("api", |facts| facts.connectivity).to_owned()
}

/// A configuration in a list.
pub(super) fn item(configuration: TelephonyConfiguration) -> wire::ConfigurationListItem {
    let facts = switchhook_dialers::facts(&configuration.provider);
    let blocked = blocked_reason(&configuration, facts);
    let active = configuration
        .numbers
        .iter()
        .filter(|number| number.is_active);
    let (inactive_since, inactive_reason) = configuration
        .inactive
        .map(|inactive| (Time::from(inactive.since), inactive.reason))
        .unzip();
    wire::ConfigurationListItem {
        id: configuration.id.0,
        connectivity: connectivity(facts),
        phone_number_count: i64::try_from(active.count()).unwrap_or(i64::MAX),
        name: configuration.name,
        provider: configuration.provider,
        is_default_outbound: configuration.is_default,
        inactive: inactive_since.is_some(),
        inactive_since,
        inactive_reason,
        is_ready_for_outbound: blocked.is_none(),
        outbound_blocked_reason: blocked,
        created_at: configuration.created_at.into(),
        updated_at: configuration.updated_at.into(),
    }
}

/// The step that a number is missing, where a provider needs one (contract §15).
fn checklist(
    configuration: &TelephonyConfiguration,
    facts: Option<&ProviderFacts>,
) -> wire::SetupChecklist {
    let blocked = blocked_reason(configuration, facts);
    let mut without_numbers = configuration.clone();
    without_numbers.numbers.clear();
    let step = facts
        .filter(|facts| facts.needs_number)
        .and_then(|facts| blocked_reason(&without_numbers, Some(facts)))
        .map(|description| wire::SetupStep {
            key: "caller_id".to_owned(),
            title: "Add a phone number to use as caller ID".to_owned(),
            description,
            complete: blocked.is_none(),
            blocks_outbound: true,
        });
    wire::SetupChecklist {
        ready_for_outbound: blocked.is_none(),
        outbound_blocked_reason: blocked,
        steps: step.into_iter().collect(),
        docs_url: None,
    }
}

/// The fields as they are shown; `base_url` and the like only where they are set.
fn credentials(configuration: &TelephonyConfiguration) -> Map<String, Value> {
    let facts = switchhook_dialers::facts(&configuration.provider);
    let fields = facts.map(|facts| facts.fields).unwrap_or_default();
    let names = fields.iter().map(|field| field.name);
    let names = names.chain(LIMITS.into_iter().map(|(name, _)| name));
    let shown = names.filter_map(|name| {
        let value = configuration.settings.get(name)?;
        Some((name.to_owned(), value.clone()))
    });
    shown.collect()
}

/// A configuration, whole.
pub(super) fn detail(configuration: TelephonyConfiguration) -> Json<wire::ConfigurationDetail> {
    let facts = switchhook_dialers::facts(&configuration.provider);
    let credentials = credentials(&configuration);
    let setup_checklist = checklist(&configuration, facts);
    let item = item(configuration);
    Json(wire::ConfigurationDetail {
        id: item.id,
        name: item.name,
        provider: item.provider,
        connectivity: item.connectivity,
        is_default_outbound: item.is_default_outbound,
        inactive: item.inactive,
        inactive_since: item.inactive_since,
        inactive_reason: item.inactive_reason,
        credentials,
        sip_connectivity: None,
        setup_checklist,
        supports_trunks: false,
        trunks: Vec::new(),
        created_at: item.created_at,
        updated_at: item.updated_at,
    })
}
