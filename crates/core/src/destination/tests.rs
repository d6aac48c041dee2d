use proptest::prelude::*;

use super::*;

fn country(code: &str) -> Option<CountryCode> {
    Some(code.parse().expect("a country"))
}

fn phone(raw: &str, default: Option<CountryCode>) -> Result<String, DestinationError> {
    Destination::parse(raw, DestinationScheme::Phone, default).map(|found| found.to_string())
}

fn on_a_pbx(
    raw: &str,
    default: Option<CountryCode>,
) -> Result<(String, DestinationKind), DestinationError> {
    Destination::parse(raw, DestinationScheme::PhoneOrSip, default)
        .map(|found| (found.to_string(), found.kind()))
}

#[test]
fn numbers_are_dialled_as_e164() {
    for (raw, default, expected) in [
        ("+14155550100", None, "+14155550100"),
        (" +1 (415) 555-0100\r\n", None, "+14155550100"),
        ("+1.415.555.0100", country("IN"), "+14155550100"),
        (
            "\u{202a}+1\u{a0}415\u{2011}555\u{2011}0100\u{202c}",
            None,
            "+14155550100",
        ),
        ("(+1) 415 555 0100", None, "+14155550100"),
        ("+44 (0) 20 7183 8750", None, "+442071838750"),
        ("+39 06 698 12345", None, "+390669812345"),
        ("+918043071383", country("US"), "+918043071383"),
        ("415 555 0100", country("US"), "+14155550100"),
        ("08043071383", country("IN"), "+918043071383"),
        ("0044 20 7183 8750", country("DE"), "+442071838750"),
        ("011 44 20 7183 8750", country("US"), "+442071838750"),
        ("+80012345678", None, "+80012345678"),
    ] {
        assert_eq!(phone(raw, default).as_deref(), Ok(expected), "{raw:?}");
    }
}

#[test]
fn what_cannot_be_a_number_is_refused() {
    use DestinationError as E;
    let long = format!("+1415555{}", "0".repeat(60));
    for (raw, default, expected) in [
        ("", None, E::Empty),
        (" \t\n", None, E::Empty),
        (long.as_str(), None, E::TooLong(64)),
        ("+1415\n5550100", None, E::ControlCharacter),
        ("+14155550100\0", None, E::ControlCharacter),
        ("+1415555\u{85}0100", None, E::ControlCharacter),
        ("+١٤١٥٥٥٥٠١٠٠", None, E::ForeignDigit),
        ("+1415555010٣", None, E::ForeignDigit),
        ("4155550100", None, E::CountryMissing),
        ("0044 20 7183 8750", None, E::CountryMissing),
        ("101", None, E::CountryMissing),
        ("+", None, E::NotANumber),
        ("+0014155550100", None, E::CountryUnknown),
        ("+999123456789", None, E::CountryUnknown),
        ("+1415555010", None, E::TooFewDigits),
        ("+141555501000", None, E::TooManyDigits),
        ("5550100", country("US"), E::AreaCodeMissing),
        ("911", country("US"), E::TooFewDigits),
        ("++14155550100", None, E::UnexpectedCharacter('+')),
        ("+1415+5550100", None, E::UnexpectedCharacter('+')),
        ("tel:+14155550100", None, E::UnexpectedCharacter('t')),
        ("call +14155550100", None, E::UnexpectedCharacter('c')),
        ("+1 800 FLOWERS", None, E::UnexpectedCharacter('F')),
        (
            "+14155550100,+14155550101",
            None,
            E::UnexpectedCharacter(','),
        ),
        ("+14155550100;ext=5", None, E::PhoneExtension),
        ("+14155550100 x5", None, E::PhoneExtension),
        ("+14155550100 ext. 5", None, E::PhoneExtension),
        ("+14155550100#5", None, E::PhoneExtension),
        ("sip:alice@example.com", None, E::SipNotReached),
        ("alice@example.com", None, E::SipNotReached),
        ("PJSIP/101", None, E::UnexpectedCharacter('P')),
    ] {
        assert_eq!(phone(raw, default), Err(expected), "{raw:?}");
    }
}

#[test]
fn a_number_in_no_known_range_is_accepted_and_says_so() {
    let found =
        Destination::parse("+11234567890", DestinationScheme::Phone, None).expect("possible");
    assert!(!found.valid());
    let facts = found.phone().expect("a telephone number");
    assert_eq!((facts.country(), facts.line_type()), (None, None));
}

#[test]
fn facts_come_with_the_number() {
    for (raw, international, country_code, line_type) in [
        (
            "+12025550123",
            "+1 202-555-0123",
            Some("US"),
            Some(LineType::FixedLineOrMobile),
        ),
        (
            "+919876543210",
            "+91 98765 43210",
            Some("IN"),
            Some(LineType::Mobile),
        ),
        (
            "+442071838750",
            "+44 20 7183 8750",
            Some("GB"),
            Some(LineType::FixedLine),
        ),
        (
            "+18002530000",
            "+1 800-253-0000",
            Some("US"),
            Some(LineType::TollFree),
        ),
        (
            "+19002530000",
            "+1 900-253-0000",
            Some("US"),
            Some(LineType::PremiumRate),
        ),
        (
            "+445612345678",
            "+44 56 1234 5678",
            Some("GB"),
            Some(LineType::Voip),
        ),
        (
            "+445512345678",
            "+44 55 1234 5678",
            Some("GB"),
            Some(LineType::Other),
        ),
        (
            "+80012345678",
            "+800 1234 5678",
            None,
            Some(LineType::TollFree),
        ),
    ] {
        let found = Destination::parse(raw, DestinationScheme::Phone, None).expect("possible");
        let facts = found.phone().expect("a telephone number");
        assert_eq!(
            (
                facts.international().as_str(),
                facts.country().map(|code| code.to_string()).as_deref(),
                facts.line_type(),
                facts.valid,
            ),
            (international, country_code, line_type, true),
            "{raw}"
        );
    }
}

