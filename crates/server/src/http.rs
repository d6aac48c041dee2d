//! What both listeners do around every route: a request id, bounds on bodies, the reference's
//! answers to paths and methods it does not know, the redirect of a trailing slash, the allow-list
//! of host names, and the public listener's CORS.

use crate::app::App;
use crate::auth::InProcess;
use crate::problem::Problem;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, Version, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::time::Duration;
use switchhook_core::ErrorCode;

/// Largest body in bytes.
pub const MAX_BODY: usize = 1024 * 1024;
/// How long a body may take to arrive.
const BODY_TIMEOUT: Duration = Duration::from_secs(20);

/// The id under which the log knows a request.
#[derive(Clone)]
pub struct RequestId(String);

impl RequestId {
    /// The request's id.
    pub fn of(parts: &Parts) -> String {
        parts
            .extensions
            .get::<Self>()
            .map(|id| id.0.clone())
            .unwrap_or_default()
    }
}

fn too_large() -> Problem {
    let detail = "The request body is larger than 1 MiB";
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::BodyTooLarge,
        detail,
    )
}

/// Refuses a body by its announced length, before anything else is looked at.
///
/// # Errors
/// 413.
pub fn check_length(headers: &HeaderMap) -> Result<(), Problem> {
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > MAX_BODY as u64) {
        Err(too_large())
    } else {
        Ok(())
    }
}

/// Reads a body within its bounds.
///
/// # Errors
/// 413 when it is too large, 408 when it does not arrive, 400 when the connection breaks.
pub async fn read(body: Body) -> Result<Bytes, Problem> {
    let broken = |status, detail: &str| Problem::new(status, ErrorCode::InvalidRequest, detail);
    match tokio::time::timeout(BODY_TIMEOUT, Limited::new(body, MAX_BODY).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large()),
        Ok(Err(_)) => Err(broken(
            StatusCode::BAD_REQUEST,
            "The request body did not arrive whole",
        )),
        Err(_) => Err(broken(
            StatusCode::REQUEST_TIMEOUT,
            "The request body did not arrive in time",
        )),
    }
}

/// Without `Host` it is not HTTP/1.1 (RFC 9112 §3.2). In-process requests never were on a wire.
fn lacks_host(request: &Request) -> bool {
    request.version() == Version::HTTP_11
        && request.uri().authority().is_none()
        && !request.headers().contains_key(header::HOST)
        && request.extensions().get::<InProcess>().is_none()
}

/// The outermost layer: names the request, renders problems, logs one line.
pub async fn around(mut request: Request, next: Next) -> Response {
    if lacks_host(&request) {
        let close = [(header::CONNECTION, HeaderValue::from_static("close"))];
        let text = "Invalid HTTP request received.";
        return (StatusCode::BAD_REQUEST, close, text).into_response();
    }
    let request_id = uuid::Uuid::new_v4().simple().to_string();
    request
        .extensions_mut()
        .insert(RequestId(request_id.clone()));
    let method = request.method().clone();
    // The path may hold a trigger's UUID but never a key; the query may hold anything.
    let path = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        let rendered = problem.render(&request_id);
        let (parts, body) = rendered.into_parts();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        for (name, value) in &parts.headers {
            response.headers_mut().insert(name, value.clone());
        }
        *response.body_mut() = body;
    }
    tracing::debug!(%request_id, %method, %path, status = response.status().as_u16(), "request");
    response
}

/// The scheme by which the client came: a proxy that ends TLS says so.
fn scheme(headers: &HeaderMap) -> &'static str {
    let said = headers
        .get("x-forwarded-proto")
        .and_then(|said| said.to_str().ok());
    let first = said.and_then(|said| said.split(',').next());
    if first.is_some_and(|first| first.trim().eq_ignore_ascii_case("https")) {
        "https"
    } else {
        "http"
    }
}

/// A path that no route has: the reference's 404, or a redirect where only a slash is too much or
/// too little.
pub fn unknown(known: &matchit::Router<()>, uri: &Uri, headers: &HeaderMap) -> Response {
    let path = uri.path();
    let other = match path.strip_suffix('/') {
        Some(stripped) => stripped.trim_end_matches('/').to_owned(),
        None => format!("{path}/"),
    };
    if known.at(&other).is_ok() {
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or_default();
        let query = uri
            .query()
            .map(|query| format!("?{query}"))
            .unwrap_or_default();
        let location = if host.is_empty() {
            format!("{other}{query}")
        } else {
            format!("{}://{host}{other}{query}", scheme(headers))
        };
        if let Ok(location) = HeaderValue::from_str(&location) {
            return (
                StatusCode::TEMPORARY_REDIRECT,
                [(header::LOCATION, location)],
            )
                .into_response();
        }
    }
    Problem::not_found().into_response()
}

/// A method that the path does not have; axum adds `Allow`.
pub async fn wrong_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::MethodNotAllowed,
        "Method Not Allowed",
    )
}

