//! The carriers that there is no dialer for yet: their settings forms, as far as the compatible API
//! has them (contract §6.2), so that their configurations can be kept. When a dialer comes, its row
//! moves into the dialer's own module.

use switchhook_core::telephony::{Entry, ProviderFacts, ProviderField, Setup};

const NUMBERS: ProviderField = ProviderField::numbers(
    "Phone Numbers",
    "Numbers of the account, each with its country code",
);

const AUTH_ID: ProviderField = ProviderField::text("auth_id", "Auth ID").masked();
const AUTH_TOKEN: ProviderField = ProviderField::password("auth_token", "Auth Token");
const APPLICATION_ID: ProviderField = ProviderField::text("application_id", "Application ID")
    .optional()
    .says("The application at the carrier that answers calls to its numbers");

pub(crate) const VONAGE: ProviderFacts = ProviderFacts {
    fields: &[
        ProviderField::text("application_id", "Application ID")
            .says("The application with voice capability, in the Vonage dashboard"),
        ProviderField::lines("private_key", "Private Key")
            .masked()
            .says("The application's RSA key in PEM; it signs each request"),
        ProviderField::text("api_key", "API Key").masked(),
        ProviderField::password("api_secret", "API Secret"),
        ProviderField::password("signature_secret", "Signature Secret")
            .optional()
            .says("Tells Vonage's own callbacks from others; without it they cannot be believed"),
        NUMBERS,
    ],
    account_field: Some("api_key"),
    docs_url: Some("https://developer.vonage.com/en/voice/voice-api/overview"),
    ..ProviderFacts::unserved("vonage", "Vonage")
};

pub(crate) const PLIVO: ProviderFacts = ProviderFacts {
    fields: &[AUTH_ID, AUTH_TOKEN, APPLICATION_ID, NUMBERS],
    account_field: Some("auth_id"),
    docs_url: Some("https://www.plivo.com/docs/voice/"),
    ..ProviderFacts::unserved("plivo", "Plivo")
};

pub(crate) const TELNYX: ProviderFacts = ProviderFacts {
    fields: &[
        ProviderField::password("api_key", "API Key"),
        ProviderField::text("connection_id", "Call Control App ID")
            .optional()
            .says("The Call Control application; calls out need an outbound voice profile in it"),
        ProviderField::lines("webhook_public_key", "Webhook Public Key")
            .optional()
            .says(
                "Tells Telnyx's own callbacks from others; in the portal under Keys & Credentials",
            ),
        NUMBERS,
    ],
    account_field: Some("connection_id"),
    docs_url: Some("https://developers.telnyx.com/docs/voice/programmable-voice"),
    ..ProviderFacts::unserved("telnyx", "Telnyx")
};

pub(crate) const CLOUDONIX: ProviderFacts = ProviderFacts {
    fields: &[
        ProviderField::password("bearer_token", "Bearer Token")
            .says("A token of the domain or the account, in the Cloudonix cockpit"),
        ProviderField::text("domain_id", "Domain ID")
            .read_as(Entry::Host(".cloudonix.net"))
            .says("The domain's name; a short one is completed with .cloudonix.net"),
        ProviderField::text("application_name", "Application Name")
            .optional()
            .says("The voice application that answers calls to the domain's numbers"),
        NUMBERS.not_asked(),
    ],
    setup: &[
        Setup::SipDomain,
        Setup::OutboundTrunk,
        Setup::CallerId,
        Setup::TrunkAssignment,
        Setup::InboundRouting,
    ],
    account_field: Some("domain_id"),
    docs_url: Some("https://developers.cloudonix.com/"),
    has_trunks: true,
    ..ProviderFacts::unserved("cloudonix", "Cloudonix")
};

pub(crate) const VOBIZ: ProviderFacts = ProviderFacts {
    fields: &[
        ProviderField::text("auth_id", "Account ID")
            .masked()
            .says("Begins with MA_; in the Vobiz console"),
        AUTH_TOKEN,
        APPLICATION_ID,
        NUMBERS,
    ],
    account_field: Some("auth_id"),
    ..ProviderFacts::unserved("vobiz", "Vobiz")
};
