//! The journal: an append log for the hot path, one file per writer, sealed later.

use crate::error;
use crate::frame::{self, HEAD, Head, Kind};
use crate::import::sync_folder;
use crate::log_file::LogFile;
use books::{Entry, Flush, LedgerError};
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::BuildHasher;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Buffers kept for later intents.
const SPARE: usize = 256;

/// Orders what the journals of one process say, and those of processes among each other.
#[derive(Debug)]
pub(crate) struct Order {
    epoch: u64,
    next: AtomicU64,
    number: AtomicU32,
}

impl Order {
    /// Later than all that lies in `folder`; what is sealed already needs no order.
    pub(crate) fn after(folder: &Path) -> Result<Self, LedgerError> {
        let mut epoch = 0;
        for file in std::fs::read_dir(folder).map_err(error::at(folder))?.flatten() {
            let mut bytes = [0; HEAD];
            if let Ok(()) = File::open(file.path()).and_then(|mut file| file.read_exact(&mut bytes))
                && let frame::Opening::Whole(head) = Head::read(&bytes)
            {
                epoch = epoch.max(head.epoch);
            }
        }
        Ok(Self { epoch: epoch + 1, next: AtomicU64::new(1), number: AtomicU32::new(1) })
    }

    fn stamp(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }
}

/// One file and how much of it is whole. It stays locked while it lives, so
/// that sealing, here or in another process, leaves it alone.
struct Log {
    path: PathBuf,
    file: Arc<LogFile>,
    salt: u32,
    length: u64,
    /// Whether bytes of a frame that failed may lie behind `length`.
    torn: bool,
    /// Frames since the file was begun, without the intents it was begun with.
    appended: u64,
}

impl Log {
    fn begin(folder: &Path, order: &Order, wrap: impl Fn(File) -> LogFile) -> Result<Self, LedgerError> {
        let process = std::process::id();
        loop {
            let number = order.number.fetch_add(1, Ordering::Relaxed);
            let path = folder.join(format!("{process}-{number}.log"));
            let file = match File::options().append(true).create_new(true).open(&path) {
                Ok(file) => file,
                // A file of an earlier process with this number, or of other books of this one.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => continue,
                Err(error) => return Err(error::io(&path, &error)),
            };
            file.lock().map_err(error::at(&path))?;
            // A sealer may have found the file without a head between the two calls above, and removed it.
            if !path.exists() {
                continue;
            }
            let salt = RandomState::new().hash_one(number) as u32;
            let mut log = Self { path, file: Arc::new(wrap(file)), salt, length: 0, torn: false, appended: 0 };
            let head = Head { epoch: order.epoch, born: order.stamp(), salt };
            if let Err(failure) = log.append(&head.bytes()).and_then(|()| sync_folder(folder)) {
                log.discard();
                return Err(failure);
            }
            log.appended = 0;
            return Ok(log);
        }
    }

    /// Writes whole or not at all.
    fn append(&mut self, bytes: &[u8]) -> Result<(), LedgerError> {
        if self.torn {
            self.mend()?;
        }
        if let Err(failure) = self.file.write_all(bytes) {
            self.torn = true;
            // Tried again before the next frame; until then nothing is appended behind the torn one.
            let _ = self.mend();
            return Err(error::io(&self.path, &failure));
        }
        self.length += bytes.len() as u64;
        self.appended += 1;
        Ok(())
    }

    fn mend(&mut self) -> Result<(), LedgerError> {
        self.file.set_len(self.length).map_err(error::at(&self.path))?;
        self.torn = false;
        Ok(())
    }

    fn sync(&self) -> Result<(), LedgerError> {
        self.file.sync().map_err(error::at(&self.path))
    }

    /// Takes a file away that nothing depends on. Should that fail, its intents are known elsewhere, and no row is doubled.
    fn discard(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        // A flush may still hold the file; sealing need not wait for that.
        self.file.unlock();
    }
}

