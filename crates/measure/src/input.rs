//! The byte stream of a file, counted for the progress bar and bounded per JSON record.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

/// The most bytes of one JSON record.
pub(crate) const MAX_RECORD_BYTES: u64 = 16 << 20;
/// The most blanks that are looked through for the first byte.
const MAX_BLANKS: usize = 1 << 16;
/// How often the progress bar hears of it.
const TELL_BYTES: u64 = 1 << 20;

/// Position in the stream, readable while a parser owns the stream.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    bytes: Cell<u64>,
    newlines: Cell<u64>,
    record_start: Cell<Option<u64>>,
}

impl Gauge {
    /// Bytes read so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.get()
    }
    /// Line of the last byte read, counted from 1.
    pub(crate) fn line(&self) -> u64 {
        self.newlines.get() + 1
    }
    /// A record begins here: from now on its size is bounded.
    pub(crate) fn begin_record(&self) {
        self.record_start.set(Some(self.bytes.get()));
    }
    /// What follows is skipped unread, whatever its size.
    pub(crate) fn end_record(&self) {
        self.record_start.set(None);
    }
}

/// A reader that counts.
pub(crate) struct Input<'r> {
    inner: &'r mut dyn BufRead,
    progress: &'r mut dyn FnMut(u64),
    told: u64,
    front: Vec<u8>,
    front_used: usize,
    gauge: Rc<Gauge>,
}

impl<'r> Input<'r> {
    pub(crate) fn new(inner: &'r mut dyn BufRead, progress: &'r mut dyn FnMut(u64)) -> Self {
        Self { inner, progress, told: 0, front: Vec::new(), front_used: 0, gauge: Rc::default() }
    }
    pub(crate) fn gauge(&self) -> Rc<Gauge> {
        Rc::clone(&self.gauge)
    }
    /// The bytes at hand; empty at the end of the file.
    pub(crate) fn peek(&mut self) -> io::Result<&[u8]> {
        if self.front_used < self.front.len() {
            return Ok(&self.front[self.front_used..]);
        }
        loop {
            match self.inner.fill_buf() {
                Ok(_) => break,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.inner.fill_buf()
    }
    /// Counts bytes as read.
    pub(crate) fn take(&mut self, count: usize) {
        if self.front_used < self.front.len() {
            self.front_used += count;
        } else {
            self.inner.consume(count);
        }
        let bytes = self.gauge.bytes.get() + count as u64;
        self.gauge.bytes.set(bytes);
        if bytes.saturating_sub(self.told) >= TELL_BYTES {
            self.told = bytes;
            (self.progress)(bytes);
        }
    }
    /// Appends the next bytes of the inner reader to the front; false at the end of the file.
    fn more(&mut self) -> io::Result<bool> {
        self.front.drain(..self.front_used);
        self.front_used = 0;
        loop {
            match self.inner.fill_buf() {
                Ok(bytes) => {
                    let count = bytes.len();
                    self.front.extend_from_slice(bytes);
                    self.inner.consume(count);
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
    /// The first line, or its first bytes when they are more than `limit`; reading goes on before it.
    pub(crate) fn first_line(&mut self, limit: usize) -> io::Result<&[u8]> {
        let mut searched = 0;
        loop {
            let seen = &self.front[self.front_used..];
            let newline = seen[searched..].iter().position(|byte| *byte == b'\n').map(|at| searched + at + 1);
            searched = seen.len();
            if newline.is_some() || searched >= limit || !self.more()? {
                let end = newline.map_or(self.front.len(), |length| self.front_used + length);
                return Ok(&self.front[self.front_used..end]);
            }
        }
    }
    /// The first byte that is no blank and of no byte order mark; reading goes on before it.
    pub(crate) fn first_byte(&mut self) -> io::Result<Option<u8>> {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        loop {
            let seen = &self.front[self.front_used..];
            let text = seen.strip_prefix(MARK).unwrap_or(seen).trim_ascii_start();
            let undecided = text.is_empty() || (seen.len() < MARK.len() && MARK.starts_with(seen));
            if !undecided || seen.len() >= MAX_BLANKS {
                return Ok(text.first().copied());
            }
            if !self.more()? {
                return Ok(self.front[self.front_used..].trim_ascii_start().first().copied());
            }
        }
    }
    /// Skips a byte order mark and refuses encodings by name; says whether anything is there.
    pub(crate) fn open_text(&mut self) -> io::Result<Result<bool, &'static str>> {
        let head = self.peek()?;
        if let Some(message) = crate::lines::refuse_encoding(head) {
            return Ok(Err(message));
        }
        if head.starts_with(b"\xef\xbb\xbf") {
            self.take(3);
        }
        Ok(Ok(!self.peek()?.is_empty()))
    }
    /// Tells the progress bar the final count.
    pub(crate) fn finish(&mut self) {
        (self.progress)(self.gauge.bytes.get());
    }
}

impl Read for Input<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.gauge.record_start.get().is_some_and(|start| self.gauge.bytes.get() - start > MAX_RECORD_BYTES) {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the record is longer than 16 MiB"));
        }
        if self.front_used >= self.front.len() {
            self.more()?;
        }
        // The parser asks for one byte at a time: that is the path to keep short.
        if let ([slot], Some(byte)) = (&mut *out, self.front.get(self.front_used)) {
            *slot = *byte;
            if *byte == b'\n' {
                self.gauge.newlines.set(self.gauge.newlines.get() + 1);
            }
            self.take(1);
            return Ok(1);
        }
        let available = &self.front[self.front_used.min(self.front.len())..];
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        let newlines = out[..count].iter().filter(|byte| **byte == b'\n').count() as u64;
        self.gauge.newlines.set(self.gauge.newlines.get() + newlines);
        self.take(count);
        Ok(count)
    }
}
