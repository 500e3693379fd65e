//! Estimates tokens of text from the kinds of its characters, without a vocabulary.

/// Kinds of characters that split words into tokens alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Kind {
    #[default]
    Start,
    Lower,
    Upper,
    Digit,
    Space,
    Line,
    Mark,
    Accent,
    Other,
    Wide,
}

/// Counts text as it passes; the same whatever the splits.
#[derive(Debug, Clone, Default)]
pub(super) struct TextMeter {
    last: Kind,
    run: u32,
    bytes: u64,
    /// Thousandths of a token.
    milli: u64,
}

impl TextMeter {
    /// Takes the next bytes of the text (UTF-8; broken bytes count as what they look like).
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        for &byte in bytes {
            let kind = match byte {
                b'a'..=b'z' => Kind::Lower,
                b'A'..=b'Z' => Kind::Upper,
                b'0'..=b'9' => Kind::Digit,
                b' ' | b'\t' => Kind::Space,
                b'\n' | b'\r' => Kind::Line,
                0..0x80 => Kind::Mark,
                0x80..0xC0 => continue,
                0xC0..0xCC => Kind::Accent,
                0xCC..0xE3 | 0xEA..0xF0 => Kind::Other,
                _ => Kind::Wide,
            };
            let goes_on = kind == self.last || (kind == Kind::Lower && self.last == Kind::Upper && self.run == 1);
            self.run = if goes_on { self.run.saturating_add(1) } else { 1 };
            self.milli += cost(kind, self.last, self.run, goes_on);
            self.last = kind;
        }
    }

    /// A new text begins.
    pub(super) fn start_part(&mut self) {
        (self.last, self.run) = (Kind::Start, 0);
    }

    /// Bytes so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Estimated tokens so far, rounded up.
    pub(super) fn tokens(&self) -> u64 {
        self.milli.div_ceil(1000)
    }
}

fn cost(kind: Kind, last: Kind, run: u32, goes_on: bool) -> u64 {
    match kind {
        Kind::Start => 0,
        Kind::Lower | Kind::Upper if !goes_on => 1000,
        Kind::Lower => {
            if run > 7 {
                150
            } else {
                20
            }
        }
        Kind::Upper => 250,
        Kind::Digit => {
            if run % 3 == 1 {
                1000
            } else {
                0
            }
        }
        Kind::Space => {
            if run == 2 {
                600
            } else {
                0
            }
        }
        Kind::Line => {
            if goes_on || last == Kind::Mark {
                0
            } else {
                800
            }
        }
        Kind::Mark => {
            if goes_on {
                400
            } else {
                800
            }
        }
        Kind::Accent => 300,
        Kind::Other => 350,
        Kind::Wide => 700,
    }
}
