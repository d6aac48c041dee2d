//! Splits a template into plain text and placeholders (contract §4.1), in linear time.
//!
//! The reference uses a backtracking regular expression. Its matches never depend on where a
//! run of name characters was entered, only on where it ends, so a failed attempt lets the
//! scanner jump to the end of the run, and the next `:` or `}` is searched once, not per `{{`.

use super::text::is_space;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Text(&'a str),
    Placeholder(Placeholder<'a>),
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Placeholder<'a> {
    pub(super) name: &'a str,
    pub(super) filter: Option<Filter<'a>>,
}

/// What follows the first `|`: `word` or `word:rest`, both trimmed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Filter<'a> {
    pub(super) word: &'a str,
    pub(super) rest: Option<&'a str>,
}

pub(super) fn tokens(template: &str) -> impl Iterator<Item = Token<'_>> {
    Scanner {
        template,
        position: 0,
        pending: None,
        next_stop: Ahead::new(|byte| byte == b':' || byte == b'}'),
        next_close: Ahead::new(|byte| byte == b'}'),
    }
}

struct Scanner<'a> {
    template: &'a str,
    position: usize,
    pending: Option<Placeholder<'a>>,
    next_stop: Ahead,
    next_close: Ahead,
}

/// Where an attempt at a placeholder led.
enum Attempt<'a> {
    Match {
        placeholder: Placeholder<'a>,
        end: usize,
    },
    /// No placeholder begins before this byte.
    ResumeAt(usize),
}

impl<'a> Iterator for Scanner<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        if let Some(placeholder) = self.pending.take() {
            return Some(Token::Placeholder(placeholder));
        }
        let text_start = self.position;
        let mut search = text_start;
        while let Some(open) = find_opening(self.template, search) {
            match self.attempt(open) {
                Attempt::Match { placeholder, end } => {
                    self.position = end;
                    if open == text_start {
                        return Some(Token::Placeholder(placeholder));
                    }
                    self.pending = Some(placeholder);
                    return Some(Token::Text(&self.template[text_start..open]));
                }
                Attempt::ResumeAt(next) => search = next,
            }
        }
        self.position = self.template.len();
        (text_start < self.position).then(|| Token::Text(&self.template[text_start..]))
    }
}

impl<'a> Scanner<'a> {
    fn attempt(&mut self, open: usize) -> Attempt<'a> {
        let template = self.template;
        let bytes = template.as_bytes();
        let start = skip_space(template, open + 2);
        let end = name_end(template, start);
        if end == start {
            return Attempt::ResumeAt(open + 1);
        }
        // The run's last two characters may themselves be the braces of a placeholder whose
        // name comes after the space.
        let failed = Attempt::ResumeAt(end - 2);
        let name = &template[start..end];
        let after = skip_space(template, end);
        match bytes.get(after) {
            Some(b'}') if bytes.get(after + 1) == Some(&b'}') => Attempt::Match {
                placeholder: Placeholder { name, filter: None },
                end: after + 2,
            },
            Some(b'|') => match self.filter(after + 1) {
                Some((filter, end)) => Attempt::Match {
                    placeholder: Placeholder {
                        name,
                        filter: Some(filter),
                    },
                    end,
                },
                None => failed,
            },
            _ => failed,
        }
    }

    /// Reads `word}}` or `word:rest}}` from `start`; returns the byte after the closing braces.
    fn filter(&mut self, start: usize) -> Option<(Filter<'a>, usize)> {
        let bytes = self.template.as_bytes();
        let stop = self.next_stop.at_or_after(bytes, start)?;
        if stop == start {
            return None;
        }
        let word = trim(&self.template[start..stop]);
        let (rest, close) = if bytes[stop] == b':' {
            let close = self.next_close.at_or_after(bytes, stop + 1)?;
            if close == stop + 1 {
                return None;
            }
            (Some(trim(&self.template[stop + 1..close])), close)
        } else {
            (None, stop)
        };
        (bytes.get(close + 1) == Some(&b'}')).then_some((Filter { word, rest }, close + 2))
    }
}

/// The next byte of a kind, remembered so that asking from ever later places costs one pass.
struct Ahead {
    wanted: fn(u8) -> bool,
    found: Option<usize>,
    searched: bool,
}

impl Ahead {
    fn new(wanted: fn(u8) -> bool) -> Self {
        Self {
            wanted,
            found: None,
            searched: false,
        }
    }

    /// `from` must not be smaller than in the call before.
    fn at_or_after(&mut self, bytes: &[u8], from: usize) -> Option<usize> {
        let stale = match self.found {
            Some(found) => found < from,
            None => !self.searched,
        };
        if stale {
            self.searched = true;
            self.found = bytes
                .get(from..)?
                .iter()
                .position(|byte| (self.wanted)(*byte))
                .map(|offset| from + offset);
        }
        self.found
    }
}

/// The next `{{` at or after a byte; `from` may lie inside a character.
pub(super) fn find_opening(template: &str, from: usize) -> Option<usize> {
    let bytes = template.as_bytes();
    bytes
        .get(from..)?
        .windows(2)
        .position(|pair| pair == b"{{")
        .map(|offset| from + offset)
}

pub(super) fn skip_space(template: &str, from: usize) -> usize {
    template[from..]
        .find(|c| !is_space(c))
        .map_or(template.len(), |offset| from + offset)
}

pub(super) fn name_end(template: &str, from: usize) -> usize {
    template[from..]
        .find(|c| c == '|' || c == '}' || is_space(c))
        .map_or(template.len(), |offset| from + offset)
}

fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}
