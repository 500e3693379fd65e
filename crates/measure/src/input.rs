//! The byte stream of a file, counted for the progress bar and bounded per JSON record.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::rc::Rc;

/// The most bytes of one JSON record.
pub(crate) const MAX_RECORD_BYTES: u64 = 16 << 20;
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
}

/// A reader that counts.
pub(crate) struct Input<'r> {
    inner: &'r mut dyn BufRead,
    progress: &'r mut dyn FnMut(u64),
    told: u64,
    gauge: Rc<Gauge>,
}

impl<'r> Input<'r> {
    pub(crate) fn new(inner: &'r mut dyn BufRead, progress: &'r mut dyn FnMut(u64)) -> Self {
        Self { inner, progress, told: 0, gauge: Rc::default() }
    }
    pub(crate) fn gauge(&self) -> Rc<Gauge> {
        Rc::clone(&self.gauge)
    }
    /// The bytes at hand; empty at the end of the file.
    pub(crate) fn peek(&mut self) -> io::Result<&[u8]> {
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
        self.inner.consume(count);
        let bytes = self.gauge.bytes.get() + count as u64;
        self.gauge.bytes.set(bytes);
        if bytes - self.told >= TELL_BYTES {
            self.told = bytes;
            (self.progress)(bytes);
        }
    }
    /// Tells the progress bar the final count.
    pub(crate) fn finish(&mut self) {
        (self.progress)(self.gauge.bytes.get());
    }
}

impl Read for Input<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let gauge = Rc::clone(&self.gauge);
        if gauge.record_start.get().is_some_and(|start| gauge.bytes.get() - start > MAX_RECORD_BYTES) {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "the record is longer than 16 MiB"));
        }
        let available = self.peek()?;
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        let newlines = out[..count].iter().filter(|byte| **byte == b'\n').count() as u64;
        gauge.newlines.set(gauge.newlines.get() + newlines);
        self.take(count);
        Ok(count)
    }
}
