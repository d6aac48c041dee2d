//! Exports, saved where a person says in the system's own file dialog, by keyboard.

use crate::screen::Screen;
use crate::session::Session;
use crate::window::Window;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use switchhook_tests::server::eventually;

/// X names of keys (keysymdef.h).
const RETURN: u32 = 0xff0d;
const ESCAPE: u32 = 0xff1b;

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_written_where_the_person_says_for_its_owner_alone() {
    let mut session = Session::start();
    let window = Window::open(&mut session).await;
    let screen = Screen::of(&session);
    window.press("Agents").await;
    window.press("Appointment reminder").await;
    window.press("More").await;
    window.press("Export").await;
    screen.until_titled("Save as");
    screen.press(&[RETURN]);
    window.says("The file is saved.").await;
    // The dialog opens in the folder that the program was started in.
    let file = session.home().join("appointment-reminder.json");
    let mode = std::fs::metadata(&file)
        .expect("a file")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = std::fs::read_to_string(&file).expect("a text");
    let agent: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(agent["name"], "Appointment reminder");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dialog_that_is_called_off_writes_nothing() {
    let mut session = Session::start();
    let window = Window::open(&mut session).await;
    let screen = Screen::of(&session);
    let asked = window.command("save_file", json!({"name": "runs.csv", "text": "x"}));
    let (answer, ()) = tokio::join!(asked, async {
        screen.until_titled("Save as");
        screen.press(&[ESCAPE]);
    });
    assert_eq!(answer["value"], false, "{answer}");
    eventually("the window is back", || screen.is_in_front().then_some(()));
    assert!(!session.home().join("runs.csv").exists());
}
