//! `bilanz import`: one thread reads, one seals, a bar shows how far.

use crate::cli::Import;
use crate::names::SetNames;
use crate::{clock, context, output};
use anyhow::{Context as _, bail};
use books::{Entry, ImportRecord, Severity};
use ledger::{ImportMeta, Store};
use measure::{Format, Mapping, SinkError};
use std::fs::File;
use std::io::{BufReader, IsTerminal as _, Read as _, Seek as _};
use std::path::Path;
use std::sync::mpsc::sync_channel;

/// Bytes of a file that its format is recognised by.
const HEAD_BYTES: u64 = 64 * 1024;
const DAY_MS: i64 = 86_400_000;

/// Imports every file; each is all or nothing, and the first bad one ends the run.
pub(crate) fn run(flags: &Import) -> anyhow::Result<()> {
    let books = &flags.books.books;
    if books.exists() && !books.is_dir() {
        bail!("{} is a file, not a folder of books; name a folder with --books", books.display());
    }
    let config = context::config(books)?;
    let set = context::factors(Some(books), flags.factors.as_deref())?;
    let names = SetNames::new(&set)?;
    if !books.exists() {
        output::note(&format!("Making new books in {}.", books.display()));
    }
    let store = Store::open_or_create(books)?;
    let time_origin_ms = flags.time_origin.as_deref().map(parse_time).transpose()?;
    if let Some(zone) = &flags.zone {
        super::evaluate::check_zone(&set, zone)?;
    }
    for file in &flags.files {
        let mapping = Mapping {
            source: flags.source.clone(),
            model: flags.model.clone(),
            zone: flags.zone.clone(),
            account: flags.account.clone(),
            provider: flags.provider.clone(),
            time_origin_ms,
            keep_going: flags.keep_going,
            ..Mapping::new(&config, &names, clock::now_ms() + DAY_MS)
        };
        let record = one(&store, file, &flags.format, &mapping)?;
        if flags.json.json {
            output::json(&record_json(&record))?;
        } else {
            output::data(&record_text(&record))?;
        }
    }
    Ok(())
}

fn parse_time(text: &str) -> anyhow::Result<i64> {
    text.parse::<jiff::Timestamp>()
        .map(jiff::Timestamp::as_millisecond)
        .with_context(|| format!("--time-origin `{text}` is no time; write RFC 3339, such as 2025-01-01T00:00:00Z"))
}

fn one(store: &Store, path: &Path, format: &str, mapping: &Mapping<'_>) -> anyhow::Result<ImportRecord> {
    let shown = path.display().to_string();
    let kind = std::fs::metadata(path).with_context(|| format!("cannot read {shown}"))?;
    if kind.is_dir() {
        bail!("{shown} is a directory; name the files in it, such as {shown}/*.csv");
    }
    let mut file = File::open(path).with_context(|| format!("cannot open {shown}"))?;
    let format = match format {
        "auto" => {
            let mut head = Vec::new();
            file.by_ref().take(HEAD_BYTES).read_to_end(&mut head).with_context(|| format!("cannot read {shown}"))?;
            file.rewind().with_context(|| format!("cannot read {shown} twice; name its --format"))?;
            measure::detect(&head, &shown)?
        }
        word => word.parse::<Format>()?,
    };
    let name = path.file_name().map_or_else(|| shown.clone(), |name| name.to_string_lossy().into_owned());
    let source = mapping.source.clone().unwrap_or_else(|| format.as_str().to_owned());
    let meta = ImportMeta { file: name.clone(), format: format.as_str().to_owned(), source };
    let mut session = store.begin_import(meta, &mut || output::note("Another import is at work on these books; waiting for it to end."))?;
    let bar = progress(kind.len());
    let (sender, receiver) = sync_channel::<Vec<Entry>>(8);
    let (read, session) = std::thread::scope(|scope| {
        let sealer = scope.spawn(move || -> Result<_, books::LedgerError> {
            for batch in receiver {
                session.push(batch)?;
            }
            Ok(session)
        });
        let read = measure::read(
            BufReader::with_capacity(1 << 20, file),
            &shown,
            format,
            mapping,
            &mut |bytes| bar.set_position(bytes),
            &mut |batch| sender.send(batch).map_err(|_| SinkError("the books refused the rows".to_owned())),
        );
        drop(sender);
        (read, sealer.join())
    });
    bar.finish_and_clear();
    // The books' own reason comes first: when they refuse, the reader only sees a closed door.
    let session = session.map_err(|_| anyhow::anyhow!("the sealing thread failed; nothing was imported"))??;
    let mut report = read?;
    // A statement shows the findings; it must not depend on where the file lay.
    for finding in &mut report.findings {
        finding.about = finding.about.replace(&shown, &name);
    }
    Ok(session.commit(clock::now_ms(), report.rows, report.rejected, report.findings)?)
}

fn progress(bytes: u64) -> indicatif::ProgressBar {
    if !std::io::stderr().is_terminal() {
        return indicatif::ProgressBar::hidden();
    }
    let bar = indicatif::ProgressBar::new(bytes);
    if let Ok(style) = indicatif::ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta} left") {
        bar.set_style(style);
    }
    bar
}

fn record_json(record: &ImportRecord) -> serde_json::Value {
    serde_json::json!({
        "id": record.id, "file": record.file, "format": record.format, "source": record.source,
        "rows": record.rows, "imported": record.imported, "duplicates": record.duplicates,
        "superseded": record.superseded, "rejected": record.rejected, "findings": record.findings,
    })
}

fn record_text(record: &ImportRecord) -> String {
    let mut text = format!(
        "{}: {} rows read as {}; {} imported, {} duplicates, {} superseded, {} rejected.\n",
        record.file, record.rows, record.format, record.imported, record.duplicates, record.superseded, record.rejected
    );
    if record.superseded > 0 {
        text.push_str(&format!(
            "  note: {} rows were stated before with other figures; the ones of this file count now. If this file is the older one, take it back with `bilanz imports revert {}`.\n",
            record.superseded, record.id
        ));
    }
    if record.rows == 0 {
        text.push_str("  note: the file holds no rows.\n");
    }
    for finding in &record.findings {
        let mark = match finding.severity {
            Severity::Note => "note",
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let about = if finding.about.is_empty() { String::new() } else { format!("{}: ", finding.about) };
        text.push_str(&format!("  {mark}: {about}{} ({} rows)\n", finding.text, finding.rows));
    }
    text
}
