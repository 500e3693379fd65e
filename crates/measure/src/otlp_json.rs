//! Spans as OTLP JSON spells them.

use crate::error::RowError;
use crate::json;
use crate::json_value::Field;
use crate::otlp_span::{Attribute, Span, Value};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// A span; its events, which may hold prompts, are skipped unread.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonSpan<'a> {
    #[serde(borrow, default)]
    trace_id: Field<'a>,
    #[serde(borrow, default)]
    span_id: Field<'a>,
    #[serde(borrow, default)]
    name: Field<'a>,
    #[serde(borrow, default)]
    start_time_unix_nano: Field<'a>,
    #[serde(borrow, default)]
    end_time_unix_nano: Field<'a>,
    #[serde(borrow, default)]
    status: Field<'a>,
    #[serde(borrow, default)]
    attributes: Option<Vec<JsonAttribute<'a>>>,
}

/// An attribute whose value is not parsed yet.
#[derive(Deserialize)]
struct JsonAttribute<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    #[serde(borrow, default)]
    value: Option<&'a RawValue>,
}

/// The value of an attribute, of whatever type.
#[derive(Deserialize, Default)]
#[serde(bound(deserialize = "'de: 'a"), rename_all = "camelCase")]
struct AnyValue<'a> {
    #[serde(default)]
    string_value: Field<'a>,
    #[serde(default)]
    int_value: Field<'a>,
    #[serde(default)]
    double_value: Field<'a>,
    #[serde(default)]
    bool_value: Field<'a>,
}

/// The value; `Missing` when it is no plain one.
pub(crate) fn plain(raw: Option<&RawValue>) -> Field<'_> {
    let mut value: AnyValue<'_> = raw.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
    // Numbers may come as text; what is none stays text, and is refused where a number is wanted.
    if let Ok(number) = value.int_value.text().parse() {
        value.int_value = Field::Int(number);
    }
    if let Ok(number) = value.double_value.text().parse() {
        value.double_value = Field::Float(number);
    }
    [value.string_value, value.int_value, value.double_value, value.bool_value]
        .into_iter()
        .find(|value| *value != Field::Missing)
        .unwrap_or_default()
}

/// Reads a span.
pub(crate) fn span(raw: &str) -> Result<Span<'_>, RowError> {
    let span: JsonSpan<'_> = serde_json::from_str(raw)
        .map_err(|error| RowError::new(format!("the span is no object of this format: {}", json::bare(&error))))?;
    let code = span.status.get("code");
    let failed = *code == Field::Int(2) || code.text() == "STATUS_CODE_ERROR";
    Ok(Span {
        trace_id: text(span.trace_id),
        span_id: text(span.span_id),
        name: text(span.name),
        start: span.start_time_unix_nano,
        end: span.end_time_unix_nano,
        failed,
        attributes: span.attributes.unwrap_or_default().into_iter().map(attribute).collect(),
    })
}

fn attribute(attribute: JsonAttribute<'_>) -> Attribute<'_> {
    Attribute { key: attribute.key, value: Value::Json(attribute.value) }
}

fn text(field: Field<'_>) -> Cow<'_, str> {
    if let Field::Text(text) = field { text } else { Cow::Borrowed("") }
}

/// A resource: what the spans below have in common.
#[derive(Deserialize, Default)]
struct Resource<'a> {
    #[serde(borrow, default)]
    attributes: Option<Vec<JsonAttribute<'a>>>,
}

/// The name of the service that a resource states; a resource of another shape names none.
pub(crate) fn service(raw: &str) -> String {
    let resource: Resource<'_> = serde_json::from_str(raw).unwrap_or_default();
    let named = resource.attributes.unwrap_or_default().into_iter().find(|attribute| attribute.key == "service.name");
    named.map(|attribute| plain(attribute.value).text().to_owned()).unwrap_or_default()
}

/// A whole request for export; spans and resources are parsed one by one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Export<'a> {
    #[serde(borrow, default)]
    pub(crate) resource_spans: Option<Vec<ResourceSpans<'a>>>,
}

/// The spans of one resource.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ResourceSpans<'a> {
    #[serde(borrow, default)]
    pub(crate) resource: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) scope_spans: Option<Vec<ScopeSpans<'a>>>,
}

/// The spans of one instrumentation.
#[derive(Deserialize)]
pub(crate) struct ScopeSpans<'a> {
    #[serde(borrow, default)]
    pub(crate) spans: Option<Vec<&'a RawValue>>,
}
