//! Pages of the Anthropic usage report: cached input is counted beside the uncached.

use crate::accounts::Own;
use crate::buckets::{self, Span, bucket_key, groups};
use crate::error::{ImportError, RowError};
use crate::input::Input;
use crate::intake::{Intake, Latency};
use crate::json_value::Field;
use crate::labels::Labels;

/// Whether the first bytes are of this format.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    crate::detect::json_has(head, "data") && crate::detect::json_has(head, "starting_at")
}

/// Reads the file.
pub(crate) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    buckets::read(input, intake, ["starting_at", "ending_at"], one)
}

fn one(intake: &mut Intake<'_>, result: &Field<'_>, span: Span) -> Result<(), RowError> {
    if *result.get("uncached_input_tokens") == Field::Missing && *result.get("output_tokens") == Field::Missing {
        let message = "is missing, and `output_tokens` too; pages of the cost report hold no tokens, export the usage report";
        return Err(RowError::field("uncached_input_tokens", message));
    }
    let mut entry = intake.entry(span.start_ms, span.end_ms);
    let counts = &mut entry.counts;
    counts.requests = result.get("num_requests").count("num_requests")?;
    counts.input_tokens = result.get("uncached_input_tokens").tokens("uncached_input_tokens")?;
    counts.cache_read_tokens = result.get("cache_read_input_tokens").tokens("cache_read_input_tokens")?;
    counts.cache_write_tokens = cache_write(result)?;
    counts.output_tokens = result.get("output_tokens").tokens("output_tokens")?;
    entry.external_id = Some(bucket_key(span, groups(result)));
    let geo = result.get("inference_geo").text();
    entry.region = intake.word(if geo == "not_available" { "" } else { geo });
    intake.name_model(&mut entry, "anthropic", result.get("model").text());
    let labels = Labels {
        context: Some(result.get("context_window").text()),
        key: Some(result.get("api_key_id").text()),
        project: Some(result.get("workspace_id").text()),
        tier: Some(result.get("service_tier").text()),
        ..Labels::default()
    };
    intake.place(&mut entry, &labels, Own::default());
    intake.take(entry, &Latency::OfMany)
}

/// Cache writes of all lifetimes, flat or nested, as the API has them.
fn cache_write(result: &Field<'_>) -> Result<Option<i64>, RowError> {
    let nested = result.get("cache_creation");
    let mut sum = None;
    for (name, value) in [
        ("cache_creation_5m_input_tokens", result.get("cache_creation_5m_input_tokens")),
        ("cache_creation_1h_input_tokens", result.get("cache_creation_1h_input_tokens")),
        ("cache_creation_input_tokens", result.get("cache_creation_input_tokens")),
        ("cache_creation.ephemeral_5m_input_tokens", nested.get("ephemeral_5m_input_tokens")),
        ("cache_creation.ephemeral_1h_input_tokens", nested.get("ephemeral_1h_input_tokens")),
    ] {
        if let Some(tokens) = value.tokens(name)? {
            sum = Some(sum.unwrap_or(0i64).saturating_add(tokens));
        }
    }
    Ok(sum)
}
