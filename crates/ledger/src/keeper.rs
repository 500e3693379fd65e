//! The books as a live process needs them: its journal, sealing, one entry by its id, entries in order of time.

use crate::rows::{Words, read_rows};
use crate::segment::each_identity_until;
use crate::snapshot::Segment;
use crate::store::Store;
use books::{Entry, ImportRecord, Journal, Keeper, LedgerError, Rank, identify};
use std::cmp::Reverse;

impl Keeper for Store {
    fn journal(&self) -> Result<Box<dyn Journal>, LedgerError> {
        Ok(Box::new(Self::journal(self)?))
    }

    fn seal(&self, now_ms: i64) -> Result<Option<ImportRecord>, LedgerError> {
        self.seal_journal(now_ms)
    }

    fn find(&self, source: &str, external_id: &str) -> Result<Option<Entry>, LedgerError> {
        let snapshot = self.manifest().snapshot()?;
        let mut named = Entry::new(source.into(), Rank::Gateway, 0);
        named.external_id = Some(external_id.into());
        let id = identify(&named).id;
        let mut segments: Vec<&Segment> =
            snapshot.live().map(|(_, segment)| segment).filter(|segment| segment.external_rows > 0 && segment.live_rows() > 0).collect();
        // What is asked for was mostly written a moment ago.
        segments.sort_by_key(|segment| Reverse((segment.day, segment.id)));
        for segment in segments {
            let path = self.segment_path(&segment.path);
            let live = |row: u32| segment.hidden.binary_search(&row).is_err();
            if let Some(row) = each_identity_until(&path, external_id, |row, other| other == id && live(row))? {
                let mut found = None;
                read_rows(&path, &[row], segment.rows, &mut Words::default(), &mut |entry| found = Some(entry))?;
                return Ok(found);
            }
        }
        Ok(None)
    }

    fn scan(&self, from_ms: i64, to_ms: i64, each: &mut dyn FnMut(&Entry)) -> Result<(), LedgerError> {
        self.scan_rows(from_ms, to_ms, each)
    }
}
