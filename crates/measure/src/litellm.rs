//! Spend logs of the LiteLLM gateway, as JSON: one request per record, cached input counted inside.

use crate::accounts::Own;
use crate::error::{ImportError, RowError};
use crate::findings;
use crate::input::Input;
use crate::intake::{Intake, Latency};
use crate::json::{self, Records};
use crate::json_value::Field;
use crate::labels::Labels;
use crate::litellm_table;
use crate::region::region_of_address;
use crate::times::fill_inter_token;
use crate::tokens::subtract;
use books::Entry;
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;

/// Whether the first bytes are of this format.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    let has = |name| crate::detect::json_has(head, name);
    (has("request_id") && (has("startTime") || has("call_type"))) || litellm_table::looks_like(head)
}

/// Reads the file, as JSON or as a table.
pub(crate) fn read(mut input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    intake.time_columns = ["startTime", "endTime"];
    let first = input.first_byte().map_err(|error| ImportError::io(intake.file(), error))?;
    if first.is_some_and(|byte| !matches!(byte, b'{' | b'[')) {
        return litellm_table::read(input, intake);
    }
    json::read(input, intake, &mut Logs)
}

struct Logs;

impl Records for Logs {
    const PATH: &'static [&'static str] = &[];
    fn record(&mut self, intake: &mut Intake<'_>, raw: &str, line: u64) -> Result<(), ImportError> {
        let result = serde_json::from_str::<Row<'_>>(raw)
            .map_err(|error| RowError::new(format!("the record is no object of this format: {}", json::bare(&error))))
            .and_then(|row| one(intake, row));
        intake.row_done(line, result)
    }
}

/// The fields that are read; bodies (`messages`, `response`) are skipped where they stand.
#[derive(Deserialize)]
pub(crate) struct Row<'a> {
    #[serde(borrow, default)]
    pub(crate) request_id: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) call_type: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) api_key: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) spend: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) prompt_tokens: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) completion_tokens: Field<'a>,
    #[serde(borrow, default, rename = "startTime")]
    pub(crate) start_time: Field<'a>,
    #[serde(borrow, default, rename = "endTime")]
    pub(crate) end_time: Field<'a>,
    #[serde(borrow, default, rename = "completionStartTime")]
    pub(crate) completion_start: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) model: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) custom_llm_provider: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) api_base: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) user: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) end_user: Field<'a>,
    /// An object, or text that holds one, as JSON.
    #[serde(borrow, default, deserialize_with = "unread")]
    pub(crate) metadata: &'a str,
    #[serde(borrow, default)]
    pub(crate) cache_hit: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) request_tags: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) team_id: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) organization_id: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) project_id: Field<'a>,
    #[serde(borrow, default)]
    pub(crate) status: Field<'a>,
}

/// A value as it is written.
fn unread<'de: 'a, 'a, D: Deserializer<'de>>(deserializer: D) -> Result<&'a str, D::Error> {
    <&serde_json::value::RawValue>::deserialize(deserializer).map(serde_json::value::RawValue::get)
}

/// The parts of `metadata` that are read.
#[derive(Deserialize, Default)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Metadata<'a> {
    #[serde(default)]
    usage_object: Field<'a>,
    #[serde(default)]
    project_id: Field<'a>,
    #[serde(default)]
    user_api_key_project_id: Field<'a>,
    #[serde(default)]
    status: Field<'a>,
}

