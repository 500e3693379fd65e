//! The usage export of the `OpenAI` dashboard: buckets as a table, whole numbers as `10.0`.

use crate::accounts::Own;
use crate::buckets::{Span, bucket_key};
use crate::error::{ImportError, RowError};
use crate::findings;
use crate::input::Input;
use crate::intake::{Intake, Latency};
use crate::labels::Labels;
use crate::openai_usage::Stated;
use crate::table::{Column, Record, Table};
use std::borrow::Cow;

/// Columns that a bucket may be grouped by.
const GROUPS: [&str; 7] = ["project_id", "user_id", "api_key_id", "model", "batch", "service_tier", "api_source"];
/// Columns that hold counts.
const COUNTS: [&str; 8] = [
    "input_tokens",
    "input_cached_tokens",
    "input_cache_write_tokens",
    "input_audio_tokens",
    "input_image_tokens",
    "output_tokens",
    "output_audio_tokens",
    "output_image_tokens",
];
/// An empty bucket has its four times alone.
const FILLED_WHEN_EMPTY: usize = 4;

/// Whether the first bytes are of this format.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    crate::detect::header_has(head, &["start_time", "end_time", "num_model_requests"])
}

struct Columns {
    start: Column,
    end: Column,
    requests: Column,
    groups: [Column; GROUPS.len()],
    counts: [Column; COUNTS.len()],
}

/// Reads the file.
pub(crate) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let mut table = Table::open(input, intake.file())?;
    table.fewest_fields = FILLED_WHEN_EMPTY;
    for name in ["start_time", "end_time", "num_model_requests", "input_tokens", "output_tokens"] {
        table.required(name)?;
    }
    let columns = Columns {
        start: table.column("start_time"),
        end: table.column("end_time"),
        requests: table.column("num_model_requests"),
        groups: GROUPS.map(|name| table.column(name)),
        counts: COUNTS.map(|name| table.column(name)),
    };
    intake.time_columns = ["start_time", "end_time"];
    table.each(intake, |intake, row| one(intake, row, &columns))
}

fn one(intake: &mut Intake<'_>, row: &Record, columns: &Columns) -> Result<(), RowError> {
    let start = row.time(columns.start)?.ok_or_else(|| row.error(columns.start, "is empty; every row needs a start"))?;
    if row.is_empty_from(FILLED_WHEN_EMPTY) {
        intake.findings.note(&findings::EMPTY_BUCKETS, "", 1);
        return Ok(());
    }
    if row.is_short() {
        return Err(RowError::new("the row has fewer fields than the header; it may be cut off"));
    }
    let end = row.time(columns.end)?.ok_or_else(|| row.error(columns.end, "is empty; every row needs an end"))?;
    let mut entry = intake.entry(start.ms, end.ms);
    entry.counts.requests = row.count(columns.requests)?;
    let place = |name| COUNTS.iter().position(|known| *known == name).and_then(|index| columns.counts[index]);
    Stated::read(|name| row.tokens(place(name)))?.into_counts(&mut entry.counts)?;
    let batch = row.text(columns.groups[4]).to_ascii_lowercase();
    let values: [&str; GROUPS.len()] =
        std::array::from_fn(|index| if index == 4 { batch.as_str() } else { row.text(columns.groups[index]) });
    let span = Span { start_ms: start.ms, end_ms: end.ms };
    entry.external_id = Some(bucket_key(span, GROUPS.into_iter().zip(values.map(Cow::Borrowed))));
    let [project, user, key, model, batch, tier, _] = values;
    intake.name_model(&mut entry, "openai", model);
    let labels =
        Labels { batch: Some(batch), key: Some(key), project: Some(project), tier: Some(tier), user: Some(user), ..Labels::default() };
    intake.place(&mut entry, &labels, Own::default());
    intake.take(entry, &Latency::OfMany)
}
