//! Signing a browser in: the link's token is exchanged for a cookie that no script can read and no
//! other site can send. The one control route without a key: having the token is the proof.

use crate::app::App;
use crate::auth::COOKIE;
use crate::body;
use crate::body::fields::Fields;
use crate::body::rules::Text;
use crate::http;
use crate::problem::Problem;
use crate::routes::input::{Input, Refusals};
use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use switchhook_core::ErrorCode;
use switchhook_wire::instance as wire;
use switchhook_wire::problem::Problem as ProblemBody;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Signs a browser in with the token of a link. A token works once, for five minutes.
#[utoipa::path(
    post, path = "/api/switchhook/sign-in", tag = "switchhook",
    request_body = wire::SignIn,
    responses(
        (status = 204, description = "Signed in; the cookie is set"),
        (status = 401, body = ProblemBody, description = "The token was used or is too old"),
        (status = 422, body = ProblemBody),
    )
)]
async fn sign_in(State(app): State<App>, request: Request) -> Result<impl IntoResponse, Problem> {
    let (parts, content) = request.into_parts();
    http::check_length(&parts.headers)?;
    let content_type = parts.headers.get(header::CONTENT_TYPE);
    let content_type = content_type.and_then(|value| value.to_str().ok());
    let bytes = http::read(content).await?;
    let object = body::object(body::read(content_type, &bytes)?)?;
    let mut fields = Fields::body(&object);
    let token = fields.required("token", &Text::ANY);
    let token = fields.finish(|| token)?;
    let session = app.sign_in.redeem(&token, app.clock.now());
    let session = session.ok_or_else(|| {
        let detail =
            "This sign-in link was used already or is too old; ask the server for a new one";
        let status = StatusCode::UNAUTHORIZED;
        Problem::new(status, ErrorCode::SignInRequired, detail)
    })?;
    let cookie = format!("{COOKIE}={session}; HttpOnly; SameSite=Strict; Path=/");
    let mut cookie = HeaderValue::from_str(&cookie).expect("a session token is ASCII");
    cookie.set_sensitive(true);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}

/// Whether this browser is signed in.
#[utoipa::path(
    get, path = "/api/switchhook/session", tag = "switchhook",
    responses((status = 200, body = wire::Session), Refusals)
)]
async fn get_session(_: Input) -> Json<wire::Session> {
    let signed_in = true;
    Json(wire::Session { signed_in })
}

/// The routes.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(sign_in))
        .routes(routes!(get_session))
}