/// One request.
pub(crate) fn one(intake: &mut Intake<'_>, row: Row<'_>) -> Result<(), RowError> {
    let start = row.start_time.time_required("startTime")?;
    let end = row.end_time.time("endTime")?.unwrap_or(start);
    if !start.zoned || !end.zoned {
        intake.zone_assumed();
    }
    // A metadata that is text holds JSON once more; one that is neither is left aside.
    let text = row.metadata;
    let inner: Cow<'_, str> =
        if text.starts_with('"') { serde_json::from_str::<String>(text).unwrap_or_else(|_| text.to_owned()).into() } else { text.into() };
    let metadata: Metadata<'_> = serde_json::from_str(&inner).unwrap_or_else(|_| {
        if !says_nothing(&inner) {
            intake.findings.note(&findings::JSON_UNREAD, "metadata", 1);
        }
        Metadata::default()
    });

    let mut entry = intake.entry(start.ms, end.ms);
    entry.counts.requests = Some(1);
    let status = if row.status == Field::Missing { metadata.status.text() } else { row.status.text() };
    entry.counts.requests_failed = Some(i64::from(status.starts_with("fail") || status == "error"));
    let cached =
        row.cache_hit == Field::Bool(true) || ["true", "t", "1", "yes"].iter().any(|yes| row.cache_hit.text().eq_ignore_ascii_case(yes));
    entry.counts.requests_cached = Some(i64::from(cached));
    if cached {
        let none = Some(0);
        let counts = &mut entry.counts;
        (counts.input_tokens, counts.cache_read_tokens, counts.cache_write_tokens) = (none, none, none);
        (counts.output_tokens, counts.reasoning_tokens) = (none, none);
    } else {
        tokens(&mut entry, &row, &metadata.usage_object)?;
    }
    let duration_ms = (row.end_time != Field::Missing).then(|| end.ms.saturating_sub(start.ms)).filter(|duration| *duration >= 0);
    entry.counts.duration_ms = duration_ms;
    if let (Some(first), Some(duration_ms)) = (row.completion_start.time("completionStartTime")?, duration_ms) {
        let ttft_ms = first.ms.saturating_sub(start.ms);
        // Answers that are not streamed carry their end as the time of the first token.
        if (0..duration_ms).contains(&ttft_ms) && !cached {
            entry.counts.ttft_ms = Some(ttft_ms);
            fill_inter_token(&mut entry.counts, duration_ms, ttft_ms);
        }
    }
    spend(intake, &mut entry, &row, cached)?;
    entry.external_id = row.request_id.scalar().map(|id| id.into_owned().into());
    entry.region = intake.word(region_of_address(row.api_base.text()));
    intake.name_model(&mut entry, row.custom_llm_provider.text(), row.model.text());
    let project = row.project_id.or(&metadata.project_id).or(&metadata.user_api_key_project_id);
    let stated = !says_nothing(row.request_tags.text());
    let tags = row.request_tags.unwrapped();
    if stated && tags == Field::Missing {
        intake.findings.note(&findings::JSON_UNREAD, "request_tags", 1);
    }
    let labels = Labels {
        end_user: Some(row.end_user.text()),
        key: Some(row.api_key.text()),
        organisation: Some(row.organization_id.text()),
        project: Some(project.text()),
        tags: if let Field::List(tags) = &tags { tags.iter().filter_map(Field::scalar).collect() } else { Vec::new() },
        team: Some(row.team_id.text()),
        user: Some(row.user.text()),
        ..Labels::default()
    };
    intake.place(&mut entry, &labels, Own::default());
    intake.take(entry, &Latency::OfRequest(duration_ms))
}

/// Whether a text is empty or a word for nothing, as databases and scripts write it.
pub(crate) fn says_nothing(text: &str) -> bool {
    ["", "null", "none", "[null]", "\\N"].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Makes the token classes disjoint, as far as the usage object tells them apart.
fn tokens(entry: &mut Entry, row: &Row<'_>, usage: &Field<'_>) -> Result<(), RowError> {
    let (input, output) = (usage.get("prompt_tokens_details"), usage.get("completion_tokens_details"));
    let counts = &mut entry.counts;
    counts.cache_read_tokens = input.get("cached_tokens").or(usage.get("cache_read_input_tokens")).tokens("cached_tokens")?;
    counts.cache_write_tokens =
        usage.get("cache_creation_input_tokens").or(input.get("cache_creation_tokens")).tokens("cache_creation_input_tokens")?;
    counts.audio_input_tokens = input.get("audio_tokens").tokens("audio_tokens")?;
    counts.image_input_tokens = input.get("image_tokens").tokens("image_tokens")?;
    counts.reasoning_tokens = output.get("reasoning_tokens").tokens("reasoning_tokens")?;
    counts.audio_output_tokens = output.get("audio_tokens").tokens("audio_tokens")?;
    counts.image_output_tokens = output.get("image_tokens").tokens("image_tokens")?;
    counts.input_tokens = subtract(
        ("prompt_tokens", row.prompt_tokens.tokens("prompt_tokens")?),
        &[
            ("cached_tokens", counts.cache_read_tokens),
            ("cache_creation_input_tokens", counts.cache_write_tokens),
            ("audio_tokens", counts.audio_input_tokens),
            ("image_tokens", counts.image_input_tokens),
        ],
    )?;
    counts.output_tokens = subtract(
        ("completion_tokens", row.completion_tokens.tokens("completion_tokens")?),
        &[
            ("reasoning_tokens", counts.reasoning_tokens),
            ("audio_tokens", counts.audio_output_tokens),
            ("image_tokens", counts.image_output_tokens),
        ],
    )?;
    if row.call_type.text().contains("embedding") {
        counts.output_tokens = Some(counts.output_tokens.unwrap_or(0));
    }
    Ok(())
}

/// The spend in US dollars; a zero for tokens means that the gateway had no price.
fn spend(intake: &mut Intake<'_>, entry: &mut Entry, row: &Row<'_>, cached: bool) -> Result<(), RowError> {
    let cost = row.spend.scaled("spend", 6)?;
    let tokens = entry.counts.input_all() > 0 || entry.counts.output_all() > 0;
    // Not what rounds to zero micro-dollars, but what is zero.
    let priced = row.spend.scalar().is_some_and(|text| text.bytes().any(|byte| (b'1'..=b'9').contains(&byte)));
    if cost == Some(0) && tokens && !cached && !priced {
        intake.findings.note(&findings::SPEND_ZERO, "", 1);
    } else if cost.is_some() {
        entry.counts.cost_micro = cost;
        entry.currency = intake.word("USD");
    }
    Ok(())
}