/// The open journal of one thread; see [`books::Journal`].
pub struct Journal {
    folder: PathBuf,
    order: Arc<Order>,
    log: Log,
    /// The file that a flush reaches; changes when the journal rotates.
    current: Arc<Mutex<(PathBuf, Arc<LogFile>)>>,
    frame: Vec<u8>,
    /// The entries of requests that are under way, encoded.
    open: HashMap<u128, Vec<u8>>,
    spare: Vec<Vec<u8>>,
}

impl Journal {
    /// Begins a new file in `folder`.
    pub(crate) fn begin(folder: &Path, order: Arc<Order>) -> Result<Self, LedgerError> {
        Self::begin_over(folder, order, LogFile::new)
    }

    fn begin_over(folder: &Path, order: Arc<Order>, wrap: impl Fn(File) -> LogFile) -> Result<Self, LedgerError> {
        let log = Log::begin(folder, &order, wrap)?;
        let current = Arc::new(Mutex::new((log.path.clone(), log.file.clone())));
        Ok(Self { folder: folder.to_owned(), order, log, current, frame: Vec::new(), open: HashMap::new(), spare: Vec::new() })
    }

    /// A journal on a disk that takes only so many bytes.
    #[cfg(test)]
    pub(crate) fn begin_within(folder: &Path, order: Arc<Order>, room: &Arc<std::sync::atomic::AtomicI64>) -> Result<Self, LedgerError> {
        Self::begin_over(folder, order, |file| LogFile::within(file, room.clone()))
    }

    /// Requests that began and are not over.
    #[must_use]
    pub fn open_intents(&self) -> usize {
        self.open.len()
    }

    fn write(&mut self, kind: Kind, entry: &Entry) -> Result<(), LedgerError> {
        frame::encode(&mut self.frame, self.log.salt, self.order.stamp(), kind, entry)?;
        self.log.append(&self.frame)
    }

    /// Copies what is under way to `next`; only then does this file say that it did.
    fn carry(&mut self, next: &mut Log) -> Result<(), LedgerError> {
        self.log.sync()?;
        if self.open.is_empty() {
            return Ok(());
        }
        for entry in self.open.values() {
            frame::encode_bytes(&mut self.frame, next.salt, self.order.stamp(), Kind::Intent, entry)?;
            next.append(&self.frame)?;
        }
        // Durable before the marker is: a marker without the copies would lose requests.
        next.sync()?;
        next.appended = 0;
        frame::encode_bytes(&mut self.frame, self.log.salt, self.order.stamp(), Kind::Carried, &[])?;
        self.log.append(&self.frame)
    }
}

impl books::Journal for Journal {
    fn intend(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        let Some(external_id) = &entry.external_id else {
            return Err(error::inner("an intent without an id, which no result could ever replace"));
        };
        self.write(Kind::Intent, entry)?;
        let mut kept = self.spare.pop().unwrap_or_default();
        kept.clear();
        kept.extend_from_slice(&self.frame[frame::CHECK + frame::FIXED..]);
        self.open.insert(frame::key(&entry.source, external_id), kept);
        Ok(())
    }

    fn record(&mut self, entry: &Entry) -> Result<(), LedgerError> {
        self.write(Kind::Result, entry)?;
        if let Some(external_id) = &entry.external_id
            && let Some(kept) = self.open.remove(&frame::key(&entry.source, external_id))
            && self.spare.len() < SPARE
        {
            self.spare.push(kept);
        }
        Ok(())
    }

    fn rotate(&mut self) -> Result<(), LedgerError> {
        if self.log.appended == 0 {
            return Ok(());
        }
        let old = self.log.file.clone();
        let mut next = Log::begin(&self.folder, &self.order, |file| old.like(file))?;
        if let Err(failure) = self.carry(&mut next) {
            next.discard();
            return Err(failure);
        }
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = (next.path.clone(), next.file.clone());
        self.log = next;
        Ok(())
    }

    fn flusher(&self) -> Flush {
        let current = self.current.clone();
        Box::new(move || {
            let (path, file) = current.lock().unwrap_or_else(PoisonError::into_inner).clone();
            file.sync().map_err(error::at(&path))
        })
    }
}
