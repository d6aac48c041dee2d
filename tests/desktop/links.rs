//! Links to telephone numbers, as the system hands them to the program.

use crate::screen::Screen;
use crate::session::Session;
use crate::window::Window;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_link_puts_its_number_on_the_form_raises_the_window_and_dials_nothing() {
    let mut session = Session::start();
    let window = Window::open(&mut session).await;
    let screen = Screen::of(&session);
    window.press("API keys").await;
    screen.minimise();
    session.start_again(&["tel:+1-415-555-0101;ext=7"]);
    screen.until_in_front(true);
    window.holds("Number to call", "+1 415 555 0101").await;
    session.start_again(&["callto:%2B44%2020%207946%200900"]);
    window.holds("Number to call", "+44 20 7946 0900").await;
    // What is no number changes nothing.
    session.start_again(&["tel:javascript:alert(1)", "--public", "callto:some.person"]);
    window.holds("Number to call", "+44 20 7946 0900").await;
    let asked = json!({"instanceId": "local", "method": "GET", "path": "/api/switchhook/runs", "headers": {}});
    let answer = window.command("request", asked).await;
    let body = answer["value"]["body"].as_str().expect("an answer");
    assert!(body.contains(r#""runs":[]"#), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_starts_the_program_waits_for_the_form() {
    let mut session = Session::start();
    let window = Window::start_with(&mut session, &["tel:+14155550102"]).await;
    window.holds("Number to call", "+1 415 555 0102").await;
}
