//! `verify`: walks the hash chain, hashes every segment and names what is not as it was sealed.

use crate::count::{Count, count};
use crate::error;
use crate::manifest::{EMPTY, LinkBody, SegmentBody, chain};
use crate::segment::{sha256, sha256_of_file};
use crate::store::Store;
use books::{Day, LedgerError};
use rusqlite::Connection;
use serde::Serialize;
use std::collections::{BTreeMap, HashSet};

/// Something that is not as it was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Path of the segment below `ledger/segments`, or the link such as `link 3`.
    pub segment_or_link: String,
    /// What is wrong and what to do.
    pub text: String,
}

/// What `verify` found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
pub struct VerifyReport {
    /// Links walked.
    pub links: u64,
    /// Segments hashed.
    pub segments: u64,
    /// Rows in them.
    pub rows: u64,
    /// What is broken, in the order of the chain.
    pub problems: Vec<Problem>,
    /// Files below `ledger/segments` that no link names; they are never read.
    pub strays: Vec<String>,
}

impl VerifyReport {
    /// Whether the books are whole.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.problems.is_empty()
    }
    fn add(&mut self, what: impl Into<String>, text: impl Into<String>) {
        self.problems.push(Problem { segment_or_link: what.into(), text: text.into() });
    }
}

impl Store {
    /// Walks the chain and hashes every segment.
    ///
    /// # Errors
    /// When the manifest cannot be read at all; anything less is a [`Problem`].
    pub fn verify(&self) -> Result<VerifyReport, LedgerError> {
        let mut report = VerifyReport::default();
        let mut named = HashSet::new();
        let links = {
            let mut connection = self.manifest().lock();
            let read = connection.transaction().map_err(error::manifest)?;
            walk(&read, &mut report).map_err(error::manifest)?
        };
        for (seq, link) in links {
            for segment in link.segments {
                report.segments += 1;
                report.rows += segment.rows;
                let path = self.segment_path(&segment.path);
                match sha256_of_file(&path) {
                    Ok(digest) if digest == segment.sha256 => {}
                    Ok(_) => report.add(
                        &segment.path,
                        format!("the bytes differ from what link {seq} sealed; restore this file from a backup, or revert its import and import the source again"),
                    ),
                    Err(error) => report.add(&segment.path, format!("cannot be read ({error}), but link {seq} names it; restore it from a backup")),
                }
                named.insert(segment.path);
            }
        }
        report.strays = self.files_in_segments()?.into_iter().filter(|path| !named.contains(path)).collect();
        Ok(report)
    }
}

fn walk(read: &Connection, report: &mut VerifyReport) -> rusqlite::Result<Vec<(u64, LinkBody)>> {
    let mut links = Vec::new();
    let mut before = EMPTY.to_owned();
    let mut reverted = BTreeMap::new();
    let mut query = read.prepare("SELECT seq, digest, body FROM links ORDER BY seq")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let (seq, digest, body): (u64, String, String) = (count(row, 0)?, row.get(1)?, row.get(2)?);
        let name = format!("link {seq}");
        report.links += 1;
        if seq != report.links {
            report.add(&name, format!("link {} is missing before it; restore ledger/manifest.sqlite from a backup", report.links));
            report.links = seq;
        } else if chain(&before, &body) != digest {
            report.add(&name, "does not fit the link before it: the manifest was changed; restore ledger/manifest.sqlite from a backup");
        }
        before = digest;
        let Ok(link) = serde_json::from_str::<LinkBody>(&body) else {
            report.add(&name, "cannot be read; restore ledger/manifest.sqlite from a backup");
            continue;
        };
        let tables = tables_of(read, seq)?;
        if tables != (link.segments.clone(), link.deletions.iter().map(|d| (d.segment.clone(), d.sha256.clone())).collect()) {
            report.add(&name, "the tables of the manifest differ from the sealed link; restore ledger/manifest.sqlite from a backup");
        }
        if let Some(import) = &link.import {
            let found = read.query_row(
                "SELECT link, file, format, source, rows, imported, duplicates, superseded, rejected, findings, sealed_ms FROM imports WHERE id = ?1",
                [Count(import.id)],
                |row| {
                    let same = row.get::<_, Option<Count>>(0)? == Some(Count(seq))
                        && [row.get::<_, String>(1)?, row.get(2)?, row.get(3)?] == [import.file.clone(), import.format.clone(), import.source.clone()]
                        && [count(row, 4)?, count(row, 5)?, count(row, 6)?, count(row, 7)?, count(row, 8)?]
                            == [import.rows, import.imported, import.duplicates, import.superseded, import.rejected]
                        && sha256(row.get::<_, String>(9)?.as_bytes()) == import.findings_sha256
                        && row.get::<_, i64>(10)? == link.sealed_ms;
                    Ok(same)
                },
            );
            if found != Ok(true) {
                report.add(
                    &name,
                    format!(
                        "the record of import {} differs from the sealed link; restore ledger/manifest.sqlite from a backup",
                        import.id
                    ),
                );
            }
        }
        if let Some(import) = link.reverts {
            reverted.insert(import, seq);
        }
        links.push((seq, link));
    }
    let mut query = read.prepare("SELECT id, reverted FROM imports WHERE reverted IS NOT NULL AND link IS NOT NULL")?;
    let marked = query.query_map([], |row| Ok((count(row, 0)?, count(row, 1)?)))?.collect::<rusqlite::Result<BTreeMap<u64, u64>>>()?;
    if marked != reverted {
        report.add("imports", "the imports marked as taken back differ from the chain; restore ledger/manifest.sqlite from a backup");
    }
    Ok(links)
}

type Tables = (Vec<SegmentBody>, Vec<(String, String)>);

/// What the tables say about a link.
fn tables_of(read: &Connection, seq: u64) -> rusqlite::Result<Tables> {
    let mut query = read.prepare_cached(
        "SELECT path, day, rows, min_ms, max_ms, bytes, sha256, external_rows, columns FROM segments WHERE link = ?1 ORDER BY id",
    )?;
    let segments = query.query_map([Count(seq)], |row| {
        let columns: String = row.get(8)?;
        Ok(SegmentBody {
            path: row.get(0)?,
            day: Day(row.get(1)?),
            rows: count(row, 2)?,
            min_ms: row.get(3)?,
            max_ms: row.get(4)?,
            bytes: count(row, 5)?,
            sha256: row.get(6)?,
            external_rows: count(row, 7)?,
            columns: columns.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
        })
    })?;
    let segments = segments.collect::<rusqlite::Result<_>>()?;
    let mut query = read.prepare_cached(
        "SELECT path, vector FROM deletions JOIN segments ON segments.id = deletions.segment WHERE deletions.link = ?1 ORDER BY segment",
    )?;
    let deletions = query.query_map([Count(seq)], |row| Ok((row.get(0)?, sha256(row.get_ref(1)?.as_blob()?))))?;
    Ok((segments, deletions.collect::<rusqlite::Result<_>>()?))
}
