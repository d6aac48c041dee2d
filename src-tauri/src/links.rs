//! `tel:` and `callto:` links, which the system hands over on the command line. Anybody's page can
//! hold one, so it is nothing but a text: bounded, reduced to what a telephone number is written
//! with, and put on the form for a person to read. Nothing is ever dialled from here.

/// More arguments than a desktop starts this program with.
const MOST_ARGUMENTS: usize = 32;
/// Longer than any number with its punctuation and parameters, in bytes.
const LONGEST_LINK: usize = 256;
/// Longer than any number with its punctuation.
const LONGEST_NUMBER: usize = 40;
/// The fewest digits that are a number; emergency and short codes included.
const FEWEST_DIGITS: usize = 2;

/// The number of the first link among a command line's arguments, as it is put on the form.
pub fn number_in<S: AsRef<str>>(arguments: &[S]) -> Option<String> {
    let mut considered = arguments.iter().take(MOST_ARGUMENTS);
    considered.find_map(|argument| number_of(argument.as_ref()))
}

/// The number of one link; `None` for anything else.
pub fn number_of(link: &str) -> Option<String> {
    if link.len() > LONGEST_LINK {
        return None;
    }
    let (scheme, rest) = link.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("tel") && !scheme.eq_ignore_ascii_case("callto") {
        return None;
    }
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    // Extensions, contexts and queries (RFC 3966 §3) are no part of what is dialled.
    let number = rest.split([';', '?', '#', '/']).next().unwrap_or_default();
    let number = unescaped(number)?;
    let number = number.trim();
    let is_number = number.chars().enumerate().all(|(at, character)| {
        matches!(character, '0'..='9' | ' ' | '-' | '.' | '(' | ')')
            || (character == '+' && at == 0)
    });
    let digits = number.chars().filter(char::is_ascii_digit).count();
    (is_number && digits >= FEWEST_DIGITS && number.len() <= LONGEST_NUMBER)
        .then(|| number.to_owned())
}

/// Percent-decoded; `None` where that is no text.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let (high, low) = (digit(rest.next())?, digit(rest.next())?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_is_its_number_and_nothing_else() {
        for (link, number) in [
            ("tel:+14155550100", "+14155550100"),
            ("TEL:+1-415-555-0100;ext=5", "+1-415-555-0100"),
            ("tel:%2B1%20(415)%20555-0100", "+1 (415) 555-0100"),
            ("callto:+44 20 7946 0000", "+44 20 7946 0000"),
            ("callto://+442079460000?x=1", "+442079460000"),
            ("tel:112", "112"),
        ] {
            assert_eq!(number_of(link).as_deref(), Some(number), "{link}");
        }
    }

    #[test]
    fn what_is_no_number_is_dropped() {
        for link in [
            "tel:",
            "tel:+",
            "tel:javascript",
            "callto:some.person",
            "callto:sip:user@example.com",
            "tel:12+34",
            "tel:%zz12",
            "tel:%ff%fe12",
            "tel:12%0A34",
            "mailto:12345",
            "https://example.com/tel:12345",
            "--data-dir=tel:12345",
            "12345",
        ] {
            assert_eq!(number_of(link), None, "{link}");
        }
    }

    #[test]
    fn what_is_looked_at_is_bounded() {
        assert_eq!(number_of(&format!("tel:{}", "1".repeat(41))), None);
        assert_eq!(number_of(&format!("tel:+1415;{}", "x".repeat(300))), None);
        let mut many = vec!["--flag"; MOST_ARGUMENTS];
        many.push("tel:12345");
        assert_eq!(number_in(&many), None);
        assert_eq!(number_in(&many[1..]).as_deref(), Some("12345"));
    }
}
