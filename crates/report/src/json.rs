//! JSON: every digit, stable order, keys that do not depend on the language.

use crate::ReportError;
use serde::Serialize;

/// Anything of this crate as JSON with a line break at the end.
///
/// # Errors
/// When a number has no JSON form.
pub fn json<T: Serialize>(value: &T) -> Result<String, ReportError> {
    let mut text =
        serde_json::to_string_pretty(value).map_err(|error| ReportError::Format { format: "JSON", reason: error.to_string() })?;
    text.push('\n');
    Ok(text)
}
