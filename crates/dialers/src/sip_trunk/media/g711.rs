//! The two laws of G.711, the sound that every trunk takes. Other codecs are not offered: they cost
//! quality on the way into the telephone network or a licence.

use audio_codec_algorithms::{decode_alaw, decode_ulaw, encode_alaw, encode_ulaw};

/// Which law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip_trunk) enum Law {
    /// North America and Japan.
    Mu,
    /// Everywhere else.
    A,
}

impl Law {
    /// In the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::Mu, Self::A];

    /// Its name in session descriptions (RFC 3551).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mu => "PCMU",
            Self::A => "PCMA",
        }
    }

    /// Its fixed payload type (RFC 3551).
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::Mu => 0,
            Self::A => 8,
        }
    }

    pub fn decode(self, bytes: &[u8]) -> Vec<i16> {
        let decode = match self {
            Self::Mu => decode_ulaw,
            Self::A => decode_alaw,
        };
        bytes.iter().map(|byte| decode(*byte)).collect()
    }

    pub fn encode(self, samples: &[i16]) -> Vec<u8> {
        let encode = match self {
            Self::Mu => encode_ulaw,
            Self::A => encode_alaw,
        };
        samples.iter().map(|sample| encode(*sample)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_comes_back_within_the_step_of_the_law() {
        for law in Law::ALL {
            for sample in (-32000i16..32000).step_by(97) {
                let back = law.decode(&law.encode(&[sample]))[0];
                let step = 16 + i32::from(sample).abs() / 16;
                let off = (i32::from(back) - i32::from(sample)).abs();
                assert!(off <= step, "{}: {sample} came back as {back}", law.name());
            }
        }
    }

    /// ITU-T G.711 tables 1 and 2: the first and the largest positive value, and the byte of
    /// silence.
    #[test]
    fn the_bytes_are_those_of_the_recommendation() {
        assert_eq!(Law::Mu.encode(&[0, i16::MAX]), [0xff, 0x80]);
        assert_eq!(Law::A.encode(&[0, i16::MAX]), [0xd5, 0xaa]);
    }
}
