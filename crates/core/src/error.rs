//! The error codes that consumers act on: kebab-case on the wire, append-only. A code exists only
//! where somebody does something different because of it; the words for people are the window's
//! and the `detail` texts of the compatible API are the server's.

use std::fmt;

macro_rules! codes {
    ($($variant:ident => $text:literal,)+) => {
        /// See the module; the list is pinned (a code is added, never renamed or removed).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum ErrorCode { $($variant,)+ }

        impl ErrorCode {
            /// Every code, in the order of their introduction.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The code as it stands in a reply.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

codes! {
    InvalidApiKey => "invalid-api-key",
    AccessDenied => "access-denied",
    TriggerNotFound => "trigger-not-found",
    TriggerNotActive => "trigger-not-active",
    AgentNotActive => "agent-not-active",
    NoPublishedVersion => "no-published-version",
    TelephonyConfigurationNotFound => "telephony-configuration-not-found",
    TelephonyNotConfigured => "telephony-not-configured",
    TelephonyNotReady => "telephony-not-ready",
    CallerIdNotFound => "caller-id-not-found",
    InvalidRequest => "invalid-request",
    InvalidDestination => "invalid-destination",
    BodyTooLarge => "body-too-large",
    BodyTooDeep => "body-too-deep",
    LimitReached => "limit-reached",
    CarrierRefused => "carrier-refused",
    OutcomeUnknown => "outcome-unknown",
    IdempotencyMismatch => "idempotency-mismatch",
    ShuttingDown => "shutting-down",
    StorageUnavailable => "storage-unavailable",
    SecretStoreUnavailable => "secret-store-unavailable",
    Internal => "internal",
    NotFound => "not-found",
    MethodNotAllowed => "method-not-allowed",
    NameTaken => "name-taken",
    InvalidDefinition => "invalid-definition",
    NoDraft => "no-draft",
    CallNotFound => "call-not-found",
    CallNotInThatState => "call-not-in-that-state",
    RunNotInThatState => "run-not-in-that-state",
    SignInRequired => "sign-in-required",
    ForeignHost => "foreign-host",
    InUse => "in-use",
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
