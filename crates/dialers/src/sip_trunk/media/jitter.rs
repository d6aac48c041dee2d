//! Puts the far end's sound back in order. A packet is placed by its timestamp, never by when it
//! came, and is taken out by this computer's clock 60 ms later; so a packet may be late, twice, in
//! the wrong order or lost, and the sound keeps its length. The delay is bounded: where the far end
//! sends faster than it is heard, the oldest sound goes. What is lost is silence; nothing is made
//! up, because it is recorded.

use super::{FRAME, Frame, SILENCE};
use std::collections::BTreeMap;

/// How long a packet waits for those before it, in samples.
const DELAY: i64 = 3 * FRAME as i64;
/// Most sound that waits, in samples: 300 ms.
const MOST: i64 = 15 * FRAME as i64;
/// A jump in the timestamps beyond this is another stream: 2 s.
const JUMP: i64 = 100 * FRAME as i64;

/// See the module.
#[derive(Debug, Default)]
pub(in crate::sip_trunk) struct JitterBuffer {
    stream: Option<Stream>,
}

#[derive(Debug)]
struct Stream {
    ssrc: u32,
    /// The newest timestamp, as it came and without wraps.
    newest: (u32, i64),
    /// Where the next frame begins.
    place: i64,
    packets: BTreeMap<i64, Vec<i16>>,
}

impl JitterBuffer {
    /// Puts a packet's samples in their place.
    pub fn put(&mut self, ssrc: u32, timestamp: u32, samples: Vec<i16>) {
        if samples.is_empty() {
            return;
        }
        let stream = match &mut self.stream {
            Some(stream) if stream.ssrc == ssrc && stream.is_near(timestamp) => stream,
            // The first one, another source, or one that started anew.
            stream => stream.insert(Stream {
                ssrc,
                newest: (timestamp, 0),
                place: -DELAY,
                packets: BTreeMap::new(),
            }),
        };
        stream.put(timestamp, samples);
    }

    /// Takes the next 20 ms.
    pub fn take(&mut self) -> Frame {
        self.stream.as_mut().map_or(SILENCE, Stream::take)
    }
}

impl Stream {
    /// How far a timestamp is from the newest one.
    fn step(&self, timestamp: u32) -> i64 {
        i64::from(timestamp.wrapping_sub(self.newest.0).cast_signed())
    }

    fn is_near(&self, timestamp: u32) -> bool {
        self.step(timestamp).abs() <= JUMP
    }

    fn put(&mut self, timestamp: u32, samples: Vec<i16>) {
        let at = self.newest.1 + self.step(timestamp);
        let end = at + samples.len() as i64;
        if at >= self.newest.1 {
            self.newest = (timestamp, at);
            if end <= self.place {
                // The far end paused, or the network did: what comes now is heard from here on.
                self.place = at - DELAY;
            }
        }
        if end <= self.place {
            return;
        }
        self.packets.insert(at, samples);
        if end - self.place > MOST {
            self.place = end - DELAY;
            self.forget();
        }
    }

    fn take(&mut self) -> Frame {
        let mut frame = SILENCE;
        let place = self.place;
        for (at, samples) in self.packets.range(..place + FRAME as i64) {
            // Where the packet begins in the frame, or the frame in the packet.
            let into = usize::try_from(at - place).unwrap_or(0);
            let from = usize::try_from(place - at).unwrap_or(0);
            let there = samples.get(from..).unwrap_or_default();
            for (slot, sample) in frame[into..].iter_mut().zip(there) {
                *slot = *sample;
            }
        }
        self.place += FRAME as i64;
        self.forget();
        frame
    }

