//! Identifiers as types, so that a run's id can never be passed where an agent's is wanted.
//! Integers where the compatible API has integers (contract §1.5, §3.3); the attempt's id is a
//! UUID because it travels to carriers, where it must be unique among everybody's calls.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! integer_ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    )+};
}

integer_ids! {
    /// A workspace (the compatible API says organization).
    WorkspaceId;
    /// An agent (the compatible API says workflow).
    AgentId;
    /// One version of an agent's definition.
    VersionId;
    /// A run: one request to call one number.
    RunId;
    /// A file of a run.
    ArtifactId;
    /// An API key.
    ApiKeyId;
    /// A telephony configuration.
    TelephonyConfigurationId;
    /// A phone number that calls can be made from.
    PhoneNumberId;
    /// A trunk of a telephony configuration.
    TrunkId;
    /// A row of the live event log; grows by one with every change.
    EventId;
    /// Another Switchhook or Dograh that the window reaches.
    InstanceId;
    /// A trigger of another instance, kept by its URL.
    SavedTriggerId;
}

/// One dial of a run. Handed to the carrier wherever it takes an id, so that the call can be
/// found again after a lost answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AttemptId(pub uuid::Uuid);

impl fmt::Display for AttemptId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
