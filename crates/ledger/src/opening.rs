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
        Self::try_open(dir, create)?.map_err(error::manifest)
    }

    /// As [`Manifest::open`]; the inner error is that it cannot be written.
    pub(crate) fn try_open(dir: &Path, create: bool) -> Result<rusqlite::Result<Self>, LedgerError> {
        let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        if create {
            flags |= OpenFlags::SQLITE_OPEN_CREATE;
        }
        let path = dir.join("ledger").join("manifest.sqlite");
        let connection = match Connection::open_with_flags(path, flags).and_then(|connection| writable(&connection).map(|()| connection)) {
            Ok(connection) => connection,
            Err(failure) if is_refusal(&failure) => return Ok(Err(failure)),
            Err(failure) => return Err(error::manifest(failure)),
        };
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
        Ok(Ok(Self::over(connection)))
    }

    /// Opens the manifest of `DIR/ledger` where nothing can be written.
    pub(crate) fn open_read_only(dir: &Path) -> Result<Self, LedgerError> {
        let path = dir.join("ledger").join("manifest.sqlite");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        // Works beside a writer, whose -shm file is there, and where SQLite can make one.
        match Connection::open_with_flags(path, flags).and_then(|connection| readable(&connection).map(|()| connection)) {
            Ok(connection) => Self::checked(dir, connection),
            Err(failure) if is_refusal(&failure) => Self::open_unchanging(dir),
            Err(failure) => Err(error::manifest(failure)),
        }
    }

    /// Reads the manifest as a file that nobody changes: no lock, no index of the `-wal` file, and nothing in that file.
    pub(crate) fn open_unchanging(dir: &Path) -> Result<Self, LedgerError> {
        let wal = dir.join("ledger").join("manifest.sqlite-wal");
        if std::fs::metadata(&wal).is_ok_and(|file| file.len() > 0) {
            return Err(LedgerError(format!(
                "{} holds changes that cannot be read where nothing can be written; run any bilanz command once where the books \
                 are writable, or copy the whole folder to such a place",
                wal.display()
            )));
        }
        let path = dir.join("ledger").join("manifest.sqlite");
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
        let address = unchanging(&std::path::absolute(&path).map_err(error::at(&path))?);
        let connection = Connection::open_with_flags(address, flags).map_err(error::manifest)?;
        readable(&connection).map_err(error::manifest)?;
        Self::checked(dir, connection)
    }

    /// The manifest, when its layout can be read as it is.
    fn checked(dir: &Path, connection: Connection) -> Result<Self, LedgerError> {
        layout(&connection)?;
        if !has_tables(&connection).map_err(error::manifest)? {
            return Err(if sealed_files(dir, 1) > 0 { gone(dir) } else { no_books(dir) });
        }
        Ok(Self::over(connection))
    }
}

/// There are no books in `dir`.
pub(crate) fn no_books(dir: &Path) -> LedgerError {
    LedgerError(format!(
        "{} holds no books (no ledger/manifest.sqlite); run `bilanz init` there, or name the folder with --books",
        dir.display()
    ))
}

/// Whether nothing can be made in `DIR/ledger` by this user.
pub(crate) fn is_read_only(dir: &Path) -> bool {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    // Only these two: a full disk is no reason to open the books another way.
    tempfile::tempfile_in(dir.join("ledger")).is_err_and(|error| matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem))
}

/// Whether SQLite was refused a file that it would have to write or make.
fn is_refusal(failure: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{CannotOpen, PermissionDenied, ReadOnly};
    matches!(failure.sqlite_error_code(), Some(CannotOpen | PermissionDenied | ReadOnly))
}

/// SQLite opens a file that it may not write without a word; this says so.
fn writable(connection: &Connection) -> rusqlite::Result<()> {
    readable(connection)?;
    if connection.is_readonly("main")? {
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_READONLY);
        return Err(rusqlite::Error::SqliteFailure(code, None));
    }
    Ok(())
}

/// Reads a little: only then does SQLite open the files beside the manifest.
fn readable(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(30))?;
    connection.query_row("SELECT count(*) FROM sqlite_master", [], |_| Ok(()))
}

/// The address of a file for SQLite, with the promise that it does not change.
fn unchanging(path: &Path) -> String {
    let mut address = "file://".to_owned();
    let bytes = path.as_os_str().as_encoded_bytes();
    if bytes.first() != Some(&b'/') {
        address.push('/');
    }
    for byte in bytes {
        match byte {
            b'\\' if cfg!(windows) => address.push('/'),
            b'/' | b'-' | b'_' | b'.' | b'~' | b':' => address.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => address.push(char::from(*byte)),
            byte => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address.push_str("?immutable=1");
    address
}
