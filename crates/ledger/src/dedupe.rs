//! Which rows of an import are new: an anti-join by identity that spills to disk.

use crate::error;
use books::{Identity, LedgerError};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

/// Partitions of the join; one is held in memory at a time when it spilled.
const PARTITIONS: usize = 128;

/// (id high, id low, content high, content low, address).
type Record = [u64; 5];

const EXISTING: u64 = 1 << 63;
const EXTERNAL: u64 = 1 << 62;
const DEAD: u64 = 1 << 61;
const INTENT: u64 = 1 << 60;
const UNIT_BITS: u64 = (1 << 28) - 1;

/// Rows as a set of bits.
#[derive(Debug, Default, Clone)]
pub(crate) struct Bits(Vec<u64>);

impl Bits {
    fn insert(&mut self, row: u32) {
        let word = row as usize / 64;
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (row % 64);
    }
    /// How many.
    pub(crate) fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }
    /// All, in order.
    pub(crate) fn rows(&self) -> Vec<u32> {
        let mut rows = Vec::new();
        for (place, word) in self.0.iter().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                rows.push((place * 64) as u32 + rest.trailing_zeros());
                rest &= rest - 1;
            }
        }
        rows
    }
}

/// What the anti-join found.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// Per part, the rows that are not imported.
    pub dropped: Vec<Bits>,
    /// Per segment of the snapshot, the rows that the import hides.
    pub hidden: BTreeMap<u32, Bits>,
    /// Rows that were there already.
    pub duplicates: u64,
    /// Live rows that a restatement replaces.
    pub superseded: u64,
    /// Intents that stand, since no result is known.
    pub interrupted: u64,
}

/// The identities of an import, in partitions by hash.
pub(crate) struct Dedupe {
    partitions: Vec<Vec<Record>>,
    folder: PathBuf,
    held: usize,
    budget: usize,
    spilled: bool,
    external: bool,
}

impl Dedupe {
    /// Spills to `folder` when more than `budget_bytes` are held.
    pub(crate) fn new(folder: PathBuf, budget_bytes: usize) -> Self {
        let budget = (budget_bytes / size_of::<Record>()).max(1);
        Self { partitions: vec![Vec::new(); PARTITIONS], folder, held: 0, budget, spilled: false, external: false }
    }

    /// Whether any row carries an id of its source.
    pub(crate) fn any_external(&self) -> bool {
        self.external
    }

    /// A row of the import, in the order of the file. An `intent` gives way to every other row of its id.
    pub(crate) fn push_new(&mut self, identity: &Identity, intent: bool, part: u32, row: u32) -> Result<(), LedgerError> {
        self.external |= identity.external;
        let flags = if identity.external { EXTERNAL } else { 0 } | if intent { INTENT } else { 0 };
        self.push(identity.id, identity.content, flags | (u64::from(part) << 32) | u64::from(row))
    }

    /// A row of the ledger; `dead` when it is superseded already.
    pub(crate) fn push_existing(&mut self, id: u128, content: u128, dead: bool, segment: u32, row: u32) -> Result<(), LedgerError> {
        let flags = EXISTING | if dead { DEAD } else { 0 };
        self.push(id, content, flags | (u64::from(segment) << 32) | u64::from(row))
    }

    fn push(&mut self, id: u128, content: u128, address: u64) -> Result<(), LedgerError> {
        let record = [(id >> 64) as u64, id as u64, (content >> 64) as u64, content as u64, address];
        self.partitions[(record[0] >> 57) as usize].push(record);
        self.held += 1;
        if self.held > self.budget { self.spill() } else { Ok(()) }
    }

    fn file(&self, partition: usize) -> PathBuf {
        self.folder.join(format!("identities-{partition}"))
    }

    fn spill(&mut self) -> Result<(), LedgerError> {
        for partition in 0..PARTITIONS {
            let path = self.file(partition);
            let records = std::mem::take(&mut self.partitions[partition]);
            let file = OpenOptions::new().create(true).append(true).open(&path).map_err(error::at(&path))?;
            let mut file = BufWriter::new(file);
            for record in &records {
                for word in record {
                    file.write_all(&word.to_le_bytes()).map_err(error::at(&path))?;
                }
            }
            file.flush().map_err(error::at(&path))?;
        }
        self.held = 0;
        self.spilled = true;
        Ok(())
    }

