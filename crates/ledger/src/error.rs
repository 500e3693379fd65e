//! Failures turned into sentences: what failed, where, and what to do next.

use books::LedgerError;
use std::fmt::Display;
use std::io::{Error, ErrorKind};
use std::path::Path;

/// A failure of the file system at `path`.
pub(crate) fn at(path: &Path) -> impl Fn(Error) -> LedgerError + '_ {
    move |error| io(path, &error)
}

/// A failure of the file system, in words.
pub(crate) fn io(path: &Path, error: &Error) -> LedgerError {
    let place = path.display();
    LedgerError(match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            format!("{place}: the disk is full; free some space and run the same command again, nothing was kept")
        }
        ErrorKind::PermissionDenied => {
            format!("{place}: permission denied; make the folder writable for this user, or name other books with --books")
        }
        ErrorKind::ReadOnlyFilesystem => format!("{place}: the file system is read-only; move the books to a writable one"),
        ErrorKind::NotFound => format!("{place}: no such file or folder; if it was deleted by hand, restore it from a backup"),
        _ => format!("{place}: {error}"),
    })
}

/// A failure of the manifest.
pub(crate) fn manifest(error: rusqlite::Error) -> LedgerError {
    use rusqlite::ErrorCode;
    LedgerError(match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => {
            "ledger/manifest.sqlite: the disk is full; free some space and run the same command again, nothing was kept".to_owned()
        }
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            format!("ledger/manifest.sqlite cannot be opened for writing ({error}); check the permissions of the books")
        }
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            format!(
                "ledger/manifest.sqlite is damaged ({error}); restore it from a backup, the segments beside it are still readable as Parquet"
            )
        }
        _ => format!("ledger/manifest.sqlite: {error}"),
    })
}

/// A failure of a segment; a full disk inside is told as such.
pub(crate) fn parquet(path: &Path) -> impl Fn(parquet::errors::ParquetError) -> LedgerError + '_ {
    move |error| {
        if let parquet::errors::ParquetError::External(inner) = &error
            && let Some(inner) = inner.downcast_ref::<Error>()
        {
            return io(path, inner);
        }
        about(path, error)
    }
}

/// Any failure, with the file it concerns.
pub(crate) fn about(path: &Path, error: impl Display) -> LedgerError {
    LedgerError(format!("{}: {error}; `bilanz verify` tells which segments are whole", path.display()))
}

/// Something that cannot happen unless the program is wrong.
pub(crate) fn inner(error: impl Display) -> LedgerError {
    LedgerError(format!("internal failure of the ledger: {error}; please report it"))
}
