//! The load: so many connections, each sending its next request when the last is answered.

use anyhow::{Context, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpStream;

/// Where to send what.
#[derive(Clone)]
pub struct Target {
    pub address: SocketAddr,
    /// One after the other, again and again; each connection begins at another.
    pub paths: Arc<[String]>,
    pub key: String,
    /// Fires a trigger instead of reading.
    pub fires: bool,
}

/// What was measured.
#[derive(Clone)]
pub struct Figures {
    pub requests: usize,
    pub per_second: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// The server's, per request; filled in by whoever knows the server.
    pub cpu_ms: f64,
}

const BODY: &str = r#"{"phone_number":"+14155550101","initial_context":{"customer_name":"Jane","appointment_date":"15 March, 10:30"}}"#;

/// Sends requests for `duration`.
///
/// # Errors
/// When a connection breaks or an answer is no success: then the figures would mean nothing.
pub async fn run(
    target: &Target,
    concurrency: usize,
    duration: Duration,
) -> anyhow::Result<Figures> {
    let started = Instant::now();
    let end = started + duration;
    let workers: Vec<_> = (0..concurrency)
        .map(|number| tokio::spawn(worker(target.clone(), number * 7, end)))
        .collect();
    let mut times = Vec::new();
    for worker in workers {
        times.extend(worker.await??);
    }
    let seconds = started.elapsed().as_secs_f64();
    times.sort_unstable();
    ensure!(!times.is_empty(), "no request was answered");
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    let requests = times.len();
    Ok(Figures {
        requests,
        per_second: requests as f64 / seconds,
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        cpu_ms: 0.0,
    })
}

async fn worker(target: Target, first: usize, end: Instant) -> anyhow::Result<Vec<Duration>> {
    let stream = TcpStream::connect(target.address).await?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    let mut times = Vec::new();
    let mut paths = target.paths.iter().cycle().skip(first);
    while Instant::now() < end {
        let path = paths.next().context("there is a path")?;
        let (method, body) = if target.fires {
            ("POST", BODY)
        } else {
            ("GET", "")
        };
        let request = http::Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1")
            .header("x-api-key", &target.key)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from_static(body.as_bytes())))?;
        let sent = Instant::now();
        let answer = sender
            .send_request(request)
            .await
            .context("the server closed the connection")?;
        let status = answer.status();
        let body = answer.into_body().collect().await?.to_bytes();
        times.push(sent.elapsed());
        ensure!(
            status.is_success(),
            "{path} answered {status}: {}",
            String::from_utf8_lossy(&body)
        );
    }
    Ok(times)
}
