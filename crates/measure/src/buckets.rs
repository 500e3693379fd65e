//! Pages of usage buckets: what the OpenAI and Anthropic usage APIs have in common.

use crate::error::{ImportError, RowError};
use crate::findings;
use crate::input::Input;
use crate::intake::Intake;
use crate::json::{self, Records};
use crate::json_value::Field;
use crate::labels::redact;
use serde::Deserialize;
use std::fmt::Write;

/// One result of a bucket, as far as the format reads it.
pub(crate) type ReadResult = fn(&mut Intake<'_>, &Field<'_>, Span) -> Result<(), RowError>;

/// The times of a bucket.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) start_ms: i64,
    pub(crate) end_ms: i64,
}

/// Reads the pages of a file, result by result.
pub(crate) fn read(input: Input<'_>, intake: &mut Intake<'_>, time_columns: [&'static str; 2], one: ReadResult) -> Result<(), ImportError> {
    intake.time_columns = time_columns;
    json::read(input, intake, &mut Pages { one, names: time_columns })
}

struct Pages {
    one: ReadResult,
    names: [&'static str; 2],
}

#[derive(Deserialize)]
struct Bucket<'a> {
    #[serde(borrow, default, alias = "starting_at")]
    start_time: Field<'a>,
    #[serde(borrow, default, alias = "ending_at")]
    end_time: Field<'a>,
    #[serde(borrow, default, alias = "result")]
    results: Vec<Field<'a>>,
}

impl Records for Pages {
    const PATH: &'static [&'static str] = &["data"];
    const BESIDE: &'static [&'static str] = &["has_more"];

    fn beside(&mut self, intake: &mut Intake<'_>, _name: &str, raw: &str) {
        if raw == "true" {
            intake.findings.note(&findings::MORE_PAGES, intake.file(), 1);
        }
    }

    fn record(&mut self, intake: &mut Intake<'_>, raw: &str, line: u64) -> Result<(), ImportError> {
        let bucket = serde_json::from_str::<Bucket<'_>>(raw)
            .map_err(|error| RowError::new(format!("the bucket is no object of this format: {}", json::bare(&error))))
            .and_then(|bucket| {
                let start_ms = bucket.start_time.time_required(self.names[0])?.ms;
                let end_ms = bucket.end_time.time_required(self.names[1])?.ms;
                Ok((bucket.results, Span { start_ms, end_ms }))
            });
        let (results, span) = match bucket {
            Ok(bucket) => bucket,
            Err(error) => return intake.row_done(line, Err(error)),
        };
        if results.is_empty() {
            intake.findings.note(&findings::EMPTY_BUCKETS, "", 1);
            return intake.row_done(line, Ok(()));
        }
        for result in &results {
            let done = if matches!(result, Field::Map(_)) {
                (self.one)(intake, result, span)
            } else {
                Err(RowError::field("results", "a result is no object"))
            };
            intake.row_done(line, done)?;
        }
        Ok(())
    }
}

/// The stable key of a bucket: its times and every group-by value, so that a restated bucket replaces the old one.
pub(crate) fn bucket_key<'g>(span: Span, groups: impl Iterator<Item = (&'g str, std::borrow::Cow<'g, str>)>) -> Box<str> {
    let mut groups: Vec<_> = groups.filter(|(_, value)| !value.is_empty()).collect();
    groups.sort_unstable();
    let mut key = format!("{}/{}", span.start_ms, span.end_ms);
    for (name, value) in groups {
        // Writing to a string cannot fail.
        let _ = write!(key, "|{name}={}", redact(&value));
    }
    key.into()
}

/// The group-by values of a result: all that is text or truth value.
pub(crate) fn groups<'f>(result: &'f Field<'_>) -> impl Iterator<Item = (&'f str, std::borrow::Cow<'f, str>)> {
    let fields = if let Field::Map(fields) = result { fields.as_slice() } else { &[] };
    fields.iter().filter_map(|(name, value)| match value {
        Field::Text(_) | Field::Bool(_) => value.scalar().map(|value| (name.as_ref(), value)),
        _ => None,
    })
}
