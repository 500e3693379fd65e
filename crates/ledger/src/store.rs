//! `Store`: one folder of books, opened.

use crate::engine::Engine;
use crate::error;
use crate::import::{ImportMeta, ImportSession, Reach};
use crate::journal::Order;
use crate::manifest::Manifest;
use crate::opening;
use crate::staging::Budget;
use books::LedgerError;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

struct Inner {
    dir: PathBuf,
    manifest: Manifest,
    engine: Engine,
    budget: Budget,
    read_only: bool,
    journal_order: Mutex<Option<Arc<Order>>>,
}

/// The claim of one live gateway on a set of books; see [`Store::gateway_lock`].
#[derive(Debug)]
#[must_use]
pub struct GatewayLock {
    _file: File,
}

/// The ledger of one set of books. Cheap to clone; clones share one engine.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

impl Store {
    /// Makes `DIR/ledger` and opens it; books that exist already are opened as they are.
    ///
    /// # Errors
    /// When the folder cannot be made or written, or when segments were sealed there and the manifest that names them is gone.
    pub fn create(dir: &Path) -> Result<Self, LedgerError> {
        opening::refuse_gone(dir)?;
        Self::make_folders(dir)?;
        Ok(Self::over(dir, Manifest::open(dir, true)?, false, Budget::default()))
    }

    fn make_folders(dir: &Path) -> Result<(), LedgerError> {
        for name in ["segments", "journal", "staging"] {
            let folder = dir.join("ledger").join(name);
            std::fs::create_dir_all(&folder).map_err(error::at(&folder))?;
        }
        Ok(())
    }

    /// Opens the ledger in `DIR/ledger`; only to read it when it cannot be written.
    ///
    /// # Errors
    /// When there are no books in `dir`, or their manifest is gone; the message says what to do.
    pub fn open(dir: &Path) -> Result<Self, LedgerError> {
        opening::refuse_gone(dir)?;
        if !dir.join("ledger").join("manifest.sqlite").exists() {
            return Err(opening::no_books(dir));
        }
        if opening::is_read_only(dir) {
            return Self::open_read_only(dir);
        }
        Self::make_folders(dir)?;
        match Manifest::try_open(dir, true)? {
            Ok(manifest) => Ok(Self::over(dir, manifest, false, Budget::default())),
            Err(_) => Self::open_read_only(dir),
        }
    }

    /// Opens the ledger in `DIR/ledger` without writing to it: questions are answered, changes are refused.
    /// Where SQLite cannot make its files either, the books are those of this moment.
    ///
    /// # Errors
    /// When there are no books in `dir`, or changes that were not yet moved into the manifest cannot be read.
    pub fn open_read_only(dir: &Path) -> Result<Self, LedgerError> {
        opening::refuse_gone(dir)?;
        if !dir.join("ledger").join("manifest.sqlite").exists() {
            return Err(opening::no_books(dir));
        }
        Ok(Self::over(dir, Manifest::open_read_only(dir)?, true, Budget::default()))
    }

    /// Opens the ledger, and makes it first when there is none.
    ///
    /// # Errors
    /// As [`Store::create`].
    pub fn open_or_create(dir: &Path) -> Result<Self, LedgerError> {
        Self::create(dir)
    }

    fn over(dir: &Path, manifest: Manifest, read_only: bool, budget: Budget) -> Self {
        let engine = Engine::new(&dir.join("ledger").join("segments"));
        Self(Arc::new(Inner { dir: dir.to_owned(), manifest, engine, budget, read_only, journal_order: Mutex::new(None) }))
    }

    /// These books, where SQLite can make no files of its own.
    #[cfg(test)]
    pub(crate) fn open_unchanging(dir: &Path) -> Result<Self, LedgerError> {
        Ok(Self::over(dir, Manifest::open_unchanging(dir)?, true, Budget::default()))
    }

