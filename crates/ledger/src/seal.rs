//! Sealing: closed journals become a link of the chain, by way of an import.

use crate::error;
use crate::import::{ImportMeta, ImportSession, Reach};
use crate::journal::Journal;
use crate::recover::{self, Closed, Taker};
use crate::store::Store;
use books::{Entry, Finding, ImportRecord, LedgerError, Severity};
use std::fs::File;
use std::path::Path;

/// Entries handed on together.
const BATCH: usize = 1024;

impl Store {
    /// Opens a journal: a new file, empty. Every thread that writes has its own.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn journal(&self) -> Result<Journal, LedgerError> {
        self.refuse_read_only()?;
        Journal::begin(&self.path("journal"), self.journal_order()?)
    }

    /// Seals all journals that no living process writes; call
    /// [`books::Journal::rotate`] first to close one's own. `None` when there is nothing to seal.
    ///
    /// Journals are deleted after the commit. Should the machine die in
    /// between, they are sealed again, and since their entries carry ids every
    /// one of them is then known already. Files in their folder that are no
    /// journals of this program are renamed, with a finding.
    ///
    /// # Errors
    /// When the segments cannot be written; the journals then stay.
    pub fn seal_journal(&self, now_ms: i64) -> Result<Option<ImportRecord>, LedgerError> {
        let lock = self.lock_imports(&mut || {})?;
        let found = recover::closed(&self.path("journal"))?;
        let mut sealing =
            Sealing { store: self, lock: Some(lock), session: None, results: Vec::new(), intents: Vec::new(), findings: Vec::new() };
        for (path, why) in &found.foreign {
            sealing.findings.push(foreign(path, why));
        }
        recover::recover(&found.closed, &mut sealing)?;
        let record = sealing.finish(now_ms)?;
        for Closed { path, .. } in &found.closed {
            std::fs::remove_file(path).map_err(error::at(path))?;
        }
        for (path, _) in &found.foreign {
            std::fs::rename(path, path.with_extension("log.refused")).map_err(error::at(path))?;
        }
        Ok(record)
    }
}

/// An import that begins with the first entry: to find nothing costs nothing.
struct Sealing<'a> {
    store: &'a Store,
    lock: Option<File>,
    session: Option<ImportSession>,
    results: Vec<Entry>,
    intents: Vec<Entry>,
    findings: Vec<Finding>,
}

impl Sealing<'_> {
    fn session(&mut self) -> Result<&mut ImportSession, LedgerError> {
        if let Some(lock) = self.lock.take() {
            let meta = ImportMeta { file: "journal".to_owned(), format: "journal".to_owned(), source: "gateway".to_owned() };
            self.session = Some(ImportSession::start(self.store, meta, lock, Reach::SameTime, self.store.budget())?);
        }
        self.session.as_mut().ok_or_else(|| error::inner("the sealing did not begin"))
    }

    fn hand_on(&mut self) -> Result<(), LedgerError> {
        let (results, intents) = (std::mem::take(&mut self.results), std::mem::take(&mut self.intents));
        let session = self.session()?;
        session.push(results)?;
        session.push_intents(intents)
    }

    fn finish(mut self, now_ms: i64) -> Result<Option<ImportRecord>, LedgerError> {
        if self.session.is_none() && self.results.is_empty() && self.intents.is_empty() && self.findings.is_empty() {
            return Ok(None);
        }
        self.hand_on()?;
        let session = self.session.take().ok_or_else(|| error::inner("the sealing did not begin"))?;
        session.commit(now_ms, 0, 0, self.findings).map(Some)
    }
}

impl Taker for Sealing<'_> {
    fn result(&mut self, entry: Entry) -> Result<(), LedgerError> {
        self.results.push(entry);
        if self.results.len() < BATCH { Ok(()) } else { self.hand_on() }
    }

    fn intent(&mut self, entry: Entry) -> Result<(), LedgerError> {
        self.intents.push(entry);
        if self.intents.len() < BATCH { Ok(()) } else { self.hand_on() }
    }

    fn lost(&mut self, path: &Path, bytes: u64) {
        self.findings.push(Finding {
            code: "journal_torn".to_owned(),
            severity: Severity::Warning,
            about: name(path),
            text: format!("a crash left {bytes} bytes of unfinished entries; they were cut, every whole entry was sealed"),
            rows: 1,
        });
    }
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

fn foreign(path: &Path, why: &str) -> Finding {
    Finding {
        code: "journal_refused".to_owned(),
        severity: Severity::Error,
        about: name(path),
        text: format!(
            "{} was not sealed: {why}; it was renamed to {}.refused, and none of it is in the books. If it is a journal, give it \
             its old name and seal it with the version of bilanz that wrote it",
            path.display(),
            name(path)
        ),
        rows: 1,
    }
}
