//! The bytes of a journal: the head of a file and its frames.
//!
//! The head is the magic, `u32` layout, `u32` check of the fields of an entry,
//! `u64` epoch, `u64` first stamp, `u32` salt and the `u32` crc32c of all that.
//! A frame is `u32` length, `u32` crc32c of what follows, begun with the salt,
//! then `u64` stamp, `u8` kind and the entry; the length counts from the stamp
//! on. Numbers are little-endian.

use crate::error;
use books::{Entry, LedgerError, Rank};
use lca::Counts;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed, xxh3_128_with_seed};

/// The first bytes of every journal.
const MAGIC: [u8; 8] = *b"BILANZJ\n";
/// Version of the layout of head, frames and entries; raise it when the order or the form of an entry's fields changes.
const LAYOUT: u32 = 1;
/// Bytes of the head of a file.
pub(crate) const HEAD: usize = 40;
/// Bytes of length and check.
pub(crate) const CHECK: usize = 8;
/// Bytes of stamp and kind.
pub(crate) const FIXED: usize = 9;
/// A longer frame is damage, not an entry.
pub(crate) const LONGEST: usize = 16 << 20;

/// What a frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A request began; its entry stands if nothing more is heard of it.
    Intent = 1,
    /// What happened.
    Result = 2,
    /// The intents that are open here were copied to a newer file.
    Carried = 3,
}

impl Kind {
    fn of(byte: u8) -> Option<Self> {
        [Self::Intent, Self::Result, Self::Carried].into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// What the head of a file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// Of all writers in a folder, later ones have a higher epoch.
    pub epoch: u64,
    /// All stamps in the file are higher.
    pub born: u64,
    /// Begins every checksum, so that no text inside an entry can pass for a frame.
    pub salt: u32,
}

/// What the first bytes of a file are.
pub(crate) enum Opening {
    /// A journal of this program.
    Whole(Head),
    /// Its writer died before it had written the head; nothing was ever in it.
    Unfinished,
    /// Something else, in words.
    Foreign(String),
}

/// Changes with the names and the order of the quantities: postcard writes no names, so another order would be misread.
fn fields() -> u32 {
    Counts::NAMES.iter().fold(0, |seed, name| xxh3_64_with_seed(name.as_bytes(), seed)) as u32
}

impl Head {
    /// The head as bytes.
    pub(crate) fn bytes(&self) -> [u8; HEAD] {
        let mut bytes = [0; HEAD];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&LAYOUT.to_le_bytes());
        bytes[12..16].copy_from_slice(&fields().to_le_bytes());
        bytes[16..24].copy_from_slice(&self.epoch.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.born.to_le_bytes());
        bytes[32..36].copy_from_slice(&self.salt.to_le_bytes());
        let check = crc32c::crc32c(&bytes[..36]);
        bytes[36..].copy_from_slice(&check.to_le_bytes());
        bytes
    }

    /// Reads the first bytes of a file, at most [`HEAD`] of them.
    pub(crate) fn read(bytes: &[u8]) -> Opening {
        let Some(head) = bytes.first_chunk::<HEAD>() else {
            let known = bytes.len().min(MAGIC.len());
            return if bytes[..known] == MAGIC[..known] {
                Opening::Unfinished
            } else {
                Opening::Foreign("its first bytes are not those of a journal".to_owned())
            };
        };
        let word = |place: usize| u32::from_le_bytes([head[place], head[place + 1], head[place + 2], head[place + 3]]);
        let long = |place: usize| u64::from(word(place)) | (u64::from(word(place + 4)) << 32);
        if head[..8] != MAGIC {
            return Opening::Foreign("its first bytes are not those of a journal".to_owned());
        }
        if word(8) != LAYOUT || word(12) != fields() {
            return Opening::Foreign("another version of bilanz wrote it, and only that one can seal it".to_owned());
        }
        if word(36) != crc32c::crc32c(&head[..36]) {
            return Opening::Foreign("its head is damaged".to_owned());
        }
        Opening::Whole(Self { epoch: long(16), born: long(24), salt: word(32) })
    }
}

/// Begins a frame in `frame`, which is emptied; the entry's bytes are appended next, then [`close`] is called.
fn open(frame: &mut Vec<u8>, stamp: u64, kind: Kind) {
    frame.clear();
    frame.extend_from_slice(&[0; CHECK]);
    frame.extend_from_slice(&stamp.to_le_bytes());
    frame.push(kind as u8);
}

fn close(frame: &mut [u8], salt: u32) -> Result<(), LedgerError> {
    let length = u32::try_from(frame.len() - CHECK).map_err(error::inner)?;
    if length as usize > LONGEST {
        return Err(LedgerError(format!(
            "an entry of {length} bytes is longer than a journal takes ({LONGEST}); shorten its labels, it was not written"
        )));
    }
    let check = crc32c::crc32c_append(salt, &frame[CHECK..]);
    frame[..4].copy_from_slice(&length.to_le_bytes());
    frame[4..CHECK].copy_from_slice(&check.to_le_bytes());
    Ok(())
}

/// Makes `frame` the frame of an entry; its memory is used again.
pub(crate) fn encode(frame: &mut Vec<u8>, salt: u32, stamp: u64, kind: Kind, entry: &Entry) -> Result<(), LedgerError> {
    open(frame, stamp, kind);
    *frame = postcard::to_extend(entry, std::mem::take(frame)).map_err(error::inner)?;
    close(frame, salt)
}

/// Makes `frame` the frame of an entry that is encoded already; of none, for [`Kind::Carried`].
pub(crate) fn encode_bytes(frame: &mut Vec<u8>, salt: u32, stamp: u64, kind: Kind, entry: &[u8]) -> Result<(), LedgerError> {
    open(frame, stamp, kind);
    frame.extend_from_slice(entry);
    close(frame, salt)
}

/// The length, stamp and kind that a frame claims in its first bytes; `None` when they cannot be those of a frame.
pub(crate) fn claims(bytes: &[u8]) -> Option<(usize, u64, Kind)> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (stamp, rest) = rest.get(4..)?.split_first_chunk::<8>()?;
    let length = u32::from_le_bytes(*length) as usize;
    let kind = Kind::of(*rest.first()?)?;
    (FIXED..=LONGEST).contains(&length).then_some((length, u64::from_le_bytes(*stamp), kind))
}

/// Whether the checksum of a whole frame is right.
pub(crate) fn is_sound(frame: &[u8], salt: u32) -> bool {
    frame.get(4..CHECK).is_some_and(|check| check == crc32c::crc32c_append(salt, &frame[CHECK..]).to_le_bytes())
}

/// Names a (source, external id) among the open intents.
pub(crate) fn key(source: &str, external_id: &str) -> u128 {
    xxh3_128_with_seed(external_id.as_bytes(), xxh3_64(source.as_bytes()))
}

/// The key of an encoded entry, read from its first fields alone.
pub(crate) fn key_of(entry: &[u8]) -> Option<u128> {
    let ((source, _, external_id), _) = postcard::take_from_bytes::<(&str, Rank, Option<&str>)>(entry).ok()?;
    external_id.map(|external_id| key(source, external_id))
}

/// The entry of a frame.
pub(crate) fn decode(entry: &[u8]) -> Option<Entry> {
    postcard::from_bytes(entry).ok()
}