fn host_name(host: &str) -> &str {
    // `[::1]:4666`, `127.0.0.1:4666`, `localhost`.
    let end = if host.starts_with('[') {
        host.find(']').map(|at| at + 1)
    } else {
        host.find(':')
    };
    &host[..end.unwrap_or(host.len())]
}

fn is_known_host(app: &App, host: &str) -> bool {
    let name = host_name(host).to_ascii_lowercase();
    matches!(name.as_str(), "localhost" | "127.0.0.1" | "[::1]")
        || app.allow_hosts.iter().any(|allowed| {
            allowed.eq_ignore_ascii_case(&name) || allowed.eq_ignore_ascii_case(host)
        })
}

fn check_names(app: &App, request: &Request) -> Result<(), Problem> {
    let text = |name| {
        request
            .headers()
            .get(name)
            .and_then(|value: &HeaderValue| value.to_str().ok())
    };
    let host = text(header::HOST).or_else(|| {
        request
            .uri()
            .authority()
            .map(axum::http::uri::Authority::as_str)
    });
    if !host.is_some_and(|host| is_known_host(app, host)) {
        let detail =
            "This server does not answer to that host name; start it with --allow-host NAME";
        return Err(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            ErrorCode::ForeignHost,
            detail,
        ));
    }
    if let Some(origin) = text(header::ORIGIN) {
        let name = origin.split_once("://").map_or(origin, |(_, name)| name);
        if !is_known_host(app, name) {
            return Err(Problem::new(
                StatusCode::FORBIDDEN,
                ErrorCode::AccessDenied,
                "Access denied",
            ));
        }
    }
    Ok(())
}

/// The control listener answers only to its own names: a page that points its own name at
/// loopback (DNS rebinding) is turned away, as is any page of another origin.
///
/// # Errors
/// 421 for a foreign host, 403 for a foreign origin.
pub async fn own_names(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if request.extensions().get::<InProcess>().is_none() {
        check_names(&app, &request)?;
    }
    Ok(next.run(request).await)
}

/// What the reference lets pages of other origins use.
const CORS_METHODS: &str = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, QUERY";

/// The reference lets any page call the public routes, without credentials; the API key is what
/// opens them (contract, "General HTTP behaviour").
pub async fn cors(mut request: Request, next: Next) -> Response {
    // A signed-in browser is the control listener's; what stands behind a tunnel knows keys only.
    request.headers_mut().remove(header::COOKIE);
    let origin = request.headers().contains_key(header::ORIGIN);
    let asked = request
        .headers()
        .get(header::ACCESS_CONTROL_REQUEST_HEADERS)
        .cloned();
    let wanted = request
        .headers()
        .get(header::ACCESS_CONTROL_REQUEST_METHOD)
        .cloned();
    let is_preflight = origin && request.method() == Method::OPTIONS && wanted.is_some();
    let mut response = if is_preflight {
        StatusCode::OK.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    let vary = if is_preflight {
        "Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network"
    } else {
        "Origin"
    };
    headers.insert(header::VARY, HeaderValue::from_static(vary));
    if origin {
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        );
    }
    if is_preflight {
        let methods = HeaderValue::from_static(CORS_METHODS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(
            header::ACCESS_CONTROL_MAX_AGE,
            HeaderValue::from_static("600"),
        );
        if let Some(asked) = asked {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked);
        }
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        if wanted.is_some_and(|method| CORS_METHODS.split(", ").any(|known| method == known)) {
            *response.body_mut() = Body::from("OK");
        } else {
            *response.status_mut() = StatusCode::BAD_REQUEST;
            *response.body_mut() = Body::from("Disallowed CORS method");
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_of_slashes_at_the_end_is_too_many() {
        let mut known = matchit::Router::new();
        known.insert("/a", ()).expect("a path");
        let host = (header::HOST, HeaderValue::from_static("calls.example"));
        let headers = HeaderMap::from_iter([host]);
        let response = unknown(&known, &Uri::from_static("/a///"), &headers);
        assert_eq!(
            response.headers()[header::LOCATION],
            "http://calls.example/a"
        );
    }

    #[test]
    fn a_redirect_behind_tls_stays_behind_tls() {
        let mut known = matchit::Router::new();
        known.insert("/a", ()).expect("a path");
        let location = |forwarded: Option<&'static str>| {
            let host = (header::HOST, HeaderValue::from_static("calls.example"));
            let mut headers = HeaderMap::from_iter([host]);
            if let Some(said) = forwarded {
                headers.insert("x-forwarded-proto", HeaderValue::from_static(said));
            }
            let response = unknown(&known, &Uri::from_static("/a/?b=c"), &headers);
            response.headers()[header::LOCATION].clone()
        };
        assert_eq!(location(None), "http://calls.example/a?b=c");
        assert_eq!(location(Some("https")), "https://calls.example/a?b=c");
    }
}
