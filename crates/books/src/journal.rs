//! `trait Journal` and `trait Keeper`: what a process that meters live traffic asks of the books.

use crate::{Entry, ImportRecord, LedgerError};

/// Makes what was appended durable, beside further appends.
pub type Flush = Box<dyn Fn() -> Result<(), LedgerError> + Send + Sync>;

/// The append log of one thread of one process.
///
/// For one `external_id` of a source the entry that was intended stands until one is recorded; the last one recorded
/// stands. Only what is recorded may lack an id. An intent and its results start at the same time: sealing looks for
/// older rows of an id at that time alone, and only for outcomes (`outcome:REQUEST_ID`) elsewhere. Of entries
/// with one id in two journals, those sealed later stand; sealed together, those recorded later.
pub trait Journal: Send {
    /// Notes a request that begins: `entry` is what shall stand in the books if nothing more is ever heard of it.
    ///
    /// # Errors
    /// When the log cannot be written; the entry is then not in it.
    fn intend(&mut self, entry: &Entry) -> Result<(), LedgerError>;

    /// Notes what happened; it takes the place of what was intended under the same id.
    /// After it returns the entry survives the death of the process.
    ///
    /// # Errors
    /// When the log cannot be written; the entry is then not in it.
    fn record(&mut self, entry: &Entry) -> Result<(), LedgerError>;

    /// Closes the current file, so that it can be sealed, and begins another; open intents move along.
    ///
    /// # Errors
    /// When the new file cannot be made; the old one then goes on.
    fn rotate(&mut self) -> Result<(), LedgerError>;

    /// A handle that makes everything appended before durable.
    fn flusher(&self) -> Flush;
}

/// The books as a live process needs them.
pub trait Keeper: Send + Sync {
    /// A new append log.
    ///
    /// # Errors
    /// When its file cannot be made.
    fn journal(&self) -> Result<Box<dyn Journal>, LedgerError>;

    /// Seals all logs that nobody writes any more. `None` when there is nothing to seal.
    ///
    /// # Errors
    /// When segments cannot be written; the logs then stay.
    fn seal(&self, now_ms: i64) -> Result<Option<ImportRecord>, LedgerError>;

    /// The live entry with this id, sealed.
    ///
    /// # Errors
    /// When a segment cannot be read.
    fn find(&self, source: &str, external_id: &str) -> Result<Option<Entry>, LedgerError>;

    /// Hands every live, sealed entry that starts in `[from_ms, to_ms)` to `each`, in order of time within a day.
    ///
    /// # Errors
    /// When a segment cannot be read.
    fn scan(&self, from_ms: i64, to_ms: i64, each: &mut dyn FnMut(&Entry)) -> Result<(), LedgerError>;
}