    /// Drops what was heard.
    fn forget(&mut self) {
        while let Some(entry) = self.packets.first_entry()
            && *entry.key() + entry.get().len() as i64 <= self.place
        {
            entry.remove();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const STEP: u32 = FRAME as u32;

    /// A packet whose samples all say its number.
    fn packet(number: u32) -> (u32, Vec<i16>) {
        (number * STEP, vec![number as i16; FRAME])
    }

    /// What the frames say, one number each.
    fn heard(buffer: &mut JitterBuffer, frames: usize) -> Vec<i16> {
        (0..frames).map(|_| buffer.take()[0]).collect()
    }

    #[test]
    fn packets_in_the_wrong_order_and_twice_are_heard_in_the_right_one() {
        let mut buffer = JitterBuffer::default();
        for number in [1, 3, 2, 3, 4] {
            let (timestamp, samples) = packet(number);
            buffer.put(7, timestamp, samples);
        }
        assert_eq!(heard(&mut buffer, 8), [0, 0, 0, 1, 2, 3, 4, 0]);
    }

    #[test]
    fn a_lost_packet_is_20_ms_of_silence_and_a_late_one_is_not_heard() {
        let mut buffer = JitterBuffer::default();
        for number in [1, 2, 4, 5] {
            let (timestamp, samples) = packet(number);
            buffer.put(7, timestamp, samples);
        }
        assert_eq!(heard(&mut buffer, 6), [0, 0, 0, 1, 2, 0]);
        let (timestamp, samples) = packet(3);
        buffer.put(7, timestamp, samples);
        assert_eq!(heard(&mut buffer, 3), [4, 5, 0]);
    }

    #[test]
    fn another_source_starts_anew_whatever_its_timestamps() {
        let mut buffer = JitterBuffer::default();
        let (timestamp, samples) = packet(1);
        buffer.put(7, timestamp, samples);
        let (_, samples) = packet(9);
        buffer.put(8, u32::MAX - 3, samples);
        assert_eq!(heard(&mut buffer, 5), [0, 0, 0, 9, 0]);
    }

    #[test]
    fn the_timestamps_wrap() {
        let mut buffer = JitterBuffer::default();
        buffer.put(7, u32::MAX - STEP + 1, vec![1; FRAME]);
        buffer.put(7, 0, vec![2; FRAME]);
        assert_eq!(heard(&mut buffer, 6), [0, 0, 0, 1, 2, 0]);
    }

    #[test]
    fn after_a_pause_the_sound_goes_on() {
        let mut buffer = JitterBuffer::default();
        buffer.put(7, 0, vec![1; FRAME]);
        assert_eq!(heard(&mut buffer, 50)[3], 1);
        // The far end's clock stood still meanwhile.
        buffer.put(7, STEP, vec![2; FRAME]);
        assert_eq!(heard(&mut buffer, 5), [0, 0, 0, 2, 0]);
    }

    #[test]
    fn a_far_end_that_sends_too_much_is_not_heard_ever_later() {
        let mut buffer = JitterBuffer::default();
        for number in 1..=1000 {
            let (timestamp, samples) = packet(number);
            buffer.put(7, timestamp, samples);
        }
        let heard = heard(&mut buffer, 16);
        assert_eq!(
            heard.iter().max(),
            Some(&1000),
            "the newest is heard within 300 ms"
        );
        let waiting = buffer.stream.expect("a stream").packets.len();
        assert_eq!(waiting, 0);
    }

    #[test]
    fn packets_of_another_length_keep_their_place() {
        let mut buffer = JitterBuffer::default();
        buffer.put(7, 0, vec![1; 240]);
        buffer.put(7, 240, vec![2; 80]);
        let frames: Vec<i16> = (0..5).flat_map(|_| buffer.take()).collect();
        let sound = &frames[3 * FRAME..];
        assert!(sound[..240].iter().all(|sample| *sample == 1));
        assert!(sound[240..].iter().all(|sample| *sample == 2));
    }

    proptest! {
        #[test]
        fn whatever_comes_there_is_no_panic_and_little_waits(
            steps in proptest::collection::vec(
                (any::<bool>(), 0u32..3, any::<u32>(), 0usize..400), 0..200),
            near in any::<bool>(),
        ) {
            let mut buffer = JitterBuffer::default();
            for (is_put, ssrc, timestamp, length) in steps {
                if is_put {
                    let timestamp = if near { timestamp % 20_000 } else { timestamp };
                    buffer.put(ssrc, timestamp, vec![1; length]);
                } else {
                    buffer.take();
                }
                if let Some(stream) = &buffer.stream {
                    for at in stream.packets.keys() {
                        prop_assert!(*at - stream.place <= MOST + 400);
                    }
                }
            }
        }
    }
}
