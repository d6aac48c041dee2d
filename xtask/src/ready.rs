//! The one line of JSON that `switchhook serve` prints when it is ready, read without a JSON crate.
//!
//! Only what that line can hold is understood: one object, of which the members that are strings are wanted.
//! Members of any other shape are stepped over, since the line may grow.

use std::iter::Peekable;
use std::str::Chars;

/// Where a server listens and how to get in.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ready {
    /// Address of the listener for triggers, such as `http://127.0.0.1:4665`.
    pub public: Option<String>,
    /// Address of the listener with the web page; absent when it is switched off.
    pub control: Option<String>,
    pub data_dir: Option<String>,
    /// The sign-in link: single use, five minutes.
    pub sign_in: Option<String>,
}

impl Ready {
    /// Reads the line; `None` when it is anything but a ready line.
    pub fn parse(line: &str) -> Option<Self> {
        let mut ready = Self::default();
        let mut event = None;
        for (name, value) in strings(line)? {
            match name.as_str() {
                "event" => event = Some(value),
                "public" => ready.public = Some(value),
                "control" => ready.control = Some(value),
                "data_dir" => ready.data_dir = Some(value),
                "sign_in" => ready.sign_in = Some(value),
                _ => {}
            }
        }
        (event.as_deref() == Some("ready")).then_some(ready)
    }
}

/// The members of one JSON object whose values are strings.
fn strings(line: &str) -> Option<Vec<(String, String)>> {
    let mut chars = line.trim().chars().peekable();
    let mut members = Vec::new();
    take(&mut chars, '{')?;
    if take(&mut chars, '}').is_some() {
        return Some(members);
    }
    loop {
        let name = string(&mut chars)?;
        take(&mut chars, ':')?;
        match string(&mut chars) {
            Some(value) => members.push((name, value)),
            None => step_over(&mut chars)?,
        }
        if take(&mut chars, ',').is_none() {
            take(&mut chars, '}')?;
            return Some(members);
        }
    }
}

/// Takes `wanted`, after any white space; takes nothing else.
fn take(chars: &mut Peekable<Chars>, wanted: char) -> Option<char> {
    while chars.next_if(|c| c.is_ascii_whitespace()).is_some() {}
    chars.next_if_eq(&wanted)
}

/// A JSON string; `None`, with nothing taken, where something else begins.
fn string(chars: &mut Peekable<Chars>) -> Option<String> {
    take(chars, '"')?;
    let mut text = String::new();
    loop {
        match chars.next()? {
            '"' => return Some(text),
            '\\' => text.push(escaped(chars)?),
            c => text.push(c),
        }
    }
}

fn escaped(chars: &mut Peekable<Chars>) -> Option<char> {
    Some(match chars.next()? {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => {
            let digits: String = chars.take(4).collect();
            let code = u32::from_str_radix(&digits, 16).ok()?;
            // Half of a pair has no place in an address; in a folder's name it is shown as unknown.
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        c @ ('"' | '\\' | '/') => c,
        _ => return None,
    })
}

/// Steps over a value that is no string, up to the comma or brace that ends it.
fn step_over(chars: &mut Peekable<Chars>) -> Option<()> {
    let mut depth = 0_u32;
    loop {
        match *chars.peek()? {
            ',' | '}' if depth == 0 => return Some(()),
            '"' => {
                string(chars)?;
                continue;
            }
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.checked_sub(1)?,
            _ => {}
        }
        chars.next();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ready_line_gives_addresses_and_link() {
        let line = r#"{"event":"ready","public":"http://127.0.0.1:4665","control":"http://127.0.0.1:4666","data_dir":"/data","sign_in":"http://127.0.0.1:4666/#t=abc"}"#;
        assert_eq!(
            Ready::parse(line),
            Some(Ready {
                public: Some("http://127.0.0.1:4665".into()),
                control: Some("http://127.0.0.1:4666".into()),
                data_dir: Some("/data".into()),
                sign_in: Some("http://127.0.0.1:4666/#t=abc".into()),
            })
        );
    }

    #[test]
    fn members_that_are_new_or_no_strings_are_stepped_over() {
        let line = r#"{ "pid": 12, "more": {"public": ["}", {}]}, "event": "ready", "control": null, "public": "here" }"#;
        let ready = Ready::parse(line).expect("a ready line");
        assert_eq!(ready.public.as_deref(), Some("here"));
        assert_eq!(ready.control, None);
    }

    #[test]
    fn escapes_in_a_folder_name_are_undone() {
        let ready = Ready::parse(r#"{"event":"ready","data_dir":"C:\\a \"b\"\u00e9"}"#)
            .expect("a ready line");
        assert_eq!(ready.data_dir.as_deref(), Some("C:\\a \"b\"é"));
    }

    #[test]
    fn anything_else_is_not_a_ready_line() {
        for line in [
            "",
            "{}",
            "listening",
            r#"{"event":"bye"}"#,
            r#"{"event":"ready""#,
            r#"["event"]"#,
        ] {
            assert_eq!(Ready::parse(line), None, "{line}");
        }
    }
}
