//! Spans as they are sent: one request for export (OTLP over HTTP) in, entries out.

use crate::error::{ImportError, RowError};
use crate::format::Format;
use crate::intake::Intake;
use crate::mapping::Mapping;
use crate::{json, otlp_json, otlp_protobuf, otlp_span};
use books::{Entry, Finding};
use bytes::Bytes;
use prost::Message;

/// What a request for export came to.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OtlpTaken {
    /// One entry per call of a model; their `external_id` is trace and span, so that a request sent twice counts once.
    pub entries: Vec<Entry>,
    /// Spans in the request, those that are no call of a model included.
    pub spans: u64,
    /// Spans that were refused.
    pub rejected: u64,
    /// Why the first of them was, for the partial success of the answer; empty when none was.
    pub first_reason: String,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// Why a request for export cannot be read at all; the sender must not send it again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the body is no OTLP request for the export of spans: {0}")]
pub struct OtlpError(String);

/// Name that stands for the file in messages.
const NAME: &str = "spans";

/// Reads the body of `POST /v1/traces`: `ExportTraceServiceRequest` as protobuf or JSON, decompressed.
///
/// The caller bounds the size of the body. Spans that are no call of a model are passed over; one that cannot be right
/// is refused and counted, and the others stand. Message texts and events stay unread.
///
/// # Errors
/// When the body is no such message.
pub fn entries_from_otlp(body: &[u8], protobuf: bool, mapping: &Mapping<'_>) -> Result<OtlpTaken, OtlpError> {
    let mut entries = Vec::new();
    let mut sink = |batch: Vec<Entry>| {
        entries.extend(batch);
        Ok(())
    };
    let mut intake = Intake::new(NAME, Format::OtlpSpans, mapping, &mut sink);
    intake.keep_going = true;
    intake.time_columns = ["startTimeUnixNano", "endTimeUnixNano"];
    let done = if protobuf { take_protobuf(body, &mut intake)? } else { take_json(body, &mut intake)? };
    let first_reason = intake.first_refused().to_owned();
    let report = done.and_then(|()| intake.finish()).map_err(|error| OtlpError(error.to_string()))?;
    Ok(OtlpTaken { entries, spans: report.rows, rejected: report.rejected, first_reason, findings: report.findings })
}

fn take_json(body: &[u8], intake: &mut Intake<'_>) -> Result<Result<(), ImportError>, OtlpError> {
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(OtlpError("JSON is expected, and it does not begin with an object".to_owned()));
    }
    let export: otlp_json::Export<'_> = serde_json::from_slice(body).map_err(|error| OtlpError(json::bare(&error)))?;
    let mut number = 0;
    for resource in export.resource_spans.unwrap_or_default() {
        let service = resource.resource.map(|raw| otlp_json::service(raw.get())).unwrap_or_default();
        for raw in resource.scope_spans.unwrap_or_default().into_iter().flat_map(|scope| scope.spans.unwrap_or_default()) {
            number += 1;
            let result = otlp_json::span(raw.get()).and_then(|span| otlp_span::one(intake, &span, &service));
            if let Err(error) = intake.row_done(number, result) {
                return Ok(Err(error));
            }
        }
    }
    Ok(Ok(()))
}

fn take_protobuf(body: &[u8], intake: &mut Intake<'_>) -> Result<Result<(), ImportError>, OtlpError> {
    // One copy, of which all values below are parts.
    let export = otlp_protobuf::Export::decode(Bytes::copy_from_slice(body)).map_err(|error| OtlpError(error.to_string()))?;
    let mut number = 0;
    for resource in export.resource_spans {
        let service = otlp_protobuf::service(resource.resource.as_ref());
        for bytes in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
            number += 1;
            let result = otlp_protobuf::ProtoSpan::decode(bytes)
                .map_err(|error| RowError::new(format!("the span is no message of this format: {error}")))
                .and_then(|span| otlp_span::one(intake, &span.into_span(), &service));
            if let Err(error) = intake.row_done(number, result) {
                return Ok(Err(error));
            }
        }
    }
    Ok(Ok(()))
}
