//! Escapes within the strings of JSON, decoded at every byte.

/// An escape as far as it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Escape {
    None,
    Backslash,
    Hex { digits: u8, value: u16 },
}

impl Escape {
    /// Whether an escape has begun.
    pub(super) fn is_open(self) -> bool {
        self != Self::None
    }

    /// Takes the next byte of an escape and says what it decodes to, if it is whole; `None` when it is no escape.
    ///
    /// A pair of surrogates is one character of four bytes: the first half stands for some such character, the second adds
    /// nothing. Texts are only gauged, and no known name has one.
    pub(super) fn take<'a>(&mut self, byte: u8, utf8: &'a mut [u8; 4]) -> Option<&'a [u8]> {
        let before = std::mem::replace(self, Self::None);
        let (digits, value) = match (before, byte) {
            (Self::Hex { digits, value }, _) => (digits, value),
            (_, b'u') => {
                *self = Self::Hex { digits: 0, value: 0 };
                return Some(&[]);
            }
            _ => {
                let [first, ..] = utf8;
                *first = match byte {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'r' => b'\r',
                    b'b' => 8,
                    b'f' => 12,
                    b'"' | b'\\' | b'/' => byte,
                    _ => return None,
                };
                return utf8.get(..1);
            }
        };
        let digit = u16::try_from(char::from(byte).to_digit(16)?).ok()?;
        let value = (value << 4) | digit;
        if digits < 3 {
            *self = Self::Hex { digits: digits + 1, value };
            return Some(&[]);
        }
        Some(match value {
            0xD800..=0xDBFF => "\u{1F642}".as_bytes(),
            0xDC00..=0xDFFF => &[],
            _ => char::from_u32(u32::from(value))?.encode_utf8(utf8).as_bytes(),
        })
    }
}
