//! Compressed answers: gzip, zstd, and Brotli with stored blocks (valid for every reader, and no compressor is needed).

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write as _};

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Brotli,
    Zstd,
}

impl Coding {
    /// Its name in `content-encoding`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Brotli => "br",
            Self::Zstd => "zstd",
        }
    }

    /// Compresses piece by piece; each can be read as soon as it arrives. The end goes to the last piece.
    ///
    /// # Errors
    /// When a compressor fails.
    pub(super) fn encode(self, pieces: Vec<Bytes>) -> io::Result<Vec<Bytes>> {
        match self {
            Self::Gzip => gzip(pieces),
            Self::Zstd => zstd(pieces),
            Self::Brotli => Ok(brotli(&pieces)),
        }
    }
}

/// Joins what the end left over to the last piece.
fn closed(mut pieces: Vec<Bytes>, rest: &[u8]) -> Vec<Bytes> {
    let mut last = pieces.pop().unwrap_or_default().to_vec();
    last.extend_from_slice(rest);
    pieces.push(last.into());
    pieces
}

fn gzip(pieces: Vec<Bytes>) -> io::Result<Vec<Bytes>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut out = Vec::new();
    for piece in pieces {
        encoder.write_all(&piece)?;
        encoder.flush()?;
        out.push(std::mem::take(encoder.get_mut()).into());
    }
    let rest = encoder.finish()?;
    Ok(closed(out, &rest))
}

fn zstd(pieces: Vec<Bytes>) -> io::Result<Vec<Bytes>> {
    let mut encoder = zstd::stream::write::Encoder::new(Vec::new(), 1)?;
    let mut out = Vec::new();
    for piece in pieces {
        encoder.write_all(&piece)?;
        encoder.flush()?;
        out.push(std::mem::take(encoder.get_mut()).into());
    }
    let rest = encoder.finish()?;
    Ok(closed(out, &rest))
}

/// Bits, lowest first, as RFC 7932 packs them.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    used: u32,
}

impl Bits {
    fn push(&mut self, value: u32, count: u32) {
        for place in 0..count {
            if self.used == 0 {
                self.bytes.push(0);
            }
            if let Some(last) = self.bytes.last_mut() {
                *last |= (((value >> place) & 1) as u8) << self.used;
            }
            self.used = (self.used + 1) % 8;
        }
    }

    /// The next bit starts a byte.
    fn align(&mut self) {
        self.used = 0;
    }
}

/// The most bytes of a stored block with a length of four half-bytes.
const BLOCK_BYTES: usize = 65_536;

fn brotli(pieces: &[Bytes]) -> Vec<Bytes> {
    let mut out = Vec::new();
    // WBITS = 16 is a single zero bit; it stands once, before the first block.
    let mut bits = Bits::default();
    bits.push(0, 1);
    for piece in pieces {
        for block in piece.chunks(BLOCK_BYTES) {
            bits.push(0, 1); // not the last block
            bits.push(0, 2); // length in four half-bytes
            bits.push((block.len() - 1) as u32, 16);
            bits.push(1, 1); // stored
            bits.align();
            bits.bytes.extend_from_slice(block);
        }
        out.push(std::mem::take(&mut bits.bytes).into());
    }
    bits.push(0b11, 2); // last block, empty
    closed(out, &bits.bytes)
}

#[cfg(test)]
mod tests {
    use super::Coding;
    use bytes::Bytes;
    use std::io::Read as _;

    #[test]
    fn every_coding_gives_back_what_went_in() {
        let long = Bytes::from("word ".repeat(40_000));
        for pieces in [vec![Bytes::from_static(b"{}")], vec![Bytes::from_static(b"one"), long.clone(), Bytes::from_static(b"three")]] {
            let whole = pieces.concat();
            for coding in [Coding::Gzip, Coding::Brotli, Coding::Zstd] {
                let encoded = coding.encode(pieces.clone()).unwrap();
                assert_eq!(encoded.len(), pieces.len());
                let encoded = encoded.concat();
                let mut decoded = Vec::new();
                match coding {
                    Coding::Gzip => flate2::read::MultiGzDecoder::new(&encoded[..]).read_to_end(&mut decoded).unwrap(),
                    Coding::Brotli => brotli_decompressor::Decompressor::new(&encoded[..], 4096).read_to_end(&mut decoded).unwrap(),
                    Coding::Zstd => zstd::stream::read::Decoder::new(&encoded[..]).unwrap().read_to_end(&mut decoded).unwrap(),
                };
                assert!(decoded == whole, "{}", coding.as_str());
            }
        }
    }
}
