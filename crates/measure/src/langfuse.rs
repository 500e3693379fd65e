//! Observations of Langfuse: one call of a model per record, in the spelling of the blob export or of the API.

use crate::accounts::Own;
use crate::error::{ImportError, RowError};
use crate::findings;
use crate::input::Input;
use crate::intake::{Intake, Latency};
use crate::json::{self, Records};
use crate::json_value::Field;
use crate::labels::Labels;
use crate::langfuse_table;
use crate::langfuse_usage;
use crate::litellm::says_nothing;
use crate::times::fill_inter_token;
use crate::tokens::failed_zero_is_unknown;
use serde::Deserialize;
use std::borrow::Cow;

/// Whether the first bytes are of this format.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    let has = |names: &[&str]| names.iter().any(|name| crate::detect::json_has(head, name));
    (has(&["trace_id", "traceId"]) && has(&["usage_details", "usageDetails", "provided_model_name", "providedModelName"]))
        || langfuse_table::looks_like(head)
}

/// Reads the file, as JSON or as a table.
pub(crate) fn read(mut input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    intake.time_columns = ["start_time", "end_time"];
    let first = input.first_byte().map_err(|error| ImportError::io(intake.file(), error))?;
    if first.is_some_and(|byte| !matches!(byte, b'{' | b'[')) {
        return langfuse_table::read(input, intake);
    }
    json::read(input, intake, &mut Observations)
}

struct Observations;

impl Records for Observations {
    const PATH: &'static [&'static str] = &[];
    fn record(&mut self, intake: &mut Intake<'_>, raw: &str, line: u64) -> Result<(), ImportError> {
        let row = serde_json::from_str::<Row<'_>>(raw)
            .map_err(|error| RowError::new(format!("the record is no object of this format: {}", json::bare(&error))));
        let result = match row {
            Ok(Row { data: Some(page), .. }) => {
                for row in page {
                    let done = one(intake, row);
                    intake.row_done(line, done)?;
                }
                return Ok(());
            }
            Ok(row) => one(intake, row),
            Err(error) => Err(error),
        };
        intake.row_done(line, result)
    }
}

/// The fields that are read; `input`, `output` and `metadata` are skipped where they stand.
#[derive(Deserialize, Default)]
#[serde(bound(deserialize = "'de: 'a"))]
pub(crate) struct Row<'a> {
    #[serde(default)]
    pub(crate) id: Field<'a>,
    #[serde(default, alias = "traceId")]
    pub(crate) trace_id: Field<'a>,
    #[serde(default, alias = "projectId")]
    pub(crate) project_id: Field<'a>,
    #[serde(default)]
    pub(crate) environment: Field<'a>,
    #[serde(default, rename = "type")]
    pub(crate) kind: Field<'a>,
    #[serde(default, alias = "startTime")]
    pub(crate) start_time: Field<'a>,
    #[serde(default, alias = "endTime")]
    pub(crate) end_time: Field<'a>,
    #[serde(default, alias = "completionStartTime")]
    pub(crate) completion_start_time: Field<'a>,
    #[serde(default)]
    pub(crate) level: Field<'a>,
    #[serde(default, alias = "providedModelName")]
    pub(crate) provided_model_name: Field<'a>,
    /// Older name of the same.
    #[serde(default)]
    pub(crate) model: Field<'a>,
    #[serde(default, alias = "usageDetails")]
    pub(crate) usage_details: Field<'a>,
    #[serde(default, alias = "costDetails")]
    pub(crate) cost_details: Field<'a>,
    #[serde(default, alias = "totalCost")]
    pub(crate) total_cost: Field<'a>,
    /// Older name of the same.
    #[serde(default, rename = "calculatedTotalCost")]
    pub(crate) calculated_total_cost: Field<'a>,
    #[serde(default, alias = "timeToFirstToken")]
    pub(crate) time_to_first_token: Field<'a>,
    #[serde(default, alias = "userId")]
    pub(crate) user_id: Field<'a>,
    #[serde(default)]
    pub(crate) tags: Field<'a>,
    /// A page of the API holds a list of observations.
    #[serde(default)]
    pub(crate) data: Option<Vec<Row<'a>>>,
}

