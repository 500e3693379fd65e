//! Entries in order of time, a slice of a day at a time, so that a month of ten million rows fits.

use crate::error;
use crate::rows::{Words, read_rows};
use crate::segment::each_start;
use crate::snapshot::Segment;
use crate::store::Store;
use books::{Day, Entry, LedgerError};
use std::collections::BTreeMap;

/// Rows held at a time, unless one second has more.
#[cfg(not(test))]
const SLICE_ROWS: u64 = 1 << 15;
#[cfg(test)]
const SLICE_ROWS: u64 = 64;
/// Slices end at whole seconds.
const SECOND_MS: i64 = 1000;

impl Store {
    /// Hands the live entries that start in `[from_ms, to_ms)` to `each`; see [`books::Keeper::scan`].
    pub(crate) fn scan_rows(&self, from_ms: i64, to_ms: i64, each: &mut dyn FnMut(&Entry)) -> Result<(), LedgerError> {
        let snapshot = self.manifest().snapshot()?;
        let mut days: BTreeMap<Day, Vec<&Segment>> = BTreeMap::new();
        for (_, segment) in snapshot.live() {
            if segment.live_rows() > 0 && overlaps(segment, from_ms, to_ms) {
                days.entry(segment.day).or_default().push(segment);
            }
        }
        let mut words = Words::default();
        for segments in days.values() {
            for (start, end) in self.slices(segments, from_ms, to_ms)? {
                let mut slice = Vec::new();
                for segment in segments.iter().filter(|segment| overlaps(segment, start, end)) {
                    let wanted = self.rows_between(segment, start, end)?;
                    if !wanted.is_empty() {
                        let path = self.segment_path(&segment.path);
                        read_rows(&path, &wanted, segment.rows, &mut words, &mut |entry| slice.push(entry))?;
                    }
                }
                // Stable: what starts together stays in the order in which it was sealed.
                slice.sort_by_key(|entry: &Entry| entry.time_start_ms);
                slice.iter().for_each(&mut *each);
            }
        }
        Ok(())
    }

    /// Cuts a day into spans that hold about [`SLICE_ROWS`] rows each.
    fn slices(&self, segments: &[&Segment], from_ms: i64, to_ms: i64) -> Result<Vec<(i64, i64)>, LedgerError> {
        if segments.iter().map(|segment| segment.live_rows()).sum::<u64>() <= SLICE_ROWS {
            return Ok(vec![(from_ms, to_ms)]);
        }
        let mut seconds: BTreeMap<i64, u64> = BTreeMap::new();
        for segment in segments {
            each_start(&self.segment_path(&segment.path), &mut |_, start_ms| {
                if (from_ms..to_ms).contains(&start_ms) {
                    *seconds.entry(start_ms.div_euclid(SECOND_MS)).or_default() += 1;
                }
            })?;
        }
        let (mut slices, mut begin, mut held) = (Vec::new(), from_ms, 0);
        for (second, rows) in seconds {
            if held > 0 && held + rows > SLICE_ROWS {
                slices.push((begin, second * SECOND_MS));
                (begin, held) = (second * SECOND_MS, 0);
            }
            held += rows;
        }
        slices.push((begin, to_ms));
        Ok(slices)
    }

    /// The live rows of a segment that start in `[start, end)`.
    fn rows_between(&self, segment: &Segment, start: i64, end: i64) -> Result<Vec<u32>, LedgerError> {
        let rows = u32::try_from(segment.rows).map_err(error::inner)?;
        let mut wanted = Vec::new();
        if start <= segment.span_ms.0 && segment.span_ms.1 < end {
            wanted.extend(0..rows);
        } else {
            each_start(&self.segment_path(&segment.path), &mut |row, start_ms| {
                if (start..end).contains(&start_ms) {
                    wanted.push(row);
                }
            })?;
        }
        if !segment.hidden.is_empty() {
            wanted.retain(|row| segment.hidden.binary_search(row).is_err());
        }
        Ok(wanted)
    }
}

fn overlaps(segment: &Segment, from_ms: i64, to_ms: i64) -> bool {
    segment.span_ms.0 < to_ms && segment.span_ms.1 >= from_ms
}
