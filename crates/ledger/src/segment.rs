//! One immutable Parquet file: written with its digest, read back by identity.

use crate::error;
use crate::schema::{DAY, STORED};
use arrow::array::{Array, AsArray, RecordBatch};
use arrow::datatypes::{Int64Type, SchemaRef};
use books::{Day, LedgerError};
use lca::Counts;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder, RowSelection};
use parquet::arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions};
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::properties::WriterProperties;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// What is known of a written file before it is published.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    /// Where it lies.
    pub path: PathBuf,
    /// Day of all its rows.
    pub day: Day,
    /// Rows.
    pub rows: u64,
    /// First start.
    pub min_ms: i64,
    /// Last start.
    pub max_ms: i64,
    /// Size of the file.
    pub bytes: u64,
    /// Hex digest of the file.
    pub sha256: String,
    /// Rows whose source gave an id.
    pub external_rows: u64,
    /// Quantities that at least one row states.
    pub columns: Vec<String>,
}

/// A file that hashes what is written to it.
struct HashedFile {
    file: File,
    hash: Sha256,
    bytes: u64,
}

impl Write for HashedFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Hex digest of a text.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Hex digest of a file.
pub(crate) fn sha256_of_file(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 {
            return Ok(hex(&hash.finalize()));
        }
        hash.update(&buffer[..length]);
    }
}

/// Writes one segment.
pub(crate) struct SegmentWriter {
    writer: ArrowWriter<HashedFile>,
    part: Part,
    stated: [bool; Counts::NAMES.len() + 1],
}

impl SegmentWriter {
    /// A new file; `schema` is the stored one, with text plain or as dictionaries.
    pub(crate) fn create(path: &Path, day: Day, schema: &SchemaRef, properties: WriterProperties) -> Result<Self, LedgerError> {
        let file = File::create_new(path).map_err(error::at(path))?;
        let file = HashedFile { file, hash: Sha256::new(), bytes: 0 };
        // Without the Arrow schema in the metadata, readers see plain strings whatever the writer was fed.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(file, schema.clone(), options).map_err(error::parquet(path))?;
        let part = Part {
            path: path.to_owned(),
            day,
            rows: 0,
            min_ms: i64::MAX,
            max_ms: i64::MIN,
            bytes: 0,
            sha256: String::new(),
            external_rows: 0,
            columns: Vec::new(),
        };
        Ok(Self { writer, part, stated: [false; Counts::NAMES.len() + 1] })
    }

    /// Rows so far.
    pub(crate) fn rows(&self) -> u64 {
        self.part.rows
    }

    /// Adds rows.
    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), LedgerError> {
        let column = |name: &str| batch.column_by_name(name).ok_or_else(|| error::inner(format!("no column {name}")));
        let start = column("time_start_ms")?.as_primitive::<Int64Type>();
        for time in start.values() {
            self.part.min_ms = self.part.min_ms.min(*time);
            self.part.max_ms = self.part.max_ms.max(*time);
        }
        self.part.rows += batch.num_rows() as u64;
        self.part.external_rows += column("external")?.as_boolean().true_count() as u64;
        for (stated, name) in self.stated.iter_mut().zip(Counts::NAMES.iter().chain(&["energy_nj"])) {
            *stated = *stated || column(name)?.null_count() < batch.num_rows();
        }
        self.writer.write(batch).map_err(error::parquet(&self.part.path))
    }

    /// Closes the file; publishing makes it durable.
    pub(crate) fn finish(mut self) -> Result<Part, LedgerError> {
        let file = self.writer.into_inner().map_err(error::parquet(&self.part.path))?;
        self.part.bytes = file.bytes;
        self.part.sha256 = hex(&file.hash.finalize());
        let names = Counts::NAMES.iter().chain(&["energy_nj"]).zip(self.stated);
        self.part.columns = names.filter(|(_, stated)| *stated).map(|(name, _)| (*name).to_owned()).collect();
        Ok(self.part)
    }
}

/// The rows that stay when `dropped` (sorted) goes.
pub(crate) fn selection(dropped: &[u32], rows: usize) -> RowSelection {
    let mut ranges = Vec::with_capacity(dropped.len() + 1);
    let mut next = 0;
    for row in dropped {
        let row = *row as usize;
        if row > next {
            ranges.push(next..row);
        }
        next = row + 1;
    }
    if next < rows {
        ranges.push(next..rows);
    }
    RowSelection::from_consecutive_ranges(ranges.into_iter(), rows)
}

/// Only these rows (sorted).
pub(crate) fn picked(wanted: &[u32], rows: usize) -> RowSelection {
    let ranges = wanted.chunk_by(|a, b| *b == *a + 1).filter_map(|run| Some(*run.first()? as usize..*run.last()? as usize + 1));
    RowSelection::from_consecutive_ranges(ranges, rows)
}

/// Copies the rows of `path` that are not in `dropped` to a writer.
pub(crate) fn copy_rows(path: &Path, dropped: &[u32], rows: u64, into: &mut SegmentWriter) -> Result<(), LedgerError> {
    let file = File::open(path).map_err(error::at(path))?;
    let mut builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(error::parquet(path))?.with_batch_size(16_384);
    if !dropped.is_empty() {
        builder = builder.with_row_selection(selection(dropped, usize::try_from(rows).unwrap_or(usize::MAX)));
    }
    for batch in builder.build().map_err(error::parquet(path))? {
        let batch = batch.map_err(|error| error::about(path, error))?;
        let batch = RecordBatch::try_new(STORED.clone(), batch.columns().to_vec()).map_err(|error| error::about(path, error))?;
        into.write(&batch)?;
    }
    Ok(())
}

