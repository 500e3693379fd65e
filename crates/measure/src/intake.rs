//! The intake: completes entries, checks them, and hands them on in batches.

use crate::accounts::{Accounts, Own};
use crate::error::{ImportError, RowError, SinkError};
use crate::findings::{self, Findings};
use crate::format::Format;
use crate::import::ReadReport;
use crate::labels::Labels;
use crate::mapping::{Mapping, ModelName};
use books::{Entry, Finding, Severity};
use lca::{Counts, Kind};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Entries per batch.
const BATCH: usize = 8192;
/// The most distinct words kept at a time.
const MAX_WORDS: usize = 1 << 16;
/// How many lines a finding about bad rows names.
const MAX_LINES: usize = 20;

/// Takes rows of one file.
pub(crate) struct Intake<'a> {
    /// What the caller knows.
    pub(crate) mapping: &'a Mapping<'a>,
    /// What was noticed.
    pub(crate) findings: Findings,
    /// Names of the start and end columns, for messages.
    pub(crate) time_columns: [&'static str; 2],
    /// Whether a bad row is counted and left out.
    pub(crate) keep_going: bool,
    file: &'a str,
    sink: &'a mut dyn FnMut(Vec<Entry>) -> Result<(), SinkError>,
    template: Entry,
    batch: Vec<Entry>,
    accounts: Accounts,
    words: HashSet<Arc<str>>,
    models: HashMap<Box<str>, ModelName>,
    model_key: String,
    unknown_models: HashMap<Arc<str>, u64>,
    rows: u64,
    rejected: u64,
    rejected_lines: Vec<u64>,
    first_rejected: String,
    unassigned: u64,
    without_model: u64,
    without_zone: u64,
    /// Rows longer than a day.
    long: u64,
}

/// A bucket of a day may end a second late.
const DAY_MS: i64 = 86_400_000 + 1_000;

/// Whether an entry states what came of a request and nothing of the request itself.
pub(crate) fn only_outcomes(counts: &Counts) -> bool {
    let outcomes = [counts.outcomes_accepted, counts.outcomes_rejected, counts.value_micro];
    if counts.requests.is_some() || outcomes.iter().all(Option::is_none) {
        return false;
    }
    let rest = Counts { outcomes_accepted: None, outcomes_rejected: None, value_micro: None, ..counts.clone() };
    rest == Counts::default()
}

/// What the compatible profile may take the latency of.
pub(crate) enum Latency {
    /// Of one request, where it was measured.
    OfRequest(Option<i64>),
    /// The row stands for many requests.
    OfMany,
}

