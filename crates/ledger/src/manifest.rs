//! The manifest: links of the hash chain, segments, deletion vectors and imports, in SQLite.

use crate::count::{Count, count};
use crate::error;
use crate::segment::sha256;
use crate::snapshot::Snapshot;
use books::{Day, Finding, ImportRecord, LedgerError};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard};

/// Digest before the first link.
pub(crate) const EMPTY: &str = "empty";

/// A segment as the chain names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SegmentBody {
    pub path: String,
    pub day: Day,
    pub rows: u64,
    pub min_ms: i64,
    pub max_ms: i64,
    pub bytes: u64,
    pub sha256: String,
    pub external_rows: u64,
    pub columns: Vec<String>,
}

/// A deletion vector as the chain names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeletionBody {
    pub segment: String,
    pub rows: u64,
    pub sha256: String,
}

/// One link of the chain; its JSON, after the digest before it, is what the digest covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LinkBody {
    pub seq: u64,
    pub sealed_ms: i64,
    /// The import that this link seals, with the digest of its findings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<ImportBody>,
    /// The import that this link takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<u64>,
    pub segments: Vec<SegmentBody>,
    pub deletions: Vec<DeletionBody>,
}

/// An import as the chain names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ImportBody {
    pub id: u64,
    pub file: String,
    pub format: String,
    pub source: String,
    pub rows: u64,
    pub imported: u64,
    pub duplicates: u64,
    pub superseded: u64,
    pub rejected: u64,
    pub findings_sha256: String,
}

/// The digest of a link.
pub(crate) fn chain(before: &str, body: &str) -> String {
    sha256(format!("{before}\n{body}").as_bytes())
}

/// A deletion vector to be written.
pub(crate) struct Deletion {
    pub segment_id: i64,
    pub path: String,
    pub rows: u64,
    pub vector: Vec<u8>,
}

/// The open manifest.
pub(crate) struct Manifest {
    connection: Mutex<Connection>,
    /// The last snapshot read; valid as long as the chain has not grown.
    cache: Mutex<Option<Arc<Snapshot>>>,
}

impl Manifest {
    /// Over a connection that is ready.
    pub(crate) fn over(connection: Connection) -> Self {
        Self { connection: Mutex::new(connection), cache: Mutex::new(None) }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves no half transaction: SQLite rolls it back.
        self.connection.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The state of the chain now.
    pub(crate) fn snapshot(&self) -> Result<Arc<Snapshot>, LedgerError> {
        let mut connection = self.lock();
        let mut cache = self.cache.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let head: Option<String> = connection
            .query_row("SELECT digest FROM links ORDER BY seq DESC LIMIT 1", [], |row| row.get(0))
            .optional()
            .map_err(error::manifest)?;
        let head = head.unwrap_or_else(|| EMPTY.to_owned());
        if let Some(cached) = cache.as_ref().filter(|cached| cached.digest == head) {
            return Ok(cached.clone());
        }
        // One transaction, so that an import that commits meanwhile is seen whole or not at all.
        let read = connection.transaction().map_err(error::manifest)?;
        let snapshot = Arc::new(Snapshot::read(&read)?);
        drop(read);
        *cache = Some(snapshot.clone());
        Ok(snapshot)
    }

    /// Adds an import, and a link when it changed anything. The caller holds the import lock.
    pub(crate) fn add_import(
        &self,
        record: ImportRecord,
        segments: Vec<SegmentBody>,
        deletions: Vec<Deletion>,
    ) -> Result<ImportRecord, LedgerError> {
        let mut connection = self.lock();
        let write = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(error::manifest)?;
        let findings = serde_json::to_string(&record.findings).map_err(error::inner)?;
        let last: u64 = write.query_row("SELECT coalesce(max(id), 0) FROM imports", [], |row| count(row, 0)).map_err(error::manifest)?;
        let mut record = ImportRecord { id: last + 1, ..record };
        let link = if segments.is_empty() && deletions.is_empty() {
            None
        } else {
            let import = ImportBody {
                id: record.id,
                file: record.file.clone(),
                format: record.format.clone(),
                source: record.source.clone(),
                rows: record.rows,
                imported: record.imported,
                duplicates: record.duplicates,
                superseded: record.superseded,
                rejected: record.rejected,
                findings_sha256: sha256(findings.as_bytes()),
            };
            Some(add_link(&write, record.sealed_ms, Some(import), None, segments, &deletions)?)
        };
        write
            .execute(
                "INSERT INTO imports (id, link, file, format, source, sealed_ms, rows, imported, duplicates, superseded, rejected, findings)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                params![
                    Count(record.id), link, record.file, record.format, record.source, record.sealed_ms, Count(record.rows),
                    Count(record.imported), Count(record.duplicates), Count(record.superseded), Count(record.rejected), findings
                ],
            )
            .map_err(error::manifest)?;
        write.commit().map_err(error::manifest)?;
        record.reverted = false;
        Ok(record)
    }

