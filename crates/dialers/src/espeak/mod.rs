//! A voice for lines that carry sound: espeak-ng, run as a program of its own for every text. So its
//! licence stays with it, and what it does wrong ends with its process. It is given the text through
//! its input, never through a shell or its arguments, for so long and for so much sound and no more.
//! It is here beside the dialers because they are who speaks with it, and like them it reaches
//! something outside behind a port of core's; no carrier is known here.

mod resample;
#[cfg(test)]
mod tests;

use async_trait::async_trait;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::process::Stdio;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;
use switchhook_core::ports::{SAMPLE_RATE, Voice, VoiceError};
use switchhook_core::recording::Layout;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::sync::Semaphore;

/// Longest text, in bytes: minutes of speech.
const MAX_TEXT: usize = 8000;
/// Most sound of one text: ten minutes at 22 050 Hz.
const MAX_SOUND: u64 = 22_050 * 2 * 600;
/// A text of the greatest length takes it a second.
const PATIENCE: Duration = Duration::from_secs(20);
/// Definitions name no language, so it is the one that the greetings in the templates are in.
const LANGUAGE: &str = "en-us";
const NOT_THERE: &str = "espeak-ng, the program that speaks on phones, is not installed: install the package espeak-ng (Debian, Ubuntu and Fedora have it, macOS has it in Homebrew), then try again";

/// See the module.
pub struct Espeak {
    program: OsString,
    patience: Duration,
    /// How many speak at a time: one for each processor.
    turns: Semaphore,
}

impl Espeak {
    /// The program that the system finds by its name.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self::with("espeak-ng", PATIENCE))
    }

    fn with(program: impl Into<OsString>, patience: Duration) -> Self {
        let processors = available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            program: program.into(),
            patience,
            turns: Semaphore::new(processors),
        }
    }

    fn begin(&self) -> Result<Child, VoiceError> {
        Command::new(&self.program)
            .args(["-v", LANGUAGE, "-b", "1", "--stdin", "--stdout"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| match error.kind() {
                ErrorKind::NotFound | ErrorKind::PermissionDenied => {
                    VoiceError::NotThere(NOT_THERE.to_owned())
                }
                _ => VoiceError::Failed(error.to_string()),
            })
    }

    /// The WAV stream that it makes of a text.
    async fn run(&self, text: String) -> Result<Vec<u8>, VoiceError> {
        let failed = |error: std::io::Error| VoiceError::Failed(error.to_string());
        let mut child = self.begin()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (mut input, output) = input.zip(output).expect("both are piped");
        let write = async {
            // One that ends without reading everything is judged by how it ended.
            let _ = input.write_all(text.as_bytes()).await;
            drop(input);
        };
        let mut sound = Vec::new();
        let mut output = output.take(MAX_SOUND + 1);
        let ((), read) = tokio::join!(write, output.read_to_end(&mut sound));
        read.map_err(failed)?;
        if sound.len() as u64 > MAX_SOUND {
            return Err(VoiceError::TooLong);
        }
        let status = child.wait().await.map_err(failed)?;
        if status.success() {
            Ok(sound)
        } else {
            Err(VoiceError::Failed(format!("it ended with {status}")))
        }
    }
}

/// Its input takes sounds between double brackets; what is said is always text.
fn as_text(text: &str) -> String {
    text.replace("[[", "[ [").replace('\0', " ")
}

/// One track at the rate of phones.
fn samples(sound: &[u8]) -> Result<Vec<i16>, VoiceError> {
    let layout = Layout::read_stream(sound, sound.len() as u64).filter(|found| found.tracks == 1);
    let Some(layout) = layout else {
        return Err(VoiceError::Failed(
            "it made no sound of one track".to_owned(),
        ));
    };
    let from = usize::try_from(layout.samples_from).unwrap_or(usize::MAX);
    let (pairs, _) = sound[from..].as_chunks::<2>();
    let samples: Vec<i16> = pairs.iter().copied().map(i16::from_le_bytes).collect();
    resample::resample(&samples, layout.sample_rate, SAMPLE_RATE)
}

#[async_trait]
impl Voice for Espeak {
    async fn check(&self) -> Result<(), VoiceError> {
        self.say("ready").await.map(drop)
    }

    async fn say(&self, text: &str) -> Result<Vec<i16>, VoiceError> {
        if text.trim().is_empty() {
            return Ok(Vec::new());
        }
        if text.len() > MAX_TEXT {
            return Err(VoiceError::TooLong);
        }
        let _turn = self.turns.acquire().await.expect("never closed");
        let run = tokio::time::timeout(self.patience, self.run(as_text(text)));
        let sound = run
            .await
            .map_err(|_| VoiceError::Failed("it did not come to its end in time".to_owned()))??;
        let samples = tokio::task::spawn_blocking(move || samples(&sound)).await;
        samples.unwrap_or_else(|error| Err(VoiceError::Failed(error.to_string())))
    }
}
