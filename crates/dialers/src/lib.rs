//! The carriers behind core's `Dialer` port, one module each, and the table of what is true of
//! them. A carrier's words, codes and signatures are known in its own module and nowhere else;
//! which configuration a call goes through is decided in core, storage and HTTP routes are the
//! server's.

pub mod desk_phone;
mod http;
pub mod twilio;

pub use http::{Http, NoTls};

use switchhook_core::destination::DestinationScheme;
use switchhook_core::telephony::{Polling, ProviderFacts};

const PROVIDERS: &[ProviderFacts] = &[
    ProviderFacts {
        id: desk_phone::PROVIDER,
        display_name: "Desk phone",
        connectivity: "local",
        scheme: DestinationScheme::Phone,
        needs_number: false,
        can_look_up: false,
        polling: Polling::None,
        fields: &[],
    },
    ProviderFacts {
        id: twilio::PROVIDER,
        display_name: "Twilio",
        connectivity: "api",
        scheme: DestinationScheme::Phone,
        needs_number: true,
        can_look_up: true,
        polling: Polling::Full,
        fields: twilio::FIELDS,
    },
];

/// Every provider that calls can be placed through, in the order to show them.
#[must_use]
pub const fn providers() -> &'static [ProviderFacts] {
    PROVIDERS
}

/// The provider with this id on the wire; `None` for an unknown one.
#[must_use]
pub fn facts(id: &str) -> Option<&'static ProviderFacts> {
    PROVIDERS.iter().find(|facts| facts.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
