//! One span: whether it is a call of a model, and its counts under all names that are known.

use crate::accounts::Own;
use crate::error::RowError;
use crate::findings;
use crate::intake::{Intake, Latency};
use crate::json_value::Field;
use crate::labels::Labels;
use crate::otlp_names as names;
use crate::region::region_of_address;
use crate::times::fill_inter_token;
use crate::tokens::{failed_zero_is_unknown, subtract};
use books::Entry;
use std::borrow::Cow;

/// A span, whatever carried it; its events, which may hold prompts, are not in it.
#[derive(Default)]
pub(crate) struct Span<'a> {
    /// Hexadecimal digits; empty when not stated.
    pub(crate) trace_id: Cow<'a, str>,
    pub(crate) span_id: Cow<'a, str>,
    pub(crate) name: Cow<'a, str>,
    pub(crate) start: Field<'a>,
    pub(crate) end: Field<'a>,
    /// Whether its status is an error.
    pub(crate) failed: bool,
    pub(crate) attributes: Vec<Attribute<'a>>,
}

/// An attribute; its value is parsed only when it is asked for, so that message texts stay unread.
pub(crate) struct Attribute<'a> {
    pub(crate) key: Cow<'a, str>,
    pub(crate) value: Value<'a>,
}

/// A value that waits to be asked for.
pub(crate) enum Value<'a> {
    /// As JSON spells it.
    Json(Option<&'a serde_json::value::RawValue>),
    /// As protobuf spells it.
    Protobuf(bytes::Bytes),
}

impl<'a> Attribute<'a> {
    /// The value; `Missing` when it is no plain one.
    pub(crate) fn value(&self) -> Field<'a> {
        match &self.value {
            Value::Json(raw) => crate::otlp_json::plain(*raw),
            Value::Protobuf(bytes) => crate::otlp_protobuf::plain(bytes),
        }
    }
}

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
        let kind = self.get(names::KIND).1;
        let vercel = self.get(names::VERCEL).1;
        let vercel = if vercel.text().is_empty() { self.name.as_ref() } else { vercel.text() };
        names::may_call_model(operation, kind.text(), vercel)
            && [names::MODEL, names::INPUT, names::OUTPUT].iter().any(|names| self.get(names).1 != Field::Missing)
    }
}

/// Reads one span.
pub(crate) fn one(intake: &mut Intake<'_>, span: &Span<'_>, service: &str) -> Result<(), RowError> {
    let operation = span.get(names::OPERATION).1;
    if !span.is_model_call(operation.text()) {
        intake.findings.note(&findings::NO_MODEL_CALL, "", 1);
        return Ok(());
    }
    let start = span.start.time_required("startTimeUnixNano")?;
    let end = span.end.time_required("endTimeUnixNano")?;
    let duration_ms = end.ms.saturating_sub(start.ms);
    let mut entry = intake.entry(start.ms, end.ms);
    let failed = span.failed || span.get(names::ERROR).1 != Field::Missing;
    entry.counts.requests = Some(1);
    entry.counts.requests_failed = Some(i64::from(failed));
    tokens(&mut entry, span)?;
    if failed || span.get(names::MODALITY).1.text() == "unknown" {
        failed_zero_is_unknown(&mut entry.counts);
    }
    let counts = &mut entry.counts;
    if matches!(operation.text(), "embeddings" | "embedding") && counts.output_tokens.is_none() {
        counts.output_tokens = Some(0);
    }
    if counts.input_tokens.is_none() && counts.output_tokens.is_none() {
        intake.findings.note(&findings::NO_USAGE, "", 1);
    }
    counts.duration_ms = Some(duration_ms);
    let (name, seconds) = span.get(names::FIRST_TOKEN_S);
    let ttft_ms = match seconds.scaled(name, 3)? {
        Some(ttft_ms) => Some(ttft_ms),
        None => {
            let (name, milliseconds) = span.get(names::FIRST_TOKEN_MS);
            milliseconds.scaled(name, 0)?
        }
    };
    if let Some(ttft_ms) = ttft_ms.filter(|ttft_ms| (0..duration_ms).contains(ttft_ms)) {
        counts.ttft_ms = Some(ttft_ms);
        fill_inter_token(counts, duration_ms, ttft_ms);
    }
    if !span.trace_id.is_empty() && !span.span_id.is_empty() {
        // Hexadecimal digits, whatever their case: the same span is the same whichever way it came.
        entry.external_id = Some(format!("{}{}", span.trace_id, span.span_id).to_ascii_lowercase().into());
    }
    entry.region = intake.word(region_of_address(span.get(names::ADDRESS).1.text()));
    let provider = span.get(names::PROVIDER).1;
    let provider = known_part(intake, provider.text());
    intake.name_model(&mut entry, provider, span.get(names::MODEL).1.text());
    let user = span.get(names::USER).1;
    let user = user.scalar();
    let tag = |(name, spelt): &(&str, &[&'static str])| span.get(spelt).1.scalar().map(|value| Cow::Owned(format!("{name}={value}")));
    let labels =
        Labels { service: Some(service), tags: names::TAGS.iter().filter_map(tag).collect(), user: user.as_deref(), ..Labels::default() };
    intake.place(&mut entry, &labels, Own::default());
    intake.take(entry, &Latency::OfRequest(Some(duration_ms)))
}

/// Makes the token classes disjoint.
///
/// The conventions want the billed number where it differs from the used one; no attribute holds the used one, so the
/// billed one stands.
fn tokens(entry: &mut Entry, span: &Span<'_>) -> Result<(), RowError> {
    let counts = &mut entry.counts;
    let (input, output) = (span.tokens(names::INPUT)?, span.tokens(names::OUTPUT)?);
    let (read, write, reasoning) = (span.tokens(names::CACHE_READ)?, span.tokens(names::CACHE_WRITE)?, span.tokens(names::REASONING)?);
    counts.input_tokens = subtract(input, &[read, write])?;
    counts.output_tokens = subtract(output, &[reasoning])?;
    (counts.cache_read_tokens, counts.cache_write_tokens, counts.reasoning_tokens) = (read.1, write.1, reasoning.1);
    // An image may have come from the cache: what counts there already is not counted again.
    counts.image_input_tokens = part_of(&mut counts.input_tokens, span.tokens(names::IMAGE_INPUT)?.1);
    counts.audio_input_tokens = part_of(&mut counts.input_tokens, span.tokens(names::AUDIO_INPUT)?.1);
    counts.audio_output_tokens = part_of(&mut counts.output_tokens, span.tokens(names::AUDIO_OUTPUT)?.1);
    Ok(())
}

/// Takes a part out of a whole, as far as it goes.
fn part_of(whole: &mut Option<i64>, part: Option<i64>) -> Option<i64> {
    let (Some(rest), Some(part)) = (whole.as_mut(), part) else { return part };
    let part = part.min(*rest);
    *rest -= part;
    Some(part)
}

/// The provider, without the interface that some instrumentations write behind it (`openai.chat`).
fn known_part<'p>(intake: &Intake<'_>, provider: &'p str) -> &'p str {
    let known = |word: &str| intake.mapping.names.provider(word).is_some();
    match provider.split_once('.') {
        Some((head, _)) if !known(provider) && known(head) => head,
        _ => provider,
    }
}
