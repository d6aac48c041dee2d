//! The words that a run is found by, and what a person typed as a question for them. Both sides are
//! cut up here and nowhere else: letters are folded to lower case without accents, whatever is not a
//! letter or a digit separates, and no sign of a question reaches the index as anything but a word.
//!
//! Words stand on shelves of 65,536 runs each: every word carries its shelf in front. A word that is
//! only begun has to gather all that begin so, and on one shelf those are never too many; the newest
//! shelf is asked first, and mostly that is enough.
//!
//! A telephone number is kept with all its endings, so that any part of it is a beginning of one.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use switchhook_core::ids::{AgentId, RunId, WorkspaceId};

/// Runs of a shelf, as a power of two.
const SHELF_BITS: u32 = 16;
/// Most characters of a word that count.
const LONGEST: usize = 40;
/// Most words of one run: a context may hold a megabyte.
const MOST: usize = 5000;
/// Most words of a question.
const MOST_ASKED: usize = 24;
/// Digits that make a number; less are a count, more an id of something.
const NUMBER: std::ops::RangeInclusive<usize> = 6..=15;
/// The shortest ending of a number that is kept.
const SHORTEST_ENDING: usize = 2;

/// The server's facts in a context that every run has alike.
const COMMON: [&str; 3] = ["direction", "trigger_mode", "agent_identifier_type"];

/// The shelf of a run.
pub fn shelf(run: RunId) -> i64 {
    run.0 >> SHELF_BITS
}

/// What a word is, as the letter between its shelf and its text.
#[derive(Clone, Copy)]
enum Kind {
    Word,
    NumberEnding,
    Agent,
    Workspace,
}

fn entry(shelf: i64, kind: Kind, text: &str) -> String {
    let kind = match kind {
        Kind::Word => 'w',
        Kind::NumberEnding => 'n',
        Kind::Agent => 'a',
        Kind::Workspace => 's',
    };
    format!("{shelf:05x}{kind}{text}")
}

/// A lower-case letter without what stands above or below it, where Latin has it.
fn folded(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => 'c',
        'ď' | 'đ' => 'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => 'e',
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => 'g',
        'ĥ' | 'ħ' => 'h',
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => 'i',
        'ĵ' => 'j',
        'ķ' => 'k',
        'ĺ' | 'ļ' | 'ľ' | 'ł' => 'l',
        'ñ' | 'ń' | 'ņ' | 'ň' => 'n',
        'ò'..='ö' | 'ø' | 'ō' | 'ŏ' | 'ő' => 'o',
        'ŕ' | 'ŗ' | 'ř' => 'r',
        'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => 's',
        'ţ' | 'ť' | 'ŧ' | 'ț' => 't',
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => 'u',
        'ŵ' => 'w',
        'ý' | 'ÿ' | 'ŷ' => 'y',
        'ź' | 'ż' | 'ž' => 'z',
        other => other,
    }
}

