//! Prepares the window's build. Runs in the root of the repository, which is this package's folder.

use std::fs;
use std::path::Path;

const PLACEHOLDER: &str = "<!doctype html><title>Switchhook</title>\
    <p>The pages are not built. Run <code>cargo xtask run</code>, or <code>npm --prefix ui run build</code> and build again.";

fn main() {
    println!("cargo:rerun-if-changed=src-tauri/capabilities");
    println!("cargo:rerun-if-changed=ui/dist");
    // The pages are part of the program, but a check of the Rust code alone needs none.
    let pages = Path::new("ui/dist");
    if !pages.join("index.html").exists() {
        assert!(
            std::env::var("PROFILE").as_deref() != Ok("release"),
            "the pages are not built: run `npm --prefix ui ci` and `npm --prefix ui run build` first"
        );
        fs::create_dir_all(pages).expect("ui/dist can be made");
        fs::write(pages.join("index.html"), PLACEHOLDER).expect("ui/dist can be written");
    }
    let attributes =
        tauri_build::Attributes::new().capabilities_path_pattern("./src-tauri/capabilities/**/*");
    tauri_build::try_build(attributes).expect("tauri.conf.json and the capabilities are valid");
}
