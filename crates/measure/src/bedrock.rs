//! Model invocation logs of Amazon Bedrock: one request per record, as S3 holds them or as CloudWatch exports them.

use crate::accounts::Own;
use crate::error::{ImportError, RowError};
use crate::findings;
use crate::input::Input;
use crate::intake::{Intake, Latency};
use crate::json::{self, Records};
use crate::json_value::Field;
use crate::labels::Labels;
use crate::tokens::failed_zero_is_unknown;
use lca::Counts;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// Whether the first bytes are of this format.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    // In an export of CloudWatch the record is text within a field, and its quotes are escaped.
    // passed over: the wrapper of CloudWatch, which holds the record and not a text
    let escaped = crate::detect::json_has(head, "message") && head.windows(KIND.len()).any(|window| window == KIND);
    (crate::detect::json_has(head, "modelId") && crate::detect::json_has(head, "requestId")) || escaped
}

const KIND: &[u8] = b"ModelInvocationLog";

/// Reads the file.
pub(crate) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    intake.time_columns = ["timestamp", "timestamp"];
    json::read(input, intake, &mut Logs)
}

struct Logs;

impl Records for Logs {
    const PATH: &'static [&'static str] = &[];
    fn record(&mut self, intake: &mut Intake<'_>, raw: &str, line: u64) -> Result<(), ImportError> {
        let result = parse::<Row<'_>>(raw).and_then(|row| match &row.message {
            // CloudWatch wraps the record: as text, or as it stands.
            Some(message) => {
                let text = message.get();
                let inner: Cow<'_, str> =
                    if text.starts_with('"') { serde_json::from_str::<String>(text).unwrap_or_default().into() } else { text.into() };
                parse::<Row<'_>>(&inner).and_then(|row| one(intake, &row))
            }
            None => one(intake, &row),
        });
        intake.row_done(line, result)
    }
}

fn parse<'a, T: Deserialize<'a>>(raw: &'a str) -> Result<T, RowError> {
    serde_json::from_str(raw).map_err(|error| RowError::new(format!("the record is no object of this format: {}", json::bare(&error))))
}

/// The fields that are read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    #[serde(borrow, default)]
    timestamp: Field<'a>,
    #[serde(borrow, default)]
    account_id: Field<'a>,
    #[serde(borrow, default)]
    identity: Field<'a>,
    #[serde(borrow, default)]
    region: Field<'a>,
    #[serde(borrow, default)]
    inference_region: Field<'a>,
    #[serde(borrow, default)]
    request_id: Field<'a>,
    #[serde(borrow, default)]
    operation: Field<'a>,
    #[serde(borrow, default)]
    model_id: Field<'a>,
    #[serde(borrow, default)]
    error_code: Field<'a>,
    #[serde(borrow, default)]
    input: Option<Side<'a>>,
    #[serde(borrow, default)]
    output: Option<Side<'a>>,
    #[serde(borrow, default)]
    performance_config: Field<'a>,
    #[serde(borrow, default)]
    message: Option<&'a RawValue>,
}

/// What went in or came out; the body of the input is skipped where it stands.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Side<'a> {
    #[serde(borrow, default)]
    input_token_count: Field<'a>,
    #[serde(borrow, default)]
    cache_read_input_token_count: Field<'a>,
    #[serde(borrow, default)]
    cache_write_input_token_count: Field<'a>,
    #[serde(borrow, default)]
    output_token_count: Field<'a>,
    #[serde(borrow, default)]
    output_video_duration_seconds: Field<'a>,
    /// Not parsed, but for two objects of numbers in it.
    #[serde(borrow, default)]
    output_body_json: Option<&'a RawValue>,
}

/// The numbers of an answer's body; its texts are skipped where they stand.
#[derive(Deserialize, Default)]
#[serde(bound(deserialize = "'de: 'a"))]
struct Body<'a> {
    #[serde(default)]
    usage: Field<'a>,
    #[serde(default)]
    metrics: Field<'a>,
}

/// Errors by which the service refuses a request before any model runs.
const REFUSED: [&str; 6] = [
    "AccessDeniedException",
    "ResourceNotFoundException",
    "ServiceQuotaExceededException",
    "ThrottlingException",
    "UnrecognizedClientException",
    "ValidationException",
];

