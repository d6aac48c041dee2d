//! What two ends of a call agree on: session descriptions (RFC 8866), and offers and answers of
//! them (RFC 3264), for one stream of G.711 with keys as events. Encrypted sound is refused in
//! words, since it would otherwise be silence; video and everything else a far end offers is
//! answered with no.

use super::g711::Law;
use std::fmt::Write;
use std::net::{IpAddr, SocketAddr};

/// The payload type that keys are offered under.
const KEYS: u8 = 101;
/// Longest description that is read, in bytes.
const LONGEST: usize = 16 * 1024;

/// Why there is no sound with a far end. The texts are for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::sip_trunk) enum SdpError {
    #[error("the far end's session description cannot be read")]
    Form,
    #[error("the far end takes no sound")]
    NoSound,
    #[error(
        "the far end wants encrypted sound (SRTP), which is not offered here: let the trunk take plain RTP"
    )]
    Encrypted,
    #[error("the far end takes neither PCMU nor PCMA (G.711), the sound that is offered here")]
    NoCommonCodec,
}

/// Who sends sound, as the one who says it sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip_trunk) enum Direction {
    Both,
    Send,
    Receive,
    Neither,
}

impl Direction {
    const WORDS: [(Self, &'static str); 4] = [
        (Self::Both, "sendrecv"),
        (Self::Send, "sendonly"),
        (Self::Receive, "recvonly"),
        (Self::Neither, "inactive"),
    ];

    fn word(self) -> &'static str {
        let is_own = |(direction, _): &&(Self, &str)| *direction == self;
        Self::WORDS
            .iter()
            .find(is_own)
            .map_or("sendrecv", |(_, word)| word)
    }

    fn parse(word: &str) -> Option<Self> {
        let found = Self::WORDS.iter().find(|(_, known)| *known == word);
        found.map(|(direction, _)| *direction)
    }

    /// The same from the other end.
    const fn mirrored(self) -> Self {
        match self {
            Self::Send => Self::Receive,
            Self::Receive => Self::Send,
            same => same,
        }
    }
}

/// What the far end said about the sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sip_trunk) struct Sound {
    /// Where it wants it.
    pub to: SocketAddr,
    pub law: Law,
    /// The payload type of [`Sound::law`] with it.
    pub payload_type: u8,
    /// The payload type of keys; `None` where it takes none.
    pub keys: Option<u8>,
    /// As this end sees it.
    pub direction: Direction,
}

impl Sound {
    /// The law of a packet of sound. Who takes both may send either.
    pub fn law_of(self, payload_type: u8) -> Option<Law> {
        let is_agreed = (payload_type == self.payload_type).then_some(self.law);
        let is_of = |law: &Law| law.payload_type() == payload_type;
        is_agreed.or_else(|| Law::ALL.into_iter().find(is_of))
    }

    /// Whether the far end wants to hear something now; it does not while it holds the call.
    pub const fn is_heard(self) -> bool {
        matches!(self.direction, Direction::Both | Direction::Send)
            && !self.to.ip().is_unspecified()
    }
}

/// This end of one call: where it hears, and which description comes next.
#[derive(Clone, Debug)]
pub(in crate::sip_trunk) struct Own {
    /// Where the far end reaches this one.
    pub at: SocketAddr,
    /// Names the session; of the call alone.
    pub session: u64,
    /// How many descriptions were written.
    pub version: u64,
}

impl Own {
    /// Offers both laws and keys.
    pub fn offer(&mut self) -> String {
        let laws = Law::ALL.map(|law| (law.payload_type(), law.name()));
        self.describe(&laws, Some(KEYS), Direction::Both, &[])
    }

    /// Answers an offer with what was agreed on; all streams but the first of sound are refused.
    pub fn answer(&mut self, offer: &str) -> Result<(Sound, String), SdpError> {
        let sound = read(offer)?;
        let laws = [(sound.payload_type, sound.law.name())];
        let refused = refused_lines(offer);
        let answer = self.describe(&laws, sound.keys, sound.direction, &refused);
        Ok((sound, answer))
    }

    fn describe(
        &mut self,
        laws: &[(u8, &str)],
        keys: Option<u8>,
        direction: Direction,
        refused: &[(bool, String)],
    ) -> String {
        self.version += 1;
        let (ip, port) = (self.at.ip(), self.at.port());
        let family = if ip.is_ipv4() { "IP4" } else { "IP6" };
        let (session, version) = (self.session, self.version);
        let mut text = format!(
            "v=0\r\no=- {session} {version} IN {family} {ip}\r\ns=-\r\nc=IN {family} {ip}\r\nt=0 0\r\n"
        );
        let before = refused.iter().filter(|(is_before, _)| *is_before);
        before.for_each(|(_, line)| text.push_str(line));
        let types = laws
            .iter()
            .map(|(payload_type, _)| *payload_type)
            .chain(keys);
        let types: Vec<_> = types.map(|payload_type| payload_type.to_string()).collect();
        // Writing to a text cannot fail.
        let _ = write!(text, "m=audio {port} RTP/AVP {}\r\n", types.join(" "));
        for (payload_type, name) in laws {
            let _ = write!(text, "a=rtpmap:{payload_type} {name}/8000\r\n");
        }
        if let Some(keys) = keys {
            let _ = write!(
                text,
                "a=rtpmap:{keys} telephone-event/8000\r\na=fmtp:{keys} 0-15\r\n"
            );
        }
        let _ = write!(text, "a=ptime:20\r\na={}\r\n", direction.word());
        let after = refused.iter().filter(|(is_before, _)| !*is_before);
        after.for_each(|(_, line)| text.push_str(line));
        text
    }
}

