//! Bytes of a body to text, as CPython's `json.loads(bytes)` does it: the encoding is guessed from
//! the first four bytes (UTF-8, UTF-16 or UTF-32, with or without a byte order mark) and lone
//! surrogates pass the decoder. Rust text cannot hold a lone surrogate, so each becomes U+FFFD and
//! its place is remembered: one character stays one character, offsets in error messages stay
//! right, and the scanner can still refuse the string it sits in.

use std::borrow::Cow;

/// The text of a body and where lone surrogates were.
pub(super) struct Text<'b> {
    pub(super) text: Cow<'b, str>,
    /// Byte offsets in `text`, ascending, of each U+FFFD that stands for a lone surrogate.
    pub(super) surrogates: Vec<usize>,
}

/// The bytes are not text in the encoding that their beginning announces.
#[derive(Debug, PartialEq)]
pub(super) struct NotText;

pub(super) fn decode(bytes: &[u8]) -> Result<Text<'_>, NotText> {
    match *bytes {
        [0xFF, 0xFE, 0, 0, ..] => utf32(&bytes[4..], u32::from_le_bytes),
        [0, 0, 0xFE, 0xFF, ..] => utf32(&bytes[4..], u32::from_be_bytes),
        [0xFF, 0xFE, ..] => utf16(&bytes[2..], u16::from_le_bytes),
        [0xFE, 0xFF, ..] => utf16(&bytes[2..], u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, ..] => utf8(&bytes[3..]),
        [0, 0, _, _, ..] => utf32(bytes, u32::from_be_bytes),
        [0, _, _, _, ..] | [0, _] => utf16(bytes, u16::from_be_bytes),
        [_, 0, 0, 0, ..] => utf32(bytes, u32::from_le_bytes),
        [_, 0, _, _, ..] | [_, 0] => utf16(bytes, u16::from_le_bytes),
        _ => utf8(bytes),
    }
}

fn utf8(bytes: &[u8]) -> Result<Text<'_>, NotText> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Text {
            text: Cow::Borrowed(text),
            surrogates: Vec::new(),
        }),
        Err(_) => utf8_with_surrogates(bytes),
    }
}

/// UTF-8 in which a surrogate may be written as three bytes (`ED A0 80` to `ED BF BF`).
fn utf8_with_surrogates(bytes: &[u8]) -> Result<Text<'static>, NotText> {
    let mut builder = Builder::with_capacity(bytes.len());
    let mut rest = bytes;
    loop {
        let good = match std::str::from_utf8(rest) {
            Ok(text) => {
                builder.text.push_str(text);
                return Ok(builder.finish());
            }
            Err(error) => error.valid_up_to(),
        };
        let (text, bad) = rest.split_at(good);
        builder
            .text
            .push_str(std::str::from_utf8(text).map_err(|_| NotText)?);
        let [0xED, 0xA0..=0xBF, 0x80..=0xBF, tail @ ..] = bad else {
            return Err(NotText);
        };
        builder.push_surrogate();
        rest = tail;
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Text<'static>, NotText> {
    let (units, rest) = bytes.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(NotText);
    }
    let mut builder = Builder::with_capacity(bytes.len());
    for decoded in char::decode_utf16(units.iter().copied().map(unit)) {
        match decoded {
            Ok(character) => builder.text.push(character),
            Err(_) => builder.push_surrogate(),
        }
    }
    Ok(builder.finish())
}

fn utf32(bytes: &[u8], unit: fn([u8; 4]) -> u32) -> Result<Text<'static>, NotText> {
    let (units, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return Err(NotText);
    }
    let mut builder = Builder::with_capacity(units.len());
    for code in units.iter().copied().map(unit) {
        match char::from_u32(code) {
            Some(character) => builder.text.push(character),
            None if (0xD800..0xE000).contains(&code) => builder.push_surrogate(),
            None => return Err(NotText),
        }
    }
    Ok(builder.finish())
}

struct Builder {
    text: String,
    surrogates: Vec<usize>,
}

impl Builder {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            surrogates: Vec::new(),
        }
    }

    fn push_surrogate(&mut self) {
        self.surrogates.push(self.text.len());
        self.text.push(char::REPLACEMENT_CHARACTER);
    }

    fn finish(self) -> Text<'static> {
        Text {
            text: Cow::Owned(self.text),
            surrogates: self.surrogates,
        }
    }
}
