//! Staging: rows of an import on their way into Parquet files, encoded on threads beside the reader.

use crate::columns::{DayColumns, Detached, FED, Interner};
use crate::dedupe::Verdict;
use crate::error;
use crate::schema::properties;
use crate::segment::{Part, SegmentWriter};
use arrow::array::BooleanArray;
use arrow::compute::filter_record_batch;
use books::{Day, Entry, Identity, LedgerError};
use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

/// What one import may hold in memory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Budget {
    /// Rows of a day that are written as one file.
    pub part_rows: usize,
    /// Bytes of rows not written yet.
    pub buffer_bytes: usize,
    /// Bytes of identities before they spill.
    pub identity_bytes: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { part_rows: 2 * crate::schema::GROUP_ROWS, buffer_bytes: 192 << 20, identity_bytes: 224 << 20 }
    }
}

/// Bytes of distinct words before all buffers are written and the words forgotten.
const WORD_BYTES: usize = 64 << 20;

struct Job {
    part: u32,
    day: Day,
    rows: Detached,
    /// Rows to leave out.
    dropped: Vec<u32>,
}

/// A part of the import, and which of its rows still have to go.
pub(crate) struct Staged {
    /// The file.
    pub part: Part,
    /// Rows that are not imported, sorted.
    pub dropped: Vec<u32>,
}

type Written = Result<(u32, Part), LedgerError>;

/// The rows of one import that are not sealed yet.
pub(crate) struct Staging {
    budget: Budget,
    interner: Interner,
    days: HashMap<Day, Box<DayColumns>>,
    /// The day of the last row, kept out of the map: rows mostly come in order of time.
    current: Option<(Day, Box<DayColumns>)>,
    held: usize,
    next_part: u32,
    jobs: Option<SyncSender<Job>>,
    results: Receiver<Written>,
    parts: Vec<(u32, Part)>,
    threads: Vec<JoinHandle<()>>,
}

impl Staging {
    /// Starts the writer threads.
    pub(crate) fn new(folder: &Path, budget: Budget) -> Result<Self, LedgerError> {
        let workers = std::thread::available_parallelism().map_or(1, |cores| cores.get().clamp(1, 8));
        let (jobs, queue) = sync_channel::<Job>(1);
        let (answers, results) = std::sync::mpsc::channel();
        let queue = Arc::new(Mutex::new(queue));
        let mut threads = Vec::new();
        for number in 0..workers {
            let (queue, answers, folder) = (queue.clone(), answers.clone(), folder.to_owned());
            let work = move || {
                loop {
                    let job = queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
                    let Ok(job) = job else { return };
                    if answers.send(write_part(&folder, job)).is_err() {
                        return;
                    }
                }
            };
            let thread = std::thread::Builder::new().name(format!("segment-writer-{number}")).spawn(work);
            threads.push(thread.map_err(error::inner)?);
        }
        Ok(Self {
            budget,
            interner: Interner::default(),
            days: HashMap::new(),
            current: None,
            held: 0,
            next_part: 0,
            jobs: Some(jobs),
            results,
            parts: Vec::new(),
            threads,
        })
    }

    /// Adds a row; returns its part and row.
    pub(crate) fn push(&mut self, day: Day, entry: &Entry, identity: &Identity) -> Result<(u32, u32), LedgerError> {
        if self.current.as_ref().is_none_or(|(current, _)| *current != day) {
            if let Some((last, columns)) = self.current.take() {
                self.days.insert(last, columns);
            }
            let columns = self.days.remove(&day).unwrap_or_else(|| {
                self.next_part += 1;
                Box::new(DayColumns::new(self.next_part - 1))
            });
            self.current = Some((day, columns));
        }
        let Some((_, columns)) = &mut self.current else { return Err(error::inner("no current day")) };
        let part = columns.part;
        let (row, bytes) = columns.push(entry, identity, &mut self.interner);
        let full = columns.rows() >= self.budget.part_rows;
        self.held += bytes;
        if full {
            self.write_current()?;
        } else if self.held > self.budget.buffer_bytes || self.interner.bytes() > WORD_BYTES {
            self.relieve()?;
        }
        Ok((part, row))
    }

    fn write_current(&mut self) -> Result<(), LedgerError> {
        let Some((day, columns)) = self.current.take() else { return Ok(()) };
        let share = if self.days.is_empty() { self.held } else { self.held * columns.rows() / self.rows_held(&columns) };
        self.held -= share;
        self.send(day, columns, Vec::new())
    }

