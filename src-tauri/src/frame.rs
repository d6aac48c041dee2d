//! Where the window was and how large, kept for the next start in a small file beside the window's
//! storage. A place that no screen has any more is forgotten, so that the window is always seen.

use crate::preferences::write_private;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::{Path, PathBuf};
use tauri::{AppHandle, Manager, Monitor, WebviewWindow};

const FILE: &str = "window/frame.json";
/// The smallest size that every page fits into, in logical pixels.
pub const SMALLEST: (f64, f64) = (960.0, 600.0);
/// So much of the window's title has to be on a screen to be grasped, in logical pixels.
const GRASPABLE: f64 = 80.0;

/// In logical pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    pub width: f64,
    pub height: f64,
    pub x: f64,
    pub y: f64,
    pub maximized: bool,
}

/// The file that holds the frame.
pub struct Kept(pub Option<PathBuf>);

impl Kept {
    pub fn of(data_dir: Option<&Path>) -> Self {
        Self(data_dir.map(|dir| dir.join(FILE)))
    }

    /// The frame of the last time, if there was one that makes sense.
    pub fn read(&self) -> Option<Frame> {
        let text = fs::read_to_string(self.0.as_ref()?).ok()?;
        let frame: Frame = serde_json::from_str(&text).ok()?;
        let all = [frame.width, frame.height, frame.x, frame.y];
        (all.iter().all(|number| number.is_finite())
            && frame.width >= SMALLEST.0
            && frame.height >= SMALLEST.1)
            .then_some(frame)
    }

    /// Keeps a window's frame.
    pub fn keep(&self, window: &WebviewWindow) {
        let Some(file) = &self.0 else { return };
        let Some(frame) = frame_of(window, self.read()) else {
            return;
        };
        let text = serde_json::to_string(&frame).unwrap_or_default();
        if let Err(error) = write_private(file, &text) {
            tracing::warn!(%error, "the window's place is not kept");
        }
    }
}

/// Keeps the frame of the window with this label, while it is there.
pub fn keep(app: &AppHandle, label: &str) {
    if let Some(window) = app.get_webview_window(label) {
        app.state::<Kept>().keep(&window);
    }
}

fn frame_of(window: &WebviewWindow, before: Option<Frame>) -> Option<Frame> {
    let scale = window.scale_factor().ok()?;
    let size = window.inner_size().ok()?.to_logical::<f64>(scale);
    let place = window.outer_position().ok()?.to_logical::<f64>(scale);
    let now = Frame {
        width: size.width,
        height: size.height,
        x: place.x,
        y: place.y,
        maximized: window.is_maximized().ok()?,
    };
    // A maximized window comes back to the size it had before.
    match before {
        Some(before) if now.maximized => Some(Frame {
            maximized: true,
            ..before
        }),
        _ => Some(now),
    }
}

/// Whether the top of a frame is on one of the screens.
pub fn is_seen(frame: &Frame, screens: &[Monitor]) -> bool {
    screens.iter().any(|screen| {
        let scale = screen.scale_factor();
        let place = screen.position().to_logical::<f64>(scale);
        let size = screen.size().to_logical::<f64>(scale);
        is_within(frame, (place.x, place.y), (size.width, size.height))
    })
}

fn is_within(frame: &Frame, place: (f64, f64), size: (f64, f64)) -> bool {
    let right = frame.x + frame.width;
    right - GRASPABLE >= place.0
        && frame.x + GRASPABLE <= place.0 + size.0
        && frame.y >= place.1
        && frame.y + GRASPABLE <= place.1 + size.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_off_every_screen_is_not_seen() {
        let frame = |x, y| Frame {
            width: 1280.0,
            height: 800.0,
            x,
            y,
            maximized: false,
        };
        let seen = |x, y| is_within(&frame(x, y), (0.0, 0.0), (1920.0, 1080.0));
        assert!(seen(0.0, 0.0) && seen(-1100.0, 20.0) && seen(1800.0, 900.0));
        assert!(
            !seen(1900.0, 0.0) && !seen(-1270.0, 0.0) && !seen(0.0, -40.0) && !seen(0.0, 1070.0)
        );
    }

    #[test]
    fn a_file_that_makes_no_sense_is_no_frame() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("window")).expect("a folder");
        let kept = Kept::of(Some(folder.path()));
        assert_eq!(kept.read(), None);
        for text in [
            "",
            "{}",
            r#"{"width":3,"height":4,"x":0,"y":0,"maximized":false}"#,
        ] {
            fs::write(folder.path().join(FILE), text).expect("a file");
            assert_eq!(kept.read(), None, "{text}");
        }
        let text = r#"{"width":1000,"height":700,"x":5,"y":6,"maximized":true}"#;
        fs::write(folder.path().join(FILE), text).expect("a file");
        assert!(
            kept.read()
                .is_some_and(|frame| frame.maximized && frame.x == 5.0)
        );
    }
}
