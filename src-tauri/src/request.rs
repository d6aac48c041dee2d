//! The page's way to an instance: one command that names an instance and a path, never an address.
//! The key is added beneath, in the client; what comes back is the instance's answer as it is.

use crate::failure::Failure;
use crate::remotes::Remotes;
use crate::server::Server;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use switchhook_client::Answer;
use switchhook_client::connection::Product;
use tauri::State;

const CAPABILITIES: &str = "/api/switchhook/capabilities";

/// An answer as the page reads it.
#[derive(Serialize)]
pub struct Reply {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
    /// The body is base64 of bytes that are no text: what a page is told is JSON.
    is_base64: bool,
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
        let (body, is_base64) = match std::str::from_utf8(&answer.body) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (BASE64.encode(&answer.body), true),
        };
        Self {
            status: answer.status.as_u16(),
            headers: answer
                .headers
                .iter()
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body,
            is_base64,
        }
    }
}

/// Asks an instance.
///
/// # Errors
/// No answer came; the code says what kept it away.
#[tauri::command]
pub async fn request(
    server: State<'_, Arc<Server>>,
    remotes: State<'_, Remotes>,
    instance_id: String,
    method: String,
    path: String,
    headers: BTreeMap<String, String>,
    body: Option<String>,
) -> Result<Reply, Failure> {
    let request = build(&method, &path, &headers, body)?;
    let home = match server.home().await {
        Ok(home) => home,
        Err(failure) => return Ok(not_started(&failure)),
    };
    let instance = remotes.instance(&home, &instance_id).await?;
    let answer = instance.ask(request).await?;
    if path == CAPABILITIES {
        match answer.status {
            StatusCode::OK => remotes.learn(&instance_id, Product::Switchhook),
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
                remotes.learn(&instance_id, Product::Dograh)
            }
            _ => {}
        }
    }
    Ok(answer.into())
}

fn build(
    method: &str,
    path: &str,
    headers: &BTreeMap<String, String>,
    body: Option<String>,
) -> Result<Request<Bytes>, Failure> {
    let invalid = || Failure::invalid("the window asked for something that is no request");
    let mut request = Request::new(Bytes::from(body.unwrap_or_default()));
    *request.method_mut() = Method::from_bytes(method.as_bytes()).map_err(|_| invalid())?;
    *request.uri_mut() = path.parse().map_err(|_| invalid())?;
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| invalid())?;
        map.insert(name, HeaderValue::from_str(value).map_err(|_| invalid())?);
    }
    *request.headers_mut() = map;
    Ok(request)
}

/// What a server that could not start would say, in the shape of its errors.
fn not_started(failure: &Failure) -> Reply {
    let status = StatusCode::SERVICE_UNAVAILABLE;
    let body = json!({
        "detail": failure.message,
        "type": "about:blank",
        "title": "Service Unavailable",
        "status": status.as_u16(),
        "code": failure.code,
        "request_id": "",
    });
    let headers = BTreeMap::from([("content-type".to_owned(), "application/json".to_owned())]);
    Reply {
        status: status.as_u16(),
        headers,
        body: body.to_string(),
        is_base64: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_come_to_the_page_whole() {
        let reply = |body: &'static [u8]| {
            Reply::from(Answer {
                status: StatusCode::OK,
                headers: HeaderMap::new(),
                body: Bytes::from_static(body),
            })
        };
        let text = reply("grüß".as_bytes());
        assert_eq!((text.body.as_str(), text.is_base64), ("grüß", false));
        let sound = reply(&[0x52, 0xff, 0x00, 0x80]);
        assert_eq!((sound.body.as_str(), sound.is_base64), ("Uv8AgA==", true));
    }
}
