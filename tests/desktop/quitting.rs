//! The end of the program while calls are going on, and without any.

use crate::screen::Screen;
use crate::session::Session;
use crate::window::Window;

#[tokio::test(flavor = "multi_thread")]
async fn closing_the_window_during_a_call_asks_and_says_what_becomes_of_it() {
    let mut session = Session::start();
    let window = Window::open(&mut session).await;
    let screen = Screen::of(&session);
    window.fill("Number to call", "+14155550100").await;
    window.press("Fire test call").await;
    window.press("Answer").await;
    window.button("Date suits").await;
    screen.close();
    window.says("A call is going on").await;
    window
        .says("The call on the desk phone ends with Switchhook.")
        .await;
    window.press("Stay here").await;
    window.button("Date suits").await;
    screen.close();
    window.press("Quit").await;
    session.until_ended();
    assert!(!session.log().contains("panicked"), "{}", session.log());
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_the_window_without_calls_ends_the_program() {
    let mut session = Session::start();
    let _window = Window::open(&mut session).await;
    Screen::of(&session).close();
    session.until_ended();
}
