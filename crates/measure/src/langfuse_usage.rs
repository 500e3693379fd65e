//! Usage details of Langfuse: classes that stand beside each other, under the names of several integrations.

use crate::error::RowError;
use crate::json_value::Field;
use crate::tokens::subtract;
use lca::Counts;

/// One class and the names it goes by; lifetimes of a cache stand beside each other and are added.
type Class = (&'static [&'static str], fn(&mut Counts) -> &mut Option<i64>);

/// Classes of the input beside the plain one.
const INPUT: [Class; 4] = [
    (&["input_cached_tokens", "input_cache_read", "cache_read_input_tokens", "input_cached_text_tokens"], |counts| {
        &mut counts.cache_read_tokens
    }),
    (&["input_cache_creation", "cache_creation_input_tokens", "cache_write_input_tokens", "input_cache_write"], |counts| {
        &mut counts.cache_write_tokens
    }),
    (&["input_audio_tokens", "input_audio"], |counts| &mut counts.audio_input_tokens),
    (&["input_image_tokens", "input_image"], |counts| &mut counts.image_input_tokens),
];
/// Classes of the output beside the plain one.
const OUTPUT: [Class; 3] = [
    (&["output_reasoning_tokens", "output_reasoning", "reasoning_tokens", "reasoning"], |counts| &mut counts.reasoning_tokens),
    (&["output_audio_tokens", "output_audio"], |counts| &mut counts.audio_output_tokens),
    (&["output_image_tokens", "output_image"], |counts| &mut counts.image_output_tokens),
];
/// Cache writes by lifetime, in place of their sum.
const WRITES: [&str; 2] = ["input_cache_creation_5m", "input_cache_creation_1h"];

/// Fills the token classes.
///
/// Where the stated total is that of input and output alone, an integration has counted the other classes inside them.
pub(crate) fn tokens(counts: &mut Counts, usage: &Field<'_>) -> Result<(), RowError> {
    let first = |names: &[&'static str]| -> Result<(&'static str, Option<i64>), RowError> {
        for name in names {
            if let Some(tokens) = usage.get(name).tokens(name)? {
                return Ok((name, Some(tokens)));
            }
        }
        Ok((names.first().copied().unwrap_or_default(), None))
    };
    let mut parts = |classes: &[Class]| -> Result<Vec<(&'static str, Option<i64>)>, RowError> {
        classes
            .iter()
            .map(|(names, slot)| {
                let (name, mut value) = first(names)?;
                if value.is_none() && *names == INPUT[1].0 {
                    for write in WRITES {
                        if let Some(tokens) = usage.get(write).tokens(write)? {
                            value = Some(value.unwrap_or(0i64).saturating_add(tokens));
                        }
                    }
                }
                *slot(counts) = value;
                Ok((name, value))
            })
            .collect()
    };
    let (input_parts, output_parts) = (parts(&INPUT)?, parts(&OUTPUT)?);
    // passed over: names of counts, not of texts
    let (input, output) = (first(&["input", "prompt_tokens", "input_tokens"])?, first(&["output", "completion_tokens", "output_tokens"])?);
    let total = first(&["total", "total_tokens"])?.1;
    let beside = input_parts.iter().chain(&output_parts).filter_map(|part| part.1).fold(0i64, i64::saturating_add);
    // zero: a side that is not stated adds nothing to the sum that is compared
    let both = input.1.unwrap_or(0).saturating_add(output.1.unwrap_or(0));
    let inside = beside > 0 && total == Some(both);
    counts.input_tokens = if inside { subtract(input, &input_parts)? } else { input.1 };
    counts.output_tokens = if inside { subtract(output, &output_parts)? } else { output.1 };
    Ok(())
}
