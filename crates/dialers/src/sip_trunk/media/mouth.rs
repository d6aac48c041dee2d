//! What this end sends, one turn of the clock at a time: speech, pressed keys, else silence, so that
//! the far end hears an even stream from the first packet to the last. Pure; the clock and the
//! socket are the session's.

use super::dtmf::{Press, presses};
use super::rtp::Packet;
use super::sdp::Sound;
use super::{FRAME, Frame, SILENCE};
use std::collections::VecDeque;
use tokio::sync::oneshot;

/// Frames of silence between two keys.
const BETWEEN_KEYS: u8 = 4;

/// Told when something was sent to its end; dropped where it never will be.
pub(in crate::sip_trunk) type Done = oneshot::Sender<()>;

enum Act {
    Say {
        samples: Vec<i16>,
        sent: usize,
    },
    Press {
        packets: VecDeque<Press>,
        began: Option<u32>,
    },
    Wait(u8),
}

/// See the module.
pub(in crate::sip_trunk) struct Mouth {
    ssrc: u32,
    sequence: u16,
    /// Of the next frame; goes on while nothing is sent.
    timestamp: u32,
    is_marked: bool,
    acts: VecDeque<(Act, Option<Done>)>,
}

impl Mouth {
    /// A mouth whose packets are told from others by these numbers, best random.
    pub fn new(ssrc: u32, sequence: u16, timestamp: u32) -> Self {
        Self {
            ssrc,
            sequence,
            timestamp,
            is_marked: true,
            acts: VecDeque::new(),
        }
    }

    pub fn say(&mut self, samples: Vec<i16>, done: Done) {
        self.acts
            .push_back((Act::Say { samples, sent: 0 }, Some(done)));
    }

    /// Presses the keys that there are among these.
    pub fn press(&mut self, keys: &str, done: Done) {
        for packets in keys.chars().filter_map(presses) {
            let packets = packets.into();
            self.acts.push_back((
                Act::Press {
                    packets,
                    began: None,
                },
                None,
            ));
            self.acts.push_back((Act::Wait(BETWEEN_KEYS), None));
        }
        // The end of the last pause is the end of all.
        match self.acts.back_mut() {
            Some((Act::Wait(_), last)) => *last = Some(done),
            _ => drop(done.send(())),
        }
    }

    /// Time passes without anything being sent: nobody listens, or this computer slept.
    pub fn pause(&mut self, frames: u32) {
        self.timestamp = self
            .timestamp
            .wrapping_add(frames.wrapping_mul(FRAME as u32));
        self.is_marked = true;
    }

    /// The next 20 ms: what is heard of it, and its packets.
    pub fn turn(&mut self, sound: &Sound) -> (Frame, Vec<Vec<u8>>) {
        let mut frame = SILENCE;
        let mut packets = Vec::new();
        let mut is_over = false;
        match self.acts.front_mut().map(|(act, _)| act) {
            Some(Act::Press {
                packets: left,
                began,
            }) if sound.keys.is_some() => {
                let began = *began.get_or_insert(self.timestamp);
                let mut turn = Vec::new();
                while let Some(press) = left.pop_front() {
                    turn.push(press);
                    if press.takes_time {
                        break;
                    }
                }
                is_over = left.is_empty();
                let keys = sound.keys.unwrap_or_default();
                packets = turn
                    .iter()
                    .map(|press| self.packet(keys, press.is_first, began, &press.payload))
                    .collect();
            }
            // The far end takes no keys.
            Some(Act::Press { .. }) => is_over = true,
            Some(Act::Wait(frames)) => {
                *frames = frames.saturating_sub(1);
                is_over = *frames == 0;
            }
            Some(Act::Say { samples, sent }) => {
                let left = &samples[*sent..];
                let now = left.len().min(FRAME);
                frame[..now].copy_from_slice(&left[..now]);
                *sent += now;
                is_over = *sent == samples.len();
            }
            None => {}
        }
        if packets.is_empty() {
            let payload = sound.law.encode(&frame);
            let is_marked = std::mem::take(&mut self.is_marked);
            packets.push(self.packet(sound.payload_type, is_marked, self.timestamp, &payload));
        }
        self.timestamp = self.timestamp.wrapping_add(FRAME as u32);
        if is_over && let Some((_, Some(done))) = self.acts.pop_front() {
            // Who waited may have gone.
            let _ = done.send(());
        }
        (frame, packets)
    }

