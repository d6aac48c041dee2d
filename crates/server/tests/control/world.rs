//! A whole server in a folder that ends with the test. Requests go through the window's service;
//! those that need a key or a cookie go through the sockets, as a program's would.

use bytes::Bytes;
use http::{Method, Request};
use http_body_util::BodyExt;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use switchhook_core::ids::{TelephonyConfigurationId, WorkspaceId};
use switchhook_server::{LocalService, Options, Running, start};
use switchhook_store::{SecretsKind, open_vault};
use tempfile::TempDir;
use tower::ServiceExt;

/// A body as the window's service gives it.
pub type Content =
    http_body_util::combinators::UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    /// The head, for those who look at headers.
    pub head: String,
}

impl Answer {
    /// The `code` of a problem.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    /// The answer's body when it is a success.
    pub fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }
}

pub struct World {
    running: Running,
    local: LocalService,
    folder: TempDir,
}

impl World {
    /// A fresh server with its sample workspace. It can keep no secrets.
    pub async fn new() -> Self {
        Self::start(None, None).await
    }

    /// As [`Self::new`]; its control listener is off until it is switched on, and is here then.
    pub async fn with_switch(address: SocketAddr) -> Self {
        Self::start(None, Some(address)).await
    }

    /// As [`Self::new`], with a place for secrets.
    pub async fn with_secrets() -> Self {
        Self::start(Some("a passphrase".into()), None).await
    }

    async fn start(passphrase: Option<SecretString>, switch: Option<SocketAddr>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let any: SocketAddr = "127.0.0.1:0".parse().expect("an address");
        let running = start(Options {
            data_dir: folder.path().join("data"),
            public: any,
            control: switch.is_none().then_some(any),
            control_switch: switch,
            network_switch: switch.is_some(),
            allow_hosts: Vec::new(),
            secrets: SecretsKind::File,
            passphrase,
            concurrent_calls: None,
            web: None,
        });
        let running = running.await.expect("the server starts");
        Self {
            local: running.local(),
            running,
            folder,
        }
    }

    /// The data folder.
    pub fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn address(&self, public: bool) -> SocketAddr {
        let listening = if public {
            self.running.public().clone()
        } else {
            self.running.control()
        };
        listening.expect("on").expect("listening")
    }

    /// A link's token.
    pub fn sign_in_token(&self) -> String {
        let link = self.running.sign_in_link().expect("a link");
        let (_, token) = link.split_once("#sign-in=").expect("a token");
        token.to_owned()
    }

