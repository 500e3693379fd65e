//! Decompresses a copy of an answer, piece by piece and within bounds, for the meter alone.

use super::scan::Scan;
use brotli_decompressor::DecompressorWriter;
use flate2::write::{MultiGzDecoder, ZlibDecoder};
use std::io::{self, Write};

/// Most decompressed bytes of one answer that are read.
const MOST_DECODED_BYTES: u64 = 512 * 1024 * 1024;
/// Largest window of zstd that is given memory (8 MiB, as RFC 8878 recommends).
const ZSTD_WINDOW_LOG: u32 = 23;
const BUFFER_BYTES: usize = 4096;

/// What reads the answer, behind its decompression.
pub(super) enum Decoder {
    /// As it is.
    Plain(Box<Scan>),
    Gzip(Box<MultiGzDecoder<Bounded>>),
    Deflate(Box<ZlibDecoder<Bounded>>),
    Brotli(Box<DecompressorWriter<Bounded>>),
    Zstd(Box<zstd::stream::write::Decoder<'static, Bounded>>),
    /// An encoding that is not known here: nothing is read.
    Opaque(Box<Scan>),
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Decoder").field(self.scan()).finish()
    }
}

/// Takes decompressed bytes up to a bound.
#[derive(Debug)]
pub(super) struct Bounded {
    scan: Scan,
    left: u64,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(left) = self.left.checked_sub(bytes.len() as u64) else {
            return Err(io::Error::other("too much"));
        };
        self.left = left;
        self.scan.scan(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Decoder {
    /// By the content encoding of the answer.
    pub(super) fn new(encoding: &str, scan: Scan) -> Self {
        let encoding = encoding.trim();
        let is = |name: &str| encoding.eq_ignore_ascii_case(name);
        if Self::is_plain(encoding) {
            return Self::Plain(Box::new(scan));
        }
        let bounded = Bounded { scan, left: MOST_DECODED_BYTES };
        if is("gzip") || is("x-gzip") {
            Self::Gzip(Box::new(MultiGzDecoder::new(bounded)))
        } else if is("deflate") {
            Self::Deflate(Box::new(ZlibDecoder::new(bounded)))
        } else if is("br") {
            Self::Brotli(Box::new(DecompressorWriter::new(bounded, BUFFER_BYTES)))
        } else if is("zstd") {
            zstd_decoder(bounded)
        } else {
            Self::Opaque(Box::new(bounded.scan))
        }
    }

    /// Whether an encoding leaves the bytes as they are.
    pub(super) fn is_plain(encoding: &str) -> bool {
        encoding.trim().is_empty() || encoding.trim().eq_ignore_ascii_case("identity")
    }

    /// Reads a copy of compressed bytes; `false` when nothing more can be read. Plain answers are read by the caller.
    pub(super) fn read(&mut self, bytes: &[u8]) -> bool {
        let read = match self {
            Self::Plain(_) | Self::Opaque(_) => return false,
            Self::Gzip(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()),
            Self::Deflate(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()),
            Self::Brotli(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()),
            Self::Zstd(decoder) => decoder.write_all(bytes).and_then(|()| decoder.flush()),
        };
        read.is_ok()
    }

    /// What reads the decompressed bytes.
    pub(super) fn scan(&self) -> &Scan {
        match self {
            Self::Plain(scan) | Self::Opaque(scan) => scan,
            Self::Gzip(decoder) => &decoder.get_ref().scan,
            Self::Deflate(decoder) => &decoder.get_ref().scan,
            Self::Brotli(decoder) => &decoder.get_ref().scan,
            Self::Zstd(decoder) => &decoder.get_ref().scan,
        }
    }

    /// The same, to end it.
    pub(super) fn scan_mut(&mut self) -> &mut Scan {
        match self {
            Self::Plain(scan) | Self::Opaque(scan) => scan,
            Self::Gzip(decoder) => &mut decoder.get_mut().scan,
            Self::Deflate(decoder) => &mut decoder.get_mut().scan,
            Self::Brotli(decoder) => &mut decoder.get_mut().scan,
            Self::Zstd(decoder) => &mut decoder.get_mut().scan,
        }
    }
}

fn zstd_decoder(bounded: Bounded) -> Decoder {
    let context = zstd::stream::raw::Decoder::new().and_then(|mut decoder| {
        decoder.set_parameter(zstd::zstd_safe::DParameter::WindowLogMax(ZSTD_WINDOW_LOG))?;
        Ok(decoder)
    });
    match context {
        Ok(decoder) => Decoder::Zstd(Box::new(zstd::stream::write::Decoder::with_decoder(bounded, decoder))),
        Err(_) => Decoder::Opaque(Box::new(bounded.scan)),
    }
}
