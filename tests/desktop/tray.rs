//! The tray's menu, on a bus with a double of the panel. That the program does without one where
//! there is none is what every other test here shows.

use crate::bus::Panel;
use crate::screen::Screen;
use crate::session::Session;
use crate::window::Window;
use switchhook_tests::server::eventually;

#[tokio::test(flavor = "multi_thread")]
async fn the_tray_shows_a_call_hangs_it_up_and_puts_it_on_the_form_again() {
    let mut session = Session::start();
    let panel = Panel::start(&session).await;
    let window = Window::open(&mut session).await;
    let screen = Screen::of(&session);
    panel.line("No call is going on").await;
    window.fill("Number to call", "+14155550100").await;
    window.press("Fire test call").await;
    window.press("Answer").await;
    let call = panel
        .line("+14155550100 · Appointment reminder · In call")
        .await;
    assert!(call.find("Show the run").is_some(), "{call:?}");
    panel.choose("Hang up").await;
    window.css("[data-testid='end-sentence']").await;
    panel.line("No call is going on").await;
    window.press("API keys").await;
    screen.minimise();
    panel.choose("Fire again: +14155550100…").await;
    screen.until_in_front(true);
    window.holds("Number to call", "+1 415 555 0100").await;
    // A person fires it; the tray does not.
    let runs = panel.menu().await;
    assert!(runs.find("No call is going on").is_some(), "{runs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tray_opens_the_window_and_quits_asking_first_during_a_call() {
    let mut session = Session::start();
    let panel = Panel::start(&session).await;
    let window = Window::open(&mut session).await;
    let screen = Screen::of(&session);
    panel.line("Quit").await;
    screen.minimise();
    panel.choose("Open Switchhook").await;
    screen.until_in_front(true);
    window.fill("Number to call", "+14155550100").await;
    window.press("Fire test call").await;
    panel.line("+14155550100").await;
    panel.choose("Quit").await;
    window.says("A call is going on").await;
    window.press("Stay here").await;
    window.press("Decline").await;
    panel.line("No call is going on").await;
    panel.choose("Quit").await;
    session.until_ended();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panel_that_comes_later_gets_the_tray_with_the_next_call() {
    let mut session = Session::start();
    let window = Window::open(&mut session).await;
    session.logged("there is no tray");
    let panel = Panel::start(&session).await;
    window.fill("Number to call", "+14155550102").await;
    window.press("Fire test call").await;
    panel.line("Fire again: +14155550102…").await;
    eventually("the program lives", || {
        (!session.log().contains("panicked")).then_some(())
    });
}
