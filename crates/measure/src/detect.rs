//! Detection: the format of a file from its first bytes, never guessed.

use crate::error::ImportError;
use crate::format::Format;
use crate::lines::refuse_encoding;
use crate::numbers::shorten;
use crate::table::delimiter_of;
use crate::{
    anthropic_usage, azure_trace, bedrock, bilanz_outcomes, bilanz_usage, langfuse, litellm, mooncake, openai_export, openai_usage, otlp,
};

/// The format of a file, from its first bytes (some 64 KiB are enough) and its name.
///
/// # Errors
/// When the file is empty, in a wrong encoding, or looks like none or several of
/// the formats; the message lists the formats and says what was seen.
pub fn detect(head: &[u8], file_name: &str) -> Result<Format, ImportError> {
    if head.is_empty() {
        return Err(ImportError::input(file_name, None, "the file is empty; there is nothing to import"));
    }
    if let Some(message) = refuse_encoding(head) {
        return Err(ImportError::input(file_name, Some(1), message));
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if head.trim_ascii().is_empty() {
        return Err(ImportError::input(file_name, None, "the file is empty: it holds blanks alone"));
    }
    let found: Vec<Format> = Format::ALL.into_iter().filter(|format| looks_like(*format, head)).collect();
    match found.as_slice() {
        [format] => Ok(*format),
        // A header with a misspelt column: the reader names the mistake better than this function could.
        [] if is_table(head) && file_name.contains("bilanz-usage") => Ok(Format::BilanzUsage),
        [] => Err(ImportError::input(
            file_name,
            None,
            format!("the format is unknown: the file begins with {}; give --format with one of: {}", seen(head), Format::list()),
        )),
        several => {
            let names: Vec<&str> = several.iter().map(|format| format.as_str()).collect();
            Err(ImportError::input(file_name, None, format!("the file could be {}; give --format", names.join(" or "))))
        }
    }
}

fn looks_like(format: Format, head: &[u8]) -> bool {
    match format {
        Format::BilanzUsage => bilanz_usage::looks_like(head),
        Format::OpenaiExport => openai_export::looks_like(head),
        Format::OpenaiUsage => openai_usage::looks_like(head),
        Format::AnthropicUsage => anthropic_usage::looks_like(head),
        Format::LitellmSpend => litellm::looks_like(head),
        Format::OtlpSpans => otlp::looks_like(head),
        Format::BedrockInvocation => bedrock::looks_like(head),
        Format::Langfuse => langfuse::looks_like(head),
        Format::BilanzOutcomes => bilanz_outcomes::looks_like(head),
        Format::AzureLlmTrace => azure_trace::looks_like(head),
        Format::MooncakeTrace => mooncake::looks_like(head),
    }
}

fn is_table(head: &[u8]) -> bool {
    !matches!(head.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Whether the first line is a header with these columns.
pub(crate) fn header_has(head: &[u8], columns: &[&str]) -> bool {
    if !is_table(head) {
        return false;
    }
    let line = head.trim_ascii_start().split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let delimiter = char::from(delimiter_of(&line));
    columns.iter().all(|column| line.split(delimiter).any(|name| name.trim().trim_matches('"') == *column))
}

/// Whether the first bytes are JSON and hold a field of this name.
pub(crate) fn json_has(head: &[u8], name: &str) -> bool {
    if is_table(head) {
        return false;
    }
    let quoted = format!("\"{name}\"");
    let mut start = 0;
    // A quote behind a backslash is text inside of a string.
    while let Some(at) = find(head.get(start..).unwrap_or_default(), quoted.as_bytes()) {
        let end = start + at + quoted.len();
        let rest = head.get(end..).unwrap_or_default().trim_ascii_start();
        let escaped = (start + at).checked_sub(1).and_then(|before| head.get(before)) == Some(&b'\\');
        if rest.first() == Some(&b':') && !escaped {
            return true;
        }
        start = end;
    }
    false
}

fn find(text: &[u8], word: &[u8]) -> Option<usize> {
    text.windows(word.len()).position(|window| window == word)
}

/// What stands at the beginning, for the message.
fn seen(head: &[u8]) -> String {
    let text = String::from_utf8_lossy(head);
    let line = text.trim_start().lines().next().unwrap_or_default();
    if is_table(head) {
        format!("the line `{}`", shorten(line))
    } else {
        let keys: Vec<&str> = text.split('"').skip(1).step_by(2).take(6).collect();
        format!("JSON with {}", keys.join(", "))
    }
}
