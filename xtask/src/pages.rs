//! The pages in ui/: installed when their lock file changed, built when their sources did.
//!
//! Both are known by content, not by time, so that a fresh checkout or a generated file written anew with the same
//! words does not build again. The marks lie in node_modules, and so vanish together with what they vouch for.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::path::{Path, PathBuf};

use crate::step::{Done, npm, root, step};

/// Folders of ui/ that hold nothing a build reads, or only what a build writes.
const NOT_SOURCES: [&str; 6] = [
    "node_modules",
    "dist",
    "e2e",
    "tests",
    "test-results",
    "playwright-report",
];

fn ui() -> PathBuf {
    root().join("ui")
}

/// Installs the pages' packages exactly as locked, unless that was done for this very lock file.
///
/// # Errors
/// npm failed, or the lock file cannot be read.
pub fn install() -> Done {
    let lock = fingerprint(&[ui().join("package.json"), ui().join("package-lock.json")])?;
    let mark = mark("install");
    if is_current(&mark, &lock) {
        return Ok(());
    }
    step(
        "install the pages' packages",
        &mut npm("ci --no-audit --no-fund"),
    )?;
    write(&mark, &lock)
}

/// Installs and builds the pages into ui/dist, unless they are there for these very sources.
///
/// # Errors
/// npm failed, or a source cannot be read.
pub fn build() -> Done {
    install()?;
    let mut files = Vec::new();
    collect(&ui(), &mut files)
        .map_err(|error| format!("the pages' sources cannot be read: {error}"))?;
    let sources = fingerprint(&files)?;
    let mark = mark("build");
    // The entry page names every other file by its content, so it stands for the whole of ui/dist. It may be another
    // one than was built here: by hand, or the placeholder that the desktop's build script writes.
    let entry = ui().join("dist/index.html");
    let built =
        |entry: &Path| fingerprint(&[entry.to_path_buf()]).map(|dist| format!("{sources} {dist}"));
    if entry.is_file() && is_current(&mark, &built(&entry)?) {
        return Ok(());
    }
    step("build the pages", &mut npm("run build"))?;
    write(&mark, &built(&entry)?)
}

fn mark(name: &str) -> PathBuf {
    ui().join("node_modules/.cache/switchhook").join(name)
}

fn is_current(mark: &Path, state: &str) -> bool {
    fs::read_to_string(mark).is_ok_and(|marked| marked == state)
}

fn write(mark: &Path, state: &str) -> Done {
    let folder = mark.parent().expect("a mark lies in a folder");
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(mark, state))
        .map_err(|error| format!("{} cannot be written: {error}", mark.display()))
}

/// Every file below `folder` that a build may read, in a fixed order.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        if NOT_SOURCES.iter().any(|name| entry.file_name() == *name) {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}

/// The same for the same files with the same bytes, another one otherwise.
fn fingerprint(files: &[PathBuf]) -> Result<String, String> {
    let mut hasher = DefaultHasher::new();
    for file in files {
        file.hash(&mut hasher);
        fs::read(file)
            .map_err(|error| format!("{} cannot be read: {error}", file.display()))?
            .hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of its own for one test, removed at the end.
    struct Folder(PathBuf);

    impl Folder {
        fn new(test: &str) -> Self {
            let path = std::env::temp_dir().join(format!("xtask-{}-{test}", std::process::id()));
            fs::create_dir_all(&path).expect("a temporary folder can be made");
            Self(path)
        }

        fn put(&self, name: &str, text: &str) {
            let path = self.0.join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
            fs::write(path, text).expect("a file can be written");
        }

        fn state(&self) -> String {
            let mut files = Vec::new();
            collect(&self.0, &mut files).expect("the folder can be read");
            fingerprint(&files).expect("the files can be read")
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_changed_an_added_and_a_removed_source_each_ask_for_a_build() {
        let folder = Folder::new("changes");
        folder.put("src/main.ts", "one");
        let first = folder.state();
        folder.put("src/main.ts", "two");
        let changed = folder.state();
        folder.put("src/more.ts", "");
        let added = folder.state();
        fs::remove_file(folder.0.join("src/main.ts")).expect("the file is there");
        let removed = folder.state();
        let all = [&first, &changed, &added, &removed];
        for (i, one) in all.iter().enumerate() {
            assert!(all[i + 1..].iter().all(|other| other != one), "{all:?}");
        }
    }

    #[test]
    fn the_same_words_written_anew_ask_for_nothing() {
        let folder = Folder::new("same");
        folder.put("src/main.ts", "one");
        let first = folder.state();
        folder.put("src/main.ts", "one");
        assert_eq!(folder.state(), first);
    }

    #[test]
    fn what_a_build_writes_asks_for_nothing() {
        let folder = Folder::new("output");
        folder.put("src/main.ts", "one");
        let first = folder.state();
        folder.put("dist/index.html", "built");
        folder.put("node_modules/a/index.js", "");
        assert_eq!(folder.state(), first);
    }

    #[test]
    fn a_mark_vouches_only_for_what_it_was_written_for() {
        let folder = Folder::new("mark");
        let mark = folder.0.join("marks/install");
        assert!(!is_current(&mark, "a"));
        write(&mark, "a").expect("the mark can be written");
        assert!(is_current(&mark, "a"));
        assert!(!is_current(&mark, "b"));
    }
}
