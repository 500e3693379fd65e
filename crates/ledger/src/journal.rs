//! The journal: an append log for the hot path, one file per process, sealed later.
//!
//! A frame is `u32` length, `u32` crc32c of what follows, `u64` sequence, then
//! the entry. Numbers are little-endian; the length counts sequence and entry.

use crate::error;
use crate::import::sync_folder;
use books::{Entry, LedgerError};
use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes before the sequence of a frame.
const HEADER: usize = 8;
/// Bytes of the sequence.
const SEQUENCE: usize = 8;
/// A longer frame is damage, not an entry.
const LONGEST: usize = 16 << 20;

/// The open journal of one process. Its file stays locked while it lives, so
/// that sealing, here or in another process, leaves it alone.
pub struct Journal {
    folder: PathBuf,
    path: PathBuf,
    file: Arc<File>,
    sequence: u64,
    length: u64,
    frame: Vec<u8>,
}

/// Makes what was appended durable without holding the journal, for group commits.
#[derive(Clone)]
pub struct JournalSync {
    path: PathBuf,
    file: Arc<File>,
}

impl JournalSync {
    /// Blocks until everything appended before is on the disk.
    ///
    /// # Errors
    /// When the disk refuses; then nothing later may be acknowledged.
    pub fn sync(&self) -> Result<(), LedgerError> {
        self.file.sync_data().map_err(error::at(&self.path))
    }
}

impl Journal {
    /// Begins a new file in `folder`.
    pub(crate) fn begin(folder: &Path) -> Result<Self, LedgerError> {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        let process = std::process::id();
        for number in 1u32.. {
            let path = folder.join(format!("{process}-{number}.log"));
            match File::options().append(true).create_new(true).open(&path) {
                Ok(file) => {
                    file.lock().map_err(error::at(&path))?;
                    // A sealer may have taken the empty file between the two calls above, and removed it.
                    if !path.exists() {
                        continue;
                    }
                    sync_folder(folder)?;
                    return Ok(Self { folder: folder.to_owned(), path, file: Arc::new(file), sequence: 0, length: 0, frame: Vec::new() });
                }
                // A file of an earlier process with this number, or of this process, not sealed yet.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error::io(&path, &error)),
            }
        }
        Err(error::inner("no free name for a journal"))
    }

    /// Appends an entry with one `write`; returns its sequence in this file.
    /// After it returns the entry survives the death of the process; after
    /// [`Journal::sync`], that of the machine.
    ///
    /// # Errors
    /// When the file cannot be written; the entry is then not in the journal.
    pub fn append(&mut self, entry: &Entry) -> Result<u64, LedgerError> {
        self.frame.clear();
        self.frame.extend([0; HEADER]);
        self.frame.extend((self.sequence + 1).to_le_bytes());
        self.frame = postcard::to_extend(entry, std::mem::take(&mut self.frame)).map_err(error::inner)?;
        let length = u32::try_from(self.frame.len() - HEADER).map_err(error::inner)?;
        let check = crc32c::crc32c(&self.frame[HEADER..]);
        self.frame[..4].copy_from_slice(&length.to_le_bytes());
        self.frame[4..HEADER].copy_from_slice(&check.to_le_bytes());
        if let Err(failure) = (&*self.file).write_all(&self.frame) {
            // Half a frame in the middle would hide all later ones at recovery.
            self.file.set_len(self.length).map_err(error::at(&self.path))?;
            return Err(error::io(&self.path, &failure));
        }
        self.length += self.frame.len() as u64;
        self.sequence += 1;
        Ok(self.sequence)
    }

    /// Blocks until everything appended is on the disk.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn sync(&self) -> Result<(), LedgerError> {
        self.syncer().sync()
    }

    /// A handle that syncs beside further appends.
    #[must_use]
    pub fn syncer(&self) -> JournalSync {
        JournalSync { path: self.path.clone(), file: self.file.clone() }
    }

    /// Entries in the current file.
    #[must_use]
    pub fn entries(&self) -> u64 {
        self.sequence
    }

    /// Closes the current file, which may then be sealed, and begins another.
    /// Does nothing while the current file is empty.
    ///
    /// # Errors
    /// When the old file cannot be synced or the new one not made.
    pub fn rotate(&mut self) -> Result<(), LedgerError> {
        if self.sequence > 0 {
            self.sync()?;
            let next = Self::begin(&self.folder)?;
            let _ = self.file.unlock();
            *self = next;
        }
        Ok(())
    }
}

/// What a closed journal held.
pub(crate) struct Recovered {
    /// Whole entries, in order.
    pub entries: Vec<Entry>,
    /// Bytes of a torn tail that were cut off.
    pub cut: u64,
}

/// A closed journal, held so that nobody else seals it.
pub(crate) struct Closed {
    pub path: PathBuf,
    file: File,
}

/// The journals that no living process writes, in order of their names.
pub(crate) fn closed(folder: &Path) -> Result<Vec<Closed>, LedgerError> {
    let mut journals = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(error::at(folder))? {
        let path = entry.map_err(error::at(folder))?.path();
        if path.extension().is_none_or(|extension| extension != "log") {
            continue;
        }
        let file = File::options().read(true).append(true).open(&path).map_err(error::at(&path))?;
        match file.try_lock() {
            Ok(()) => journals.push(Closed { path, file }),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(failure)) => return Err(error::io(&path, &failure)),
        }
    }
    journals.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(journals)
}

impl Closed {
    /// Reads the whole entries and cuts a torn tail off the file.
    pub(crate) fn recover(&self) -> Result<Recovered, LedgerError> {
        let bytes = std::fs::read(&self.path).map_err(error::at(&self.path))?;
        let (entries, good) = read_frames(&bytes);
        let cut = (bytes.len() - good) as u64;
        if cut > 0 {
            self.file.set_len(good as u64).map_err(error::at(&self.path))?;
        }
        Ok(Recovered { entries, cut })
    }
}

/// The whole frames from the start, and where they end.
fn read_frames(bytes: &[u8]) -> (Vec<Entry>, usize) {
    let mut entries = Vec::new();
    let mut place = 0;
    while let Some((entry, length)) = read_frame(&bytes[place..], entries.len() as u64 + 1) {
        entries.push(entry);
        place += length;
    }
    (entries, place)
}

fn read_frame(bytes: &[u8], expected: u64) -> Option<(Entry, usize)> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (check, rest) = rest.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    if !(SEQUENCE..=LONGEST).contains(&length) {
        return None;
    }
    let body = rest.get(..length)?;
    let (sequence, entry) = body.split_first_chunk::<8>()?;
    if crc32c::crc32c(body) != u32::from_le_bytes(*check) || u64::from_le_bytes(*sequence) != expected {
        return None;
    }
    Some((postcard::from_bytes(entry).ok()?, HEADER + length))
}