    /// Sends as the window; without a body where `body` is null.
    pub async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        let response = self.open(method, path, body).await;
        let status = response.status().as_u16();
        let head = format!("{:?}", response.headers());
        let bytes = response.into_body().collect().await.expect("a body");
        let body = serde_json::from_slice(&bytes.to_bytes()).unwrap_or_default();
        Answer { status, body, head }
    }

    /// As [`Self::send`], without waiting for the body.
    pub async fn open(&self, method: Method, path: &str, body: Value) -> http::Response<Content> {
        let mut request = Request::builder().method(method).uri(path);
        let content = if body.is_null() {
            Bytes::new()
        } else {
            request = request.header("content-type", "application/json");
            body.to_string().into()
        };
        let request = request.body(content).expect("a request");
        self.local
            .clone()
            .oneshot(request)
            .await
            .expect("infallible")
    }

    /// Asks for the events after one.
    pub async fn resume(&self, path: &str, after: &str) -> http::Response<Content> {
        self.ask(Request::builder().uri(path).header("last-event-id", after))
            .await
    }

    /// Sends a request of one's own without a body.
    pub async fn ask(&self, request: http::request::Builder) -> http::Response<Content> {
        let request = request.body(Bytes::new()).expect("a request");
        let local = self.local.clone();
        local.oneshot(request).await.expect("infallible")
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, Value::Null).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.send(Method::PUT, path, body).await
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, Value::Null).await
    }

    /// Sends over the control listener's socket.
    pub async fn control(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        over(self.address(false), method, path, headers, body).await
    }

    /// Sends over the public listener's socket.
    pub async fn public(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        over(self.address(true), method, path, headers, body).await
    }

    /// A new key.
    pub async fn key(&self, scope: &str) -> String {
        let body = json!({ "name": scope, "scope": scope });
        let created = self.post("/api/v1/user/api-keys", body).await.ok();
        created["api_key"].as_str().expect("a key").to_owned()
    }

    /// Creates an agent and gives back its id.
    pub async fn agent(&self, trigger_path: &str) -> i64 {
        let body = json!({ "name": "a", "workflow_definition": definition(trigger_path) });
        let created = self.post("/api/v1/workflow/create/definition", body).await;
        created.ok()["id"].as_i64().expect("an id")
    }

    /// Fires the sample agent as the window and gives back the answer.
    pub async fn fire(&self, mode: &str, number: &str) -> Answer {
        let agents = self.get("/api/v1/workflow/fetch").await.ok();
        let path = agents[0]["trigger_path"]
            .as_str()
            .expect("a path")
            .to_owned();
        let url = format!("/api/v1/public/agent/{mode}{path}");
        self.post(&url, json!({ "phone_number": number })).await
    }

    /// Fires the sample agent through one configuration.
    pub async fn fire_through(&self, configuration: i64) -> Answer {
        let agents = self.get("/api/v1/workflow/fetch").await.ok();
        let path = agents[0]["trigger_path"].as_str().expect("a path");
        let body =
            json!({ "phone_number": "+14155550101", "telephony_configuration_id": configuration });
        self.post(&format!("/api/v1/public/agent/{path}"), body)
            .await
    }

    /// What a configuration's sealed secrets say.
    pub async fn credentials(&self, configuration: i64) -> Map<String, Value> {
        let (store, secrets) = self.running.store();
        let id = TelephonyConfigurationId(configuration);
        let found = store.configuration(WorkspaceId(1), id).await;
        let found = found.expect("read").expect("a configuration");
        let Some(sealed) = found.sealed_credentials else {
            return Map::new();
        };
        let context = format!("telephony/1/{}", found.provider);
        let opened = open_vault(secrets).open(&context, &sealed).expect("opens");
        serde_json::from_str(opened.expose_secret()).expect("an object")
    }

    /// Whether a text stands anywhere in the database's files.
    pub fn database_holds(&self, text: &str) -> bool {
        let files = std::fs::read_dir(self.folder.path().join("data")).expect("a folder");
        let files = files.map(|file| file.expect("a file").path());
        let of_database = |path: &std::path::PathBuf| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with("switchhook.db"))
        };
        let files: Vec<_> = files.filter(of_database).collect();
        assert!(!files.is_empty());
        files.iter().any(|path| {
            let bytes = std::fs::read(path).expect("read");
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        })
    }

    /// Waits for the run's end by the event log, not by the clock.
    pub async fn ended(&self, run_id: i64) -> Value {
        let (store, _) = self.running.store();
        loop {
            let place = store.last_event().await.expect("the log");
            let path = format!("/api/switchhook/runs/{run_id}");
            let run = self.get(&path).await.ok();
            if run["is_completed"] == true {
                return run;
            }
            store.events_after(place, 1).await.expect("the log");
        }
    }

    /// Waits for a call at the desk phone in this state.
    pub async fn desk_call(&self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let (store, _) = self.running.store();
        loop {
            let place = store.last_event().await.expect("the log");
            let calls = self.get("/api/switchhook/desk-phone/calls").await.ok();
            let calls = calls["calls"].as_array().cloned().unwrap_or_default();
            if let Some(call) = calls.into_iter().find(&is_wanted) {
                return call;
            }
            store.events_after(place, 1).await.expect("the log");
        }
    }
}

/// A definition with a start, an end and a trigger.
pub fn definition(trigger_path: &str) -> Value {
    json!({
        "nodes": [
            {"id": "s", "type": "startCall", "position": {"x": 0, "y": 0}, "data": {"name": "Start", "prompt": "Greet {{customer_name}}."}},
            {"id": "e", "type": "endCall", "position": {"x": 400, "y": 0}, "data": {"name": "End", "prompt": "Say goodbye."}},
            {"id": "t", "type": "trigger", "position": {"x": -200, "y": 0}, "data": {"name": "API Trigger", "trigger_path": trigger_path}},
        ],
        "edges": [{"id": "s-e", "source": "s", "target": "e", "data": {"label": "done", "condition": "always"}}],
    })
}

/// `X-API-Key` as a header line.
pub fn with_key(key: &str) -> String {
    format!("X-API-Key: {key}\r\n")
}

async fn over(
    address: std::net::SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> Answer {
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n{headers}\r\n{body}"
    );
    let exchange = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).expect("connected");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut text = String::new();
        stream.read_to_string(&mut text).expect("answered");
        text
    });
    let text = exchange.await.expect("exchanged");
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    Answer {
        status: status.expect("a status"),
        body: serde_json::from_str(body).unwrap_or_default(),
        head: head.to_owned(),
    }
}
