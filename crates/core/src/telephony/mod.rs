//! Telephony configurations and the numbers to call from: which configuration a call goes through
//! and which caller ID it shows. Pure: the store hands over the workspace's configurations, the
//! dialers' facts come as data, and every choice can be told to the person who asks why.

mod provider;
mod setup;

pub use provider::{Entry, Offered, Polling, ProviderFacts, ProviderField, Setup, Speech};
pub use setup::{SetupStep, blocked_reason, is_filled_in, setup_steps};

use crate::error::ErrorCode;
use crate::ids::{AgentId, PhoneNumberId, TelephonyConfigurationId, TrunkId, WorkspaceId};
use jiff::Timestamp;
use serde_json::Value;

/// A telephony configuration.
#[derive(Clone, Debug)]
pub struct TelephonyConfiguration {
    pub id: TelephonyConfigurationId,
    pub workspace_id: WorkspaceId,
    pub name: String,
    pub provider: String,
    pub is_default: bool,
    /// Since when and why it is out of use; only a person brings it back (contract §6.1).
    pub inactive: Option<Inactive>,
    /// The provider's settings; secrets stand masked in it.
    pub settings: Value,
    /// The provider's secrets as [`crate::ports::Vault`] sealed them; `None` where it has none.
    pub sealed_credentials: Option<Vec<u8>>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
    pub numbers: Vec<PhoneNumber>,
    /// Oldest first. Only with one configuration read by itself: no call waits for them.
    pub trunks: Vec<Trunk>,
}

impl TelephonyConfiguration {
    /// The trunks that may be used.
    pub fn enabled_trunks(&self) -> impl Iterator<Item = &Trunk> {
        self.trunks.iter().filter(|trunk| trunk.is_enabled)
    }
}

/// One way through a carrier (contract §6.5).
#[derive(Clone, Debug)]
pub struct Trunk {
    pub id: TrunkId,
    pub name: String,
    pub is_enabled: bool,
    pub settings: Value,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Since when and why a configuration is out of use.
#[derive(Clone, Debug)]
pub struct Inactive {
    pub since: Timestamp,
    pub reason: String,
}

/// A number that calls can be made from.
#[derive(Clone, Debug)]
pub struct PhoneNumber {
    pub id: PhoneNumberId,
    pub configuration_id: TelephonyConfigurationId,
    /// As it was entered.
    pub address: String,
    /// Contract §6.4.
    pub address_normalized: String,
    /// `pstn`, `sip_uri` or `sip_extension`.
    pub address_type: String,
    pub country_code: Option<String>,
    pub label: Option<String>,
    /// The agent that is to answer calls to it.
    pub inbound_agent_id: Option<AgentId>,
    pub trunk_id: Option<TrunkId>,
    pub is_active: bool,
    pub is_default_caller_id: bool,
    pub extra_metadata: Value,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Why no configuration can place the call (contract §1.7).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TelephonyError {
    #[error("Telephony configuration not found")]
    NotFound,
    #[error("Telephony provider not configured for this organization")]
    NotConfigured,
    #[error("'{name}' is not ready for outbound calls. {reason}")]
    NotReady { name: String, reason: String },
    #[error("from_phone_number_not_found")]
    CallerIdNotFound,
}

impl TelephonyError {
    /// The code on the wire.
    #[must_use]
    pub const fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::TelephonyConfigurationNotFound,
            Self::NotConfigured => ErrorCode::TelephonyNotConfigured,
            Self::NotReady { .. } => ErrorCode::TelephonyNotReady,
            Self::CallerIdNotFound => ErrorCode::CallerIdNotFound,
        }
    }
}

/// How a sensitive value is shown: stars and its last four characters (contract §6.1).
#[must_use]
pub fn mask(secret: &str) -> String {
    let length = secret.chars().count();
    let shown = if length > 4 { 4 } else { 0 };
    let end: String = secret.chars().skip(length - shown).collect();
    "*".repeat(length - shown) + &end
}

/// Picks the configuration a call goes through: the one asked for, else the first ready one with
/// the default in front. Whether it is ready is a separate question ([`blocked_reason`]), because
/// the destination is checked in between.
///
/// # Errors
/// `NotFound` for an id that is unknown or out of use, `NotConfigured` without any.
pub fn pick<'a>(
    configurations: &'a [TelephonyConfiguration],
    asked: Option<TelephonyConfigurationId>,
    facts: &dyn Fn(&str) -> Option<ProviderFacts>,
) -> Result<&'a TelephonyConfiguration, TelephonyError> {
    let mut active: Vec<_> = configurations
        .iter()
        .filter(|configuration| configuration.inactive.is_none())
        .collect();
    if let Some(id) = asked {
        return active
            .into_iter()
            .find(|configuration| configuration.id == id)
            .ok_or(TelephonyError::NotFound);
    }
    active.sort_by_key(|configuration| {
        (
            !configuration.is_default,
            configuration.created_at,
            configuration.id,
        )
    });
    let ready = |configuration: &&&TelephonyConfiguration| {
        blocked_reason(configuration, facts(&configuration.provider).as_ref()).is_none()
    };
    let first = active
        .first()
        .copied()
        .ok_or(TelephonyError::NotConfigured)?;
    Ok(active.iter().find(ready).copied().unwrap_or(first))
}

