//! The recorded cases that are not answered as the reference did, by name. [`DELIBERATE`] differs
//! on purpose: the row names the row of the differences table in docs/api.md, and the answer given
//! here instead is checked. [`NOT_REPLAYED`] cannot be asked yet, with what it waits for.

use serde_json::Value;
use switchhook_tests::server::http::Response;

/// What is answered here instead.
enum Instead {
    /// This status with this `code`.
    Problem(u16, &'static str),
    /// Success where the reference refused.
    Initiated,
    /// This status only: the words are the HTTP library's.
    Status(u16),
    /// The server's facts in a stored context.
    ServerFacts,
    /// The agent is kept, and the carrier was not told.
    NotTold,
    /// The same refusal, which names one provider more.
    OneMore,
    /// A run of which nobody says that it failed.
    NotFailed,
}

use Instead::{Initiated, NotFailed, NotTold, OneMore, Problem, ServerFacts, Status};

/// Rows of the differences table.
mod row {
    pub const MISSING_KEY: &str = "missing `X-API-Key` → 422";
    pub const DRAFT_SAVE: &str = "saving a draft registers and unregisters triggers";
    pub const DESTINATION: &str = "any destination string is dialled";
    pub const SERVER_FACTS: &str = "the caller's context can overwrite server facts";
    pub const POISON: &str = "lone surrogates, NaN and 2,000 levels are stored, or give 500";
    pub const BOUNDS: &str = "a body of any size";
    pub const ODD_IDS: &str = "ids beyond 32 bits → 500";
    pub const NUL: &str = "a NUL in a trigger path → 500";
    pub const STATUS: &str = "an agent status other than active or archived → 500";
    pub const HTTP: &str = "what is not HTTP is refused with a text";
    pub const HEAD: &str = "`HEAD` on a route that has `GET` → 405";
    pub const REDIRECT: &str = "a download redirects to storage; its token never expires";
    pub const WHOLE_URL: &str = "a whole URL as request target → 404";
    pub const INBOUND: &str = "numbers are linked to agents for inbound calls";
    pub const CALLBACKS: &str = "callbacks of some carriers are unsigned";
    pub const PROVIDERS: &str = "seven providers";
    pub const TIMEOUT: &str = "a carrier's timeout → failed";
    pub const BILLING: &str = "402 where credits are missing or cannot be looked up";
    pub const COUNTER: &str = "429 while the service that counts calls is down";
    pub const DISABLED: &str = "a trigger that was switched off by hand is unknown";
}

struct Difference {
    row: &'static str,
    instead: Instead,
    cases: &'static [&'static str],
}

