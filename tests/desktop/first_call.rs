//! The main job: fire the sample agent, answer in the window, talk to the end, read the run.

use crate::session::Session;
use crate::window::Window;

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomers_first_call_rings_is_walked_to_its_end_and_is_read() {
    let mut session = Session::start();
    let window = Window::open(&mut session).await;
    window.says("Appointment reminder").await;
    window.fill("Number to call", "+14155550100").await;
    window.press("Fire test call").await;
    window.press("Answer").await;
    window
        .says("this is the assistant of Northside Clinic")
        .await;
    window.press("Date suits").await;
    window.press("All confirmed").await;
    window
        .css("[data-testid='live-run'][data-state='completed']")
        .await;
    window.css("[data-testid='end-sentence']").await;
    window.press("Open the run").await;
    window.says("Timeline").await;
    window.says("Thank you, and see you soon. Goodbye.").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_copied_test_url_is_in_the_systems_clipboard_and_answers() {
    let mut session = Session::start();
    let window = Window::open(&mut session).await;
    window.press("Copy the test URL").await;
    window.says("Test URL copied").await;
    let url = session.clipboard();
    let (base, path) = url
        .split_once("/api/v1/public/agent/test/")
        .expect("a test URL");
    assert_eq!(path.len(), 36, "{url}");
    let reply = switchhook_tests::server::http::Base::of(base)
        .post(&format!("/api/v1/public/agent/test/{path}"))
        .send();
    assert_eq!(reply.status, 401, "a request without a key");
}
