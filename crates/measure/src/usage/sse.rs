//! Server-sent events, cut into pieces at every byte: nothing is kept but the place in the line.

use memchr::memchr2;

/// What a step over the bytes found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// The bytes of the step are data.
    Data,
    /// A line of data ended.
    DataLine,
    /// A comment ended.
    Comment,
    /// An event ended.
    Event,
    /// Nothing of interest.
    Other,
    /// The line feed of a line that a carriage return has ended already.
    LineFeed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// Bytes of the byte order mark seen.
    Mark(u8),
    /// Bytes of `data` seen.
    Name(u8),
    /// Behind the colon: one space may follow.
    Colon,
    Data,
    Comment,
    OtherLine,
}

const MARK: [u8; 3] = [0xEF, 0xBB, 0xBF];
const NAME: [u8; 4] = *b"data";

/// The scanner of lines.
#[derive(Debug)]
pub(super) struct Sse {
    at: At,
    after_return: bool,
}

impl Sse {
    /// Before the first byte.
    pub(super) fn new() -> Self {
        Self { at: At::Mark(0), after_return: false }
    }

    /// Goes over some bytes, at least one of those given; returns how many and what they are.
    pub(super) fn step(&mut self, bytes: &[u8]) -> (usize, Piece) {
        let Some(&byte) = bytes.first() else { return (0, Piece::Other) };
        if std::mem::take(&mut self.after_return) && byte == b'\n' {
            return (1, Piece::LineFeed);
        }
        if let At::Mark(seen) = self.at {
            if MARK.get(usize::from(seen)) == Some(&byte) {
                self.at = if seen == 2 { At::Name(0) } else { At::Mark(seen + 1) };
                return (1, Piece::Other);
            }
            self.at = if seen == 0 { At::Name(0) } else { At::OtherLine };
        }
        if matches!(byte, b'\n' | b'\r') {
            self.after_return = byte == b'\r';
            let piece = match self.at {
                At::Name(0) => Piece::Event,
                At::Name(4) | At::Colon | At::Data => Piece::DataLine,
                At::Comment => Piece::Comment,
                _ => Piece::Other,
            };
            self.at = At::Name(0);
            return (1, piece);
        }
        match self.at {
            At::Name(seen) => {
                self.at = match (NAME.get(usize::from(seen)), byte) {
                    (Some(&name), _) if name == byte => At::Name(seen + 1),
                    (None, b':') => At::Colon,
                    (_, b':') if seen == 0 => At::Comment,
                    _ => At::OtherLine,
                };
                (1, Piece::Other)
            }
            At::Colon => {
                self.at = At::Data;
                if byte == b' ' { (1, Piece::Other) } else { (line(bytes), Piece::Data) }
            }
            At::Data => (line(bytes), Piece::Data),
            At::Comment | At::OtherLine | At::Mark(_) => (line(bytes), Piece::Other),
        }
    }
}

/// Bytes up to the end of the line.
fn line(bytes: &[u8]) -> usize {
    memchr2(b'\n', b'\r', bytes).unwrap_or(bytes.len())
}