const DELIBERATE: &[Difference] = &[
    Difference {
        row: row::MISSING_KEY,
        instead: Problem(401, "invalid-api-key"),
        cases: &[
            "key_missing",
            "key_missing_unknown_uuid",
            "key_missing_and_bad_body",
            "key_missing_no_body",
            "key_as_bearer",
            "key_jwt_instead",
            "key_in_query",
        ],
    },
    Difference {
        row: row::DRAFT_SAVE,
        instead: Initiated,
        cases: &["trigger_removed_in_draft_prod_still_published"],
    },
    Difference {
        row: row::DESTINATION,
        instead: Problem(422, "invalid-destination"),
        cases: &[
            "phone_empty",
            "phone_space",
            "phone_letters",
            "phone_no_plus",
            "phone_zero_lead",
            "phone_sip",
            "phone_unicode",
            "phone_long10k",
            "phone_url",
            "phone_crlf",
        ],
    },
    Difference {
        row: row::SERVER_FACTS,
        instead: ServerFacts,
        cases: &["stored_ctx_reserved_keys", "stored_cb_overridden_tcid"],
    },
    Difference {
        row: row::POISON,
        instead: Problem(422, "invalid-request"),
        cases: &["ctx_nan", "ctx_infinity", "phone_lone_surrogate"],
    },
    Difference {
        row: row::POISON,
        instead: Problem(400, "body-too-deep"),
        cases: &["ctx_deep_2000", "ctx_deep_100k"],
    },
    Difference {
        row: row::BOUNDS,
        instead: Problem(413, "body-too-large"),
        cases: &["ctx_10mb", "ctx_100k_keys"],
    },
    Difference {
        row: row::ODD_IDS,
        instead: Problem(404, "telephony-configuration-not-found"),
        cases: &["tcid_int32_max_plus1", "tcid_int64_plus1", "tcid_huge"],
    },
    Difference {
        row: row::ODD_IDS,
        instead: Problem(400, "caller-id-not-found"),
        cases: &["from_int32_max_plus1"],
    },
    Difference {
        row: row::NUL,
        instead: Problem(404, "trigger-not-found"),
        cases: &["uuid_nul"],
    },
    Difference {
        row: row::ODD_IDS,
        instead: Problem(404, "not-found"),
        cases: &["run_get_int32_overflow"],
    },
    Difference {
        row: row::STATUS,
        instead: Problem(422, "invalid-request"),
        cases: &["workflow_status_bad"],
    },
    Difference {
        row: row::HTTP,
        instead: Status(400),
        cases: &[
            "raw_bad_content_length",
            "raw_two_content_lengths",
            "raw_garbage",
        ],
    },
    Difference {
        row: row::REDIRECT,
        instead: Status(200),
        cases: &["download_transcript_302_inline"],
    },
    Difference {
        row: row::HEAD,
        instead: Status(200),
        cases: &["download_head"],
    },
    Difference {
        row: row::HEAD,
        instead: Problem(405, "method-not-allowed"),
        cases: &["download_post"],
    },
    Difference {
        row: row::WHOLE_URL,
        instead: Initiated,
        cases: &["raw_absolute_uri"],
    },
    Difference {
        row: row::INBOUND,
        instead: NotTold,
        cases: &["phone_create_inbound_workflow", "phone_put_inbound"],
    },
    Difference {
        row: row::CALLBACKS,
        instead: Problem(401, "access-denied"),
        cases: &[
            "cb_initiated",
            "cb_ringing",
            "cb_busy",
            "cb_no-answer",
            "cb_canceled",
            "cb_unknown_run",
        ],
    },
    Difference {
        row: row::PROVIDERS,
        instead: OneMore,
        cases: &["telephony_create_unknown_provider"],
    },
    Difference {
        row: row::TIMEOUT,
        instead: NotFailed,
        cases: &[
            "stored_provider_500",
            "stored_provider_502_html",
            "stored_provider_conn_closed",
            "stored_provider_status_200_instead_of_201",
            "stored_provider_201_without_sid",
        ],
    },
    Difference {
        row: row::BILLING,
        instead: Initiated,
        cases: &["quota_mps_insufficient", "quota_mps_nocorr"],
    },
    Difference {
        row: row::BILLING,
        instead: NotFailed,
        cases: &[
            "stored_quota_insufficient",
            "stored_quota_down",
            "stored_quota_nocorr",
            "stored_outage_mps",
        ],
    },
    Difference {
        row: row::COUNTER,
        instead: Initiated,
        cases: &["outage_redis_down", "outage_redis_down_2"],
    },
    Difference {
        row: row::DISABLED,
        instead: Problem(404, "trigger-not-active"),
        cases: &["trigger_inactive", "trigger_inactive_test"],
    },
];