    fn rows_held(&self, current: &DayColumns) -> usize {
        (current.rows() + self.days.values().map(|columns| columns.rows()).sum::<usize>()).max(1)
    }

    /// Writes the largest days until half the room is free; everything, when the words are too many.
    fn relieve(&mut self) -> Result<(), LedgerError> {
        if let Some((day, columns)) = self.current.take() {
            self.days.insert(day, columns);
        }
        let forget = self.interner.bytes() > WORD_BYTES;
        let mut sizes: Vec<_> = self.days.iter().map(|(day, columns)| (columns.rows(), *day)).collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        let total: usize = sizes.iter().map(|(rows, _)| rows).sum();
        let (mut written, held) = (0, self.held);
        for (rows, day) in sizes {
            if written * 2 >= total && !forget {
                break;
            }
            written += rows;
            if let Some(columns) = self.days.remove(&day) {
                self.send(day, columns, Vec::new())?;
            }
        }
        self.held = held - (held as u128 * written as u128 / total.max(1) as u128) as usize;
        if forget {
            self.interner = Interner::default();
        }
        Ok(())
    }

    fn send(&mut self, day: Day, columns: Box<DayColumns>, dropped: Vec<u32>) -> Result<(), LedgerError> {
        // A failure of a writer (a full disk) ends the import now, not after the last row.
        for written in self.results.try_iter() {
            self.parts.push(written?);
        }
        let job = Job { part: columns.part, day, rows: columns.detach(&self.interner), dropped };
        let jobs = self.jobs.as_ref().ok_or_else(|| error::inner("staging is closed"))?;
        jobs.send(job).map_err(|_| error::inner("the writer threads ended"))
    }

    /// How many parts there are, written or not.
    pub(crate) fn parts(&self) -> usize {
        self.next_part as usize
    }

    /// Writes what is left, without the rows that are known already, and waits.
    /// The parts come in the order of their numbers; those without a row are gone.
    pub(crate) fn finish(mut self, verdict: &Verdict) -> Result<Vec<Staged>, LedgerError> {
        if let Some((day, columns)) = self.current.take() {
            self.days.insert(day, columns);
        }
        let mut rest: Vec<_> = self.days.drain().collect();
        rest.sort_unstable_by_key(|(_, columns)| columns.part);
        let mut clean = vec![false; self.parts()];
        let mut expected = self.parts();
        for (day, columns) in rest {
            let dropped = &verdict.dropped[columns.part as usize];
            clean[columns.part as usize] = true;
            if dropped.count() == columns.rows() as u64 {
                expected -= 1;
            } else {
                self.send(day, columns, dropped.rows())?;
            }
        }
        self.stop();
        let mut parts = std::mem::take(&mut self.parts);
        for written in self.results.try_iter() {
            parts.push(written?);
        }
        if parts.len() != expected {
            return Err(error::inner("a writer thread ended early"));
        }
        parts.sort_unstable_by_key(|(number, _)| *number);
        let mut staged = Vec::with_capacity(parts.len());
        for (number, part) in parts {
            let number = number as usize;
            let dropped = if clean[number] { Vec::new() } else { verdict.dropped[number].rows() };
            if dropped.len() as u64 == part.rows {
                std::fs::remove_file(&part.path).map_err(error::at(&part.path))?;
            } else {
                staged.push(Staged { part, dropped });
            }
        }
        Ok(staged)
    }

    fn stop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // A panic in a writer shows as a missing part.
            let _ = thread.join();
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        self.stop();
    }
}

fn write_part(folder: &Path, job: Job) -> Written {
    let path = folder.join(format!("part-{}.parquet", job.part));
    let properties = properties(job.rows.rows(), |name| job.rows.is_plain(name));
    let mut batch = job.rows.into_batch().map_err(error::inner)?;
    if !job.dropped.is_empty() {
        let mut kept = vec![true; batch.num_rows()];
        job.dropped.iter().for_each(|row| kept[*row as usize] = false);
        batch = filter_record_batch(&batch, &BooleanArray::from(kept)).map_err(error::inner)?;
    }
    let mut writer = SegmentWriter::create(&path, job.day, &FED, properties)?;
    writer.write(&batch)?;
    Ok((job.part, writer.finish()?))
}
