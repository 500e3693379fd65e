//! Spans as OTLP protobuf spells them: messages of our own that hold the needed fields alone.
//!
//! The field numbers are those of `opentelemetry/proto/trace/v1/trace.proto`. Everything else, events and links
//! among it, is passed over by the decoder. The value of an attribute stays bytes until it is asked for.

use crate::json_value::Field;
use crate::otlp_span::{Attribute, Span, Value};
use bytes::Bytes;
use prost::Message;
use std::borrow::Cow;

/// A request for export.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Export {
    #[prost(message, repeated, tag = "1")]
    pub(crate) resource_spans: Vec<ResourceSpans>,
}

/// The spans of one resource.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ResourceSpans {
    #[prost(message, optional, tag = "1")]
    pub(crate) resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    pub(crate) scope_spans: Vec<ScopeSpans>,
}

/// What the spans below have in common.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Resource {
    #[prost(message, repeated, tag = "1")]
    pub(crate) attributes: Vec<KeyValue>,
}

/// The spans of one instrumentation; each stays bytes, so that one that is broken does not break the others.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ScopeSpans {
    #[prost(bytes = "bytes", repeated, tag = "2")]
    pub(crate) spans: Vec<Bytes>,
}

/// A span.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct ProtoSpan {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) trace_id: Bytes,
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) span_id: Bytes,
    #[prost(string, tag = "5")]
    pub(crate) name: String,
    #[prost(fixed64, tag = "7")]
    pub(crate) start_time_unix_nano: u64,
    #[prost(fixed64, tag = "8")]
    pub(crate) end_time_unix_nano: u64,
    #[prost(message, repeated, tag = "9")]
    pub(crate) attributes: Vec<KeyValue>,
    #[prost(message, optional, tag = "15")]
    pub(crate) status: Option<Status>,
}

/// How a span ended.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct Status {
    #[prost(int32, tag = "3")]
    pub(crate) code: i32,
}

/// An attribute; on the wire a message and bytes look alike, so its value is kept as bytes.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct KeyValue {
    #[prost(string, tag = "1")]
    pub(crate) key: String,
    #[prost(bytes = "bytes", tag = "2")]
    pub(crate) value: Bytes,
}

/// The value of an attribute; lists, maps and bytes are passed over.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct AnyValue {
    #[prost(oneof = "Plain", tags = "1, 2, 3, 4")]
    pub(crate) value: Option<Plain>,
}

/// A plain value.
#[derive(Clone, PartialEq, prost::Oneof)]
pub(crate) enum Plain {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(bool, tag = "2")]
    Bool(bool),
    #[prost(int64, tag = "3")]
    Int(i64),
    #[prost(double, tag = "4")]
    Double(f64),
}

/// The value; `Missing` when it is no plain one.
pub(crate) fn plain(bytes: &Bytes) -> Field<'static> {
    match AnyValue::decode(bytes.clone()).ok().and_then(|value| value.value) {
        None => Field::Missing,
        Some(Plain::Text(text)) => Field::Text(Cow::Owned(text)),
        Some(Plain::Bool(value)) => Field::Bool(value),
        Some(Plain::Int(value)) => Field::Int(value),
        Some(Plain::Double(value)) => Field::Float(value),
    }
}

/// The name of the service that a resource states.
pub(crate) fn service(resource: Option<&Resource>) -> String {
    let named = resource.and_then(|resource| resource.attributes.iter().find(|attribute| attribute.key == "service.name"));
    named.map(|attribute| plain(&attribute.value).text().to_owned()).unwrap_or_default()
}

impl ProtoSpan {
    /// The span as the reader takes it.
    pub(crate) fn into_span(self) -> Span<'static> {
        let attribute = |attribute: KeyValue| Attribute { key: Cow::Owned(attribute.key), value: Value::Protobuf(attribute.value) };
        Span {
            trace_id: Cow::Owned(hex(&self.trace_id)),
            span_id: Cow::Owned(hex(&self.span_id)),
            name: Cow::Owned(self.name),
            start: time(self.start_time_unix_nano),
            end: time(self.end_time_unix_nano),
            failed: self.status.is_some_and(|status| status.code == 2),
            attributes: self.attributes.into_iter().map(attribute).collect(),
        }
    }
}

/// Nanoseconds since 1970; protobuf writes nothing for 0, so 0 is "not stated".
fn time(nanoseconds: u64) -> Field<'static> {
    match i64::try_from(nanoseconds) {
        Ok(0) => Field::Missing,
        Ok(nanoseconds) => Field::Int(nanoseconds),
        Err(_) => Field::Text(Cow::Owned(nanoseconds.to_string())),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]).filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
}
