//! A carrier double on loopback: keeps what it received and answers what it is told, byte by
//! byte, so that it can break off wherever a real one might. Connections stay open as a real
//! server keeps them, and each request says on which one it came.

use crate::CALL;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

/// A request as it came in.
#[derive(Clone, Debug)]
pub struct Received {
    pub connection: usize,
    pub method: String,
    pub path: String,
    pub query: String,
    head: String,
    pub body: String,
}

impl Received {
    pub fn header(&self, wanted: &str) -> Option<&str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.trim())
    }
}

/// What the double does with a request.
#[derive(Clone, Debug)]
pub enum Reply {
    Json(u16, Value),
    /// With a `Date` of this time.
    JsonAt(Timestamp, Value),
    Html(u16),
    Redirect(u16, String),
    /// Closes the connection without a word.
    Drop,
    /// Says that more will come than does.
    BreakOff(u16),
    /// A mebibyte of blanks before what would be a good answer.
    Endless(u16),
    Never,
}

type Script = dyn Fn(&Received) -> Reply + Send + Sync;

pub struct Double {
    pub base_url: String,
    received: Arc<Mutex<Vec<Received>>>,
    arrived: Arc<Notify>,
}

impl Double {
    pub async fn start(script: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let address = listener.local_addr().expect("it is bound");
        let (received, arrived) = (Arc::<Mutex<Vec<_>>>::default(), Arc::new(Notify::new()));
        let double = Self {
            base_url: format!("http://{address}"),
            received: received.clone(),
            arrived: arrived.clone(),
        };
        let script: Arc<Script> = Arc::new(script);
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.expect("a connection");
                let (script, received) = (script.clone(), received.clone());
                let arrived = arrived.clone();
                tokio::spawn(async move {
                    let mut stream = stream;
                    while let Some(mut request) = read(&mut stream).await {
                        request.connection = connection;
                        let reply = script(&request);
                        received.lock().expect("no panic").push(request);
                        arrived.notify_one();
                        if write(&mut stream, reply).await.is_none() {
                            break;
                        }
                    }
                });
            }
        });
        double
    }

    /// A double that always does the same.
    pub async fn that(reply: Reply) -> Self {
        Self::start(move |_| reply.clone()).await
    }

    pub fn received(&self) -> Vec<Received> {
        self.received.lock().expect("no panic").clone()
    }

    pub fn only(&self) -> Received {
        let received = self.received();
        assert_eq!(received.len(), 1, "one request: {received:?}");
        received.into_iter().next().expect("there is one")
    }

    /// Waits until a request has come in.
    pub async fn arrived(&self) {
        self.arrived.notified().await;
    }
}

/// The next request of a connection; `None` when it is closed.
async fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut end = None;
    while end.is_none() {
        let mut part = [0; 4096];
        let length = stream
            .read(&mut part)
            .await
            .ok()
            .filter(|length| *length > 0)?;
        bytes.extend_from_slice(&part[..length]);
        end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    }
    let end = end.expect("the loop found it");
    let head = String::from_utf8(bytes[..end].to_vec()).expect("a head is text");
    let mut words = head.lines().next().expect("a first line").split(' ');
    let method = words.next().expect("a method").to_owned();
    let target = words.next().expect("a target");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut request = Received {
        connection: 0,
        method,
        path: path.to_owned(),
        query: query.to_owned(),
        head: head.clone(),
        body: String::new(),
    };
    let length: usize = request
        .header("content-length")
        .map_or(0, |length| length.parse().expect("a number"));
    let mut body = bytes[end + 4..].to_vec();
    let mut missing = vec![0; length - body.len()];
    stream.read_exact(&mut missing).await.ok()?;
    body.extend(missing);
    request.body = String::from_utf8(body).expect("a form is text");
    Some(request)
}

/// `None` when the connection is to be closed.
async fn write(stream: &mut TcpStream, reply: Reply) -> Option<()> {
    let head = |status: u16, more: &str, length: usize| {
        format!("HTTP/1.1 {status} Word\r\n{more}content-length: {length}\r\n\r\n")
    };
    let kind = "content-type: application/json\r\n";
    let (bytes, goes_on) = match reply {
        Reply::Json(status, body) => {
            let body = body.to_string();
            (head(status, kind, body.len()) + &body, true)
        }
        Reply::JsonAt(at, body) => {
            let body = body.to_string();
            let date = at.strftime("%a, %d %b %Y %H:%M:%S GMT");
            let more = format!("{kind}date: {date}\r\n");
            (head(200, &more, body.len()) + &body, true)
        }
        Reply::Html(status) => {
            let body = "<html><body>Bad gateway</body></html>";
            (
                head(status, "content-type: text/html\r\n", body.len()) + body,
                true,
            )
        }
        Reply::Redirect(status, to) => (head(status, &format!("location: {to}\r\n"), 0), true),
        Reply::BreakOff(status) => (head(status, kind, 999) + "{\"sid\":\"CA", false),
        Reply::Endless(status) => {
            let body = json!({ "sid": CALL, "status": "ringing", "calls": [] });
            let body = format!("{}{body}", " ".repeat(1 << 20));
            (head(status, kind, body.len()) + &body, false)
        }
        Reply::Drop => return None,
        Reply::Never => std::future::pending().await,
    };
    stream.write_all(bytes.as_bytes()).await.ok()?;
    stream.flush().await.ok()?;
    goes_on.then_some(())
}
