//! Keys as events in the stream of sound (RFC 4733). Every key comes in several packets, any of
//! which may be lost; [`Ear`] makes one key of them, [`presses`] many of one. Keys as tones in the
//! sound itself are not heard: trunks turn them into events where the session description asks.

use super::FRAME;

const KEYS: &[u8; 16] = b"0123456789*#ABCD";
/// Frames that a key is held, and the packets that repeat its end.
const HELD: u16 = 8;
const ENDS: u16 = 3;
/// Loudness of a pressed key, in -dBm0.
const VOLUME: u8 = 10;
const END_BIT: u8 = 0x80;

/// The payload of one packet of a pressed key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip_trunk) struct Press {
    pub payload: [u8; 4],
    /// The key's first packet, which is marked.
    pub is_first: bool,
    /// Whether the next packet belongs to the next frame of the clock, not to this one.
    pub takes_time: bool,
}

/// Every packet of a pressed key, in order; `None` for what is no key. All of them carry the
/// timestamp of the first.
pub(in crate::sip_trunk) fn presses(key: char) -> Option<Vec<Press>> {
    let key = key.to_ascii_uppercase();
    let event = KEYS.iter().position(|known| char::from(*known) == key)?;
    let event = u8::try_from(event).ok()?;
    let packet = |frames: u16, end: u8| {
        let [high, low] = (frames * FRAME as u16).to_be_bytes();
        [event, end | VOLUME, high, low]
    };
    let held = (1..=HELD).map(|frames| Press {
        payload: packet(frames, 0),
        is_first: frames == 1,
        takes_time: true,
    });
    let ends = (1..=ENDS).map(|nth| Press {
        payload: packet(HELD, END_BIT),
        is_first: false,
        takes_time: nth == ENDS,
    });
    Some(held.chain(ends).collect())
}

/// Makes keys of packets.
#[derive(Debug, Default)]
pub(in crate::sip_trunk) struct Ear {
    /// The timestamp of the key that was heard last.
    last: Option<u32>,
}

impl Ear {
    /// The key that a packet tells of for the first time; `None` for a repetition and for what is
    /// no key. A key counts when it is pressed, so that a lost end loses nothing.
    pub fn hear(&mut self, timestamp: u32, payload: &[u8]) -> Option<char> {
        let &[event, _, _, _, ..] = payload else {
            return None;
        };
        let key = *KEYS.get(usize::from(event))?;
        // A late packet of an earlier key is none of a new one.
        let is_news = self.last.is_none_or(|last| {
            let since = timestamp.wrapping_sub(last);
            since != 0 && since < u32::MAX / 2
        });
        is_news.then(|| {
            self.last = Some(timestamp);
            char::from(key)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_key_is_heard_once_whichever_of_its_packets_arrive() {
        let packets = presses('#').expect("a key");
        for lost in 0..packets.len() {
            let mut ear = Ear::default();
            let arrived = packets.iter().enumerate().filter(|(nth, _)| *nth != lost);
            let heard: Vec<_> = arrived
                .filter_map(|(_, press)| ear.hear(800, &press.payload))
                .collect();
            assert_eq!(heard, ['#']);
        }
    }

    #[test]
    fn the_same_key_twice_is_two_keys_and_a_straggler_none() {
        let mut ear = Ear::default();
        let payload = presses('5').expect("a key")[0].payload;
        assert_eq!(ear.hear(u32::MAX - 100, &payload), Some('5'));
        assert_eq!(ear.hear(1900, &payload), Some('5'), "across the wrap");
        assert_eq!(ear.hear(u32::MAX - 100, &payload), None);
    }

    #[test]
    fn a_press_is_held_for_160_ms_and_its_end_told_three_times() {
        let packets = presses('1').expect("a key");
        let durations: Vec<_> = packets
            .iter()
            .map(|press| u16::from_be_bytes([press.payload[2], press.payload[3]]))
            .collect();
        assert_eq!(
            durations,
            [160, 320, 480, 640, 800, 960, 1120, 1280, 1280, 1280, 1280]
        );
        let ends = packets
            .iter()
            .filter(|press| press.payload[1] & END_BIT != 0);
        assert_eq!(ends.count(), 3);
        assert!(packets[0].is_first && !packets[1].is_first);
        assert!(presses('x').is_none());
    }

    proptest! {
        #[test]
        fn any_payload_is_heard_without_a_panic(
            packets in proptest::collection::vec((any::<u32>(), proptest::collection::vec(any::<u8>(), 0..8)), 0..20),
        ) {
            let mut ear = Ear::default();
            for (timestamp, payload) in packets {
                let _ = ear.hear(timestamp, &payload);
            }
        }
    }
}
