//! The binary event stream of AWS: frames with headers, a payload and two checksums, read at every byte.

use super::facts::Facts;
use super::picker::{Picker, Sink, State};
use super::slot::{Node, Slot, leaf};
use flate2::Crc;

/// Longest headers and longest frame of the format.
const LONGEST_HEADERS: u32 = 128 * 1024;
const LONGEST_FRAME: u32 = 24 * 1024 * 1024;
const PRELUDE: usize = 12;
const CHECKSUM: usize = 4;

/// The payload of `InvokeModelWithResponseStream`: a document in base64.
static WRAPPED: &[Node] = &[leaf("bytes", Slot::Text)];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Prelude,
    Headers,
    Payload,
    Checksum,
    /// The framing is lost.
    Lost,
}

/// The reader of frames.
#[derive(Debug)]
pub(super) struct EventStream {
    at: At,
    /// Prelude, headers or checksum, while they come.
    buffer: Vec<u8>,
    headers_bytes: usize,
    payload_bytes: usize,
    crc: Crc,
    picker: Picker,
    wrapper: Picker,
    quad: Quad,
    wrapped: bool,
    last: bool,
    error: Option<String>,
}

impl EventStream {
    /// Before the first byte; `wrapped` payloads hold the document in base64.
    pub(super) fn new(picker: Picker, wrapped: bool) -> Self {
        Self {
            at: At::Prelude,
            buffer: Vec::new(),
            headers_bytes: 0,
            payload_bytes: 0,
            crc: Crc::new(),
            picker,
            wrapper: Picker::new(WRAPPED, false),
            quad: Quad::default(),
            wrapped,
            last: false,
            error: None,
        }
    }

    /// Reads the bytes of a chunk.
    pub(super) fn push(&mut self, chunk: &[u8], facts: &mut Facts) {
        facts.pieces = true;
        facts.defers = true;
        let mut rest = chunk;
        while self.at != At::Lost && !rest.is_empty() {
            let wanted = match self.at {
                At::Prelude => PRELUDE - self.buffer.len(),
                At::Headers => self.headers_bytes - self.buffer.len(),
                At::Payload => self.payload_bytes,
                At::Checksum | At::Lost => CHECKSUM - self.buffer.len(),
            };
            let (part, behind) = rest.split_at(wanted.min(rest.len()));
            rest = behind;
            match self.at {
                At::Payload => {
                    self.crc.update(part);
                    self.payload(part, facts);
                    self.payload_bytes -= part.len();
                }
                At::Headers => {
                    self.crc.update(part);
                    self.buffer.extend_from_slice(part);
                }
                _ => self.buffer.extend_from_slice(part),
            }
            if part.len() == wanted {
                self.part_ends(facts);
            }
        }
    }

    fn part_ends(&mut self, facts: &mut Facts) {
        match self.at {
            At::Prelude => self.prelude(),
            At::Headers => self.headers(),
            At::Payload => self.at = At::Checksum,
            At::Checksum => self.frame_ends(facts),
            At::Lost => {}
        }
        // Empty parts have no bytes that could end them.
        if self.at == At::Headers && self.headers_bytes == 0 {
            self.headers();
        }
        if self.at == At::Payload && self.payload_bytes == 0 {
            self.at = At::Checksum;
        }
    }

    fn prelude(&mut self) {
        let word = |from: usize| match self.buffer.get(from..from + 4) {
            Some(&[a, b, c, d]) => u32::from_be_bytes([a, b, c, d]),
            _ => u32::MAX,
        };
        let (total, headers, checksum) = (word(0), word(4), word(8));
        self.crc.reset();
        self.crc.update(self.buffer.get(..8).unwrap_or_default());
        let around = u32::try_from(PRELUDE + CHECKSUM).unwrap_or(u32::MAX);
        let fits = headers <= LONGEST_HEADERS && total <= LONGEST_FRAME && total >= headers.saturating_add(around);
        if !fits || self.crc.sum() != checksum {
            self.at = At::Lost;
            return;
        }
        self.crc.update(self.buffer.get(8..).unwrap_or_default());
        self.buffer.clear();
        self.headers_bytes = headers as usize;
        self.payload_bytes = (total - headers - around) as usize;
        self.picker.reset();
        self.wrapper.reset();
        self.quad = Quad::default();
        self.last = false;
        self.error = None;
        self.at = At::Headers;
    }