    /// A sieve that says "maybe" for every id of the import, and mostly "no" for others.
    ///
    /// It keeps the ledger's own rows out of the join; not built once the
    /// import has spilled, since it would cost a pass over the disk.
    pub(crate) fn sieve(&self) -> Sieve {
        if self.spilled {
            return Sieve { bits: Vec::new(), mask: 0 };
        }
        let size = (self.held * 16).next_power_of_two().max(1024);
        let mut sieve = Sieve { bits: vec![0; size / 64], mask: size as u64 - 1 };
        for record in self.partitions.iter().flatten() {
            for probe in [record[0] & sieve.mask, record[1] & sieve.mask] {
                sieve.bits[(probe / 64) as usize] |= 1 << (probe % 64);
            }
        }
        sieve
    }

    /// Joins, partition by partition. `parts` is how many the import has.
    pub(crate) fn finish(mut self, parts: usize) -> Result<Verdict, LedgerError> {
        let mut verdict = Verdict { dropped: vec![Bits::default(); parts], ..Verdict::default() };
        for partition in 0..PARTITIONS {
            let mut records = Vec::new();
            if self.spilled {
                let path = self.file(partition);
                let bytes = std::fs::read(&path).map_err(error::at(&path))?;
                records.reserve(bytes.len() / size_of::<Record>() + self.partitions[partition].len());
                for chunk in bytes.chunks_exact(size_of::<Record>()) {
                    let mut record = [0; 5];
                    for (word, bytes) in record.iter_mut().zip(chunk.as_chunks::<8>().0) {
                        *word = u64::from_le_bytes(*bytes);
                    }
                    records.push(record);
                }
            }
            records.append(&mut self.partitions[partition]);
            // Stable, so that equal ids stay in the order of the file.
            records.sort_by_key(|record| (record[0], record[1]));
            for group in records.chunk_by(|a, b| a[..2] == b[..2]) {
                decide(group, &mut verdict);
            }
        }
        Ok(verdict)
    }
}

/// See [`Dedupe::sieve`].
pub(crate) struct Sieve {
    bits: Vec<u64>,
    mask: u64,
}

impl Sieve {
    /// Whether the import may hold this id.
    pub(crate) fn maybe(&self, id: u128) -> bool {
        let hit = |probe: u64| self.bits[(probe / 64) as usize] & (1 << (probe % 64)) != 0;
        self.bits.is_empty() || (hit((id >> 64) as u64 & self.mask) && hit(id as u64 & self.mask))
    }
}

fn decide(group: &[Record], verdict: &mut Verdict) {
    let fresh = || group.iter().filter(|record| record[4] & EXISTING == 0);
    let known = || group.iter().filter(|record| record[4] & EXISTING != 0);
    let is_intent = |record: &Record| record[4] & INTENT != 0;
    let Some(last) = fresh().rfind(|record| !is_intent(record)).or_else(|| fresh().next_back()) else { return };
    let unit = |record: &Record| ((record[4] >> 32) & UNIT_BITS) as u32;
    let mut drop_row = |record: &Record| {
        verdict.dropped[unit(record) as usize].insert(record[4] as u32);
        verdict.duplicates += 1;
    };
    if last[4] & EXTERNAL == 0 {
        // The n-th copy in the file matches the n-th copy in the ledger.
        let live = known().filter(|record| record[4] & DEAD == 0).count();
        fresh().take(live).for_each(drop_row);
        return;
    }
    fresh().filter(|record| record[4] != last[4]).for_each(&mut drop_row);
    // What is sealed may be the result; an intent never takes its place.
    if known().any(|record| record[4] & DEAD == 0 && (is_intent(last) || record[2..4] == last[2..4])) {
        drop_row(last);
        return;
    }
    verdict.interrupted += u64::from(is_intent(last));
    // Rows that are hidden already are hidden again: if the import that hid
    // them is taken back, this newer statement still replaces them.
    for record in known() {
        verdict.hidden.entry(unit(record)).or_default().insert(record[4] as u32);
        verdict.superseded += u64::from(record[4] & DEAD == 0);
    }
}
