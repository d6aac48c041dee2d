//! Exports, saved where a person says in the system's file dialog. The dialog is the desktop's portal
//! here, which a test can answer.

use crate::bus::Portal;
use crate::session::Session;
use crate::window::Window;
use serde_json::json;
use std::os::unix::fs::PermissionsExt;

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_written_where_the_person_says_for_its_owner_alone() {
    let mut session = Session::start();
    session.set("GTK_USE_PORTAL", "1");
    let file = session.home().join("saved.json");
    let (_bus, portal) = Portal::start(&session, Some(format!("file://{}", file.display()))).await;
    let window = Window::open(&mut session).await;
    window.press("Agents").await;
    window.press("Appointment reminder").await;
    window.press("More").await;
    window.press("Export").await;
    window.says("The file is saved.").await;
    assert_eq!(portal.asked(), ["appointment-reminder.json"]);
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
async fn a_dialog_that_is_called_off_writes_nothing_and_a_proposed_path_is_only_a_name() {
    let mut session = Session::start();
    session.set("GTK_USE_PORTAL", "1");
    let (_bus, portal) = Portal::start(&session, None).await;
    let window = Window::open(&mut session).await;
    let asked = json!({"name": "../../runs.csv", "text": "x"});
    let answer = window.command("save_file", asked).await;
    assert_eq!(answer["value"], false, "{answer}");
    assert_eq!(portal.asked(), ["-..-runs.csv"]);
}
