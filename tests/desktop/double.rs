//! A Dograh that plays what the real one was recorded to answer (the contract's captures, with
//! their ids and dates), and keeps what it was sent. The list of agents was not recorded and has
//! the shape of contract §3.3.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// The trigger that was recorded.
pub const TRIGGER: &str = "aefa8eec-5e0f-4c99-80fd-ce3803077008";
pub const AGENT: &str = "Recorded agent";

/// One request.
#[derive(Clone, Debug)]
pub struct Sent {
    pub method: Method,
    pub target: String,
    pub key: Option<String>,
    pub body: String,
}

struct Shared {
    key: String,
    captures: Value,
    is_over: AtomicBool,
    sent: Mutex<Vec<Sent>>,
}

/// See the module.
pub struct Dograh {
    pub url: String,
    shared: Arc<Shared>,
}

impl Dograh {
    /// Starts one that this key opens.
    pub async fn start(key: &str) -> Self {
        let captures =
            serde_json::from_str(include_str!("data/dograh.json")).expect("the captures are JSON");
        let shared = Arc::new(Shared {
            key: key.to_owned(),
            captures,
            is_over: AtomicBool::new(false),
            sent: Mutex::default(),
        });
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
            .await
            .expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let app = Router::new().fallback(answer).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { url, shared }
    }

    /// From now on the call is over.
    pub fn end_call(&self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
    }

    pub fn sent(&self) -> Vec<Sent> {
        self.shared.sent.lock().expect("no panic").clone()
    }
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: String,
) -> impl IntoResponse {
    let key = headers
        .get("x-api-key")
        .and_then(|key| key.to_str().ok())
        .map(str::to_owned);
    let sent = Sent {
        method: method.clone(),
        target: uri.to_string(),
        key: key.clone(),
        body,
    };
    shared.sent.lock().expect("no panic").push(sent);
    let (status, body) = shared.answer(&method, uri.path(), key.as_deref());
    (
        status,
        [(header::CONTENT_TYPE, "application/json")],
        Bytes::from(body.to_string()),
    )
}

impl Shared {
    fn answer(&self, method: &Method, path: &str, key: Option<&str>) -> (StatusCode, Value) {
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let name = match (method.as_str(), parts.as_slice()) {
            ("GET", ["api", "v1", "health"]) => return self.recorded("health"),
            ("GET", ["api", "v1", "user", "api-keys"]) => "api_keys",
            ("GET", ["api", "v1", "workflow", "fetch"]) => "agents",
            ("GET", ["api", "v1", "workflow", "1", "versions"]) => "versions",
            ("GET", ["api", "v1", "workflow", _, "runs", "105"]) => "run",
            ("GET", ["api", "v1", "organizations", "telephony-configs"]) => {
                "telephony_configurations"
            }
            (
                "GET",
                [
                    "api",
                    "v1",
                    "organizations",
                    "telephony-configs",
                    "1",
                    "phone-numbers",
                ],
            ) => "phone_numbers",
            (
                "POST",
                ["api", "v1", "public", "agent", TRIGGER]
                | ["api", "v1", "public", "agent", "test", TRIGGER],
            ) => "fired",
            _ => return self.recorded("unknown_route"),
        };
        if key != Some(self.key.as_str()) {
            return self.recorded("wrong_key");
        }
        let (status, mut body) = self.recorded(name);
        // Recorded before its numbers were.
        if name == "telephony_configurations" {
            body["configurations"][0]["is_ready_for_outbound"] = json!(true);
            body["configurations"][0]["outbound_blocked_reason"] = Value::Null;
        }
        // What was recorded after the callback, as it was before it.
        if name == "run" && !self.is_over.load(Ordering::SeqCst) {
            body["is_completed"] = json!(false);
            body["logs"] = json!({});
        }
        (status, body)
    }

    fn recorded(&self, name: &str) -> (StatusCode, Value) {
        let capture = &self.captures[name];
        let status = capture["status"]
            .as_u64()
            .and_then(|status| u16::try_from(status).ok())
            .expect(name);
        (
            StatusCode::from_u16(status).expect("a status"),
            capture["body"].clone(),
        )
    }
}
