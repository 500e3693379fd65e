//! The one door: a file in, batches of entries out.

use crate::error::{ImportError, SinkError};
use crate::format::Format;
use crate::input::Input;
use crate::intake::Intake;
use crate::mapping::Mapping;
use crate::{
    anthropic_usage, azure_trace, bedrock, bilanz_outcomes, bilanz_usage, langfuse, litellm, mooncake, openai_export, openai_usage, otlp,
};
use books::{Entry, Finding};
use std::io::BufRead;

/// What reading a file came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadReport {
    /// Rows read, the rejected and the empty ones included.
    pub rows: u64,
    /// Rows that were refused (with `keep_going` only).
    pub rejected: u64,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// Reads a file as a stream and hands its entries to `sink` in batches of up to 8192.
///
/// `progress` hears the number of bytes read so far, about once per MiB and at the end.
/// When the result is an error, entries of earlier batches have been handed on already:
/// the caller keeps none of them.
///
/// # Errors
/// When the file cannot be read, is not of this format, has a bad row (unless
/// `keep_going`), or when `sink` refuses a batch.
pub fn read<R: BufRead>(
    mut reader: R,
    file_name: &str,
    format: Format,
    mapping: &Mapping<'_>,
    progress: &mut dyn FnMut(u64),
    sink: &mut dyn FnMut(Vec<Entry>) -> Result<(), SinkError>,
) -> Result<ReadReport, ImportError> {
    let input = Input::new(&mut reader, progress);
    let mut intake = Intake::new(file_name, format, mapping, sink);
    match format {
        Format::BilanzUsage => bilanz_usage::read(input, &mut intake),
        Format::OpenaiExport => openai_export::read(input, &mut intake),
        Format::OpenaiUsage => openai_usage::read(input, &mut intake),
        Format::AnthropicUsage => anthropic_usage::read(input, &mut intake),
        Format::LitellmSpend => litellm::read(input, &mut intake),
        Format::OtlpSpans => otlp::read(input, &mut intake),
        Format::BedrockInvocation => bedrock::read(input, &mut intake),
        Format::Langfuse => langfuse::read(input, &mut intake),
        Format::BilanzOutcomes => bilanz_outcomes::read(input, &mut intake),
        Format::AzureLlmTrace => azure_trace::read(input, &mut intake),
        Format::MooncakeTrace => mooncake::read(input, &mut intake),
    }?;
    intake.finish()
}
