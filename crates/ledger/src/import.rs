//! Bulk import: stage, leave out what is known, publish in one transaction.

use crate::dedupe::Dedupe;
use crate::deletion;
use crate::error;
use crate::manifest::{Deletion, SegmentBody};
use crate::schema::{GROUP_ROWS, STORED, properties};
use crate::segment::{Part, SegmentWriter, copy_rows, day_folder, each_identity};
use crate::staging::{Budget, Staged, Staging};
use crate::store::Store;
use books::{Day, Entry, Finding, ImportRecord, LedgerError, Severity, day_of_ms, identify};
use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::path::{Path, PathBuf};

/// What an import is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportMeta {
    /// File name without its folder, or what wrote the entries.
    pub file: String,
    /// Format.
    pub format: String,
    /// Source name.
    pub source: String,
}

/// How far back a row with an id of its source may have been stated before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Any day: a provider may restate a row with another time.
    Everywhere,
    /// The span of time of the import: all that the gateway writes under one id starts at one time. So a minute
    /// meets its neighbours and not the whole day. Only outcomes are looked for wherever there are some.
    SameTime,
}

/// Ids of entries that tell what came of a request begin with this.
const OUTCOME: &str = "outcome:";

/// A part this large is published as it is, even when its day has more parts.
const WHOLE_ROWS: u64 = GROUP_ROWS as u64 / 2;
/// A segment made of several parts ends at about this size.
const MERGED_ROWS: u64 = 8 * GROUP_ROWS as u64;

/// A lent lock and a folder that goes when the session ends, however it ends.
struct Workplace {
    folder: PathBuf,
    /// Stays, so that the next import knows what this one could not take away.
    keep: bool,
    _lock: File,
}

