//! Roll-ups: the daily sums of each link, kept beside the ledger and deletable at any time.

use crate::error;
use crate::segment::sha256;
use crate::snapshot::{Segment, Snapshot};
use crate::store::Store;
use crate::sums::{Totals, sum_segments};
use crate::table::EntriesTable;
use arrow::array::RecordBatch;
use arrow::compute::{cast, concat_batches};
use arrow::datatypes::{DataType, Field, Schema};
use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use books::{Day, LedgerError};
use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_128;

/// Bytes of the checksum behind the Arrow stream; readers of the stream stop before it.
const CHECK: usize = 16;
/// Version of the layout, part of every key.
const LAYOUT: &str = "sums 3";

impl Store {
    /// Adds the sums of all live links between two days, from roll-ups; missing ones are made.
    pub(crate) fn add_rollups(&self, from: Option<Day>, to: Option<Day>, totals: &mut Totals) -> Result<(), LedgerError> {
        let snapshot = self.manifest().snapshot()?;
        self.refuse_missing(&snapshot)?;
        for (link, segments) in by_link(&snapshot) {
            let touched = |segment: &&Segment| from.is_none_or(|from| segment.day >= from) && to.is_none_or(|to| segment.day <= to);
            if segments.iter().copied().any(|segment| touched(&segment)) {
                for batch in self.rollup(&snapshot, link, &segments)? {
                    totals.add(&batch, from, to)?;
                }
            }
        }
        Ok(())
    }

    /// Refuses when a live segment is not there in its sealed length: a roll-up would
    /// go on stating rows that nobody can show any more. One look at the folder each; `verify` reads the bytes.
    fn refuse_missing(&self, snapshot: &Snapshot) -> Result<(), LedgerError> {
        for (_, segment) in snapshot.live() {
            let path = self.segment_path(&segment.path);
            let what = match std::fs::metadata(&path) {
                Ok(file) if file.is_file() && file.len() == segment.bytes => continue,
                Ok(file) => format!("this segment has {} bytes, but {} were sealed", file.len(), segment.bytes),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => "this sealed segment is missing".to_owned(),
                Err(error) => format!("this segment cannot be read ({error})"),
            };
            return Err(LedgerError(format!(
                "{}: {what}; restore it from a backup, or take its import back and import the source again; `bilanz verify` names all that is broken",
                path.display()
            )));
        }
        Ok(())
    }

    /// Makes the roll-up of the newest link alone: enough after a link that hid nothing, however many there are.
    pub(crate) fn warm_newest_rollup(&self) -> Result<(), LedgerError> {
        let snapshot = self.manifest().snapshot()?;
        let newest = i64::try_from(snapshot.links).map_err(error::inner)?;
        let segments: Vec<&Segment> =
            snapshot.live().map(|(_, segment)| segment).filter(|segment| segment.link == newest && segment.live_rows() > 0).collect();
        if !segments.is_empty() {
            self.rollup(&snapshot, newest, &segments)?;
        }
        Ok(())
    }

    /// Makes the roll-ups that are missing and removes those that no link needs any more.
    pub(crate) fn warm_rollups(&self) -> Result<(), LedgerError> {
        let snapshot = self.manifest().snapshot()?;
        let mut needed = HashSet::new();
        for (link, segments) in by_link(&snapshot) {
            let name = format!("{}.arrow", key(&segments));
            if !self.dir().join("rollups").join(&name).exists() {
                self.rollup(&snapshot, link, &segments)?;
            }
            needed.insert(name);
        }
        let folder = self.dir().join("rollups");
        let Ok(files) = std::fs::read_dir(&folder) else { return Ok(()) };
        for file in files.flatten() {
            if !needed.contains(file.file_name().to_string_lossy().as_ref()) {
                // Another process may be first; the file is only a cache.
                let _ = std::fs::remove_file(file.path());
            }
        }
        Ok(())
    }

    fn rollup(&self, snapshot: &Snapshot, link: i64, segments: &[&Segment]) -> Result<Vec<RecordBatch>, LedgerError> {
        let path = self.dir().join("rollups").join(format!("{}.arrow", key(segments)));
        if let Some(batches) = read(&path) {
            return Ok(batches);
        }
        let batches = sum_segments(self, EntriesTable::new(snapshot, None, None, Some(link)))?;
        if !self.is_read_only() {
            // A cache that cannot be written is no reason to refuse the answer.
            let _ = write(&path, &batches);
        }
        Ok(batches)
    }
}

fn by_link(snapshot: &Snapshot) -> BTreeMap<i64, Vec<&Segment>> {
    let mut links: BTreeMap<i64, Vec<&Segment>> = BTreeMap::new();
    for (_, segment) in snapshot.live().filter(|(_, segment)| segment.live_rows() > 0) {
        links.entry(segment.link).or_default().push(segment);
    }
    links
}

/// Names what the sums were taken from: the files and the rows hidden in them.
fn key(segments: &[&Segment]) -> String {
    let mut text = LAYOUT.to_owned();
    for segment in segments {
        text.push('\n');
        text.push_str(&segment.sha256);
        if !segment.hidden.is_empty() {
            text.push_str(&sha256(&crate::deletion::encode(&segment.hidden)));
        }
    }
    sha256(text.as_bytes())
}

fn read(path: &Path) -> Option<Vec<RecordBatch>> {
    let bytes = std::fs::read(path).ok()?;
    let (stream, check) = bytes.split_at_checked(bytes.len().checked_sub(CHECK)?)?;
    // Arrow has no checksum of its own, and a wrong sum is worse than a slow one.
    if xxh3_128(stream).to_le_bytes() != check {
        return None;
    }
    StreamReader::try_new(stream, None).ok()?.collect::<Result<_, _>>().ok()
}

fn write(path: &Path, batches: &[RecordBatch]) -> Result<(), LedgerError> {
    let Some(first) = batches.first() else { return Ok(()) };
    let whole = concat_batches(&first.schema(), batches).map_err(error::inner)?;
    // Views do not shrink when written; plain text does.
    let plain = |data_type: &DataType| if *data_type == DataType::Utf8View { DataType::Utf8 } else { data_type.clone() };
    let fields = whole.schema().fields().iter().map(|field| Field::new(field.name(), plain(field.data_type()), true)).collect::<Vec<_>>();
    let columns = whole.columns().iter().map(|column| cast(column, &plain(column.data_type()))).collect::<Result<Vec<_>, _>>();
    let whole = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns.map_err(error::inner)?).map_err(error::inner)?;
    let mut bytes = Vec::new();
    let mut writer = StreamWriter::try_new(&mut bytes, &whole.schema()).map_err(error::inner)?;
    writer.write(&whole).and_then(|()| writer.finish()).map_err(error::inner)?;
    drop(writer);
    let check = xxh3_128(&bytes).to_le_bytes();
    bytes.extend(check);
    let folder = path.parent().ok_or_else(|| error::inner("a roll-up without a folder"))?;
    std::fs::create_dir_all(folder).map_err(error::at(folder))?;
    // Under another name first, so that a reader never sees half of it.
    let file = tempfile::NamedTempFile::new_in(folder).map_err(error::at(folder))?;
    std::fs::write(file.path(), &bytes).map_err(error::at(path))?;
    file.persist(path).map_err(|error| error::io(path, &error.error))?;
    Ok(())
}
