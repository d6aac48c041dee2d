//! Remote instances over real sockets, against a peer that plays prepared answers and keeps what it
//! was sent.

use bytes::Bytes;
use http::Request;
use secrecy::SecretString;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use switchhook_client::connection::{Outcome, Product, Tested, test};
use switchhook_client::events::{Signal, follow};
use switchhook_client::{Base, Cause, Instance, MOST_BYTES, Remote};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const KEY: &str = "dgr_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG";
const CODED: &str = r#"{"detail":"no","type":"about:blank","title":"no","status":404,"code":"not-found","request_id":"1"}"#;

/// A request line to start with, and the whole answer.
type Played = (&'static str, String);

/// Which connection a request came on, and its head in lower case.
type Seen = Arc<Mutex<Vec<(usize, String)>>>;

struct Peer {
    address: SocketAddr,
    seen: Seen,
}

impl Peer {
    async fn start(played: Vec<Played>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let (seen, played) = (Seen::default(), Arc::new(Mutex::new(played)));
        let peer = Self {
            address,
            seen: seen.clone(),
        };
        tokio::spawn(async move {
            for connection in 0.. {
                let (stream, _) = listener.accept().await.expect("a connection");
                tokio::spawn(serve(stream, connection, seen.clone(), played.clone()));
            }
        });
        peer
    }

    fn instance(&self) -> Instance {
        let base = Base::parse(&format!("http://{}", self.address)).expect("a base");
        Instance::Remote(Remote::new(base, Some(&SecretString::from(KEY))).expect("a remote"))
    }

    fn seen(&self) -> Vec<(usize, String)> {
        self.seen.lock().expect("no panic").clone()
    }
}

/// Plays the first answer whose line fits; one that is played stays, unless another with the same
/// line follows it.
async fn serve(
    mut stream: TcpStream,
    connection: usize,
    seen: Seen,
    played: Arc<Mutex<Vec<Played>>>,
) {
    let mut read = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            let mut piece = [0; 4096];
            match stream.read(&mut piece).await {
                Ok(length) if length > 0 => read.extend_from_slice(&piece[..length]),
                _ => return,
            }
        };
        let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
        let length = head
            .split("content-length: ")
            .nth(1)
            .and_then(|rest| rest.split('\r').next());
        let length: usize = length.map_or(0, |length| length.parse().expect("a number"));
        while read.len() < end + length {
            let mut piece = [0; 4096];
            let more = stream.read(&mut piece).await.expect("the body");
            read.extend_from_slice(&piece[..more]);
        }
        read.drain(..end + length);
        let answer = {
            let mut played = played.lock().expect("no panic");
            let fits = |played: &Played| head.starts_with(&played.0.to_lowercase());
            let at = played.iter().position(fits);
            let again = at.is_some_and(|at| played[at + 1..].iter().any(fits));
            match at {
                Some(at) if again => played.remove(at).1,
                Some(at) => played[at].1.clone(),
                None => answer("404 Not Found", r#"{"detail":"Not Found"}"#),
            }
        };
        seen.lock().expect("no panic").push((connection, head));
        if stream.write_all(answer.as_bytes()).await.is_err() || !answer.contains("content-length")
        {
            return;
        }
    }
}

fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
}

fn get(path: &str) -> Request<Bytes> {
    Request::get(path).body(Bytes::new()).expect("a request")
}

async fn tested(played: Vec<Played>) -> Tested {
    test(&Peer::start(played).await.instance()).await
}

