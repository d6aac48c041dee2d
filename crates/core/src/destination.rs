//! What a trigger's caller wants dialled, checked before anything rings.
//!
//! The reference dials any string. Here the destination is parsed for the chosen carrier: a
//! telephone number by libphonenumber's rules, or, where the carrier reaches a PBX, a SIP address
//! or an extension as well. A number must be *possible* (its length exists in its country); one
//! that is possible but not *valid* (no known range) is accepted and says so, because the
//! metadata ages and the caller may know better.
//!
//! Deliberate differences from configured numbers ([`crate::address`], contract §6.4):
//!
//! | typed | configured number | destination |
//! |---|---|---|
//! | `4155550100`, no country set | taken for `+4155550100` | refused: the country is not guessed (PBX: an extension) |
//! | `+918043071383`, country US | `+1918043071383` | stays: a plus says which country |
//! | `00914155550100`, country IN | zeros stripped, `+91914155550100` | `00` is India's international prefix |
//! | `+0014155550100` | kept | refused: no country code begins with 0 |
//! | `+1.415.555.0100` | an extension | `+14155550100` |
//! | `tel:+1…`, `+1415555010x`, `…;ext=5`, `alice` | extensions | refused (PBX: `alice` is an extension) |
//! | control characters, digits of other scripts | kept | refused |
//! | `sip:…` | anything goes | refused on the telephone network; needs a host, no headers, no separators |
//!
//! Everything that could make one string two destinations (`,`, `&`, line breaks) or carry
//! anything but an address (SIP headers, a password) is refused for every carrier. Which carrier
//! takes which scheme is not decided here.

mod sip;

use std::fmt;
use std::str::FromStr;

use rlibphonenumber::{
    NumberLengthType, PHONE_NUMBER_UTIL, ParseError, PhoneNumber, PhoneNumberFormat,
    PhoneNumberType, Region, ValidationError,
};
use thiserror::Error;

use sip::{extension, is_sip_address, sip_rest, strip_prefix_ignoring_case};

/// Longest telephone number accepted as typed, punctuation included, in bytes.
const LONGEST_PHONE: usize = 64;
/// Longest SIP address or extension, in bytes.
const LONGEST_SIP: usize = 255;

/// What a carrier can reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DestinationScheme {
    /// Telephone numbers only; they reach the carrier as E.164.
    Phone,
    /// Telephone numbers, SIP URIs and extensions (ARI, SIP).
    PhoneOrSip,
}

/// A country by its ISO 3166 code, one that libphonenumber has rules for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CountryCode(Region);

/// A string is not the code of a country with telephone numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("unknown country: write its two-letter ISO code, for example US")]
pub struct UnknownCountry;

impl FromStr for CountryCode {
    type Err = UnknownCountry;

    /// Accepts either case, exactly two letters.
    fn from_str(code: &str) -> Result<Self, UnknownCountry> {
        Region::from_code(code)
            .ok()
            .filter(|region| {
                PHONE_NUMBER_UTIL
                    .get_supported_regions()
                    .any(|supported| supported == *region)
            })
            .map(Self)
            .ok_or(UnknownCountry)
    }
}

impl fmt::Display for CountryCode {
    /// Two upper-case letters.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What a telephone number is used for, as far as its range tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineType {
    Mobile,
    FixedLine,
    /// Countries such as the US, whose ranges do not tell.
    FixedLineOrMobile,
    TollFree,
    PremiumRate,
    Voip,
    /// Shared cost, personal, pager, company-wide and voicemail numbers.
    Other,
}

impl LineType {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            LineType::Mobile => "mobile",
            LineType::FixedLine => "fixed-line",
            LineType::FixedLineOrMobile => "fixed-line-or-mobile",
            LineType::TollFree => "toll-free",
            LineType::PremiumRate => "premium-rate",
            LineType::Voip => "voip",
            LineType::Other => "other",
        }
    }

    fn of(number: &PhoneNumber) -> Option<Self> {
        Some(match PHONE_NUMBER_UTIL.get_number_type(number) {
            PhoneNumberType::Unknown => return None,
            PhoneNumberType::Mobile => LineType::Mobile,
            PhoneNumberType::FixedLine => LineType::FixedLine,
            PhoneNumberType::FixedLineOrMobile => LineType::FixedLineOrMobile,
            PhoneNumberType::TollFree => LineType::TollFree,
            PhoneNumberType::PremiumRate => LineType::PremiumRate,
            PhoneNumberType::VoIP => LineType::Voip,
            PhoneNumberType::SharedCost
            | PhoneNumberType::PersonalNumber
            | PhoneNumberType::Pager
            | PhoneNumberType::UAN
            | PhoneNumberType::VoiceMail => LineType::Other,
        })
    }
}

/// A telephone number and what its country's numbering plan says about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone {
    /// `+` and digits: what is dialled and stored.
    pub e164: String,
    /// Whether the number lies in a range known to be assigned.
    pub valid: bool,
    number: PhoneNumber,
}

