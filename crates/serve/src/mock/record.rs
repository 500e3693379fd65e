//! What the mock remembers of each request: its own ledger, in a file and in memory, and counters.

use super::Options;
use super::tokens::TrueUsage;
use serde::Serialize;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One request that began, as it ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The request header `x-request-id`, or a name of the mock's own.
    pub id: String,
    /// The request header `x-bilanz-attempt`.
    pub attempt: Option<String>,
    /// The id in the answer's body (Bedrock: in its head).
    pub answer_id: String,
    /// Whose form: openai, azure, mistral, anthropic, gemini, bedrock, ollama.
    pub dialect: &'static str,
    /// What was asked for: `chat_completions`, `messages`, ...
    pub operation: &'static str,
    /// The model, without fault suffixes.
    pub model: String,
    /// Whether a stream was asked for.
    pub stream: bool,
    /// Status of the answer; nothing when it never got a head.
    pub status: Option<u16>,
    /// What the whole answer uses; nothing when no model ran.
    pub usage: Option<TrueUsage>,
    /// Whether the answer, read to its end, tells that usage.
    pub usage_told: bool,
    /// Visible output tokens handed to the connection.
    pub tokens_sent: u64,
    /// Whether the whole answer was handed to the connection.
    pub complete: bool,
    /// Whether the caller left before that.
    pub client_aborted: bool,
    /// Bytes of the answer's body handed to the connection.
    pub bytes: u64,
    /// Faults asked for or drawn, as they were named.
    pub faults: String,
}

/// Counters since the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Connections accepted.
    pub connections: u64,
    /// Requests that began.
    pub requests: u64,
    /// Requests that are not over yet.
    pub active: u64,
    /// Requests whose whole answer was handed to the connection.
    pub complete: u64,
    /// Requests whose caller left early.
    pub aborted: u64,
    /// Lines that could not be written to the ledger file.
    pub ledger_errors: u64,
}

/// The counters themselves.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) connections: AtomicU64,
    pub(super) requests: AtomicU64,
    ended: AtomicU64,
    complete: AtomicU64,
    aborted: AtomicU64,
    ledger_errors: AtomicU64,
}

#[derive(Debug)]
struct Book {
    file: Option<File>,
    last: VecDeque<Record>,
}

/// What all threads share.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) options: Options,
    pub(super) tally: Tally,
    /// The mock ends; whoever is cut now did not leave.
    pub(super) stopping: AtomicBool,
    book: Mutex<Book>,
}

impl Shared {
    /// Opens the ledger file.
    ///
    /// # Errors
    /// When it cannot be opened for appending.
    pub(super) fn new(options: Options) -> io::Result<Self> {
        let open = |path: &PathBuf| {
            let told = |error: io::Error| io::Error::new(error.kind(), format!("cannot write the ledger {}: {error}", path.display()));
            File::options().create(true).append(true).open(path).map_err(told)
        };
        let file = options.ledger.as_ref().map(open).transpose()?;
        let book = Mutex::new(Book { file, last: VecDeque::new() });
        Ok(Self { options, tally: Tally::default(), stopping: AtomicBool::new(false), book })
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn counts(&self) -> Counts {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let ended = read(&self.tally.ended);
        let requests = read(&self.tally.requests);
        Counts {
            connections: read(&self.tally.connections),
            requests,
            active: requests.saturating_sub(ended),
            complete: read(&self.tally.complete),
            aborted: read(&self.tally.aborted),
            ledger_errors: read(&self.tally.ledger_errors),
        }
    }

    pub(super) fn records(&self) -> Vec<Record> {
        self.book().last.iter().cloned().collect()
    }

    fn close(&self, record: Record) {
        let count = |counter: &AtomicU64| counter.fetch_add(1, Ordering::Relaxed);
        if record.complete {
            count(&self.tally.complete);
        }
        if record.client_aborted {
            count(&self.tally.aborted);
        }
        let remember = self.options.remember;
        if self.options.ledger.is_some() || remember > 0 {
            let mut book = self.book();
            if let Some(file) = &mut book.file {
                // One write per line: a reader never sees half of one, and what was answered is there when the answer is.
                let line = serde_json::to_vec(&record).map_err(io::Error::from).and_then(|mut line| {
                    line.push(b'\n');
                    file.write_all(&line)
                });
                if line.is_err() {
                    count(&self.tally.ledger_errors);
                }
            }
            if remember > 0 {
                while book.last.len() >= remember {
                    book.last.pop_front();
                }
                book.last.push_back(record);
            }
        }
        count(&self.tally.ended);
    }
}

/// Writes its record when dropped, however a request ends.
#[derive(Debug)]
pub(super) struct Guard {
    shared: Arc<Shared>,
    /// What is known by now; taken away for the mock's own pages.
    pub(super) record: Option<Record>,
    /// The answer ended early because of a fault.
    pub(super) cut: bool,
}

impl Guard {
    /// A request begins; `number` counts them.
    pub(super) fn begin(shared: &Arc<Shared>, record: Record) -> Self {
        Self { shared: Arc::clone(shared), record: Some(record), cut: false }
    }

    /// Changes the record.
    pub(super) fn note(&mut self, change: impl FnOnce(&mut Record)) {
        if let Some(record) = &mut self.record {
            change(record);
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        match self.record.take() {
            Some(mut record) => {
                record.complete &= !self.cut;
                record.client_aborted = !record.complete && !self.cut && !self.shared.stopping.load(Ordering::Relaxed);
                self.shared.close(record);
            }
            None => {
                self.shared.tally.ended.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}