    fn headers(&mut self) {
        let mut kind: &[u8] = b"";
        let (mut event, mut error): (&[u8], &[u8]) = (b"", b"");
        let mut rest = self.buffer.as_slice();
        while let Some((name, value, behind)) = header(rest) {
            rest = behind;
            match name {
                b":message-type" => kind = value,
                b":event-type" => event = value,
                b":exception-type" | b":error-code" => error = value,
                _ => {}
            }
        }
        self.last = event == b"metadata";
        if matches!(kind, b"exception" | b"error") {
            self.error = Some(String::from_utf8_lossy(error).into_owned());
        }
        self.buffer.clear();
        self.at = At::Payload;
    }

    fn payload(&mut self, part: &[u8], facts: &mut Facts) {
        if self.error.is_some() {
            return;
        }
        if self.wrapped {
            self.wrapper.push(part, &mut Unwrap { quad: &mut self.quad, picker: &mut self.picker, facts });
        } else {
            self.picker.push(part, facts);
        }
    }

    fn frame_ends(&mut self, facts: &mut Facts) {
        let stated = self.buffer.first_chunk::<CHECKSUM>().map(|bytes| u32::from_be_bytes(*bytes));
        let right = stated == Some(self.crc.sum());
        if !right {
            facts.failed("wrong_checksum");
        } else if let Some(error) = &self.error {
            facts.failed(error);
        } else if self.picker.state() == State::Done {
            facts.settle_document();
            if self.last {
                facts.whole();
            }
        }
        facts.forget_document();
        self.buffer.clear();
        self.at = At::Prelude;
    }
}

/// The first header: its name, its value and what follows it.
fn header(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let (&name_bytes, rest) = bytes.split_first()?;
    let (name, rest) = rest.split_at_checked(usize::from(name_bytes))?;
    let (&kind, rest) = rest.split_first()?;
    let (length, rest) = match kind {
        0 | 1 => (0, rest),
        2 => (1, rest),
        3 => (2, rest),
        4 => (4, rest),
        5 | 8 => (8, rest),
        6 | 7 => {
            let (&[high, low], rest) = rest.split_first_chunk::<2>()?;
            (usize::from(u16::from_be_bytes([high, low])), rest)
        }
        9 => (16, rest),
        _ => return None,
    };
    let (value, rest) = rest.split_at_checked(length)?;
    Some((name, value, rest))
}

/// Four characters of base64 make three bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Quad {
    bits: u32,
    characters: u8,
}

/// Hands the document within the payload to its own scanner.
struct Unwrap<'a> {
    quad: &'a mut Quad,
    picker: &'a mut Picker,
    facts: &'a mut Facts,
}

impl Sink for Unwrap<'_> {
    fn open(&mut self, _slot: Slot) {}
    fn close(&mut self, _slot: Slot) {}
    fn literal(&mut self, _slot: Slot, _spelt: &[u8]) {}
    fn word(&mut self, _slot: Slot, _word: &[u8]) {}
    fn text(&mut self, _slot: Slot, piece: &[u8]) {
        let mut decoded = [0u8; 384];
        let mut filled = 0;
        for &byte in piece {
            let value = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' | b'-' => 62,
                b'/' | b'_' => 63,
                _ => continue,
            };
            self.quad.bits = (self.quad.bits << 6) | u32::from(value);
            self.quad.characters += 1;
            // The first character completes no byte, each of the next three completes one.
            let shift = match self.quad.characters {
                2 => 4,
                3 => 2,
                4 => 0,
                _ => continue,
            };
            if let Some(place) = decoded.get_mut(filled) {
                *place = (self.quad.bits >> shift & 0xFF) as u8;
                filled += 1;
            }
            if shift == 0 {
                *self.quad = Quad::default();
            }
            if filled == decoded.len() {
                self.picker.push(&decoded, self.facts);
                filled = 0;
            }
        }
        self.picker.push(decoded.get(..filled).unwrap_or_default(), self.facts);
    }
}
