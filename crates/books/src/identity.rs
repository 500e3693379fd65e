//! Identity: what makes a row the same row, so that importing twice changes nothing.

use crate::Entry;
use lca::Counts;
use xxhash_rust::xxh3::Xxh3;

/// Two 128-bit hashes of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// Hash of (source, external id), or of (source, content) where the source gives no id.
    pub id: u128,
    /// Hash of the content as the source stated it.
    pub content: u128,
    /// Whether the source gave an id: then a changed content is a restatement,
    /// else equal rows are counted, and the n-th copy matches the n-th copy.
    pub external: bool,
}

/// The identity of an entry.
///
/// What the user's own configuration adds (account, normalised model, zone, site)
/// is left out, so that a changed mapping never makes an old row look new.
#[must_use]
pub fn identify(entry: &Entry) -> Identity {
    let mut hash = Xxh3::new();
    text(&mut hash, &entry.source);
    hash.update(&[entry.rank as u8, entry.kind as u8, entry.evidence as u8, entry.stage.map_or(255, |stage| stage as u8)]);
    hash.update(&entry.time_start_ms.to_le_bytes());
    hash.update(&entry.time_end_ms.to_le_bytes());
    for word in [&entry.model_reported, &entry.region, &entry.currency, &entry.labels] {
        text(&mut hash, word);
    }
    let mut present = 0u64;
    let mut bytes = [0u8; 8 * Counts::NAMES.len()];
    let mut length = 0;
    for (place, (name, value)) in Counts::NAMES.iter().zip(entry.counts.as_array()).enumerate() {
        // Derived from a factor set, so no part of what the source said.
        if name.starts_with("generation_") {
            continue;
        }
        if let Some(value) = value {
            present |= 1 << place;
            bytes[length..length + 8].copy_from_slice(&value.to_le_bytes());
            length += 8;
        }
    }
    hash.update(&present.to_le_bytes());
    hash.update(&bytes[..length]);
    hash.update(&entry.counts.energy_nj.unwrap_or(-1).to_le_bytes());
    let content = hash.digest128();
    let id = entry.external_id.as_ref().map_or(content, |external| {
        let mut hash = Xxh3::new();
        hash.update(b"external");
        text(&mut hash, &entry.source);
        text(&mut hash, external);
        hash.digest128()
    });
    Identity { id, content, external: entry.external_id.is_some() }
}

/// Length first, so that ("ab", "c") and ("a", "bc") differ.
fn text(hash: &mut Xxh3, word: &str) {
    hash.update(&(word.len() as u64).to_le_bytes());
    hash.update(word.as_bytes());
}
