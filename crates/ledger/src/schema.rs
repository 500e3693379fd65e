//! The one schema of the ledger: what a segment stores and what SQL sees.

use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use lca::Counts;
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::types::ColumnPath;
use std::sync::{Arc, LazyLock};

/// Rows of every full row group; deletion vectors are cut along it, so it is recorded with each segment.
pub(crate) const GROUP_ROWS: usize = 131_072;

/// The text columns, in the order of the schema.
pub(crate) const WORDS: [&str; 13] = [
    "source",
    "kind",
    "stage",
    "evidence",
    "account",
    "provider",
    "model",
    "model_reported",
    "region",
    "zone",
    "site",
    "currency",
    "labels",
];

/// Columns of random bits: no statistics, no dictionary.
const RANDOM: [&str; 4] = ["id_hi", "id_lo", "content_hi", "content_lo"];

/// Decimal type of metered energy and of every sum.
pub(crate) const WIDE: DataType = DataType::Decimal128(38, 0);

fn fields(text: &DataType) -> Vec<Field> {
    let mut fields = vec![
        // The identity as two integers: every engine reads them, and they are written by a plain copy.
        Field::new("id_hi", DataType::Int64, false),
        Field::new("id_lo", DataType::Int64, false),
        Field::new("external", DataType::Boolean, false),
        // Only for rows whose source gives an id: tells a restatement from a copy.
        Field::new("content_hi", DataType::Int64, true),
        Field::new("content_lo", DataType::Int64, true),
        Field::new("external_id", text.clone(), true),
        Field::new("time_start_ms", DataType::Int64, false),
        Field::new("time_end_ms", DataType::Int64, false),
        Field::new("rank", DataType::Int32, false),
    ];
    fields.extend(WORDS.iter().map(|name| Field::new(*name, text.clone(), false)));
    fields.extend(Counts::NAMES.iter().map(|name| Field::new(*name, DataType::Int64, true)));
    fields.push(Field::new("energy_nj", WIDE, true));
    fields
}

/// What a segment stores. The day is the name of its folder.
pub(crate) static STORED: LazyLock<SchemaRef> = LazyLock::new(|| Arc::new(Schema::new(fields(&DataType::Utf8))));

/// The same as the query engine reads it: text as views into the pages, which saves a copy.
pub(crate) static READ: LazyLock<SchemaRef> = LazyLock::new(|| Arc::new(Schema::new(fields(&DataType::Utf8View))));

/// The partition column.
pub(crate) static DAY: LazyLock<Arc<Field>> = LazyLock::new(|| Arc::new(Field::new("day", DataType::Date32, false)));

/// Below this many rows a file is too small for compression to pay for itself.
const SMALL_ROWS: usize = 8192;

/// How a file is written. `plain` names the columns that hold one value or
/// none: they are a few bytes however written, so the work is saved.
pub(crate) fn properties(rows: usize, plain: impl Fn(&str) -> bool) -> WriterProperties {
    let zstd = Compression::ZSTD(ZstdLevel::try_new(1).unwrap_or_default());
    let mut properties = WriterProperties::builder()
        .set_created_by("bilanz".to_owned())
        .set_compression(zstd)
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .set_dictionary_enabled(false);
    for field in STORED.fields() {
        let name = field.name().as_str();
        let path = ColumnPath::from(name);
        let word = WORDS.contains(&name);
        if RANDOM.contains(&name) {
            properties = properties
                .set_column_statistics_enabled(path.clone(), EnabledStatistics::None)
                .set_column_encoding(path.clone(), Encoding::PLAIN);
        } else if word {
            properties = properties.set_column_dictionary_enabled(path.clone(), true);
        } else if *field.data_type() == DataType::Int64 {
            properties = properties.set_column_encoding(path.clone(), Encoding::DELTA_BINARY_PACKED);
        }
        let long_text = matches!(name, "labels" | "external_id");
        if RANDOM.contains(&name) || plain(name) || (rows < SMALL_ROWS && !long_text) {
            properties = properties.set_column_compression(path, Compression::UNCOMPRESSED);
        }
    }
    properties.build()
}
