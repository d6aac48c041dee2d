//! Proving a configuration's account without a call: what the carrier says when it is asked, in
//! words. An account that is refused is an answer like any other (200): the request did what it is
//! for.

use super::configuration;
use crate::app::App;
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use std::time::Instant;
use switchhook_core::ports::Proof;
use switchhook_core::run::Side;
use switchhook_core::telephony;
use switchhook_wire::telephony as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

fn shown(proof: Proof, elsewhere: Option<String>, milliseconds: u64) -> wire::Verification {
    let (outcome, side, message, next) = match proof {
        Proof::Proved { note } => (
            "verified",
            None,
            note.unwrap_or_else(|| "the carrier takes calls of this account".to_owned()),
            // The account is well, and a call would be refused all the same.
            elsewhere,
        ),
        Proof::Refused {
            side,
            message,
            next,
        } => ("refused", Some(side), message, Some(next)),
        Proof::Unknown {
            side,
            message,
            next,
        } => ("unknown", Some(side), message, Some(next)),
        Proof::NotOffered => (
            "not-offered",
            Some(Side::Switchhook),
            "accounts of this provider cannot be verified here".to_owned(),
            Some("fire a test at your own phone".to_owned()),
        ),
    };
    wire::Verification {
        outcome: outcome.to_owned(),
        side: side.map(|side| side.as_str().to_owned()),
        message,
        next,
        duration_ms: milliseconds,
    }
}

/// Asks the carrier whether the account of a configuration can be used. No call is placed, and at
/// most 15 s pass.
#[utoipa::path(
    post, path = "/api/switchhook/telephony-configurations/{config_id}/verify", tag = "switchhook",
    params(("config_id" = i64, Path)),
    responses((status = 200, body = wire::Verification), Refusals)
)]
async fn verify_configuration(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Verification>, Problem> {
    let configuration = configuration(&app, &input).await?;
    let since = Instant::now();
    let proof = app.engine.verify(&configuration).await?;
    let took = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
    let provider = app.engine.provider(&configuration.provider);
    let elsewhere = telephony::blocked_reason(&configuration, provider.as_ref());
    Ok(Json(shown(
        proof,
        elsewhere.map(|reason| reason.to_string()),
        took,
    )))
}

/// The route.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(verify_configuration))
}
