//! What is true of every Asterisk that is reached by its REST interface, and the form of its
//! settings: the reference's (contract §6.2), and two fields of our own behind them.

use switchhook_core::destination::DestinationScheme;
use switchhook_core::telephony::{Entry, Polling, ProviderFacts, ProviderField, Speech};

const SECTION: &str = "External PBX";
const IS_VICIDIAL: Option<(&str, &str)> = Some(("external_pbx.type", "vicidial"));

const fn of_vicidial(field: ProviderField) -> ProviderField {
    field.of_external_pbx(SECTION, IS_VICIDIAL)
}

pub(crate) const FACTS: ProviderFacts = ProviderFacts {
    connectivity: "sip",
    can_dial: true,
    can_hang_up: true,
    can_look_up: true,
    can_record: true,
    has_keys: true,
    speech: Speech::Line,
    polling: Polling::AliveOnly,
    // Asterisk gives a call up by itself when its ringing time is over.
    dialing_seconds: 45,
    scheme: DestinationScheme::PhoneOrSip,
    setup: &[],
    fields: &[
        ProviderField::text("ari_endpoint", "ARI Endpoint")
            .address()
            .says("Where Asterisk's HTTP server answers, with its port")
            .such_as("http://asterisk.example.com:8088"),
        ProviderField::text("app_name", "ARI Username")
            .says("The user, by the name of its section in ari.conf"),
        ProviderField::password("app_password", "ARI Password"),
        ProviderField::text("ws_client_name", "websocket_client.conf Name")
            .read_as(Entry::Or(""))
            .says("Only Dograh uses it, for the sound; Switchhook opens its own connection, so any name will do"),
        ProviderField::minted("stasis_app_name", "Stasis App Name", "dograh_")
            .says("Made for this configuration alone: send calls here with Stasis(<this name>) in extensions.conf"),
        ProviderField::numbers("From Extensions", "Extensions or numbers to call from"),
        ProviderField::text("dial_string", "Dial String")
            .optional()
            .says("What Asterisk is told to call: {number} stands for the number with its plus, {digits} for the number without it")
            .such_as("PJSIP/{digits}@trunk"),
        ProviderField::flag("record_calls", "Record calls")
            .read_as(Entry::FlagUnlessNot)
            .says("What both sides say is kept with the run, in two tracks"),
        ProviderField::group("external_pbx", false),
        ProviderField::select("external_pbx.type", "External PBX Type", &[("vicidial", "VICIdial")])
            .read_as(Entry::Words(&[("vicidial", "vicidial")]))
            .not_asked()
            .says("The PBX behind this Asterisk, whose own calls are controlled along with ours")
            .of_external_pbx(SECTION, None),
        ProviderField::group("external_pbx.agent_api", true),
        of_vicidial(
            ProviderField::text("external_pbx.agent_api.url", "Agent API URL")
                .read_as(Entry::Filled)
                .address()
                .says("The whole address of the remote agent API")
                .such_as("https://vici.example.com/agc/api.php"),
        ),
        of_vicidial(
            ProviderField::text("external_pbx.agent_api.username", "Agent API User")
                .read_as(Entry::Filled)
                .masked(),
        ),
        of_vicidial(
            ProviderField::password("external_pbx.agent_api.password", "Agent API Password")
                .read_as(Entry::Filled),
        ),
        ProviderField::hidden("external_pbx.agent_api.source", Entry::Or("dograh")),
        ProviderField::group("external_pbx.non_agent_api", false),
        of_vicidial(
            ProviderField::text("external_pbx.non_agent_api.url", "Non-Agent API URL")
                .optional()
                .address()
                .says("Only for agents that change lead fields")
                .such_as("https://vici.example.com/vicidial/non_agent_api.php"),
        ),
        of_vicidial(
            ProviderField::text("external_pbx.non_agent_api.username", "Non-Agent API User")
                .optional()
                .masked(),
        ),
        of_vicidial(
            ProviderField::password("external_pbx.non_agent_api.password", "Non-Agent API Password")
                .optional(),
        ),
        ProviderField::hidden("external_pbx.non_agent_api.source", Entry::Or("dograh")),
        ProviderField::hidden("external_pbx.timeout_seconds", Entry::Whole(1, 30, 8)),
    ],
    docs_url: Some("https://docs.asterisk.org/Configuration/Interfaces/Asterisk-REST-Interface-ARI/"),
    ..ProviderFacts::unserved(super::PROVIDER, "Asterisk ARI")
};
