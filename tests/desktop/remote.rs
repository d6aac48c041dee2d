//! Another instance in the window: a plain Dograh, its key in the keychain and nowhere else.

use crate::double::{AGENT, Dograh, TRIGGER};
use crate::keyring::Keyring;
use crate::session::Session;
use crate::window::Window;
use serde_json::json;
use std::fs;
use std::path::Path;
use switchhook_tests::server::Server;

const KEY: &str = "dgr_Zq3v8mWJ1x-desktopTestOnly_7hPz5RkLd2Yb0sNc";

async fn add_instance(window: &Window, url: &str, key: &str) {
    window.press("Instance: ").await;
    window.press("Add an instance").await;
    window.fill("Name", "Recorded").await;
    window.fill("Address", url).await;
    window.fill("API key", key).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_of_a_dograh_is_fired_and_its_key_is_in_the_keychain_alone() {
    let mut session = Session::start();
    session.set("SWITCHHOOK_LOG", "trace");
    let keyring = Keyring::start(&mut session).await;
    let dograh = Dograh::start(KEY).await;
    let window = Window::open(&mut session).await;

    add_instance(&window, &dograh.url, KEY).await;
    window.press("Test the connection").await;
    window.says("Connected to Dograh 1.45.0.").await;
    window.press("Save").await;
    window.says(AGENT).await;

    window.press("Add a trigger by its URL").await;
    window
        .fill(
            "Trigger URL",
            &format!("{}/api/v1/public/agent/{TRIGGER}", dograh.url),
        )
        .await;
    window.fill("Name", "Pasted trigger").await;
    window.press("Add the trigger").await;
    window.press("Pasted trigger").await;
    window
        .css("label.production")
        .await
        .click()
        .await
        .expect("the switch");
    window.fill("Number to call", "+14155550123").await;
    window.press("Place the call").await;
    // The second act, in the question that the first one opened.
    window.css("[aria-label='Place a production call?']").await;
    window.press("Place the call").await;
    window
        .css("[data-testid='live-run'][data-state='in-progress']")
        .await;
    dograh.end_call();
    window
        .css("[data-testid='live-run'][data-state='completed']")
        .await;

    let sent = dograh.sent();
    let fired: Vec<_> = sent.iter().filter(|sent| sent.method == "POST").collect();
    let [fired] = fired.as_slice() else {
        panic!("fired once, not {fired:?}")
    };
    assert_eq!(fired.target, format!("/api/v1/public/agent/{TRIGGER}"));
    assert_eq!(fired.key.as_deref(), Some(KEY));
    assert!(fired.body.contains("+14155550123"), "{}", fired.body);

    assert!(
        keyring.secrets().await.contains(&KEY.to_owned()),
        "the keychain has the key"
    );
    assert!(
        !window.everything().await.contains(KEY),
        "the page has the key"
    );
    let answers = [
        window.command("instances", json!({})).await,
        window.command("request", json!({"instanceId": "1", "method": "GET", "path": "/api/v1/health", "headers": {}, "body": null})).await,
    ];
    assert!(
        answers
            .iter()
            .all(|answer| answer["value"].is_null() == answer["error"].is_object())
    );
    assert!(
        !format!("{answers:?}").contains(KEY),
        "a command gives the key out"
    );
    let found = files_with(session.home(), KEY);
    assert!(found.is_empty(), "the key is in {found:?}");
    assert!(
        session.log().len() > 10_000,
        "the log was to say everything"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_of_another_switchhook_is_fired_and_watched_live() {
    let mut session = Session::start();
    let _keyring = Keyring::start(&mut session).await;
    let other = Server::start();
    let url = other.ready["control"].as_str().expect("it listens");
    let window = Window::open(&mut session).await;
    add_instance(&window, url, &other.key("manage")).await;
    window.press("Test the connection").await;
    window.says("Connected to Switchhook").await;
    window.press("Save").await;
    window.button("Instance: Recorded").await;
    // Its agent's, and no more that of the same name on this computer.
    let address = format!("[data-testid='url-test'][title^='{url}']");
    window.css(&address).await;
    window.fill("Number to call", "+14155550101").await;
    window.press("Fire test call").await;
    window
        .css("[data-testid='live-run'][data-state='completed']")
        .await;
    let runs = other
        .control
        .get("/api/switchhook/runs")
        .key(&other.key("manage"))
        .send();
    let runs = runs.json();
    assert_eq!(runs["runs"].as_array().map(Vec::len), Some(1), "{runs}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_key_is_said_before_anything_is_kept() {
    let mut session = Session::start();
    let keyring = Keyring::start(&mut session).await;
    let dograh = Dograh::start(KEY).await;
    let window = Window::open(&mut session).await;
    add_instance(&window, &dograh.url, "dgr_wrong").await;
    window.press("Test the connection").await;
    window.says("it refuses this key").await;
    assert!(keyring.secrets().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_keychain_the_instance_is_not_kept_and_the_way_out_is_said() {
    let mut session = Session::start();
    // A bus on which nothing can be started: there is no keyring.
    session.set(
        "DBUS_SESSION_BUS_ADDRESS",
        &format!("unix:path={}", session.home().join("no-bus").display()),
    );
    let dograh = Dograh::start(KEY).await;
    let window = Window::open(&mut session).await;
    add_instance(&window, &dograh.url, KEY).await;
    window.press("Save").await;
    window.says("The secret store is locked or missing.").await;
    let instances = window.command("instances", json!({})).await;
    assert_eq!(
        instances["value"].as_array().map(Vec::len),
        Some(1),
        "{instances}"
    );
    assert!(files_with(session.home(), KEY).is_empty());
}

/// The files below a folder that hold a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        let kind = entry.file_type().expect("a kind");
        if kind.is_dir() {
            found.extend(files_with(&path, text));
        } else if kind.is_file()
            && fs::read(&path).is_ok_and(|bytes| {
                bytes
                    .windows(text.len())
                    .any(|part| part == text.as_bytes())
            })
        {
            found.push(path.display().to_string());
        }
    }
    found
}