/// The caller ID: the number asked for, else the default, else the first active one, else none.
///
/// # Errors
/// `CallerIdNotFound` when the number asked for is not an active one of this configuration.
pub fn caller_id(
    configuration: &TelephonyConfiguration,
    asked: Option<PhoneNumberId>,
) -> Result<Option<&PhoneNumber>, TelephonyError> {
    let mut active = configuration
        .numbers
        .iter()
        .filter(|number| number.is_active);
    if let Some(id) = asked {
        return active
            .find(|number| number.id == id)
            .map(Some)
            .ok_or(TelephonyError::CallerIdNotFound);
    }
    let active: Vec<_> = active.collect();
    let default = active.iter().find(|number| number.is_default_caller_id);
    Ok(default
        .or_else(|| active.iter().min_by_key(|number| number.id))
        .copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(id: i64, is_default_caller_id: bool, is_active: bool) -> PhoneNumber {
        PhoneNumber {
            id: PhoneNumberId(id),
            configuration_id: TelephonyConfigurationId(1),
            address: format!("+1555001000{id}"),
            address_normalized: format!("+1555001000{id}"),
            address_type: "pstn".to_owned(),
            country_code: None,
            label: None,
            inbound_agent_id: None,
            trunk_id: None,
            is_active,
            is_default_caller_id,
            extra_metadata: Value::Null,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn configuration(
        id: i64,
        is_default: bool,
        numbers: Vec<PhoneNumber>,
    ) -> TelephonyConfiguration {
        TelephonyConfiguration {
            id: TelephonyConfigurationId(id),
            workspace_id: WorkspaceId(1),
            name: format!("c{id}"),
            provider: "p".to_owned(),
            is_default,
            inactive: None,
            settings: Value::Null,
            sealed_credentials: None,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
            numbers,
            trunks: Vec::new(),
        }
    }

    fn facts(_: &str) -> Option<ProviderFacts> {
        Some(ProviderFacts {
            can_dial: true,
            ..ProviderFacts::unserved("p", "P")
        })
    }

    #[test]
    fn a_provider_without_a_dialer_is_never_ready_and_says_so_last() {
        let unserved = ProviderFacts::unserved("p", "P");
        let reason = |numbers| blocked_reason(&configuration(1, true, numbers), Some(&unserved));
        assert!(reason(vec![]).expect("blocked").contains("your P account"));
        assert_eq!(
            reason(vec![number(1, false, true)]).as_deref(),
            Some("Provider 'p' is unavailable.")
        );
    }

    #[test]
    fn a_mask_shows_the_last_four_characters_and_a_short_secret_not_at_all() {
        assert_eq!(mask("tok_secret_123456"), "*************3456");
        assert_eq!((mask("ab12"), mask("")), ("****".to_owned(), String::new()));
    }

    #[test]
    fn a_default_that_is_not_ready_gives_way_to_one_that_is() {
        let configurations = [
            configuration(1, true, vec![]),
            configuration(2, false, vec![number(1, false, true)]),
        ];
        assert_eq!(pick(&configurations, None, &facts).expect("picked").id.0, 2);
    }

    #[test]
    fn with_none_ready_the_default_is_named() {
        let configurations = [
            configuration(1, false, vec![]),
            configuration(2, true, vec![]),
        ];
        let picked = pick(&configurations, None, &facts).expect("picked");
        assert_eq!(picked.id.0, 2);
        assert!(
            blocked_reason(picked, facts("p").as_ref())
                .expect("blocked")
                .contains("from your P account")
        );
    }

    #[test]
    fn an_explicit_configuration_never_falls_through_and_an_inactive_one_is_not_found() {
        let mut configurations = vec![
            configuration(1, true, vec![]),
            configuration(2, false, vec![number(1, false, true)]),
        ];
        assert_eq!(
            pick(&configurations, Some(TelephonyConfigurationId(1)), &facts)
                .expect("picked")
                .id
                .0,
            1
        );
        configurations[0].inactive = Some(Inactive {
            since: Timestamp::UNIX_EPOCH,
            reason: String::new(),
        });
        let asked = pick(&configurations, Some(TelephonyConfigurationId(1)), &facts);
        assert_eq!(asked.expect_err("not found"), TelephonyError::NotFound);
    }

    #[test]
    fn the_caller_id_is_the_one_asked_for_then_the_default_then_the_first_active() {
        let configuration = configuration(
            1,
            true,
            vec![
                number(3, false, true),
                number(2, false, true),
                number(4, true, true),
            ],
        );
        let id = |asked: Option<i64>| {
            caller_id(&configuration, asked.map(PhoneNumberId))
                .map(|number| number.map(|number| number.id.0))
        };
        assert_eq!(id(Some(2)), Ok(Some(2)));
        assert_eq!(id(None), Ok(Some(4)));
        assert_eq!(id(Some(9)), Err(TelephonyError::CallerIdNotFound));
        let mut without_default = configuration.clone();
        without_default.numbers[2].is_active = false;
        assert_eq!(
            caller_id(&without_default, None)
                .expect("found")
                .map(|number| number.id.0),
            Some(2)
        );
    }
}
