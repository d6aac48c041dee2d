//! Pictures of the real window, for people to look at: `cargo test --test desktop -- --ignored`
//! puts them into `target/shots`.

use crate::session::Session;
use crate::window::Window;
use std::path::Path;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "makes pictures, decides nothing"]
async fn pictures_of_the_window() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/shots");
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut session = Session::start();
    let window = Window::open(&mut session).await;
    window.fill("Number to call", "+14155550100").await;
    window.button("Fire test call").await;
    shoot(&window, &folder, "fire").await;
    window.press("Fire test call").await;
    window.button("Answer").await;
    shoot(&window, &folder, "ringing").await;
    window.press("Answer").await;
    window.press("Date suits").await;
    window.button("All confirmed").await;
    shoot(&window, &folder, "call").await;
    window.press("All confirmed").await;
    window
        .css("[data-testid='live-run'][data-state='completed']")
        .await;
    shoot(&window, &folder, "ended").await;
    window.press("Open the run").await;
    window.says("Timeline").await;
    shoot(&window, &folder, "run").await;
    window.press("Settings").await;
    window.says("Where it listens").await;
    shoot(&window, &folder, "settings").await;
}

async fn shoot(window: &Window, folder: &Path, name: &str) {
    for (width, height) in [(960, 600), (1280, 800)] {
        for theme in ["dark", "light"] {
            let file = folder.join(format!("{name}-{width}-{theme}.png"));
            window.picture(width, height, theme, &file).await;
        }
    }
}
