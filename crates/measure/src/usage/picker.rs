//! A JSON scanner that walks a few known paths, keeps no document, and can stop and go on at every byte.

use super::escape::Escape;
use super::slot::{Node, Slot, Take};
use memchr::{memchr2, memchr3};

/// Longest word (model, id, type) that is kept, bytes; a longer one is not a name.
const LONGEST_WORD: usize = 256;
/// Longest number that is read, bytes.
const LONGEST_NUMBER: usize = 40;
/// Deepest known path.
const DEEPEST: usize = 12;

/// Takes what the scanner finds at known paths.
pub(super) trait Sink {
    /// A container with a slot opens.
    fn open(&mut self, slot: Slot);
    /// A container with a slot has closed.
    fn close(&mut self, slot: Slot);
    /// A number, `true` or `false`, as spelt.
    fn literal(&mut self, slot: Slot, spelt: &[u8]);
    /// A short string, decoded.
    fn word(&mut self, slot: Slot, word: &[u8]);
    /// A piece of a text, decoded.
    fn text(&mut self, slot: Slot, piece: &[u8]);
}

/// Where the scanner stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Before the document.
    Start,
    /// Between documents of a list.
    Between,
    /// Before a value.
    Value,
    /// After `[`: a value or `]`.
    FirstValue,
    /// After `{`: a key or `}`.
    FirstKey,
    /// After a comma in an object.
    NextKey,
    /// In a key.
    InKey,
    /// Before the colon.
    Colon,
    /// After a value.
    After,
    /// In a string that is skipped, kept or handed on.
    InString,
    /// In a number or a literal.
    InLiteral,
    /// In a container of no interest.
    Skip,
    /// In a string of such a container.
    SkipString,
    /// The document has ended.
    Done,
    /// The document is no JSON.
    Broken,
}

#[derive(Debug, Clone, Copy)]
struct Frame {
    kids: &'static [Node],
    slot: Slot,
    list: bool,
}

/// How the document stands after a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It goes on.
    Open,
    /// It has ended.
    Done,
    /// It is no JSON.
    Broken,
}

/// The scanner.
#[derive(Debug)]
pub(super) struct Picker {
    root: &'static [Node],
    lists: bool,
    in_list: bool,
    at: At,
    escape: Escape,
    stack: [Frame; DEEPEST],
    depth: usize,
    /// Slot and known keys below the value that comes next.
    next: (Slot, &'static [Node]),
    take: Take,
    buffer: Vec<u8>,
    too_long: bool,
    skip_open: u8,
    skip_close: u8,
    skip_depth: u64,
}

impl Picker {
    /// For documents with these known paths; `lists` allows a list of documents.
    pub(super) fn new(root: &'static [Node], lists: bool) -> Self {
        Self {
            root,
            lists,
            in_list: false,
            at: At::Start,
            escape: Escape::None,
            stack: [Frame { kids: &[], slot: Slot::None, list: false }; DEEPEST],
            depth: 0,
            next: (Slot::None, &[]),
            take: Take::Nothing,
            buffer: Vec::new(),
            too_long: false,
            skip_open: 0,
            skip_close: 0,
            skip_depth: 0,
        }
    }

    /// Makes ready for the next document.
    pub(super) fn reset(&mut self) {
        self.at = At::Start;
        self.in_list = false;
        self.depth = 0;
        self.escape = Escape::None;
    }

    /// How the document stands.
    pub(super) fn state(&self) -> State {
        match self.at {
            At::Done => State::Done,
            At::Broken => State::Broken,
            _ => State::Open,
        }
    }

    /// Scans bytes until the document ends; returns how many it took.
    pub(super) fn push(&mut self, bytes: &[u8], sink: &mut impl Sink) -> usize {
        let mut place = 0;
        while let Some(&byte) = bytes.get(place) {
            match self.at {
                At::InKey | At::InString => place += self.string(&bytes[place..], sink),
                At::Skip => place += self.skip(&bytes[place..], sink),
                At::SkipString => place += self.skip_string(&bytes[place..], sink),
                At::InLiteral => place += self.in_literal(&bytes[place..], sink),
                At::Done | At::Broken => return place,
                _ => {
                    place += 1;
                    if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                        self.structure(byte, sink);
                    }
                }
            }
        }
        place
    }

    fn structure(&mut self, byte: u8, sink: &mut impl Sink) {
        self.at = match (self.at, byte) {
            (At::Start | At::Between, b'{') => {
                self.next = (Slot::Document, self.root);
                self.value(byte, sink)
            }
            (At::Start, b'[') if self.lists => {
                self.in_list = true;
                At::Between
            }
            (At::Between, b',') => At::Between,
            (At::Between, b']') => {
                sink.close(Slot::List);
                At::Done
            }
            (At::FirstKey | At::NextKey, b'"') => {
                self.take = Take::Word;
                self.buffer.clear();
                self.too_long = false;
                At::InKey
            }
            (At::FirstKey, b'}') | (At::FirstValue, b']') => self.pop(byte, sink),
            (At::Colon, b':') => At::Value,
            (At::Value | At::FirstValue, _) => self.value(byte, sink),
            (At::After, b',') => match self.top() {
                Some(frame) if frame.list => {
                    self.next = element(frame.kids);
                    At::Value
                }
                _ => At::NextKey,
            },
            (At::After, b'}' | b']') => self.pop(byte, sink),
            _ => At::Broken,
        };
    }

    fn top(&self) -> Option<&Frame> {
        self.depth.checked_sub(1).and_then(|index| self.stack.get(index))
    }

