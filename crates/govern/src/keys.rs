//! Gateway keys: shown once, stored as hashes, bound to an account.

mod base62;
mod file;

use sha2::{Digest, Sha256};
use std::collections::HashMap;
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

impl KeyRecord {
    /// Whether it opens the door at `now_ms`.
    ///
    /// # Errors
    /// When it was taken back, or its time is over.
    pub fn check(&self, now_ms: i64) -> Result<(), KeyRefusal> {
        // A key that was taken back stays so, whatever a clock says that was set back.
        if self.revoked_ms.is_some() {
            return Err(KeyRefusal::Revoked);
        }
        if self.expires_ms.is_some_and(|end_ms| now_ms >= end_ms) {
            return Err(KeyRefusal::Expired);
        }
        Ok(())
    }

    /// The end of its life as the file tells it; `i64::MAX` when it is open.
    fn end_ms(&self) -> i64 {
        [self.expires_ms, self.revoked_ms].into_iter().flatten().min().unwrap_or(i64::MAX)
    }
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
    by_hash: HashMap<[u8; 32], usize>,
}

/// Bytes of a secret: the prefix and 43 characters that hold 256 bits.
const SECRET_BYTES: usize = KeyRing::PREFIX.len() + base62::CHARACTERS;
/// The longest name of a key, bytes.
const MAX_NAME_BYTES: usize = 128;
/// The longest account path, bytes.
const MAX_ACCOUNT_BYTES: usize = 512;

impl KeyRing {
    /// Prefix of every secret.
    pub const PREFIX: &'static str = "bk_";

    /// Parses `keys.toml`.
    ///
    /// # Errors
    /// When the text is no such file: unknown fields, times that are none, a hash that is none, an id or a secret twice, a
    /// name that two keys bear at the same time, an account that is no path. The message names the file and the key.
    pub fn parse(file: &str, text: &str) -> Result<Self, KeyError> {
        let mut ring = Self::default();
        for record in file::read(text).map_err(|message| KeyError(format!("{file}: {message}")))? {
            ring.add(record).map_err(|message| KeyError(format!("{file}: {message}")))?;
        }
        Ok(ring)
    }

    /// The text of `keys.toml`.
    #[must_use]
    pub fn to_text(&self) -> String {
        file::write(&self.keys)
    }

    /// Makes a key from 32 random bytes; returns its record and the secret, which is kept nowhere.
    ///
    /// # Errors
    /// When the account is no path, the name is empty or taken by a live key, or the key would end before it begins.
    pub fn create(
        &mut self,
        name: &str,
        account: &str,
        random: [u8; 32],
        now_ms: i64,
        expires_ms: Option<i64>,
    ) -> Result<(Arc<KeyRecord>, String), KeyError> {
        let secret = format!("{}{}", Self::PREFIX, base62::encode(random));
        let hash: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
        // The id is drawn from a second hash, so that it tells nothing about what is stored either.
        let id = base62::encode(Sha256::digest([b"id of ".as_slice(), &hash].concat()).into());
        let record = KeyRecord {
            id: Arc::from(format!("k_{}", &id[id.len() - 8..])),
            name: name.to_owned(),
            account: Arc::from(account),
            hash,
            created_ms: now_ms,
            expires_ms,
            revoked_ms: None,
        };
        self.add(record).map_err(KeyError)?;
        let record = self.keys.last().ok_or_else(|| KeyError("the key was not kept".to_owned()))?;
        Ok((Arc::clone(record), secret))
    }

    /// Takes a key back, by id or by the name of the only live key that bears it.
    ///
    /// # Errors
    /// When there is no such key, or it was taken back already.
    pub fn revoke(&mut self, id_or_name: &str, now_ms: i64) -> Result<Arc<KeyRecord>, KeyError> {
        if !file::is_time(now_ms) {
            return Err(KeyError(format!("{now_ms} ms since 1970 is no time; check the clock")));
        }
        let place = match self.keys.iter().position(|key| &*key.id == id_or_name) {
            Some(place) => place,
            None => self.by_name(id_or_name, now_ms)?,
        };
        let key = &mut self.keys[place];
        if key.revoked_ms.is_some() {
            return Err(KeyError(format!("the key {} (`{}`) was taken back already", key.id, key.name)));
        }
        Arc::make_mut(key).revoked_ms = Some(now_ms);
        Ok(Arc::clone(key))
    }

