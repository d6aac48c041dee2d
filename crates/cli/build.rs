//! The command carries the window's pages. A fresh clone has none yet; a page that says so stands
//! in, so that checks and tests of everything else need no pages.

use std::fs;
use std::path::Path;

fn main() {
    let pages = Path::new("../../ui/dist");
    println!("cargo:rerun-if-changed=../../ui/dist");
    if !pages.exists() {
        fs::create_dir_all(pages).expect("create ui/dist");
        let text = "<!doctype html><title>Not built</title><p>Build the pages: <code>cargo xtask run</code>.";
        fs::write(pages.join("index.html"), text).expect("write the page that stands in");
    }
}
