//! The carrier double and what is held against it: a server that takes every call at once and says
//! that it is over when it is asked, Switchhook with an account there, and the yardstick, which
//! commits, dials with the client that the dialers use, and commits again.

use crate::servers::{self, REPLY};
use anyhow::{Context, ensure};
use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use bytes::Bytes;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use switchhook_server::{LocalService, Options, start};
use switchhook_store::{Database, EventKind, Events, SecretsKind, WorkspaceId};
use tower::ServiceExt;

const SID: &str = "AC00000000000000000000000000000000";
/// Where that account's calls are placed.
pub const CALLS: &str = "/2010-04-01/Accounts/AC00000000000000000000000000000000/Calls.json";

fn address() -> anyhow::Result<SocketAddr> {
    let address = std::env::var("SWITCHHOOK_BENCH_CARRIER")?;
    address
        .parse()
        .context("the double's address is passed by the environment")
}

/// The double's routes: the dial and the look-up of Twilio's Calls resource.
pub fn double() -> Router {
    let calls = Arc::new(AtomicU64::new(0));
    let dial = async |State(calls): State<Arc<AtomicU64>>, _body: String| {
        let sid = format!("CA{:032x}", calls.fetch_add(1, Ordering::Relaxed));
        (
            StatusCode::CREATED,
            Json(json!({ "sid": sid, "status": "queued" })),
        )
    };
    let look_up = async |UrlPath((_, call)): UrlPath<(String, String)>| {
        let sid = call.trim_end_matches(".json");
        Json(json!({ "sid": sid, "status": "completed", "duration": "1" }))
    };
    Router::new()
        .route("/2010-04-01/Accounts/{sid}/Calls.json", post(dial))
        .route(
            "/2010-04-01/Accounts/{sid}/Calls/{call}",
            axum::routing::get(look_up).post(look_up),
        )
        .with_state(calls)
}

/// Switchhook with a Twilio configuration as default, followed by asking.
pub async fn switchhook(folder: &Path) -> anyhow::Result<()> {
    let (path, key) = servers::prepare(folder).await?;
    let running = start(Options {
        data_dir: folder.to_owned(),
        public: SocketAddr::from(([127, 0, 0, 1], 0)),
        control: None,
        control_switch: None,
        network_switch: false,
        allow_hosts: Vec::new(),
        secrets: SecretsKind::File,
        passphrase: Some("benchmark".into()),
        concurrent_calls: Some(100_000),
        web: None,
    })
    .await?;
    let local = running.local();
    let base_url = format!("http://{}", address()?);
    let config = json!({
        "provider": "twilio", "account_sid": SID, "auth_token": "benchmark", "base_url": base_url,
    });
    let configurations = "/api/v1/organizations/telephony-configs";
    let body = json!({ "name": "double", "is_default_outbound": true, "config": config });
    let made = ask(&local, configurations, &body).await?;
    let numbers = format!("{configurations}/{}/phone-numbers", made["id"]);
    ask(&local, &numbers, &json!({ "address": "+15550001111" })).await?;
    servers::announce(&running.public(), &path, &key)?;
    servers::wait_for_stop().await?;
    running.stop().await;
    Ok(())
}

async fn ask(local: &LocalService, path: &str, body: &Value) -> anyhow::Result<Value> {
    use http_body_util::BodyExt as _;
    let request = http::Request::post(path)
        .header("host", "localhost")
        .header("content-type", "application/json")
        .body(Bytes::from(body.to_string()))?;
    let answer = local.clone().oneshot(request).await?;
    let status = answer.status();
    let body = answer
        .into_body()
        .collect()
        .await
        .map_err(|error| anyhow::anyhow!(error))?
        .to_bytes();
    ensure!(
        status.is_success(),
        "{path} answered {status}: {}",
        String::from_utf8_lossy(&body)
    );
    Ok(serde_json::from_slice(&body)?)
}

/// What the yardstick has at hand.
#[derive(Clone)]
struct Bare {
    database: Arc<Database>,
    client: reqwest::Client,
    url: String,
}

/// The yardstick.
pub async fn commit_dial_commit(folder: &Path) -> anyhow::Result<()> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    // As the dialers' client: no redirects, no idle connection for a dial.
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .pool_max_idle_per_host(0)
        .connect_timeout(Duration::from_secs(5))
        .no_proxy()
        .build()?;
    let url = format!("http://{}{CALLS}", address()?);
    let bare = Bare {
        database: Arc::new(Database::open(folder)?),
        client,
        url,
    };
    servers::bare(Router::new().route("/", post(place)).with_state(bare)).await
}

async fn place(State(bare): State<Bare>, _body: String) -> Result<&'static str, StatusCode> {
    let failed = |_| StatusCode::INTERNAL_SERVER_ERROR;
    let commit = || {
        bare.database
            .announce(WorkspaceId(1), EventKind::Settings, "1".to_owned(), None)
    };
    commit().await.map_err(failed)?;
    let form =
        "To=%2B14155550101&From=%2B15550001111&Timeout=30&TimeLimit=300&Twiml=%3CResponse%2F%3E";
    let dial = bare
        .client
        .post(&bare.url)
        .basic_auth(SID, Some("benchmark"))
        .body(form);
    let answer = dial.send().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    answer.bytes().await.map_err(|_| StatusCode::BAD_GATEWAY)?;
    commit().await.map_err(failed)?;
    Ok(REPLY)
}
