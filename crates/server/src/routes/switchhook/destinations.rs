//! What is known about a number while it is being typed: the same parser that judges a trigger
//! request, so that the window never says anything else than the server.

use crate::app::App;
use crate::body::fields::Fields;
use crate::body::rules::Text;
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::State;
use switchhook_core::destination::{Destination, DestinationScheme, Phone};
use switchhook_wire::preview as wire;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const NOT_VALID: &str =
    "The number is possible but not in the numbering plan known here; it would be dialled.";

/// What a provider reaches. Other instances have providers that this one cannot dial through; of
/// those, the one that reaches a PBX takes more than telephone numbers (contract §6.2).
fn scheme(provider: Option<&str>) -> DestinationScheme {
    let facts = provider.and_then(switchhook_dialers::facts);
    match (facts, provider) {
        (Some(facts), _) => facts.scheme,
        (None, Some("ari")) => DestinationScheme::PhoneOrSip,
        (None, _) => DestinationScheme::Phone,
    }
}

fn refused(message: String) -> wire::Destination {
    wire::Destination {
        kind: "invalid".to_owned(),
        possible: false,
        valid: false,
        e164: None,
        formatted: None,
        country_code: None,
        line_type: None,
        message: Some(message),
    }
}

fn accepted(destination: &Destination) -> wire::Destination {
    let phone = destination.phone();
    wire::Destination {
        kind: destination.kind().as_str().to_owned(),
        possible: true,
        valid: destination.valid(),
        e164: phone.map(|phone| phone.e164.clone()),
        formatted: phone.map(Phone::international),
        country_code: phone.and_then(|phone| Some(phone.country()?.to_string())),
        line_type: phone.and_then(|phone| Some(phone.line_type()?.as_str().to_owned())),
        message: (!destination.valid()).then(|| NOT_VALID.to_owned()),
    }
}

/// What is known about a number; nothing is dialled.
#[utoipa::path(
    post, path = "/api/switchhook/destinations", tag = "switchhook",
    request_body = wire::DestinationQuestion,
    responses((status = 200, body = wire::Destination), Refusals)
)]
async fn check_destination(
    State(app): State<App>,
    input: Input,
) -> Result<Json<wire::Destination>, Problem> {
    let object = input.object()?;
    let mut fields = Fields::body(&object);
    let number = fields.required("phone_number", &Text::ANY);
    let provider = fields.nullable("provider", &Text::ANY);
    let (number, provider) = fields.finish(|| Some((number?, provider?)))?;
    let settings = app.store.settings(input.workspace_id()).await?;
    let country = settings.default_country.and_then(|code| code.parse().ok());
    let parsed = Destination::parse(&number, scheme(provider.as_deref()), country);
    Ok(Json(match parsed {
        Ok(destination) => accepted(&destination),
        Err(error) => refused(error.to_string()),
    }))
}

/// The route.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(check_destination))
}
