//! Bytes that wait until it is known whether the client shall get them.

use bytes::Bytes;
use std::collections::VecDeque;

/// Longest event that can be hidden, bytes: a frame of usage is far shorter.
const LONGEST_HIDDEN: usize = 64 * 1024;

/// What becomes of the bytes that wait from earlier chunks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Fate {
    #[default]
    Open,
    Keep,
    Drop,
}

/// The bytes of the event at hand while it may still be hidden.
#[derive(Debug, Default)]
pub(super) struct Held {
    hides: bool,
    waiting: VecDeque<Bytes>,
    waiting_bytes: usize,
    fate: Fate,
    /// Where the event at hand begins in the chunk at hand, while it may still be hidden.
    open: Option<usize>,
    /// Spans of the chunk at hand that are hidden, in order.
    hidden: Vec<(usize, usize)>,
}

impl Held {
    /// Holds nothing back unless it `hides`.
    pub(super) fn new(hides: bool) -> Self {
        Self { hides, open: hides.then_some(0), ..Self::default() }
    }

    /// Whether the event at hand may still be hidden.
    pub(super) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// An event begins here; what waits of what came before is handed on.
    pub(super) fn begin(&mut self, place: usize) {
        if self.hides {
            self.keep();
            self.open = Some(place);
        }
    }

    /// The event at hand is handed on.
    pub(super) fn keep(&mut self) {
        self.open = None;
        if self.fate == Fate::Open {
            self.fate = Fate::Keep;
        }
    }

    /// The event at hand, which ends at `end`, is hidden, unless it is too long for that. Returns whether it is.
    pub(super) fn hide(&mut self, end: usize) -> bool {
        let Some(start) = self.open else { return false };
        let waits = if self.fate == Fate::Open { self.waiting_bytes } else { 0 };
        if waits + (end - start) > LONGEST_HIDDEN {
            return false;
        }
        self.open = None;
        self.hidden.push((start, end));
        if self.fate == Fate::Open {
            self.fate = Fate::Drop;
        }
        true
    }

    /// Hands on what may be handed on of the chunk and of what waits.
    pub(super) fn pass(&mut self, chunk: Bytes, out: &mut VecDeque<Bytes>) {
        if !self.hides {
            out.push_back(chunk);
            return;
        }
        self.settle(out);
        let stop = self.open.unwrap_or(chunk.len());
        let mut from = 0;
        for (start, end) in self.hidden.drain(..) {
            put(&chunk, from, start, out);
            from = end;
        }
        put(&chunk, from, stop, out);
        if stop < chunk.len() {
            self.waiting_bytes += chunk.len() - stop;
            self.waiting.push_back(if stop == 0 { chunk } else { chunk.slice(stop..) });
        }
        if self.waiting_bytes > LONGEST_HIDDEN {
            self.keep();
            self.settle(out);
        }
        if self.open.is_some() {
            self.open = Some(0);
        }
    }

    /// The answer has ended.
    pub(super) fn end(&mut self, out: &mut VecDeque<Bytes>) {
        if self.fate == Fate::Open {
            self.fate = Fate::Keep;
        }
        self.settle(out);
    }

    fn settle(&mut self, out: &mut VecDeque<Bytes>) {
        match std::mem::take(&mut self.fate) {
            Fate::Open => return,
            Fate::Keep => out.append(&mut self.waiting),
            Fate::Drop => self.waiting.clear(),
        }
        self.waiting_bytes = 0;
    }
}

fn put(chunk: &Bytes, from: usize, to: usize, out: &mut VecDeque<Bytes>) {
    if from == 0 && to == chunk.len() {
        out.push_back(chunk.clone());
    } else if from < to {
        out.push_back(chunk.slice(from..to));
    }
}