/// One observation.
pub(crate) fn one(intake: &mut Intake<'_>, row: Row<'_>) -> Result<(), RowError> {
    match row.kind.text() {
        "GENERATION" | "EMBEDDING" => {}
        "" => return Err(RowError::field("type", "is missing; it tells calls of a model from the steps around them, export it too")),
        _ => {
            intake.findings.note(&findings::NO_MODEL_CALL, "", 1);
            return Ok(());
        }
    }
    let start = row.start_time.time_required("start_time")?;
    let end = row.end_time.time("end_time")?;
    if !start.zoned || end.is_some_and(|end| !end.zoned) {
        intake.zone_assumed();
    }
    let end_ms = end.map_or(start.ms, |end| end.ms);
    let mut entry = intake.entry(start.ms, end_ms);
    let failed = row.level.text() == "ERROR";
    entry.counts.requests = Some(1);
    entry.counts.requests_failed = Some(i64::from(failed));
    let usage = unwrapped(intake, row.usage_details, "usage_details");
    langfuse_usage::tokens(&mut entry.counts, &usage)?;
    if failed {
        failed_zero_is_unknown(&mut entry.counts);
    }
    let counts = &mut entry.counts;
    if row.kind.text() == "EMBEDDING" && counts.output_tokens.is_none() {
        // zero: the answer is a vector
        counts.output_tokens = Some(0);
    }
    if counts.input_tokens.is_none() && counts.output_tokens.is_none() {
        intake.findings.note(&findings::NO_USAGE, "", 1);
    }
    let duration_ms = end.map(|end| end.ms.saturating_sub(start.ms)).filter(|duration| *duration >= 0);
    counts.duration_ms = duration_ms;
    let ttft_ms = match row.completion_start_time.time("completion_start_time")? {
        Some(first) => Some(first.ms.saturating_sub(start.ms)),
        None => row.time_to_first_token.scaled("time_to_first_token", 3)?,
    };
    if let (Some(ttft_ms), Some(duration_ms)) = (ttft_ms, duration_ms)
        && (0..duration_ms).contains(&ttft_ms)
    {
        counts.ttft_ms = Some(ttft_ms);
        fill_inter_token(counts, duration_ms, ttft_ms);
    }
    let costs = unwrapped(intake, row.cost_details, "cost_details");
    let cost = row.total_cost.or(&row.calculated_total_cost).or(costs.get("total"));
    let tokens = entry.counts.input_all() > 0 || entry.counts.output_all() > 0;
    let priced = cost.scalar().is_some_and(|text| text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)));
    let micro = cost.scaled("total_cost", 6)?;
    if micro == Some(0) && tokens && !priced {
        intake.findings.note(&findings::SPEND_ZERO, "", 1);
    } else if micro.is_some() {
        entry.counts.cost_micro = micro;
        entry.currency = intake.word("USD");
    }
    if let Some(id) = row.id.scalar() {
        let trace = row.trace_id.text();
        entry.external_id = Some(if trace.is_empty() { id.into_owned() } else { format!("{trace}/{id}") }.into());
    }
    intake.name_model(&mut entry, "", row.provided_model_name.or(&row.model).text());
    let stated = !says_nothing(row.tags.text());
    let tags = row.tags.unwrapped();
    if stated && tags == Field::Missing {
        intake.findings.note(&findings::JSON_UNREAD, "tags", 1);
    }
    let mut tags: Vec<Cow<'_, str>> =
        if let Field::List(tags) = &tags { tags.iter().filter_map(Field::scalar).collect() } else { Vec::new() };
    if !matches!(row.environment.text(), "" | "default") {
        tags.push(Cow::Owned(format!("environment={}", row.environment.text())));
    }
    let labels = Labels { project: Some(row.project_id.text()), tags, user: Some(row.user_id.text()), ..Labels::default() };
    intake.place(&mut entry, &labels, Own::default());
    intake.take(entry, &Latency::OfRequest(duration_ms))
}

/// An object, or the object that a text holds as JSON; text of another kind is left out with a finding.
fn unwrapped<'f>(intake: &mut Intake<'_>, field: Field<'f>, name: &str) -> Field<'f> {
    let stated = !says_nothing(field.text());
    let inner = field.unwrapped();
    if stated && inner == Field::Missing {
        intake.findings.note(&findings::JSON_UNREAD, name, 1);
    }
    inner
}
