//! One RTP packet (RFC 3550 §5.1), read and written. What is padded, extended or mixed is read as
//! the RFC says; nothing of that is ever written. Control packets are not here: no trunk needs them
//! for a call, and what they tell is told by the packets themselves.

/// Bytes of a header without additions.
const HEADER: usize = 12;
const VERSION: u8 = 2;

/// A packet as it came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip_trunk) struct Packet<'a> {
    pub payload_type: u8,
    pub marker: bool,
    pub sequence: u16,
    pub timestamp: u32,
    /// Which source of sound it is; another one starts anew.
    pub ssrc: u32,
    pub payload: &'a [u8],
}

impl<'a> Packet<'a> {
    /// Reads a packet; `None` for anything that is not one.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let (header, rest) = bytes.split_at_checked(HEADER)?;
        let flags = header[0];
        if flags >> 6 != VERSION {
            return None;
        }
        let (has_padding, has_extension) = (flags & 0x20 != 0, flags & 0x10 != 0);
        let sources = usize::from(flags & 0x0f) * 4;
        let mut payload = rest.get(sources..)?;
        if has_extension {
            let words = u16::from_be_bytes([*payload.get(2)?, *payload.get(3)?]);
            payload = payload.get(4 + usize::from(words) * 4..)?;
        }
        if has_padding {
            let padding = usize::from(*payload.last()?);
            let end = payload.len().checked_sub(padding).filter(|_| padding > 0)?;
            payload = &payload[..end];
        }
        Some(Self {
            payload_type: header[1] & 0x7f,
            marker: header[1] & 0x80 != 0,
            sequence: u16::from_be_bytes([header[2], header[3]]),
            timestamp: u32::from_be_bytes([header[4], header[5], header[6], header[7]]),
            ssrc: u32::from_be_bytes([header[8], header[9], header[10], header[11]]),
            payload,
        })
    }

    pub fn write(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEADER + self.payload.len());
        bytes.push(VERSION << 6);
        bytes.push(self.payload_type & 0x7f | u8::from(self.marker) << 7);
        bytes.extend(self.sequence.to_be_bytes());
        bytes.extend(self.timestamp.to_be_bytes());
        bytes.extend(self.ssrc.to_be_bytes());
        bytes.extend(self.payload);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sources_extension_and_padding_are_no_sound() {
        let mut bytes = vec![0b1011_0001, 0x80, 0, 7, 0, 0, 0, 160, 0, 0, 0, 9];
        bytes.extend([1, 2, 3, 4]);
        bytes.extend([0xbe, 0xde, 0, 1, 5, 5, 5, 5]);
        bytes.extend([10, 11, 12, 0, 2]);
        let packet = Packet::read(&bytes).expect("a packet");
        assert_eq!(packet.payload, [10, 11, 12]);
        assert!(packet.marker);
        assert_eq!(
            (packet.sequence, packet.timestamp, packet.ssrc),
            (7, 160, 9)
        );
    }

    #[test]
    fn what_claims_more_than_it_holds_is_no_packet() {
        let header = [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let with = |flags: u8, rest: &[u8]| {
            let mut bytes = header.to_vec();
            bytes[0] = flags;
            bytes.extend(rest);
            Packet::read(&bytes).is_some()
        };
        assert!(with(0x80, &[]));
        assert!(!with(0x40, &[]), "another version");
        assert!(!with(0x81, &[1, 2, 3]), "a source too short");
        assert!(!with(0x90, &[0, 0, 0, 9, 1]), "an extension too short");
        assert!(!with(0xa0, &[1, 9]), "more padding than payload");
        assert!(!with(0xa0, &[1, 0]), "padding of nothing");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Packet::read(&bytes);
        }

        #[test]
        fn what_is_written_is_read_back(
            payload in proptest::collection::vec(any::<u8>(), 0..200),
            payload_type in 0u8..128,
            marker: bool, sequence: u16, timestamp: u32, ssrc: u32,
        ) {
            let packet = Packet { payload_type, marker, sequence, timestamp, ssrc, payload: &payload };
            let written = packet.write();
            prop_assert_eq!(Packet::read(&written), Some(packet));
        }
    }
}