    /// Takes an import back; returns how many rows went. The caller holds the import lock.
    pub(crate) fn revert(&self, id: u64, now_ms: i64) -> Result<u64, LedgerError> {
        let mut connection = self.lock();
        let write = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(error::manifest)?;
        let found: Option<(Option<i64>, Option<i64>)> = write
            .query_row("SELECT link, reverted FROM imports WHERE id = ?1", [Count(id)], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(error::manifest)?;
        let link = match found {
            None => return Err(LedgerError(format!("there is no import {id}; `bilanz imports list` shows those that exist"))),
            Some((_, Some(_))) => return Err(LedgerError(format!("import {id} was taken back already"))),
            Some((link, None)) => link,
        };
        let before = Snapshot::read(&write)?;
        // An import that added nothing has no link; marking it is enough, and the chain stays as it is.
        let reverting = match link {
            Some(_) => add_link(&write, now_ms, None, Some(id), Vec::new(), &[])?,
            None => 0,
        };
        write.execute("UPDATE imports SET reverted = ?1 WHERE id = ?2", params![reverting, Count(id)]).map_err(error::manifest)?;
        write.commit().map_err(error::manifest)?;
        Ok(before.live().filter(|(_, segment)| Some(segment.link) == link).map(|(_, segment)| segment.live_rows()).sum())
    }

    /// All imports, oldest first.
    pub(crate) fn imports(&self) -> Result<Vec<ImportRecord>, LedgerError> {
        let connection = self.lock();
        let mut query = connection
            .prepare(
                "SELECT id, file, format, source, sealed_ms, rows, imported, duplicates, superseded, rejected, reverted IS NOT NULL, findings
                 FROM imports ORDER BY id",
            )
            .map_err(error::manifest)?;
        let rows = query
            .query_map([], |row| {
                Ok(ImportRecord {
                    id: count(row, 0)?,
                    file: row.get(1)?,
                    format: row.get(2)?,
                    source: row.get(3)?,
                    sealed_ms: row.get(4)?,
                    rows: count(row, 5)?,
                    imported: count(row, 6)?,
                    duplicates: count(row, 7)?,
                    superseded: count(row, 8)?,
                    rejected: count(row, 9)?,
                    reverted: row.get(10)?,
                    findings: serde_json::from_str::<Vec<Finding>>(&row.get::<_, String>(11)?).unwrap_or_default(),
                })
            })
            .map_err(error::manifest)?;
        rows.collect::<Result<_, _>>().map_err(error::manifest)
    }

    /// Number that the next link will have.
    pub(crate) fn next_link(&self) -> Result<u64, LedgerError> {
        self.lock().query_row("SELECT coalesce(max(seq), 0) + 1 FROM links", [], |row| count(row, 0)).map_err(error::manifest)
    }
}

fn add_link(
    write: &rusqlite::Transaction<'_>,
    sealed_ms: i64,
    import: Option<ImportBody>,
    reverts: Option<u64>,
    segments: Vec<SegmentBody>,
    deletions: &[Deletion],
) -> Result<i64, LedgerError> {
    let last: Option<(u64, String)> = write
        .query_row("SELECT seq, digest FROM links ORDER BY seq DESC LIMIT 1", [], |row| Ok((count(row, 0)?, row.get(1)?)))
        .optional()
        .map_err(error::manifest)?;
    let (last, before) = last.unwrap_or_else(|| (0, EMPTY.to_owned()));
    let seq = last + 1;
    let bodies = deletions.iter().map(|deletion| DeletionBody {
        segment: deletion.path.clone(),
        rows: deletion.rows,
        sha256: sha256(&deletion.vector),
    });
    let link = LinkBody { seq, sealed_ms, import, reverts, segments, deletions: bodies.collect() };
    let body = serde_json::to_string(&link).map_err(error::inner)?;
    write
        .execute("INSERT INTO links (seq, digest, body) VALUES (?1, ?2, ?3)", params![Count(seq), chain(&before, &body), body])
        .map_err(error::manifest)?;
    let mut insert = write
        .prepare(
            "INSERT INTO segments (link, path, day, rows, min_ms, max_ms, bytes, sha256, external_rows, columns)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )
        .map_err(error::manifest)?;
    for segment in &link.segments {
        insert
            .execute(params![
                Count(seq),
                segment.path,
                segment.day.0,
                Count(segment.rows),
                segment.min_ms,
                segment.max_ms,
                Count(segment.bytes),
                segment.sha256,
                Count(segment.external_rows),
                segment.columns.join(",")
            ])
            .map_err(error::manifest)?;
    }
    let mut insert = write.prepare("INSERT INTO deletions (link, segment, vector) VALUES (?1, ?2, ?3)").map_err(error::manifest)?;
    for deletion in deletions {
        insert.execute(params![Count(seq), deletion.segment_id, deletion.vector]).map_err(error::manifest)?;
    }
    i64::try_from(seq).map_err(error::inner)
}
