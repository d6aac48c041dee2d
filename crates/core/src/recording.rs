//! How a recording lies in its file: a WAV file (RIFF, PCM of 16 bit), the callee's samples on the
//! left track and the agent's on the right. Pure over bytes: who writes one checks it before it is
//! kept, who reads one takes a track or a part out of it, and neither needs the other's crate.

/// So many bytes of a file are enough for [`Layout::read`].
pub const HEAD: usize = 4096;
/// A sample's bytes.
pub const SAMPLE: u64 = 2;
/// The bytes of the head that [`head`] makes.
pub const OWN_HEAD: u64 = 44;

/// Where the samples are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    pub tracks: u16,
    /// A second, of each track.
    pub sample_rate: u32,
    /// In bytes from the beginning of the file.
    pub samples_from: u64,
    /// Samples of each track.
    pub frames: u64,
}

fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

impl Layout {
    /// Reads the head of a file of this length. `None` where it is no WAV file of 16 bit PCM, or is
    /// not whole: who was interrupted leaves lengths in the head that are not the file's.
    #[must_use]
    pub fn read(head: &[u8], file_bytes: u64) -> Option<Self> {
        let (layout, bytes) = Self::find(head)?;
        let riff = u64::from(u32::from_le_bytes(number(head, 4)?));
        let is_whole = riff + 8 == file_bytes && layout.samples_from + bytes <= file_bytes;
        layout.of(bytes).filter(|_| is_whole)
    }

    /// The same for what somebody streamed: the lengths in its head mean nothing, the samples go to
    /// its end.
    #[must_use]
    pub fn read_stream(head: &[u8], bytes: u64) -> Option<Self> {
        let (layout, _) = Self::find(head)?;
        let samples = bytes.checked_sub(layout.samples_from)?;
        layout.of(samples - samples % layout.frame())
    }

    /// With so many bytes of samples.
    fn of(self, bytes: u64) -> Option<Self> {
        let frames = bytes / self.frame();
        bytes
            .is_multiple_of(self.frame())
            .then_some(Self { frames, ..self })
    }

    /// Where the samples begin, and the bytes of them that the head tells.
    fn find(head: &[u8]) -> Option<(Self, u64)> {
        if !head.starts_with(b"RIFF") || number(head, 8)? != *b"WAVE" {
            return None;
        }
        let (mut at, mut form) = (12usize, None);
        loop {
            let name: [u8; 4] = number(head, at)?;
            let bytes = u32::from_le_bytes(number(head, at + 4)?);
            let body = at + 8;
            match &name {
                b"fmt " => form = Some(body),
                b"data" => {
                    let form = form?;
                    let word = |at| Some(u16::from_le_bytes(number(head, form + at)?));
                    // 1 is PCM; 0xFFFE says in a longer form what 1 says.
                    let is_pcm = [1, 0xfffe].contains(&word(0)?) && word(14)? == 16;
                    let layout = Self {
                        tracks: word(2).filter(|tracks| *tracks > 0)?,
                        sample_rate: u32::from_le_bytes(number(head, form + 4)?),
                        samples_from: body as u64,
                        frames: 0,
                    };
                    return is_pcm.then_some((layout, bytes.into()));
                }
                _ => {}
            }
            // Chunks begin at even bytes.
            at = body.checked_add(usize::try_from(bytes).ok()?)?;
            at += at % 2;
        }
    }

    /// A frame's bytes.
    #[must_use]
    pub fn frame(&self) -> u64 {
        SAMPLE * u64::from(self.tracks)
    }
}

/// The head of a WAV file of 16 bit PCM.
#[must_use]
pub fn head(tracks: u16, sample_rate: u32, frames: u64) -> Vec<u8> {
    let frame = SAMPLE * u64::from(tracks);
    // What is longer than a WAV file can be is told as the longest.
    let size = |bytes: u64| u32::try_from(bytes).unwrap_or(u32::MAX).to_le_bytes();
    let bytes = frames * frame;
    let mut head = Vec::with_capacity(44);
    head.extend(b"RIFF");
    head.extend(size(bytes + OWN_HEAD - 8));
    head.extend(b"WAVEfmt ");
    head.extend(16u32.to_le_bytes());
    head.extend(1u16.to_le_bytes());
    head.extend(tracks.to_le_bytes());
    head.extend(sample_rate.to_le_bytes());
    head.extend(size(u64::from(sample_rate) * frame));
    head.extend(u16::try_from(frame).unwrap_or(u16::MAX).to_le_bytes());
    head.extend(16u16.to_le_bytes());
    head.extend(b"data");
    head.extend(size(bytes));
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_was_written() {
        let head = head(2, 8000, 100);
        let layout = Layout::read(&head, 44 + 400).expect("whole");
        let written = Layout {
            tracks: 2,
            sample_rate: 8000,
            samples_from: 44,
            frames: 100,
        };
        assert_eq!(layout, written);
    }

    #[test]
    fn a_file_that_was_never_finished_is_not_whole() {
        // Whoever streams writes lengths of nothing, or of everything, first.
        let unfinished = head(2, 8000, 0);
        assert_eq!(Layout::read(&unfinished, 44 + 400), None);
        let mut streamed = head(2, 8000, 100);
        streamed[40..44].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(Layout::read(&streamed, 44 + 400), None);
        assert_eq!(Layout::read(&head(2, 8000, 100), 44 + 396), None);
        assert_eq!(Layout::read(b"RIFF", 4), None);
    }

    #[test]
    fn a_stream_goes_to_its_end_whatever_its_head_says() {
        for told in [0, u32::MAX] {
            let mut streamed = head(1, 22050, 0);
            streamed[40..44].copy_from_slice(&told.to_le_bytes());
            // Cut in the middle of a sample.
            let layout = Layout::read_stream(&streamed, 44 + 21).expect("read");
            assert_eq!((layout.sample_rate, layout.frames), (22050, 10));
        }
    }

    #[test]
    fn what_stands_before_the_samples_is_passed_over() {
        let plain = head(1, 8000, 2);
        let mut file = plain[..36].to_vec();
        // An odd length is padded.
        file.extend(b"LIST\x03\0\0\0abc\0");
        file.extend(&plain[36..]);
        let riff = u32::try_from(file.len()).expect("short") + 4 - 8;
        file[4..8].copy_from_slice(&riff.to_le_bytes());
        let layout = Layout::read(&file, file.len() as u64 + 4).expect("whole");
        assert_eq!((layout.samples_from, layout.frames), (56, 2));
    }

    #[test]
    fn only_pcm_of_16_bit_is_read() {
        for (at, value) in [(20, 7), (34, 8), (22, 0)] {
            let mut other = head(2, 8000, 1);
            other[at] = value;
            assert_eq!(Layout::read(&other, 48), None, "{at}");
        }
    }
}
