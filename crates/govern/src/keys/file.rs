//! `keys.toml`: one `[[key]]` for each key, with times as RFC 3339 and the hash in hexadecimal.

use super::KeyRecord;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const HEAD: &str = "# Gateway keys. Secrets are not here: only their SHA-256. `bilanz keys` writes this file.\n";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    key: Vec<Row>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    name: String,
    account: String,
    sha256: String,
    created: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    revoked: Option<String>,
}

/// Whether a number of milliseconds since 1970 is a time that the file can state.
pub(super) fn is_time(time_ms: i64) -> bool {
    Timestamp::from_millisecond(time_ms).is_ok()
}

/// The records of a file, in its order; not yet checked against each other.
pub(super) fn read(text: &str) -> Result<Vec<KeyRecord>, String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    file.key.into_iter().map(record).collect()
}

fn record(row: Row) -> Result<KeyRecord, String> {
    let time = |field: &str, text: &str| {
        text.parse::<Timestamp>()
            .map(Timestamp::as_millisecond)
            .map_err(|_| format!("key `{}`: {field} = {text:?} is no time; write it as \"2026-01-31T12:00:00Z\"", row.name))
    };
    let hash = bytes(&row.sha256).ok_or_else(|| format!("key `{}`: sha256 is not 64 hexadecimal digits", row.name))?;
    let (created_ms, expires_ms, revoked_ms) = (
        time("created", &row.created)?,
        row.expires.as_deref().map(|text| time("expires", text)).transpose()?,
        row.revoked.as_deref().map(|text| time("revoked", text)).transpose()?,
    );
    Ok(KeyRecord { id: Arc::from(row.id), name: row.name, account: Arc::from(row.account), hash, created_ms, expires_ms, revoked_ms })
}

/// The text of a file.
pub(super) fn write(keys: &[Arc<KeyRecord>]) -> String {
    let row = |key: &Arc<KeyRecord>| Row {
        id: key.id.to_string(),
        name: key.name.clone(),
        account: key.account.to_string(),
        sha256: hex(&key.hash),
        created: crate::calendar::text(key.created_ms),
        expires: key.expires_ms.map(crate::calendar::text),
        revoked: key.revoked_ms.map(crate::calendar::text),
    };
    let file = File { key: keys.iter().map(row).collect() };
    if file.key.is_empty() {
        return HEAD.to_owned();
    }
    // Text and times alone cannot fail to be written.
    format!("{HEAD}\n{}", toml::to_string(&file).unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u32> = text.chars().map(|char| char.to_digit(16)).collect::<Option<_>>()?;
    let mut bytes = [0; 32];
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = u8::try_from(pair[0] * 16 + pair[1]).ok()?;
    }
    Some(bytes)
}
