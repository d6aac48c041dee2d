//! The desktop program. Everything is in the library beside this file.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

/// As in the `switchhook` command, whose server this program carries.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() {
    switchhook_desktop::run();
}
