//! Server-sent events whose data are documents; one of them may be hidden from the client.

use super::facts::Facts;
use super::held::Held;
use super::picker::{Picker, State};
use super::sse::{Piece, Sse};

const DONE: &[u8] = b"[DONE]";

/// The reader of events.
#[derive(Debug)]
pub(super) struct Events {
    picker: Picker,
    lines: Sse,
    /// First bytes of the data, to know the last event.
    head: [u8; DONE.len()],
    head_bytes: usize,
    /// A line feed that comes next belongs to what came before; whether that was hidden.
    before: Option<bool>,
}

impl Events {
    /// Before the first byte.
    pub(super) fn new(picker: Picker) -> Self {
        Self { picker, lines: Sse::new(), head: [0; DONE.len()], head_bytes: 0, before: None }
    }

    /// Reads the bytes of a chunk from a place on.
    pub(super) fn push(&mut self, chunk: &[u8], from: usize, facts: &mut Facts, held: &mut Held) {
        facts.pieces = true;
        let mut place = from;
        while let Some(rest) = chunk.get(place..).filter(|rest| !rest.is_empty()) {
            let (taken, piece) = self.lines.step(rest);
            let end = place + taken;
            let before = self.before.take();
            match piece {
                Piece::Data => self.data(&rest[..taken], facts, held),
                Piece::DataLine => {
                    if self.is_last() {
                        facts.whole();
                    }
                    self.picker.push(b"\n", facts);
                }
                Piece::Event => {
                    let hidden = self.is_usage(facts) && held.hide(end);
                    self.before = Some(hidden);
                    self.picker.reset();
                    facts.forget_document();
                    self.head_bytes = 0;
                    held.begin(end);
                }
                // A comment before the data is no part of what may be hidden.
                Piece::Comment if self.head_bytes == 0 => {
                    self.before = Some(false);
                    held.begin(end);
                }
                Piece::LineFeed => match before {
                    Some(true) => {
                        held.hide(end);
                        held.begin(end);
                    }
                    Some(false) => held.begin(end),
                    None => {}
                },
                Piece::Comment | Piece::Other => {}
            }
            place = end;
        }
    }

    /// The answer has ended, perhaps without the empty line behind its last event.
    pub(super) fn end(&mut self, facts: &mut Facts, held: &mut Held) {
        if self.is_last() {
            facts.whole();
        }
        if self.is_usage(facts) {
            held.hide(0);
        }
    }

    fn data(&mut self, data: &[u8], facts: &mut Facts, held: &mut Held) {
        for &byte in data.iter().take(DONE.len() + 1 - self.head_bytes.min(DONE.len() + 1)) {
            if let Some(place) = self.head.get_mut(self.head_bytes) {
                *place = byte;
            }
            self.head_bytes += 1;
        }
        self.picker.push(data, facts);
        if held.is_open() && (facts.doc.says || self.picker.state() == State::Broken) {
            held.keep();
        }
    }

    fn is_last(&self) -> bool {
        self.head_bytes == DONE.len() && self.head == DONE
    }

    fn is_usage(&self, facts: &Facts) -> bool {
        self.picker.state() == State::Done && facts.only_usage()
    }
}
