//! The tray: the calls that are going on, and what can be done about them from anywhere. Many
//! desktops have none; then the program does without one, and looks again at the next call, since a
//! panel may come later than this program does.

use crate::calls::{self, Call, Known};
use crate::page::{Message, Page};
use crate::{quit, window, words};
use tauri::menu::{Menu, MenuBuilder, MenuItemBuilder, SubmenuBuilder};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, Wry};

/// More than a menu is read.
const MOST_SHOWN: usize = 8;

/// See the module.
pub struct Tray {
    app: AppHandle,
    icon: Option<TrayIcon>,
    shown: Option<Vec<String>>,
    is_missed: bool,
}

impl Tray {
    pub fn new(app: AppHandle) -> Self {
        Self {
            app,
            icon: None,
            shown: None,
            is_missed: false,
        }
    }

    /// Shows these calls.
    pub async fn show(&mut self, known: &Known) {
        let wanted = lines(known);
        if self.icon.is_some() && self.shown.as_ref() == Some(&wanted) {
            return;
        }
        match self.put(known) {
            Ok(()) => self.shown = Some(wanted),
            // Said once: it is looked for again with every call.
            Err(error) if !self.is_missed => {
                tracing::info!(%error, "there is no tray");
                self.is_missed = true;
            }
            Err(_) => {}
        }
    }

    fn put(&mut self, known: &Known) -> tauri::Result<()> {
        let menu = menu(&self.app, known)?;
        let tooltip = words::calls(known.live.len());
        let Some(icon) = &self.icon else {
            self.icon = Some(make(&self.app, &menu, &tooltip)?);
            return Ok(());
        };
        icon.set_menu(Some(menu))?;
        icon.set_tooltip(Some(tooltip))
    }
}

/// What the menu says, to tell whether it has to be made anew.
fn lines(known: &Known) -> Vec<String> {
    let calls = known
        .live
        .iter()
        .map(|call| format!("{} {}", call.run_id, line(call)));
    let newest = known.newest.iter().map(|call| call.run_id.to_string());
    calls.chain(newest).collect()
}

fn line(call: &Call) -> String {
    words::call(&call.number, &call.agent, &call.state)
}

fn make(app: &AppHandle, menu: &Menu<Wry>, tooltip: &str) -> tauri::Result<TrayIcon> {
    let mut builder = TrayIconBuilder::with_id("switchhook")
        .title("Switchhook")
        .tooltip(tooltip)
        .menu(menu)
        .show_menu_on_left_click(false)
        .on_menu_event(|app, event| chosen(app, event.id().as_ref()))
        .on_tray_icon_event(|icon, event| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                window::show(icon.app_handle());
            }
        });
    if let Some(icon) = app.default_window_icon() {
        builder = builder.icon(icon.clone());
    }
    builder.build(app)
}

fn menu(app: &AppHandle, known: &Known) -> tauri::Result<Menu<Wry>> {
    let mut menu = MenuBuilder::new(app).text("open", words::OPEN).separator();
    if known.live.is_empty() {
        let none = MenuItemBuilder::new(words::NO_CALLS).enabled(false);
        menu = menu.item(&none.build(app)?);
    }
    for call in known.live.iter().take(MOST_SHOWN) {
        let run = call.run_id;
        let entry = SubmenuBuilder::new(app, line(call))
            .text(format!("hang-up:{run}"), words::HANG_UP)
            .text(format!("show:{run}"), words::SHOW)
            .build()?;
        menu = menu.item(&entry);
    }
    if let Some(newest) = &known.newest {
        let again = words::fire_again(&newest.number);
        menu = menu
            .separator()
            .text(format!("again:{}", newest.run_id), again);
    }
    menu.separator().text("quit", words::QUIT).build()
}

/// Does what was chosen. Nothing here dials: a call is fired again by a person, on the form.
fn chosen(app: &AppHandle, id: &str) {
    let (what, run) = id.split_once(':').unwrap_or((id, ""));
    let run_id = run.parse().unwrap_or_default();
    match what {
        "open" => window::show(app),
        "quit" => quit::ask(app),
        "show" => {
            app.state::<Page>().tell(Message::ShowRun { run_id });
            window::show(app);
        }
        "again" => {
            app.state::<Page>().tell(Message::FireAgain { run_id });
            window::show(app);
        }
        "hang-up" => {
            let app = app.clone();
            tauri::async_runtime::spawn(async move { calls::hang_up(&app, run_id).await });
        }
        _ => {}
    }
}
