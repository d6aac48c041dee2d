//! The desktop program. Everything is in the library beside this file.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() {
    switchhook_desktop::run();
}