/// Scripts without spaces: each letter is a word.
fn is_a_word_itself(letter: char) -> bool {
    matches!(letter, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The words of a text, in order.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut length = 0;
    for letter in text.chars().flat_map(char::to_lowercase) {
        match letter {
            // An accent that follows its letter.
            '\u{300}'..='\u{36f}' => {}
            letter if is_a_word_itself(letter) => {
                words.extend([std::mem::take(&mut word), letter.to_string()]);
                length = 0;
            }
            letter if letter.is_alphanumeric() => {
                if length < LONGEST {
                    word.push(folded(letter));
                }
                length += 1;
            }
            _ => {
                words.push(std::mem::take(&mut word));
                length = 0;
            }
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The digits of what looks like a telephone number.
fn number(text: &str) -> Option<String> {
    let is_one = |char: char| char.is_ascii_digit() || " +()-./".contains(char);
    if text.len() > 40 || !text.chars().all(is_one) {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    NUMBER.contains(&digits.len()).then_some(digits)
}

/// What a run is found by.
pub struct Found<'a> {
    pub run: RunId,
    pub workspace: WorkspaceId,
    pub agent: AgentId,
    pub numbers: Vec<&'a str>,
    /// What was said.
    pub texts: Vec<&'a str>,
    pub contexts: [&'a Map<String, Value>; 2],
}

struct Collected {
    shelf: i64,
    entries: BTreeSet<String>,
}

impl Collected {
    fn add(&mut self, kind: Kind, text: &str) {
        if self.entries.len() < MOST {
            self.entries.insert(entry(self.shelf, kind, text));
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(digits) = number(text) {
            for start in 0..=digits.len() - SHORTEST_ENDING {
                self.add(Kind::NumberEnding, &digits[start..]);
            }
        }
        for word in words(text) {
            self.add(Kind::Word, &word);
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => self.text(text),
            Value::Number(number) => self.text(&number.to_string()),
            Value::Array(items) => items.iter().for_each(|item| self.value(item)),
            Value::Object(members) => members.values().for_each(|value| self.value(value)),
            Value::Null | Value::Bool(_) => {}
        }
    }
}

/// The entries of a run, separated by spaces.
pub fn of_run(found: &Found<'_>) -> String {
    let mut all = Collected {
        shelf: shelf(found.run),
        entries: BTreeSet::new(),
    };
    all.add(Kind::Workspace, &found.workspace.to_string());
    all.add(Kind::Agent, &found.agent.to_string());
    all.add(Kind::Word, &found.run.to_string());
    for text in found.numbers.iter().chain(&found.texts) {
        all.text(text);
    }
    for (name, value) in found.contexts.into_iter().flatten() {
        if !COMMON.contains(&name.as_str()) {
            all.value(value);
        }
    }
    Vec::from_iter(all.entries).join(" ")
}

/// The entries of what a person wrote about a run, to be added to the run's own.
pub fn of_remark(run: RunId, texts: impl IntoIterator<Item = String>) -> String {
    let mut all = Collected {
        shelf: shelf(run),
        entries: BTreeSet::new(),
    };
    for text in texts {
        all.text(&text);
    }
    Vec::from_iter(all.entries).join(" ")
}

/// A part of a question; a run has to have all of them.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    /// Whether the word may only be begun.
    Word(String, bool),
    /// Digits that may be parts of one number, or words by themselves.
    Digits(Vec<String>, bool),
}

/// What a person asks for.
pub struct Question(Vec<Part>);

impl Question {
    /// Reads what was typed. The last word may be begun only, unless something follows it.
    pub fn read(text: &str) -> Self {
        let mut parts: Vec<Part> = Vec::new();
        for word in words(text).into_iter().take(MOST_ASKED) {
            match parts.last_mut() {
                Some(Part::Digits(group, _)) if is_digits(&word) => group.push(word),
                _ if is_digits(&word) => parts.push(Part::Digits(vec![word], false)),
                _ => parts.push(Part::Word(word, false)),
            }
        }
        match parts.last_mut() {
            // One letter begins too much to mean anything.
            Some(Part::Word(word, begun)) => *begun = word.chars().nth(1).is_some(),
            Some(Part::Digits(group, begun)) => {
                *begun = group.last().is_some_and(|digits| digits.len() > 1);
            }
            None => {}
        }
        Self(parts)
    }

    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The question in the index's language, for one shelf.
    pub fn on(&self, shelf: i64, workspace: WorkspaceId, agent: Option<AgentId>) -> String {
        let quoted = |kind, text: &str| format!("\"{}\"", entry(shelf, kind, text));
        let begun = |kind, text: &str| format!("{} *", quoted(kind, text));
        let word = |text: &str, is_begun: bool| {
            if is_begun {
                begun(Kind::Word, text)
            } else {
                quoted(Kind::Word, text)
            }
        };
        let mut all = vec![quoted(Kind::Workspace, &workspace.to_string())];
        all.extend(agent.map(|agent| quoted(Kind::Agent, &agent.to_string())));
        for part in &self.0 {
            match part {
                Part::Word(text, is_begun) => all.push(word(text, *is_begun)),
                Part::Digits(group, is_begun) => {
                    let last = group.len() - 1;
                    let each = group.iter().enumerate();
                    let each = each.map(|(at, digits)| word(digits, *is_begun && at == last));
                    let mut ways = vec![format!("({})", Vec::from_iter(each).join(" AND "))];
                    let digits = group.concat();
                    let mut numbers = vec![digits.as_str()];
                    // As dialled from elsewhere in the country, or out of it.
                    numbers.extend(
                        Some(digits.trim_start_matches('0')).filter(|rest| *rest != digits),
                    );
                    let numbers = numbers
                        .into_iter()
                        .filter(|digits| digits.len() >= SHORTEST_ENDING);
                    ways.extend(numbers.map(|digits| begun(Kind::NumberEnding, digits)));
                    all.push(format!("({})", ways.join(" OR ")));
                }
            }
        }
        all.join(" AND ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_are_folded_and_cut_at_everything_else() {
        let rows: [(&str, &[&str]); 7] = [
            ("Guten Tag, Zoë!", &["guten", "tag", "zoe"]),
            ("Jose\u{301} ÅNGSTRÖM", &["jose", "angstrom"]),
            ("jane@example.com", &["jane", "example", "com"]),
            ("a\"b* NEAR(c) -d", &["a", "b", "near", "c", "d"]),
            ("नमस्ते привет", &["नमस", "ते", "привет"]),
            ("東京 とう", &["東", "京", "と", "う"]),
            ("…", &[]),
        ];
        for (text, expected) in rows {
            assert_eq!(words(text), expected, "{text}");
        }
        assert_eq!(words(&"x".repeat(100)), ["x".repeat(LONGEST)]);
    }

    #[test]
    fn only_telephone_numbers_are_kept_by_their_endings() {
        for text in ["+14155550123", "(415) 555-0123", "1415.555.0123"] {
            assert!(number(text).is_some_and(|digits| digits.ends_with("4155550123")));
        }
        for text in [
            "12345",
            "1234567890123456",
            "room 4155550123",
            "2026-08-22T10",
        ] {
            assert_eq!(number(text), None, "{text}");
        }
    }

    #[test]
    fn a_run_has_its_words_once() {
        let initial =
            json!({"direction": "outbound", "customer": {"name": "Zoë Zoë", "n": [77, true]}});
        let gathered = json!({"error": "Busy"});
        let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
        let (initial, gathered) = (object(&initial), object(&gathered));
        let entries = of_run(&Found {
            run: RunId(65_537),
            workspace: WorkspaceId(1),
            agent: AgentId(2),
            numbers: vec!["+1415550"],
            texts: vec!["Hello, Zoë."],
            contexts: [&initial, &gathered],
        });
        let expected = "00001a2 00001n1415550 00001n15550 00001n415550 00001n50 00001n550 00001n5550 \
            00001s1 00001w1415550 00001w65537 00001w77 00001wbusy 00001whello 00001wzoe";
        assert_eq!(entries, expected);
    }

    fn asked(text: &str) -> String {
        Question::read(text).on(0, WorkspaceId(1), None)
    }

    #[test]
    fn a_question_is_words_only_and_its_last_may_be_begun() {
        let workspace = "\"00000s1\"";
        let expected = format!("{workspace} AND \"00000whello\" AND \"00000wwor\" *");
        assert_eq!(asked("Hello wor"), expected);
        let quoted = format!("{workspace} AND \"00000wa\" AND \"00000wor\" AND \"00000wb\"");
        assert_eq!(asked("a\" OR b"), quoted);
        assert!(Question::read("\"*-() ^").is_empty());
    }

    #[test]
    fn digits_are_a_part_of_a_number_or_words() {
        let expected =
            "\"00000s1\" AND ((\"00000w415\" AND \"00000w555\" *) OR \"00000n415555\" *)";
        assert_eq!(asked("(415) 555"), expected);
        let expected =
            "\"00000s1\" AND ((\"00000w0171\" *) OR \"00000n0171\" * OR \"00000n171\" *)";
        assert_eq!(asked("0171"), expected);
    }
}
