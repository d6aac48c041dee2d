//! The window's pages, carried in the command.

use std::borrow::Cow;
use switchhook_server::web::Pages;

#[derive(rust_embed::RustEmbed)]
#[folder = "../../ui/dist"]
struct Files;

/// The pages that were built before this program.
pub struct Built;

impl Pages for Built {
    fn file(&self, path: &str) -> Option<Cow<'static, [u8]>> {
        Files::get(path).map(|file| file.data)
    }
}
