//! Which version of which agent a trigger request runs. Pure: the store hands over what it knows
//! about the target in one snapshot, so that a publish between two reads can never run a version
//! that was not the one checked (contract §1.9).
//!
//! Production looks in the published version only, test in the draft or else the published one;
//! saving a draft therefore never changes what a production URL does.

use crate::agent::{Agent, AgentStatus, VersionStatus};
use crate::api_key::Caller;
use crate::error::ErrorCode;
use crate::ids::VersionId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The two modes of every trigger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    Test,
    Production,
}

impl Mode {
    /// The word in storage and on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Test => "test",
            Self::Production => "production",
        }
    }

    /// Reads the word back; `None` for any other.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Test, Self::Production]
            .into_iter()
            .find(|mode| mode.as_str() == word)
    }
}

/// What a trigger URL names (contract §1.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Target {
    /// A trigger path, compared letter by letter.
    Path(String),
    /// An agent's own UUID, compared letter by letter in lower case as it was minted.
    AgentUuid(String),
}

/// What a version says about the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriggerState {
    Enabled,
    Disabled,
    /// The version has no trigger with this path.
    Missing,
}

/// A version as far as firing needs it.
#[derive(Clone, Debug)]
pub struct VersionFacts {
    pub id: VersionId,
    pub number: i64,
    pub status: VersionStatus,
    /// `Enabled` where the target is the agent's UUID: then no trigger node is asked.
    pub trigger: TriggerState,
    pub template_context_variables: Option<Map<String, Value>>,
    /// Seconds.
    pub max_call_seconds: u32,
}

/// Since when and why an agent's trigger is disabled, in every version at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disabled {
    pub at: Timestamp,
    pub reason: String,
}

/// Everything known about a target.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub agent: Agent,
    /// Where it is set, no version's trigger is `Enabled` for a path.
    pub disabled: Option<Disabled>,
    pub published: Option<VersionFacts>,
    pub draft: Option<VersionFacts>,
}

/// Why a target cannot be fired; the order of the variants is the order of the checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    #[error("Agent trigger not found")]
    TriggerNotFound,
    #[error("Workflow not found")]
    AgentNotFound,
    #[error("Access denied")]
    AccessDenied,
    #[error("Agent trigger is not active")]
    TriggerNotActive,
    #[error("Workflow is not active")]
    AgentNotActive,
    #[error("Workflow has no published definition")]
    NoPublishedVersion,
    #[error("Trigger not found in the selected Agent")]
    TriggerNotInVersion,
}

impl TriggerError {
    /// The code on the wire.
    #[must_use]
    pub const fn code(self) -> ErrorCode {
        match self {
            Self::TriggerNotFound | Self::AgentNotFound | Self::TriggerNotInVersion => {
                ErrorCode::TriggerNotFound
            }
            Self::AccessDenied => ErrorCode::AccessDenied,
            Self::TriggerNotActive => ErrorCode::TriggerNotActive,
            Self::AgentNotActive => ErrorCode::AgentNotActive,
            Self::NoPublishedVersion => ErrorCode::NoPublishedVersion,
        }
    }
}

/// The version that a request runs.
#[derive(Clone, Debug)]
pub struct Selected<'a> {
    pub agent: &'a Agent,
    pub version: &'a VersionFacts,
    /// A test call that runs the published version because there is no draft.
    pub draft_missing: bool,
}

