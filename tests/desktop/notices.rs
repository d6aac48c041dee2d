//! Notifications, on a bus with a double of the desktop's service.

use crate::bus::{Notifications, Panel};
use crate::screen::Screen;
use crate::session::Session;
use crate::window::Window;
use serde_json::json;

async fn wanted(window: &Window, when: &str) {
    let answer = window
        .command("choose_notifications", json!({ "wanted": when }))
        .await;
    assert_eq!(answer["value"]["notifications"], when, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ring_and_an_end_are_told_without_what_was_said() {
    let mut session = Session::start();
    let notifications = Notifications::start(&session).await;
    let panel = Panel::start(&session).await;
    let window = Window::open(&mut session).await;
    wanted(&window, "always").await;
    window.fill("Number to call", "+14155550100").await;
    window.press("Fire test call").await;
    let ring = notifications.until_told(&[
        "The desk phone is ringing",
        "+14155550100",
        "Appointment reminder",
        "Test",
    ]);
    assert!(!ring.is_closed);
    window.press("Answer").await;
    window.says("this is the assistant").await;
    // What rings no more is taken back.
    switchhook_tests::server::eventually("the ring is taken back", || {
        notifications.told()[0].is_closed.then_some(())
    });
    window.press("Hang up").await;
    let sentence = window.css("[data-testid='end-sentence']").await;
    let sentence = sentence.text().await.expect("a text");
    let end = notifications.until_told(&["The call is over", "+14155550100"]);
    let last = end.body.lines().last().expect("a sentence");
    assert!(sentence.contains(last), "{last} is not in {sentence}");
    for told in notifications.told() {
        assert!(!told.body.contains("assistant of"), "{told:?}");
    }
    // Nothing is told to who wants nothing: the next thing told is the one after it.
    wanted(&window, "never").await;
    let before = notifications.told().len();
    fire(&window, &panel, "+14155550102", "busy").await;
    wanted(&window, "always").await;
    fire(&window, &panel, "+14155550104", "busy").await;
    let next = notifications.until_told(&["+14155550104"]);
    assert_eq!(usize::try_from(next.id).expect("few"), before + 1);
}

/// Fires a number that plays its outcome by itself, and waits until everybody knows: the tray is
/// told after all others that a call is over.
async fn fire(window: &Window, panel: &Panel, number: &str, state: &str) {
    let form = window.xpath("//*[@id='number']").await;
    form.clear().await.expect("a field");
    window.fill("Number to call", number).await;
    window.press("Fire test call").await;
    let path = format!(
        "//*[@data-testid='live-run' and @data-state='{state}' and contains(., '{}')]",
        &number[number.len() - 4..]
    );
    window.xpath(&path).await;
    panel.line(&format!("Fire again: {number}…")).await;
    panel.line("No call is going on").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_in_front_is_enough_and_a_pressed_notification_brings_it_there() {
    let mut session = Session::start();
    let notifications = Notifications::start(&session).await;
    let panel = Panel::start(&session).await;
    let window = Window::open(&mut session).await;
    let screen = Screen::of(&session);
    screen.until_in_front(true);
    fire(&window, &panel, "+14155550102", "busy").await;
    screen.minimise();
    session.start_again(&[]);
    screen.until_in_front(true);
    screen.minimise();
    let path = "/api/v1/workflow/1/versions";
    let asked = json!({"instanceId": "local", "method": "GET", "path": path, "headers": {}});
    let versions = window.command("request", asked).await;
    let body = versions["value"]["body"].as_str().expect("an answer");
    let trigger = body
        .split(r#""trigger_path":""#)
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("a trigger");
    let asked = json!({
        "instanceId": "local",
        "method": "POST",
        "path": format!("/api/v1/public/agent/test/{trigger}"),
        "headers": {"content-type": "application/json"},
        "body": json!({"phone_number": "+14155550104"}).to_string(),
    });
    let fired = window.command("request", asked).await;
    assert_eq!(fired["value"]["status"], 200, "{fired}");
    let end = notifications.until_told(&["The call is over", "+14155550104"]);
    assert!(
        notifications
            .told()
            .iter()
            .all(|told| !told.body.contains("+14155550102")),
        "{:?}",
        notifications.told()
    );
    notifications.press(end.id).await;
    screen.until_in_front(true);
}
