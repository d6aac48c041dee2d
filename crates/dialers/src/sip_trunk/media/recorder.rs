//! Keeps what was said on a call: two tracks, left the callee, right the agent, 20 ms at a time, so
//! that both are as long as the call. The file is written by a thread of its own: a slow disk must
//! not stop the sound.

use super::{FRAME, Frame};
use std::io::BufWriter;
use std::sync::mpsc;
use std::thread;
use switchhook_core::ports::{ArtifactError, NewArtifact, SAMPLE_RATE};

const FORMAT: hound::WavSpec = hound::WavSpec {
    channels: 2,
    sample_rate: SAMPLE_RATE,
    bits_per_sample: 16,
    sample_format: hound::SampleFormat::Int,
};

/// A recording that goes on; dropped it is finished.
pub(in crate::sip_trunk) struct Recorder {
    frames: mpsc::Sender<(Frame, Frame)>,
}

impl Recorder {
    /// Begins, and tells `done` when the file is finished or why it is not.
    ///
    /// # Errors
    /// When there is no thread for it.
    pub fn begin(
        file: Box<dyn NewArtifact>,
        done: impl FnOnce(Result<(), ArtifactError>) + Send + 'static,
    ) -> std::io::Result<Self> {
        let (frames, heard) = mpsc::channel();
        thread::Builder::new()
            .name("recording".to_owned())
            .spawn(move || done(write(file, &heard)))?;
        Ok(Self { frames })
    }

    /// Adds 20 ms.
    pub fn add(&self, callee: Frame, agent: Frame) {
        // Where writing failed, `done` was told.
        let _ = self.frames.send((callee, agent));
    }
}

fn write(
    mut file: Box<dyn NewArtifact>,
    heard: &mpsc::Receiver<(Frame, Frame)>,
) -> Result<(), ArtifactError> {
    let failed = |error: hound::Error| ArtifactError::Unavailable(error.to_string());
    let mut wav = hound::WavWriter::new(BufWriter::new(&mut file), FORMAT).map_err(failed)?;
    while let Ok((callee, agent)) = heard.recv() {
        for nth in 0..FRAME {
            wav.write_sample(callee[nth]).map_err(failed)?;
            wav.write_sample(agent[nth]).map_err(failed)?;
        }
    }
    wav.finalize().map_err(failed)?;
    file.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Cursor, Seek, SeekFrom, Write};

    /// A file in memory that hands its bytes out when it is finished.
    struct InMemory(Cursor<Vec<u8>>, mpsc::Sender<Vec<u8>>);

    impl Write for InMemory {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Seek for InMemory {
        fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
            self.0.seek(to)
        }
    }

    impl NewArtifact for InMemory {
        fn finish(self: Box<Self>) -> Result<(), ArtifactError> {
            self.1.send(self.0.into_inner()).expect("the test waits");
            Ok(())
        }
    }

    #[test]
    fn the_callee_is_left_and_the_agent_right() {
        let (sender, finished) = mpsc::channel();
        let file = InMemory(Cursor::default(), sender);
        let recorder =
            Recorder::begin(Box::new(file), |done| done.expect("written")).expect("begun");
        recorder.add([1; FRAME], [2; FRAME]);
        recorder.add([3; FRAME], [4; FRAME]);
        drop(recorder);
        let bytes = finished.recv().expect("finished");
        let mut wav = hound::WavReader::new(Cursor::new(bytes)).expect("a WAV file");
        assert_eq!(wav.spec(), FORMAT);
        assert_eq!(wav.duration(), 2 * FRAME as u32);
        let samples: Vec<i16> = wav
            .samples()
            .map(|sample| sample.expect("a sample"))
            .collect();
        assert_eq!((samples[0], samples[1]), (1, 2));
        assert_eq!((samples[2 * FRAME], samples[2 * FRAME + 1]), (3, 4));
    }
}