    fn value(&mut self, byte: u8, sink: &mut impl Sink) -> At {
        let (slot, kids) = self.next;
        let take = slot.take();
        match byte {
            b'{' | b'[' => {
                let list = byte == b'[';
                if take == Take::Raw {
                    sink.text(slot, &[byte]);
                }
                if take == Take::Raw || kids.is_empty() || self.depth == DEEPEST {
                    sink.open(slot);
                    self.take = if take == Take::Raw { take } else { Take::Nothing };
                    (self.skip_open, self.skip_close) = if list { (b'[', b']') } else { (b'{', b'}') };
                    self.skip_depth = 1;
                    return At::Skip;
                }
                if let Some(frame) = self.stack.get_mut(self.depth) {
                    *frame = Frame { kids, slot, list };
                    self.depth += 1;
                }
                sink.open(slot);
                if list {
                    self.next = element(kids);
                    At::FirstValue
                } else {
                    At::FirstKey
                }
            }
            b'"' => {
                self.take = match take {
                    Take::Word | Take::Text => take,
                    Take::Raw => Take::Text,
                    Take::Literal | Take::Nothing => Take::Nothing,
                };
                self.buffer.clear();
                self.too_long = false;
                if take == Take::Literal {
                    sink.literal(slot, b"\"");
                }
                At::InString
            }
            b'-' | b'0'..=b'9' | b't' | b'f' | b'n' => {
                self.buffer.clear();
                self.too_long = false;
                self.buffer.push(byte);
                At::InLiteral
            }
            _ => At::Broken,
        }
    }

    fn pop(&mut self, byte: u8, sink: &mut impl Sink) -> At {
        let Some(frame) = self.top().copied() else { return At::Broken };
        if frame.list != (byte == b']') {
            return At::Broken;
        }
        self.depth -= 1;
        sink.close(frame.slot);
        match (self.depth, self.in_list) {
            (0, true) => At::Between,
            (0, false) => At::Done,
            _ => At::After,
        }
    }

    fn in_literal(&mut self, bytes: &[u8], sink: &mut impl Sink) -> usize {
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
        let end = bytes.iter().position(ends);
        let piece = &bytes[..end.unwrap_or(bytes.len())];
        if self.buffer.len() + piece.len() > LONGEST_NUMBER {
            self.too_long = true;
        } else {
            self.buffer.extend_from_slice(piece);
        }
        if end.is_some() {
            self.at = At::After;
            let spelt: &[u8] = if self.too_long { b"-" } else { &self.buffer };
            if self.next.0 != Slot::None && spelt != b"null" {
                sink.literal(self.next.0, spelt);
            }
        }
        piece.len()
    }

    fn string(&mut self, bytes: &[u8], sink: &mut impl Sink) -> usize {
        let Some(&first) = bytes.first() else { return 0 };
        if self.escape.is_open() {
            let mut utf8 = [0; 4];
            match self.escape.take(first, &mut utf8) {
                Some(decoded) => self.piece(decoded, sink),
                None => self.at = At::Broken,
            }
            return 1;
        }
        let end = memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len());
        self.piece(&bytes[..end], sink);
        match bytes.get(end) {
            None => end,
            Some(b'\\') => {
                self.escape = Escape::Backslash;
                end + 1
            }
            Some(_) => {
                self.string_ends(sink);
                end + 1
            }
        }
    }

    fn piece(&mut self, piece: &[u8], sink: &mut impl Sink) {
        match self.take {
            Take::Text if !piece.is_empty() => sink.text(self.next.0, piece),
            Take::Word if self.buffer.len() + piece.len() > LONGEST_WORD => self.too_long = true,
            Take::Word => self.buffer.extend_from_slice(piece),
            _ => {}
        }
    }

    fn string_ends(&mut self, sink: &mut impl Sink) {
        if self.at == At::InKey {
            self.at = At::Colon;
            let kids = self.top().map_or(&[][..], |frame| frame.kids);
            let known = kids.iter().find(|node| node.key.as_bytes() == self.buffer && !self.too_long);
            self.next = known.map_or((Slot::None, &[]), |node| (node.slot, node.kids));
            return;
        }
        self.at = At::After;
        if self.take == Take::Word && !self.too_long {
            sink.word(self.next.0, &self.buffer);
        }
    }

    /// Within a container of no interest only strings and its own kind of bracket matter.
    fn skip(&mut self, bytes: &[u8], sink: &mut impl Sink) -> usize {
        let end = memchr3(b'"', self.skip_open, self.skip_close, bytes);
        let taken = end.map_or(bytes.len(), |end| end + 1);
        if self.take == Take::Raw {
            sink.text(self.next.0, &bytes[..taken]);
        }
        match end.and_then(|end| bytes.get(end)) {
            Some(b'"') => self.at = At::SkipString,
            Some(byte) if *byte == self.skip_open => self.skip_depth += 1,
            Some(_) => {
                self.skip_depth -= 1;
                if self.skip_depth == 0 {
                    self.at = At::After;
                }
            }
            None => {}
        }
        taken
    }

    fn skip_string(&mut self, bytes: &[u8], sink: &mut impl Sink) -> usize {
        let mut taken = 0;
        if self.escape == Escape::Backslash {
            self.escape = Escape::None;
            taken = 1;
        } else {
            let end = memchr2(b'"', b'\\', bytes);
            taken += end.map_or(bytes.len(), |end| end + 1);
            match end.and_then(|end| bytes.get(end)) {
                Some(b'"') => self.at = At::Skip,
                Some(_) => self.escape = Escape::Backslash,
                None => {}
            }
        }
        if self.take == Take::Raw {
            sink.text(self.next.0, &bytes[..taken]);
        }
        taken
    }
}

fn element(kids: &'static [Node]) -> (Slot, &'static [Node]) {
    kids.iter().find(|node| node.key == "*").map_or((Slot::None, &[]), |node| (node.slot, node.kids))
}