impl Drop for Workplace {
    fn drop(&mut self) {
        if self.keep {
            return;
        }
        // What cannot be removed now is removed by the next import.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// One import in progress. Dropped without [`ImportSession::commit`], it leaves nothing.
pub struct ImportSession {
    store: Store,
    meta: ImportMeta,
    reach: Reach,
    staging: Staging,
    dedupe: Dedupe,
    days: HashSet<Day>,
    last_day: Option<Day>,
    /// First and last start.
    span_ms: (i64, i64),
    pushed: u64,
    /// Whether it tells what came of a request; that may be corrected on a later day.
    outcomes: bool,
    // Last, so that the folder goes after the writers have ended.
    place: Workplace,
}

impl ImportSession {
    pub(crate) fn start(store: &Store, meta: ImportMeta, lock: File, reach: Reach, budget: Budget) -> Result<Self, LedgerError> {
        let staging = store.path("staging");
        clean(store, &staging)?;
        let link = store.manifest().next_link()?;
        refuse_unnamed(store, link)?;
        let folder = staging.join(format!("import-{link}"));
        std::fs::create_dir_all(&folder).map_err(error::at(&folder))?;
        // Durable before any segment is: it tells the files of a killed import from those of a lost manifest.
        sync_folder(&staging)?;
        let place = Workplace { folder: folder.clone(), keep: false, _lock: lock };
        Ok(Self {
            store: store.clone(),
            meta,
            reach,
            staging: Staging::new(&folder, budget)?,
            dedupe: Dedupe::new(folder, budget.identity_bytes),
            days: HashSet::new(),
            last_day: None,
            span_ms: (i64::MAX, i64::MIN),
            pushed: 0,
            outcomes: false,
            place,
        })
    }

    /// Adds entries, in the order of the file.
    ///
    /// # Errors
    /// When staging cannot be written, such as on a full disk.
    pub fn push(&mut self, entries: Vec<Entry>) -> Result<(), LedgerError> {
        self.add(&entries, false)
    }

    /// Adds entries that stand only where nothing else is known under their id, in the books or in this import.
    pub(crate) fn push_intents(&mut self, entries: Vec<Entry>) -> Result<(), LedgerError> {
        self.add(&entries, true)
    }

    fn add(&mut self, entries: &[Entry], intent: bool) -> Result<(), LedgerError> {
        for entry in entries {
            let day = day_of_ms(entry.time_start_ms);
            if self.last_day != Some(day) {
                self.last_day = Some(day);
                self.days.insert(day);
            }
            self.span_ms = (self.span_ms.0.min(entry.time_start_ms), self.span_ms.1.max(entry.time_start_ms));
            let identity = identify(entry);
            let (part, row) = self.staging.push(day, entry, &identity)?;
            self.dedupe.push_new(&identity, intent, part, row)?;
            self.outcomes |= entry.external_id.as_deref().is_some_and(|id| id.starts_with(OUTCOME));
        }
        self.pushed += entries.len() as u64;
        Ok(())
    }

    /// Seals what is new, in one transaction. When it returns, the rows are durable.
    ///
    /// # Errors
    /// When anything cannot be written; then nothing was kept.
    pub fn commit(self, now_ms: i64, rows_read: u64, rejected: u64, mut findings: Vec<Finding>) -> Result<ImportRecord, LedgerError> {
        let Self { store, meta, reach, staging, mut dedupe, days, span_ms, pushed, outcomes, mut place, .. } = self;
        let snapshot = store.manifest().snapshot()?;
        let sieve = dedupe.sieve();
        for (number, segment) in snapshot.live() {
            let near = match reach {
                Reach::Everywhere => days.contains(&segment.day) || dedupe.any_external() && segment.external_rows > 0,
                Reach::SameTime => segment.span_ms.0 <= span_ms.1 && span_ms.0 <= segment.span_ms.1,
            };
            let told = outcomes && segment.states_outcomes();
            if !near && !told {
                continue;
            }
            let path = store.segment_path(&segment.path);
            let hidden: HashSet<u32> = segment.hidden.iter().copied().collect();
            let number = u32::try_from(number).map_err(error::inner)?;
            each_identity(&path, segment.external_rows, |row, id, external, content| {
                let dead = !hidden.is_empty() && hidden.contains(&row);
                // A dead row matters only to a restatement, which has an id of its own.
                if (dead && !external) || !sieve.maybe(id) { Ok(()) } else { dedupe.push_existing(id, content, dead, number, row) }
            })?;
        }
        // Judged before the last rows are encoded: an import of known rows writes nothing.
        let verdict = dedupe.finish(staging.parts())?;
        let ready = settle(&place.folder, staging.finish(&verdict)?)?;
        if verdict.interrupted > 0 {
            findings.push(interrupted(verdict.interrupted));
        }
        let link = store.manifest().next_link()?;
        let imported = ready.iter().map(|part| part.rows).sum();
        let hid_nothing = verdict.hidden.is_empty();
        let deletions = verdict.hidden.iter().map(|(number, bits)| {
            let segment = &snapshot.segments[*number as usize];
            let rows = bits.rows();
            Deletion { segment_id: segment.id, path: segment.path.clone(), rows: rows.len() as u64, vector: deletion::encode(&rows) }
        });
        let record = ImportRecord {
            id: 0,
            file: meta.file,
            format: meta.format,
            source: meta.source,
            sealed_ms: now_ms,
            rows: rows_read.max(pushed),
            imported,
            duplicates: verdict.duplicates,
            superseded: verdict.superseded,
            rejected,
            reverted: false,
            findings,
        };
        let record = publish(&store, link, ready).and_then(|segments| store.manifest().add_import(record, segments, deletions.collect()));
        if record.is_err() {
            // Not named by the manifest, so nobody reads them; take them away while we know them.
            place.keep = remove_unnamed(&store, link).is_err();
        }
        drop(place);
        let record = record?;
        // Roll-ups are a cache: a failure here costs time at the next question, nothing else.
        // A gateway seals every minute and hides next to nothing; what it leaves for the others stays small.
        let _ = if reach == Reach::SameTime && hid_nothing { store.warm_newest_rollup() } else { store.warm_rollups() };
        Ok(record)
    }
}

fn interrupted(rows: u64) -> Finding {
    Finding {
        code: "request_interrupted".to_owned(),
        severity: Severity::Warning,
        about: "journal".to_owned(),
        text: format!("{rows} requests began and their end was never heard of; they stand in the books by estimate"),
        rows,
    }
}

/// Parts that stay: whole ones as they are, mixed and small ones of a day written together.
fn settle(folder: &Path, staged: Vec<Staged>) -> Result<Vec<Part>, LedgerError> {
    let mut days: BTreeMap<Day, Vec<Staged>> = BTreeMap::new();
    for staged in staged {
        days.entry(staged.part.day).or_default().push(staged);
    }
    let mut ready = Vec::new();
    for (day, parts) in days {
        let small = parts.iter().filter(|Staged { part, dropped }| dropped.is_empty() && part.rows < WHOLE_ROWS).count();
        let mut writer: Option<SegmentWriter> = None;
        for (number, Staged { part, dropped }) in parts.iter().enumerate() {
            let alone = parts.len() == 1 || (small == 1 && parts.iter().all(|staged| staged.dropped.is_empty()));
            if dropped.is_empty() && (part.rows >= WHOLE_ROWS || alone) {
                ready.push(part.clone());
                continue;
            }
            if writer.as_ref().is_some_and(|writer| writer.rows() >= MERGED_ROWS)
                && let Some(full) = writer.take()
            {
                ready.push(full.finish()?);
            }
            let into = match &mut writer {
                Some(writer) => writer,
                none => {
                    let rows = parts.iter().map(|staged| staged.part.rows).sum::<u64>();
                    let properties = properties(usize::try_from(rows).unwrap_or(usize::MAX), |_| false);
                    let path = folder.join(format!("merged-{day}-{number}.parquet"));
                    none.insert(SegmentWriter::create(&path, day, &STORED, properties)?)
                }
            };
            copy_rows(&part.path, dropped, part.rows, into)?;
            std::fs::remove_file(&part.path).map_err(error::at(&part.path))?;
        }
        if let Some(writer) = writer {
            ready.push(writer.finish()?);
        }
    }
    Ok(ready)
}

/// Moves parts to their final, deterministic names. Until the manifest names them, no reader sees them.
fn publish(store: &Store, link: u64, parts: Vec<Part>) -> Result<Vec<SegmentBody>, LedgerError> {
    let mut folders = HashSet::new();
    let mut segments = Vec::with_capacity(parts.len());
    let mut number: BTreeMap<Day, u32> = BTreeMap::new();
    for part in parts {
        let number = number.entry(part.day).or_default();
        let path = format!("{}/{link:08}-{number}.parquet", day_folder(part.day));
        *number += 1;
        let target = store.segment_path(&path);
        if let Some(folder) = target.parent().filter(|folder| !folders.contains(*folder)) {
            std::fs::create_dir_all(folder).map_err(error::at(folder))?;
            folders.insert(folder.to_owned());
        }
        std::fs::rename(&part.path, &target).map_err(error::at(&target))?;
        segments.push(SegmentBody {
            path,
            day: part.day,
            rows: part.rows,
            min_ms: part.min_ms,
            max_ms: part.max_ms,
            bytes: part.bytes,
            sha256: part.sha256,
            external_rows: part.external_rows,
            columns: part.columns,
        });
    }
    if !folders.is_empty() {
        folders.insert(store.path("segments"));
    }
    let files = segments.iter().map(|segment| store.segment_path(&segment.path));
    sync(&files.chain(folders).collect::<Vec<_>>())?;
    Ok(segments)
}

/// Makes files and folders durable, several at once: the file system then
/// needs few commits of its own journal for many of them.
fn sync(paths: &[PathBuf]) -> Result<(), LedgerError> {
    std::thread::scope(|scope| {
        let share = paths.len().div_ceil(16).max(1);
        let threads: Vec<_> =
            paths.chunks(share).map(|paths| scope.spawn(|| paths.iter().try_for_each(|path| sync_folder(path)))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| error::inner("a thread ended early"))?)
    })
}

/// Makes a file, or the names in a folder, durable.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), LedgerError> {
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(error::at(folder))
}

