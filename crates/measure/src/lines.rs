//! Lines of a text file, bounded in length, checked for their encoding.

use crate::error::{ImportError, RowError};
use crate::input::Input;

/// What the next line is.
pub(crate) enum Line {
    /// There is none.
    End,
    /// Text, to be had with [`Lines::text`].
    Text,
    /// A line that cannot be used; reading may go on behind it.
    Bad(RowError),
}

/// A reader of lines.
pub(crate) struct Lines<'r> {
    input: Input<'r>,
    file: String,
    limit: usize,
    text: String,
    number: u64,
    ended: bool,
}

impl<'r> Lines<'r> {
    /// Lines of at most `limit` bytes; a byte order mark is skipped, UTF-16 refused by name.
    pub(crate) fn open(mut input: Input<'r>, file: &str, limit: usize) -> Result<Self, ImportError> {
        if let Err(message) = input.open_text().map_err(|error| ImportError::io(file, error))? {
            return Err(ImportError::input(file, Some(1), message));
        }
        Ok(Self { input, file: file.to_owned(), limit, text: String::new(), number: 0, ended: false })
    }
    /// The current line, without its line end.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }
    /// Number of the current line, counted from 1.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }
    /// Whether the last line had no line end.
    pub(crate) fn ended_open(&self) -> bool {
        self.ended
    }
    pub(crate) fn file(&self) -> &str {
        &self.file
    }
    pub(crate) fn finish(&mut self) {
        self.input.finish();
    }

    /// Steps to the next line.
    pub(crate) fn next(&mut self) -> Result<Line, ImportError> {
        let mut bytes = std::mem::take(&mut self.text).into_bytes();
        bytes.clear();
        let (mut read, mut length) = (false, 0usize);
        loop {
            let available = self.input.peek().map_err(|error| ImportError::io(&self.file, error))?;
            if available.is_empty() {
                self.ended = true;
                break;
            }
            read = true;
            let newline = available.iter().position(|byte| *byte == b'\n');
            let part = newline.unwrap_or(available.len());
            length = length.saturating_add(part);
            if length <= self.limit {
                bytes.extend_from_slice(&available[..part]);
            }
            self.input.take(part + usize::from(newline.is_some()));
            if newline.is_some() {
                break;
            }
        }
        if !read {
            return Ok(Line::End);
        }
        self.number += 1;
        if length > self.limit {
            let limit = self.limit >> 20;
            return Ok(Line::Bad(RowError::new(format!(
                "the line is {length} bytes long, above the limit of {limit} MiB; check that the file has line ends and no stray quote"
            ))));
        }
        if bytes.last() == Some(&b'\r') {
            bytes.pop();
        }
        match String::from_utf8(bytes) {
            Ok(text) => {
                self.text = text;
                Ok(Line::Text)
            }
            Err(error) => {
                let at = error.utf8_error().valid_up_to() + 1;
                Ok(Line::Bad(RowError::new(format!("byte {at} of the line is not valid UTF-8; save the file as UTF-8"))))
            }
        }
    }
}

/// Why the encoding of a file is refused, by its first bytes.
pub(crate) fn refuse_encoding(head: &[u8]) -> Option<&'static str> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Some("the file is UTF-16 (its first bytes say so); save it as UTF-8 (in Excel: `CSV UTF-8`)");
    }
    if head.starts_with(b"PK\x03\x04") {
        return Some("the file is a workbook or zip archive, not text; save the sheet as `CSV UTF-8`, or unpack the archive");
    }
    if head.starts_with(b"\x1f\x8b") || head.starts_with(b"\x28\xb5\x2f\xfd") {
        return Some("the file is compressed; unpack it first (gunzip or zstd -d)");
    }
    if head.starts_with(b"PAR1") {
        return Some("the file is Parquet; export it as CSV or JSON lines");
    }
    None
}
