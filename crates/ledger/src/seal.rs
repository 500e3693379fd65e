//! Sealing: closed journals become a link of the chain, by way of an import.

use crate::error;
use crate::import::{ImportMeta, ImportSession, Reach};
use crate::journal::{Journal, closed};
use crate::store::Store;
use books::{Finding, ImportRecord, LedgerError, Severity};

impl Store {
    /// Opens the journal of this process: a new file, empty.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn journal(&self) -> Result<Journal, LedgerError> {
        self.refuse_read_only()?;
        Journal::begin(&self.path("journal"))
    }

    /// Seals all journals that no living process writes; call
    /// [`Journal::rotate`] first to close one's own. `None` when there is nothing to seal.
    ///
    /// Journals are deleted after the commit. Should the machine die in
    /// between, they are sealed again, and since their entries carry ids every
    /// one of them is then known already.
    ///
    /// # Errors
    /// When the segments cannot be written; the journals then stay.
    pub fn seal_journal(&self, now_ms: i64) -> Result<Option<ImportRecord>, LedgerError> {
        let lock = self.lock_imports(&mut || {})?;
        let journals = closed(&self.path("journal"))?;
        let mut findings = Vec::new();
        let mut held = Vec::new();
        for journal in &journals {
            let recovered = journal.recover()?;
            if recovered.cut > 0 {
                findings.push(Finding {
                    code: "journal_torn".to_owned(),
                    severity: Severity::Warning,
                    about: journal.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
                    text: format!(
                        "a crash left {} bytes of an unfinished entry at the end; they were cut, the entry's answer was not complete",
                        recovered.cut
                    ),
                    rows: 1,
                });
            }
            held.push(recovered.entries);
        }
        let rows = held.iter().map(|entries| entries.len() as u64).sum();
        let record = if rows == 0 && findings.is_empty() {
            None
        } else {
            let meta = ImportMeta { file: "journal".to_owned(), format: "journal".to_owned(), source: "gateway".to_owned() };
            let mut session = ImportSession::start(self, meta, lock, Reach::TouchedDays, self.budget())?;
            for entries in held {
                session.push(entries)?;
            }
            Some(session.commit(now_ms, rows, 0, findings)?)
        };
        for journal in &journals {
            std::fs::remove_file(&journal.path).map_err(error::at(&journal.path))?;
        }
        Ok(record)
    }
}