/// Finishes what an import that was killed left behind: its staging, and files it
/// had moved but not yet named in the manifest. The caller holds the lock.
fn clean(store: &Store, staging: &Path) -> Result<(), LedgerError> {
    for entry in std::fs::read_dir(staging).map_err(error::at(staging))? {
        let entry = entry.map_err(error::at(staging))?;
        // The folder last: killed in between, the next import finds it and goes on.
        if let Some(link) = entry.file_name().to_str().and_then(|name| name.strip_prefix("import-")).and_then(|link| link.parse().ok()) {
            remove_unnamed(store, link)?;
        }
        let path = entry.path();
        std::fs::remove_dir_all(&path).or_else(|_| std::fs::remove_file(&path)).map_err(error::at(&path))?;
    }
    Ok(())
}

/// The link in the name of a segment, when it is a name that this program gives.
fn link_of(path: &str) -> Option<u64> {
    let name = path.rsplit('/').next()?.strip_suffix(".parquet")?;
    name.split_once('-')?.0.parse().ok()
}

/// Removes the files of a link that an import began and never sealed. The caller holds the lock.
fn remove_unnamed(store: &Store, link: u64) -> Result<(), LedgerError> {
    if link < store.manifest().next_link()? {
        return Ok(());
    }
    // Only names this program gives, and only this link: a stranger's file is not ours to delete.
    for path in store.files_in_segments()?.iter().filter(|path| link_of(path) == Some(link)) {
        let path = store.segment_path(path);
        std::fs::remove_file(&path).map_err(error::at(&path))?;
    }
    Ok(())
}

/// Refuses to seal link `next` while files of it or of later links lie there: then
/// the manifest is older than the segments, and an import would write over them.
fn refuse_unnamed(store: &Store, next: u64) -> Result<(), LedgerError> {
    let files = store.files_in_segments()?;
    let mut unnamed = files.iter().filter(|path| link_of(path).is_some_and(|link| link >= next));
    let Some(first) = unnamed.next() else { return Ok(()) };
    Err(LedgerError(format!(
        "{}: the manifest ends before this segment ({} such files), so it is older than the segments: restore the newest \
         ledger/manifest.sqlite (with its -wal file) from a backup, or move these files away; nothing was changed",
        store.segment_path(first).display(),
        unnamed.count() + 1
    )))
}