/// What a case waits for, and the cases.
const NOT_REPLAYED: &[(&str, &[&str])] = &[
    (
        "the recording is cut off: the_form_of_every_provider_is_told compares its fields",
        &["telephony_providers_metadata"],
    ),
    (
        "looks into the database: a_masked_secret_that_comes_back_stays_as_it_was does so here",
        &["db_credentials_after_masked_put"],
    ),
    (
        "needs a carrier without a dialer here (a_provider_without_a_dialer_is_kept_and_not_ready), and its account's own numbers",
        &[
            "provider_telnyx_trigger",
            "provider_telnyx_outgoing",
            "stored_provider_telnyx",
            "provider_telnyx_config_get",
            "provider_plivo_phone_create",
            "provider_plivo_trigger",
            "provider_plivo_outgoing",
            "stored_provider_plivo",
            "provider_plivo_trigger_500",
            "provider_plivo_config_get",
            "provider_vonage_phone_create",
            "provider_vonage_outgoing",
            "stored_provider_vonage",
            "provider_vonage_trigger_500",
            "provider_vobiz_phone_create",
            "provider_vobiz_outgoing",
            "stored_provider_vobiz",
            "provider_vobiz_trigger_500",
            "provider_vobiz_config_get",
            "provider_ari_outgoing",
            "stored_provider_ari",
            "provider_ari_trigger_500",
            "provider_ari_config_get",
            "provider_cloudonix_trigger",
            "provider_cloudonix_outgoing",
            "stored_provider_cloudonix",
        ],
    ),
    (
        "a request to the carrier: the dialer's own tests hold it to the carrier's published description",
        &["provider_twilio_outgoing"],
    ),
    (
        "counts and lists runs around an outage of a service that there is not here",
        &["outage_redis_runs_created", "outage_redis_down_run_get"],
    ),
    (
        "looks into the reference's own tables",
        &[
            "db_org_configurations_after_signup",
            "seed",
            "last_used_at",
            "trigger_row_state_after_draft_removal",
        ],
    ),
    (
        "needs an agent without a published version or without an owner: here every agent has the one (core's trigger tests judge that state) and none has the other",
        &[
            "no_published_prod",
            "no_published_workflow_uuid",
            "no_published_draft_only_prod",
            "no_published_draft_only_test",
            "stored_draft_only_test",
            "workflow_without_owner",
        ],
    ),
    (
        "a limit below 1 cannot be set: a_limit_below_one_is_refused",
        &["conc_limit_zero", "conc_limit_negative"],
    ),
    (
        "a run that is refused here before it is stored cannot be read",
        &[
            "stored_phone_empty",
            "stored_phone_space",
            "stored_phone_unicode",
            "run_get_after_phone_nul",
            "run_get_after_ctx_lone_surrogate",
            "run_get_after_ctx_deep_2000",
            "runs_list_page_with_lone_surrogate",
        ],
    ),
    (
        "a test of its own counts the runs: a_refusal_for_the_limit_makes_no_run",
        &["conc_429_creates_no_run"],
    ),
    (
        "no call of the desk phone fails once it was dialled: a_failed_callback_is_stored_as_recorded",
        &["stored_cb_failed"],
    ),
    (
        "no call of the desk phone is recorded: crates/server/tests/control/recordings.rs reads the links and the files",
        &["download_recording_302", "run_get_with_artifacts"],
    ),
    (
        "a token is handed out only where there is a transcript",
        &["download_no_artifact_transcript"],
    ),
];

/// Names of all cases that cannot be replayed.
pub fn not_replayed() -> impl Iterator<Item = &'static str> {
    NOT_REPLAYED
        .iter()
        .flat_map(|(_, cases)| cases.iter().copied())
}

/// Names of all cases that differ on purpose.
pub fn deliberate() -> impl Iterator<Item = &'static str> {
    DELIBERATE
        .iter()
        .flat_map(|difference| difference.cases.iter().copied())
}

/// The rows that deliberate differences name.
pub fn rows() -> impl Iterator<Item = &'static str> {
    DELIBERATE.iter().map(|difference| difference.row)
}

fn of(name: &str) -> Option<&'static Difference> {
    DELIBERATE
        .iter()
        .find(|difference| difference.cases.contains(&name))
}

/// Whether a case that differs on purpose is answered as the table says; `None` for all others.
pub fn check(name: &str, answer: &Response) -> Option<Result<(), String>> {
    let difference = of(name)?;
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let is_so = match difference.instead {
        Problem(status, code) => {
            answer.status == status && body["code"] == code && !body["detail"].is_null()
        }
        Initiated => answer.status == 200 && body["status"] == "initiated",
        Status(status) => answer.status == status,
        NotTold => {
            answer.status == 200
                && body["inbound_workflow_id"].is_i64()
                && body["provider_sync"]["ok"] == false
        }
        OneMore => {
            answer.status == 422
                && body["detail"][0]["type"] == "union_tag_invalid"
                && answer.text().contains("'cloudonix', 'desk_phone', 'plivo'")
        }
        ServerFacts | NotFailed => false,
    };
    let problem = || {
        format!(
            "answered {} {:.300} against the row “{}”",
            answer.status,
            answer.text(),
            difference.row
        )
    };
    Some(if is_so { Ok(()) } else { Err(problem()) })
}

