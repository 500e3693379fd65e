//! Gateway keys: shown once, stored as hashes, bound to an account.

use std::sync::Arc;

/// One key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Id, safe to show: `k_` and eight characters.
    pub id: Arc<str>,
    /// What it is for.
    pub name: String,
    /// Account that its requests belong to.
    pub account: Arc<str>,
    /// SHA-256 of the secret.
    pub hash: [u8; 32],
    /// When it was made, milliseconds since 1970 UTC.
    pub created_ms: i64,
    /// When it ends.
    pub expires_ms: Option<i64>,
    /// When it was taken back.
    pub revoked_ms: Option<i64>,
}

/// What is wrong with the file of keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyError(pub String);

/// Why a key does not open the door.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRefusal {
    /// No such key.
    Unknown,
    /// Taken back.
    Revoked,
    /// Its time is over.
    Expired,
}

/// All keys of one set of books, found by hash.
#[derive(Debug, Clone, Default)]
pub struct KeyRing {
    keys: Vec<Arc<KeyRecord>>,
}

impl KeyRing {
    /// Prefix of every secret.
    pub const PREFIX: &'static str = "bk_";

    /// Parses `keys.toml`.
    ///
    /// # Errors
    /// When the text is no such file.
    pub fn parse(_file: &str, _text: &str) -> Result<Self, KeyError> {
        Ok(Self::default())
    }

    /// The text of `keys.toml`.
    #[must_use]
    pub fn to_text(&self) -> String {
        String::new()
    }

    /// Makes a key from 32 random bytes; returns its record and the secret, which is kept nowhere.
    ///
    /// # Errors
    /// When the account is no path, or the name is taken by a live key.
    pub fn create(
        &mut self,
        _name: &str,
        _account: &str,
        _random: [u8; 32],
        _now_ms: i64,
        _expires_ms: Option<i64>,
    ) -> Result<(Arc<KeyRecord>, String), KeyError> {
        Err(KeyError("not yet".to_owned()))
    }

    /// Takes a key back, by id or by the name of the only live key that bears it.
    ///
    /// # Errors
    /// When there is no such key, or it was taken back already.
    pub fn revoke(&mut self, _id_or_name: &str, _now_ms: i64) -> Result<Arc<KeyRecord>, KeyError> {
        Err(KeyError("not yet".to_owned()))
    }

    /// All keys, oldest first.
    #[must_use]
    pub fn keys(&self) -> &[Arc<KeyRecord>] {
        &self.keys
    }

    /// The key with this secret.
    ///
    /// # Errors
    /// When it is unknown, revoked or expired.
    pub fn find(&self, _secret: &[u8], _now_ms: i64) -> Result<Arc<KeyRecord>, KeyRefusal> {
        Err(KeyRefusal::Unknown)
    }
}
