//! What the program does on its desktop beyond its window: its place, its start with the session, the
//! keys that raise it.

use crate::screen::Screen;
use crate::session::Session;
use crate::window::Window;
use serde_json::json;
use std::path::Path;

/// X names of keys (keysymdef.h).
const CONTROL: u32 = 0xffe3;
const ALT: u32 = 0xffe9;
const LETTER_G: u32 = 0x67;
const EQUAL: u32 = 0x3d;

#[tokio::test(flavor = "multi_thread")]
async fn the_window_comes_back_as_large_as_it_was() {
    let mut session = Session::start();
    let window = Window::open(&mut session).await;
    assert_eq!(window.size().await, (1280, 800));
    let picture = session.home().join("small.png");
    window.picture(1020, 640, "light", &picture).await;
    let size = window.size().await;
    assert_ne!(size, (1280, 800));
    session.end_program();
    let window = Window::start(&mut session).await;
    window.says("Appointment reminder").await;
    assert_eq!(window.size().await, size);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_show_everything_larger_also_after_the_next_start() {
    let mut session = Session::start();
    let window = Window::open(&mut session).await;
    let (width, _) = window.size().await;
    let screen = Screen::of(&session);
    screen.until_in_front(true);
    screen.press(&[CONTROL, EQUAL]);
    window.says("Zoom 110 %").await;
    let larger = window.narrower_than(width).await;
    session.end_program();
    let window = Window::start(&mut session).await;
    window.says("Appointment reminder").await;
    assert_eq!(window.narrower_than(width).await, larger);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_with_the_session_is_written_when_asked_for_and_taken_back() {
    let mut session = Session::start();
    let window = Window::open(&mut session).await;
    let folder = session.home().join("config/autostart");
    let entries = |folder: &Path| {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    assert!(entries(&folder).is_empty(), "off until asked for");
    window.press("Settings").await;
    window.press_label("Start Switchhook when I sign in").await;
    window.says("Saved.").await;
    let written = entries(&folder);
    let entry = std::fs::read_to_string(&written[0]).expect("an entry");
    assert!(entry.contains("\nExec=\"/"), "{entry}");
    assert!(entry.contains("switchhook-desktop\"\n"), "{entry}");
    let off = window
        .command("start_with_session", json!({"on": false}))
        .await;
    assert_eq!(off["value"]["starts_with_session"], false);
    assert!(entries(&folder).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn chosen_keys_raise_the_window_also_after_the_next_start() {
    let mut session = Session::start();
    let window = Window::open(&mut session).await;
    let screen = Screen::of(&session);
    let keys = json!({"keys": "Mod+Alt+G"});
    let chosen = window.command("choose_raise_keys", keys).await;
    assert_eq!(chosen["value"]["raise_problem"], json!(null), "{chosen}");
    screen.minimise();
    screen.press(&[CONTROL, ALT, LETTER_G]);
    screen.until_in_front(true);
    session.end_program();
    let window = Window::start(&mut session).await;
    window.says("Appointment reminder").await;
    let kept = window.command("preferences", json!({})).await;
    assert_eq!(kept["value"]["raise_keys"], "Mod+Alt+G", "{kept}");
    screen.minimise();
    screen.press(&[CONTROL, ALT, LETTER_G]);
    screen.until_in_front(true);
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_another_program_has_are_refused_in_words() {
    let mut session = Session::start();
    let window = Window::open(&mut session).await;
    let screen = Screen::of(&session);
    screen.take(CONTROL_AND_ALT, LETTER_G);
    let keys = json!({"keys": "Mod+Alt+G"});
    let refused = window.command("choose_raise_keys", keys).await;
    let problem = refused["value"]["raise_problem"]
        .as_str()
        .expect("a problem");
    assert!(
        problem.contains("another program has Mod+Alt+G already"),
        "{problem}"
    );
    assert_eq!(refused["value"]["raise_keys"], json!(null), "{refused}");
    let nonsense = window
        .command("choose_raise_keys", json!({"keys": "Mod+Nonsense"}))
        .await;
    let problem = nonsense["value"]["raise_problem"]
        .as_str()
        .expect("a problem");
    assert!(problem.contains("choose other keys"), "{problem}");
}

/// The modifiers' bits in the X protocol: Control and Mod1.
const CONTROL_AND_ALT: u16 = (1 << 2) | (1 << 3);
