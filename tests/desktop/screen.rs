//! The X display of a test as a window manager's user has it: which window is in front, closing and
//! minimising one, keys pressed on the keyboard. Spoken to the display itself, without the program.

use crate::session::Session;
use switchhook_tests::server::eventually;
use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    AtomEnum, ClientMessageEvent, ConnectionExt as _, EventMask, GrabMode, KEY_PRESS_EVENT,
    KEY_RELEASE_EVENT, ModMask, Window,
};
use x11rb::protocol::xtest::ConnectionExt as _;
use x11rb::rust_connection::RustConnection;
use x11rb::wrapper::ConnectionExt as _;

/// The state of a minimised window (ICCCM §4.1.4).
const ICONIC: u32 = 3;
/// A request of a user's own program (EWMH, source indication).
const FROM_A_PERSON: u32 = 2;

/// See the module.
pub struct Screen {
    connection: RustConnection,
    root: Window,
}

impl Screen {
    pub fn of(session: &Session) -> Self {
        let display = session.variable("DISPLAY");
        let (connection, screen) = RustConnection::connect(Some(&display)).expect("the display");
        let root = connection.setup().roots[screen].root;
        Self { connection, root }
    }

    fn atom(&self, name: &str) -> u32 {
        let asked = self.connection.intern_atom(false, name.as_bytes());
        asked.expect("sent").reply().expect("an atom").atom
    }

    fn windows_in(&self, property: &str) -> Vec<Window> {
        let asked = self.connection.get_property(
            false,
            self.root,
            self.atom(property),
            AtomEnum::WINDOW,
            0,
            1024,
        );
        let reply = asked.expect("sent").reply().expect("a property");
        reply.value32().map(Iterator::collect).unwrap_or_default()
    }

    fn title(&self, window: Window) -> String {
        let (name, utf8) = (self.atom("_NET_WM_NAME"), self.atom("UTF8_STRING"));
        let asked = self
            .connection
            .get_property(false, window, name, utf8, 0, 1024);
        let reply = asked.expect("sent").reply();
        reply
            .map(|reply| String::from_utf8_lossy(&reply.value).into_owned())
            .unwrap_or_default()
    }

    /// Waits until a window manager is at work (EWMH, `_NET_SUPPORTING_WM_CHECK`).
    pub fn until_managed(&self) {
        eventually("a window manager", || {
            let found = self.windows_in("_NET_SUPPORTING_WM_CHECK");
            (!found.is_empty()).then_some(())
        });
    }

    /// The program's window.
    pub fn window(&self) -> Window {
        eventually("the window is on the display", || {
            let mut windows = self.windows_in("_NET_CLIENT_LIST").into_iter();
            windows.find(|window| self.title(*window).contains("Switchhook"))
        })
    }

    /// Whether the program's window is in front of all others.
    pub fn is_in_front(&self) -> bool {
        let active = self.windows_in("_NET_ACTIVE_WINDOW");
        active.first() == Some(&self.window())
    }

    /// Waits until it is, or is not.
    pub fn until_in_front(&self, is: bool) {
        eventually("the window is where it should be", || {
            (self.is_in_front() == is).then_some(())
        });
    }

    /// Waits until a window with this title is in front.
    pub fn until_titled(&self, title: &str) {
        eventually(title, || {
            let active = *self.windows_in("_NET_ACTIVE_WINDOW").first()?;
            (active != 0 && self.title(active) == title).then_some(())
        });
    }

    /// Closes the window as its button does.
    pub fn close(&self) {
        self.send("_NET_CLOSE_WINDOW", [0, FROM_A_PERSON, 0, 0, 0]);
    }

    pub fn minimise(&self) {
        self.send("WM_CHANGE_STATE", [ICONIC, 0, 0, 0, 0]);
        self.until_in_front(false);
    }

    fn send(&self, message: &str, data: [u32; 5]) {
        let event = ClientMessageEvent::new(32, self.window(), self.atom(message), data);
        let mask = EventMask::SUBSTRUCTURE_REDIRECT | EventMask::SUBSTRUCTURE_NOTIFY;
        let sent = self.connection.send_event(false, self.root, mask, event);
        sent.expect("sent").check().expect("the display takes it");
    }

    /// Presses keys together, by their X names' symbols, and lets go of them.
    pub fn press(&self, symbols: &[u32]) {
        let codes: Vec<u8> = symbols.iter().map(|symbol| self.code(*symbol)).collect();
        let down = codes.iter().map(|code| (KEY_PRESS_EVENT, *code));
        let up = codes.iter().rev().map(|code| (KEY_RELEASE_EVENT, *code));
        for (kind, code) in down.chain(up) {
            let pressed = self
                .connection
                .xtest_fake_input(kind, code, 0, self.root, 0, 0, 0);
            pressed.expect("sent").check().expect("a key");
        }
        self.connection.sync().expect("the display");
    }

    /// Takes keys for the test itself, as another program does.
    pub fn take(&self, modifiers: u16, symbol: u32) {
        let (code, mode) = (self.code(symbol), GrabMode::ASYNC);
        let modifiers = ModMask::from(modifiers);
        let taken = self
            .connection
            .grab_key(false, self.root, modifiers, code, mode, mode);
        taken.expect("sent").check().expect("free keys");
    }

    fn code(&self, symbol: u32) -> u8 {
        let setup = self.connection.setup();
        let (first, last) = (setup.min_keycode, setup.max_keycode);
        let asked = self
            .connection
            .get_keyboard_mapping(first, last - first + 1);
        let mapping = asked.expect("sent").reply().expect("the keyboard");
        let each = usize::from(mapping.keysyms_per_keycode);
        let at = mapping
            .keysyms
            .chunks(each)
            .position(|symbols| symbols.contains(&symbol));
        first + u8::try_from(at.expect("a key of this keyboard")).expect("a code")
    }
}
