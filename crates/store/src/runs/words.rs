//! The words that a run is found by. Those of a question ([`question`](super::question)) are cut up
//! here too and nowhere else: letters are folded to lower case without accents, and whatever is not a
//! letter or a digit separates.
//!
//! Words stand on shelves of 65,536 runs each: every word carries its shelf in front. A word that is
//! only begun has to gather all that begin so, and on one shelf those are never too many; the newest
//! shelf is asked first, and mostly that is enough.
//!
//! A telephone number is kept with all its endings, so that any part of it is a beginning of one.
//!
//! The first two and three letters or digits, with which most of a shelf's words begin, stand there
//! as words of their own: asking for them gathers nothing.

use serde_json::{Map, Value};
use std::collections::BTreeSet;
use switchhook_core::ids::{AgentId, RunId, WorkspaceId};

/// Runs of a shelf, as a power of two.
const SHELF_BITS: u32 = 16;
/// Most characters of a word that count.
const LONGEST: usize = 40;
/// Most words of one run: a context may hold a megabyte.
const MOST: usize = 5000;
/// Digits that make a number; less are a count, more an id of something.
const NUMBER: std::ops::RangeInclusive<usize> = 6..=15;
/// The shortest ending of a number that is kept.
pub const SHORTEST_ENDING: usize = 2;
/// How many letters or digits a beginning has that is kept.
pub const BEGINNING: std::ops::RangeInclusive<usize> = 2..=3;

/// The server's facts in a context that every run has alike.
const COMMON: [&str; 3] = ["direction", "trigger_mode", "agent_identifier_type"];

/// The shelf of a run.
pub fn shelf(run: RunId) -> i64 {
    run.0 >> SHELF_BITS
}

/// The runs that may stand on a shelf.
pub fn runs_on(shelf: i64) -> std::ops::RangeInclusive<RunId> {
    let first = shelf << SHELF_BITS;
    RunId(first)..=RunId(first + (1 << SHELF_BITS) - 1)
}

/// What a word is, as the letter between its shelf and its text.
#[derive(Clone, Copy)]
pub enum Kind {
    Word,
    NumberEnding,
    Agent,
    Workspace,
    WordBeginning,
    NumberBeginning,
}

impl Kind {
    fn letter(self) -> char {
        match self {
            Self::Word => 'w',
            Self::NumberEnding => 'n',
            Self::Agent => 'a',
            Self::Workspace => 's',
            Self::WordBeginning => 'b',
            Self::NumberBeginning => 'd',
        }
    }

    /// As what the beginnings of this kind are kept.
    pub fn beginning(self) -> Option<Self> {
        match self {
            Self::Word => Some(Self::WordBeginning),
            Self::NumberEnding => Some(Self::NumberBeginning),
            _ => None,
        }
    }
}

/// A word as it stands in the index.
pub fn entry(shelf: i64, kind: Kind, text: &str) -> String {
    format!("{shelf:05x}{}{text}", kind.letter())
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
pub fn words(text: &str) -> Vec<String> {
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
    /// As it stands in front of every word.
    shelf: String,
    entries: BTreeSet<String>,
}

impl Collected {
    fn of(run: RunId) -> Self {
        Self {
            shelf: format!("{:05x}", shelf(run)),
            entries: BTreeSet::new(),
        }
    }

    fn add(&mut self, kind: Kind, text: &str) {
        if self.entries.len() < MOST {
            let mut entry = String::with_capacity(self.shelf.len() + 1 + text.len());
            entry.push_str(&self.shelf);
            entry.push(kind.letter());
            entry.push_str(text);
            self.entries.insert(entry);
        }
    }

    /// All of them, each followed by those of its beginnings that the one before did not have: what
    /// begins alike stands together. Separated by spaces.
    fn joined(&self) -> String {
        let mut all = String::new();
        let mut before = "";
        for entry in &self.entries {
            if !all.is_empty() {
                all.push(' ');
            }
            all.push_str(entry);
            let (shelf, text) = entry.split_at(self.shelf.len());
            let kinds = [Kind::Word, Kind::NumberEnding];
            let kind = kinds
                .into_iter()
                .find(|kind| text.starts_with(kind.letter()));
            let Some(beginning) = kind.and_then(Kind::beginning) else {
                continue;
            };
            let letters = text.char_indices().skip(1);
            let ends = letters.map(|(at, letter)| at + letter.len_utf8());
            for end in ends.take(*BEGINNING.end()).skip(BEGINNING.start() - 1) {
                if before.get(..end) != text.get(..end) {
                    all.push(' ');
                    all.push_str(shelf);
                    all.push(beginning.letter());
                    all.push_str(&text[1..end]);
                }
            }
            before = text;
        }
        all
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
    let mut all = Collected::of(found.run);
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
    all.joined()
}

/// The entries of what a person wrote about a run, to be added to the run's own.
pub fn of_remark(run: RunId, texts: impl IntoIterator<Item = String>) -> String {
    let mut all = Collected::of(run);
    for text in texts {
        all.text(&text);
    }
    all.joined()
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
        let (beginnings, entries): (Vec<_>, Vec<_>) = entries
            .split(' ')
            .partition(|entry| entry.starts_with("00001b") || entry.starts_with("00001d"));
        let expected = "00001a2 00001n1415550 00001n15550 00001n415550 00001n50 00001n550 00001n5550 \
            00001s1 00001w1415550 00001w65537 00001w77 00001wbusy 00001whello 00001wzoe";
        assert_eq!(entries.join(" "), expected);
        let expected = "00001d14 00001d141 00001d15 00001d155 00001d41 00001d415 00001d50 00001d55 \
            00001d550 00001d555 00001b14 00001b141 00001b65 00001b655 00001b77 00001bbu 00001bbus \
            00001bhe 00001bhel 00001bzo 00001bzoe";
        assert_eq!(beginnings.join(" "), expected);
    }
}