    /// The place of the only live key with this name.
    fn by_name(&self, name: &str, now_ms: i64) -> Result<usize, KeyError> {
        let mut named = self.keys.iter().enumerate().filter(|(_, key)| key.name == name).peekable();
        if named.peek().is_none() {
            return Err(KeyError(format!("no key has the id or the name `{name}`; list the keys to see them")));
        }
        let mut live = named.filter(|(_, key)| key.check(now_ms).is_ok());
        match (live.next(), live.next()) {
            (Some((place, _)), None) => Ok(place),
            (None, _) => Err(KeyError(format!("the key `{name}` was taken back already, or its time is over"))),
            (Some(_), Some(_)) => Err(KeyError(format!("several live keys bear the name `{name}`; say which by its id"))),
        }
    }

    /// All keys, oldest first.
    #[must_use]
    pub fn keys(&self) -> &[Arc<KeyRecord>] {
        &self.keys
    }

    /// The key with this secret.
    ///
    /// The secret is hashed and the hash looked up: no comparison of the secret itself can be timed.
    ///
    /// # Errors
    /// When it is unknown, revoked or expired.
    pub fn find(&self, secret: &[u8], now_ms: i64) -> Result<Arc<KeyRecord>, KeyRefusal> {
        if secret.len() != SECRET_BYTES || !secret.starts_with(Self::PREFIX.as_bytes()) {
            return Err(KeyRefusal::Unknown);
        }
        let hash: [u8; 32] = Sha256::digest(secret).into();
        let key = self.by_hash.get(&hash).and_then(|place| self.keys.get(*place)).ok_or(KeyRefusal::Unknown)?;
        key.check(now_ms)?;
        Ok(Arc::clone(key))
    }

    /// Checks a record against the others and keeps it.
    fn add(&mut self, record: KeyRecord) -> Result<(), String> {
        check(&record)?;
        for other in &self.keys {
            if other.id == record.id || other.hash == record.hash {
                return Err(format!("the keys `{}` and `{}` have the same id or secret; draw another", other.name, record.name));
            }
            let together = other.created_ms < record.end_ms() && record.created_ms < other.end_ms();
            if other.name == record.name && together {
                return Err(format!(
                    "the name `{}` is taken by the live key {}; choose another name, or revoke that key first",
                    other.name, other.id
                ));
            }
        }
        self.by_hash.insert(record.hash, self.keys.len());
        self.keys.push(Arc::new(record));
        Ok(())
    }
}

/// Checks what every key must satisfy by itself.
fn check(record: &KeyRecord) -> Result<(), String> {
    let name = &record.name;
    if name.trim().is_empty() || name.len() > MAX_NAME_BYTES || name.chars().any(char::is_control) {
        return Err(format!("the name {name:?} of a key is empty, longer than {MAX_NAME_BYTES} bytes or holds control characters"));
    }
    check_account(&record.account).map_err(|message| format!("key `{name}`: {message}"))?;
    let id = record.id.strip_prefix("k_").unwrap_or("");
    if id.len() != 8 || !id.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(format!("key `{name}`: the id {:?} is not `k_` and eight letters or digits", record.id));
    }
    for time_ms in [Some(record.created_ms), record.expires_ms, record.revoked_ms].into_iter().flatten() {
        if !file::is_time(time_ms) {
            return Err(format!("key `{name}`: {time_ms} ms since 1970 is no time"));
        }
    }
    if record.expires_ms.is_some_and(|end_ms| end_ms <= record.created_ms) {
        return Err(format!("key `{name}`: it would end before it begins; state a later end, or none"));
    }
    Ok(())
}

/// Checks an account path: segments of letters, digits, `-`, `_` and `.`, separated by `/`.
pub(crate) fn check_account(account: &str) -> Result<(), String> {
    let sound = |segment: &str| {
        !segment.is_empty()
            && segment.chars().all(|char| char.is_alphanumeric() || matches!(char, '-' | '_' | '.'))
            && segment != ".."
            && segment != "."
    };
    if account.len() > MAX_ACCOUNT_BYTES || !account.split('/').all(sound) {
        return Err(format!(
            "{account:?} is no account; write segments of letters, digits, `-`, `_` and `.` with `/` between, such as acme/support"
        ));
    }
    Ok(())
}
