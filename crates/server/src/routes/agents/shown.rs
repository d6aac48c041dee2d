//! An agent and a version as the compatible API tells them: each route leaves other fields null, as
//! the reference does (contract §3.3). Secrets stand masked.

use switchhook_core::agent::{Version, mask_configurations, mask_definition};
use switchhook_core::ports::AgentDetail;
use switchhook_wire::time::Time;
use switchhook_wire::workflow as wire;

/// What of a workflow a route tells.
pub struct Shown {
    version: bool,
    uuid: bool,
    current: bool,
    total_runs: bool,
    /// The published version even where there is a draft.
    published: bool,
}

const NOTHING: Shown = Shown {
    version: false,
    uuid: false,
    current: false,
    total_runs: false,
    published: false,
};
pub const ON_CREATE: Shown = NOTHING;
pub const ON_UPDATE: Shown = Shown {
    version: true,
    current: true,
    ..NOTHING
};
pub const ON_FETCH: Shown = Shown {
    uuid: true,
    ..ON_UPDATE
};
pub const ON_STATUS: Shown = Shown {
    current: true,
    total_runs: true,
    published: true,
    ..NOTHING
};
pub const ON_DUPLICATE: Shown = Shown {
    current: true,
    published: true,
    ..NOTHING
};

pub fn workflow(detail: AgentDetail, shown: &Shown) -> wire::Workflow {
    let published_id = detail.published.as_ref().map(|version| version.id.0);
    let version = if shown.published {
        detail.published.or(detail.draft)
    } else {
        detail.draft.or(detail.published)
    };
    let (number, status) = version
        .as_ref()
        .map(|version| (version.number, version.status.as_str().to_owned()))
        .unzip();
    let (definition, configurations, variables) =
        version.map_or_else(Default::default, |version| {
            (
                mask_definition(version.definition),
                mask_configurations(version.configurations),
                version.template_context_variables,
            )
        });
    wire::Workflow {
        id: detail.agent.id.0,
        name: detail.agent.name,
        status: detail.agent.status.as_str().to_owned(),
        created_at: detail.agent.created_at.into(),
        workflow_definition: definition,
        current_definition_id: published_id.filter(|_| shown.current),
        template_context_variables: variables.unwrap_or_default(),
        call_disposition_codes: wire::CallDispositionCodes::default(),
        total_runs: shown.total_runs.then_some(detail.total_runs),
        workflow_configurations: configurations,
        version_number: number.filter(|_| shown.version),
        version_status: status.filter(|_| shown.version),
        workflow_uuid: shown.uuid.then(|| detail.agent.uuid.to_string()),
    }
}

/// One version, whole.
pub fn version(version: Version) -> wire::WorkflowVersion {
    wire::WorkflowVersion {
        id: version.id.0,
        version_number: version.number,
        status: version.status.as_str().to_owned(),
        created_at: version.created_at.into(),
        published_at: version.published_at.map(Time::from),
        workflow_json: mask_definition(version.definition),
        workflow_configurations: mask_configurations(version.configurations),
        template_context_variables: version.template_context_variables.unwrap_or_default(),
    }
}