/// Calls `each` with (row, id, external, content) of every row; content is zero where the source gave no id.
pub(crate) fn each_identity(
    path: &Path,
    external_rows: u64,
    mut each: impl FnMut(u32, u128, bool, u128) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    let file = File::open(path).map_err(error::at(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(error::parquet(path))?;
    let names: &[&str] = if external_rows == 0 { &["id_hi", "id_lo"] } else { &["id_hi", "id_lo", "external", "content_hi", "content_lo"] };
    let mask = ProjectionMask::columns(builder.parquet_schema(), names.iter().copied());
    let reader = builder.with_projection(mask).with_batch_size(16_384).build().map_err(error::parquet(path))?;
    let join = |hi: i64, lo: i64| (u128::from(hi as u64) << 64) | u128::from(lo as u64);
    let mut row = 0;
    for batch in reader {
        let batch = batch.map_err(|error| error::about(path, error))?;
        let (hi, lo) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_primitive::<Int64Type>());
        let rest = (external_rows > 0).then(|| {
            (batch.column(2).as_boolean(), batch.column(3).as_primitive::<Int64Type>(), batch.column(4).as_primitive::<Int64Type>())
        });
        for place in 0..batch.num_rows() {
            let (external, content) = rest.map_or((false, 0), |(external, hi, lo)| {
                let external = external.value(place);
                (external, if external { join(hi.value(place), lo.value(place)) } else { 0 })
            });
            each(row, join(hi.value(place), lo.value(place)), external, content)?;
            row += 1;
        }
    }
    Ok(())
}

/// The first row for which `is_it` says so, given (row, id); reads no column where the file's own statistics exclude `external_id`.
pub(crate) fn each_identity_until(
    path: &Path,
    external_id: &str,
    mut is_it: impl FnMut(u32, u128) -> bool,
) -> Result<Option<u32>, LedgerError> {
    let file = File::open(path).map_err(error::at(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(error::parquet(path))?;
    let mut groups = Vec::new();
    let mut first_row = 0u32;
    for (number, group) in builder.metadata().row_groups().iter().enumerate() {
        if may_hold(group, external_id) {
            groups.push((number, first_row));
        }
        first_row += u32::try_from(group.num_rows()).map_err(error::inner)?;
    }
    let mask = ProjectionMask::columns(builder.parquet_schema(), ["id_hi", "id_lo"]);
    let metadata = ArrowReaderMetadata::try_new(builder.metadata().clone(), ArrowReaderOptions::new()).map_err(error::parquet(path))?;
    for (number, first_row) in groups {
        let file = File::open(path).map_err(error::at(path))?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata.clone());
        let reader = builder.with_projection(mask.clone()).with_row_groups(vec![number]).with_batch_size(16_384).build();
        let mut row = first_row;
        for batch in reader.map_err(error::parquet(path))? {
            let batch = batch.map_err(|error| error::about(path, error))?;
            let (hi, lo) = (batch.column(0).as_primitive::<Int64Type>(), batch.column(1).as_primitive::<Int64Type>());
            for (hi, lo) in hi.values().iter().zip(lo.values()) {
                if is_it(row, (u128::from(*hi as u64) << 64) | u128::from(*lo as u64)) {
                    return Ok(Some(row));
                }
                row += 1;
            }
        }
    }
    Ok(None)
}

/// Whether a row group may hold this id of a source, by the least and the greatest id in it.
fn may_hold(group: &RowGroupMetaData, external_id: &str) -> bool {
    let statistics =
        group.columns().iter().find(|column| column.column_descr().name() == "external_id").and_then(|column| column.statistics());
    let Some(statistics) = statistics else { return true };
    // Long ids are cut short there: the least then lies below, the greatest above all ids.
    let above = statistics.min_bytes_opt().is_none_or(|least| least <= external_id.as_bytes());
    let below = statistics.max_bytes_opt().is_none_or(|greatest| external_id.as_bytes() <= greatest);
    above && below
}

/// Calls `each` with (row, start in milliseconds since 1970) of every row.
pub(crate) fn each_start(path: &Path, each: &mut dyn FnMut(u32, i64)) -> Result<(), LedgerError> {
    let file = File::open(path).map_err(error::at(path))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(error::parquet(path))?;
    let mask = ProjectionMask::columns(builder.parquet_schema(), ["time_start_ms"]);
    let mut row = 0;
    for batch in builder.with_projection(mask).with_batch_size(16_384).build().map_err(error::parquet(path))? {
        let batch = batch.map_err(|error| error::about(path, error))?;
        for start_ms in batch.column(0).as_primitive::<Int64Type>().values() {
            each(row, *start_ms);
            row += 1;
        }
    }
    Ok(())
}

/// The folder of a day below `segments/`.
pub(crate) fn day_folder(day: Day) -> String {
    format!("{}={day}", DAY.name())
}
