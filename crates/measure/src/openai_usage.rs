//! Pages of the `OpenAI` usage API: cached, audio and image tokens are counted inside the input.

use crate::accounts::Own;
use crate::buckets::{self, Span, bucket_key, groups};
use crate::error::{ImportError, RowError};
use crate::findings;
use crate::input::Input;
use crate::intake::{Intake, Latency};
use crate::json_value::Field;
use crate::labels::Labels;
use crate::tokens::subtract;
use lca::Counts;

const KIND: &str = "organization.usage.";

/// Whether the first bytes are of this format.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    let has = |name| crate::detect::json_has(head, name);
    has("object") && has("data") && (has("start_time") || has("has_more")) && !has("starting_at")
}

/// Reads the file.
pub(crate) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    buckets::read(input, intake, ["start_time", "end_time"], one)
}

fn one(intake: &mut Intake<'_>, result: &Field<'_>, span: Span) -> Result<(), RowError> {
    let object = result.get("object").text();
    let kind = object.strip_prefix(KIND).and_then(|kind| kind.strip_suffix(".result")).unwrap_or(object);
    let mut entry = intake.entry(span.start_ms, span.end_ms);
    let counts = &mut entry.counts;
    let seconds = result.get("seconds").scaled("seconds", 3)?;
    let images = result.get("images").count("images")?;
    if *result.get("input_tokens") == Field::Missing
        && *result.get("output_tokens") == Field::Missing
        && seconds.is_none()
        && images.is_none()
    {
        intake.findings.note(&findings::RESULT_SKIPPED, if kind.is_empty() { "unknown" } else { kind }, 1);
        return Ok(());
    }
    counts.requests = result.get("num_model_requests").count("num_model_requests")?;
    counts.images = images;
    counts.audio_ms = seconds;
    Stated::read(|name| result.get(name).tokens(name))?.into_counts(counts)?;
    if matches!(kind, "embeddings" | "moderations") {
        counts.output_tokens = Some(0);
    }
    // Completions are what the dashboard exports too: their key must not name the kind.
    let keyed = groups(result).filter(|(name, value)| *name != "object" || !value.contains("completions"));
    entry.external_id = Some(bucket_key(span, keyed));
    intake.name_model(&mut entry, "openai", result.get("model").text());
    let batch = result.get("batch").scalar();
    let labels = Labels {
        batch: batch.as_deref(),
        key: Some(result.get("api_key_id").text()),
        project: Some(result.get("project_id").text()),
        tier: Some(result.get("service_tier").text()),
        user: Some(result.get("user_id").text()),
        ..Labels::default()
    };
    intake.place(&mut entry, &labels, Own::default());
    intake.take(entry, &Latency::OfMany)
}

/// Token counts as `OpenAI` states them, overlapping.
#[derive(Debug, Default)]
pub(crate) struct Stated {
    input: Option<i64>,
    cached: Option<i64>,
    cache_write: Option<i64>,
    audio: Option<i64>,
    image: Option<i64>,
    output: Option<i64>,
    audio_output: Option<i64>,
    image_output: Option<i64>,
}

impl Stated {
    /// Reads the counts by their names.
    pub(crate) fn read(get: impl Fn(&'static str) -> Result<Option<i64>, RowError>) -> Result<Self, RowError> {
        Ok(Self {
            input: get("input_tokens")?,
            cached: get("input_cached_tokens")?,
            cache_write: get("input_cache_write_tokens")?,
            audio: get("input_audio_tokens")?,
            image: get("input_image_tokens")?,
            output: get("output_tokens")?,
            audio_output: get("output_audio_tokens")?,
            image_output: get("output_image_tokens")?,
        })
    }
    /// Makes the classes disjoint.
    pub(crate) fn into_counts(self, counts: &mut Counts) -> Result<(), RowError> {
        counts.input_tokens = subtract(
            ("input_tokens", self.input),
            &[
                ("input_cached_tokens", self.cached),
                ("input_cache_write_tokens", self.cache_write),
                ("input_audio_tokens", self.audio),
                ("input_image_tokens", self.image),
            ],
        )?;
        counts.output_tokens = subtract(
            ("output_tokens", self.output),
            &[("output_audio_tokens", self.audio_output), ("output_image_tokens", self.image_output)],
        )?;
        counts.cache_read_tokens = self.cached;
        counts.cache_write_tokens = self.cache_write;
        counts.audio_input_tokens = self.audio;
        counts.image_input_tokens = self.image;
        counts.audio_output_tokens = self.audio_output;
        counts.image_output_tokens = self.image_output;
        Ok(())
    }
}
