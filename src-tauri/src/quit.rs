//! The end of the program, asked for by a person: while calls are going on the page asks once more
//! and says what becomes of them. Signals end it without a question, since nobody is there to answer.

use crate::calls::Calls;
use crate::page::{Message, Page};
use crate::window;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tauri::{AppHandle, Manager, State};

/// Whoever closes the window again after this long means it, even where the page cannot ask any more.
const MEANT_AFTER: Duration = Duration::from_secs(2);

/// When the question was asked, while it stands.
#[derive(Default)]
pub struct Quit(Mutex<Option<Instant>>);

/// Ends the program, or asks first.
pub fn ask(app: &AppHandle) {
    if may_go(app) {
        app.exit(0);
    }
}

/// Whether the program may end now. Asks the person where it may not.
pub fn may_go(app: &AppHandle) -> bool {
    let calls = app.state::<Calls>().known().live;
    let page = app.state::<Page>();
    if calls.is_empty() || !page.listens() {
        return true;
    }
    let quit = app.state::<Quit>();
    let mut asked = quit.0.lock().unwrap_or_else(PoisonError::into_inner);
    if asked.is_some_and(|at| at.elapsed() >= MEANT_AFTER) {
        return true;
    }
    *asked = Some(Instant::now());
    drop(asked);
    page.tell(Message::QuitAsked { calls });
    window::show(app);
    false
}

/// The person's answer.
#[tauri::command]
pub fn answer_quit(app: AppHandle, quit: State<'_, Quit>, yes: bool) {
    *quit.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    if yes {
        app.exit(0);
    }
}
