//! The real window, driven over WebDriver: the program as it is built, on a display, a session bus,
//! a keyring and a home of its own. What the window's pages do in detail is tested in a browser;
//! here is what only the desktop program has: the server in process, the clipboard, the keychain,
//! other instances, a second start.

mod bus;
mod clipboard;
mod double;
mod first_call;
mod keyring;
mod links;
mod manners;
mod notices;
mod pictures;
mod quitting;
mod remote;
mod saving;
mod screen;
mod session;
mod tray;
mod troubles;
mod window;