/// What only people want to know is looked up when they ask.
impl Phone {
    /// For reading: `+1 415-555-0100`.
    #[must_use]
    pub fn international(&self) -> String {
        PHONE_NUMBER_UTIL
            .format(&self.number, PhoneNumberFormat::International)
            .into_owned()
    }

    /// `None` for numbers of no country (`+800`) and where the range is unknown.
    #[must_use]
    pub fn country(&self) -> Option<CountryCode> {
        PHONE_NUMBER_UTIL
            .get_region_for_number(&self.number)
            .filter(|region| *region != Region::World)
            .map(CountryCode)
    }

    /// `None` where the range is unknown.
    #[must_use]
    pub fn line_type(&self) -> Option<LineType> {
        LineType::of(&self.number)
    }
}

/// Something that may be dialled. Only [`Destination::parse`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Destination(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Phone(Phone),
    SipUri(String),
    Extension(String),
}

/// Which of the three a destination is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DestinationKind {
    Phone,
    SipUri,
    Extension,
}

impl DestinationKind {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            DestinationKind::Phone => "phone",
            DestinationKind::SipUri => "sip-uri",
            DestinationKind::Extension => "extension",
        }
    }
}

/// Why a destination is refused, in words for whoever typed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DestinationError {
    #[error("write a phone number, for example +14155550100")]
    Empty,
    #[error("shorten the destination: at most {0} characters are accepted")]
    TooLong(usize),
    #[error("remove line breaks and other control characters from the destination")]
    ControlCharacter,
    #[error("write the number with the digits 0 to 9")]
    ForeignDigit,
    #[error("remove {0:?}: write the number as + and digits, for example +14155550100")]
    UnexpectedCharacter(char),
    #[error("remove the extension: only the number itself can be dialled")]
    PhoneExtension,
    #[error(
        "write a phone number, for example +14155550100: this carrier reaches no SIP addresses"
    )]
    SipNotReached,
    #[error("write the number with + and its country code, for example +14155550100")]
    CountryMissing,
    #[error("check the country code after the +: no country has it")]
    CountryUnknown,
    #[error("add the missing digits: the number is too short for its country")]
    TooFewDigits,
    #[error("remove the extra digits: the number is too long for its country")]
    TooManyDigits,
    #[error("check the number: no number in its country has that many digits")]
    WrongLength,
    #[error("add the area code: the number can only be dialled locally")]
    AreaCodeMissing,
    #[error("check the number: it is not a phone number of its country")]
    NotANumber,
    #[error("write the SIP address as sip:user@host, without spaces, password or headers")]
    MalformedSipUri,
    #[error(
        "remove {0:?}: write the extension with letters and digits, for example 101 or PJSIP/101"
    )]
    MalformedExtension(char),
}

impl Destination {
    /// Reads what the caller sent as `phone_number`. White space around it is dropped. A number
    /// without a plus belongs to `default_country`; where extensions are reached it is one unless
    /// it is a valid number of that country.
    ///
    /// # Errors
    /// [`DestinationError`], which says what to change.
    pub fn parse(
        raw: &str,
        scheme: DestinationScheme,
        default_country: Option<CountryCode>,
    ) -> Result<Self, DestinationError> {
        let trimmed = raw.trim_matches(|c: char| c.is_ascii_whitespace());
        if trimmed.is_empty() {
            return Err(DestinationError::Empty);
        }
        let longest = match scheme {
            DestinationScheme::Phone => LONGEST_PHONE,
            DestinationScheme::PhoneOrSip => LONGEST_SIP,
        };
        if trimmed.len() > longest {
            return Err(DestinationError::TooLong(longest));
        }
        if trimmed.chars().any(char::is_control) {
            return Err(DestinationError::ControlCharacter);
        }
        if trimmed.chars().any(|c| !c.is_ascii() && c.is_numeric()) {
            return Err(DestinationError::ForeignDigit);
        }
        match scheme {
            DestinationScheme::Phone => parse_phone(trimmed, default_country).map(Kind::Phone),
            DestinationScheme::PhoneOrSip => parse_any(trimmed, default_country),
        }
        .map(Self)
    }

    pub fn kind(&self) -> DestinationKind {
        match &self.0 {
            Kind::Phone(_) => DestinationKind::Phone,
            Kind::SipUri(_) => DestinationKind::SipUri,
            Kind::Extension(_) => DestinationKind::Extension,
        }
    }