/// One request.
fn one(intake: &mut Intake<'_>, row: &Row<'_>) -> Result<(), RowError> {
    if row.operation.text() == "CountTokens" {
        intake.findings.note(&findings::RESULT_SKIPPED, "CountTokens", 1);
        return Ok(());
    }
    if row.model_id.text().is_empty() && row.request_id == Field::Missing {
        return Err(RowError::field("modelId", "is missing, and `requestId` too; this is no record of a model invocation"));
    }
    let time = row.timestamp.time_required("timestamp")?;
    if !time.zoned {
        intake.zone_assumed();
    }
    let body: Body<'_> = row
        .output
        .as_ref()
        .and_then(|output| output.output_body_json)
        .filter(|body| body.get().starts_with('{'))
        .and_then(|body| serde_json::from_str(body.get()).ok())
        .unwrap_or_default();
    let duration_ms = body.metrics.get("latencyMs").count("latencyMs")?;
    let mut entry = intake.entry(time.ms, time.ms.saturating_add(duration_ms.unwrap_or(0)));
    let error = row.error_code.text();
    entry.counts.requests = Some(1);
    entry.counts.requests_failed = Some(i64::from(!error.is_empty()));
    entry.counts.duration_ms = duration_ms;
    if tokens(&mut entry.counts, row, &body.usage)? {
        intake.findings.note(&findings::CACHE_BESIDE, "", 1);
    }
    let counts = &mut entry.counts;
    if !error.is_empty() {
        failed_zero_is_unknown(counts);
    }
    if REFUSED.contains(&error) && counts.input_tokens.is_none() && counts.output_tokens.is_none() {
        // zero: the service refused the request, so no model ran
        (counts.input_tokens, counts.output_tokens) = (Some(0), Some(0));
    } else if counts.output_tokens.is_none() && row.model_id.text().contains("embed") {
        // zero: the answer is a vector
        counts.output_tokens = Some(0);
    }
    if counts.input_tokens.is_none() && counts.output_tokens.is_none() && counts.videos.is_none() {
        intake.findings.note(&findings::NO_USAGE, "", 1);
    }
    entry.external_id = row.request_id.scalar().map(|id| id.into_owned().into());
    // With an inference profile the model may have run elsewhere than where it was asked.
    entry.region = intake.word(row.inference_region.or(&row.region).text());
    intake.name_model(&mut entry, "aws.bedrock", row.model_id.text());
    let labels = Labels {
        project: Some(row.account_id.text()),
        tier: Some(row.performance_config.get("latency").text()).filter(|tier| *tier != "standard"),
        user: Some(row.identity.get("arn").text()),
        ..Labels::default()
    };
    intake.place(&mut entry, &labels, Own::default());
    intake.take(entry, &Latency::OfRequest(duration_ms))
}

/// Fills the token classes; says whether it had to assume that cached input stands beside the other.
fn tokens(counts: &mut Counts, row: &Row<'_>, usage: &Field<'_>) -> Result<bool, RowError> {
    let none = Side::default();
    let (input, output) = (row.input.as_ref().unwrap_or(&none), row.output.as_ref().unwrap_or(&none));
    let stated = input.input_token_count.tokens("inputTokenCount")?;
    // As Converse spells it, or a model of Anthropic.
    let fresh = usage.get("inputTokens").or(usage.get("input_tokens")).tokens("inputTokens")?;
    let out = usage.get("outputTokens").or(usage.get("output_tokens"));
    let read = usage.get("cacheReadInputTokens").or(usage.get("cache_read_input_tokens"));
    let write = usage.get("cacheWriteInputTokens").or(usage.get("cache_creation_input_tokens"));
    let read = input.cache_read_input_token_count.or(read).tokens("cacheReadInputTokenCount")?;
    let write = input.cache_write_input_token_count.or(write).tokens("cacheWriteInputTokenCount")?;
    // The usage of an answer counts cached input beside the other. Where the log gives none, the same is taken of the log.
    counts.input_tokens = fresh.or(stated);
    counts.cache_read_tokens = read;
    counts.cache_write_tokens = write;
    counts.output_tokens = output.output_token_count.or(out).tokens("outputTokenCount")?;
    if output.output_video_duration_seconds != Field::Missing {
        counts.videos = Some(1);
    }
    Ok(fresh.is_none() && stated.is_some() && [read, write].iter().flatten().any(|tokens| *tokens > 0))
}