#[test]
fn a_pbx_is_reached_by_number_address_or_extension() {
    use DestinationKind::{Extension, Phone, SipUri};
    for (raw, default, expected, kind) in [
        ("+1 415 555 0100", None, "+14155550100", Phone),
        ("(415) 555-0100", country("US"), "+14155550100", Phone),
        ("4155550100", country("US"), "+14155550100", Phone),
        ("4155550100", None, "4155550100", Extension),
        ("101", None, "101", Extension),
        ("101", country("US"), "101", Extension),
        ("*97", None, "*97", Extension),
        ("sales-desk", None, "sales-desk", Extension),
        (" pjsip/101\n", None, "PJSIP/101", Extension),
        ("SIP/trunk/101", None, "SIP/trunk/101", Extension),
        ("PJSIP/101@trunk", None, "PJSIP/101@trunk", Extension),
        (
            "PJSIP/trunk/sip:101@10.0.0.1:5060",
            None,
            "PJSIP/trunk/sip:101@10.0.0.1:5060",
            Extension,
        ),
        (
            "sip:Alice@Example.com",
            None,
            "sip:Alice@Example.com",
            SipUri,
        ),
        (
            "SIPS:bob@h:5061;transport=tls",
            None,
            "SIPS:bob@h:5061;transport=tls",
            SipUri,
        ),
        ("sip:h.com", None, "sip:h.com", SipUri),
        ("sip:%2A97@[::1]:5060", None, "sip:%2A97@[::1]:5060", SipUri),
    ] {
        assert_eq!(
            on_a_pbx(raw, default),
            Ok((expected.to_owned(), kind)),
            "{raw:?}"
        );
    }
}

#[test]
fn a_pbx_destination_is_one_plain_address() {
    use DestinationError as E;
    let long = format!("sip:{}@h", "a".repeat(260));
    for (raw, expected) in [
        ("+999123456789", E::CountryUnknown),
        ("(415) 555-0100", E::CountryMissing),
        (long.as_str(), E::TooLong(255)),
        ("sip:a@h\r\nVia: x", E::ControlCharacter),
        ("sip:a@h%0d%0a", E::MalformedSipUri),
        ("sip:a%0d%0a@h", E::MalformedSipUri),
        ("sip:a%zz@h", E::MalformedSipUri),
        ("sip:a%@h", E::MalformedSipUri),
        ("sip:a@h?Replaces=x", E::MalformedSipUri),
        ("sip:a:secret@h", E::MalformedSipUri),
        ("sip:a@h,sip:b@h", E::MalformedSipUri),
        ("sip:a@h&SIP/b", E::MalformedSipUri),
        ("sip:a b@h", E::MalformedSipUri),
        ("sip:a@", E::MalformedSipUri),
        ("sip:@h", E::MalformedSipUri),
        ("sip:", E::MalformedSipUri),
        ("sip:a@h:0", E::MalformedSipUri),
        ("sip:a@h:+5", E::MalformedSipUri),
        ("sip:a@h:99999", E::MalformedSipUri),
        ("sip:a@[::1", E::MalformedSipUri),
        ("sip:jos\u{e9}@h", E::MalformedSipUri),
        ("Local/101@internal", E::MalformedExtension('/')),
        ("101&102", E::MalformedExtension('&')),
        ("101,30", E::MalformedExtension(',')),
        ("PJSIP/101&PJSIP/102", E::MalformedExtension('&')),
        ("PJSIP/", E::MalformedExtension('/')),
        ("the desk", E::MalformedExtension(' ')),
        ("tel:+14155550100", E::MalformedExtension(':')),
    ] {
        assert_eq!(on_a_pbx(raw, None), Err(expected), "{raw:?}");
    }
}

#[test]
fn countries_are_two_letters_with_a_numbering_plan() {
    assert_eq!(
        country("de").map(|code| code.to_string()).as_deref(),
        Some("DE")
    );
    for code in ["", "D", "DEU", "001", "ZZ", "XX", "1a", "é"] {
        assert_eq!(code.parse::<CountryCode>(), Err(UnknownCountry), "{code}");
    }
}

proptest! {
    #[test]
    fn parsing_never_panics_and_reads_its_own_result_alike(
        raw in prop_oneof![
            "\\PC{0,80}",
            "[+]?[0-9 ()./-]{0,20}",
            "[+][1-9][0-9]{6,14}",
            "0[0-9]{5,14}",
            "(sip:|SIPS:|pjsip/)?[a-z0-9@:;=%.\\[\\]-]{0,20}",
        ],
        sip in any::<bool>(),
        code in prop_oneof![Just(None), "[A-Z]{2}".prop_map(Some)],
    ) {
        let scheme = if sip { DestinationScheme::PhoneOrSip } else { DestinationScheme::Phone };
        let default = code.and_then(|code| code.parse().ok());
        if let Ok(found) = Destination::parse(&raw, scheme, default) {
            let again = Destination::parse(found.as_str(), scheme, default);
            prop_assert_eq!(again, Ok(found));
        }
    }
}