    /// What the carrier is asked to dial and the run keeps: E.164 for a telephone number, else
    /// the address as written (`PJSIP/` and `SIP/` in capitals).
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Kind::Phone(phone) => &phone.e164,
            Kind::SipUri(text) | Kind::Extension(text) => text,
        }
    }

    /// The facts about a telephone number; `None` for SIP.
    pub fn phone(&self) -> Option<&Phone> {
        match &self.0 {
            Kind::Phone(phone) => Some(phone),
            Kind::SipUri(_) | Kind::Extension(_) => None,
        }
    }

    /// `false` asks for a warning: a possible telephone number in no known range. Nothing is
    /// known against a SIP address.
    pub fn valid(&self) -> bool {
        self.phone().is_none_or(|phone| phone.valid)
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn parse_any(text: &str, default_country: Option<CountryCode>) -> Result<Kind, DestinationError> {
    if let Some(rest) = sip_rest(text) {
        return match is_sip_address(rest) {
            true => Ok(Kind::SipUri(text.to_owned())),
            false => Err(DestinationError::MalformedSipUri),
        };
    }
    if let Some(rest) = strip_prefix_ignoring_case(text, "PJSIP/") {
        return extension(rest, true).map(|rest| Kind::Extension(format!("PJSIP/{rest}")));
    }
    if let Some(rest) = strip_prefix_ignoring_case(text, "SIP/") {
        return extension(rest, true).map(|rest| Kind::Extension(format!("SIP/{rest}")));
    }
    if !text.chars().all(is_phone_character) {
        return extension(text, false).map(|text| Kind::Extension(text.to_owned()));
    }
    match parse_phone(text, default_country) {
        Ok(phone) if phone.valid || text.contains('+') => Ok(Kind::Phone(phone)),
        Err(error) if text.contains('+') => Err(error),
        other => match extension(text, false) {
            Ok(text) => Ok(Kind::Extension(text.to_owned())),
            // With brackets or spaces in it, it was meant as a telephone number.
            Err(_) => other.map(Kind::Phone),
        },
    }
}

fn parse_phone(
    text: &str,
    default_country: Option<CountryCode>,
) -> Result<Phone, DestinationError> {
    if text.len() > LONGEST_PHONE {
        return Err(DestinationError::TooLong(LONGEST_PHONE));
    }
    let digits = phone_digits(text)?;
    let region = match default_country {
        _ if digits.starts_with('+') => None,
        Some(country) => Some(country.0),
        None => return Err(DestinationError::CountryMissing),
    };
    let number = PHONE_NUMBER_UTIL
        .parse(&digits, region)
        .map_err(|error| match error {
            ParseError::InvalidCountryCode => DestinationError::CountryUnknown,
            ParseError::NotANumber(_) => DestinationError::NotANumber,
            ParseError::TooShortAfterIdd | ParseError::TooShortNsn => {
                DestinationError::TooFewDigits
            }
            ParseError::TooLongNsn => DestinationError::TooManyDigits,
        })?;
    match PHONE_NUMBER_UTIL.is_possible_number_with_reason(&number) {
        Ok(NumberLengthType::IsPossible) => {}
        Ok(NumberLengthType::IsPossibleLocalOnly) => return Err(DestinationError::AreaCodeMissing),
        Err(ValidationError::InvalidCountryCode) => return Err(DestinationError::CountryUnknown),
        Err(ValidationError::TooShort) => return Err(DestinationError::TooFewDigits),
        Err(ValidationError::TooLong) => return Err(DestinationError::TooManyDigits),
        Err(ValidationError::InvalidLength) => return Err(DestinationError::WrongLength),
    }
    describe(number)
}

fn describe(number: PhoneNumber) -> Result<Phone, DestinationError> {
    let e164 = PHONE_NUMBER_UTIL
        .format(&number, PhoneNumberFormat::E164)
        .into_owned();
    // Some digits shift again when the result is read once more (a second trunk prefix). What is
    // stored would then not be what was checked.
    if PHONE_NUMBER_UTIL.parse(&e164, None).as_ref() != Ok(&number) {
        return Err(DestinationError::NotANumber);
    }
    Ok(Phone {
        valid: PHONE_NUMBER_UTIL.is_valid_number(&number),
        e164,
        number,
    })
}

/// The plus, if any, and the digits; everything else must be the usual punctuation.
fn phone_digits(text: &str) -> Result<String, DestinationError> {
    if sip_rest(text).is_some() || text.contains('@') {
        return Err(DestinationError::SipNotReached);
    }
    let mut digits = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() => digits.push(c),
            _ if is_phone_punctuation(c) => {}
            // `x5`, `ext. 5`, `;ext=5`, `#5` after a number.
            'x' | 'X' | 'e' | 'E' | ';' | '#' if digits.len() > 3 => {
                return Err(DestinationError::PhoneExtension);
            }
            _ => return Err(DestinationError::UnexpectedCharacter(c)),
        }
    }
    Ok(digits)
}

fn is_phone_character(c: char) -> bool {
    c.is_ascii_digit() || c == '+' || is_phone_punctuation(c)
}

/// What people put between digits, also what a web page puts there for them: no-break spaces,
/// typographic hyphens and the invisible marks around a copied number.
fn is_phone_punctuation(c: char) -> bool {
    matches!(
        c,
        ' ' | '-' | '(' | ')' | '.' | '/'
            | '\u{a0}' | '\u{202f}' | '\u{2009}'
            | '\u{2010}'..='\u{2015}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'
            | '\u{2066}'..='\u{2069}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests;
