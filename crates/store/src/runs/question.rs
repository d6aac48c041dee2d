//! What a person typed as a question for the words of runs, and how it reads in the index's language:
//! no sign of it reaches the index as anything but a word.

use super::words::{BEGINNING, Kind, SHORTEST_ENDING, entry, words};
use switchhook_core::ids::{AgentId, WorkspaceId};

/// Most words of a question.
const MOST_ASKED: usize = 24;

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
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

/// Among which runs it is asked.
pub struct Among {
    pub shelf: i64,
    /// Whether every run of the shelf stands there with its beginnings.
    pub has_beginnings: bool,
    /// Nothing where every run there is is of one workspace: its word is the dearest of all, because
    /// every run has it.
    pub workspace: Option<WorkspaceId>,
    pub agent: Option<AgentId>,
}

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

    /// The question in the index's language, for one shelf. What is only begun, and no beginning that
    /// is kept there, is put by `begun`, which may leave it out.
    pub fn on(&self, among: &Among, mut begun: impl FnMut(&str) -> Option<String>) -> String {
        let mut put = |kind: Kind, text: &str, is_begun: bool| {
            let is_kept = among.has_beginnings && BEGINNING.contains(&text.chars().count());
            let (kind, is_begun) = match kind.beginning() {
                Some(beginning) if is_begun && is_kept => (beginning, false),
                _ => (kind, is_begun),
            };
            let entry = entry(among.shelf, kind, text);
            if is_begun {
                begun(&entry)
            } else {
                Some(exactly(&entry))
            }
        };
        let mut all = Vec::new();
        if let Some(workspace) = among.workspace {
            all.extend(put(Kind::Workspace, &workspace.to_string(), false));
        }
        if let Some(agent) = among.agent {
            all.extend(put(Kind::Agent, &agent.to_string(), false));
        }
        for part in &self.0 {
            all.extend(match part {
                Part::Word(text, is_begun) => put(Kind::Word, text, *is_begun),
                Part::Digits(group, is_begun) => digits(group, *is_begun, &mut put),
            });
        }
        all.join(" AND ")
    }
}

/// An entry in the index's language.
pub fn exactly(entry: &str) -> String {
    format!("\"{entry}\"")
}

/// Digits in the index's language. Nothing where one of the ways to meet them is left out: it could
/// be the one by which a run is found.
fn digits(
    group: &[String],
    is_begun: bool,
    put: &mut impl FnMut(Kind, &str, bool) -> Option<String>,
) -> Option<String> {
    let last = group.len() - 1;
    let each = group.iter().enumerate();
    let each = each.map(|(at, digits)| put(Kind::Word, digits, is_begun && at == last));
    let each: Option<Vec<_>> = each.collect();
    let mut ways = vec![each.map(|each| format!("({})", each.join(" AND ")))];
    let digits = group.concat();
    let mut numbers = vec![digits.as_str()];
    // As dialled from elsewhere in the country, or out of it.
    numbers.extend(Some(digits.trim_start_matches('0')).filter(|rest| *rest != digits));
    let numbers = numbers
        .into_iter()
        .filter(|digits| digits.len() >= SHORTEST_ENDING);
    ways.extend(numbers.map(|digits| put(Kind::NumberEnding, digits, true)));
    let ways: Option<Vec<_>> = ways.into_iter().collect();
    ways.map(|ways| format!("({})", ways.join(" OR ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(has_beginnings: bool) -> Among {
        Among {
            shelf: 0,
            has_beginnings,
            workspace: Some(WorkspaceId(1)),
            agent: None,
        }
    }

    fn asked(text: &str) -> String {
        let begun = |beginning: &str| Some(format!("{} *", exactly(beginning)));
        Question::read(text).on(&on(false), begun)
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

    #[test]
    fn beginnings_that_are_kept_are_asked_for_as_they_are() {
        let rows = [
            ("a he", "\"00000s1\" AND \"00000wa\" AND \"00000bhe\""),
            ("zoë", "\"00000s1\" AND \"00000bzoe\""),
            ("41", "\"00000s1\" AND ((\"00000b41\") OR \"00000d41\")"),
            ("hell", "\"00000s1\" AND hell"),
        ];
        for (text, expected) in rows {
            let begun = |beginning: &str| Some(beginning.replace("00000w", ""));
            let is = Question::read(text).on(&on(true), begun);
            assert_eq!(is, expected, "{text}");
        }
    }

    #[test]
    fn what_is_begun_can_be_left_out_and_then_nothing_is_lost() {
        let rows = [
            ("hello worl", "\"00000s1\" AND \"00000whello\""),
            ("hello 4155", "\"00000s1\" AND \"00000whello\""),
            ("4155 hello", "\"00000s1\""),
        ];
        for (text, expected) in rows {
            assert_eq!(
                Question::read(text).on(&on(true), |_| None),
                expected,
                "{text}"
            );
        }
    }
}