impl<'a> Intake<'a> {
    pub(crate) fn new(
        file: &'a str,
        format: Format,
        mapping: &'a Mapping<'a>,
        sink: &'a mut dyn FnMut(Vec<Entry>) -> Result<(), SinkError>,
    ) -> Self {
        let source = mapping.source.as_deref().filter(|source| !source.is_empty()).unwrap_or(format.source());
        Self {
            mapping,
            findings: Findings::default(),
            time_columns: ["time", "time"],
            keep_going: mapping.keep_going,
            file,
            sink,
            template: Entry::new(source.into(), format.rank(), 0),
            batch: Vec::new(),
            accounts: Accounts::default(),
            words: HashSet::new(),
            models: HashMap::new(),
            model_key: String::new(),
            unknown_models: HashMap::new(),
            rows: 0,
            rejected: 0,
            rejected_lines: Vec::new(),
            first_rejected: String::new(),
            unassigned: 0,
            without_model: 0,
            without_zone: 0,
            long: 0,
        }
    }
    /// Why the first row was refused; empty when none was.
    pub(crate) fn first_refused(&self) -> &str {
        &self.first_rejected
    }
    /// The file as the user named it.
    pub(crate) fn file(&self) -> &'a str {
        self.file
    }
    /// An entry from `start_ms` to `end_ms` with the source and rank of the file.
    pub(crate) fn entry(&self, start_ms: i64, end_ms: i64) -> Entry {
        Entry { time_start_ms: start_ms, time_end_ms: end_ms, ..self.template.clone() }
    }
    /// Counts rows whose time names no zone.
    pub(crate) fn zone_assumed(&mut self) {
        self.without_zone += 1;
    }
    /// The shared copy of a word.
    pub(crate) fn word(&mut self, text: &str) -> Arc<str> {
        if text.is_empty() {
            return self.template.model.clone();
        }
        if let Some(word) = self.words.get(text) {
            return word.clone();
        }
        if self.words.len() >= MAX_WORDS {
            self.words.clear();
        }
        let word: Arc<str> = text.into();
        self.words.insert(word.clone());
        word
    }

    /// Fills provider and model from what the row says, or else from the flags.
    pub(crate) fn name_model(&mut self, entry: &mut Entry, provider: &str, reported: &str) {
        let provider = if provider.is_empty() { self.mapping.provider.as_deref().unwrap_or_default() } else { provider };
        entry.model_reported = self.word(reported);
        let asked = if reported.is_empty() { self.mapping.model.as_deref().unwrap_or_default() } else { reported };
        self.model_key.clear();
        self.model_key.push_str(provider);
        self.model_key.push('\u{1f}');
        self.model_key.push_str(asked);
        if !self.models.contains_key(self.model_key.as_str()) {
            let name = self.ask_names(provider, asked);
            if self.models.len() >= MAX_WORDS {
                self.models.clear();
            }
            self.models.insert(self.model_key.as_str().into(), name);
        }
        let Some(name) = self.models.get(self.model_key.as_str()) else { return };
        entry.provider = name.provider.clone();
        entry.model = name.model.clone();
        if entry.kind != Kind::Inference || only_outcomes(&entry.counts) {
            return;
        }
        if entry.model.is_empty() {
            self.without_model += 1;
        } else if !name.known {
            if let Some(rows) = self.unknown_models.get_mut(&name.model) {
                *rows += 1;
            } else if self.unknown_models.len() < MAX_WORDS {
                self.unknown_models.insert(name.model.clone(), 1);
            }
        }
    }

    fn ask_names(&self, provider: &str, reported: &str) -> ModelName {
        let alone = || {
            if provider.is_empty() {
                return self.template.provider.clone();
            }
            self.mapping.names.provider(provider).unwrap_or_else(|| provider.to_lowercase().into())
        };
        if reported.is_empty() {
            return ModelName { provider: alone(), model: self.template.model.clone(), known: false };
        }
        let mut name = self.mapping.names.model(provider, reported);
        if name.provider.is_empty() {
            name.provider = alone();
        }
        name
    }

    /// Fills account, site, zone and labels; call it after the model is named.
    pub(crate) fn place(&mut self, entry: &mut Entry, labels: &Labels<'_>, own: Own<'_>) {
        let Some(scope) = self.accounts.resolve(self.mapping, &entry.source, labels, own, &entry.model) else { return };
        entry.account = scope.account.clone();
        entry.site = scope.site.clone();
        entry.zone = scope.zone.clone();
        entry.labels = scope.labels.clone();
        self.unassigned += u64::from(!scope.assigned);
    }

    /// Fills what follows from the counts, checks the entry and takes it.
    pub(crate) fn take(&mut self, mut entry: Entry, latency: &Latency) -> Result<(), RowError> {
        self.long += u64::from(entry.time_end_ms.saturating_sub(entry.time_start_ms) > DAY_MS);
        books::validate(&entry, self.mapping.latest_ms).map_err(|message| {
            let late = message.contains("in the future") && entry.time_start_ms <= self.mapping.latest_ms;
            let column = if message.starts_with("the end") || late {
                Some(self.time_columns[1])
            } else if message.starts_with("the time") {
                Some(self.time_columns[0])
            } else {
                None
            };
            RowError { column: column.map(|name| format!("`{name}`")), message }
        })?;
        // Where nothing ran there is no context to fill, and no number of requests is missing.
        if entry.kind == Kind::Inference && !only_outcomes(&entry.counts) {
            let counts = &mut entry.counts;
            // A bucket that hides its number of requests also hides how long they were:
            // taken as one request its context would be absurd.
            if counts.requests.is_some_and(|requests| requests > 0) {
                counts.fill_context();
            } else if counts.requests.is_none() {
                self.findings.note(&findings::REQUESTS_UNKNOWN, "", 1);
            }
            if !entry.model.is_empty() && (counts.output_tokens.is_some() || counts.output_all() > 0) {
                let latency_ms = match latency {
                    Latency::OfRequest(latency_ms) => *latency_ms,
                    Latency::OfMany => None,
                };
                if let Some((low, high)) = self.mapping.names.generation_us(&entry.model, counts.output_all(), latency_ms) {
                    counts.generation_low_us = Some(low);
                    counts.generation_high_us = Some(high);
                }
            }
        }
        if self.batch.capacity() == 0 {
            self.batch.reserve_exact(BATCH);
        }
        self.batch.push(entry);
        Ok(())
    }

    /// Counts a row, and stops or goes on when it was refused.
    pub(crate) fn row_done(&mut self, line: u64, result: Result<(), RowError>) -> Result<(), ImportError> {
        self.rows += 1;
        if let Err(error) = result {
            let error = error.at(self.file, line);
            if !self.keep_going {
                return Err(error);
            }
            if self.rejected == 0 {
                self.first_rejected = error.to_string();
            }
            self.rejected += 1;
            if self.rejected_lines.len() < MAX_LINES {
                self.rejected_lines.push(line);
            }
        }
        if self.batch.len() >= BATCH {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), SinkError> {
        if self.batch.is_empty() {
            return Ok(());
        }
        (self.sink)(std::mem::take(&mut self.batch))
    }

    /// Hands on the rest and reports.
    pub(crate) fn finish(mut self) -> Result<ReadReport, ImportError> {
        self.flush()?;
        for (notice, rows) in [
            (&findings::UNASSIGNED, self.unassigned),
            (&findings::MODEL_MISSING, self.without_model),
            (&findings::TIME_ZONE, self.without_zone),
            (&findings::LONG_ROWS, self.long),
        ] {
            if rows > 0 {
                self.findings.note(notice, self.file, rows);
            }
        }
        for (model, rows) in std::mem::take(&mut self.unknown_models) {
            self.findings.note(&findings::MODEL_UNKNOWN, &model, rows);
        }
        let mut list = std::mem::take(&mut self.findings).list();
        if self.rejected > 0 {
            list.push(self.rejected_finding());
        }
        Ok(ReadReport { rows: self.rows, rejected: self.rejected, findings: list })
    }

    fn rejected_finding(&self) -> Finding {
        let lines: Vec<String> = self.rejected_lines.iter().map(u64::to_string).collect();
        let more = if self.rejected > lines.len() as u64 { ", …" } else { "" };
        Finding {
            code: "rows_rejected".to_owned(),
            severity: Severity::Error,
            about: self.file.to_owned(),
            text: format!(
                "These rows were left out (lines {}{more}). The first: {}. Correct them and import the file again; what is there already is not counted twice.",
                lines.join(", "),
                self.first_rejected
            ),
            rows: self.rejected,
        }
    }
}
