//! OpenTelemetry spans (OTLP JSON): a document, or one document per line as the collector writes it.

use crate::error::ImportError;
use crate::findings;
use crate::input::Input;
use crate::intake::Intake;
use crate::json::{self, Records};
use crate::{otlp_json, otlp_span};

/// Whether the first bytes are of this format.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    crate::detect::json_has(head, "resourceSpans")
}

/// Reads the file.
pub(crate) fn read(input: Input<'_>, intake: &mut Intake<'_>) -> Result<(), ImportError> {
    intake.time_columns = ["startTimeUnixNano", "endTimeUnixNano"];
    json::read(input, intake, &mut Spans::default())
}

/// The resource that the spans below belong to.
#[derive(Default)]
struct Spans {
    service: String,
    spans_seen: bool,
}

impl Records for Spans {
    const PATH: &'static [&'static str] = &["resourceSpans", "scopeSpans", "spans"];
    const BESIDE: &'static [&'static str] = &["resource"];
    /// A line holds a batch of spans, which may be larger than one record.
    const LINE_BYTES: u64 = 64 << 20;

    fn enter(&mut self) {
        self.service.clear();
        self.spans_seen = false;
    }

    fn beside(&mut self, intake: &mut Intake<'_>, _name: &str, raw: &str) {
        if self.spans_seen {
            intake.findings.note(&findings::RESOURCE_LATE, "", 1);
        }
        // A resource of another shape names no service; the spans count all the same.
        self.service = otlp_json::service(raw);
    }

    fn record(&mut self, intake: &mut Intake<'_>, raw: &str, line: u64) -> Result<(), ImportError> {
        self.spans_seen = true;
        let result = otlp_json::span(raw).and_then(|span| otlp_span::one(intake, &span, &self.service));
        intake.row_done(line, result)
    }
}
