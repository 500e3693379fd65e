//! Factor sets that were used once: kept by name, compressed, written once.

use crate::error;
use crate::import::sync_folder;
use crate::store::Store;
use books::LedgerError;
use std::path::PathBuf;

const LEVEL: i32 = 9;

impl Store {
    fn factor_set_path(&self, name: &str) -> Result<PathBuf, LedgerError> {
        let plain = !name.is_empty() && !name.starts_with('.') && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.@+".contains(c));
        if !plain {
            return Err(LedgerError(format!("`{name}` is no name of a factor set; letters, digits and -_.@+ only")));
        }
        Ok(self.dir().join("factor-sets").join(format!("{name}.zst")))
    }

    /// Keeps a factor set under its name. Does nothing when it is kept already.
    ///
    /// # Errors
    /// When another text is kept under this name, or the file cannot be written.
    pub fn keep_factor_set(&self, name: &str, text: &[u8]) -> Result<(), LedgerError> {
        let path = self.factor_set_path(name)?;
        if let Some(kept) = self.factor_set(name)? {
            if kept == text {
                return Ok(());
            }
            return Err(LedgerError(format!(
                "{}: another factor set is kept under the name {name}; give the changed set a new name",
                path.display()
            )));
        }
        self.refuse_read_only()?;
        let folder = self.dir().join("factor-sets");
        std::fs::create_dir_all(&folder).map_err(error::at(&folder))?;
        let packed = zstd::encode_all(text, LEVEL).map_err(error::at(&path))?;
        let file = tempfile::NamedTempFile::new_in(&folder).map_err(error::at(&folder))?;
        std::fs::write(file.path(), &packed).map_err(error::at(&path))?;
        file.as_file().sync_all().map_err(error::at(&path))?;
        // Without replacing: of two processes at once the first one wins, and both hold the same text.
        match file.persist_noclobber(&path) {
            Ok(_) => sync_folder(&folder),
            Err(error) if error.error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(error::io(&path, &error.error)),
        }
    }

    /// A kept factor set.
    ///
    /// # Errors
    /// When the file exists and cannot be read.
    pub fn factor_set(&self, name: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let path = self.factor_set_path(name)?;
        match std::fs::read(&path) {
            Ok(packed) => zstd::decode_all(packed.as_slice()).map(Some).map_err(error::at(&path)),
            Err(failure) if failure.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(failure) => Err(error::io(&path, &failure)),
        }
    }
}
