//! What can be in the way at the start, said in the window with the way out.

use crate::session::Session;
use crate::window::Window;
use std::net::{Ipv4Addr, TcpListener};
use std::process::Stdio;
use switchhook_tests::server::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_taken_port_is_said_with_the_fix_and_the_window_works() {
    let mut session = Session::start();
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = taken.local_addr().expect("bound").to_string();
    session.set("SWITCHHOOK_PUBLIC", &address);
    let window = Window::open(&mut session).await;
    window.says("Appointment reminder").await;
    window.press("Not listening").await;
    window.says(&format!("{address} is already in use")).await;
    window.says("--public ADDRESS:PORT").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_shows_the_first_window_and_serves_nothing() {
    let mut session = Session::start();
    let _window = Window::open(&mut session).await;
    session.start_again(&[]);
    session.logged("started a second time; showing the window");
    assert_eq!(
        session.log().matches("the public listener is at").count(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_folder_in_use_is_said_and_works_once_it_is_free() {
    let (mut session, mut other) = in_use();
    let window = Window::open(&mut session).await;
    window
        .says(&format!("Another Switchhook (process {})", other.id()))
        .await;
    let (status, _) = other.terminate();
    assert!(status.success());
    // The window comes back by itself, or with the button that it offers.
    if !window.shows("Appointment reminder").await {
        window.press("Try again").await;
    }
    window.says("Appointment reminder").await;
}

/// A session whose data folder another server holds.
fn in_use() -> (Session, Server) {
    let mut session = Session::start();
    let other = Server::start();
    let folder = other.folder.data().display().to_string();
    session.set("SWITCHHOOK_DATA_DIR", &folder);
    (session, other)
}

fn says_who_serves(session: &Session, other: &Server) {
    session.logged(&format!("another Switchhook (process {})", other.id()));
    let address = other.ready["public"].as_str().expect("an address");
    session.logged(address);
}

#[test]
fn closed_while_the_data_folder_is_in_use_the_program_ends_with_status_3() {
    let (session, other) = in_use();
    let program = session.program().display().to_string();
    let mut started = session.command(&program).spawn().expect("it starts");
    says_who_serves(&session, &other);
    session.logged("the window can be used");
    let asked = session
        .command("kill")
        .args(["-TERM", &started.id().to_string()])
        .status()
        .expect("kill exists");
    assert!(asked.success());
    let status = started.wait().expect("it ends");
    assert_eq!(status.code(), Some(3));
}

#[test]
fn without_a_display_a_data_folder_in_use_ends_the_program_with_status_3() {
    let (mut session, other) = in_use();
    session.set("DISPLAY", "");
    let program = session.program().display().to_string();
    let status = session.command(&program).status().expect("it starts");
    assert_eq!(status.code(), Some(3));
    says_who_serves(&session, &other);
}

#[tokio::test(flavor = "multi_thread")]
async fn asked_to_end_the_program_leaves_the_data_folder_free() {
    let mut session = Session::start();
    let _window = Window::open(&mut session).await;
    session.end_program();
    let log = session
        .command("cat")
        .arg(session.home().join("app.log"))
        .stdout(Stdio::piped())
        .output();
    let log = String::from_utf8(log.expect("cat exists").stdout).expect("text");
    assert!(!log.contains("panicked"), "{log}");
}
