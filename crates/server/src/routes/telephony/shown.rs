//! What an answer shows of a configuration. Secrets stand masked among the settings already, so
//! showing one opens no secret.

use super::form::LIMITS;
use axum::Json;
use serde_json::{Map, Value};
use switchhook_core::ports::VoiceError;
use switchhook_core::telephony::{
    Entry, PhoneNumber, ProviderFacts, SetupStep, TelephonyConfiguration, Trunk, blocked_reason,
    setup_steps,
};
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

/// What is set up and what is not; `None` where there is nothing to set up.
fn checklist(
    configuration: &TelephonyConfiguration,
    facts: &ProviderFacts,
) -> Option<wire::SetupChecklist> {
    let blocked = blocked_reason(configuration, Some(facts));
    let step = |step: SetupStep| wire::SetupStep {
        key: step.key.to_owned(),
        title: step.title.to_owned(),
        description: step.description,
        complete: step.is_complete,
        blocks_outbound: step.blocks_outbound,
    };
    let steps: Vec<_> = setup_steps(configuration, facts)
        .into_iter()
        .map(step)
        .collect();
    (!steps.is_empty()).then(|| wire::SetupChecklist {
        ready_for_outbound: blocked.is_none(),
        outbound_blocked_reason: blocked,
        steps,
        docs_url: facts.docs_url.map(str::to_owned),
    })
}

/// The fields as they are shown, null where nothing was entered; a configuration's own limits only
/// where they are set.
fn credentials(
    configuration: &TelephonyConfiguration,
    facts: &ProviderFacts,
) -> Map<String, Value> {
    let stored = |name: &str| configuration.settings.get(name).cloned();
    let fields = facts
        .fields
        .iter()
        .filter(|field| field.group_name().is_empty() && field.entry != Entry::Shown)
        .map(|field| {
            (
                field.name.to_owned(),
                stored(field.name).unwrap_or_default(),
            )
        });
    let limits = LIMITS
        .iter()
        .filter_map(|(name, _)| Some(((*name).to_owned(), stored(name)?)));
    fields.chain(limits).collect()
}

/// A trunk.
pub(super) fn trunk(trunk: &Trunk, numbers: &[PhoneNumber]) -> wire::Trunk {
    let uses = numbers
        .iter()
        .filter(|number| number.trunk_id == Some(trunk.id));
    wire::Trunk {
        id: trunk.id.0,
        name: trunk.name.clone(),
        enabled: trunk.is_enabled,
        settings: trunk.settings.clone(),
        phone_number_count: i64::try_from(uses.count()).unwrap_or(i64::MAX),
        created_at: trunk.created_at.into(),
        updated_at: trunk.updated_at.into(),
    }
}

/// The step that is there only while the voice is not: calls are placed without one, and nobody
/// hears anything on them.
fn without_voice(why: &VoiceError) -> wire::SetupStep {
    wire::SetupStep {
        key: "voice".to_owned(),
        title: "Install a voice".to_owned(),
        description: match why {
            VoiceError::NotThere(what) => what.clone(),
            VoiceError::TooLong | VoiceError::Failed(_) => {
                "The voice that speaks on phones is installed and does not work: try `espeak-ng hello` on this computer.".to_owned()
            }
        },
        complete: false,
        blocks_outbound: false,
    }
}

/// A configuration, whole; with why nothing can be said through it, where that is so.
pub(super) fn detail(
    configuration: TelephonyConfiguration,
    no_voice: Option<&VoiceError>,
) -> Json<wire::ConfigurationDetail> {
    let facts = switchhook_dialers::facts(&configuration.provider);
    let credentials = facts.map(|facts| credentials(&configuration, facts));
    let mut setup_checklist = facts.and_then(|facts| checklist(&configuration, facts));
    if let (Some(why), Some(facts)) = (no_voice, facts) {
        let blocked = blocked_reason(&configuration, Some(facts));
        let checklist = setup_checklist.get_or_insert_with(|| wire::SetupChecklist {
            ready_for_outbound: blocked.is_none(),
            outbound_blocked_reason: blocked,
            steps: Vec::new(),
            docs_url: facts.docs_url.map(str::to_owned),
        });
        checklist.steps.push(without_voice(why));
    }
    let numbers = &configuration.numbers;
    let trunks = configuration.trunks.iter();
    let trunks = trunks.map(|one| trunk(one, numbers)).collect();
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
        credentials: credentials.unwrap_or_default(),
        sip_connectivity: None,
        setup_checklist,
        supports_trunks: facts.is_some_and(|facts| facts.has_trunks),
        trunks,
        is_ready_for_outbound: item.is_ready_for_outbound,
        outbound_blocked_reason: item.outbound_blocked_reason,
        created_at: item.created_at,
        updated_at: item.updated_at,
    })
}
