//! Mooncake traces (Apache-2.0): one request per line, times relative to the start.

use crate::accounts::Own;
use crate::error::{ImportError, RowError};
use crate::findings;
use crate::input::Input;
use crate::intake::{Intake, Latency};
use crate::json::{self, Records};
use crate::json_value::Field;
use crate::labels::Labels;
use serde::Deserialize;

/// Whether the first bytes are of this format.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    ["timestamp", "input_length", "output_length"].iter().all(|name| crate::detect::json_has(head, name))
}

/// Reads the file.
pub(crate) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    let Some(origin_ms) = intake.mapping.time_origin_ms else {
        return Err(ImportError::input(
            intake.file(),
            None,
            "the times of this format count from the start of the trace; give that start with --time-origin, such as --time-origin 2025-01-01T00:00:00Z",
        ));
    };
    intake.time_columns = ["timestamp", "timestamp"];
    json::read_lines(input, intake, &mut Lines { origin_ms })
}

struct Lines {
    origin_ms: i64,
}

#[derive(Deserialize)]
struct Row<'a> {
    #[serde(borrow, default)]
    timestamp: Field<'a>,
    #[serde(borrow, default)]
    input_length: Field<'a>,
    #[serde(borrow, default)]
    output_length: Field<'a>,
    hash_ids: Option<serde::de::IgnoredAny>,
}

impl Records for Lines {
    const PATH: &'static [&'static str] = &[];
    fn record(&mut self, intake: &mut Intake<'_>, raw: &str, line: u64) -> Result<(), ImportError> {
        let result = self.one(intake, raw);
        intake.row_done(line, result)
    }
}

impl Lines {
    fn one(&self, intake: &mut Intake<'_>, raw: &str) -> Result<(), RowError> {
        let row: Row<'_> = serde_json::from_str(raw)
            .map_err(|error| RowError::new(format!("the record is no object of this format: {}", json::bare(&error))))?;
        let offset_ms =
            row.timestamp.count("timestamp")?.ok_or_else(|| RowError::field("timestamp", "is missing; every row needs a time"))?;
        let time_ms = self.origin_ms.saturating_add(offset_ms);
        let mut entry = intake.entry(time_ms, time_ms);
        entry.counts.requests = Some(1);
        entry.counts.input_tokens = row.input_length.tokens("input_length")?;
        entry.counts.output_tokens = row.output_length.tokens("output_length")?;
        intake.name_model(&mut entry, "", "");
        intake.place(&mut entry, &Labels::default(), Own::default());
        intake.take(entry, &Latency::OfRequest(None))?;
        if row.hash_ids.is_some() {
            intake.findings.note(&findings::PREFIX_CACHE, "", 1);
        }
        Ok(())
    }
}
