//! A consistent view of the chain: which segments are live and which of their rows are hidden.

use crate::count::count;
use crate::deletion;
use crate::error;
use crate::manifest::EMPTY;
use books::{Day, Head, LedgerError};
use rusqlite::Connection;
use std::collections::HashMap;
use std::sync::Arc;

/// A segment with its effective deletion vector.
#[derive(Debug, Clone)]
pub(crate) struct Segment {
    pub id: i64,
    pub link: i64,
    pub path: String,
    pub day: Day,
    pub rows: u64,
    /// First and last start.
    pub span_ms: (i64, i64),
    pub bytes: u64,
    pub sha256: String,
    pub external_rows: u64,
    pub columns: String,
    /// Whether its import still stands.
    pub live: bool,
    /// Rows hidden by imports that stand, sorted.
    pub hidden: Arc<Vec<u32>>,
}

impl Segment {
    /// Whether any row tells what came of a request.
    pub(crate) fn states_outcomes(&self) -> bool {
        self.columns.split(',').any(|name| matches!(name, "outcomes_accepted" | "outcomes_rejected" | "value_micro"))
    }

    /// Rows that count.
    pub(crate) fn live_rows(&self) -> u64 {
        if self.live { self.rows - (self.hidden.len() as u64).min(self.rows) } else { 0 }
    }
}

/// The chain at one moment.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub digest: String,
    pub links: u64,
    pub segments: Vec<Segment>,
}

impl Snapshot {
    /// Reads it; the caller holds a transaction.
    pub(crate) fn read(connection: &Connection) -> Result<Self, LedgerError> {
        Self::read_rows(connection).map_err(error::manifest)
    }

    fn read_rows(connection: &Connection) -> rusqlite::Result<Self> {
        let mut query = connection.prepare("SELECT seq, digest FROM links ORDER BY seq DESC LIMIT 1")?;
        let head: Option<(u64, String)> = query.query_map([], |row| Ok((count(row, 0)?, row.get(1)?)))?.next().transpose()?;
        let (links, digest) = head.unwrap_or_else(|| (0, EMPTY.to_owned()));
        const STANDS: &str = "link NOT IN (SELECT link FROM imports WHERE reverted IS NOT NULL AND link IS NOT NULL)";
        let mut hidden: HashMap<i64, Vec<u32>> = HashMap::new();
        let mut query = connection.prepare(&format!("SELECT segment, vector FROM deletions WHERE {STANDS}"))?;
        let mut rows = query.query([])?;
        while let Some(row) = rows.next()? {
            let vector = deletion::decode(row.get_ref(1)?.as_blob()?).ok_or(rusqlite::Error::InvalidQuery)?;
            let all = hidden.entry(row.get(0)?).or_default();
            *all = deletion::union(all, &vector);
        }
        let mut query = connection.prepare(&format!(
            "SELECT id, link, path, day, rows, bytes, sha256, external_rows, columns, {STANDS}, min_ms, max_ms
             FROM segments ORDER BY id"
        ))?;
        let segments = query.query_map([], |row| {
            let id = row.get(0)?;
            Ok(Segment {
                id,
                link: row.get(1)?,
                path: row.get(2)?,
                day: Day(row.get(3)?),
                rows: count(row, 4)?,
                bytes: count(row, 5)?,
                sha256: row.get(6)?,
                external_rows: count(row, 7)?,
                columns: row.get(8)?,
                live: row.get(9)?,
                span_ms: (row.get(10)?, row.get(11)?),
                hidden: Arc::new(hidden.remove(&id).unwrap_or_default()),
            })
        })?;
        Ok(Self { digest, links, segments: segments.collect::<rusqlite::Result<_>>()? })
    }

    /// The segments that count, with their number in this snapshot.
    pub(crate) fn live(&self) -> impl Iterator<Item = (usize, &Segment)> {
        self.segments.iter().enumerate().filter(|(_, segment)| segment.live)
    }

    /// What a statement pins.
    pub(crate) fn head(&self) -> Head {
        let days = || self.live().filter(|(_, segment)| segment.live_rows() > 0).map(|(_, segment)| segment.day);
        Head {
            digest: self.digest.clone(),
            links: self.links,
            entries: self.live().map(|(_, segment)| segment.live_rows()).sum(),
            days: days().min().zip(days().max()),
        }
    }
}
