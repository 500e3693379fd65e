//! Opening the manifest: made only where there were no books, never in place of one that is gone.

use crate::error;
use crate::manifest::Manifest;
use books::LedgerError;
use rusqlite::{Connection, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// Version of the layout of manifest and segments.
const LAYOUT: i64 = 1;

const TABLES: &str = "
CREATE TABLE IF NOT EXISTS links (seq INTEGER PRIMARY KEY, digest TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS imports (
  id INTEGER PRIMARY KEY, link INTEGER, file TEXT NOT NULL, format TEXT NOT NULL, source TEXT NOT NULL,
  sealed_ms INTEGER NOT NULL, rows INTEGER NOT NULL, imported INTEGER NOT NULL, duplicates INTEGER NOT NULL,
  superseded INTEGER NOT NULL, rejected INTEGER NOT NULL, reverted INTEGER, findings TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS segments (
  id INTEGER PRIMARY KEY, link INTEGER NOT NULL, path TEXT NOT NULL UNIQUE, day INTEGER NOT NULL, rows INTEGER NOT NULL,
  min_ms INTEGER NOT NULL, max_ms INTEGER NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL,
  external_rows INTEGER NOT NULL, columns TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS deletions (
  link INTEGER NOT NULL, segment INTEGER NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (link, segment));
";

/// Refuses when the manifest of `DIR/ledger` is missing or empty although segments were sealed.
///
/// SQLite would make a new one, and throw away the `-wal` file of the old one.
pub(crate) fn refuse_gone(dir: &Path) -> Result<(), LedgerError> {
    // Segments first: whoever sealed them made the manifest before.
    let sealed = sealed_files(dir, 1) > 0;
    let empty = std::fs::metadata(dir.join("ledger").join("manifest.sqlite"))
        .map_or_else(|error| error.kind() == std::io::ErrorKind::NotFound, |file| file.len() == 0);
    if sealed && empty { Err(gone(dir)) } else { Ok(()) }
}

fn gone(dir: &Path) -> LedgerError {
    LedgerError(format!(
        "the manifest is gone while {} sealed segments lie in {}: restore ledger/manifest.sqlite from a backup; nothing was changed",
        sealed_files(dir, usize::MAX),
        dir.join("ledger").join("segments").display()
    ))
}

/// Parquet files in the folders of days; counts no further than `enough`.
fn sealed_files(dir: &Path, enough: usize) -> usize {
    let files = |folder: &Path| std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_segment = |path: &std::path::PathBuf| path.extension().is_some_and(|extension| extension == "parquet");
    let root = dir.join("ledger").join("segments");
    files(&root)
        .flat_map(|path| if is_segment(&path) { vec![path] } else { files(&path).collect() })
        .filter(is_segment)
        .take(enough)
        .count()
}

/// Whether the tables of the layout are there.
fn has_tables(connection: &Connection) -> rusqlite::Result<bool> {
    let names = "SELECT count(*) = 4 FROM sqlite_master WHERE name IN ('links', 'imports', 'segments', 'deletions')";
    connection.query_row(names, [], |row| row.get(0))
}

/// Version of the layout; newer ones are refused.
fn layout(connection: &Connection) -> Result<i64, LedgerError> {
    let layout: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(error::manifest)?;
    if layout > LAYOUT {
        return Err(LedgerError(format!(
            "ledger/manifest.sqlite has layout {layout}, this program reads up to {LAYOUT}; use a newer bilanz"
        )));
    }
    Ok(layout)
}

impl Manifest {
    /// Opens the manifest of `DIR/ledger`; creates it when `create`.
    pub(crate) fn open(dir: &Path, create: bool) -> Result<Self, LedgerError> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if create {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let path = dir.join("ledger").join("manifest.sqlite");
        let connection = Connection::open_with_flags(path, flags).map_err(error::manifest)?;
        connection.busy_timeout(Duration::from_secs(30)).map_err(error::manifest)?;
        // Before anything is written: a manifest without tables beside segments is not a new one.
        let sealed = sealed_files(dir, 1) > 0;
        if sealed && !has_tables(&connection).map_err(error::manifest)? {
            return Err(gone(dir));
        }
        connection.pragma_update(None, "journal_mode", "WAL").map_err(error::manifest)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(error::manifest)?;
        if layout(&connection)? < LAYOUT {
            connection.execute_batch(TABLES).map_err(error::manifest)?;
            connection.pragma_update(None, "user_version", LAYOUT).map_err(error::manifest)?;
        }
        Ok(Self::over(connection))
    }
}