/// The same for a stored run.
pub fn check_run(name: &str, run: &Value) -> Option<Result<(), String>> {
    let difference = of(name)?;
    let context = &run["initial_context"];
    let is_so = match difference.instead {
        ServerFacts => {
            context["direction"] == "outbound"
                && context["phone_number"] == "+14155550100"
                && context["trigger_mode"] == "production"
                && context["telephony_configuration_id"] == run["telephony_configuration_id"]
                && context["agent_identifier_type"] == "trigger_path"
                && context["agent_uuid"] == context["agent_identifier"]
                && context["provider"] == run["provider"]
        }
        NotFailed => run["state"].is_string() && run["state"] != "failed",
        _ => false,
    };
    let problem = || format!("stored {run} against the row “{}”", difference.row);
    Some(if is_so { Ok(()) } else { Err(problem()) })
}

/// The rows that no recorded case shows, each with a test that holds it.
pub const HELD: &[(&str, &str)] = &[
    (
        "a trigger node with `enabled: false` dials",
        "a_disabled_trigger_does_not_dial",
    ),
    (
        "saving drops members of a node's or an edge's `data` that it does not know",
        "a_definition_keeps_what_is_unknown_and_an_empty_one_is_fine",
    ),
    (
        "`{}` as a definition is valid and can be published",
        "an_empty_definition_lacks_its_start",
    ),
    (
        "unknown top-level fields vanish",
        "unknown_fields_are_taken_and_named",
    ),
    (
        "a dial error gives 400 without the run",
        "a_dial_that_is_refused_names_its_run",
    ),
    (
        "a run wants a management login",
        "a_manage_key_reads_the_runs_of_other_keys_on_the_public_listener",
    ),
    (
        "default caller ID, else a random number",
        "the_caller_id_is_the_one_asked_for_then_the_default_then_the_first_active",
    ),
    (
        "run names with four random digits",
        "our_shape_is_the_pinned_one",
    ),
    (
        "429 without advice",
        "beyond_the_setting_calls_are_refused_with_advice",
    ),
    (
        "runs can stay open for ever",
        "a_call_that_only_waits_ends_by_its_deadline",
    ),
    (
        "drafts cannot be discarded, nor versions be brought back",
        "a_discarded_draft_is_put_away_and_runs_that_named_it_stay",
    ),
    (
        "`node-types` sends fields that its own Python client refuses",
        "the_python_library_works_whole",
    ),
    (
        "no idempotency",
        "the_same_key_with_another_body_is_a_conflict",
    ),
    (
        "keys without scope or expiry",
        "an_expired_key_opens_nothing",
    ),
    (
        "keys have an owner (`api_key_created_by`)",
        "a_context_names_no_owner_of_its_key",
    ),
    (
        "a cell of a report may be a formula",
        "a_report_has_a_line_for_each_run_and_no_formula",
    ),
    (
        "a test call answers a carrier's refusal with the carrier's own status",
        "a_test_call_tells_a_refusal_as_a_trigger_does",
    ),
    (
        "a run made by hand keeps its time",
        "a_run_made_by_hand_takes_the_time_of_its_call",
    ),
    (
        "a token usage above some cost",
        "a_token_usage_is_met_by_no_run",
    ),
    (
        "a name clash on changing a telephony configuration → 500",
        "a_change_renames_and_a_taken_name_is_a_conflict",
    ),
    (
        "a body that is no JSON → 422 whoever asks",
        "who_asks_is_settled_before_the_body_is_looked_at",
    ),
    (
        "`Allow` names the methods of one handler",
        "every_method_of_a_path_is_allowed_by_name",
    ),
    (
        "a word where an id could stand falls through to the route with the id (`PUT /workflow/count` → 422)",
        "a_word_where_an_id_could_stand_has_methods_of_its_own",
    ),
    (
        "a trunk's name is judged by its provider",
        "trunks_belong_to_providers_that_have_them",
    ),
    (
        "`usage/current-period` and `usage/daily-breakdown` tell what is billed",
        "nothing_tells_what_is_billed",
    ),
    (
        "`create/template` has a hosted model write the agent",
        "a_description_becomes_an_agent_without_asking_anybody",
    ),
    ("folders", "an_agent_can_be_moved_to_no_folder_only"),
];
