//! The routers and the OpenAPI document, made from the same declarations.

mod links;
mod surroundings;

use crate::app::App;
use crate::http;
use crate::problem::Problem;
use crate::routes;
use crate::web::Pages;
use axum::Router;
use axum::extract::Request;
use axum::middleware;
use axum::response::{IntoResponse, Response};
use std::sync::Arc;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

#[derive(OpenApi)]
#[openapi(info(
    title = "Switchhook",
    description = "Manages and fires the API triggers of voice agents. The routes below /api/v1 are compatible with Dograh; those below /api/switchhook are our own.",
    license(name = "MIT", identifier = "MIT")
))]
struct Document;

fn public_routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(routes::health::router())
        .merge(routes::triggers::router())
        .merge(routes::callbacks::router())
        .merge(routes::downloads())
        .merge(routes::public_runs())
}

fn control_routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .merge(routes::health::router())
        .merge(routes::triggers::router())
        .merge(routes::callbacks::router())
        .merge(routes::downloads())
        .merge(routes::control())
}

/// The document of every route as text, as the control listener serves it and the way it is
/// snapshotted.
///
/// # Panics
/// Never: the document is made of texts.
#[must_use]
pub fn document_json() -> String {
    let declared = control_routes().split_for_parts().1;
    let mut document = serde_json::to_value(declared).expect("the document is JSON");
    surroundings::add(&mut document);
    links::add(&mut document);
    serde_json::to_string_pretty(&document).expect("the document is JSON")
}

/// The public listener's router.
pub fn public(app: &App) -> Router {
    finish(public_routes(), app, false)
        .layer(middleware::from_fn(http::cors))
        .layer(middleware::from_fn(http::around))
}

/// The control listener's router, also used in-process.
pub fn control(app: &App) -> Router {
    let document: Arc<str> = document_json().into();
    let serve = move || {
        let document = document.clone();
        async move { ([("content-type", "application/json")], document.to_string()) }
    };
    let routes = control_routes().route("/api/openapi.json", axum::routing::get(serve));
    finish(routes, app, true)
        .layer(middleware::from_fn_with_state(app.clone(), http::own_names))
        .layer(middleware::from_fn(http::around))
}

fn finish(routes: OpenApiRouter<App>, app: &App, with_pages: bool) -> Router {
    let (router, document) = routes.split_for_parts();
    let mut known = matchit::Router::new();
    for path in document.paths.paths.keys() {
        // Two routes with other parameter names for one pattern do not exist: axum would refuse them.
        known
            .insert(path.clone(), ())
            .expect("the paths of one router do not clash");
    }
    let known = Arc::new(known);
    let web = app.clone();
    let fallback = move |request: Request| {
        let (known, app) = (known.clone(), web.clone());
        async move {
            let pages = app.web.as_deref().filter(|_| with_pages);
            unmatched(pages, &known, &request)
        }
    };
    router
        .fallback(fallback)
        .method_not_allowed_fallback(http::wrong_method)
        .with_state(app.clone())
}

fn unmatched(
    pages: Option<&dyn Pages>,
    known: &matchit::Router<()>,
    request: &Request,
) -> Response {
    if request.uri().path().starts_with("/api/") {
        return http::unknown(known, request.uri(), request.headers());
    }
    match pages {
        Some(pages) => crate::web::page(pages, request),
        None => Problem::not_found().into_response(),
    }
}