/// Selects the version (contract §1.4 steps 2 to 8 with the differences of the docs).
///
/// # Errors
/// The first failing check; the texts are the reference's.
pub fn select<'a>(
    target: &Target,
    mode: Mode,
    candidate: Option<&'a Candidate>,
    caller: &Caller,
) -> Result<Selected<'a>, TriggerError> {
    let by_path = matches!(target, Target::Path(_));
    let not_found = if by_path {
        TriggerError::TriggerNotFound
    } else {
        TriggerError::AgentNotFound
    };
    let candidate = candidate.ok_or(not_found)?;
    let agent = &candidate.agent;
    if agent.workspace_id != caller.workspace_id() {
        // A foreign path is known to exist by its URL alone; a foreign agent UUID is not told of.
        return Err(if by_path {
            TriggerError::AccessDenied
        } else {
            TriggerError::AgentNotFound
        });
    }
    if let Caller::Key(key) = caller
        && !key.may_fire(agent.id, mode)
    {
        return Err(TriggerError::AccessDenied);
    }
    let (version, draft_missing) = match mode {
        Mode::Production => (candidate.published.as_ref(), false),
        Mode::Test if candidate.draft.is_some() => (candidate.draft.as_ref(), false),
        Mode::Test => (candidate.published.as_ref(), true),
    };
    if version.is_some_and(|version| version.trigger == TriggerState::Disabled) {
        return Err(TriggerError::TriggerNotActive);
    }
    if agent.status != AgentStatus::Active {
        return Err(TriggerError::AgentNotActive);
    }
    let version = version.ok_or(TriggerError::NoPublishedVersion)?;
    if version.trigger == TriggerState::Missing {
        // The two texts of contract §13.5.
        return Err(match mode {
            Mode::Production => TriggerError::TriggerNotInVersion,
            Mode::Test => TriggerError::TriggerNotFound,
        });
    }
    Ok(Selected {
        agent,
        version,
        draft_missing,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api_key::{ApiKey, Scope};
    use crate::ids::{AgentId, ApiKeyId, WorkspaceId};

    fn version(status: VersionStatus, trigger: TriggerState) -> Option<VersionFacts> {
        let number = if status == VersionStatus::Draft { 2 } else { 1 };
        let (template_context_variables, max_call_seconds) = (None, 300);
        Some(VersionFacts {
            id: VersionId(number),
            number,
            status,
            trigger,
            template_context_variables,
            max_call_seconds,
        })
    }

    fn candidate(published: Option<TriggerState>, draft: Option<TriggerState>) -> Candidate {
        Candidate {
            agent: Agent {
                id: AgentId(1),
                workspace_id: WorkspaceId(1),
                uuid: uuid::Uuid::nil(),
                name: "A".to_owned(),
                status: AgentStatus::Active,
                created_at: Timestamp::UNIX_EPOCH,
            },
            disabled: None,
            published: published.and_then(|trigger| version(VersionStatus::Published, trigger)),
            draft: draft.and_then(|trigger| version(VersionStatus::Draft, trigger)),
        }
    }

    fn path() -> Target {
        Target::Path("p".to_owned())
    }

    fn outcome(mode: Mode, candidate: &Candidate) -> Result<i64, TriggerError> {
        select(
            &path(),
            mode,
            Some(candidate),
            &Caller::Person(WorkspaceId(1)),
        )
        .map(|selected| selected.version.number)
    }

    /// Contract §13.5 with the deliberate difference: a draft never changes production.
    #[test]
    fn the_test_url_matrix() {
        use TriggerError::{TriggerNotFound, TriggerNotInVersion};
        use TriggerState::{Enabled, Missing};
        let rows = [
            (candidate(Some(Enabled), None), Ok(1), Ok(1)),
            (candidate(Some(Enabled), Some(Enabled)), Ok(2), Ok(1)),
            (
                candidate(Some(Missing), Some(Enabled)),
                Ok(2),
                Err(TriggerNotInVersion),
            ),
            (
                candidate(Some(Enabled), Some(Missing)),
                Err(TriggerNotFound),
                Ok(1),
            ),
        ];
        for (candidate, test, production) in rows {
            assert_eq!(outcome(Mode::Test, &candidate), test, "{candidate:?}");
            assert_eq!(
                outcome(Mode::Production, &candidate),
                production,
                "{candidate:?}"
            );
        }
    }

    #[test]
    fn a_test_call_says_when_there_is_no_draft() {
        let candidate = candidate(Some(TriggerState::Enabled), None);
        let caller = Caller::Person(WorkspaceId(1));
        assert!(
            select(&path(), Mode::Test, Some(&candidate), &caller)
                .expect("selected")
                .draft_missing
        );
        assert!(
            !select(&path(), Mode::Production, Some(&candidate), &caller)
                .expect("selected")
                .draft_missing
        );
    }

    #[test]
    fn missing_disabled_archived_and_unpublished_each_have_their_own_error() {
        let caller = Caller::Person(WorkspaceId(1));
        assert_eq!(
            select(&path(), Mode::Test, None, &caller).expect_err("missing"),
            TriggerError::TriggerNotFound
        );
        let disabled = candidate(Some(TriggerState::Disabled), None);
        assert_eq!(
            outcome(Mode::Production, &disabled),
            Err(TriggerError::TriggerNotActive)
        );
        let mut archived = candidate(Some(TriggerState::Enabled), None);
        archived.agent.status = AgentStatus::Archived;
        assert_eq!(
            outcome(Mode::Production, &archived),
            Err(TriggerError::AgentNotActive)
        );
        let draft_only = candidate(None, Some(TriggerState::Enabled));
        assert_eq!(
            outcome(Mode::Production, &draft_only),
            Err(TriggerError::NoPublishedVersion)
        );
        assert_eq!(outcome(Mode::Test, &draft_only), Ok(2));
    }

    #[test]
    fn another_workspace_is_denied_by_path_and_unknown_by_uuid() {
        let candidate = candidate(Some(TriggerState::Enabled), None);
        let stranger = Caller::Person(WorkspaceId(2));
        let by_path =
            select(&path(), Mode::Production, Some(&candidate), &stranger).expect_err("denied");
        assert_eq!(by_path, TriggerError::AccessDenied);
        let target = Target::AgentUuid(uuid::Uuid::nil().to_string());
        let by_uuid =
            select(&target, Mode::Production, Some(&candidate), &stranger).expect_err("unknown");
        assert_eq!(by_uuid, TriggerError::AgentNotFound);
    }

    #[test]
    fn a_key_outside_its_limits_is_denied() {
        let key = ApiKey {
            id: ApiKeyId(1),
            workspace_id: WorkspaceId(1),
            name: String::new(),
            prefix: String::new(),
            scope: Scope::Trigger,
            agents: Vec::new(),
            test_only: true,
            expires_at: None,
            created_at: Timestamp::UNIX_EPOCH,
            last_used_at: None,
            archived_at: None,
        };
        let candidate = candidate(Some(TriggerState::Enabled), None);
        let caller = Caller::Key(key.clone());
        assert!(select(&path(), Mode::Test, Some(&candidate), &caller).is_ok());
        assert!(select(&path(), Mode::Production, Some(&candidate), &caller).is_err());
        let elsewhere = Caller::Key(ApiKey {
            agents: vec![AgentId(9)],
            test_only: false,
            ..key
        });
        assert!(select(&path(), Mode::Test, Some(&candidate), &elsewhere).is_err());
    }
}