    /// Whether the books were opened only to be read.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.0.read_only
    }

    /// Refuses a change to books that were opened only to be read.
    pub(crate) fn refuse_read_only(&self) -> Result<(), LedgerError> {
        if !self.is_read_only() {
            return Ok(());
        }
        Err(LedgerError(format!(
            "{}: these books can only be read, nothing was changed; make the folder `ledger` and ledger/manifest.sqlite writable \
             for this user, or name other books with --books",
            self.dir().display()
        )))
    }

    /// The same books with other limits of memory.
    #[cfg(test)]
    pub(crate) fn with_budget(&self, budget: Budget) -> Result<Self, LedgerError> {
        Ok(Self::over(&self.0.dir, Manifest::open(&self.0.dir, false)?, false, budget))
    }

    /// Begins an import. Only one runs at a time: when another holds the lock,
    /// `wait` is called once and the call blocks until that one ends.
    ///
    /// # Errors
    /// When the staging folder cannot be written.
    pub fn begin_import(&self, meta: ImportMeta, wait: &mut dyn FnMut()) -> Result<ImportSession, LedgerError> {
        let lock = self.lock_imports(wait)?;
        ImportSession::start(self, meta, lock, Reach::Everywhere, self.0.budget)
    }

    /// Takes an import back: its rows no longer count, and rows it had replaced
    /// count again. Returns how many rows went.
    ///
    /// # Errors
    /// When there is no such import, or it was taken back already.
    pub fn revert(&self, id: u64, now_ms: i64) -> Result<u64, LedgerError> {
        let _lock = self.lock_imports(&mut || {})?;
        self.manifest().revert(id, now_ms)
    }

    /// The lock that one import holds; readers never take it. Released when the file is closed, also by a crash.
    pub(crate) fn lock_imports(&self, wait: &mut dyn FnMut()) -> Result<File, LedgerError> {
        self.refuse_read_only()?;
        let path = self.path("lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(error::at(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                wait();
                file.lock().map_err(error::at(&path))?;
                Ok(file)
            }
            Err(TryLockError::Error(error)) => Err(error::io(&path, &error)),
        }
    }

    /// What orders the journals of these books in this process.
    pub(crate) fn journal_order(&self) -> Result<Arc<Order>, LedgerError> {
        let mut known = self.0.journal_order.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(order) = &*known {
            return Ok(order.clone());
        }
        Ok(known.insert(Arc::new(Order::after(&self.path("journal"))?)).clone())
    }

    /// Claims these books for one live gateway; the claim ends with the guard, or with the process.
    ///
    /// # Errors
    /// When another process holds the claim, or the books can only be read.
    pub fn gateway_lock(&self) -> Result<GatewayLock, LedgerError> {
        self.refuse_read_only()?;
        let path = self.path("gateway.lock");
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(error::at(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(GatewayLock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LedgerError(format!(
                "{}: another gateway is running on these books; stop that one first, or name other books with --books",
                path.display()
            ))),
            Err(TryLockError::Error(error)) => Err(error::io(&path, &error)),
        }
    }

    /// The folder of the books.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }

    pub(crate) fn manifest(&self) -> &Manifest {
        &self.0.manifest
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    pub(crate) fn budget(&self) -> Budget {
        self.0.budget
    }

    /// `DIR/ledger/<name>`.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.dir.join("ledger").join(name)
    }

    /// The file of a segment.
    pub(crate) fn segment_path(&self, path: &str) -> PathBuf {
        self.path("segments").join(path)
    }

    /// All files below `segments/`, as paths relative to it, sorted.
    pub(crate) fn files_in_segments(&self) -> Result<Vec<String>, LedgerError> {
        let root = self.path("segments");
        let mut files = Vec::new();
        let mut folders = vec![(root.clone(), String::new())];
        while let Some((folder, prefix)) = folders.pop() {
            for entry in std::fs::read_dir(&folder).map_err(error::at(&folder))? {
                let entry = entry.map_err(error::at(&folder))?;
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                if entry.file_type().map_err(error::at(&folder))?.is_dir() {
                    folders.push((entry.path(), format!("{name}/")));
                } else {
                    files.push(name);
                }
            }
        }
        files.sort();
        Ok(files)
    }
}
