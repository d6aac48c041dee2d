//! What a configuration still lacks before calls can be placed through it (contract §1.7, §15).
//! The order of the steps is the order in which their messages count.

use super::{ProviderFacts, Setup, TelephonyConfiguration};
use crate::telephony::provider::Entry;
use serde_json::Value;

/// A step with what is known about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupStep {
    /// Stable (contract §15).
    pub key: &'static str,
    pub title: &'static str,
    pub description: String,
    pub is_complete: bool,
    pub blocks_outbound: bool,
}

/// Every step of a configuration's provider.
#[must_use]
pub fn setup_steps(
    configuration: &TelephonyConfiguration,
    facts: &ProviderFacts,
) -> Vec<SetupStep> {
    let enabled_trunks = configuration.enabled_trunks().count();
    let is_asked = |setup: &&Setup| **setup != Setup::TrunkAssignment || enabled_trunks > 1;
    let asked = facts.setup.iter().filter(is_asked);
    asked
        .map(|setup| step(*setup, configuration, facts))
        .collect()
}

fn step(setup: Setup, configuration: &TelephonyConfiguration, facts: &ProviderFacts) -> SetupStep {
    let name = facts.display_name;
    let mut active = configuration
        .numbers
        .iter()
        .filter(|number| number.is_active);
    let (key, title, description, is_complete, blocks_outbound) = match setup {
        Setup::SipDomain => (
            "sip_domain",
            "Save the bearer token and the domain",
            format!(
                "Calls go through a domain of your {name} account. Enter it with the account's bearer token."
            ),
            is_filled_in(configuration, facts),
            true,
        ),
        Setup::OutboundTrunk => (
            "outbound_trunk",
            "Add an outbound trunk",
            format!(
                "Without a trunk of its own a call leaves the way the {name} domain is set up."
            ),
            configuration.enabled_trunks().next().is_some(),
            false,
        ),
        Setup::CallerId => (
            "caller_id",
            "Add a phone number to use as caller ID",
            format!(
                "Outbound calls need a number to dial from. Add at least one number from your {name} account under \
                 Phone numbers below."
            ),
            active.next().is_some(),
            true,
        ),
        Setup::TrunkAssignment => (
            "trunk_assignment",
            "Choose a trunk for each number",
            "With several trunks, a number without one leaves the choice to the carrier."
                .to_owned(),
            active.all(|number| number.trunk_id.is_some()),
            false,
        ),
        Setup::InboundRouting => (
            "inbound_routing",
            "Choose the agent that answers",
            "Calls to a number are answered by the agent that is chosen for it.".to_owned(),
            active.any(|number| number.inbound_agent_id.is_some()),
            false,
        ),
    };
    SetupStep {
        key,
        title,
        description,
        is_complete,
        blocks_outbound,
    }
}

/// Why a configuration cannot place calls yet; `None` when it can (contract §1.7).
#[must_use]
pub fn blocked_reason(
    configuration: &TelephonyConfiguration,
    facts: Option<&ProviderFacts>,
) -> Option<String> {
    let unavailable = || format!("Provider '{}' is unavailable.", configuration.provider);
    let Some(facts) = facts else {
        return Some(unavailable());
    };
    let blocks = |step: &SetupStep| step.blocks_outbound && !step.is_complete;
    let step = setup_steps(configuration, facts).into_iter().find(blocks);
    step.map(|step| step.description)
        .or_else(|| (!facts.can_dial).then(unavailable))
}

/// Whether every field that the provider requires is filled in. Sensitive ones stand masked among
/// the settings, so that this needs no secret.
#[must_use]
pub fn is_filled_in(configuration: &TelephonyConfiguration, facts: &ProviderFacts) -> bool {
    let required = facts
        .fields
        .iter()
        .filter(|field| matches!(field.entry, Entry::Required | Entry::Host(_)));
    let is_filled = |name: &str| {
        let value = configuration.settings.get(name).and_then(Value::as_str);
        !value.unwrap_or_default().trim().is_empty()
    };
    required.map(|field| field.name).all(is_filled)
}
