//! Recovery: what closed journals held, in the order in which it was said, a chunk at a time.

use crate::error;
use crate::frame::{self, CHECK, FIXED, HEAD, Head, Kind, Opening};
use books::{Entry, LedgerError};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fs::{File, TryLockError};
use std::io::Read;
use std::path::{Path, PathBuf};

/// Bytes read at a time.
const CHUNK: usize = 64 << 10;
/// Files read beside each other, so that neither memory nor open files grow with a heap of journals.
const TOGETHER: usize = 128;
/// How far stamps of neighbouring frames may lie apart; random bytes hardly ever do.
const NEAR: u64 = 1 << 40;

/// A journal that nobody writes any more.
#[derive(Debug)]
pub(crate) struct Closed {
    pub path: PathBuf,
    pub head: Head,
}

/// What lies in the folder of journals and is not being written.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Journals, oldest first.
    pub closed: Vec<Closed>,
    /// Files that are no journals of this program, and why.
    pub foreign: Vec<(PathBuf, String)>,
}

/// Looks through `folder`. Only one sealer does at a time.
pub(crate) fn closed(folder: &Path) -> Result<Found, LedgerError> {
    let mut found = Found::default();
    for entry in std::fs::read_dir(folder).map_err(error::at(folder))? {
        let path = entry.map_err(error::at(folder))?.path();
        if path.extension().is_none_or(|extension| extension != "log") || !path.is_file() {
            continue;
        }
        let mut file = File::options().read(true).append(true).open(&path).map_err(error::at(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => continue,
            Err(TryLockError::Error(failure)) => return Err(error::io(&path, &failure)),
        }
        let mut head = Vec::with_capacity(HEAD);
        file.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(error::at(&path))?;
        match Head::read(&head) {
            // A writer locks its file before it writes the head: this one is gone, whoever holds the lock from here on.
            Opening::Whole(head) => found.closed.push(Closed { path, head }),
            // Under the lock: a writer that waits for it will see that the file is gone.
            Opening::Unfinished => std::fs::remove_file(&path).map_err(error::at(&path))?,
            Opening::Foreign(why) => found.foreign.push((path, why)),
        }
    }
    found.closed.sort_by(|a, b| (a.head.epoch, a.head.born, &a.path).cmp(&(b.head.epoch, b.head.born, &b.path)));
    found.foreign.sort();
    Ok(found)
}

/// One file, read frame by frame. A damaged frame costs itself: reading goes on at the next whole one.
struct Frames {
    path: PathBuf,
    file: File,
    salt: u32,
    last: u64,
    buffer: Vec<u8>,
    /// Where the unread bytes of the buffer begin.
    start: usize,
    /// Bytes that belong to no whole frame.
    lost: u64,
}

impl Frames {
    fn open(closed: &Closed) -> Result<Self, LedgerError> {
        let file = File::open(&closed.path).map_err(error::at(&closed.path))?;
        let Head { salt, born, .. } = closed.head;
        let mut frames = Self { path: closed.path.clone(), file, salt, last: born, buffer: Vec::new(), start: 0, lost: 0 };
        frames.fill(HEAD)?;
        frames.start = HEAD;
        Ok(frames)
    }

    /// Has at least `bytes` unread ones in the buffer, unless the file ends before; returns how many there are.
    fn fill(&mut self, bytes: usize) -> Result<usize, LedgerError> {
        while self.buffer.len() - self.start < bytes {
            self.buffer.drain(..self.start);
            self.start = 0;
            let wanted = CHUNK.max(bytes - self.buffer.len());
            let read = self.file.by_ref().take(wanted as u64).read_to_end(&mut self.buffer).map_err(error::at(&self.path))?;
            if read == 0 {
                break;
            }
        }
        Ok(self.buffer.len() - self.start)
    }

    /// Stamp, kind and place in the buffer of the next whole frame's entry.
    fn next(&mut self) -> Result<Option<(u64, Kind, std::ops::Range<usize>)>, LedgerError> {
        loop {
            let there = self.fill(CHECK + FIXED)?;
            if there < CHECK + FIXED {
                self.lost += there as u64;
                self.start += there;
                return Ok(None);
            }
            if let Some((length, stamp, kind)) = frame::claims(&self.buffer[self.start..])
                && stamp > self.last
                && stamp - self.last < NEAR
                && self.fill(CHECK + length)? >= CHECK + length
                && frame::is_sound(&self.buffer[self.start..self.start + CHECK + length], self.salt)
            {
                let entry = self.start + CHECK + FIXED..self.start + CHECK + length;
                self.start = entry.end;
                self.last = stamp;
                return Ok(Some((stamp, kind, entry)));
            }
            self.start += 1;
            self.lost += 1;
        }
    }
}

/// One file on its way into the books.
struct Stream {
    frames: Frames,
    epoch: u64,
    /// Intents without a result so far: when they were said, and their encoded entries.
    open: HashMap<u128, (u64, Vec<u8>)>,
}

impl Stream {
    /// The next result; intents are kept until the end.
    fn next_result(&mut self) -> Result<Option<(u64, Entry)>, LedgerError> {
        while let Some((stamp, kind, place)) = self.frames.next()? {
            let bytes = &self.frames.buffer[place.clone()];
            match kind {
                Kind::Carried => self.open.clear(),
                Kind::Intent => {
                    if let Some(key) = frame::key_of(bytes) {
                        self.open.insert(key, (stamp, bytes.to_vec()));
                    } else {
                        self.frames.lost += bytes.len() as u64;
                    }
                }
                Kind::Result => {
                    if let Some(entry) = frame::decode(bytes) {
                        if let Some(external_id) = &entry.external_id {
                            self.open.remove(&frame::key(&entry.source, external_id));
                        }
                        return Ok(Some((stamp, entry)));
                    }
                    self.frames.lost += bytes.len() as u64;
                }
            }
        }
        Ok(None)
    }

    /// What stands because nothing more was heard.
    fn left_open(&mut self) -> Vec<Entry> {
        let mut left: Vec<_> = std::mem::take(&mut self.open).into_values().collect();
        left.sort_unstable_by_key(|(stamp, _)| *stamp);
        let entries: Vec<Entry> = left.iter().filter_map(|(_, bytes)| frame::decode(bytes)).collect();
        self.frames.lost += (left.len() - entries.len()) as u64;
        entries
    }
}

/// Who takes what was recovered.
pub(crate) trait Taker {
    /// What happened, in the order in which it was said.
    fn result(&mut self, entry: Entry) -> Result<(), LedgerError>;
    /// What began and was never heard of again.
    fn intent(&mut self, entry: Entry) -> Result<(), LedgerError>;
    /// Bytes of a file that belong to no whole frame.
    fn lost(&mut self, path: &Path, bytes: u64);
}

/// Hands everything that lies whole in these journals to `taker`.
pub(crate) fn recover(journals: &[Closed], taker: &mut dyn Taker) -> Result<(), LedgerError> {
    for group in journals.chunks(TOGETHER) {
        let mut streams = Vec::with_capacity(group.len());
        let mut heap = BinaryHeap::new();
        let mut pending: Vec<Option<Entry>> = Vec::with_capacity(group.len());
        for closed in group {
            let mut stream = Stream { frames: Frames::open(closed)?, epoch: closed.head.epoch, open: HashMap::new() };
            let first = stream.next_result()?;
            if let Some((stamp, _)) = &first {
                heap.push(Reverse((stream.epoch, *stamp, streams.len())));
            }
            pending.push(first.map(|(_, entry)| entry));
            streams.push(stream);
        }
        while let Some(Reverse((epoch, _, place))) = heap.pop() {
            if let Some(entry) = pending[place].take() {
                taker.result(entry)?;
            }
            if let Some((stamp, entry)) = streams[place].next_result()? {
                pending[place] = Some(entry);
                heap.push(Reverse((epoch, stamp, place)));
            }
        }
        for mut stream in streams {
            for entry in stream.left_open() {
                taker.intent(entry)?;
            }
            if stream.frames.lost > 0 {
                taker.lost(&stream.frames.path, stream.frames.lost);
            }
        }
    }
    Ok(())
}
