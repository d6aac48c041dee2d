//! A copied key leaves the system's clipboard by itself, and nothing else does.

use crate::session::Session;
use crate::window::Window;
use std::time::Duration;
use switchhook_tests::server::{eventually, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_key_leaves_the_clipboard_after_half_a_minute() {
    let mut session = Session::start();
    let window = Window::open(&mut session).await;
    window.press("API keys").await;
    window.fill("Name", "copied").await;
    window.press("Create a key").await;
    window.press("Copy the key").await;
    window
        .says("It leaves the clipboard after 30 seconds.")
        .await;
    eventually("the key is in the clipboard", || {
        session.clipboard().starts_with("dgr_").then_some(())
    });
    within(
        Duration::from_secs(60),
        "the key left the clipboard",
        || session.clipboard().is_empty().then_some(()),
    );
}
