//! Token counts: bounds, and disjoint classes from counts that overlap.

use crate::error::RowError;
use books::MAX_TOKENS_PER_ROW;
use lca::Counts;

/// Refuses negative counts.
pub(crate) fn not_negative(value: i64) -> Result<i64, String> {
    if value < 0 {
        return Err(format!("{value} is negative; a count cannot be"));
    }
    Ok(value)
}

/// Refuses counts that no row can have.
pub(crate) fn plausible(value: i64) -> Result<i64, String> {
    if value > MAX_TOKENS_PER_ROW {
        return Err(format!("{value} is above 10^15 tokens in one row; check the unit"));
    }
    Ok(value)
}

/// What is left of `whole` after the `parts` that it contains; `None` when the whole is not stated.
///
/// The names are those of the source, for the message when the parts exceed the whole.
pub(crate) fn subtract(whole: (&str, Option<i64>), parts: &[(&str, Option<i64>)]) -> Result<Option<i64>, RowError> {
    let Some(total) = whole.1 else { return Ok(None) };
    let inside = parts.iter().filter_map(|part| part.1).fold(0i64, i64::saturating_add);
    if inside > total {
        let stated: Vec<String> = parts.iter().filter_map(|(name, value)| value.map(|value| format!("`{name}` {value}"))).collect();
        return Err(RowError::field(
            whole.0,
            format!(
                "{total} is less than its parts together ({}); this format counts them inside `{}`, so the row is wrong",
                stated.join(" + "),
                whole.0
            ),
        ));
    }
    Ok(Some(total - inside))
}

/// Forgets the tokens of a call that failed and states 0 for all of them: a counter writes 0 where it knows nothing.
pub(crate) fn failed_zero_is_unknown(counts: &mut Counts) {
    if counts.input_all() == 0 && counts.output_all() == 0 {
        let classes = [
            &mut counts.input_tokens,
            &mut counts.cache_read_tokens,
            &mut counts.cache_write_tokens,
            &mut counts.output_tokens,
            &mut counts.reasoning_tokens,
            &mut counts.image_input_tokens,
            &mut counts.audio_input_tokens,
            &mut counts.image_output_tokens,
            &mut counts.audio_output_tokens,
        ];
        classes.into_iter().for_each(|class| *class = None);
    }
}
