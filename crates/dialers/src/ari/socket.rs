//! A WebSocket to Asterisk, opened with the same client and the same credentials as every other
//! request, so that there is one rule about encryption, proxies and redirects. What is said on it
//! is the session's and the line's.

use super::account::Account;
use crate::http::Http;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::{Method, StatusCode, Upgraded, Url, header};
use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

/// What a server's answer is made from beside the key (RFC 6455 §1.3).
const SALT: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

pub(super) type Socket = WebSocketStream<Upgraded>;

/// Why there is no socket.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Closed {
    #[error("Asterisk cannot be reached: {0}")]
    Unreached(String),
    #[error("Asterisk does not accept the ARI user and its password")]
    Unauthorized,
    #[error("Asterisk answered {0} instead of opening a WebSocket")]
    Status(u16),
    #[error("what answers at the ARI endpoint opens no WebSocket")]
    Foreign,
}

/// Opens one.
pub(super) async fn open(
    account: &Account,
    http: &Http,
    url: Url,
    protocol: Option<&str>,
) -> Result<Socket, Closed> {
    let key = STANDARD.encode(uuid::Uuid::new_v4().as_bytes());
    let mut request = account
        .request(account.asks(http), Method::GET, url)
        .header(header::CONNECTION, "Upgrade")
        .header(header::UPGRADE, "websocket")
        .header(header::SEC_WEBSOCKET_VERSION, "13")
        .header(header::SEC_WEBSOCKET_KEY, &key);
    if let Some(protocol) = protocol {
        request = request.header(header::SEC_WEBSOCKET_PROTOCOL, protocol);
    }
    let answer = request.send().await;
    let answer = answer.map_err(|error| Closed::Unreached(crate::http::cause(&error)))?;
    match answer.status() {
        StatusCode::SWITCHING_PROTOCOLS => {}
        StatusCode::UNAUTHORIZED => return Err(Closed::Unauthorized),
        status => return Err(Closed::Status(status.as_u16())),
    }
    let accepted = answer.headers().get(header::SEC_WEBSOCKET_ACCEPT);
    if accepted.is_none_or(|accepted| accepted.as_bytes() != accept(&key).as_bytes()) {
        return Err(Closed::Foreign);
    }
    let stream = answer.upgrade().await.map_err(|_| Closed::Foreign)?;
    Ok(WebSocketStream::from_raw_socket(stream, Role::Client, None).await)
}

fn accept(key: &str) -> String {
    let mut digest = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    digest.update(key.as_bytes());
    digest.update(SALT);
    STANDARD.encode(digest.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 6455 §1.3.
    #[test]
    fn a_server_proves_that_it_read_the_key() {
        assert_eq!(
            accept("dGhlIHNhbXBsZSBub25jZQ=="),
            "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
        );
    }
}
