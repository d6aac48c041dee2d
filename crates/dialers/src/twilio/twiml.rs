//! What Twilio does once somebody answers, sent along with the dial so that no public URL is
//! needed: it speaks the greeting and hangs up. The conversation itself needs a media stream and
//! is not here.

/// Longest document that Twilio takes inline (its Call resource, `Twiml`), in characters.
const LONGEST: usize = 4000;

/// The greeting does not fit into one document.
#[derive(Debug, thiserror::Error)]
#[error(
    "the greeting is too long to be spoken by Twilio: shorten it, {0} characters were made of it and {LONGEST} are allowed"
)]
pub(super) struct TooLong(usize);

/// The document. Without a greeting the callee hears a second of silence.
pub(super) fn document(greeting: Option<&str>) -> Result<String, TooLong> {
    let verb = match greeting.map(str::trim).filter(|text| !text.is_empty()) {
        Some(text) => format!("<Say>{}</Say>", escaped(text)),
        None => "<Pause length=\"1\"/>".to_owned(),
    };
    let document = format!("<Response>{verb}<Hangup/></Response>");
    match document.chars().count() {
        0..=LONGEST => Ok(document),
        length => Err(TooLong(length)),
    }
}

/// Text as XML 1.0 can hold it: what it cannot hold becomes a blank.
fn escaped(text: &str) -> String {
    let mut xml = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => xml.push_str("&amp;"),
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '"' => xml.push_str("&quot;"),
            '\'' => xml.push_str("&apos;"),
            '\n' | '\t' => xml.push(character),
            '\u{FFFE}' | '\u{FFFF}' => xml.push(' '),
            _ if character.is_control() => xml.push(' '),
            _ => xml.push(character),
        }
    }
    xml
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_greeting_is_spoken_and_nothing_in_it_is_markup() {
        let text = "Hi \"Asha\" & Co <Hangup/>\u{0} it's\tme";
        assert_eq!(
            document(Some(text)).expect("short enough"),
            "<Response><Say>Hi &quot;Asha&quot; &amp; Co &lt;Hangup/&gt;  it&apos;s\tme</Say><Hangup/></Response>"
        );
    }

    #[test]
    fn without_a_greeting_there_is_a_pause() {
        let silence = "<Response><Pause length=\"1\"/><Hangup/></Response>";
        for none in [None, Some(""), Some(" \n")] {
            assert_eq!(document(none).expect("short enough"), silence);
        }
    }

    #[test]
    fn a_greeting_that_twilio_would_refuse_is_not_sent() {
        let frame = document(Some("x")).expect("short enough").len() - 1;
        assert!(document(Some(&"é".repeat(LONGEST - frame))).is_ok());
        assert!(document(Some(&"é".repeat(LONGEST - frame + 1))).is_err());
    }
}