/// A stream of a description.
struct Stream<'a> {
    kind: &'a str,
    port: u16,
    profile: &'a str,
    formats: Vec<&'a str>,
    address: Option<IpAddr>,
    attributes: Vec<(&'a str, &'a str)>,
}

/// What a description says about its first stream of sound.
pub(in crate::sip_trunk) fn read(text: &str) -> Result<Sound, SdpError> {
    let (address, attributes, streams) = split(text).ok_or(SdpError::Form)?;
    let stream = streams.into_iter().find(|stream| stream.kind == "audio");
    let stream = stream
        .filter(|stream| stream.port != 0)
        .ok_or(SdpError::NoSound)?;
    if stream.profile != "RTP/AVP" && stream.profile != "RTP/AVPF"
        || stream.attributes.iter().any(|(name, _)| *name == "crypto")
    {
        return Err(SdpError::Encrypted);
    }
    let address = stream.address.or(address).ok_or(SdpError::Form)?;
    let (law, payload_type) = stream.law().ok_or(SdpError::NoCommonCodec)?;
    let directions = stream.attributes.iter().chain(&attributes);
    let direction = directions
        .filter_map(|(name, _)| Direction::parse(name))
        .next();
    Ok(Sound {
        to: SocketAddr::new(address, stream.port),
        law,
        payload_type,
        keys: stream.keys(),
        direction: direction.unwrap_or(Direction::Both).mirrored(),
    })
}

impl<'a> Stream<'a> {
    /// The name that a payload type is given.
    fn name(&self, payload_type: u8) -> Option<&'a str> {
        let maps = self.attributes.iter().filter(|(name, _)| *name == "rtpmap");
        maps.filter_map(|(_, value)| value.split_once(' '))
            .find(|(number, _)| number.parse() == Ok(payload_type))
            .map(|(_, name)| name.trim())
    }

    fn types(&self) -> impl Iterator<Item = u8> {
        self.formats
            .iter()
            .filter_map(|format| format.parse().ok())
            .filter(|number| *number < 128)
    }

    /// The first law that it takes.
    fn law(&self) -> Option<(Law, u8)> {
        self.types().find_map(|number| {
            let is_of = |law: &Law| match self.name(number) {
                Some(name) => is_named(name, law.name()),
                None => law.payload_type() == number,
            };
            Law::ALL.into_iter().find(is_of).map(|law| (law, number))
        })
    }

    fn keys(&self) -> Option<u8> {
        let is_keys = |number: &u8| {
            self.name(*number)
                .is_some_and(|name| is_named(name, "telephone-event"))
        };
        self.types().find(is_keys)
    }
}

/// Whether `PCMU/8000/1` is named so.
fn is_named(map: &str, name: &str) -> bool {
    let mut parts = map.split('/');
    parts
        .next()
        .is_some_and(|part| part.eq_ignore_ascii_case(name))
        && parts.next() == Some("8000")
}

type Attributes<'a> = Vec<(&'a str, &'a str)>;

fn split(text: &str) -> Option<(Option<IpAddr>, Attributes<'_>, Vec<Stream<'_>>)> {
    if text.len() > LONGEST || !text.starts_with("v=0") {
        return None;
    }
    let (mut address, mut attributes) = (None, Vec::new());
    let mut streams: Vec<Stream> = Vec::new();
    for line in text.lines() {
        let (kind, value) = line.split_once('=')?;
        let stream = streams.last_mut();
        match kind {
            "m" => streams.push(stream_of(value)?),
            "c" => {
                *stream.map_or(&mut address, |stream| &mut stream.address) =
                    Some(address_of(value)?)
            }
            "a" => {
                let attribute = value.split_once(':').unwrap_or((value, ""));
                stream
                    .map_or(&mut attributes, |stream| &mut stream.attributes)
                    .push(attribute);
            }
            _ => {}
        }
    }
    Some((address, attributes, streams))
}

/// `audio 49170 RTP/AVP 0 8 101`.
fn stream_of(value: &str) -> Option<Stream<'_>> {
    let mut words = value.split_ascii_whitespace();
    let kind = words.next()?;
    let port = words.next()?.split('/').next()?.parse().ok()?;
    Some(Stream {
        kind,
        port,
        profile: words.next()?,
        formats: words.collect(),
        address: None,
        attributes: Vec::new(),
    })
}

/// `IN IP4 192.0.2.1`; a name instead of an address is not looked up.
fn address_of(value: &str) -> Option<IpAddr> {
    value
        .split_ascii_whitespace()
        .nth(2)?
        .split('/')
        .next()?
        .parse()
        .ok()
}

/// Every stream but the first of sound, refused; with each whether it stands before that.
fn refused_lines(offer: &str) -> Vec<(bool, String)> {
    let streams = split(offer)
        .map(|(_, _, streams)| streams)
        .unwrap_or_default();
    let sound = streams.iter().position(|stream| stream.kind == "audio");
    let others = streams
        .iter()
        .enumerate()
        .filter(|(nth, _)| Some(*nth) != sound);
    others
        .map(|(nth, stream)| {
            let formats = stream.formats.join(" ");
            let line = format!("m={} 0 {} {formats}\r\n", stream.kind, stream.profile);
            (sound.is_some_and(|sound| nth < sound), line)
        })
        .collect()
}

#[cfg(test)]
mod tests;