    fn packet(
        &mut self,
        payload_type: u8,
        marker: bool,
        timestamp: u32,
        payload: &[u8],
    ) -> Vec<u8> {
        let sequence = self.sequence;
        self.sequence = sequence.wrapping_add(1);
        Packet {
            payload_type,
            marker,
            sequence,
            timestamp,
            ssrc: self.ssrc,
            payload,
        }
        .write()
    }
}

#[cfg(test)]
mod tests {
    use super::super::dtmf::Ear;
    use super::super::g711::Law;
    use super::super::sdp::Direction;
    use super::*;

    const SOUND: Sound = Sound {
        to: std::net::SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9),
        law: Law::Mu,
        payload_type: 0,
        keys: Some(101),
        direction: Direction::Both,
    };

    fn mouth() -> Mouth {
        Mouth::new(7, u16::MAX, 1000)
    }

    #[test]
    fn speech_goes_out_frame_by_frame_between_silence_and_its_end_is_told() {
        let mut mouth = mouth();
        let (done, mut is_done) = oneshot::channel();
        mouth.say(vec![1000; FRAME + 10], done);
        let heard: Vec<Frame> = (0..3).map(|_| mouth.turn(&SOUND).0).collect();
        assert_eq!(heard[0], [1000; FRAME]);
        assert_eq!((heard[1][9], heard[1][10]), (1000, 0));
        assert_eq!(heard[2], SILENCE);
        assert!(is_done.try_recv().is_ok());
    }

    #[test]
    fn the_packets_count_without_gaps_and_the_first_is_marked() {
        let mut mouth = mouth();
        let packets: Vec<_> = (0..3).flat_map(|_| mouth.turn(&SOUND).1).collect();
        let read: Vec<_> = packets
            .iter()
            .map(|bytes| Packet::read(bytes).expect("a packet"))
            .collect();
        let numbers: Vec<_> = read
            .iter()
            .map(|packet| (packet.sequence, packet.timestamp))
            .collect();
        assert_eq!(numbers, [(u16::MAX, 1000), (0, 1160), (1, 1320)]);
        assert_eq!(
            read.iter().map(|packet| packet.marker).collect::<Vec<_>>(),
            [true, false, false]
        );
        assert!(
            read.iter()
                .all(|packet| packet.payload.len() == FRAME && packet.ssrc == 7)
        );
    }

    #[test]
    fn keys_are_heard_as_they_were_pressed_and_then_it_is_told() {
        let mut mouth = mouth();
        let (done, mut is_done) = oneshot::channel();
        mouth.press("4x4#", done);
        let mut ear = Ear::default();
        let mut heard = String::new();
        for _ in 0..60 {
            for bytes in mouth.turn(&SOUND).1 {
                let packet = Packet::read(&bytes).expect("a packet");
                if packet.payload_type == 101 {
                    heard.extend(ear.hear(packet.timestamp, packet.payload));
                }
            }
        }
        assert_eq!(heard, "44#");
        assert!(is_done.try_recv().is_ok());
    }

    #[test]
    fn a_far_end_without_keys_gets_none_and_nobody_waits() {
        let mut mouth = mouth();
        let (done, mut is_done) = oneshot::channel();
        mouth.press("12", done);
        let deaf = Sound {
            keys: None,
            ..SOUND
        };
        for _ in 0..20 {
            for bytes in mouth.turn(&deaf).1 {
                assert_eq!(Packet::read(&bytes).expect("a packet").payload_type, 0);
            }
        }
        assert!(is_done.try_recv().is_ok());
    }

    #[test]
    fn after_a_pause_the_time_has_gone_on_and_the_sound_is_marked() {
        let mut mouth = mouth();
        mouth.turn(&SOUND);
        mouth.pause(5);
        let packets = mouth.turn(&SOUND).1;
        let packet = Packet::read(&packets[0]).expect("a packet");
        assert_eq!((packet.timestamp, packet.marker), (1000 + 6 * 160, true));
    }
}
