//! One span: whether it is a call of a model, and its counts under old and new names.

use crate::accounts::Own;
use crate::error::RowError;
use crate::findings;
use crate::intake::{Intake, Latency};
use crate::json_value::Field;
use crate::labels::Labels;
use crate::otlp::AnyValue;
use crate::region::region_of_address;
use crate::times::fill_inter_token;
use crate::tokens::subtract;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A span; its events, which may hold prompts, are skipped unread.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Span<'a> {
    #[serde(borrow, default)]
    trace_id: Field<'a>,
    #[serde(borrow, default)]
    span_id: Field<'a>,
    #[serde(borrow, default)]
    start_time_unix_nano: Field<'a>,
    #[serde(borrow, default)]
    end_time_unix_nano: Field<'a>,
    #[serde(borrow, default)]
    status: Field<'a>,
    #[serde(borrow, default)]
    attributes: Vec<Attribute<'a>>,
}

/// An attribute; its value is parsed only when it is asked for, so that message texts stay unread.
#[derive(Deserialize)]
pub(crate) struct Attribute<'a> {
    #[serde(borrow)]
    pub(crate) key: Cow<'a, str>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

impl<'a> Attribute<'a> {
    /// The value; `Missing` when it is no plain one.
    pub(crate) fn value(&self) -> Field<'a> {
        let value: AnyValue<'a> = self.value.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        [value.string_value, value.int_value, value.double_value, value.bool_value]
            .into_iter()
            .find(|value| *value != Field::Missing)
            .unwrap_or_default()
    }
}

/// Spans of these operations are made of other spans, or call no model.
const NO_MODEL: [&str; 8] =
    ["invoke_agent", "create_agent", "execute_tool", "invoke_workflow", "retrieval", "plan", "memory", "execute_task"];

const PROVIDER: &[&str] = &["gen_ai.provider.name", "gen_ai.system"];
const MODEL: &[&str] = &["gen_ai.response.model", "gen_ai.request.model"];
const INPUT: &[&str] = &["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens"];
const OUTPUT: &[&str] = &["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens"];
const CACHE_READ: &[&str] = &["gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"];
const CACHE_WRITE: &[&str] = &["gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens"];
const REASONING: &[&str] =
    &["gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens", "gen_ai.usage.output_tokens.reasoning"];
const FIRST_TOKEN_S: &[&str] = &["gen_ai.response.time_to_first_chunk", "gen_ai.server.time_to_first_token"];
const ADDRESS: &[&str] = &["server.address"];
const USER: &[&str] = &["enduser.id", "user.id"];

impl<'a> Span<'a> {
    /// The first attribute that is there, by its name.
    fn get(&self, names: &[&'static str]) -> (&'static str, Field<'a>) {
        for name in names {
            if let Some(attribute) = self.attributes.iter().find(|attribute| attribute.key == *name) {
                return (name, attribute.value());
            }
        }
        (names.first().copied().unwrap_or_default(), Field::Missing)
    }
    fn tokens(&self, names: &[&'static str]) -> Result<(&'static str, Option<i64>), RowError> {
        let (name, value) = self.get(names);
        Ok((name, value.tokens(name)?))
    }
    fn is_model_call(&self, operation: &str) -> bool {
        if NO_MODEL.contains(&operation) {
            return false;
        }
        [MODEL, INPUT, OUTPUT].iter().any(|names| self.get(names).1 != Field::Missing)
    }
    fn failed(&self) -> bool {
        let code = self.status.get("code");
        *code == Field::Int(2) || code.text() == "STATUS_CODE_ERROR" || self.get(&["error.type"]).1 != Field::Missing
    }
}

/// Reads one span.
pub(crate) fn one(intake: &mut Intake<'_>, span: &Span<'_>, service: &str) -> Result<(), RowError> {
    let operation = span.get(&["gen_ai.operation.name"]).1;
    if !span.is_model_call(operation.text()) {
        intake.findings.note(&findings::NO_MODEL_CALL, "", 1);
        return Ok(());
    }
    let start = span.start_time_unix_nano.time_required("startTimeUnixNano")?;
    let end = span.end_time_unix_nano.time_required("endTimeUnixNano")?;
    let duration_ms = end.ms.saturating_sub(start.ms);
    let mut entry = intake.entry(start.ms, end.ms);
    let counts = &mut entry.counts;
    counts.requests = Some(1);
    counts.requests_failed = Some(i64::from(span.failed()));
    let (input, output) = (span.tokens(INPUT)?, span.tokens(OUTPUT)?);
    let (read, write, reasoning) = (span.tokens(CACHE_READ)?, span.tokens(CACHE_WRITE)?, span.tokens(REASONING)?);
    counts.input_tokens = subtract(input, &[read, write])?;
    counts.output_tokens = subtract(output, &[reasoning])?;
    (counts.cache_read_tokens, counts.cache_write_tokens, counts.reasoning_tokens) = (read.1, write.1, reasoning.1);
    if operation.text() == "embeddings" && counts.output_tokens.is_none() {
        counts.output_tokens = Some(0);
    }
    if counts.input_tokens.is_none() && counts.output_tokens.is_none() {
        intake.findings.note(&findings::NO_USAGE, "", 1);
    }
    counts.duration_ms = Some(duration_ms);
    let (name, first) = span.get(FIRST_TOKEN_S);
    if let Some(ttft_ms) = first.scaled(name, 3)?.filter(|ttft_ms| (0..duration_ms).contains(ttft_ms)) {
        counts.ttft_ms = Some(ttft_ms);
        fill_inter_token(counts, duration_ms, ttft_ms);
    }
    let (trace, id) = (span.trace_id.text(), span.span_id.text());
    if !trace.is_empty() && !id.is_empty() {
        entry.external_id = Some(format!("{trace}{id}").into());
    }
    entry.region = intake.word(region_of_address(span.get(ADDRESS).1.text()));
    intake.name_model(&mut entry, span.get(PROVIDER).1.text(), span.get(MODEL).1.text());
    let user = span.get(USER).1;
    let labels = Labels { service: Some(service), user: Some(user.text()), ..Labels::default() };
    intake.place(&mut entry, &labels, Own::default());
    intake.take(entry, &Latency::OfRequest(Some(duration_ms)))
}
