//! Reads a whole JSON body once, strictly in its structure, without building anything.

use super::AskedError;
use memchr::memchr2;

/// Deepest nesting that is read.
const DEEPEST: u32 = 128;

/// Bytes of a body, from and to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The reader.
#[derive(Debug)]
pub(super) struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    depth: u32,
}

/// What a value begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Begins {
    Object,
    List,
    String,
    Other,
}

impl<'a> Reader<'a> {
    /// At the beginning.
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0, depth: 0 }
    }

    /// The bytes of a span.
    pub(super) fn of(&self, span: Span) -> &'a [u8] {
        self.bytes.get(span.start..span.end).unwrap_or_default()
    }

    /// An error at the place at hand.
    pub(super) fn error(&self, what: &str) -> AskedError {
        AskedError(format!("{what} at byte {}", self.at))
    }

    /// The next byte that is no white space.
    pub(super) fn peek(&mut self) -> Result<u8, AskedError> {
        while let Some(byte) = self.bytes.get(self.at) {
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Ok(*byte);
            }
            self.at += 1;
        }
        Err(self.error("it ends too early"))
    }

    /// What the next value begins with.
    pub(super) fn begins(&mut self) -> Result<Begins, AskedError> {
        Ok(match self.peek()? {
            b'{' => Begins::Object,
            b'[' => Begins::List,
            b'"' => Begins::String,
            _ => Begins::Other,
        })
    }

    /// Opens an object or a list; says whether something is in it.
    pub(super) fn open(&mut self, close: u8) -> Result<bool, AskedError> {
        self.at += 1;
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error("it nests deeper than 128"));
        }
        if self.peek()? == close {
            self.at += 1;
            self.depth -= 1;
            return Ok(false);
        }
        Ok(true)
    }

    /// After an entry: whether another comes.
    pub(super) fn more(&mut self, close: u8) -> Result<bool, AskedError> {
        match self.peek()? {
            b',' => {
                self.at += 1;
                Ok(true)
            }
            byte if byte == close => {
                self.at += 1;
                self.depth -= 1;
                Ok(false)
            }
            _ => Err(self.error("a comma or a closing bracket is missing")),
        }
    }

    /// A key and its colon.
    pub(super) fn key(&mut self) -> Result<Span, AskedError> {
        if self.peek()? != b'"' {
            return Err(self.error("a key is missing"));
        }
        let key = self.string()?;
        if self.peek()? != b':' {
            return Err(self.error("a colon is missing"));
        }
        self.at += 1;
        Ok(key)
    }

    /// A string; the span is within its quotes.
    pub(super) fn string(&mut self) -> Result<Span, AskedError> {
        let start = self.at + 1;
        let mut at = start;
        loop {
            let rest = self.bytes.get(at..).unwrap_or_default();
            let Some(place) = memchr2(b'"', b'\\', rest) else { return Err(self.error("a string does not end")) };
            at += place;
            if self.bytes.get(at) == Some(&b'"') {
                self.at = at + 1;
                return Ok(Span { start, end: at });
            }
            at += 2;
        }
    }

    /// A number, `true`, `false` or `null`.
    pub(super) fn literal(&mut self) -> Result<Span, AskedError> {
        let start = self.at;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r');
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        let spelt = rest.get(..length).unwrap_or_default();
        let number = spelt.first().is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-')
            && spelt.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'));
        if !number && !matches!(spelt, b"true" | b"false" | b"null") {
            return Err(self.error("a value is missing or misspelt"));
        }
        self.at += length;
        Ok(Span { start, end: start + length })
    }

    /// The text of a string, decoded.
    pub(super) fn decoded(&self, span: Span) -> Result<String, AskedError> {
        let quoted = Span { start: span.start.saturating_sub(1), end: span.end + 1 };
        serde_json::from_slice(self.of(quoted)).map_err(|_| AskedError(format!("a broken string at byte {}", span.start)))
    }

    /// Nothing but white space is left.
    pub(super) fn finish(&mut self) -> Result<(), AskedError> {
        match self.peek() {
            Ok(_) => Err(self.error("something follows the object")),
            Err(_) => Ok(()),
        }
    }
}