fn health() -> Played {
    (
        "GET /api/v1/health ",
        answer("200 OK", r#"{"status":"ok","version":"1.45.0"}"#),
    )
}

#[tokio::test]
async fn the_key_goes_along_and_is_in_no_words_of_ours() {
    let peer = Peer::start(vec![health()]).await;
    let instance = peer.instance();
    instance
        .ask(get("/api/v1/health"))
        .await
        .expect("an answer");
    assert!(
        peer.seen()[0]
            .1
            .contains(&format!("x-api-key: {}", KEY.to_lowercase()))
    );
    assert!(!format!("{instance:?}").contains(KEY));
}

#[tokio::test]
async fn a_page_cannot_send_its_own_key_or_cookies() {
    let peer = Peer::start(vec![health()]).await;
    let mut request = get("/api/v1/health");
    for name in ["x-api-key", "cookie", "authorization", "host"] {
        request
            .headers_mut()
            .insert(name, http::HeaderValue::from_static("foreign"));
    }
    peer.instance().ask(request).await.expect("an answer");
    assert!(
        !peer.seen()[0].1.contains("foreign"),
        "{}",
        peer.seen()[0].1
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Peer::start(vec![]).await;
    let answer = format!(
        "HTTP/1.1 307 Moved\r\nlocation: http://{}/api/x\r\ncontent-length: 0\r\n\r\n",
        elsewhere.address
    );
    let peer = Peer::start(vec![("GET /api/x ", answer)]).await;
    assert_eq!(
        peer.instance()
            .ask(get("/api/x"))
            .await
            .expect("an answer")
            .status,
        307
    );
    assert!(elsewhere.seen().is_empty());
}

#[tokio::test]
async fn an_answer_without_bounds_is_cut_off() {
    let peer = Peer::start(vec![(
        "GET /api/big ",
        answer("200 OK", &"x".repeat(MOST_BYTES + 1)),
    )])
    .await;
    let failure = peer
        .instance()
        .ask(get("/api/big"))
        .await
        .expect_err("too large");
    assert_eq!(failure.cause, Cause::TooLarge);
}

#[tokio::test]
async fn a_dial_uses_a_connection_of_its_own_and_a_reading_does_not() {
    let peer = Peer::start(vec![health()]).await;
    let instance = peer.instance();
    for _ in 0..2 {
        instance
            .ask(get("/api/v1/health"))
            .await
            .expect("an answer");
    }
    for _ in 0..2 {
        let dial = Request::post("/api/v1/public/agent/x")
            .body(Bytes::from_static(b"{}"))
            .expect("a request");
        instance.ask(dial).await.expect("an answer");
    }
    let connections: Vec<usize> = peer
        .seen()
        .into_iter()
        .map(|(connection, _)| connection)
        .collect();
    assert_eq!(connections, [0, 0, 1, 2]);
}

#[tokio::test]
async fn a_dial_that_breaks_off_is_not_sent_again() {
    let peer = Peer::start(vec![("POST ", String::new())]).await;
    let dial = Request::post("/api/v1/public/agent/x")
        .body(Bytes::from_static(b"{}"))
        .expect("a request");
    let failure = peer.instance().ask(dial).await.expect_err("no answer");
    assert_eq!(failure.cause, Cause::NoAnswer);
    assert_eq!(peer.seen().len(), 1);
}

#[tokio::test]
async fn the_test_knows_a_dograh() {
    let keys = ("GET /api/v1/user/api-keys ", answer("200 OK", "[]"));
    let tested = tested(vec![health(), keys]).await;
    assert_eq!(
        (tested.outcome, tested.product),
        (Outcome::Ok, Some(Product::Dograh))
    );
    assert_eq!(tested.version.as_deref(), Some("1.45.0"));
}

#[tokio::test]
async fn the_test_knows_a_switchhook() {
    let body = r#"{"product":"switchhook","version":"0.1.0","features":[]}"#;
    let tested = tested(vec![(
        "GET /api/switchhook/capabilities ",
        answer("200 OK", body),
    )])
    .await;
    assert_eq!(
        (tested.outcome, tested.product),
        (Outcome::Ok, Some(Product::Switchhook))
    );
}

#[tokio::test]
async fn the_test_tells_a_wrong_key() {
    let keys = (
        "GET /api/v1/user/api-keys ",
        answer(
            "401 Unauthorized",
            r#"{"detail":"Invalid or expired API key"}"#,
        ),
    );
    assert_eq!(
        tested(vec![health(), keys]).await.outcome,
        Outcome::WrongKey
    );
}

#[tokio::test]
async fn the_test_tells_a_right_key_from_a_wrong_one_where_only_triggers_are_taken() {
    let public = |fired: &'static str| {
        let nothing = || answer("404 Not Found", CODED);
        let other = ("GET /api/v1/user/api-keys ", nothing());
        vec![
            ("GET /api/switchhook/capabilities ", nothing()),
            other,
            health(),
            ("POST /api/v1/public/agent/", answer(fired, CODED)),
        ]
    };
    let right = tested(public("404 Not Found")).await;
    assert_eq!(
        (right.outcome, right.product),
        (Outcome::Ok, Some(Product::Switchhook))
    );
    assert_eq!(
        tested(public("401 Unauthorized")).await.outcome,
        Outcome::WrongKey
    );
}

#[tokio::test]
async fn the_test_tells_a_stranger() {
    let page = ("GET ", answer("200 OK", "<!doctype html>"));
    assert_eq!(tested(vec![page]).await.outcome, Outcome::WrongUrl);
}

#[tokio::test]
async fn the_test_tells_where_nobody_listens() {
    let peer = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let base =
        Base::parse(&format!("http://{}", peer.local_addr().expect("bound"))).expect("a base");
    drop(peer);
    let instance = Instance::Remote(Remote::new(base, None).expect("a remote"));
    assert_eq!(test(&instance).await.outcome, Outcome::NoNetwork);
}

#[tokio::test]
async fn the_test_tells_a_handshake_that_fails() {
    // A peer that answers a handshake in plain words.
    let plain = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = plain.local_addr().expect("bound");
    tokio::spawn(async move {
        let (mut stream, _) = plain.accept().await.expect("a connection");
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.read(&mut [0; 1024]).await;
    });
    let base = Base::parse(&format!("https://{address}")).expect("a base");
    let instance = Instance::Remote(Remote::new(base, None).expect("a remote"));
    assert_eq!(test(&instance).await.outcome, Outcome::Tls);
}

#[tokio::test]
async fn a_stream_that_ends_is_resumed_after_its_last_event() {
    let stream = |id: u8| {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\nid: {id}\nevent: run\ndata: {{}}\n\n"
        )
    };
    let line = "GET /api/switchhook/events ";
    let peer = Peer::start(vec![(line, stream(7)), (line, stream(8))]).await;
    let mut told = Vec::new();
    follow(&peer.instance(), |signal| {
        let is_enough = matches!(&signal, Signal::Event(event) if event.id.as_deref() == Some("8"));
        told.push(signal);
        if is_enough {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    })
    .await;
    assert!(matches!(
        told.as_slice(),
        [
            Signal::Connected { gap: false },
            Signal::Event(_),
            Signal::Disconnected,
            Signal::Connected { gap: false },
            Signal::Event(_)
        ]
    ));
    assert!(!peer.seen()[0].1.contains("last-event-id"));
    assert!(peer.seen()[1].1.contains("last-event-id: 7"));
}
