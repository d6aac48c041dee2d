//! The carriers behind core's `Dialer` port, one module each, and the table of what is true of
//! them. A carrier's words, codes and signatures are known in its own module and nowhere else;
//! which configuration a call goes through is decided in core, storage and HTTP routes are the
//! server's.

pub mod ari;
pub mod desk_phone;
mod espeak;
mod exchange;
mod http;
pub mod sip_trunk;
pub mod twilio;
mod unserved;

pub use espeak::Espeak;
pub use http::{Http, NoTls};

use switchhook_core::destination::DestinationScheme;
use switchhook_core::telephony::{Polling, ProviderFacts, Speech};

const PROVIDERS: &[ProviderFacts] = &[
    ProviderFacts {
        connectivity: "local",
        is_in_process: true,
        can_dial: true,
        can_hang_up: true,
        speech: Speech::Line,
        setup: &[],
        ..ProviderFacts::unserved(desk_phone::PROVIDER, "Desk phone")
    },
    ProviderFacts {
        can_dial: true,
        can_hang_up: true,
        can_look_up: true,
        detects_machines: true,
        speech: Speech::Carrier,
        polling: Polling::Full,
        fields: twilio::FIELDS,
        account_field: Some("account_sid"),
        docs_url: Some("https://www.twilio.com/docs/voice"),
        ..ProviderFacts::unserved(twilio::PROVIDER, "Twilio")
    },
    unserved::VONAGE,
    unserved::PLIVO,
    unserved::TELNYX,
    unserved::CLOUDONIX,
    unserved::VOBIZ,
    ari::FACTS,
    ProviderFacts {
        connectivity: "sip",
        scheme: DestinationScheme::PhoneOrSip,
        is_in_process: true,
        can_dial: true,
        can_hang_up: true,
        can_record: true,
        has_keys: true,
        speech: Speech::Line,
        setup: &[],
        fields: sip_trunk::FIELDS,
        ..ProviderFacts::unserved(sip_trunk::PROVIDER, "SIP trunk")
    },
];

/// Every provider whose configurations can be kept, in the order to show them; calls can be placed
/// through those that [can dial](ProviderFacts::can_dial).
#[must_use]
pub const fn providers() -> &'static [ProviderFacts] {
    PROVIDERS
}

/// The provider with this id on the wire; `None` for an unknown one.
#[must_use]
pub fn facts(id: &str) -> Option<&'static ProviderFacts> {
    PROVIDERS.iter().find(|facts| facts.id == id)
}

/// Providers whose lines carry sound that this computer makes.
const SPEAKING: [&str; 2] = ["ari", "sip_trunk"];

/// Whether calls through a provider need a [voice](Espeak).
#[must_use]
pub fn speaks(id: &str) -> bool {
    SPEAKING.contains(&id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use switchhook_core::telephony::{Entry, ProviderField};

    #[test]
    fn every_provider_is_found_by_its_own_id_only() {
        for provider in providers() {
            assert_eq!(
                facts(provider.id).map(|facts| facts.display_name),
                Some(provider.display_name)
            );
        }
        assert!(facts("no_such_provider").is_none());
    }

    #[test]
    fn a_field_in_a_group_has_its_group_before_it() {
        for provider in providers() {
            for (place, field) in provider.fields.iter().enumerate() {
                let is_group = |above: &ProviderField| {
                    above.name == field.group_name() && matches!(above.entry, Entry::Group { .. })
                };
                let above = &provider.fields[..place];
                let has_group = field.group_name().is_empty() || above.iter().any(is_group);
                assert!(has_group, "{} of {}", field.name, provider.id);
            }
        }
    }

    #[test]
    fn an_account_is_told_by_a_field_of_the_form() {
        for provider in providers() {
            let names = provider.fields.iter().map(|field| field.name);
            let account = provider.account_field;
            assert!(account.is_none_or(|name| names.into_iter().any(|known| known == name)));
        }
    }
}
