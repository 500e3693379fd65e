//! Answers with a document on each line, or with documents one after the other.

use super::facts::Facts;
use super::picker::{Picker, State};
use memchr::memchr;

/// The reader of lines.
#[derive(Debug)]
pub(super) struct Lines {
    picker: Picker,
    /// A document ends with its line, whether it is whole or not.
    strict: bool,
}

impl Lines {
    /// Before the first byte. `strict` lines hold one document each; else white space of any kind may stand within documents.
    pub(super) fn new(picker: Picker, strict: bool) -> Self {
        Self { picker, strict }
    }

    /// Reads the bytes of a chunk.
    pub(super) fn push(&mut self, chunk: &[u8], facts: &mut Facts) {
        facts.pieces |= self.strict;
        let mut rest = chunk;
        while !rest.is_empty() {
            let whole_line = self.strict || self.picker.state() == State::Broken;
            let end = if whole_line { memchr(b'\n', rest) } else { None };
            let (line, behind) = rest.split_at(end.unwrap_or(rest.len()));
            let mut part = line;
            while !part.is_empty() {
                let taken = self.picker.push(part, facts);
                part = part.get(taken..).unwrap_or_default();
                match self.picker.state() {
                    State::Done => self.picker.reset(),
                    State::Broken => break,
                    State::Open => {}
                }
            }
            // A document that broke without lines is over with the line it broke in.
            if self.picker.state() == State::Broken && !whole_line {
                rest = part;
                continue;
            }
            rest = behind;
            if end.is_some() {
                rest = behind.get(1..).unwrap_or_default();
                self.picker.reset();
                facts.forget_document();
            }
        }
    }
}
